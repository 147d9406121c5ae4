"""What a line sends when nobody talks to it: a play; the music while there is none; else silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vxmlplat.media.codecs import Codec
from vxmlplat.media.events import MediaEvent, PlayEnd
from vxmlplat.media.playback import Cursor, Playback
from vxmlplat.media.prompts import silence

if TYPE_CHECKING:
    from vxmlplat.media.host import Host


class Player:
    """The play, the music and the silence of one line, and which of them has the cursor.

    ``turned`` is called when another one takes it.
    """

    def __init__(
        self, number: int, cursor: Cursor, codec: Codec, host: Host, turned: Callable[[], None]
    ) -> None:
        self.number = number
        self.cursor = cursor
        self.play: Playback | None = None
        self.music: Playback | None = None
        self._host = host
        self._turned = turned
        self._silence = _quiet(codec)
        self.source = self._silence

    def now(self) -> float:
        """Media time in seconds."""
        return self._host.now()

    def emit(self, event: MediaEvent) -> None:
        """Tell an event."""
        self._host.emit(event)

    @property
    def silent(self) -> bool:
        """Whether there is nothing to be heard."""
        return self.source is self._silence

    def use(self, codec: Codec) -> None:
        """Another codec from now on; what plays is translated by who knows its clips."""
        self._silence = _quiet(codec)
        self._turn_to(self._silence)

    def next_frame(self) -> bytes:
        """The next 20 ms of the source, when the cursor alone cannot give it."""
        frame = self.source.next_frame(self)
        while frame is None:
            over = self.source
            if over is self.play:
                self.play = None
                over.done(self, PlayEnd.COMPLETED)
            elif over is self.music:
                self.music = None
            if over is self.source:  # unless the end has started something new
                self._turn_to(self._background())
            frame = self.source.next_frame(self)
        return frame

    def start(self, play: Playback) -> None:
        """Let a play take over; it sounds from the moment it is loaded."""
        self.stop(PlayEnd.REPLACED)
        self.play = play
        self._turn_to(play if play.loaded else self._silence)

    def loaded(self, playback: Playback) -> None:
        """A play or the music has become ready."""
        if playback is self.play or (playback is self.music and self.play is None):
            self._turn_to(playback)

    def stop(self, reason: PlayEnd, error: str = "") -> None:
        """End the play, if there is one, and tell why."""
        play = self.play
        if play is None:
            return
        self.play = None
        play.done(self, reason, error)
        self._turn_to(self._background())

    def set_music(self, music: Playback | None) -> None:
        """What is heard while no play runs."""
        was, self.music = self.music, music
        if self.play is None and (self.source is was or self.source is self._silence):
            self._turn_to(self._background())

    def clear(self) -> None:
        """Forget all of it: the line is over, and plays know it."""
        self.play = self.music = None

    def _background(self) -> Playback:
        return self.music if self.music is not None and self.music.loaded else self._silence

    def _turn_to(self, source: Playback) -> None:
        self.source.pause(self)
        self.source = source
        source.resume(self)
        self._turned()


def _quiet(codec: Codec) -> Playback:
    quiet = Playback(0, codec, loop=True)
    quiet.load(silence(codec, 1000))
    return quiet
