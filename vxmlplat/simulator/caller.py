"""The caller of a simulated call: first what the journal holds, then what somebody does now."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from vxmlplat.clock import Clock, VirtualClock
from vxmlplat.simulator.inputs import Input, Wanted, check_input
from vxmlplat.simulator.journal import Journal


class Attendant(Protocol):
    """Who is asked and told around every wait: the one that looks on at the call."""

    @property
    def silent(self) -> bool:
        """Whether the call is being repeated, up to where somebody can do something new."""
        ...

    async def waits(self) -> None:
        """The call is about to wait for the caller; returns when it may."""
        ...

    def wants(self, wanted: Wanted) -> None:
        """Nothing is known of what the caller does: somebody has to say it."""
        ...

    def took(self, action: Input | None) -> None:
        """An action was taken, or (None) the time for it ran out."""
        ...

    async def gate(self) -> None:
        """Returns when the call may go on."""
        ...


class Caller:
    """An :class:`~vxmlplat.simulator.inputs.InputSource` that can be repeated.

    ``clock`` is that of the call. With ``live``, the clock that real time comes from, :meth:`next_before`
    really waits; without it nobody ever runs out of time.
    """

    def __init__(
        self, journal: Journal, attendant: Attendant, clock: VirtualClock, live: Clock | None = None
    ) -> None:
        self._journal = journal
        self._attendant = attendant
        self._clock = clock
        self._live = live
        self._queue: asyncio.Queue[Input] = asyncio.Queue()

    def put(self, action: Any) -> None:
        """Somebody does something now: what lay ahead is forgotten. Raises ``InputError``.

        A repetition that is on its way comes to its end first.
        """
        checked = check_input(action, "input")
        if not self._attendant.silent:
            self._journal.forget_ahead()
        self._queue.put_nowait(checked)

    async def next(self, wanted: Wanted) -> Input:
        """The next action, however long it takes."""
        action = await self.next_before(wanted, None)
        assert action is not None  # without a deadline there is nothing to miss
        return action

    def peek(self) -> Input | None:
        """Never known ahead."""
        return None

    async def next_before(
        self, wanted: Wanted, deadline: float | None, *, quiet: bool = False
    ) -> Input | None:
        """The next action, or None when the call's clock has come to ``deadline`` without one.

        ``quiet``: nobody is told that it is the caller's turn.
        """
        await self._attendant.waits()
        new = not self._queue.empty() and not self._attendant.silent
        known = None if new else self._journal.next_action()
        if known is not None:
            self._journal.take()
            self._clock.jump(known.t - self._clock.now())
            done = known.done
        else:
            if self._queue.empty() and not quiet:
                self._attendant.wants(wanted)
            done = await self._live_action(deadline)
            self._journal.add_action(done, self._clock.now())
        self._attendant.took(done)
        return done

    async def _live_action(self, deadline: float | None) -> Input | None:
        if deadline is None or self._live is None:
            action = await self._queue.get()
            await self._attendant.gate()
            return action
        while self._queue.empty():
            left = deadline - self._clock.now()
            if left <= 0:
                return None
            waiting = asyncio.ensure_future(self._queue.get())
            timer = asyncio.ensure_future(self._live.sleep(left))
            try:
                await asyncio.wait({waiting, timer}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
                if not waiting.done():
                    waiting.cancel()
            await self._attendant.gate()  # while the call stands still, so does its clock
            if waiting.done() and not waiting.cancelled():
                return waiting.result()
        return self._queue.get_nowait()
