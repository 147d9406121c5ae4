"""The designer's simulator: an application run step by step, by a caller who types.

The interpreter is the one that calls use; only the world is of text. The vocabulary of inputs and events
is that of ``vxmlplat run``; see docs/api.md, "Simulator".
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vxmlplat.clock import Clock, SystemClock, VirtualClock
from vxmlplat.documents import CookieJar, Fetcher, FetchError, FetchRequest, Resource
from vxmlplat.ecma import UNDEFINED
from vxmlplat.simulator.caller import Caller
from vxmlplat.simulator.debugger import Breakpoint, DebugError, Debugger
from vxmlplat.simulator.faults import Fault, FaultyServices
from vxmlplat.simulator.inputs import InputError
from vxmlplat.simulator.journal import Journal
from vxmlplat.simulator.simulated_clock import PacedClock
from vxmlplat.simulator.site import MemorySite
from vxmlplat.simulator.watched_world import PacedWorld, TypedWorld, WatchedWorld
from vxmlplat.simulator.watching import Event, Watch
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.session import Session, SessionEnd, SessionStart

log = logging.getLogger(__name__)

MAX_EVENTS_WAITING = 10_000


class SimulatorSession:
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
        self._start = replace(start, session_id=start.session_id or secrets.token_hex(8))
        self._resources = resources or {}
        self._fetcher = fetcher
        self._library = library or Library()
        self._began = (clock or VirtualClock()).wall()
        self._pace = pace
        self._stay = stay
        self._seed = secrets.randbits(32)
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._journal = Journal()
        self._debugger = Debugger(self._unjudged, self._state)
        self._clock = clock or VirtualClock()
        self._services = FaultyServices(base, lambda: self._clock.wall())
        self._stopped = False
        self.end: SessionEnd | None = None
        """How the call ended; None while it runs."""
        self._task: asyncio.Task[None] | None = None
        self._set_out(0, self._clock)

    @property
    def id(self) -> str:
        """The session's id, the same in every repetition."""
        return self._start.session_id

    @property
    def clock(self) -> VirtualClock:
        """The call's time."""
        return self._clock

    # ------------------------------------------------------------------------------------------ the call

    def _set_out(self, until: int, clock: VirtualClock) -> None:
        """Make a run of the interpreter, which tells nothing before a step."""
        if self._pace is not None and not isinstance(clock, PacedClock):
            clock = PacedClock(self._pace, self._began)
        self._clock = clock
        self._cookies = CookieJar()
        self._watch = watch = Watch(
            self._put, clock, self._debugger, self._journal, seed=self._seed, until=until
        )
        self._caller = caller = Caller(self._journal, watch, clock, self._pace)
        site = MemorySite(self._resources, self._fetch_outside)
        world: WatchedWorld
        if isinstance(clock, PacedClock):
            world = PacedWorld(caller, watch, site.fetch, clock)
        else:
            world = TypedWorld(caller, watch, site.fetch)
            world.clock = clock
        session = Session(world, self._start, self._library, engine=watch.engine)
        watch.attach(session)
        self._world, self._session = world, session

    def start(self) -> None:
        """Begin the call. Needs a running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"simulator {self.id}")
            if isinstance(self._clock, PacedClock) and not self._watch.until:
                self._clock.go()

    def feed(self, action: Any) -> None:
        """The caller does something: an object of the inputs' vocabulary. Raises :class:`InputError`."""
        if isinstance(action, dict) and action.get("type") == "input":
            action = {name: value for name, value in action.items() if name != "type"}
        self._caller.put(action)

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
        await self._abandon()
        if self._stay or self._task is None:
            self._events.put_nowait(None)

    async def _abandon(self) -> None:
        self._watch.muted = True
        if self._task is not None:
            self._task.cancel()
            for failure in await asyncio.gather(self._task, return_exceptions=True):
                if isinstance(failure, Exception):
                    log.error("a simulated call broke", exc_info=failure)

    async def _run(self) -> None:
        watch, world = self._watch, self._world
        goes_on = self._stay
        try:
            end = await self._session.run()
            if watch.silent and not watch.muted:  # it went another way than before, and ended
                watch.surface()
            self.end = end
            error = {"error": end.error.name, "message": end.error.message} if end.error else {}
            world.emit("exit", reason=end.reason, value=end.value, namelist=end.namelist, **error)
            self._debugger.release()
        except Exception:
            goes_on = False
            raise
        finally:
            if isinstance(self._clock, PacedClock):
                self._clock.hold()
            if not goes_on:
                self._events.put_nowait(None)

    async def _fetch_outside(self, request: FetchRequest) -> Resource:
        clock = self._clock
        known = self._journal.answer(request)
        if known is not None:
            clock.jump(known.t - clock.now())
            if isinstance(known.given, FetchError):
                raise known.given
            return known.given
        try:
            given: Resource | FetchError = await self._answered(request)
        except FetchError as error:
            given = error
        self._journal.add_answer(request, given, clock.now())
        if isinstance(given, FetchError):
            raise given
        return given

    async def _answered(self, request: FetchRequest) -> Resource:
        answer = await self._services.answer(request, self._watch.node, self._clock.jump)
        if answer is not None:
            return answer
        if self._fetcher is None:
            raise FetchError(request.uri, "status", "the simulator has no such document", 404)
        return await self._fetcher.fetch(request, self._cookies)

    # ------------------------------------------------------------------------------------------ debugging

    @property
    def paused(self) -> bool:
        """Whether the call is held."""
        return self._debugger.paused is not None

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """From now on these services fail or answer so, and no others."""
        self._services.faults = tuple(faults)

    def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Stop at these nodes."""
        self._debugger.set_breakpoints(breakpoints)

    def pause(self, *, at_start: bool = False) -> None:
        """Stand still: at once where the caller is waited for, else at the next node."""
        if at_start:
            self._debugger.stop_next("start")
        elif self._watch.waiting and self.end is None:
            self._debugger.hold("pause")
        else:
            self._debugger.stop_next("pause")

    def resume(self) -> None:
        """Go on to the next breakpoint."""
        self._debugger.release()

    def step(self) -> None:
        """Go on to the next node."""
        self._debugger.stop_next("step")
        self._debugger.release()

    def run_to(self, flow: str, node: str) -> None:
        """Go on until the caller enters this node."""
        self._debugger.stop_at(flow, node)
        self._debugger.release()

    def assign(self, target: str, expression: str) -> None:
        """Set a variable while the call stands still. Raises :class:`DebugError`."""
        self._watch.assign(target, expression)

    def evaluate(self, expression: str) -> Any:
        """An expression's value as JSON, None for undefined. Raises :class:`DebugError`."""
        value = self._watch.evaluate(expression)
        return None if value is UNDEFINED else value

    def forget_ahead(self) -> None:
        """What was done before stepping back is not to be repeated."""
        self._journal.forget_ahead()
        self._state()

    async def back(self, step: int | None = None) -> None:
        """Go back to the entry of a step (from 1): the one before, unless another is named.

        The call is repeated up to there, with all that was done, answered and changed by hand, in no time.
        Raises :class:`DebugError` when there is no such step.
        """
        here = self._watch.steps
        if step is None:
            step = here - 1 if self._watch.at_entry and self.end is None else here
        if not 1 <= step <= here:
            raise DebugError("debugger.beginning", f"there is no step {step} to go back to")
        await self._abandon()
        self.end = None
        self._debugger.release()
        self._journal.rewind()
        self._task = None
        clock = VirtualClock(self._began) if self._pace is None else PacedClock(self._pace, self._began)
        self._set_out(step, clock)
        self.start()

    def _state(self) -> None:
        """Tell whether the call stands still; the clock of real time stands with it."""
        if isinstance(self._clock, PacedClock):
            if self._debugger.paused is not None:
                self._clock.hold()
            elif not self._watch.silent and self.end is None:
                self._clock.go()
        watch = self._watch
        watch.stamp(
            "state",
            paused=self._debugger.paused,
            flow=watch.flow,
            node=watch.node,
            step=watch.steps,
            ahead=self._journal.ahead,
        )

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
