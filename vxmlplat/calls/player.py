"""Playing a prompt queue on a line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vxmlplat.calls.line import Line
from vxmlplat.media import clips as media
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import ChannelLost, MediaEvent, PlayDone, PlayEnd
from vxmlplat.speech import clips as speech
from vxmlplat.speech.errors import SpeechError, UnsupportedLanguage
from vxmlplat.speech.renderer import Renderer
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event
from vxmlplat.vxml.platform import MarkPassed, Prompt


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring prompts that can, or cannot, be interrupted: one play of the channel.

    ``prompt`` is the first of them: they are alike in how they can be interrupted.
    """

    clips: tuple[media.Clip, ...]
    prompt: Prompt

    @property
    def bargein(self) -> bool:
        """Whether the caller may interrupt."""
        return self.prompt.bargein

    @property
    def hotword(self) -> bool:
        """Whether only a complete match interrupts."""
        return self.prompt.bargein and self.prompt.bargeintype == "hotword"


def media_clips(rendered: Iterable[speech.Clip]) -> list[media.Clip]:
    """Clips of the speech room as clips of the media room: the two do not know each other."""
    out: list[media.Clip] = []
    for clip in rendered:
        match clip:
            case speech.AudioFile():
                out.append(media.FileClip(clip.path))
            case speech.Pause():
                out.append(media.Silence(int(clip.seconds * 1000)))
            case speech.MarkPoint():
                out.append(media.Mark(clip.name))
    return out


def event_of(error: SpeechError) -> str:
    """The event that a document is thrown when speech fails it."""
    if isinstance(error, UnsupportedLanguage):
        return "error.unsupported.language"
    return "error.noresource"


class Player:
    """Plays stretches one after the other and knows the last mark that was passed."""

    def __init__(self, line: Line, renderer: Renderer) -> None:
        self._line = line
        self._renderer = renderer
        self._running: tuple[int, asyncio.Future[PlayDone]] | None = None
        self.mark: MarkPassed | None = None

    async def prepare(self, prompts: Sequence[Prompt]) -> list[Stretch]:
        """Render the prompts, all at once, into stretches.

        What cannot be spoken is thrown into the document: ``error.unsupported.language``,
        ``error.noresource``.
        """
        self.mark = None
        try:
            rows = await self._rendered(prompts)
        except SpeechError as error:
            raise Thrown(Event(event_of(error), str(error))) from error
        stretches: list[Stretch] = []
        for prompt, row in zip(prompts, rows, strict=True):
            clips = tuple(media_clips(row))
            stretch = Stretch(clips, prompt)
            last = stretches[-1] if stretches else None
            if last is not None and (last.bargein, last.hotword) == (stretch.bargein, stretch.hotword):
                stretches[-1] = Stretch(last.clips + clips, last.prompt)
            else:
                stretches.append(stretch)
        return [s for s in stretches if s.clips]

    async def _rendered(self, prompts: Sequence[Prompt]) -> Sequence[Sequence[speech.Clip]]:
        if len(prompts) == 1:  # as nearly always: a task of its own would cost more than the rendering
            return [await self._renderer.clips(prompts[0])]
        return await asyncio.gather(*(self._renderer.clips(prompt) for prompt in prompts))

    async def play(self, stretch: Stretch, *, stop_on_key: bool, stop_on_speech: bool = False) -> bool:
        """Play to the end; True when a key or speech stopped it. The end of the call ends it as well (see
        ``Line.ended``).

        Cancelled, it falls silent.
        """
        try:
            play = self._line.channel.play(
                stretch.clips, stop_on_key=stop_on_key, stop_on_speech=stop_on_speech
            )
        except MediaError:  # the call ended in this moment
            return False
        done: asyncio.Future[PlayDone] = asyncio.get_running_loop().create_future()
        self._running = (play, done)
        try:
            result = await done
        except asyncio.CancelledError:
            self.stop()
            raise
        finally:
            self._running = None
        if result.mark is not None:
            self.mark = MarkPassed(result.mark, result.mark_age)
        return result.reason in (PlayEnd.KEY, PlayEnd.SPEECH, PlayEnd.STOPPED)

    def stop(self) -> None:
        """Fall silent; the play that is running ends as if a key had stopped it."""
        if self._running is not None:
            try:
                self._line.channel.stop(self._running[0])
            except MediaError:  # the call is over: it is silent
                return

    def media_event(self, event: MediaEvent) -> None:
        """To be told of every event of the channel."""
        if self._running is None:
            return
        play, done = self._running
        if done.done():
            return
        if isinstance(event, PlayDone) and event.play == play:
            done.set_result(event)
        elif isinstance(event, ChannelLost):
            done.set_result(PlayDone(event.channel, event.at, play, PlayEnd.FAILED, 0.0))
