"""Checkpoints of a simulated call: runs that stand at steps behind it, so that stepping back is short.

An interpreter cannot be copied. A checkpoint is therefore a run of its own that has repeated the call up to
a step, and waits on entering it; who steps back repeats only what lies between the checkpoint and the step.
They are made while the call stands still, a few steps at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vxmlplat.simulator.repetition import Run
from vxmlplat.simulator.watching import Guide

APART = 50
"""Steps between two checkpoints: a quarter of a millisecond each."""
MOST = 40
"""Checkpoints of a call; where it grows longer they stand farther apart."""


class Checkpoint:
    """A run that is led to a step and stands there. ``make`` makes the run that this guide leads."""

    def __init__(self, make: Callable[[Guide], Run]) -> None:
        self.place = 0
        """The step where it stands, or that it is on its way to."""
        self.lost = False
        """Whether it went another way than the call."""
        self.run = make(self)
        self._standing = asyncio.Event()
        self._going = asyncio.Event()

    async def entered(self, step: int) -> None:
        """The run enters a step."""
        if step == self.place:
            self._going.clear()
            self._standing.set()
        await self._going.wait()

    async def astray(self) -> None:
        """The run does not find its way by the record; it is of no use."""
        self.lose()
        await asyncio.Future()

    def lose(self) -> None:
        """The run is of no use."""
        self.lost = True
        self._standing.set()

    async def move(self, place: int) -> None:
        """Lead it on to a step; returns when it stands there, or is lost."""
        self.place = place
        self._standing.clear()
        self._going.set()
        await self._standing.wait()

    def pause(self) -> None:
        """Stand still on the way; a run that stands at its place does so anyway."""
        self._going.clear()

    def go_on(self) -> None:
        """Go on after a pause."""
        if not self._standing.is_set():
            self._going.set()

    def reaches(self, step: int) -> bool:
        """Whether the entry of a step is before this run, or where it stands."""
        steps = self.run.watch.steps
        return not self.lost and (steps < step or (steps == step and self._standing.is_set()))

    def release(self, step: int) -> Run:
        """The run goes on alone, and is heard of from the entry of a step on."""
        watch = self.run.watch
        watch.until, watch.guide = step, None
        self._standing.set()
        self._going.set()
        return self.run


class Checkpoints:
    """The checkpoints of one call. ``make`` begins a run that a guide leads."""

    def __init__(self, make: Callable[[Guide], Run]) -> None:
        self._make = make
        self._kept: list[Checkpoint] = []
        self._here = 0
        self._quiet = asyncio.Event()
        self._apart = APART
        self._filling: asyncio.Task[None] | None = None
        self._leaving: list[asyncio.Task[None]] = []

    def tend(self, here: int) -> None:
        """The call stands still at a step: there is time to make what is missing behind it."""
        self._here = here
        self._quiet.set()
        for one in self._kept:
            one.go_on()
        if (self._filling is None or self._filling.done()) and self._missing() is not None:
            self._filling = asyncio.create_task(self._fill(), name="checkpoints of a simulated call")

    def take(self, step: int) -> Run | None:
        """The run that is nearest to the entry of a step; it is no checkpoint any more.

        The others stand still until they are tended again: whoever steps back is waiting.
        """
        self._quiet.clear()
        for one in self._kept:
            one.pause()
        nearest = max(
            (one for one in self._kept if one.reaches(step)),
            key=lambda one: one.run.watch.steps,
            default=None,
        )
        if nearest is None:
            return None
        self._kept.remove(nearest)
        return nearest.release(step)

    def forget_after(self, here: int) -> None:
        """What lay ahead of a step has not happened."""
        self._here = min(self._here, here)
        for one in [one for one in self._kept if one.place > here]:
            self._drop(one)

    async def stop(self) -> None:
        """End them all."""
        for one in list(self._kept):
            self._drop(one)
        if self._filling is not None:
            self._filling.cancel()
            self._leaving.append(self._filling)
        await asyncio.gather(*self._leaving, return_exceptions=True)

    # ------------------------------------------------------------------------------------------ making

    def _missing(self) -> int | None:
        """The place nearest to the call where a checkpoint is missing."""
        taken = {one.place for one in self._kept}
        last = (self._here - 1) // self._apart * self._apart
        return next((place for place in range(last, 0, -self._apart) if place not in taken), None)

    async def _fill(self) -> None:
        """Lead the checkpoint behind each missing place on to it, the nearest to the call first."""
        while self._here > self._apart * (MOST + 1):
            self._spread()
        while (place := self._missing()) is not None:
            behind = [one for one in self._kept if one.place < place]
            one = max(behind, key=lambda one: one.place, default=None)
            if one is None:
                one = Checkpoint(self._make)
                self._kept.append(one)
            await one.move(place)
            if one.lost:
                if one in self._kept:
                    self._drop(one)
                return  # until the call has gone on: another run would get lost as well
            await self._quiet.wait()

    def _spread(self) -> None:
        self._apart *= 2
        for one in [one for one in self._kept if one.place % self._apart]:
            self._drop(one)

    def _drop(self, one: Checkpoint) -> None:
        self._kept.remove(one)
        one.lose()
        one.run.give_up()
        if one.run.task is not None:
            self._leaving = [task for task in self._leaving if not task.done()] + [one.run.task]


__all__ = ["APART", "MOST", "Checkpoint", "Checkpoints"]
