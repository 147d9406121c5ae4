"""Timers for many dialogs at little cost: slots of 10 ms in a heap, one sleeping task for all of them.

A transaction sets and cancels several timers that seldom fire. Setting one is an append to its slot,
cancelling one forgets its callback; only a slot that is new and earlier than all others moves the sleeper.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable

from vxmlplat.clock import Clock

_log = logging.getLogger(__name__)
SLOT = 0.01
"""Seconds; a timer fires up to one slot late, never early."""


class Timer:
    """A callback that is due; :meth:`cancel` may be called at any time."""

    __slots__ = ("callback", "due")

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Forget the callback."""
        self.callback = None


class Timers:
    """All timers of one user agent, on the clock that is handed in. A callback that raises is logged."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._slots: dict[int, list[Timer]] = {}
        self._heap: list[int] = []
        self._sleeper: asyncio.Task[None] | None = None
        self._wakes = 0
        self._closed = False

    def after(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back after so many seconds."""
        due = self.clock.now() + seconds
        timer = Timer(due, callback)
        if self._closed:
            timer.callback = None
            return timer
        slot = -int(-due // SLOT)
        timers = self._slots.get(slot)
        if timers is not None:
            timers.append(timer)
            return timer
        self._slots[slot] = [timer]
        heapq.heappush(self._heap, slot)
        if self._sleeper is None or slot < self._wakes:
            self._sleep_until(slot)
        return timer

    async def close(self) -> None:
        """Forget all timers; later ones never fire."""
        self._closed = True
        self._slots.clear()
        self._heap.clear()
        sleeper, self._sleeper = self._sleeper, None
        if sleeper is not None:
            sleeper.cancel()
            await asyncio.gather(sleeper, return_exceptions=True)

    def _sleep_until(self, slot: int) -> None:
        if self._sleeper is not None:
            self._sleeper.cancel()
        self._wakes = slot
        self._sleeper = asyncio.get_running_loop().create_task(self._run(), name="sip timers")

    async def _run(self) -> None:
        while self._heap:
            self._wakes = self._heap[0]
            await self.clock.sleep(self._wakes * SLOT - self.clock.now())
            # While callbacks run, no new sleeper is wanted: this one looks at the heap again.
            self._wakes = -1
            self._fire()
        self._sleeper = None

    def _fire(self) -> None:
        now = self.clock.now() + 1e-9
        while self._heap and self._heap[0] * SLOT <= now:
            for timer in self._slots.pop(heapq.heappop(self._heap)):
                callback, timer.callback = timer.callback, None
                if callback is not None:
                    try:
                        callback()
                    except Exception:  # noqa: BLE001 - one call's fault must not stop the timers of all others
                        _log.exception("timer callback failed")
