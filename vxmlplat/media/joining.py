"""Bridges and conferences: who hears whom.

A room is a square matrix of gains, one row for each hearer and one column for each speaker; a tick's mixing
is one matrix product. A room of two who hear each other plainly in the same codec does not mix at all: each
one's payloads are sent to the other as they came, in the other stream's own sequence and time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.codecs import FRAME_SAMPLES, Samples, codec
from vxmlplat.media.key_sender import KeySender
from vxmlplat.media.playback import Playback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vxmlplat.media.events import MediaEvent
    from vxmlplat.media.line import Line
    from vxmlplat.media.stream import Stream

Floats: TypeAlias = NDArray[np.float32]

TALK, LISTEN, WHISPER, MUTE, SPEAK = "talk", "listen", "whisper", "mute", "speak"


class Membership:
    """A line's place in a room; ``gain`` is how loud the others hear it."""

    def __init__(
        self, line: Line, room: Room, mode: str = TALK, *, whisper_to: int = 0, gain_db: float = 0.0
    ) -> None:
        self.line = line
        self.room = room
        self.mode = mode
        self.whisper_to = whisper_to
        self.gain = 10 ** (gain_db / 20)
        self._prompt_decoder = line.codec.decoder()

    @property
    def forwards(self) -> bool:
        """Whether the room passes payloads on without mixing."""
        return self.room.forwards

    def hears(self, other: Membership) -> float:
        """How loud this member hears another."""
        if other is self or self.mode == SPEAK or other.mode in (LISTEN, MUTE):
            return 0.0
        if other.mode == WHISPER and other.whisper_to != self.line.number:
            return 0.0
        return other.gain if self.line.number not in self.room.deaf else 0.0

    def own_samples(self) -> Samples:
        """The next frame of the line's own source as samples."""
        return self._prompt_decoder.decode(self.line.stream.next_frame())

    def forward_key(self, key: str, duration: float) -> None:
        """Pass a key on to the other side of a bridge."""
        if not self.room.forwards_keys or len(self.room.members) != 2:
            return
        for other in self.room.members:
            if other is not self and other.hears(self):
                send_keys(other.line, key, max(40, round(duration * 1000)), 40)


def send_keys(line: Line, keys: str, ms: int, pause_ms: int) -> None:
    """Let a line send keys, after those that it is still sending."""
    if line.keys_out is None:
        line.keys_out = KeySender(line)
    line.keys_out.order(keys, ms, pause_ms)
    line.host.sort(line)


class Announcer:
    """What a room's own play runs on: as much of a line's player as a :class:`Playback` needs, and its own
    cursor.
    """

    number = 0

    def __init__(self) -> None:
        self.data, self.at, self.end = b"", 0, 0
        self.codec = codec("PCMU")
        self.source: Playback | None = None

    @property
    def cursor(self) -> Announcer:
        """Itself."""
        return self

    def now(self) -> float:
        """Not needed: a room's play tells nothing."""
        return 0.0

    def emit(self, event: MediaEvent) -> None:
        """A room's play tells nothing."""

    def samples(self) -> Samples | None:
        """The next frame; None when the play is over."""
        if self.source is None or not self.source.loaded:
            return None
        frame = self.source.next_frame(self)
        if frame is None:
            self.source = None
            return None
        return self.codec.decoder().decode(frame)


class Room:
    """A bridge or conference; all its members are served in the same slot.

    ``bridge`` rooms end with their first leaver. ``deaf`` holds members who hear nobody (half a bridge).
    """

    def __init__(self, number: int, slot: int, *, bridge: bool = False, forwards_keys: bool = False) -> None:
        self.number = number
        self.slot = slot
        self.bridge = bridge
        self.forwards_keys = forwards_keys
        self.members: list[Membership] = []
        self.deaf: set[int] = set()
        self.announcer = Announcer()
        self.forwards = False
        self._gains: Floats = np.zeros((0, 0), np.float32)

    def add(self, member: Membership) -> None:
        """One more."""
        self.members.append(member)
        self.changed()

    def remove(self, member: Membership) -> None:
        """One less."""
        self.members.remove(member)
        self.changed()

    def changed(self) -> None:
        """Members, modes or gains are others now, or a member's own play has begun or ended."""
        members = self.members
        self._gains = np.array([[a.hears(b) for b in members] for a in members], np.float32)
        self.forwards = (
            len(members) == 2
            and members[0].line.codec is members[1].line.codec
            and all(gain in (0.0, 1.0) for gain in self._gains.flat)
            and self.announcer.source is None
            and all(member.line.player.play is None for member in members)
        )

    @property
    def gains(self) -> Floats:
        """How loud each member, a row, hears each other, a column."""
        return self._gains


class Mixer:
    """The rooms of one slot: rooms of the same size are mixed together, as one stack of matrices."""

    def __init__(self) -> None:
        self._stacks: list[tuple[list[Membership], list[Room], NDArray[np.intp], Floats]] = []
        self._pairs: list[tuple[Stream, int, Stream, int]] = []

    def arrange(self, lines: Sequence[Line], decoded: int) -> None:
        """These are the slot's lines, the first ``decoded`` of them as samples."""
        rows = {line.number: row for row, line in enumerate(lines)}
        rooms = {line.membership.room for line in lines if line.membership is not None}
        whole = [room for room in rooms if all(member.line.number in rows for member in room.members)]
        self._pairs = []
        by_size: dict[int, list[Room]] = {}
        for room in whole:
            places = [rows[member.line.number] for member in room.members]
            if room.forwards:
                for hearer, speaker in ((0, 1), (1, 0)):
                    if room.gains[hearer, speaker]:
                        self._pairs.append(
                            (
                                room.members[hearer].line.stream,
                                places[hearer],
                                room.members[speaker].line.stream,
                                places[speaker],
                            )
                        )
            elif all(place < decoded for place in places):
                by_size.setdefault(len(places), []).append(room)
        self._stacks = []
        for group in by_size.values():
            members = [member for room in group for member in room.members]
            places_of = np.array([[rows[m.line.number] for m in room.members] for room in group], np.intp)
            self._stacks.append((members, group, places_of, np.stack([room.gains for room in group])))

    def mix(self, frames: Sequence[bytes | None], speech: Floats | None, given: list[bytes | None]) -> None:
        """Enter into ``given`` what each member is to be sent: b"" is a hole that the far end conceals."""
        for hearer, to, speaker, of in self._pairs:
            frame = frames[of]
            if frame is None and speaker.jitter is not None and speaker.jitter.flowing:
                frame = b""
            given[to] = frame if frame is not None else hearer.next_frame()
        if speech is None:
            return
        for members, rooms, places, gains in self._stacks:
            mixed = np.matmul(gains, speech[places])
            for index, room in enumerate(rooms):
                announcement = room.announcer.samples()
                if announcement is not None:
                    mixed[index] += announcement
            flat = mixed.reshape(-1, FRAME_SAMPLES)
            for index, member in enumerate(members):
                if member.line.player.play is not None:
                    flat[index] += member.own_samples()
            np.clip(flat, -32768, 32767, out=flat)
            samples = flat.astype(np.int16)
            coded: dict[str, NDArray[np.uint8]] = {}
            for index, (member, place) in enumerate(zip(members, places.flat, strict=True)):
                law = member.line.codec.law
                if law is None:
                    given[place] = member.line.encoder.encode(samples[index])
                    continue
                if law.name not in coded:
                    coded[law.name] = law.compressed[samples.view(np.uint16)]
                given[place] = coded[law.name][index].tobytes()
