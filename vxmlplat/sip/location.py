"""Finding the servers of a SIP URI (RFC 3263): transport, port and addresses, in the order in which they are
tried.

A domain names its transports by NAPTR and its servers by SRV; servers of one priority share the calls by
weight. A server that has just failed is tried after all others for a while, so that a dead one costs one
call's time and not every call's.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import random
from collections import OrderedDict
from collections.abc import Collection, Sequence

from vxmlplat.clock import Clock
from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.names import Names, Rule, Service
from vxmlplat.sip.settings import TransportName
from vxmlplat.sip.transport import Endpoint
from vxmlplat.sip.uri import SipUri

_log = logging.getLogger(__name__)
_BY_RULE: dict[str, TransportName] = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
"""Services of NAPTR records (RFC 3263 §4.1)."""
_PREFIX: dict[TransportName, str] = {"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}
AVOIDED = 60.0
"""Seconds for which a server that failed comes last."""
_MOST_AVOIDED = 1000
_MOST = 20
"""Addresses that are tried for one target."""


class Locator:
    """Finds servers; remembers which have failed."""

    def __init__(self, names: Names, clock: Clock, chance: random.Random | None = None) -> None:
        self.names = names
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311 - it spreads load
        self._failed: OrderedDict[Endpoint, float] = OrderedDict()

    async def locate(self, uri: SipUri, able: Collection[TransportName]) -> list[Endpoint]:
        """Where a URI leads, best first. ``able`` are the transports that we can send over, the most wanted
        first. Raises TransportError when that is nowhere."""
        wanted = (uri.parameter("transport") or "").lower()
        host = (uri.parameter("maddr") or uri.address).strip("[]")
        transport = _transport(wanted, secure=uri.secure)
        if _numeric(host):
            transport = transport or ("tls" if uri.secure else "udp")
            return [Endpoint(transport, host, uri.port or default_port(transport))]
        if uri.port is not None:
            transport = transport or ("tls" if uri.secure else "udp")
            found = await self._at(transport, host, uri.port)
        elif transport is not None:
            prefix = _PREFIX.get(transport)
            services = await self._services(prefix + host) if prefix else ()
            found = await self._by_services(transport, host, services)
        else:
            found = await self._by_domain(host, [t for t in able if t == "tls" or not uri.secure])
        if not found:
            raise TransportError(f"no server of {host} has an address")
        now = self._clock.now()
        return sorted(found, key=lambda endpoint: self._failed.get(endpoint, 0.0) > now)[:_MOST]

    def failed(self, endpoint: Endpoint, seconds: float = AVOIDED) -> None:
        """A server did not answer, or asked to be left alone for so long (Retry-After, RFC 3261 §21.5.4)."""
        self._failed[endpoint] = self._clock.now() + seconds
        self._failed.move_to_end(endpoint)
        if len(self._failed) > _MOST_AVOIDED:
            self._failed.popitem(last=False)

    def answers(self, endpoint: Endpoint) -> None:
        """A server is alive after all."""
        self._failed.pop(endpoint, None)

    async def _by_domain(self, domain: str, able: Sequence[TransportName]) -> list[Endpoint]:
        """No transport is given (§4.1): NAPTR chooses, else whichever SRV records there are, else UDP."""
        rules, services = await asyncio.gather(
            self._rules(domain),
            asyncio.gather(*(self._services(_PREFIX[transport] + domain) for transport in able)),
        )
        known: list[tuple[TransportName, Sequence[Service]]] = []
        for rule in sorted(rules, key=lambda rule: (rule.order, rule.preference)):
            transport = _BY_RULE.get(rule.service)
            if transport is not None and transport in able:
                known.append((transport, await self._services(rule.replacement)))
        if not any(records for _, records in known):
            known = list(zip(able, services, strict=True))
        known = [(transport, records) for transport, records in known if records]
        if not known:
            return await self._at(able[0], domain, default_port(able[0])) if able else []
        found: list[Endpoint] = []
        for transport, records in known:
            found += await self._by_services(transport, domain, records)
        return found

    async def _rules(self, domain: str) -> Sequence[Rule]:
        try:
            return await self.names.rules(domain)
        except TransportError:
            return ()  # some name servers never answer for what they do not know

    async def _services(self, name: str) -> Sequence[Service]:
        try:
            return await self.names.services(name)
        except TransportError:
            return ()

    async def _by_services(
        self, transport: TransportName, domain: str, services: Sequence[Service]
    ) -> list[Endpoint]:
        """The servers of SRV records (§4.2), or of the domain itself when it has none."""
        if not services:
            return await self._at(transport, domain, default_port(transport))
        found: list[Endpoint] = []
        for service in in_order(services, self._chance):
            if not service.target:
                continue  # "decidedly not available" (RFC 2782)
            try:
                found += await self._at(transport, service.target, service.port)
            except TransportError as error:
                _log.warning("a server of %s cannot be used: %s", domain, error)
            if len(found) >= _MOST:
                break
        return found

    async def _at(self, transport: TransportName, host: str, port: int) -> list[Endpoint]:
        addresses = [host] if _numeric(host) else await self.names.addresses(host)
        return [Endpoint(transport, address, port) for address in addresses]


def in_order(services: Sequence[Service], chance: random.Random) -> list[Service]:
    """Servers as they are to be tried: by priority, within one by lot according to weight (RFC 2782)."""
    ordered: list[Service] = []
    for priority in sorted({service.priority for service in services}):
        left = [service for service in services if service.priority == priority]
        chance.shuffle(left)
        left.sort(key=lambda service: service.weight > 0)  # so that 0 has a small chance beside the others
        while left:
            lot = chance.randint(0, sum(service.weight for service in left))
            at, running = 0, left[0].weight
            while running < lot and at + 1 < len(left):
                at += 1
                running += left[at].weight
            ordered.append(left.pop(at))
    return ordered


def default_port(transport: TransportName) -> int:
    """Where a transport listens unless it is said (RFC 3261 §19.1.2)."""
    return 5061 if transport in {"tls", "wss"} else 5060


def _transport(wanted: str, *, secure: bool) -> TransportName | None:
    match wanted:
        case "":
            return None
        case "tcp" | "tls" if secure:
            return "tls"
        case "ws" | "wss" if secure:
            return "wss"
        case "udp" if secure:
            raise TransportError("a sips address is not reached over UDP")
        case "udp" | "tcp" | "tls" | "ws" | "wss":
            return wanted
    raise TransportError(f"the transport {wanted} is not known")


def _numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
