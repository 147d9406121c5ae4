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

    def __init__(self) -> None:
        self._orders: deque[tuple[str, int, int]] = deque()
        self._running: Iterator[bool] | None = None

    def order(self, keys: str, ms: int, pause_ms: int) -> None:
        """Send these too."""
        self._orders.append((keys, ms, pause_ms))

    def tick(self, line: Line) -> bool:
        """Send this tick's packet if a key sounds; False when the line is to send its audio."""
        if self._running is None:
            if not self._orders:
                line.keys_out = None
                line.host.sort(line)
                return False
            self._running = self._send(line, *self._orders.popleft())
        sent = next(self._running, None)
        if sent is None:
            self._running = None
            return self.tick(line)
        return sent

    def _send(self, line: Line, keys: str, ms: int, pause_ms: int) -> Iterator[bool]:
        for key in keys:
            if key == ",":
                yield from self._pause(_COMMA_MS)
                continue
            if line.event_type >= 0:
                yield from self._events(line, key, ms)
            else:
                yield from self._tones(line, key, ms)
            yield from self._pause(pause_ms)
        line.emit(DtmfSent(line.number, line.now(), keys))

    @staticmethod
    def _pause(ms: int) -> Iterator[bool]:
        for _ in range(ms // 20):
            yield False

    @staticmethod
    def _events(line: Line, key: str, ms: int) -> Iterator[bool]:
        start, ticks = line.stamp, line.codec.frame_ticks
        rate = line.codec.clock_rate
        for index, (offset, payload) in enumerate(telephone_event.packets(key, ms, rate=rate, frame=ticks)):
            line.send_packet(payload, line.event_type, start + offset, marker=index == 0)
            line.stamp += ticks
            yield True

    @staticmethod
    def _tones(line: Line, key: str, ms: int) -> Iterator[bool]:
        samples = tone_samples(Tone(FREQUENCIES[key], max(40, ms), level=-10.0), 8000)
        for start in range(0, len(samples) - 159, 160):
            line.send_frame(line.encoder.encode(samples[start : start + 160]))
            yield True
