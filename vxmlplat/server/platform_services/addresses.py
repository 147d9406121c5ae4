"""Which addresses a flow's web request may reach.

A flow is written by an author, the network behind the platform belongs to the operator: loopback, private and
link-local addresses (a cloud's metadata, a router's page) are out of reach unless the operator allows the
host. Names are resolved here and the connection is made to the address that was judged, so a name cannot
change in between.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from vxmlplat.server.errors import ServerError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Networks that carry an IPv4 address inside (RFC 6052, RFC 3056, RFC 4380).
_TUNNELS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


class ForbiddenAddressError(ServerError):
    """The operator does not let flows reach this address."""

    def __init__(self, host: str) -> None:
        super().__init__(f"flows may not reach {host}: the operator can allow it (allowed_hosts)")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    try:
        ip: IPAddress = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in _TUNNELS):
            return False
    return ip.is_global and not ip.is_multicast


def is_ip_literal(host: str) -> bool:
    """Whether a host of a URL is an address and not a name; resolvers never see these."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, those of allowed hosts to any."""

    def __init__(self, allowed: Callable[[str, int], bool], inner: AbstractResolver | None = None) -> None:
        self._allowed = allowed
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a name; raises :class:`ForbiddenAddressError` when it has others only."""
        found = await self._inner.resolve(host, port, family)
        if not self._allowed(host, port):
            found = [one for one in found if is_public(one["host"])]
        if not found:
            raise ForbiddenAddressError(host)
        return found

    async def close(self) -> None:
        """Let go of the resolver behind."""
        await self._inner.close()
