"""``/api/simulator``: a draft tried out by a caller who types (docs/api.md, "Simulator").

The draft is compiled as a publish would compile it, and served from memory under the address that its next
version would have; the platform's services answer as in a call, by the simulator's clock, and store or send
nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from aiohttp import WSMsgType, web
from pydantic import Field, TypeAdapter, ValidationError

from vxmlplat.clock import SystemClock, VirtualClock
from vxmlplat.documents import Fetcher
from vxmlplat.errors import VxmlplatError
from vxmlplat.flows.compiler import FIRST_DOCUMENT
from vxmlplat.flows.texts import bilingual
from vxmlplat.server.bodies import Body
from vxmlplat.server.errors import ApiError, RouteError
from vxmlplat.server.families import platform_routes
from vxmlplat.server.flow_tools import compiled, readable
from vxmlplat.server.published import PUBLISHED
from vxmlplat.server.resources.live import open_socket
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Services, services_of
from vxmlplat.simulator.debugger import DebugError, read_breakpoints
from vxmlplat.simulator.faults import read_faults
from vxmlplat.simulator.inputs import InputError
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.store.errors import NotFoundError
from vxmlplat.vxml.session import SessionStart

log = logging.getLogger(__name__)

TABLE = RouteTable()

BASE = "http://simulator.invalid"
"""Where the simulated call finds the platform: a name that cannot exist (RFC 2606)."""

LONGEST_EXPRESSION = 5_000

Message = dict[str, Any]
Handler = Callable[["Desk", Message], Awaitable[None]]

HANDLERS: dict[str, Handler] = {}
"""What each type of message does."""


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register what a message of this type does; registering twice raises."""

    def register(handler: Handler) -> Handler:
        if kind in HANDLERS:
            raise RouteError(f"the simulator's message {kind!r} is registered twice")
        HANDLERS[kind] = handler
        return handler

    return register


class Start(Body):
    """The first message: the draft, who calls whom, when, and how the call is to be looked at."""

    flow: dict[str, Any]
    ani: Annotated[str, Field(max_length=64)] = ""
    dnis: Annotated[str, Field(max_length=64)] = ""
    now: datetime | None = None
    time: Literal["virtual", "real"] = "virtual"
    pause: bool = False
    breakpoints: list[Any] = Field(default_factory=list)
    faults: list[Any] = Field(default_factory=list)


@TABLE.websocket("/api/simulator", Role.AUTHOR)
async def simulator(request: web.Request) -> web.StreamResponse:
    """One simulated call after the other, for as long as the page is open."""
    services = services_of(request)
    socket = await open_socket(request, max_msg_size=services.settings.flow_limit)
    desk = Desk(services, socket)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await desk.receive(message.data)
            elif message.type is WSMsgType.BINARY:
                await desk.problem("message.invalid", "Send text.", "请发送文本。")
    finally:
        await desk.stop()
    return socket


class IdleError(VxmlplatError):
    """There is no call."""


CHINESE = {
    "debugger.running": "呼叫正在进行，请先暂停：",
    "debugger.expression": "表达式有误：",
    "debugger.beginning": "无法后退：",
    "message.invalid": "消息有误：",
}
"""What stands before the details of what cannot be done."""


