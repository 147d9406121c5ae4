"""``vxmlplat run URI.ccxml``: a CCXML session offline, telephones made of a list of events, time virtual.

What the interpreter does by itself happens in no time; everything that a network, a dialog or a mixer would
answer comes from the inputs, one taken whenever no session has anything to do.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vxmlplat.ccxml.errors import InvalidDocument
from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.platform import Kind, Outcome
from vxmlplat.ccxml.requests import DialogSend, Request
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.sessions import Job, Sessions
from vxmlplat.ccxml.timers import Timers
from vxmlplat.clock import VirtualClock
from vxmlplat.documents import Fetcher, FetchError, FetchRequest
from vxmlplat.simulator.inputs import InputError

Emit = Callable[[dict[str, Any]], None]

LETTERS: Mapping[str, str] = {"connection": "c", "dialog": "d", "conference": "k"}
OBJECTS = ("connection", "dialog", "conference")
ROUNDING = 1e-6
"""Seconds by which waits may fall short of a timer's moment: 0.7 s and 0.1 s are 0.8 s."""

TRACED = 200_000
"""So many lines a run prints at most: a document that loops must not fill a disk."""


def run(uri: str, inputs: Sequence[Any], out: Emit) -> int:
    """Run to the end. 0 when the session ended in order, 1 when its document could not be loaded."""
    return asyncio.run(CcxmlWorld(_checked(inputs), out).run(uri))


def _checked(inputs: Sequence[Any]) -> list[dict[str, Any]]:
    checked = []
    for number, item in enumerate(inputs, 1):
        wait = item.get("wait") if isinstance(item, dict) else None
        seconds = isinstance(wait, (int, float)) and not isinstance(wait, bool) and wait >= 0
        if not isinstance(item, dict) or not (seconds or isinstance(item.get("event"), str)):
            raise InputError(f"inputs: item {number} is neither an event nor a wait: {item!r}")
        checked.append(item)
    return checked


class CcxmlWorld:
    """The platform of an offline run: it prints requests and feeds events."""

    def __init__(self, inputs: Sequence[Mapping[str, Any]], out: Emit) -> None:
        self._inputs = deque(inputs)
        self._out = out
        self._printed = 0
        self._clock = VirtualClock()
        self._timers = Timers(self._clock, driven=False)
        self._jobs: deque[Job] = deque()
        self._counts: dict[str, int] = {}
        self._first: Session | None = None
        self._outcome: Outcome | None = None
        self._fetcher = Fetcher.for_commands(self._clock)
        self._sessions = Sessions(
            self,
            self._fetcher,
            self._clock,
            addresses={
                "basichttp": "http://localhost/ccxml/send",
                "createsession": "http://localhost/ccxml/start",
            },
            timers=self._timers,
            spawn=self._jobs.append,
        )

    async def run(self, uri: str) -> int:
        """Run from the start document to the end of its session or of the inputs."""
        try:
            self._first = await self._sessions.start(FetchRequest(uri))
            await self._live()
        except (FetchError, InvalidDocument) as error:
            sys.stderr.write(f"vxmlplat run: {error}\n")
            self._emit("exit", reason="error", error="error.fetch", message=str(error))
            return 1
        finally:
            for job in self._jobs:
                job.close()
            await self._fetcher.close()
        outcome = self._outcome or Outcome("end")
        closing: dict[str, Any] = {"reason": outcome.reason, "value": outcome.value}
        closing["namelist"] = dict(outcome.namelist) or None
        if outcome.error:
            closing |= {"error": outcome.error, "message": outcome.message}
        self._emit("exit", **closing)
        return 0

    async def _live(self) -> None:
        await self._settle()
        while self._outcome is None and self._inputs:
            action = self._inputs.popleft()
            if "event" in action:
                self._feed(action)
                await self._settle()
            else:
                await self._pass(float(action["wait"]))

    async def _settle(self) -> None:
        """Let everything happen that needs no time: fetches end in the order in which they began."""
        while self._jobs and self._outcome is None:
            await self._jobs.popleft()

    async def _pass(self, seconds: float) -> None:
        end = self._clock.now() + seconds
        while self._outcome is None:
            moment = self._timers.next_moment()
            if moment is None or moment > end + ROUNDING:
                break
            self._clock.jump(moment - self._clock.now())
            self._timers.fire_due()
            await self._settle()
        if self._outcome is None:
            self._clock.jump(end - self._clock.now())

    def _feed(self, action: Mapping[str, Any]) -> None:
        """An input as an event for the session that owns what it names, else for the first."""
        assert self._first is not None
        fields = {key: value for key, value in action.items() if key not in (*OBJECTS, "event")}
        about: dict[str, Any] = {}
        for kind in OBJECTS:
            if kind in action:
                fields[f"{kind}id"] = action[kind]
        name = str(action["event"])
        if name.lower() == "connection.alerting":
            about = {key: action[key] for key in ("local", "remote", "protocol", "redirect") if key in action}
            if action.get("connection") not in self._sessions.owners:
                self._counts["connection"] = self._counts.get("connection", 0) + 1
        event = Event(name, fields, about)
        if not self._sessions.post(event):
            self._first.post(event)

    def _emit(self, event: str, **members: Any) -> None:
        if self._outcome is not None and event != "exit":
            return  # the run is over with its first session, whatever others still do
        self._printed += 1
        if self._printed <= TRACED or event == "exit":
            self._out({"t": round(self._clock.now(), 6), "event": event, **members})

    # ---- Platform

    def new_id(self, kind: Kind) -> str:
        """Identifiers of the printed vocabulary: c1, d1, k1 in order of creation."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{LETTERS.get(kind, kind)}{self._counts[kind]}"

    def request(self, session: Session, request: Request) -> None:
        """Print what is asked for; a send to a dialog is printed when it is executed."""
        if not isinstance(request, DialogSend):
            self.show(session, request.element, request.attributes)

    def show(self, session: Session, element: str, attributes: Mapping[str, Any]) -> None:
        """Print a line for an element."""
        members = {key: value for key, value in attributes.items() if value is not None}
        if session is not self._first and self._first is not None:
            members["session"] = session.id
        self._emit(element, **members)

    def log(self, session: Session, label: str, text: str) -> None:
        """Print ``<log>``."""
        self.show(session, "log", {"label": label, "text": text})

    def problem(self, session: Session, text: str) -> None:
        """Tell the author, beside the printed events."""
        sys.stderr.write(f"{session.id}: {text}\n")

    def ended(
        self,
        session: Session,
        outcome: Outcome,
        connections: list[str],
        dialogs: list[str],
        conferences: list[str],
    ) -> None:
        """The end of the first session is the end of the run."""
        if session.parent is None:
            self._outcome = outcome
