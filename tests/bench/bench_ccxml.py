"""CCXML: events a second, CPU a call, memory a session; prints one line a figure.

In virtual time, no network: what is measured is call control alone.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Mapping
from typing import Any

from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.platform import Kind, Outcome
from vxmlplat.ccxml.requests import Request
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.clock import VirtualClock
from vxmlplat.documents import Fetcher, FetchRequest, RouteRequest, RouteResponse

ADDRESS = "http://bench.invalid/call.ccxml"
DOCUMENT = """<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">
<var name="keys" expr="0"/><var name="dialog"/><var name="where" expr="'start'"/>
<eventprocessor statevariable="where">
  <transition event="connection.alerting"><accept/></transition>
  <transition event="connection.connected"><assign name="where" expr="'talking'"/>
    <dialogstart src="'menu.vxml'" dialogid="dialog"/></transition>
  <transition event="connection.signal" state="talking" cond="event$.info.dtmf == '5'">
    <assign name="keys" expr="keys + 1"/></transition>
  <transition event="dialog.exit"><disconnect connectionid="event$.dialog.connectionid"/></transition>
  <transition event="connection.disconnected"><exit expr="keys"/></transition>
</eventprocessor></ccxml>"""


class Nobody:
    """A platform that does nothing."""

    def __init__(self) -> None:
        self.count = 0

    def new_id(self, kind: Kind) -> str:
        """Numbers."""
        self.count += 1
        return f"{kind}-{self.count}"

    def request(self, session: Session, request: Request) -> None:
        """Ignore it."""

    def show(self, session: Session, element: str, attributes: Mapping[str, Any]) -> None:
        """Ignore it."""

    def log(self, session: Session, label: str, text: str) -> None:
        """Ignore it."""

    def problem(self, session: Session, text: str) -> None:
        """There should be none."""
        raise AssertionError(text)

    def ended(
        self,
        session: Session,
        outcome: Outcome,
        connections: list[str],
        dialogs: list[str],
        conferences: list[str],
    ) -> None:
        """Ignore it."""


async def document(_request: RouteRequest) -> RouteResponse:
    """The one document."""
    return RouteResponse(200, DOCUMENT.encode(), {"Cache-Control": "max-age=86400"})


async def main(sessions_held: int = 5000, events: int = 50_000, calls: int = 2000) -> None:
    """Measure and print."""
    clock = VirtualClock()
    fetcher = Fetcher(clock)
    fetcher.mount(ADDRESS, document)
    sessions = Sessions(Nobody(), fetcher, clock)

    async def call(number: int) -> Session:
        session = await sessions.start(FetchRequest(ADDRESS))
        about = {"local": "sip:12319@example.org", "remote": "sip:caller@example.org"}
        session.post(Event("connection.alerting", {"connectionid": f"c{number}"}, about))
        sessions.post(Event("connection.connected", {"connectionid": f"c{number}"}))
        return session

    first = await call(0)
    key = {"connectionid": "c0", "info": {"dtmf": "5"}}
    began = time.process_time()
    for _ in range(events):
        sessions.post(Event("connection.signal", dict(key)))
    print(f"events_per_cpu_second {events / (time.process_time() - began):.0f}")
    first.post(Event("connection.disconnected", {"connectionid": "c0"}))
    assert first.outcome is not None
    assert first.outcome.value == events

    began = time.process_time()
    for number in range(1, calls + 1):
        session = await call(number)
        dialog = next(iter(session.objects.dialogs))
        sessions.post(Event("dialog.started", {"dialogid": dialog}))
        sessions.post(Event("dialog.exit", {"dialogid": dialog, "values": {}}))
        sessions.post(Event("connection.disconnected", {"connectionid": f"c{number}"}))
        assert session.over
    print(f"cpu_ms_per_call {(time.process_time() - began) / calls * 1000:.3f}")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held = [await call(calls + number + 1) for number in range(sessions_held)]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"sessions_at_once {len(held)} kb_per_session {grown / sessions_held:.0f}")
    await sessions.close()


if __name__ == "__main__":
    asyncio.run(main())