class Desk:
    """One page's simulator: at most one call at a time."""

    def __init__(self, services: Services, socket: web.WebSocketResponse) -> None:
        self._services = services
        self._socket = socket
        self._session: SimulatorSession | None = None
        self._sender: asyncio.Task[None] | None = None
        self._fetcher: Fetcher | None = None
        self._stopping = False
        self._flow = ""

    async def receive(self, text: str) -> None:
        """Do what the page asks; what it got wrong is said as a ``problem``."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        kind = message.get("type") if isinstance(message, dict) else None
        handler = HANDLERS.get(kind) if isinstance(kind, str) else None
        if handler is None:
            known = ", ".join(HANDLERS)
            await self.problem("message.invalid", f"Send one of {known}.", f"请发送 {known} 之一。")
            return
        try:
            await handler(self, message)
        except InputError as error:
            await self.problem("input.invalid", str(error), str(error))
        except DebugError as error:
            await self.problem(error.code, str(error), CHINESE.get(error.code, "") + str(error))
        except IdleError:
            await self.problem("simulator.idle", "No call runs: start one.", "没有进行中的呼叫，请先开始。")

    @property
    def call(self) -> SimulatorSession:
        """The call that runs, or has ended last. Raises :class:`IdleError`."""
        if self._session is None:
            raise IdleError
        return self._session

    @property
    def flow(self) -> str:
        """The draft's id."""
        return self._flow

    async def stop(self) -> None:
        """End the call that runs, if any."""
        self._stopping = True
        if self._session is not None:
            await self._session.stop()
        if self._sender is not None:
            for failure in await asyncio.gather(self._sender, return_exceptions=True):
                if isinstance(failure, Exception):
                    log.error("a simulated call could not be shown", exc_info=failure)
        if self._fetcher is not None:
            await self._fetcher.close()
        self._session = self._sender = self._fetcher = None

    async def problem(self, code: str, english: str, chinese: str) -> None:
        """Say what is wrong with what the page sent."""
        await self.send(
            {
                "type": "problem",
                "severity": "error",
                "code": code,
                "node": None,
                "port": None,
                "field": None,
                "message": bilingual(english, chinese),
                "fix": bilingual("", ""),
            }
        )

    async def begin(self, message: Message) -> None:
        """Call the draft."""
        await self.stop()
        try:
            start = TypeAdapter(Start).validate_python(message)
            flow = self._flow = str(start.flow.get("id", ""))
            readable(start.flow, flow)
            breakpoints, faults = read_breakpoints(start.breakpoints, flow), read_faults(start.faults)
            documents = (await compiled(self._services.store, start.flow)).documents
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            text = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            await self.problem("message.invalid", text, text)
            return
        except ApiError as error:
            await self._say_problems(error)
            return
        moment = start.now or self._services.clock.wall()
        clock = VirtualClock(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
        place = f"{BASE}{PUBLISHED}{flow}/{await self._next_version(flow)}/"
        self._session = session = SimulatorSession(
            SessionStart(
                place + FIRST_DOCUMENT,
                local=_party(start.dnis),
                remote=_party(start.ani),
                protocol_name="sip",
                protocol_version="2.0",
            ),
            {place + name: text_resource(place + name, text) for name, text in documents.items()},
            fetcher=self._platform(clock),
            clock=clock,
            pace=SystemClock() if start.time == "real" else None,
            base=BASE,
            stay=True,
        )
        session.set_faults(faults)
        session.set_breakpoints(breakpoints)
        if start.pause:
            session.pause(at_start=True)
        self._stopping = False
        session.start()
        self._sender = asyncio.create_task(self._report(session))

    def _platform(self, clock: VirtualClock) -> Fetcher:
        """The platform's own services, as a rehearsal sees them by the call's time."""
        self._fetcher = Fetcher(clock)
        call = _ClockOfCall(self, clock)
        for prefix, handler in platform_routes(self._services, clock=call, rehearsal=True).items():
            self._fetcher.mount(BASE + prefix, handler)
        return self._fetcher

    async def _next_version(self, flow: str) -> int:
        try:
            versions = await self._services.store.flows.versions(flow)
        except NotFoundError:
            return 1
        return versions[0].version + 1 if versions else 1

    async def _say_problems(self, error: ApiError) -> None:
        problems = error.detail.get("problems")
        if not isinstance(problems, list) or not problems:
            await self.problem(error.code, error.message, error.message)
            return
        for problem in problems:
            await self.send({"type": "problem", **problem})

    async def _report(self, session: SimulatorSession) -> None:
        """Hand on what happens."""
        try:
            async for event in session.events():
                await self.send(event)
        except ConnectionError:
            return  # The page is closed; whoever reads from it stops the call.
        if session.end is None and not self._stopping:
            text = "The interpreter failed; the server's log has the reason."
            await self.problem("simulator.failed", text, "解释器出错，原因见服务器日志。")

    def clock(self, otherwise: VirtualClock) -> VirtualClock:
        """The clock of the call that runs."""
        return otherwise if self._session is None else self._session.clock

    async def send(self, message: Message) -> None:
        """Tell the page something."""
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(message, ensure_ascii=False, default=str))


@handles("start")
async def _start(desk: Desk, message: Message) -> None:
    await desk.begin({name: value for name, value in message.items() if name != "type"})


@handles("input")
async def _input(desk: Desk, message: Message) -> None:
    desk.call.feed(message)


@handles("stop")
async def _stop(desk: Desk, _: Message) -> None:
    await desk.stop()


@handles("faults")
async def _faults(desk: Desk, message: Message) -> None:
    desk.call.set_faults(read_faults(message.get("faults")))


@handles("breakpoints")
async def _breakpoints(desk: Desk, message: Message) -> None:
    desk.call.set_breakpoints(read_breakpoints(message.get("breakpoints"), desk.flow))


@handles("pause")
async def _pause(desk: Desk, _: Message) -> None:
    desk.call.pause()


@handles("continue")
async def _continue(desk: Desk, _: Message) -> None:
    desk.call.resume()


@handles("step")
async def _step(desk: Desk, _: Message) -> None:
    desk.call.step()


@handles("run_to")
async def _run_to(desk: Desk, message: Message) -> None:
    desk.call.run_to(_text(message, "flow", desk.flow), _text(message, "node"))


@handles("back")
async def _back(desk: Desk, message: Message) -> None:
    step = message.get("step")
    if step is not None and (not isinstance(step, int) or isinstance(step, bool)):
        raise DebugError("message.invalid", "step must be a number")
    await desk.call.back(step)


@handles("forget")
async def _forget(desk: Desk, _: Message) -> None:
    desk.call.forget_ahead()


@handles("set")
async def _set(desk: Desk, message: Message) -> None:
    desk.call.assign(_text(message, "name"), _text(message, "value"))


@handles("evaluate")
async def _evaluate(desk: Desk, message: Message) -> None:
    expression = _text(message, "expression")
    await desk.send({"type": "value", "expression": expression, "value": desk.call.evaluate(expression)})


def _text(message: Message, name: str, otherwise: str | None = None) -> str:
    value = message.get(name, otherwise)
    if not isinstance(value, str) or not value or len(value) > LONGEST_EXPRESSION:
        raise DebugError("message.invalid", f"{name} must be a text of 1 to {LONGEST_EXPRESSION} characters")
    return value


class _ClockOfCall:
    """The time of the call that runs, which is another clock after each step back."""

    def __init__(self, desk: Desk, first: VirtualClock) -> None:
        self._desk = desk
        self._first = first

    def now(self) -> float:
        """Seconds of the call."""
        return self._desk.clock(self._first).now()

    def wall(self) -> datetime:
        """The call's date and time."""
        return self._desk.clock(self._first).wall()

    async def sleep(self, seconds: float) -> None:
        """Sleep by the call's clock."""
        await self._desk.clock(self._first).sleep(seconds)


def _party(number: str) -> str:
    """A number as a call's address."""
    return number if ":" in number or not number else f"tel:{number}"
