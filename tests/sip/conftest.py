"""A network in memory and in virtual time, scripted peers on it, and user agents under test."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from vxmlplat.clock import VirtualClock
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.leg import Leg
from vxmlplat.sip.message import Request, Response, parse
from vxmlplat.sip.names import Rule, Service
from vxmlplat.sip.network import Network
from vxmlplat.sip.settings import Listen, Timers, UserAgentConfig
from vxmlplat.sip.transport import Endpoint, Flow

Address = tuple[str, int]
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 20000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)
SDP2 = SDP.replace("o=- 1 1", "o=- 1 2").replace("20000", "20002")


class Wire:
    """Carries datagrams between addresses; may lose, double and reorder them, always the same way for one
    seed."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.ends: dict[Address, Callable[[bytes, Flow], None]] = {}
        self.random = random.Random(1)
        self.loss = 0.0
        self.duplication = 0.0
        self.delay = (0.0, 0.0)
        self.log: list[tuple[float, Address, Address, bytes]] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.reliable: set[Address] = set()

    def send(self, source: Address, target: Address, data: bytes) -> None:
        self.log.append((self.clock.now(), source, target, data))
        copies = 1
        if self.random.random() < self.loss:
            copies = 0
        elif self.random.random() < self.duplication:
            copies = 2
        for _ in range(copies):
            task = asyncio.get_running_loop().create_task(self._deliver(source, target, data))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _deliver(self, source: Address, target: Address, data: bytes) -> None:
        wait = self.random.uniform(*self.delay)
        if wait:
            await self.clock.sleep(wait)
        receive = self.ends.get(target)
        if receive is not None:
            receive(data, MemoryFlow(self, target, source))


class MemoryFlow(Flow):
    """A way over the wire. Addresses in ``wire.reliable`` behave like a TCP connection."""

    def __init__(self, wire: Wire, local: Address, remote: Address) -> None:
        self.wire = wire
        self._local = local
        self.remote = remote
        self.reliable = local in wire.reliable or remote in wire.reliable
        self.transport = "tcp" if self.reliable else "udp"

    @property
    def local(self) -> Address:
        return self._local

    @property
    def alive(self) -> bool:
        return True

    def send(self, data: bytes) -> None:
        if self.remote[1] == 1:
            raise TransportError("refused by the test")
        self.wire.send(self._local, self.remote, data)

    def to(self, remote: Address) -> Flow:
        return self if self.reliable else MemoryFlow(self.wire, self._local, remote)


def memory_network(wire: Wire) -> type[Network]:
    class MemoryNetwork(Network):
        async def open(self) -> None:
            listen = self._config.listen[0]
            self.at = (listen.host, listen.port)
            wire.ends[self.at] = self._on_receive
            self.addresses.append(("udp", *self.at))

        async def flow(self, endpoint: Endpoint, name: str | None = None) -> Flow:
            return MemoryFlow(wire, self.at, (endpoint.host, endpoint.port))

        async def close(self) -> None:
            wire.ends.pop(self.at, None)

    return MemoryNetwork


class NameTable:
    """The names that a test knows: NAPTR, SRV and addresses by name."""

    def __init__(self) -> None:
        self.naptr: dict[str, list[Rule]] = {}
        self.srv: dict[str, list[Service]] = {}
        self.hosts: dict[str, list[str]] = {}
        self.asked: list[str] = []

    async def rules(self, domain: str) -> list[Rule]:
        self.asked.append(domain)
        return self.naptr.get(domain, [])

    async def services(self, name: str) -> list[Service]:
        self.asked.append(name)
        return self.srv.get(name, [])

    async def addresses(self, host: str) -> list[str]:
        if host not in self.hosts:
            raise TransportError(f"the name {host} has no address")
        return self.hosts[host]


