"""Keys going out: RFC 4733 packets in place of audio, or their tones in the audio when no payload type
was negotiated.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vxmlplat.media import telephone_event
from vxmlplat.media.clips import Tone
from vxmlplat.media.events import DtmfSent
from vxmlplat.media.prompts import tone_samples

if TYPE_CHECKING:
    from vxmlplat.media.line import Line

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
PAD = ("123A", "456B", "789C", "*0#D")
FREQUENCIES = {
    key: (row, column)
    for row, keys in zip(ROWS, PAD, strict=True)
    for column, key in zip(COLUMNS, keys, strict=True)
}
"""The two tones of each key (ITU-T Q.23)."""

_COMMA_MS = 2000


class KeySender:
    """The keys that a line still has to send; one :meth:`tick` each 20 ms."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._orders: deque[tuple[str, int, int]] = deque()
        self._running: Iterator[bool] | None = None

    def order(self, keys: str, ms: int, pause_ms: int) -> None:
        """Send these too."""
        self._orders.append((keys, ms, pause_ms))

    def tick(self) -> bool:
        """Send this tick's packet if a key sounds; False when the line is to send its audio."""
        line = self._line
        if self._running is None:
            if not self._orders:
                line.keys_out = None
                line.host.sort(line)
                return False
            self._running = self._send(*self._orders.popleft())
        sent = next(self._running, None)
        if sent is None:
            self._running = None
            return self.tick()
        return sent

    def _send(self, keys: str, ms: int, pause_ms: int) -> Iterator[bool]:
        for key in keys:
            if key == ",":
                yield from self._pause(_COMMA_MS)
                continue
            if self._line.event_type >= 0:
                yield from self._events(key, ms)
            else:
                yield from self._tones(key, ms)
            yield from self._pause(pause_ms)
        line = self._line
        line.host.emit(DtmfSent(line.number, line.host.now(), keys))

    @staticmethod
    def _pause(ms: int) -> Iterator[bool]:
        for _ in range(ms // 20):
            yield False

    def _events(self, key: str, ms: int) -> Iterator[bool]:
        line, stream = self._line, self._line.stream
        # Durations are in the event's clock; the time stamp is the stream's, whose audio goes on after it.
        start, rate, stretch = stream.stamp, line.event_rate, line.codec.clock_rate / line.event_rate
        for index, (offset, payload) in enumerate(
            telephone_event.packets(key, ms, rate=rate, frame=rate // 50)
        ):
            at = start + round(offset * stretch)
            line.sender.packet(payload, line.event_type, at, marker=index == 0)
            stream.stamp += line.codec.frame_ticks
            yield True

    def _tones(self, key: str, ms: int) -> Iterator[bool]:
        line = self._line
        samples = tone_samples(Tone(FREQUENCIES[key], max(40, ms), level=-10.0), 8000)
        for start in range(0, len(samples) - 159, 160):
            line.sender.frame(line.encoder.encode(samples[start : start + 160]))
            yield True
