"""The designer's simulator: an application run step by step, by a caller who types.

The interpreter is the one that calls use; only the world is of text. The vocabulary of inputs and events
is that of
``vxmlplat run``; see docs/api.md, "Simulator".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from vxmlplat.clock import SystemClock, VirtualClock
from vxmlplat.documents import CookieJar, Fetcher, FetchRequest, Resource
from vxmlplat.simulator.inputs import InputError, TypedInputs, Wanted
from vxmlplat.simulator.site import MemorySite
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.platform import Step
from vxmlplat.vxml.session import Session, SessionEnd, SessionStart

MAX_EVENTS_WAITING = 10_000


class _Watched(SimulatedWorld):
    """A world that reports steps too."""

    def breadcrumb(self, step: Step) -> None:
        """Report a step."""
        self._emit(
            {
                "type": "step",
                "t": round(self.clock.now(), 6),
                "document": step.document,
                "from": step.source,
                "port": step.port,
                "to": step.target,
                "reason": step.reason,
                "fields": dict(step.fields),
            }
        )


class SimulatorSession:
    """One simulated call.

    Make it, :meth:`start` it, read :meth:`events` until they end, :meth:`feed` what the caller does
    whenever a ``waiting`` event
    asks for it (earlier inputs are kept), :meth:`stop` at any time. Events are dictionaries with a
    ``type``: ``event`` (as
    ``vxmlplat run`` prints), ``step``, ``waiting``, and last an ``event`` of ``exit``.

    ``resources`` are answered in process, by absolute address; other addresses go to ``fetcher``, or are
    not found without one.
    ``clock`` gives the wall time that the call pretends to begin at.
    """

    def __init__(
        self,
        start: SessionStart,
        resources: Mapping[str, Resource] | None = None,
        *,
        fetcher: Fetcher | None = None,
        library: Library | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        self._events: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._inputs = TypedInputs(self._waiting)
        self._cookies = CookieJar()
        self._fetcher = fetcher
        site = MemorySite(resources or {}, self._fetch_outside if fetcher is not None else None)
        self._world = _Watched(self._inputs, self._put, site.fetch)
        if clock is not None:
            self._world.clock = clock
        self.session = Session(self._world, start, library)
        self._task: asyncio.Task[None] | None = None
        self.end: SessionEnd | None = None
        """How the session ended; None while it runs."""

    def start(self) -> None:
        """Begin the call. Needs a running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"simulator {self.session.id}")

    def feed(self, action: Any) -> None:
        """The caller does something: an object of the inputs' vocabulary. Raises :class:`InputError`."""
        if isinstance(action, dict) and action.get("type") == "input":
            action = {name: value for name, value in action.items() if name != "type"}
        self._inputs.put(action)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What happens, in order, until the call is over."""
        while True:
            event = await self._events.get()
            if event is None:
                return
            yield event

    async def stop(self) -> None:
        """End the call, whatever it is doing."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            end = await self.session.run()
            self.end = end
            error = {"error": end.error.name, "message": end.error.message} if end.error else {}
            self._world.emit("exit", reason=end.reason, value=end.value, namelist=end.namelist, **error)
        finally:
            self._events.put_nowait(None)

    async def _fetch_outside(self, request: FetchRequest) -> Resource:
        assert self._fetcher is not None
        return await self._fetcher.fetch(request, self._cookies)

    def _waiting(self, wanted: Wanted) -> None:
        self._put({"type": "waiting", "t": round(self._world.clock.now(), 6), "for": wanted})

    def _put(self, event: dict[str, Any]) -> None:
        if self._events.qsize() < MAX_EVENTS_WAITING:  # a reader that went away must not fill the memory
            if "event" in event:
                # A transfer has a type of its own, bridge or blind: on the way to the page it is its kind.
                own = {"kind": event["type"]} if "type" in event else {}
                event = {**event, **own, "type": "event"}
            self._events.put_nowait(event)


def own_fetcher() -> Fetcher:
    """A fetcher for a simulator that stands alone."""
    return Fetcher(SystemClock())


__all__ = ["InputError", "SimulatorSession", "own_fetcher"]
