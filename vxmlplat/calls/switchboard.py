"""The switchboard: every call that comes in is admitted, given the document of its number, and followed
to its end.
"""

from __future__ import annotations

import asyncio
import logging
from importlib.resources import files

from vxmlplat.analytics.recorder import Recorder
from vxmlplat.calls.admission import Admission
from vxmlplat.calls.call_data import from_user_to_user
from vxmlplat.calls.control import CallControl
from vxmlplat.calls.numbers import NumberPlan
from vxmlplat.calls.placing import PlacedCalls
from vxmlplat.calls.succession import take_over
from vxmlplat.calls.telephone import Call, World
from vxmlplat.ccxml.errors import CcxmlError
from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.platform import Outcome
from vxmlplat.ccxml.session import Session, SessionLimits
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.documents import DocumentError, FetchRequest, RouteRequest, RouteResponse
from vxmlplat.media.plane import MediaPlane
from vxmlplat.sip.errors import LegStateError, MessageError
from vxmlplat.sip.leg import Leg
from vxmlplat.sip.uri import number_of

log = logging.getLogger(__name__)

#: where the documents that ship with the platform are reached
SHIPPED = "/ccxml/"
#: where sessions are begun and spoken to over HTTP (CCXML 1.0 appendix K); the web server answers there
BASICHTTP = "/api/ccxml/basichttp"
CREATESESSION = "/api/ccxml/createsession"
RETRY_AFTER = 5
#: a call's document that runs in circles is stopped before the other calls could notice
LIMITS = SessionLimits(events_in_a_row=2000, errors_in_a_row=50, queue=2000, timers=500, loads_in_a_row=100)


class Switchboard:
    """Takes the calls of a user agent. Set its :meth:`on_invite` there."""

    def __init__(
        self, world: World, plane: MediaPlane, admission: Admission, numbers: NumberPlan, recorder: Recorder
    ) -> None:
        self._world = world
        self._plane = plane
        self._admission = admission
        self._numbers = numbers
        self._idle = asyncio.Event()
        self._idle.set()
        self.control = CallControl(world, plane, admission, recorder, self._session_ended)
        base = world.config.base_uri
        self.sessions = Sessions(
            self.control,
            world.fetcher,
            world.clock,
            addresses={"basichttp": base + BASICHTTP, "createsession": base + CREATESESSION},
            limits=LIMITS,
        )
        self.control.sessions = self.sessions
        world.fetcher.mount(world.config.base_uri + SHIPPED, _shipped)
        self.default_document = f"{base}{SHIPPED}inbound.ccxml"
        self.placed = PlacedCalls(self.sessions, world.clock, f"{base}{SHIPPED}outbound.ccxml")

    async def on_invite(self, leg: Leg) -> None:
        """A call comes in."""
        if leg.replaces is not None:
            await self._replaces(leg, leg.replaces)
            return
        number = _user(leg.request_uri)
        answer = self._numbers.lookup(number)
        if answer is None:
            log.info("leg %s: nothing answers %s", leg.id, number)
            leg.reject(404)
            return
        began = self._world.clock.now()
        await asyncio.sleep(0)  # one turn of the loop: the measure of how busy we are
        self._admission.note_turn(self._world.clock.now() - began)
        self._admission.note_media(self._plane.statistics.busy)
        licence = self._admission.take()
        if licence is None:
            why = "the platform is overloaded" if self._admission.overloaded else "no port is free"
            log.warning("leg %s: %s", leg.id, why)
            _refuse(leg, 503)
            return
        self._idle.clear()
        aai = from_user_to_user(leg.user_to_user)
        remote = leg.asserted_identity or leg.remote_uri
        connection = self.control.arrived(leg, Call("", _user(remote), number, aai), licence)
        values = {"number": number, "dialog": answer.dialog}
        document = answer.ccxml or self.default_document
        try:
            session = await self.sessions.start(FetchRequest(document), values)
        except (DocumentError, CcxmlError) as error:
            log.error("number %s: its document cannot be used: %s", number, error)
            connection.outcome = "error"
            self.control.refuse(connection, 480, str(error))
            self._settle()
            return
        if connection.over:  # the caller has given up while the document was fetched
            session.end(Outcome("end"))
            return
        about = {
            "local": leg.request_uri,
            "remote": remote,
            "protocol": {"name": "sip", "version": "2.0"},
            "redirect": list(leg.redirected_by),
            "aai": aai,
        }
        if not session.post(Event("connection.alerting", {"connectionid": connection.id}, about)):
            connection.outcome = "error"
            self.control.refuse(connection, 480, "its document ended before it began")

    async def _replaces(self, leg: Leg, former: Leg) -> None:
        """A telephone takes over from another (RFC 3891): an attended transfer to it has been completed."""
        line = self._world.telephones.lines.of(former)
        if line is None:
            leg.reject(481)  # it has ended in this moment, or nobody talks on it yet
            return
        await take_over(line, leg)

    def _session_ended(self, session: Session, outcome: Outcome) -> None:
        log.debug("session %s: %s", session.id, outcome.reason)
        self.placed.ended(session, outcome)
        self._settle()

    def _settle(self) -> None:
        if self._admission.in_use == 0 and not self.control.connections:
            self._idle.set()

    async def idle(self) -> None:
        """Return when no call is up."""
        while self._admission.in_use or self.control.connections:
            self._idle.clear()
            try:
                async with asyncio.timeout(0.5):  # a port is given back a moment after its session ended
                    await self._idle.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Hang up on everybody and end all sessions."""
        await self.control.stop()
        await self.sessions.close()


def _refuse(leg: Leg, status: int) -> None:
    """Turn a caller away who may try again soon, or who has left meanwhile."""
    try:
        leg.reject(status, retry_after=RETRY_AFTER)
    except LegStateError as error:
        log.debug("leg %s: %s", leg.id, error)


def _user(uri: str) -> str:
    """The number or name in an address; the whole address when it has neither."""
    try:
        return number_of(uri) or uri
    except MessageError:
        return uri


async def _shipped(request: RouteRequest) -> RouteResponse:
    """A document of the package."""
    name = request.uri.partition("?")[0].rpartition("/")[2]
    file = files("vxmlplat.calls") / "documents" / name
    if not name.endswith(".ccxml") or not file.is_file():
        return RouteResponse(404)
    headers = {"content-type": "application/ccxml+xml", "cache-control": "max-age=86400"}
    return RouteResponse(200, file.read_bytes(), headers)
