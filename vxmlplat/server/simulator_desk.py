"""One page's simulator: the draft, the call that runs, and what the page is told (docs/api.md, "Simulator").

The draft is compiled as a publish would compile it, and served from memory under the address that its next
version would have; the platform's services answer as in a call, by the simulator's clock, and store or send
nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, TypeAdapter, ValidationError

from vxmlplat.clock import SystemClock, VirtualClock
from vxmlplat.documents import Fetcher, Resource, RouteRequest, RouteResponse
from vxmlplat.documents.fetcher import RouteHandler
from vxmlplat.errors import VxmlplatError
from vxmlplat.flows.compiler import FIRST_DOCUMENT
from vxmlplat.flows.texts import bilingual
from vxmlplat.media.errors import MediaError
from vxmlplat.server.bodies import Body
from vxmlplat.server.errors import ApiError
from vxmlplat.server.families import platform_routes
from vxmlplat.server.flow_tools import compiled, readable
from vxmlplat.server.published import PUBLISHED
from vxmlplat.server.services import Services
from vxmlplat.server.voice_call import VoiceCall
from vxmlplat.simulator.debugger import read_breakpoints
from vxmlplat.simulator.faults import read_faults
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.simulated_clock import PacedClock
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.session import SessionStart

log = logging.getLogger(__name__)

BASE = "http://simulator.invalid"
"""Where the simulated call finds the platform: a name that cannot exist (RFC 2606)."""

Message = dict[str, Any]


class Start(Body):
    """The first message: the draft, who calls whom, when, and how the call is to be looked at."""

    flow: dict[str, Any]
    ani: Annotated[str, Field(max_length=64)] = ""
    dnis: Annotated[str, Field(max_length=64)] = ""
    now: datetime | None = None
    time: Literal["virtual", "real", "voice"] = "virtual"
    pause: bool = False
    breakpoints: list[Any] = Field(default_factory=list)
    faults: list[Any] = Field(default_factory=list)


class IdleError(VxmlplatError):
    """There is no call."""


class Desk:
    """One page's simulator: at most one call at a time."""

    def __init__(self, services: Services, socket: web.WebSocketResponse) -> None:
        self._services = services
        self._socket = socket
        self._session: SimulatorSession | VoiceCall | None = None
        self._senders: list[asyncio.Task[None]] = []
        self._fetcher: Fetcher | None = None
        self._stopping = False
        self._flow = ""

    @property
    def call(self) -> SimulatorSession | VoiceCall:
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
        for task in self._senders[1:]:
            task.cancel()  # sound has no end of its own
        for failure in await asyncio.gather(*self._senders, return_exceptions=True):
            if isinstance(failure, Exception):
                log.error("a simulated call could not be shown", exc_info=failure)
        if self._fetcher is not None:
            await self._fetcher.close()
        self._session = self._fetcher = None
        self._senders = []

    def speak(self, sound: bytes) -> None:
        """The page's microphone; of no use but in a spoken call."""
        if isinstance(self._session, VoiceCall):
            self._session.speak(sound)

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
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        place = f"{BASE}{PUBLISHED}{flow}/{await self._services.store.flows.next_version(flow)}/"
        beginning = SessionStart(
            place + FIRST_DOCUMENT,
            local=_party(start.dnis),
            remote=_party(start.ani),
            protocol_name="sip",
            protocol_version="2.0",
        )
        resources = {place + name: text_resource(place + name, text) for name, text in documents.items()}
        if start.time == "voice":
            self._session = await self._spoken(beginning, place, resources, moment)
            if self._session is None:
                return
        else:
            clock = VirtualClock(moment)
            self._session = SimulatorSession(
                beginning,
                resources,
                fetcher=self._platform(clock),
                clock=clock,
                pace=SystemClock() if start.time == "real" else None,
                base=BASE,
                stay=True,
            )
        self._session.set_faults(faults)
        self._session.set_breakpoints(breakpoints)
        if start.pause:
            self._session.pause(at_start=True)
        self._stopping = False
        self._senders = [asyncio.create_task(self._report(self._session))]
        if isinstance(self._session, VoiceCall):
            self._senders.append(asyncio.create_task(self._play(self._session)))
            await self._session.begin(SystemClock())
        else:
            self._session.start()

    async def _spoken(
        self, start: SessionStart, place: str, resources: Mapping[str, Resource], moment: datetime
    ) -> VoiceCall | None:
        """A spoken call that is set up; None when there can be none, which is said."""
        if self._services.voice is None:
            text = "No media plane runs here: call by text."
            await self.problem("simulator.no_voice", text, "此处没有运行媒体服务，请改用文字呼叫。")
            return None
        clock = PacedClock(SystemClock(), moment)
        fetcher = self._platform(clock, (place, partial(_draft, resources)))
        try:
            return await self._services.voice.open(start, fetcher, clock, BASE)
        except MediaError as error:
            await self.problem("simulator.no_voice", str(error), f"没有可用的媒体通道：{error}")
            return None

    def _platform(self, clock: VirtualClock, *first: tuple[str, RouteHandler]) -> Fetcher:
        """The platform's own services, as a rehearsal sees them by the call's time."""
        self._fetcher = Fetcher(clock)
        for prefix, handler in first:
            self._fetcher.mount(prefix, handler)
        call = _ClockOfCall(self, clock)
        for prefix, handler in platform_routes(self._services, clock=call, rehearsal=True).items():
            self._fetcher.mount(BASE + prefix, handler)
        return self._fetcher

    async def _say_problems(self, error: ApiError) -> None:
        problems = error.detail.get("problems")
        if not isinstance(problems, list) or not problems:
            await self.problem(error.code, error.message, error.message)
            return
        for problem in problems:
            await self.send({"type": "problem", **problem})

    async def _report(self, session: SimulatorSession | VoiceCall) -> None:
        """Hand on what happens."""
        try:
            async for event in session.events():
                await self.send(event)
        except ConnectionError:
            return  # The page is closed; whoever reads from it stops the call.
        if session.end is None and not self._stopping:
            text = "The interpreter failed; the server's log has the reason."
            await self.problem("simulator.failed", text, "解释器出错，原因见服务器日志。")

    async def _play(self, call: VoiceCall) -> None:
        """Hand on what the caller hears."""
        try:
            async for frame in call.sound():
                await self._socket.send_bytes(frame)
        except ConnectionError:
            return

    def clock(self, otherwise: VirtualClock) -> VirtualClock:
        """The clock of the call that runs."""
        return otherwise if self._session is None else self._session.clock

    async def send(self, message: Message) -> None:
        """Tell the page something."""
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(message, ensure_ascii=False, default=str))


async def _draft(resources: Mapping[str, Resource], request: RouteRequest) -> RouteResponse:
    """A document of the draft, as if it were published."""
    found = resources.get(request.uri.partition("?")[0])
    if found is None:
        return RouteResponse(404)
    return RouteResponse(200, found.body, {"Content-Type": f"{found.content_type}; charset=utf-8"})


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
