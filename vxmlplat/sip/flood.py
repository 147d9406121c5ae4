"""Bounds on how many new requests are worked on a second, in all and from one source."""

from __future__ import annotations

from collections import OrderedDict

from vxmlplat.clock import Clock


class TokenBucket:
    """Lets ``rate`` a second through, and ``burst`` at once."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more may pass."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class FloodGate:
    """One bucket for all and one for each source; the least recent source is forgotten when there are too
    many."""

    def __init__(self, rate: float, per_source: float, burst: float, sources: int, clock: Clock) -> None:
        self._per_source = per_source
        self._most = sources
        self._clock = clock
        self._all = TokenBucket(rate, burst, clock.now())
        self._sources: OrderedDict[str, TokenBucket] = OrderedDict()

    def admits(self, source: str) -> bool:
        """Whether a new request from this address may be worked on now."""
        now = self._clock.now()
        bucket = self._sources.get(source)
        if bucket is None:
            burst = max(1.0, 2 * self._per_source)
            bucket = self._sources[source] = TokenBucket(self._per_source, burst, now)
            if len(self._sources) > self._most:
                self._sources.popitem(last=False)
        else:
            self._sources.move_to_end(source)
        return bucket.take(now) and self._all.take(now)
