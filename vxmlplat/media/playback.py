"""What a line sends when nobody talks to it: a play, the music, or silence.

The cursor of the running audio (``data``, ``at``, ``end``) lies on the line's stream, since the loop takes
160 bytes off it with every packet; this module is asked only at the seams.
"""

from __future__ import annotations

from typing import Protocol

from vxmlplat.media.clips import Mark
from vxmlplat.media.codecs import Codec
from vxmlplat.media.events import MarkReached, MediaEvent, PlayDone, PlayEnd
from vxmlplat.media.prompts import Audio, Segment
from vxmlplat.media.wire import Message


class Cursor(Protocol):
    """A place in encoded audio: ``data`` is played from ``at`` to ``end``."""

    data: bytes
    at: int
    end: int


class CursorHolder(Protocol):
    """What a play runs on: a line's player, or a room's announcer."""

    @property
    def number(self) -> int:
        """The channel's, for events."""
        ...

    @property
    def cursor(self) -> Cursor:
        """Where the running audio stands."""
        ...

    @property
    def source(self) -> Playback | None:
        """The play that has the cursor."""
        ...

    def now(self) -> float:
        """Media time in seconds."""
        ...

    def emit(self, event: MediaEvent) -> None:
        """Tell an event."""
        ...


class Playback:
    """A play in progress: its segments, and how far it has come."""

    def __init__(
        self,
        number: int,
        codec: Codec,
        *,
        loop: bool = False,
        stop_keys: str = "",
        stop_on_speech: bool = False,
        skip: float = 0.0,
    ) -> None:
        self.number = number
        self.codec = codec
        self.loop = loop
        self.stop_keys = stop_keys
        self.stop_on_speech = stop_on_speech
        self.segments: list[Segment] = []
        self.loaded = False
        self.order: tuple[tuple[Message, ...], float] = ((), 0.0)
        self._skip = skip
        self.mark: str | None = None
        self.marked_at = 0
        self._next = 0
        self._passed = 0
        self._frame = 0
        self._current = Audio()
        self._paused_at = 0

    def load(self, segments: list[Segment]) -> None:
        """The prompt is ready."""
        self.segments = segments
        self.loaded = True
        self._skip_to(round(self._skip * self._per_second))
        if not any(isinstance(segment, Audio) and segment.length for segment in segments):
            self.loop = False

    def pause(self, player: CursorHolder) -> None:
        """Give the line's cursor away."""
        self._paused_at = player.cursor.at

    def resume(self, player: CursorHolder) -> None:
        """Take the line's cursor."""
        cursor = player.cursor
        cursor.data, cursor.at, cursor.end = self._current.data, self._paused_at, self._current.end

    def next_frame(self, player: CursorHolder) -> bytes | None:
        """The next 20 ms across segments; None when the play is over with nothing left to send."""
        return self._next_bytes(player) if self.codec.frame_bytes else self._next_packet(player)

    def played(self, player: CursorHolder) -> int:
        """What has been sent, in bytes or packets."""
        if not self.codec.frame_bytes:
            return self._passed + self._frame
        at = player.cursor.at if player.source is self else self._paused_at
        return self._passed + at - self._current.start

    def done(self, player: CursorHolder, reason: PlayEnd, error: str = "") -> None:
        """Tell the end."""
        if not self.number:
            return
        unit = self._per_second
        played = self.played(player)
        age = (played - self.marked_at) / unit if self.mark is not None else 0.0
        player.emit(
            PlayDone(player.number, player.now(), self.number, reason, played / unit, self.mark, age, error)
        )

    def seconds(self, player: CursorHolder) -> float:
        """How far it has come, in seconds."""
        return self.played(player) / self._per_second

    @property
    def _per_second(self) -> int:
        return 50 * (self.codec.frame_bytes or 1)

    def _skip_to(self, units: int) -> None:
        """Begin so far into it (a play that changes its codec); marks on the way are not told again."""
        while units > 0 and self._next < len(self.segments):
            segment = self.segments[self._next]
            if isinstance(segment, Mark):
                self.mark, self.marked_at = segment.name, self._passed
            elif segment.length > units:
                self._current, self._frame = segment, units
                self._paused_at = segment.start + units
                units = 0
            else:
                self._passed += segment.length
                units -= segment.length
            self._next += 1
            if self._next == len(self.segments) and self.loop:
                self._next = 0

    def _next_bytes(self, player: CursorHolder) -> bytes | None:
        cursor, need = player.cursor, self.codec.frame_bytes
        stop = min(cursor.at + need, cursor.end)
        frame = cursor.data[cursor.at : stop]
        cursor.at = stop
        while len(frame) < need:
            if not self._step(player):
                return frame + self.codec.silence[len(frame) :] if frame else None
            cursor.data, cursor.at, cursor.end = self._current.data, self._current.start, self._current.end
            take = min(need - len(frame), cursor.end - cursor.at)
            frame += cursor.data[cursor.at : cursor.at + take]
            cursor.at += take
        return frame

    def _next_packet(self, player: CursorHolder) -> bytes | None:
        while self._frame >= len(self._current.frames):
            if not self._step(player):
                return None
        packet = self._current.frames[self._frame]
        self._frame += 1
        return packet

    def _step(self, player: CursorHolder) -> bool:
        """Go on to the next stretch of audio, past marks; False at the end."""
        self._passed += self._current.length
        self._current, self._frame = Audio(), 0
        cursor = player.cursor
        cursor.data, cursor.at, cursor.end = b"", 0, 0
        while True:
            if self._next >= len(self.segments):
                if not self.loop:
                    return False
                self._next = 0
            segment = self.segments[self._next]
            self._next += 1
            if isinstance(segment, Mark):
                self.mark, self.marked_at = segment.name, self._passed
                player.emit(MarkReached(player.number, player.now(), self.number, segment.name))
            elif segment.length:
                self._current = segment
                return True
