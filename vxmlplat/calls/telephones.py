"""Telephones of agents and of the outside world: who is called, with what identity, over which trunk."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from vxmlplat.acd import Agent, Rung, Ticket
from vxmlplat.calls.call_data import to_user_to_user
from vxmlplat.calls.errors import CallError, CallFailed
from vxmlplat.calls.line import Line, Successor
from vxmlplat.calls.lines import Lines
from vxmlplat.calls.settings import CallsConfig, TrunkLine
from vxmlplat.media.errors import MediaError
from vxmlplat.media.plane import MediaPlane
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Progress
from vxmlplat.sip.leg import Leg
from vxmlplat.sip.registrar import Binding
from vxmlplat.sip.transport import Flow
from vxmlplat.sip.uri import parse_uri

log = logging.getLogger(__name__)
L = TypeVar("L", bound=Line)

_NUMBER = re.compile(r"\+?[0-9*#][0-9*#.()-]*")
#: of several telephones that did not answer, the reason that says most
_TELLING = ("busy", "refused", "no_answer", "invalid_number", "unreachable")


@dataclass(frozen=True, slots=True)
class _Way:
    """One telephone to ring: its address, over which trunk or registered flow and proxies, and its host."""

    target: str
    host: str
    trunk: TrunkLine | None = None
    flow: Flow | None = None
    route: tuple[str, ...] = ()


class BadDestination(CallError):
    """The address is none that can be called; flows see ``error.connection.baddestination``."""


class Telephones:
    """Places calls. Also the ACD's port to its agents (``acd.AgentLine``).

    ``contacts`` gives the telephones that a user has registered, by name or SIP URI.
    """

    def __init__(
        self,
        agent: UserAgent,
        plane: MediaPlane,
        config: CallsConfig,
        contacts: Callable[[str], Sequence[Binding]] = lambda user: (),
    ) -> None:
        self.lines = Lines(agent, plane, config)
        self._agent = agent
        self._config = config
        self._contacts = contacts
        self._tasks: set[asyncio.Task[None]] = set()

    async def place(
        self,
        destination: str,
        *,
        caller: str = "",
        user_to_user: bytes | None = None,
        timeout: float = 60.0,
        replaces: str | None = None,
        on_ringing: Callable[[Progress], None] | None = None,
        on_early: Callable[[Line], None] | None = None,
    ) -> Line:
        """Call ``tel:`` or ``sip:``; returns when answered. Raises CallFailed, BadDestination.

        All telephones of a registered user ring together; the first to answer has the call. ``replaces`` is
        the call at the far end that this one takes over (RFC 3891). Cancelling takes the call back.
        """

        def place(way: _Way) -> Awaitable[Line]:
            call = self._call(way, caller, user_to_user, timeout, replaces)
            return self.lines.outbound(call, way.host, on_ringing=on_ringing, on_early=on_early)

        return await self._first_of(destination, place)

    async def place_successor(
        self,
        line: Line,
        destination: str,
        *,
        caller: str = "",
        user_to_user: bytes | None = None,
        timeout: float = 60.0,
        replaces: str | None = None,
        on_ringing: Callable[[Progress], None] | None = None,
    ) -> Successor:
        """As :meth:`place`, for a telephone that is to take over a line."""

        def place(way: _Way) -> Awaitable[Successor]:
            call = self._call(way, caller, user_to_user, timeout, replaces)
            return self.lines.successor(line, call, on_ringing=on_ringing)

        successor = await self._first_of(destination, place)
        successor.address = destination
        return successor

    async def _first_of(self, destination: str, place: Callable[[_Way], Awaitable[L]]) -> L:
        calls = [asyncio.ensure_future(_usable(way, place)) for way in self._ways(destination)]
        try:
            answered = await _first(calls)
        except BaseException:
            await _taken_back(calls)
            raise
        if len(calls) > 1:
            try:
                await _taken_back(calls, but=answered)
            except BaseException:
                await asyncio.shield(answered.hangup())
                raise
        return answered

    def _call(
        self, way: _Way, caller: str, user_to_user: bytes | None, timeout: float, replaces: str | None
    ) -> OutboundCall:
        return OutboundCall(
            way.target,
            from_uri=self._from(caller, way.trunk),
            from_name=caller or None,
            user_to_user=user_to_user,
            timeout=timeout,
            trunk=None if way.trunk is None else way.trunk.name,
            replaces=replaces,
            flow=way.flow,
            route=way.route,
        )

    def may_refer(self, leg: Leg, target: str) -> bool:
        """Whether a peer may have us call somebody.

        A telephone and a machine next to us may; a trunk may send a call back to itself only, so that nobody
        out there makes calls at our expense.
        """
        trunk = self._agent.config.trunk(leg.trunk)
        if trunk is None:
            return True
        try:
            host = parse_uri(target).address.strip("[]")
        except SipError:
            return False
        return host in (trunk.host, leg.peer[0]) or _within(host, trunk.addresses)

    def registered_user(self, address: str) -> str:
        """The name of the user whose telephone this is, "" for any other address."""
        try:
            return parse_uri(address).user or "" if self._contacts(address) else ""
        except SipError:
            return ""

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the calls; what breaks is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a call could not be handed on: %s", error, exc_info=error)

    def _ways(self, destination: str) -> list[_Way]:
        """Where a destination leads. Raises BadDestination."""
        address = destination.strip()
        scheme, _, rest = address.partition(":")
        scheme = scheme.lower()
        if scheme in ("sip", "sips") and rest:
            try:
                host = parse_uri(address).address
                registered = self._contacts(address)
            except SipError as error:
                raise BadDestination(f"{destination}: {error}") from error
            if registered:
                return [
                    _Way(one.uri, one.flow.remote[0], flow=one.flow, route=one.path) for one in registered
                ]
            return [_Way(address, host.strip("[]"))]
        number = rest.partition(";")[0]
        if scheme == "tel" and _NUMBER.fullmatch(number):
            trunk = next((t for t in self._config.trunks if t.name == self._config.trunk), None)
            if trunk is None or not trunk.host:
                raise BadDestination(f"{destination}: no trunk is configured for telephone numbers")
            return [_Way(re.sub(r"[.()-]", "", number), trunk.host, trunk)]
        raise BadDestination(f"{destination!r} is no address that can be called")

    def _from(self, caller: str, trunk: TrunkLine | None) -> str | None:
        """Our From: what the trunk wants to see, else the caller's number as the user of our domain."""
        shown = trunk.caller_id if trunk is not None and trunk.caller_id else caller
        if trunk is not None and shown.lower().startswith(("sip:", "sips:")) and shown == trunk.caller_id:
            return shown
        user = re.sub(r"[^0-9A-Za-z+*#._-]", "", shown.partition("@")[0].partition(":")[2] or shown)
        if not user or not self._config.outbound_from:
            return self._config.outbound_from or None
        return f"sip:{user}@{self._config.outbound_from.partition('@')[2] or self._config.outbound_from}"

    # ------------------------------------------------------------------ acd.AgentLine

    async def ring(self, agent: Agent, ticket: Ticket, seconds: float) -> Rung:
        """Ring an agent: a fixed address first, else wherever the telephone has registered."""
        registered = None if agent.address else next(iter(self._contacts(agent.id)), None)
        address = agent.address or (f"sip:{agent.id}@{self._agent.domain}" if registered else "")
        if not address:
            return Rung(None, "unreachable")
        data = to_user_to_user(ticket.call, ticket.user_to_user, self._config.user_to_user_bytes)
        try:
            line = await self.place(address, caller=ticket.ani, user_to_user=data, timeout=seconds)
        except CallFailed as error:
            log.info("agent %s, call %s: %s", agent.id, ticket.call, error)
            # A telephone that knows its own number no more is no fault of the agent.
            return Rung(None, "unreachable" if error.reason == "invalid_number" else error.reason)
        except BadDestination as error:
            log.error("agent %s has an address that cannot be called: %s", agent.id, error)
            return Rung(None, "unreachable")
        return Rung(line)

    async def release(self, line: object) -> None:
        """Hang up on an agent whose caller is gone."""
        assert isinstance(line, Line)
        await line.hangup()


def _within(host: str, networks: Sequence[str]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network, strict=False) for network in networks)


async def _usable(way: _Way, place: Callable[[_Way], Awaitable[L]]) -> L:
    """Place the call; what the lower rooms cannot do is said in the words of this one."""
    try:
        return await place(way)
    except SipError as error:
        raise BadDestination(f"{way.target}: {error}") from error
    except MediaError as error:
        raise CallFailed(503, "unreachable", str(error)) from error


async def _first(calls: Sequence[asyncio.Future[L]]) -> L:
    """The first that is answered. Raises CallFailed or BadDestination when none is."""
    waiting: set[asyncio.Future[L]] = set(calls)
    failures: list[CallFailed] = []
    unusable: BadDestination | None = None
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for call in done:
            try:
                return call.result()
            except CallFailed as error:
                failures.append(error)
            except BadDestination as error:
                unusable = error
    for reason in _TELLING:
        for failure in failures:
            if failure.reason == reason:
                raise failure
    raise unusable or failures[0]


async def _taken_back(calls: Sequence[asyncio.Future[L]], but: L | None = None) -> None:
    """End what still rings, and what was answered in the same moment."""
    for call in calls:
        call.cancel()
    for line in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(line, Line) and line is not but:
            await line.hangup()
