"""Time as a value that is handed in.

Nothing in the platform reads the machine's clock by itself: a room that needs time takes a :class:`Clock`.
Calls use
:class:`SystemClock`; the simulator and the tests use :class:`VirtualClock`, in which a thirty-second call
passes in
the time that its computing takes.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Seconds on a clock that never goes back; its zero means nothing."""
        ...

    def wall(self) -> datetime:
        """The date and time of day, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds of this clock have passed; at once for zero or less."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def wall(self) -> datetime:
        """The machine's date and time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running event loop."""
        await asyncio.sleep(max(0.0, seconds))


class VirtualClock:
    """Time that passes only when it is told to, or when everybody who waits waits for time.

    ``advance`` moves it by hand and wakes the sleepers whose moment has come, each at its own moment and in
    order.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = 0.0
        self._start = start or datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        """Virtual seconds since the clock was made."""
        return self._now

    def wall(self) -> datetime:
        """The virtual date and time in UTC; starts at a Monday morning unless told otherwise."""
        return self._start + timedelta(seconds=self._now)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced past the moment."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        moment: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), moment))
        await moment

    def next_moment(self) -> float | None:
        """When the first sleeper wants to wake, or None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def jump(self, seconds: float) -> None:
        """Let time pass with nobody to wake: for a world that keeps its own order of events."""
        self._now += max(0.0, seconds)

    async def advance(self, seconds: float) -> None:
        """Let so many seconds pass, waking each sleeper at its own moment."""
        end = self._now + seconds
        while True:
            await settle()
            moment = self.next_moment()
            if moment is None or moment > end:
                break
            self._now = max(self._now, moment)
            _, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)
        self._now = end
        await settle()


async def settle(rounds: int = 20) -> None:
    """Give every task that is ready a chance to run, a few rounds deep."""
    for _ in range(rounds):
        await asyncio.sleep(0)
