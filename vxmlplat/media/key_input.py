"""The keys that a caller presses on a line, however they come, and what ends with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.media import telephone_event
from vxmlplat.media.errors import PacketError
from vxmlplat.media.events import KeyPressed, KeyReleased, KeySource, PlayEnd, RecordEnd
from vxmlplat.media.rtp import RtpPacket

if TYPE_CHECKING:
    from vxmlplat.media.line import Line

_KEYS_A_SECOND = 25


class KeyInput:
    """One line's keys: those of RFC 4733 are decoded here, those in the audio are told by who hears them
    (:mod:`.listening`).

    ``refused`` counts the presses and packets that were none, or more than fingers and diallers make.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._decoder = telephone_event.KeyDecoder()
        self._source = -1
        self._second = self._count = 0
        self._flood = False
        self.refused = 0

    @property
    def down(self) -> bool:
        """Whether a key is held."""
        return self._decoder.down

    def use_clock(self, rate: int) -> None:
        """Events come with this clock from now on; a key that is held when it changes is up."""
        if rate != self._decoder.rate:
            self.reset()
            self._decoder = telephone_event.KeyDecoder(rate)

    def take(self, packet: RtpPacket, now: float) -> None:
        """A packet of the telephone-event payload type. Another source has a time of its own."""
        if packet.ssrc != self._source:
            self.reset()
            self._source = packet.ssrc
        try:
            event = telephone_event.parse(packet.payload)
        except PacketError:
            self.refused += 1
            return
        self._changes(self._decoder.feed(event, packet.timestamp, packet.marker, now))
        if self._decoder.down:
            self._line.host.watch_key(self._line)

    def expire(self, now: float) -> None:
        """Release a key whose end was lost."""
        self._changes(self._decoder.expire(now))

    def reset(self) -> None:
        """Another source: forget the stream, and release what it held."""
        self._changes(self._decoder.reset())

    def _changes(self, changes: list[telephone_event.KeyChange]) -> None:
        for change in changes:
            if change.pressed:
                self._flood = not self._may_press()
            if self._flood:
                self.refused += 1
            elif change.pressed:
                self.pressed(change.key, change.duration, KeySource.RFC4733)
            else:
                self.released(change.key, change.duration, KeySource.RFC4733)

    def _may_press(self) -> bool:
        """Whether this second has not seen more keys than fingers and diallers make."""
        second = int(self._line.host.now())
        if second != self._second:
            self._second, self._count = second, 0
        self._count += 1
        return self._count <= _KEYS_A_SECOND

    def pressed(self, key: str, duration: float, source: KeySource) -> None:
        """A key went down: tell it, and end what was to end with it."""
        line = self._line
        line.host.emit(KeyPressed(line.number, line.host.now(), key, duration, source))
        play = line.player.play
        if play is not None and key in play.stop_keys:
            line.player.stop(PlayEnd.KEY)
        for recording in list(line.recordings):
            if key in recording.stop_keys:
                recording.stop(RecordEnd.KEY, key)

    def released(self, key: str, duration: float, source: KeySource) -> None:
        """A key is up again: tell it, and pass it on over a bridge."""
        line = self._line
        line.host.emit(KeyReleased(line.number, line.host.now(), key, duration, source))
        if line.membership is not None and source is KeySource.RFC4733:
            line.membership.forward_key(key, duration)
