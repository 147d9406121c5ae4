"""Telephones of agents and of the outside world: who is called, with what identity, over which trunk."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

from vxmlplat.acd import Agent, Rung, Ticket
from vxmlplat.calls.call_data import to_user_to_user
from vxmlplat.calls.errors import CallError, CallFailed
from vxmlplat.calls.line import Line
from vxmlplat.calls.settings import CallsConfig
from vxmlplat.media.errors import MediaError
from vxmlplat.media.plane import MediaPlane
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Progress

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"\+?[0-9*#][0-9*#.()-]*")


class BadDestination(CallError):
    """The address is none that can be called; flows see ``error.connection.baddestination``."""


class Telephones:
    """Places calls. Also the ACD's port to its agents (``acd.AgentLine``).

    ``contacts`` gives the addresses at which an agent's telephone has registered.
    """

    def __init__(
        self,
        agent: UserAgent,
        plane: MediaPlane,
        config: CallsConfig,
        contacts: Callable[[str], Sequence[str]] = lambda user: (),
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
        on_ringing: Callable[[Progress], None] | None = None,
    ) -> Line:
        """Call ``tel:`` or ``sip:``; returns when answered. Raises CallFailed, BadDestination.

        Cancelling takes the call back.
        """
        target, trunk = self._target(destination)
        call = OutboundCall(
            target,
            from_uri=self._from(caller),
            from_name=caller or None,
            user_to_user=user_to_user,
            timeout=timeout,
            trunk=trunk,
        )
        try:
            return await Line.outbound(
                call,
                self._agent,
                self._plane,
                address=self._config.media_address,
                codecs=self._config.codecs,
                on_ringing=on_ringing,
            )
        except SipError as error:
            raise BadDestination(f"{destination}: {error}") from error
        except MediaError as error:
            raise CallFailed(503, "unreachable", str(error)) from error

    def _target(self, destination: str) -> tuple[str, str | None]:
        scheme, _, rest = destination.strip().partition(":")
        scheme = scheme.lower()
        if scheme in ("sip", "sips") and rest:
            return destination.strip(), None
        number = rest.partition(";")[0]
        if scheme == "tel" and _NUMBER.fullmatch(number):
            if not self._config.trunk:
                raise BadDestination(f"{destination}: no trunk is configured for telephone numbers")
            digits = re.sub(r"[.()-]", "", number)
            return f"sip:{digits}@{self._config.trunk}", self._config.trunk
        raise BadDestination(f"{destination!r} is no address that can be called")

    def _from(self, caller: str) -> str | None:
        """Our From, with the caller's number as its user where there is one."""
        user = re.sub(r"[^0-9A-Za-z+*#._-]", "", caller.partition("@")[0].partition(":")[2] or caller)
        if not user or not self._config.outbound_from:
            return self._config.outbound_from or None
        return f"sip:{user}@{self._config.outbound_from.partition('@')[2] or self._config.outbound_from}"

    # ------------------------------------------------------------------ acd.AgentLine

    async def ring(self, agent: Agent, ticket: Ticket, seconds: float) -> Rung:
        """Ring an agent: a fixed address first, else wherever the telephone has registered."""
        addresses = [agent.address] if agent.address else list(self._contacts(agent.id))
        if not addresses:
            return Rung(None, "unreachable")
        data = to_user_to_user(ticket.call, ticket.user_to_user, self._config.user_to_user_bytes)
        try:
            line = await self.place(addresses[0], caller=ticket.ani, user_to_user=data, timeout=seconds)
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