class Peer:
    """A scripted peer: sends what the test writes, remembers what it gets."""

    def __init__(self, wire: Wire, host: str = "192.0.2.7", port: int = 5070) -> None:
        self.wire = wire
        self.at = (host, port)
        self.ua = ("192.0.2.1", 5060)
        self.received: list[Request | Response] = []
        self.on_message: Callable[[Request | Response], None] | None = None
        self.branch = 0
        wire.ends[self.at] = self._receive

    def _receive(self, data: bytes, flow: Flow) -> None:
        if not data.strip():
            return  # it keeps a way open
        message = parse(data)
        self.received.append(message)
        if self.on_message is not None:
            self.on_message(message)

    def send(self, data: bytes | str) -> None:
        self.wire.send(self.at, self.ua, data.encode() if isinstance(data, str) else data)

    def request(
        self,
        method: str,
        cseq: int = 1,
        *,
        to_tag: str = "",
        branch: str | None = None,
        call_id: str = "c1",
        extra: str = "",
        body: str = "",
        from_tag: str = "ft",
        kind: str = "application/sdp",
        uri: str = "sip:100@192.0.2.1",
        drop: tuple[str, ...] = (),
    ) -> bytes:
        self.branch += 1
        host, port = self.at
        to = f"<sip:100@192.0.2.1>{';tag=' + to_tag if to_tag else ''}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch or f'p{self.branch}'};rport",
            f'From: "Anna" <sip:anna@{host}>;tag={from_tag}',
            f"To: {to}",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:anna@{host}:{port}>",
            "Max-Forwards: 70",
        ]
        lines = [line for line in lines if line.split(":")[0] not in drop]
        if body:
            lines.append(f"Content-Type: {kind}")
        text = "\r\n".join(lines) + "\r\n" + extra + f"Content-Length: {len(body.encode())}\r\n\r\n" + body
        return text.encode()

    def reply(
        self,
        request: Request,
        status: int,
        *,
        to_tag: str = "pt",
        extra: str = "",
        body: str = "",
        contact: bool = True,
        reason: str = "X",
    ) -> None:
        via = "".join(f"Via: {v}\r\n" for v in request.all("Via"))
        to = request.get("To") or ""
        if to_tag and "tag=" not in to and status > 100:
            to += f";tag={to_tag}"
        rr = "".join(f"Record-Route: {v}\r\n" for v in request.all("Record-Route"))
        text = (
            f"SIP/2.0 {status} {reason}\r\n{via}{rr}From: {request.get('From')}\r\nTo: {to}\r\n"
            f"Call-ID: {request.call_id}\r\nCSeq: {request.get('CSeq')}\r\n"
        )
        if contact:
            text += f"Contact: <sip:bob@{self.at[0]}:{self.at[1]}>\r\n"
        if body:
            text += "Content-Type: application/sdp\r\n"
        self.send(text + extra + f"Content-Length: {len(body.encode())}\r\n\r\n" + body)

    def statuses(self) -> list[int]:
        return [m.status for m in self.received if isinstance(m, Response)]

    def requests(self, method: str | None = None) -> list[Request]:
        return [m for m in self.received if isinstance(m, Request) and method in {None, m.method}]

    def responses(self, status: int) -> list[Response]:
        return [m for m in self.received if isinstance(m, Response) and m.status == status]

    def last(self) -> Request | Response:
        return self.received[-1]

    def clear(self) -> None:
        self.received.clear()


class World:
    """One clock, one wire, and what stands on it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.wire = Wire(self.clock)
        self.agents: list[UserAgent] = []
        self.legs: list[Leg] = []
        self.names = NameTable()

    async def agent(
        self,
        host: str = "192.0.2.1",
        handler: Callable[[Leg], Awaitable[None]] | None = None,
        **options: object,
    ) -> UserAgent:
        settings: dict[str, object] = {
            "listen": (Listen("udp", host, 5060),),
            "open_to_all": True,
            "timers": Timers(session_expires=0),
        }
        registrar = options.pop("registrar", None)
        policy = options.pop("policy", None)
        settings.update(options)
        config = UserAgentConfig(**settings)  # type: ignore[arg-type]
        agent = UserAgent(
            config,
            self.clock,
            registrar=registrar,  # type: ignore[arg-type]
            policy=policy,  # type: ignore[arg-type]
            network=memory_network(self.wire),
            names=self.names,
        )

        async def keep(leg: Leg) -> None:
            self.legs.append(leg)
            if handler is not None:
                await handler(leg)

        agent.on_invite = keep
        await agent.start()
        self.agents.append(agent)
        return agent

    def peer(self, host: str = "192.0.2.7", port: int = 5070) -> Peer:
        return Peer(self.wire, host, port)

    async def run(self, seconds: float = 0.0) -> None:
        await self.clock.advance(seconds)

    def call(self, agent: UserAgent, target: str = "sip:bob@192.0.2.7:5070", **options: object) -> Leg:
        options.setdefault("sdp", SDP)
        leg = agent.invite(OutboundCall(target, **options))  # type: ignore[arg-type]
        self.legs.append(leg)
        return leg

    def back_at_base(self) -> None:
        for agent in self.agents:
            counters = agent.counters
            held = (
                counters.legs,
                counters.dialogs,
                counters.client_transactions,
                counters.server_transactions,
                len(agent.table.invites),
                len(agent._tasks),
            )
            assert held == (0, 0, 0, 0, 0, 0), held


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    world.wire.loss = 1.0
    for agent in world.agents:
        stopping = asyncio.ensure_future(agent.stop())
        await world.run(40)
        await asyncio.wait_for(stopping, 5)
    for task in list(world.wire.tasks):
        task.cancel()
    await asyncio.gather(*world.wire.tasks, return_exceptions=True)


def events_of(leg: Leg) -> list[object]:
    """Everything the leg has said so far."""
    found: list[object] = []
    leg.on_event = found.append
    leg.on_event = None
    return found


def established(world: World, peer: Peer) -> str:
    """Our tag in the call that the peer made."""
    return (
        next(m.to.tag for m in reversed(peer.received) if isinstance(m, Response) and m.status == 200) or ""
    )


@pytest.fixture
def sdp() -> str:
    return SDP


@pytest.fixture
def sdp2() -> str:
    return SDP2


@pytest.fixture
def new_world() -> Callable[[], World]:
    """Makes a world inside an event loop of the test's own."""
    return World
