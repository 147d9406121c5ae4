"""One run of a simulated call: its own interpreter, world and clock, going by the record of the call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vxmlplat.clock import Clock, VirtualClock
from vxmlplat.documents import CookieJar, Fetcher, FetchError, FetchRequest, Resource
from vxmlplat.simulator.caller import Caller
from vxmlplat.simulator.debugger import Debugger
from vxmlplat.simulator.faults import FaultyServices
from vxmlplat.simulator.journal import Journal, Record
from vxmlplat.simulator.simulated_clock import PacedClock
from vxmlplat.simulator.site import MemorySite
from vxmlplat.simulator.watched_world import PacedWorld, TypedWorld, WatchedWorld
from vxmlplat.simulator.watching import Emit, Guide, Watch
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.session import Session, SessionStart


@dataclass(frozen=True, slots=True)
class Call:
    """What all runs of one call have in common.

    ``resources`` are answered in process; ``fetcher`` has the others. ``began``: the wall time at which the
    call pretends to begin. ``pace``: the clock of real time, None in virtual time. ``seed``: of chance.
    """

    start: SessionStart
    resources: Mapping[str, Resource]
    fetcher: Fetcher | None
    library: Library
    services: FaultyServices
    debugger: Debugger
    emit: Emit
    began: datetime
    pace: Clock | None
    seed: int
    record: Record


class Run:
    """One run. It tells nothing before its watch's step ``until``, or as long as a ``guide`` leads it."""

    def __init__(
        self, call: Call, clock: VirtualClock | None = None, *, until: int = 0, guide: Guide | None = None
    ) -> None:
        if call.pace is not None and not isinstance(clock, PacedClock):
            clock = PacedClock(call.pace, call.began)
        self.clock = clock = clock or VirtualClock(call.began)
        self.journal = Journal(call.record)
        self.watch = watch = Watch(
            call.emit, clock, call.debugger, self.journal, seed=call.seed, until=until, guide=guide
        )
        self.caller = Caller(self.journal, watch, clock, call.pace)
        self._call = call
        self._cookies = CookieJar()
        site = MemorySite(call.resources, self._fetch_outside)
        self.world: WatchedWorld
        if isinstance(clock, PacedClock):
            self.world = PacedWorld(self.caller, watch, site.fetch, clock)
        else:
            self.world = TypedWorld(self.caller, watch, site.fetch)
            self.world.clock = clock
        self.session = Session(self.world, call.start, call.library, engine=watch.engine)
        watch.attach(self.session)
        self.task: asyncio.Task[None] | None = None
        """What runs it, once it runs."""

    def give_up(self) -> None:
        """Nobody is to hear of this run any more."""
        self.watch.muted = True
        if self.task is not None:
            self.task.cancel()

    async def _fetch_outside(self, request: FetchRequest) -> Resource:
        given = await self._given(request)
        if not self.watch.silent:
            self.world.answered(request, given, self._call.services.base)
        if isinstance(given, FetchError):
            raise given
        return given

    async def _given(self, request: FetchRequest) -> Resource | FetchError:
        known = self.journal.answer(request)
        if known is not None:
            self.clock.jump(known.t - self.clock.now())
            return known.given
        if self.watch.guide is not None:
            await self.watch.astray()
        try:
            given: Resource | FetchError = await self._answered(request)
        except FetchError as error:
            given = error
        self.journal.add_answer(request, given, self.clock.now())
        return given

    async def _answered(self, request: FetchRequest) -> Resource:
        call = self._call
        answer = await call.services.answer(request, self.watch.node, self.clock.jump)
        if answer is not None:
            return answer
        if call.fetcher is None:
            raise FetchError(request.uri, "status", "the simulator has no such document", 404)
        return await call.fetcher.fetch(request, self._cookies)
