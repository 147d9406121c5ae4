"""Where a call goes: targets as operators write them, and peers behind address translation."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from vxmlplat.clock import Clock
from vxmlplat.sip.call import OutboundCall
from vxmlplat.sip.dialog import Dialog
from vxmlplat.sip.errors import MessageError, SipError, TransportError
from vxmlplat.sip.network import Network
from vxmlplat.sip.settings import Trunk, UserAgentConfig
from vxmlplat.sip.transport import Endpoint, Flow, bracketed
from vxmlplat.sip.uri import SipUri, parse_name_addr, parse_uri, tel_number

if TYPE_CHECKING:
    from vxmlplat.sip.registrar import Registrar

_log = logging.getLogger(__name__)
TCP_PATIENCE = 2.0
"""Seconds in which a peer must take a connection for a large request, else it gets a datagram."""
NO_TCP = 600.0
"""Seconds for which a peer that took none is not asked again."""
_MOST_WITHOUT_TCP = 10_000


class Way(NamedTuple):
    """A Request-URI, how to get a flow there, the server, if it is one that was looked for, and the proxies
    to go through, as Route values."""

    uri: str
    connect: Callable[[], Awaitable[Flow]]
    endpoint: Endpoint | None = None
    route: tuple[str, ...] = ()


_NUMBER = re.compile(r"[+*#0-9A-Za-z_.\-]{1,64}")


def target_uri(target: str, trunk: Trunk | None) -> str:
    """A SIP URI as it is; a number, or a tel URI (RFC 3966), at the host of the trunk. Raises
    MessageError."""
    if target.lower().startswith(("sip:", "sips:")):
        parse_uri(target)
        return target
    number = tel_number(target) or target.partition(";")[0]
    if trunk is None or trunk.host is None or not _NUMBER.fullmatch(number):
        raise MessageError(f"{target!r} is no SIP URI, and no number on a trunk with a host")
    port = f":{trunk.port}" if trunk.port else ""
    return f"sip:{quote(number, safe='+*')}@{bracketed(trunk.host)}{port}"


def natted(contact: str, source: str) -> bool:
    """Whether a Contact's host cannot be reached from here while the packets came from elsewhere.

    A private or unusable address in Contact beside another source address is a peer behind NAT: it is
    answered where it sends from, which is what makes such telephones work.
    """
    if contact == source:
        return False
    if contact.endswith(".invalid"):
        return True
    try:
        address = ipaddress.ip_address(contact)
        origin = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return False
    if address.is_unspecified:
        return True
    return address.is_private and not address.is_loopback and not origin.is_private


class Router:
    """Finds ways: to the target of a new call, and to the next hop of a dialog."""

    def __init__(
        self, config: UserAgentConfig, network: Network, registrar: Registrar | None, clock: Clock
    ) -> None:
        self._config = config
        self._clock = clock
        self._no_tcp: dict[tuple[str, int], float] = {}
        self._network = network
        self._registrar = registrar

    async def ways_to(self, uri: SipUri, call: OutboundCall) -> list[Way]:
        """The ways to a target, best first: a registered telephone's own flow, a proxy, a trunk, or its
        address."""
        plain = str(uri.plain())
        if call.flow is not None:
            return [Way(plain, self._flow_getter(call.flow, plain, call.route), route=call.route)]
        if self._registrar is not None and call.proxy is None and call.trunk is None:
            bindings = self._registrar.contacts(plain)
            if bindings:
                return [Way(b.uri, self._flow_getter(b.flow, b.uri, b.path), route=b.path) for b in bindings]
        trunk = self._config.trunk(call.trunk)
        hop = uri
        proxy = call.proxy or (self._config.outbound_proxy if trunk is None else None)
        if proxy is not None:
            hop = parse_uri(proxy)
        elif trunk is not None and trunk.host is not None:
            port = f":{trunk.port}" if trunk.port else ""
            transport = f";transport={trunk.transport}" if trunk.transport else ""
            hop = parse_uri(f"sip:{bracketed(trunk.host)}{port}{transport}")
        name = hop.address
        return [Way(plain, self._connector(e, name), e) for e in await self._network.endpoints(hop)]

    def _connector(self, endpoint: Endpoint, name: str) -> Callable[[], Awaitable[Flow]]:
        return lambda: self._network.flow(endpoint, name)

    def _flow_getter(self, flow: Flow, uri: str, route: tuple[str, ...]) -> Callable[[], Awaitable[Flow]]:
        async def get() -> Flow:
            if flow.alive:
                return flow
            return await self.reach(parse_uri(parse_name_addr(route[0]).uri if route else uri), None)

        return get

    async def large(self, flow: Flow) -> Flow:
        """The flow for a request that is too large for a datagram (RFC 3261 §18.1.1): a connection to the
        same address, or the datagram after all where the peer takes none, or is a telephone with no other way
        in.
        """
        peer = flow.remote
        known = self._registrar is not None and self._registrar.user_of(flow) is not None
        if known or not self._network.listens("tcp") or self._no_tcp.get(peer, 0.0) > self._clock.now():
            return flow
        try:
            async with asyncio.timeout(TCP_PATIENCE):
                return await self._network.flow(Endpoint("tcp", *peer))
        except (SipError, TimeoutError) as error:
            _log.info("large requests go to %s port %s by datagram: %s", *peer, str(error) or "no answer")
        self._no_tcp[peer] = self._clock.now() + NO_TCP
        if len(self._no_tcp) > _MOST_WITHOUT_TCP:
            self._no_tcp.pop(next(iter(self._no_tcp)))
        return flow

    def contact(self, flow: Flow, *, secure: bool = False) -> str:
        """Our Contact towards a flow; ``secure`` for a call to a ``sips:`` address (RFC 3261 §12.1.1, RFC
        5630)."""
        host, port = flow.local
        if secure and flow.transport in {"tls", "wss"}:
            transport = "" if flow.transport == "tls" else ";transport=ws"
            return f"<sips:{bracketed(host)}:{port}{transport}>"
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"<sip:{bracketed(host)}:{port}{transport}>"

    def reach_now(self, dialog: Dialog, known: Flow) -> Flow:
        """The flow for an ACK, which cannot wait: the dialog's next hop when it is known without looking it
        up."""
        try:
            hop = dialog.next_hop()
        except MessageError:
            return known
        return self._known_way(hop, known) or known

    async def reach(self, hop: SipUri, known: Flow | None) -> Flow:
        """The flow to a next hop; the known one where it serves. Raises TransportError."""
        if known is not None:
            way = self._known_way(hop, known)
            if way is not None:
                return way
        failure: SipError = TransportError(f"no way to {hop}")
        for endpoint in await self._network.endpoints(hop):
            try:
                return await self._network.flow(endpoint, hop.address)
            except SipError as error:
                self._network.locator.failed(endpoint)
                failure = error
        raise failure

    def _known_way(self, hop: SipUri, known: Flow) -> Flow | None:
        if known.reliable:
            # A connection is kept as long as it stands (RFC 5626 §4.3); the peer may listen nowhere else.
            return known if known.alive else None
        transport = (hop.parameter("transport") or "udp").lower()
        if hop.secure or transport != "udp" or not known.alive:
            return None
        host = hop.parameter("maddr") or hop.address
        address = (host, hop.port or 5060)
        if known.remote == address or natted(host, known.remote[0]):
            return known
        if host.replace(".", "").isdigit() or ":" in host:
            return known.to(address) if (":" in host) == (":" in known.remote[0]) else None
        return None
