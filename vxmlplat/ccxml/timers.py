"""Timers of delayed sends, in order of their moments."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from vxmlplat.clock import Clock


class Timer:
    """A call that is due at a moment of the clock."""

    __slots__ = ("call", "moment")

    def __init__(self, moment: float, call: Callable[[], None]) -> None:
        self.moment = moment
        self.call: Callable[[], None] | None = call

    def cancel(self) -> bool:
        """Whether it was still to come; it will not."""
        pending = self.call is not None
        self.call = None
        return pending


class Timers:
    """All timers of a process's sessions.

    ``driven`` timers keep one task asleep on the clock until the next moment. A world that moves time by
    itself (the offline run) makes them undriven, asks for :meth:`next_moment` and calls :meth:`fire_due`.
    """

    def __init__(self, clock: Clock, *, driven: bool = True) -> None:
        self._clock = clock
        self._driven = driven
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._sleeper: asyncio.Task[None] | None = None
        self._wakes_at = 0.0

    def add(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call after so many seconds."""
        timer = Timer(self._clock.now() + seconds, call)
        heapq.heappush(self._heap, (timer.moment, next(self._order), timer))
        if self._driven and (self._sleeper is None or timer.moment < self._wakes_at):
            self._rearm()
        return timer

    def next_moment(self) -> float | None:
        """When the next timer is due, or None."""
        while self._heap and self._heap[0][2].call is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def fire_due(self) -> None:
        """Call what is due by now, in order."""
        while (moment := self.next_moment()) is not None and moment <= self._clock.now():
            timer = heapq.heappop(self._heap)[2]
            call, timer.call = timer.call, None
            if call is not None:
                call()

    def close(self) -> None:
        """Forget all timers."""
        self._heap.clear()
        if self._sleeper is not None:
            self._sleeper.cancel()
            self._sleeper = None

    def _rearm(self) -> None:
        if self._sleeper is not None:
            self._sleeper.cancel()
            self._sleeper = None
        moment = self.next_moment()
        if moment is not None:
            self._wakes_at = moment
            self._sleeper = asyncio.get_running_loop().create_task(self._sleep(moment))

    async def _sleep(self, moment: float) -> None:
        await self._clock.sleep(moment - self._clock.now())
        self._sleeper = None
        self.fire_due()
        if self._sleeper is None:
            self._rearm()
