"""When the engine works: at each slot that has lines, and never without a reason.

Between its slots the process sleeps on what the server may send, so that an order is obeyed when it comes and
not at the next slot. Without lines it wakes for orders and for its sign of life only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from vxmlplat.media.engine import Engine
from vxmlplat.media.slots import SLOT_SECONDS

ORDERS_SECONDS = 0.0015
"""Time for orders before a slot that is due: a thousand calls that end together must not be heard by the
others.
"""

_FAR_BEHIND = 0.1


class Neighbours(Protocol):
    """Whom the loop works for."""

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        ...

    def wait(self, seconds: float | None) -> bool:
        """Sleep for so long (None: for ever), unless something is to be done before: whether it is."""
        ...

    def obey(self, seconds: float) -> None:
        """Carry out orders that have come, for about so long, and one at least."""
        ...

    def settle(self) -> None:
        """Called after each piece of work: events may have come of it."""
        ...


class Loop:
    """The engine's time: ``due`` is when its next slot begins, with lines or without."""

    def __init__(self, engine: Engine, neighbours: Neighbours, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._neighbours = neighbours
        self._clock = clock
        self._due = self._asked = clock()
        self._slept = 0.0

    def busy(self) -> float:
        """The share of the time since this was last asked in which it did not sleep, 0.0 to 1.0."""
        now = self._clock()
        elapsed, slept = now - self._asked, self._slept
        self._asked, self._slept = now, 0.0
        return max(0.0, 1.0 - slept / elapsed) if elapsed > 0 else 0.0

    def run(self) -> None:
        """Serve until told to end."""
        engine, neighbours, clock = self._engine, self._neighbours, self._clock
        while not neighbours.ended:
            empty = engine.empty_slots()
            if empty is None:
                self._idle()
                continue
            turn = self._due + empty * SLOT_SECONDS
            now = clock()
            if now < turn:
                woken = neighbours.wait(turn - now)
                began, now = now, clock()
                self._slept += now - began
                if woken:
                    self._between(empty, turn, now)
                    continue
            self._serve(empty, turn, now)

    def _idle(self) -> None:
        """Nobody is there: sleep, and let the first line have its first turn at once."""
        neighbours = self._neighbours
        began = self._clock()
        neighbours.wait(None)
        now = self._clock()
        self._slept += now - began
        self._engine.begin_anew(now)
        self._engine.collect()
        neighbours.obey(ORDERS_SECONDS)
        neighbours.settle()
        self._due = self._clock()

    def _between(self, empty: int, turn: float, now: float) -> None:
        """Something is to be done before the next slot that has lines."""
        passed = min(empty, int((now - self._due) / SLOT_SECONDS) + 1) if now >= self._due else 0
        self._due += passed * SLOT_SECONDS
        self._engine.pass_over(passed, now)
        self._engine.collect()
        self._neighbours.obey(min(ORDERS_SECONDS, turn - now))
        self._neighbours.settle()

    def _serve(self, empty: int, turn: float, now: float) -> None:
        engine = self._engine
        engine.pass_over(empty, now)
        late = now - turn
        engine.late = max(engine.late, late)
        if late > _FAR_BEHIND:
            engine.skip(late)
            turn = now
        self._due = turn + SLOT_SECONDS
        engine.serve(now)
        if self._clock() >= self._due:  # there will be no time between the slots
            self._neighbours.obey(ORDERS_SECONDS)
        self._neighbours.settle()
