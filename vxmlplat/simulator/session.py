"""The designer's simulator: an application run step by step, by a caller who types.

The interpreter is the one that calls use; only the world is of text. The vocabulary of inputs and events
is that of ``vxmlplat run``; see docs/api.md, "Simulator".
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from vxmlplat.clock import Clock, SystemClock, VirtualClock
from vxmlplat.documents import Fetcher, Resource
from vxmlplat.simulator.checkpoints import Checkpoints
from vxmlplat.simulator.debug_controls import DebugControls
from vxmlplat.simulator.debugger import Breakpoint, DebugError, Debugger
from vxmlplat.simulator.faults import FaultyServices
from vxmlplat.simulator.inputs import InputError
from vxmlplat.simulator.journal import Record
from vxmlplat.simulator.repetition import Call, Run
from vxmlplat.simulator.simulated_clock import PacedClock
from vxmlplat.simulator.watching import Event, Guide, Watch
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.session import SessionEnd, SessionStart

log = logging.getLogger(__name__)

MAX_EVENTS_WAITING = 10_000


class SimulatorSession(DebugControls):
    """One simulated call, with its debugger.

    Make it, :meth:`start` it, read :meth:`events` until they end, :meth:`feed` what the caller does whenever
    a ``waiting`` event asks for it (earlier inputs are kept), :meth:`stop` at any time. Events are
    dictionaries with a ``type``, those of docs/api.md, "Simulator".

    ``resources`` are answered in process, by absolute address; other addresses go to ``fetcher``, or are
    not found without one. ``base`` is the address of the platform whose services ``faults`` are about.
    ``clock`` gives the wall time that the call pretends to begin at. ``pace``: the clock of real time, for a
    call whose prompts take their time; None: virtual time. With ``stay`` the events go on after the call's
    end, for one may step back from there.
    """

    def __init__(
        self,
        start: SessionStart,
        resources: Mapping[str, Resource] | None = None,
        *,
        fetcher: Fetcher | None = None,
        library: Library | None = None,
        clock: VirtualClock | None = None,
        pace: Clock | None = None,
        base: str = "",
        stay: bool = False,
    ) -> None:
        clock = clock or VirtualClock()
        self._stay = stay
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._debugger = Debugger(self._unjudged, self._state)
        self._services = FaultyServices(base, lambda: self._run.clock.wall())
        self._call = Call(
            start=replace(start, session_id=start.session_id or secrets.token_hex(8)),
            resources=resources or {},
            fetcher=fetcher,
            library=library or Library(),
            services=self._services,
            debugger=self._debugger,
            emit=self._put,
            began=clock.wall(),
            pace=pace,
            seed=secrets.randbits(32),
            record=Record(on_forgotten=self._forgotten),
        )
        self._checkpoints = Checkpoints(self._begin_behind)
        self._stopped = False
        self.end: SessionEnd | None = None
        """How the call ended; None while it runs."""
        self._run = Run(self._call, clock)

    @property
    def id(self) -> str:
        """The session's id, the same in every repetition."""
        return self._call.start.session_id

    @property
    def clock(self) -> VirtualClock:
        """The call's time."""
        return self._run.clock

    # ------------------------------------------------------------------------------------------ the call

    def start(self) -> None:
        """Begin the call. Needs a running event loop."""
        run = self._run
        if run.task is None:
            self._begin(run)
            if isinstance(run.clock, PacedClock) and not run.watch.until:
                run.clock.go()

    def _begin(self, run: Run) -> None:
        run.watch.on_stand = self._tend
        run.task = asyncio.create_task(self._go(run), name=f"simulator {self.id}")

    def _begin_behind(self, guide: Guide) -> Run:
        """A run that repeats the call, for a checkpoint."""
        run = Run(self._call, guide=guide)
        self._begin(run)
        return run

    def feed(self, action: Any) -> None:
        """The caller does something: an object of the inputs' vocabulary. Raises :class:`InputError`."""
        if isinstance(action, dict) and action.get("type") == "input":
            action = {name: value for name, value in action.items() if name != "type"}
        self._run.caller.put(action)

    async def events(self) -> AsyncIterator[Event]:
        """What happens, in order, until the call is over (or, with ``stay``, is stopped)."""
        while True:
            event = await self._events.get()
            if event is None:
                return
            yield event

    async def stop(self) -> None:
        """End the call, whatever it is doing."""
        self._stopped = True
        await self._checkpoints.stop()
        await self._abandon()
        if self._stay or self._run.task is None:
            self._events.put_nowait(None)

    async def _abandon(self) -> None:
        run = self._run
        run.give_up()
        if run.task is not None:
            await asyncio.gather(run.task, return_exceptions=True)

    async def _go(self, run: Run) -> None:
        """Run it, to its end."""
        goes_on = self._stay
        watch = run.watch
        try:
            end = await run.session.run()
            await watch.astray()  # a repetition that went another way than before, and ended
            self.end = end
            error = {"error": end.error.name, "message": end.error.message} if end.error else {}
            run.world.emit("exit", reason=end.reason, value=end.value, namelist=end.namelist, **error)
            self._debugger.release()
            self._tend()
        except Exception:
            log.exception("a simulated call broke")
            goes_on = False
            if watch.guide is not None:
                await watch.astray()
        finally:
            if isinstance(run.clock, PacedClock):
                run.clock.hold()
            if run is self._run and not goes_on:
                self._events.put_nowait(None)

    def _tend(self) -> None:
        """The call stands still: there is time for its checkpoints."""
        if self._stay and not self._stopped:
            self._checkpoints.tend(self._run.watch.steps)

    def _forgotten(self) -> None:
        self._checkpoints.forget_after(self._run.watch.steps)

    # ------------------------------------------------------------------------------------------ debugging

    @property
    def _watching(self) -> Watch:
        return self._run.watch

    def pause(self, *, at_start: bool = False) -> None:
        """Stand still: at once where the caller is waited for, else at the next node."""
        if not at_start and self._run.watch.waiting and self.end is None:
            self._debugger.hold("pause")
        else:
            super().pause(at_start=at_start)

    def forget_ahead(self) -> None:
        """What was done before stepping back is not to be repeated."""
        self._run.journal.forget_ahead()
        self._state()

    async def back(self, step: int | None = None) -> None:
        """Go back to the entry of a step (from 1): the one before, unless another is named.

        The call is repeated up to there, from the last checkpoint before it, with all that was done, answered
        and changed by hand, in no time.
        Raises :class:`DebugError` when there is no such step.
        """
        here = self._run.watch.steps
        if step is None:
            step = here - 1 if self._run.watch.at_entry and self.end is None else here
        if not 1 <= step <= here:
            raise DebugError("debugger.beginning", f"there is no step {step} to go back to")
        await self._abandon()
        self.end = None
        self._debugger.release()
        nearest = self._checkpoints.take(step)
        self._run = nearest or Run(self._call, until=step)
        self.start()

    def _state(self) -> None:
        """Tell whether the call stands still; the clock of real time stands with it."""
        watch, clock = self._run.watch, self._run.clock
        if isinstance(clock, PacedClock):
            if self._debugger.paused is not None:
                clock.hold()
            elif not watch.silent and self.end is None:
                clock.go()
        watch.stamp(
            "state",
            paused=self._debugger.paused,
            flow=watch.flow,
            node=watch.node,
            step=watch.steps,
            ahead=self._run.journal.ahead,
        )
        if self._debugger.paused is not None:
            self._tend()

    def _unjudged(self, breakpoint: Breakpoint, error: str) -> None:
        self._put(breakpoint.unjudged(error))

    def _put(self, event: Event) -> None:
        # A reader that went away must not fill the memory.
        if self._events.qsize() < MAX_EVENTS_WAITING and not self._stopped:
            self._events.put_nowait(event)


def own_fetcher() -> Fetcher:
    """A fetcher for a simulator that stands alone."""
    return Fetcher(SystemClock())


__all__ = ["InputError", "SimulatorSession", "own_fetcher"]
