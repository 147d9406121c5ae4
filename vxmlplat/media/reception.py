"""What a line knows of the stream it receives: sequence, loss and jitter (RFC 3550 §6.4.1, appendices
A.1, A.3, A.8).
"""

from __future__ import annotations

from vxmlplat.media.stream import Stream

_FAR = 3000
_BACK = 100


class Reception:
    """The account of what came in.

    While packets come in order the loop itself moves the stream's ``expected`` and ``received`` on; it comes
    to :meth:`take` for everything else. ``missing`` is what never came;
    ``jitter`` is in ticks of the codec's clock, from those packets whose arrival was looked at. The counts go
    on when the source changes, as happens in a transfer behind the same address.
    """

    __slots__ = (
        "_holes",
        "_jumped_to",
        "_measured",
        "_origin",
        "_reported",
        "_stream",
        "duplicates",
        "jitter",
        "missing",
        "reordered",
        "transit",
    )

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.missing = 0
        self.duplicates = 0
        self.reordered = 0
        self.jitter = 0.0
        self._measured = 0
        self.transit: int | None = None
        self._holes: set[int] = set()
        self._origin = 0
        self._jumped_to = -1
        self._reported = (0, 0)

    def begin(self, ssrc: int, sequence: int) -> None:
        """A new source, whose first packet is this."""
        self._stream.far_ssrc = ssrc
        self.transit = None
        self._restart(sequence)

    def _restart(self, sequence: int) -> None:
        self._stream.expected = sequence
        self._jumped_to = -1
        self._holes.clear()
        self._origin = sequence - self._stream.received - self.missing

    def take(self, sequence: int) -> bool:
        """Count a packet; False when it is of no use: a duplicate, or far off and alone."""
        step = (sequence - self._stream.expected) & 0xFFFF
        if step < _FAR:
            if step:
                self.missing += step
                if step <= _BACK:
                    self._holes.update((self._stream.expected + n) & 0xFFFF for n in range(step))
                if len(self._holes) > 4 * _BACK:
                    self._holes.clear()
        elif step >= 0x10000 - _BACK:
            if sequence not in self._holes:
                self.duplicates += 1
                return False
            self._holes.discard(sequence)
            self.missing -= 1
            self._stream.received += 1
            self.reordered += 1
            return True
        elif sequence == self._jumped_to:
            self._restart(sequence)  # two in a row: the sender has restarted
        else:
            self._jumped_to = (sequence + 1) & 0xFFFF
            return False
        self._stream.expected = (sequence + 1) & 0xFFFF
        self._stream.received += 1
        return True

    def delay(self, arrival: int, timestamp: int) -> None:
        """Bring the jitter up to date with a packet's arrival, in ticks.

        Need not be told of every packet: the difference of two packets' delays does not depend on how many
        lie between them. The first sixteen count alike, so that a short call has a figure too.
        """
        transit = arrival - timestamp
        before, self.transit = self.transit, transit
        if before is not None and abs(transit - before) < 160_000:  # beyond, a clock has jumped
            self._measured = min(16, self._measured + 1)
            self.jitter += (abs(transit - before) - self.jitter) / self._measured

    @property
    def highest(self) -> int:
        """The extended highest sequence number (32 bits)."""
        return (self._origin + self._stream.received + self.missing - 1) & 0xFFFFFFFF

    def fraction_lost(self) -> int:
        """Loss since the last call, in 256ths: a report block's ``fraction lost``."""
        received, missing = self._reported
        lost = self.missing - missing
        expected = self._stream.received - received + lost
        self._reported = (self._stream.received, self.missing)
        return min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0
