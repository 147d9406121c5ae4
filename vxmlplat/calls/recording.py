"""``<record>`` on a telephone line (VoiceXML 2.0 §2.3.6)."""

from __future__ import annotations

import asyncio
import logging
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vxmlplat.calls.hot_keys import HotKeys
from vxmlplat.documents import Resource
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import ChannelLost, MediaEvent, RecordEnd, RecordingEnded
from vxmlplat.media.recordings import convert_file
from vxmlplat.vxml.platform import (
    Hangup,
    Heard,
    NoInput,
    Recorded,
    Recording,
    RecordRequest,
    RecordResult,
)

if TYPE_CHECKING:
    from vxmlplat.calls.telephone import Telephone

log = logging.getLogger(__name__)

#: used where the document names none, in seconds
LONGEST = 600.0
FINAL_SILENCE = 4.0
#: the form of a recording whose document asks for none
_USUAL = "audio/x-wav"
#: how long the media process may take to complete a file, in seconds
_COMPLETION = 5.0


class _Ending:
    """What ended a recording:

    a key that a grammar matches, any key (``dtmfterm``), or the recorder itself.
    """

    def __init__(self, request: RecordRequest) -> None:
        self.done: asyncio.Future[RecordingEnded | None] = asyncio.get_running_loop().create_future()
        self.key_pressed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard: Heard | None = None
        self.termchar: str | None = None
        self._hot = HotKeys(request.grammars)
        self._dtmfterm = request.dtmfterm and "dtmf" in request.modes

    def key(self, key: str) -> None:
        if self.key_pressed.done():
            return
        self.heard = self._hot.key(key)
        if self.heard is None and not self._dtmfterm:
            return
        self.termchar = key if self.heard is None else None
        self.key_pressed.set_result(None)

    def media(self, event: MediaEvent) -> None:
        if self.done.done():
            return
        if isinstance(event, RecordingEnded):
            self.done.set_result(event)
        elif isinstance(event, ChannelLost):
            self.done.set_result(None)


async def record(telephone: Telephone, request: RecordRequest) -> RecordResult:
    """Play the prompts, beep, record; the file is read and removed, its bytes go to the document."""
    line, player = telephone.line, telephone.player
    telephone.flush_input()
    for stretch in await player.prepare(request.prompts):
        if not await telephone.or_ended(player.play(stretch, stop_on_key=stretch.bargein)):
            return Hangup(player.mark)
    telephone.flush_input()  # a key that cut the prompt short has done its work
    path = telephone.world.config.recordings / f"{uuid.uuid4().hex}.wav"
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    ending = _Ending(request)
    telephone.watch_media(ending.media)
    before, line.on_key = line.on_key, ending.key
    recording: int | None = None
    try:
        recording = line.channel.record(
            path.absolute(),
            max_seconds=request.maxtime or LONGEST,
            final_silence=FINAL_SILENCE if request.finalsilence is None else request.finalsilence,
            initial_silence=request.timing.timeout or None,
            beep=request.beep,
        )
        waits: set[asyncio.Future[Any]] = {ending.done, ending.key_pressed}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done.done() and not line.channel.closed:
            line.channel.stop_recording(recording)
        async with asyncio.timeout(_COMPLETION):
            ended = await ending.done
        return await _result(telephone, path, ended, ending, request.media_type)
    except (MediaError, TimeoutError) as error:
        log.warning("call %s: the recording was lost: %s", telephone.call.id, error)
        return Hangup(player.mark) if line.ended.done() else NoInput(player.mark)
    finally:
        if recording is not None and not ending.done.done() and not line.channel.closed:
            line.channel.stop_recording(recording)  # given up: the dialog was ended, the call may go on
        telephone.watch_media(None)
        line.on_key = before
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _read(path: Path, media_type: str) -> Resource:
    """The finished recording in the form that the document wants; its file is removed."""
    kept = convert_file(path, media_type)
    try:
        return Resource(kept.path.as_uri(), kept.media_type, None, kept.path.read_bytes())
    finally:
        kept.path.unlink(missing_ok=True)


async def _result(
    telephone: Telephone, path: Path, ended: RecordingEnded | None, ending: _Ending, media_type: str | None
) -> RecordResult:
    mark = telephone.player.mark
    hangup = telephone.line.ended.done()
    if ended is None or ended.reason in (RecordEnd.FAILED, RecordEnd.NO_INPUT):
        return Hangup(mark) if hangup else NoInput(mark)
    resource = await asyncio.to_thread(_read, path, media_type or _USUAL)
    return Recorded(
        Recording(resource, ended.duration),
        maxtime=ended.reason is RecordEnd.MAX_TIME,
        termchar=ending.termchar,
        heard=ending.heard,
        hangup=hangup or ended.reason is RecordEnd.HANGUP,
        mark=mark,
    )
