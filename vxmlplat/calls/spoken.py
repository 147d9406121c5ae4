"""Speech in a wait: the caller's voice stops the prompt, and what was said is asked of the recogniser."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vxmlplat.calls.recogniser import Hearing, Recogniser
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import MediaEvent, SpeechEnded, SpeechStarted
from vxmlplat.speech.errors import SpeechError
from vxmlplat.vxml.collector import Collector
from vxmlplat.vxml.platform import CollectRequest, Heard

if TYPE_CHECKING:
    from vxmlplat.calls.telephone import Telephone

log = logging.getLogger(__name__)


def wants_speech(request: CollectRequest) -> bool:
    """Whether the document listens for speech."""
    return "voice" in request.modes and any(one.mode == "voice" for one in request.grammars)


class SpokenInput:
    """The speech of one wait. ``changed`` is called whenever the collector knows more.

    That speech has begun and ended is the media process's to say, what it was the recogniser's.
    """

    def __init__(
        self, telephone: Telephone, request: CollectRequest, collector: Collector, changed: Callable[[], None]
    ) -> None:
        self._telephone = telephone
        self._request = request
        self._collector = collector
        self._changed = changed
        self._hearing: Hearing | None = None
        self._speaking = self._again = False
        self._longest: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None

    async def begin(self, recogniser: Recogniser) -> None:
        """Listen from now on. Raises SpeechError when the recogniser cannot, MediaError after the call."""
        channel = self._telephone.line.channel
        self._hearing = await recogniser.listen(self._request, self._telephone.line.tap().name)
        channel.listen_for_speech()
        self._telephone.watch_media(self._media_event)

    def end(self) -> None:
        """The wait is over."""
        for task in (self._longest, self._asking):
            if task is not None:
                task.cancel()
        if self._hearing is None:
            return
        self._hearing.close()
        self._telephone.watch_media(None)
        try:
            self._telephone.line.channel.listen_for_speech(False)
        except MediaError:  # the call is over
            return

    def _media_event(self, event: MediaEvent) -> None:
        match event:
            case SpeechStarted() if self._collector.hears_speech and not self._speaking:
                self._speaking = True
                self._collector.speech_began(self._now())
                self._longest = asyncio.create_task(self._too_long())
                self._tell()
            case SpeechEnded() if self._speaking:
                self._speaking = False
                if self._longest is not None:
                    self._longest.cancel()
                self._again = True
                if self._asking is None or self._asking.done():
                    self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        while self._again and self._collector.result is None:
            self._again = False
            nbest = await self._understood()
            self._collector.speech_ended(self._now(), nbest)
            self._tell()

    async def _understood(self) -> Sequence[Heard]:
        assert self._hearing is not None, "nothing is heard before it has begun"
        try:
            return await self._hearing.understood()
        except SpeechError as error:
            log.warning("call %s: what was said is lost: %s", self._telephone.call.id, error)
            return ()

    async def _too_long(self) -> None:
        await self._telephone.clock.sleep(self._request.timing.maxspeech)
        self._speaking = False
        self._collector.speech_too_long(self._now())
        self._tell()

    def _tell(self) -> None:
        if self._collector.stop_prompts:
            self._telephone.player.stop()
        self._changed()

    def _now(self) -> float:
        return self._telephone.clock.now()
