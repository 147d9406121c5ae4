"""Collecting: prompts with barge-in, keys against the active grammars (VoiceXML 2.0 §4.1.5 and appendix D).

The judgement is the interpreter's collector; here it is told what the line hears and when.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vxmlplat.calls.player import Stretch, event_of
from vxmlplat.calls.spoken import SpokenInput, wants_speech
from vxmlplat.media.errors import MediaError
from vxmlplat.speech.errors import SpeechError
from vxmlplat.vxml.collector import collecting
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event
from vxmlplat.vxml.platform import CollectRequest, CollectResult

if TYPE_CHECKING:
    from vxmlplat.calls.telephone import Telephone

log = logging.getLogger(__name__)


async def collect(telephone: Telephone, request: CollectRequest) -> CollectResult:
    """Play and listen until the collector has a result."""
    speech = telephone.world.recogniser is not None and wants_speech(request)
    if not speech and not _wants_keys(request):
        raise Thrown(
            Event("error.noresource", "no speech recogniser is installed, and no key is listened to")
        )
    return await _Collecting(telephone, request).run()


def _wants_keys(request: CollectRequest) -> bool:
    return "dtmf" in request.modes and any(one.mode == "dtmf" for one in request.grammars)


class _Collecting:
    def __init__(self, telephone: Telephone, request: CollectRequest) -> None:
        self._telephone = telephone
        self._line = telephone.line
        self._player = telephone.player
        self._clock = telephone.clock
        self._request = request
        self._collector = collecting(request.grammars, request.timing, request.recognition, request.modes)
        self._happened = asyncio.Event()
        self._timer: asyncio.Task[None] | None = None
        self._timed: float | None = None
        self._spoken: SpokenInput | None = None

    async def run(self) -> CollectResult:
        stretches = await self._player.prepare(self._request.prompts)
        collector, line = self._collector, self._line
        self._type_ahead()
        if collector.result is None:
            self._spoken = await self._hear()
        playing: asyncio.Task[None] | None = None
        if collector.result is None and not collector.keys:
            playing = asyncio.create_task(self._play(stretches))
            playing.add_done_callback(self._wake)
        before, line.on_key = line.on_key, self._key
        line.ended.add_done_callback(self._wake)
        try:
            while collector.result is None:
                if line.ended.done():
                    collector.hangup()
                    break
                self._set_timer()
                await self._happened.wait()
                self._happened.clear()
                if playing is not None and playing.done():
                    playing.result()
                collector.time_reached(self._clock.now())
        finally:
            line.on_key = before
            if self._spoken is not None:
                self._spoken.end()
            line.ended.remove_done_callback(self._wake)
            for task in (playing, self._timer):
                if task is not None:
                    task.cancel()
        for key in reversed(collector.leftover):
            self._telephone.typed.appendleft(key)  # pressed after a complete input: it is for the next wait
        return collector.result_with(self._player.mark)

    async def _hear(self) -> SpokenInput | None:
        """Listen for speech, when the document does and somebody can understand it. A recogniser that fails
        costs those their call who have no keys to press, nobody else.
        """
        recogniser = self._telephone.world.recogniser
        if recogniser is None or not wants_speech(self._request):
            return None
        spoken = SpokenInput(self._telephone, self._request, self._collector, self._wake)
        try:
            await spoken.begin(recogniser)
        except SpeechError as error:
            spoken.end()
            if not _wants_keys(self._request):
                raise Thrown(Event(event_of(error), str(error))) from error
            log.warning("call %s: nobody listens for speech: %s", self._telephone.call.id, error)
            return None
        except MediaError:  # the call ended in this moment
            spoken.end()
            return None
        return spoken

    def _wake(self, _: object = None) -> None:
        self._happened.set()

    def _type_ahead(self) -> None:
        """Keys that came before anybody listened are taken first; what is left stays for the next wait."""
        typed = self._telephone.typed
        while typed and self._collector.result is None:
            self._collector.key(self._clock.now(), typed.popleft())

    def _key(self, key: str) -> None:
        if self._collector.result is not None:
            self._telephone.type_ahead(key)  # beyond a completed input: for the next wait
            return
        self._collector.key(self._clock.now(), key)
        if self._collector.stop_prompts:
            self._player.stop()
        self._wake()

    def _set_timer(self) -> None:
        deadline = self._collector.deadline
        if deadline == self._timed and self._timer is not None and not self._timer.done():
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timed = deadline
        if deadline is not None:
            self._timer = asyncio.create_task(self._clock.sleep(deadline - self._clock.now()))
            self._timer.add_done_callback(self._wake)

    async def _play(self, stretches: Sequence[Stretch]) -> None:
        for stretch in stretches:
            if self._collector.keys or self._collector.stop_prompts:
                break  # a key or speech has interrupted: what was still to be said is dropped
            self._collector.prompt_started(stretch.prompt)
            # The media process stops by itself, so that nobody waits for this process to notice.
            stops = stretch.bargein and not stretch.hotword
            speech = stops and self._spoken is not None
            await self._player.play(stretch, stop_on_key=stops, stop_on_speech=speech)
        if self._collector.result is None:
            self._collector.prompts_finished(self._clock.now())
