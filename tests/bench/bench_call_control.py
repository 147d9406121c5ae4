"""CPU that call control adds to a call: the shipped document, with a world that answers at once.

    make bench-call-control      (python tests/bench/bench_call_control.py --calls 3000)

Every request is answered by an event from a task of its own, as ``calls.CallControl`` does; there is no SIP,
no
audio and no dialog behind it. So what is printed is all that a call costs more than one that is wired to its
dialog: starting the session, its scripts, requests, tasks, events, and the end.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.platform import Kind, Outcome
from vxmlplat.ccxml.requests import Accept, DialogPrepare, DialogStart, Request
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.clock import SystemClock
from vxmlplat.documents import Fetcher, FetchRequest, RouteRequest, RouteResponse

DOCUMENT = Path(__file__).parents[2] / "vxmlplat" / "calls" / "documents" / "inbound.ccxml"
ADDRESS = "http://127.0.0.1:1/ccxml/inbound.ccxml"
#: what a call may cost, in milliseconds of CPU
LIMIT = 0.5


class Obliging:
    """Answers each request with the event that it waits for."""

    sessions: Sessions

    def __init__(self) -> None:
        self._ids = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()

    def new_id(self, kind: Kind) -> str:
        """Numbers."""
        return f"{kind}{next(self._ids)}"

    def request(self, session: Session, request: Request) -> None:
        """In a task of its own."""
        task = asyncio.get_running_loop().create_task(self._answer(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: Request) -> None:
        match request:
            case DialogStart():
                self._post("dialog.started", dialogid=request.dialogid, connectionid=request.connectionid)
                # the dialog is over at once, for the caller has hung up
                self._post("connection.disconnected", connectionid=request.connectionid, reason="hangup")
                self._post("dialog.exit", dialogid=request.dialogid, values={})
            case DialogPrepare():
                self._post("dialog.prepared", dialogid=request.dialogid)
            case Accept():
                self._post("connection.connected", connectionid=request.connectionid)

    def _post(self, name: str, **fields: Any) -> None:
        self.sessions.post(Event(name, fields))

    def show(self, session: Session, element: str, attributes: Mapping[str, Any]) -> None:
        """Ignore it."""

    def log(self, session: Session, label: str, text: str) -> None:
        """There should be none."""
        raise AssertionError(text)

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
        """Nothing is held."""


async def _document(_request: RouteRequest) -> RouteResponse:
    return RouteResponse(200, DOCUMENT.read_bytes(), {"Cache-Control": "max-age=86400"})


async def call(sessions: Sessions, number: int) -> None:
    """One call from the INVITE to the end of its session."""
    session = await sessions.start(
        FetchRequest(ADDRESS), {"number": "12319", "dialog": "http://a/start.vxml"}
    )
    about = {
        "local": "sip:12319@127.0.0.1",
        "remote": "sip:13800138000@127.0.0.1",
        "protocol": {"name": "sip", "version": "2.0"},
        "redirect": [],
        "aai": "",
    }
    session.post(Event("connection.alerting", {"connectionid": f"c{number}"}, about))
    for _ in range(10):
        if session.over:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"the call did not end: {session.chain.string('state')}")


async def measure(calls: int) -> float:
    """Milliseconds of CPU a call."""
    platform, clock = Obliging(), SystemClock()
    fetcher = Fetcher(clock)
    fetcher.mount(ADDRESS, _document)
    platform.sessions = sessions = Sessions(platform, fetcher, clock)
    for number in range(200):
        await call(sessions, number)
    began = time.process_time()
    for number in range(calls):
        await call(sessions, 200 + number)
    used = time.process_time() - began
    await sessions.close()
    await fetcher.close()
    return used / calls * 1000


def main() -> int:
    """Print the figure; 1 when it is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=3000)
    logging.disable(logging.WARNING)
    cost = asyncio.run(measure(parser.parse_args().calls))
    print(f"call_control_cpu_ms_per_call {cost:.3f} (limit {LIMIT})")
    return 0 if cost <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
