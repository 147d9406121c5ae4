"""``/api/simulator``: a draft tried out by a caller who types (docs/api.md, "Simulator").

The draft is compiled as a publish would compile it, and served from memory under the address that its next
version would have; the platform's services answer as in a call, by the simulator's clock, and store or send
nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from aiohttp import WSMsgType, web
from pydantic import Field, TypeAdapter, ValidationError

from vxmlplat.analytics.step import Step as Breadcrumb
from vxmlplat.calls.trail import Trail
from vxmlplat.clock import VirtualClock
from vxmlplat.documents import Fetcher
from vxmlplat.flows.compiler import FIRST_DOCUMENT
from vxmlplat.flows.texts import bilingual
from vxmlplat.server.bodies import Body
from vxmlplat.server.errors import ApiError
from vxmlplat.server.families import platform_routes
from vxmlplat.server.flow_tools import compiled, readable
from vxmlplat.server.published import PUBLISHED
from vxmlplat.server.resources.live import open_socket
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Services, services_of
from vxmlplat.simulator.inputs import InputError
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.store.errors import NotFoundError
from vxmlplat.vxml.platform import Step
from vxmlplat.vxml.session import SessionStart

log = logging.getLogger(__name__)

TABLE = RouteTable()

BASE = "http://simulator.invalid"
"""Where the simulated call finds the platform: a name that cannot exist (RFC 2606)."""

Message = dict[str, Any]


class Start(Body):
    """The first message: the draft, who calls whom, and when."""

    flow: dict[str, Any]
    ani: Annotated[str, Field(max_length=64)] = ""
    dnis: Annotated[str, Field(max_length=64)] = ""
    now: datetime | None = None


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


class Desk:
    """One page's simulator: at most one call at a time."""

    def __init__(self, services: Services, socket: web.WebSocketResponse) -> None:
        self._services = services
        self._socket = socket
        self._session: SimulatorSession | None = None
        self._sender: asyncio.Task[None] | None = None
        self._fetcher: Fetcher | None = None
        self._stopping = False

    async def receive(self, text: str) -> None:
        """Do what the page asks; what it got wrong is said as a ``problem``."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "start":
            await self.stop()
            await self._start({name: value for name, value in message.items() if name != "type"})
        elif kind == "input":
            await self._feed(message)
        elif kind == "stop":
            await self.stop()
        else:
            await self.problem(
                "message.invalid", "Send start, input or stop.", "请发送 start、input 或 stop。"
            )

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
        await self._send(
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

    async def _feed(self, message: Message) -> None:
        if self._session is None:
            await self.problem("simulator.idle", "No call runs: start one.", "没有进行中的呼叫，请先开始。")
            return
        try:
            self._session.feed(message)
        except InputError as error:
            await self.problem("input.invalid", str(error), str(error))

    async def _start(self, message: Message) -> None:
        try:
            start = TypeAdapter(Start).validate_python(message)
            flow = str(start.flow.get("id", ""))
            readable(start.flow, flow)
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
        self._fetcher = Fetcher(clock)
        for prefix, handler in platform_routes(self._services, clock=clock, rehearsal=True).items():
            self._fetcher.mount(BASE + prefix, handler)
        beginning = SessionStart(
            place + FIRST_DOCUMENT,
            local=_party(start.dnis),
            remote=_party(start.ani),
            protocol_name="sip",
            protocol_version="2.0",
        )
        resources = {place + name: text_resource(place + name, text) for name, text in documents.items()}
        self._stopping = False
        self._session = SimulatorSession(beginning, resources, fetcher=self._fetcher, clock=clock)
        self._session.start()
        self._sender = asyncio.create_task(self._report(self._session, clock))

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
            await self._send({"type": "problem", **problem})

    async def _report(self, session: SimulatorSession, clock: VirtualClock) -> None:
        """Hand on what happens; the steps as the report of a real call would have them."""
        steps = _steps(session.session.id, clock)
        try:
            async for event in session.events():
                for message in steps(event) if event["type"] == "step" else [event]:
                    await self._send(message)
        except ConnectionError:
            return  # The page is closed; whoever reads from it stops the call.
        if session.end is None and not self._stopping:
            text = "The interpreter failed; the server's log has the reason."
            await self.problem("simulator.failed", text, "解释器出错，原因见服务器日志。")

    async def _send(self, message: Message) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(message, ensure_ascii=False, default=str))


def _steps(session: str, clock: VirtualClock) -> Callable[[Message], list[Message]]:
    """From an interpreter's step to those of the report: parts of one node are one, sub-flows are entered."""
    found: list[Breadcrumb] = []
    trail = Trail(uuid.uuid4().hex, session, clock, found.append)

    def convert(event: Message) -> list[Message]:
        found.clear()
        trail.step(
            Step(
                session,
                event["document"],
                event["from"],
                event["to"],
                event["reason"],
                event["port"],
                event["fields"],
            )
        )
        return [
            {
                "type": "step",
                "t": event["t"],
                "flow": step.flow,
                "version": step.version,
                "from": step.from_node,
                "port": step.port,
                "to": step.to_node,
                "reason": step.reason,
                "fields": dict(step.fields),
            }
            for step in found
        ]

    return convert


def _party(number: str) -> str:
    """A number as a call's address."""
    return number if ":" in number or not number else f"tel:{number}"
