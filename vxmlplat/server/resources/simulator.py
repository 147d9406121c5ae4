"""``/api/simulator``: a draft tried out by a caller who types or speaks (docs/api.md, "Simulator")."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

from vxmlplat.server.errors import RouteError
from vxmlplat.server.resources.live import open_socket
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.server.simulator_desk import Desk, IdleError, Message
from vxmlplat.simulator.debugger import DebugError, read_breakpoints
from vxmlplat.simulator.faults import read_faults
from vxmlplat.simulator.inputs import InputError

TABLE = RouteTable()

LONGEST_EXPRESSION = 5_000

Handler = Callable[[Desk, Message], Awaitable[None]]

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


CHINESE = {
    "debugger.running": "呼叫正在进行，请先暂停：",
    "debugger.expression": "表达式有误：",
    "debugger.beginning": "无法后退：",
    "debugger.spoken": "语音呼叫不能后退，请改用文字呼叫：",
    "simulator.voice_busy": "语音模拟呼叫已达上限：",
    "message.invalid": "消息有误：",
}
"""What stands before the details of what cannot be done."""


@TABLE.websocket("/api/simulator", Role.AUTHOR)
async def simulator(request: web.Request) -> web.StreamResponse:
    """One simulated call after the other, for as long as the page is open."""
    services = services_of(request)
    socket = await open_socket(request, max_msg_size=services.settings.flow_limit)
    desk = Desk(services, socket)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await receive(desk, message.data)
            elif message.type is WSMsgType.BINARY:
                desk.speak(message.data)
    finally:
        await desk.stop()
    return socket


async def receive(desk: Desk, text: str) -> None:
    """Do what the page asks; what it got wrong is said as a ``problem``."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    kind = message.get("type") if isinstance(message, dict) else None
    handler = HANDLERS.get(kind) if isinstance(kind, str) else None
    if handler is None:
        known = ", ".join(HANDLERS)
        await desk.problem("message.invalid", f"Send one of {known}.", f"请发送 {known} 之一。")
        return
    try:
        await handler(desk, message)
    except InputError as error:
        await desk.problem("input.invalid", str(error), str(error))
    except DebugError as error:
        await desk.problem(error.code, str(error), CHINESE.get(error.code, "") + str(error))
    except IdleError:
        await desk.problem("simulator.idle", "No call runs: start one.", "没有进行中的呼叫，请先开始。")


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


@handles("ping")
async def _ping(desk: Desk, message: Message) -> None:
    await desk.send({"type": "pong", "at": message.get("at")})


def _text(message: Message, name: str, otherwise: str | None = None) -> str:
    value = message.get(name, otherwise)
    if not isinstance(value, str) or not value or len(value) > LONGEST_EXPRESSION:
        raise DebugError("message.invalid", f"{name} must be a text of 1 to {LONGEST_EXPRESSION} characters")
    return value
