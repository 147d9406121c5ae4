"""The network as the user agent sees it: listening points, connections, names, and ways to a URI (RFC
3263)."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import ssl
from collections.abc import Callable

from vxmlplat.sip.errors import ConfigurationProblem, TransportError
from vxmlplat.sip.location import Locator, default_port
from vxmlplat.sip.settings import Listen, TransportName, UserAgentConfig
from vxmlplat.sip.stream import StreamFlow, client_context, server_context
from vxmlplat.sip.transport import Endpoint, Flow, ReceiveCallback, bracketed
from vxmlplat.sip.udp import UdpEndpoint, UdpFlow, address_facing
from vxmlplat.sip.uri import SipUri

_log = logging.getLogger(__name__)
CONNECT_TIMEOUT = 5.0
_HINTS = {
    errno.EADDRINUSE: " (is another SIP server running on this machine?)",
    errno.EADDRNOTAVAIL: " (this machine has no such address)",
    errno.EACCES: " (ports below 1024 need the right to bind them)",
}


_Named = tuple[Endpoint, str]
"""Where a connection of ours leads, and, over TLS, the name that the certificate there was checked for."""


class Network:
    """All sockets of one user agent."""

    def __init__(
        self,
        config: UserAgentConfig,
        on_receive: ReceiveCallback,
        on_lost: Callable[[Flow], None],
        locator: Locator,
    ) -> None:
        self._config = config
        self.locator = locator
        self._on_receive = on_receive
        self._on_lost = on_lost
        by_datagram = any(listen.transport == "udp" for listen in config.listen)
        self._able: tuple[TransportName, ...] = ("udp", "tcp", "tls") if by_datagram else ("tcp", "tls")
        self._udp: list[UdpEndpoint] = []
        self._servers: list[asyncio.Server] = []
        self._connections: set[StreamFlow] = set()
        self._outgoing: dict[_Named, StreamFlow] = {}
        self._connecting: dict[_Named, asyncio.Task[StreamFlow]] = {}
        self._ports: dict[TransportName, list[tuple[Listen, str, int]]] = {}
        self._client_tls: ssl.SSLContext | None = None
        self.addresses: list[tuple[TransportName, str, int]] = []

    async def open(self) -> None:
        """Bind everything. Raises ConfigurationProblem; what was bound before is closed again."""
        try:
            for listen in self._config.listen:
                try:
                    await self._open(listen)
                except OSError as error:
                    why = os.strerror(error.errno) if error.errno else str(error)
                    hint = _HINTS.get(error.errno or 0, "")
                    raise ConfigurationProblem(
                        f"cannot listen on {listen.transport} {listen.host} port {listen.port}: {why}{hint}"
                    ) from error
        except BaseException:
            await self.close()
            raise

    async def _open(self, listen: Listen) -> None:
        host, port = listen.host, listen.port
        if listen.transport == "udp":
            endpoint = UdpEndpoint(listen, self._on_receive)
            endpoint.open()
            self._udp.append(endpoint)
            host, port = endpoint.host, endpoint.port
        elif listen.transport in {"tcp", "tls"}:
            context = server_context(listen) if listen.transport == "tls" else None
            server = await asyncio.get_running_loop().create_server(
                lambda: self._stream(listen.transport), host, port, ssl=context, backlog=1024
            )
            self._servers.append(server)
            host, port = server.sockets[0].getsockname()[:2]
        # ws and wss: the web server listens; the entry says what Contact tells such peers.
        self._ports.setdefault(listen.transport, []).append((listen, host, port))
        self.addresses.append((listen.transport, host, port))

    def _stream(self, transport: TransportName) -> StreamFlow:
        return StreamFlow(
            transport,
            self._config.limits,
            self._on_receive,
            self._opened,
            self._closed,
            lambda peer: self.local_address(transport, peer),
        )

    def _opened(self, flow: StreamFlow) -> bool:
        if len(self._connections) >= self._config.limits.connections:
            idle = min(self._connections, key=lambda f: f.used)
            if asyncio.get_running_loop().time() - idle.used < self._config.limits.connection_idle:
                _log.warning("connection from %s port %s refused: too many", *flow.remote)
                return False
            idle.abort()
        self._connections.add(flow)
        return True

    def _closed(self, flow: StreamFlow) -> None:
        self._connections.discard(flow)
        for where in [w for w, f in self._outgoing.items() if f is flow]:
            del self._outgoing[where]
        self._on_lost(flow)

    def local_address(self, transport: TransportName, peer: str) -> tuple[str, int]:
        """Our address for Via and Contact on a transport, as this peer should know it."""
        points = self._ports.get(transport)
        if not points:
            return address_facing(peer) or "127.0.0.1", default_port(transport)
        same_family = [point for point in points if (":" in point[1]) == (":" in peer)] or points
        facing = address_facing(peer) if len(same_family) > 1 else None
        listen, host, port = next((p for p in same_family if p[1] == facing), same_family[0])
        if listen.advertise:
            return listen.advertise, port
        if host in {"0.0.0.0", "::"}:  # noqa: S104 - a comparison, nothing is bound here
            return facing or address_facing(peer) or host, port
        return host, port

    async def endpoints(self, uri: SipUri) -> list[Endpoint]:
        """Where a URI leads, in order of preference (RFC 3263). Raises TransportError."""
        return await self.locator.locate(uri, self._able)

    def listens(self, transport: TransportName) -> bool:
        """Whether peers can come to us over a transport."""
        return transport in self._ports

    def _udp_flow(self, endpoint: Endpoint) -> Flow | None:
        """From the socket of the peer's family, the one on the address that faces it where there are
        several."""
        able = [udp for udp in self._udp if (":" in udp.host) == (":" in endpoint.host) and not udp.closed]
        if not able:
            return None
        facing = address_facing(endpoint.host) if len(able) > 1 else None
        udp = next((udp for udp in able if udp.host == facing), able[0])
        return UdpFlow(udp, (endpoint.host, endpoint.port))

    async def flow(self, endpoint: Endpoint, name: str | None = None) -> Flow:
        """A flow to a peer, connecting if need be. ``name`` is what its certificate must say. Raises
        TransportError."""
        if endpoint.transport not in {"tcp", "tls"}:
            found = self._udp_flow(endpoint) if endpoint.transport == "udp" else None
            if found is not None:
                return found
            raise TransportError(f"no way to {endpoint.host} over {endpoint.transport}: not listening there")
        # A certificate that was good for one domain says nothing of another at the same address (RFC 5923).
        where = endpoint, (name or endpoint.host) if endpoint.transport == "tls" else ""
        ready = self._outgoing.get(where)
        if ready is not None and ready.alive:
            return ready
        task = self._connecting.get(where)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._connect(*where), name="sip connect")
            self._connecting[where] = task
            task.add_done_callback(lambda _: self._connecting.pop(where, None))
        return await asyncio.shield(task)

    async def _connect(self, endpoint: Endpoint, name: str) -> StreamFlow:
        context: ssl.SSLContext | None = None
        if endpoint.transport == "tls":
            if self._client_tls is None:
                self._client_tls = client_context(self._config.client_tls)
            context = self._client_tls
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                _, flow = await asyncio.get_running_loop().create_connection(
                    lambda: self._stream(endpoint.transport),
                    endpoint.host,
                    endpoint.port,
                    ssl=context,
                    server_hostname=name if context else None,
                )
        except (OSError, TimeoutError) as error:
            raise TransportError(
                f"cannot connect to {bracketed(endpoint.host)}:{endpoint.port} over {endpoint.transport}: "
                f"{str(error) or 'no answer'}"
            ) from error
        if not flow.alive:
            raise TransportError("the connection was closed at once")
        self._outgoing[endpoint, name] = flow
        return flow

    async def close(self) -> None:
        """Close all sockets and wait until they are gone."""
        for task in list(self._connecting.values()):
            task.cancel()
        if self._connecting:
            await asyncio.gather(*self._connecting.values(), return_exceptions=True)
        for server in self._servers:
            server.close()
        connections = list(self._connections)
        for flow in connections:
            flow.close()
        for flow in connections:
            try:
                async with asyncio.timeout(1.0):
                    await flow.closed.wait()
            except TimeoutError:
                flow.abort()
                await flow.closed.wait()
        for server in self._servers:
            await server.wait_closed()
        for endpoint in self._udp:
            endpoint.close()
        self._udp.clear()
        self._servers.clear()
