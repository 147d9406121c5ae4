"""Telephones of agents and of the outside world: who is called, with what identity, over which trunk."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vxmlplat.acd import Agent, Rung, Ticket
from vxmlplat.calls.call_data import to_user_to_user
from vxmlplat.calls.errors import CallError, CallFailed
from vxmlplat.calls.line import Line, facing
from vxmlplat.calls.settings import CallsConfig, TrunkLine
from vxmlplat.media.errors import MediaError
from vxmlplat.media.plane import MediaPlane
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Progress
from vxmlplat.sip.registrar import Binding
from vxmlplat.sip.transport import Flow, bracketed
from vxmlplat.sip.uri import parse_uri

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"\+?[0-9*#][0-9*#.()-]*")
#: of several telephones that did not answer, the reason that says most
_TELLING = ("busy", "refused", "no_answer", "unreachable")


@dataclass(frozen=True, slots=True)
class _Way:
    """One telephone to ring: its address, over which trunk or registered flow, and the host it is at."""

    target: str
    host: str
    trunk: TrunkLine | None = None
    flow: Flow | None = None


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
        self._agent = agent
        self._plane = plane
        self._config = config
        self._contacts = contacts

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
        ways = self._ways(destination)
        calls = [
            asyncio.ensure_future(
                self._place(way, caller, user_to_user, timeout, replaces, on_ringing, on_early)
            )
            for way in ways
        ]
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

    async def _place(
        self,
        way: _Way,
        caller: str,
        user_to_user: bytes | None,
        timeout: float,
        replaces: str | None,
        on_ringing: Callable[[Progress], None] | None,
        on_early: Callable[[Line], None] | None,
    ) -> Line:
        call = OutboundCall(
            way.target,
            from_uri=self._from(caller, way.trunk),
            from_name=caller or None,
            user_to_user=user_to_user,
            timeout=timeout,
            trunk=None if way.trunk is None else way.trunk.name,
            replaces=replaces,
            flow=way.flow,
        )
        try:
            return await Line.outbound(
                call,
                self._agent,
                self._plane,
                address=await self._audio_address(way.host),
                codecs=self._config.codecs,
                srtp=self._config.srtp,
                on_ringing=on_ringing,
                on_early=on_early,
            )
        except SipError as error:
            raise BadDestination(f"{way.target}: {error}") from error
        except MediaError as error:
            raise CallFailed(503, "unreachable", str(error)) from error

    async def _audio_address(self, host: str) -> str:
        """The local address that faces the host; names are looked up without holding up other calls."""
        if self._config.media_address:
            return self._config.media_address
        try:
            endpoints = await self._agent.network.endpoints(parse_uri(f"sip:{bracketed(host)}"))
        except SipError as error:
            raise CallFailed(503, "unreachable", str(error)) from error
        return facing(endpoints[0].host)

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
                return [_Way(one.uri, one.flow.remote[0], flow=one.flow) for one in registered]
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
            return Rung(None, error.reason)
        except BadDestination as error:
            log.error("agent %s has an address that cannot be called: %s", agent.id, error)
            return Rung(None, "unreachable")
        return Rung(line)

    async def release(self, line: object) -> None:
        """Hang up on an agent whose caller is gone."""
        assert isinstance(line, Line)
        await line.hangup()


async def _first(calls: Sequence[asyncio.Future[Line]]) -> Line:
    """The first that is answered. Raises CallFailed or BadDestination when none is."""
    waiting: set[asyncio.Future[Line]] = set(calls)
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


async def _taken_back(calls: Sequence[asyncio.Future[Line]], but: Line | None = None) -> None:
    """End what still rings, and what was answered in the same moment."""
    for call in calls:
        call.cancel()
    for line in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(line, Line) and line is not but:
            await line.hangup()
