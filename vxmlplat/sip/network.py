"""The network as the user agent sees it: listening points, connections, names, and ways to a URI (RFC
3263)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable

from vxmlplat.sip.errors import ConfigurationProblem, TransportError
from vxmlplat.sip.settings import Listen, TransportName, UserAgentConfig
from vxmlplat.sip.stream import StreamFlow, client_context, server_context
from vxmlplat.sip.transport import Endpoint, Flow, ReceiveCallback, bracketed
from vxmlplat.sip.udp import UdpEndpoint, UdpFlow, address_facing
from vxmlplat.sip.uri import SipUri

_log = logging.getLogger(__name__)
CONNECT_TIMEOUT = 5.0
Resolver = Callable[[str, int, TransportName], Awaitable[list[tuple[str, int]]]]
"""Addresses and ports of a host name, in the order in which they are to be tried."""


async def resolve_addresses(host: str, port: int, transport: TransportName) -> list[tuple[str, int]]:
    """A and AAAA records by the system's resolver. Raises TransportError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TransportError(f"the name {host} has no address: {error}") from error
    return list(dict.fromkeys((str(info[4][0]), int(info[4][1])) for info in found))


class Network:
    """All sockets of one user agent."""

    def __init__(
        self,
        config: UserAgentConfig,
        on_receive: ReceiveCallback,
        on_lost: Callable[[Flow], None],
        resolver: Resolver = resolve_addresses,
    ) -> None:
        self._config = config
        self._on_receive = on_receive
        self._on_lost = on_lost
        self._resolver = resolver
        self._udp: list[UdpEndpoint] = []
        self._servers: list[asyncio.Server] = []
        self._connections: set[StreamFlow] = set()
        self._by_endpoint: dict[Endpoint, StreamFlow] = {}
        self._connecting: dict[Endpoint, asyncio.Task[StreamFlow]] = {}
        self._ports: dict[TransportName, tuple[Listen, str, int]] = {}
        self._client_tls: ssl.SSLContext | None = None
        self.addresses: list[tuple[TransportName, str, int]] = []

    async def open(self) -> None:
        """Bind everything. Raises ConfigurationProblem; what was bound before is closed again."""
        try:
            for listen in self._config.listen:
                try:
                    await self._open(listen)
                except OSError as error:
                    raise ConfigurationProblem(
                        f"cannot listen on {listen.transport} {listen.host} port {listen.port}: {error}"
                    ) from error
        except BaseException:
            await self.close()
            raise

    async def _open(self, listen: Listen) -> None:
        host, port = listen.host, listen.port
        if listen.transport == "udp":
            endpoint = UdpEndpoint(listen, self._on_receive)
            await endpoint.open()
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
        self._ports.setdefault(listen.transport, (listen, host, port))
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
        for endpoint in [e for e, f in self._by_endpoint.items() if f is flow]:
            del self._by_endpoint[endpoint]
        self._on_lost(flow)

    def local_address(self, transport: TransportName, peer: str) -> tuple[str, int]:
        """Our address for Via and Contact on a transport, as this peer should know it."""
        known = self._ports.get(transport)
        if known is None:
            return address_facing(peer) or "127.0.0.1", 5061 if transport in {"tls", "wss"} else 5060
        listen, host, port = known
        if listen.advertise:
            return listen.advertise, port
        if host in {"0.0.0.0", "::"}:  # noqa: S104 - a comparison, nothing is bound here
            return address_facing(peer) or host, port
        return host, port

    async def endpoints(self, uri: SipUri) -> list[Endpoint]:
        """Where a URI leads, in order of preference. Raises TransportError."""
        wanted = (uri.parameter("transport") or "").lower()
        transport: TransportName
        match wanted:
            case "udp" | "tcp" | "tls" | "ws" | "wss":
                transport = wanted
            case "":
                transport = "tls" if uri.secure else "udp"
            case _:
                raise TransportError(f"the transport {wanted} is not known")
        if uri.secure and transport == "tcp":
            transport = "tls"
        host = (uri.parameter("maddr") or uri.address).strip("[]")
        port = uri.port or (5061 if transport in {"tls", "wss"} else 5060)
        try:
            ipaddress.ip_address(host)
            return [Endpoint(transport, host, port)]
        except ValueError:
            found = await self._resolver(host, port, transport)
            return [Endpoint(transport, address, number) for address, number in found]

    def flow_now(self, endpoint: Endpoint) -> Flow | None:
        """A flow that needs no waiting: UDP, or a connection that stands."""
        if endpoint.transport == "udp":
            ipv6 = ":" in endpoint.host
            for udp in self._udp:
                if (":" in udp.host) == ipv6 and not udp.closed:
                    return UdpFlow(udp, (endpoint.host, endpoint.port))
            return None
        flow = self._by_endpoint.get(endpoint)
        return flow if flow is not None and flow.alive else None

    async def flow(self, endpoint: Endpoint, name: str | None = None) -> Flow:
        """A flow to a peer, connecting if need be. ``name`` is what its certificate must say. Raises
        TransportError."""
        ready = self.flow_now(endpoint)
        if ready is not None:
            return ready
        if endpoint.transport not in {"tcp", "tls"}:
            raise TransportError(f"no way to {endpoint.host} over {endpoint.transport}: not listening there")
        task = self._connecting.get(endpoint)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._connect(endpoint, name), name="sip connect")
            self._connecting[endpoint] = task
            task.add_done_callback(lambda _: self._connecting.pop(endpoint, None))
        return await asyncio.shield(task)

    async def _connect(self, endpoint: Endpoint, name: str | None) -> StreamFlow:
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
                    server_hostname=(name or endpoint.host) if context else None,
                )
        except (OSError, TimeoutError) as error:
            raise TransportError(
                f"cannot connect to {bracketed(endpoint.host)}:{endpoint.port} over {endpoint.transport}: "
                f"{str(error) or 'no answer'}"
            ) from error
        if not flow.alive:
            raise TransportError("the connection was closed at once")
        self._by_endpoint[endpoint] = flow
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
            await endpoint.close()
        self._udp.clear()
        self._servers.clear()
