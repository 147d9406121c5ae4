"""Telephone keys as named events in RTP (RFC 4733), both ways."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from vxmlplat.media.errors import PacketError
from vxmlplat.media.rtp import after

KEYS = "0123456789*#ABCD"
_FORM = struct.Struct("!BBH")
_LONGEST = 0xFFFF  # a duration field's end: a longer key goes on in a new segment (§2.5.1.3)
_SLIP_SECONDS = 0.06  # some senders move the timestamp within one key, by a packet's time
LOST_SECONDS = 0.2
"""A key whose packets stop coming is up again after so long: its end was lost."""


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """The payload of one packet: event code, end bit, volume in -dBm0, duration in ticks."""

    event: int
    end: bool
    volume: int
    duration: int

    def pack(self) -> bytes:
        """The payload's four bytes."""
        return _FORM.pack(self.event, (0x80 if self.end else 0) | self.volume, self.duration)


def parse(payload: bytes) -> TelephoneEvent:
    """The event of a payload; PacketError when it is too short."""
    if len(payload) < _FORM.size:
        raise PacketError(f"{len(payload)} bytes are too few for a telephone event")
    event, flags, duration = _FORM.unpack_from(payload)
    return TelephoneEvent(event, bool(flags & 0x80), flags & 0x3F, duration)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key went down (``pressed``) or up; ``duration`` in seconds, as far as known."""

    key: str
    pressed: bool
    duration: float


class KeyDecoder:
    """Makes one press and one release of the many packets of each key.

    All packets of a key carry the timestamp at which it went down, and its end is sent three times; any of
    them can be lost. A new timestamp is a new key, whatever became of the one before.
    """

    def __init__(self, rate: int = 8000) -> None:
        self.rate = rate
        self.deadline: float | None = None
        self._event = -1
        self._timestamp = 0
        self._known = False
        self._down = False
        self._before = 0
        self._duration = 0

    @property
    def down(self) -> bool:
        """Whether a key is held."""
        return self._down

    def feed(self, event: TelephoneEvent, timestamp: int, marker: bool, now: float) -> list[KeyChange]:
        """What a packet changes."""
        if event.event >= len(KEYS):
            return []
        changes: list[KeyChange] = []
        if not self._known or timestamp != self._timestamp:
            step = after(timestamp, self._timestamp) if self._known else 1
            if step < 0 and step > -self.rate * 60:
                return []  # an old key's packet that came late
            same = self._down and event.event == self._event
            slip = int(self.rate * _SLIP_SECONDS)
            segment = self._duration >= _LONGEST - slip and abs(step - _LONGEST) <= slip
            if same and (segment or (not marker and 0 < step <= slip)):
                self._before += step
            else:
                changes += self._release()
                self._event, self._down, self._before = event.event, True, 0
                changes.append(KeyChange(KEYS[event.event], True, event.duration / self.rate))
            self._timestamp, self._known, self._duration = timestamp, True, 0
        elif event.event != self._event or not self._down:
            return changes
        self._duration = max(self._duration, event.duration)
        self.deadline = now + LOST_SECONDS
        if event.end:
            changes += self._release()
        return changes

    def expire(self, now: float) -> list[KeyChange]:
        """Release a key whose packets have stopped."""
        return self._release() if self.deadline is not None and now >= self.deadline else []

    def reset(self) -> list[KeyChange]:
        """Forget the stream (another source); a held key is released."""
        self._known = False
        return self._release()

    def _release(self) -> list[KeyChange]:
        self.deadline = None
        if not self._down:
            return []
        self._down = False
        return [KeyChange(KEYS[self._event], False, (self._before + self._duration) / self.rate)]


def packets(
    key: str, ms: int, *, rate: int = 8000, frame: int = 160, volume: int = 10
) -> Iterator[tuple[int, bytes]]:
    """The packets of one key, one for each 20 ms: how far its timestamp lies after the key's start, and
    the payload.

    The first one is to carry the marker bit. ``frame`` is a packet's time in ticks. A key longer than the
    duration field goes on in segments; the end is sent three times, in consecutive packets.
    """
    event = KEYS.index(key)
    total = max(ms * rate // 1000, frame)
    segment, elapsed = 0, 0
    while elapsed < total:
        elapsed = min(elapsed + frame, total)
        if elapsed - segment > _LONGEST:
            yield segment, TelephoneEvent(event, False, volume, _LONGEST).pack()
            segment += _LONGEST
        elif elapsed < total:
            yield segment, TelephoneEvent(event, False, volume, elapsed - segment).pack()
    for _ in range(3):
        yield segment, TelephoneEvent(event, True, volume, elapsed - segment).pack()
