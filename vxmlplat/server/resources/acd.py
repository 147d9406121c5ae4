"""``/api/queues``, ``/api/agents``, ``/api/acd/live``: the built-in ACD."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, JsonValue

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, query_number, read_model
from vxmlplat.server.errors import ApiError
from vxmlplat.server.events import AgentsChanged, QueuesChanged
from vxmlplat.server.identity import identity_of
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.sip.digest import user_hash
from vxmlplat.store.agents import Agent, SkilledAgent
from vxmlplat.store.queues import Queue

TABLE = RouteTable()

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Skills = dict[Id, Annotated[int, Field(ge=1, le=100)]]


class QueueBody(Body):
    """A queue as an operator sets it up; what is left out has its default."""

    id: Id | None = None
    name: dict[str, str] = Field(default_factory=dict)
    skills: Skills = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=0, le=100)] = 0
    music: Annotated[str, Field(max_length=300)] = ""
    announcement: Annotated[str, Field(max_length=300)] = ""
    announce_every: Seconds = 30.0
    ring_time: Annotated[float, Field(ge=1, le=300)] = 15.0
    wrap_up: Seconds = 10.0
    max_wait: Seconds = 600.0
    max_length: Annotated[int, Field(ge=0, le=100_000)] = 0
    service_level: Seconds = 20.0
    options: dict[str, JsonValue] = Field(default_factory=dict)


class AgentBody(Body):
    """An agent as an operator sets it up. A password lets the agent's telephone register."""

    id: Id | None = None
    name: Annotated[str, Field(max_length=200)] = ""
    address: Annotated[str, Field(max_length=300, pattern=r"^(sips?:[^\s@]+@[^\s@]+)?$")] = ""
    skills: Skills = Field(default_factory=dict)
    password: Annotated[str, Field(min_length=8, max_length=128)] | None = None


class StateBody(Body):
    """The state that an agent asks for."""

    state: Literal["signed_out", "ready", "not_ready"]
    reason: Annotated[str, Field(max_length=64)] = ""


def queue_json(queue: Queue) -> dict[str, Any]:
    """A queue as the interface gives it."""
    return queue.model_dump()


def agent_json(agent: SkilledAgent) -> dict[str, Any]:
    """An agent as the interface gives it; of the password only whether there is one."""
    value = agent.agent.model_dump(exclude={"ha1", "ha1_sha256"})
    return value | {"skills": agent.skills, "registers": bool(agent.agent.ha1)}


def ha1(user: str, realm: str, password: str) -> dict[str, str]:
    """What is kept of a telephone's password (RFC 7616 §3.4.2): the columns of an agent, for both
    algorithms."""
    return {
        "ha1": user_hash("MD5", user, realm, password),
        "ha1_sha256": user_hash("SHA-256", user, realm, password),
    }


@TABLE.get("/api/queues", Role.OPERATOR, Role.AUTHOR)
async def list_queues(request: web.Request) -> web.Response:
    """Every queue. Authors choose the queue of a node from it."""
    return json_response([queue_json(queue) for queue in await services_of(request).store.queues.all()])


@TABLE.put("/api/queues/{queue}", Role.OPERATOR)
async def put_queue(request: web.Request) -> web.Response:
    """Store a queue; callers and agents see it at once."""
    services = services_of(request)
    body = await read_model(request, QueueBody)
    name = _same_id(request.match_info["queue"], body.id)
    queue = Queue(id=name, **body.model_dump(exclude={"id"}))
    async with changing(request, "queue.put", f"queue {name}"):
        await services.store.queues.put(queue)
    await services.events.publish(QueuesChanged(name))
    return json_response(queue_json(await services.store.queues.get(name)))


@TABLE.delete("/api/queues/{queue}", Role.OPERATOR)
async def remove_queue(request: web.Request) -> web.Response:
    """Remove a queue; a flow that still names it gets a problem at its next check."""
    services = services_of(request)
    name = request.match_info["queue"]
    async with changing(request, "queue.remove", f"queue {name}"):
        await services.store.queues.remove(name)
    await services.events.publish(QueuesChanged(name))
    return web.Response(status=204)


@TABLE.get("/api/callbacks", Role.OPERATOR)
async def list_callbacks(request: web.Request) -> web.Response:
    """Callbacks that wait, the earliest first; with ``done`` those that are over, the newest first."""
    callbacks, queue = services_of(request).store.callbacks, request.query.get("queue") or None
    if request.query.get("done"):
        found = await callbacks.latest(queue, query_number(request, "limit", 100, 1000))
    else:
        found = await callbacks.waiting(queue)
    return json_response([callback.model_dump() for callback in found])


@TABLE.delete("/api/callbacks/{callback}", Role.OPERATOR)
async def cancel_callback(request: web.Request) -> web.Response:
    """A callback is not wanted any more; a call that is being placed goes on."""
    services = services_of(request)
    callback = (await services.store.callbacks.get(request.match_info["callback"])).id
    async with changing(request, "callback.cancel", f"callback {callback}"):
        await services.store.callbacks.finish(callback, "cancelled", services.clock.wall())
    return web.Response(status=204)


@TABLE.get("/api/agents", Role.OPERATOR)
async def list_agents(request: web.Request) -> web.Response:
    """Every agent."""
    return json_response([agent_json(agent) for agent in await services_of(request).store.agents.all()])


@TABLE.put("/api/agents/{agent}", Role.OPERATOR)
async def put_agent(request: web.Request) -> web.Response:
    """Store an agent with exactly these skills; without a password the old one stays."""
    services = services_of(request)
    body = await read_model(request, AgentBody)
    name = _same_id(request.match_info["agent"], body.id)
    secrets = {} if body.password is None else ha1(name, services.settings.sip_realm, body.password)
    detail = {"skills": body.skills, "password": body.password is not None}
    async with changing(request, "agent.put", f"agent {name}", detail):
        agent = Agent(
            id=name,
            name=body.name,
            address=body.address,
            ha1=secrets.get("ha1", ""),
            ha1_sha256=secrets.get("ha1_sha256", ""),
        )
        await services.store.agents.put(agent, body.skills)
    await services.events.publish(AgentsChanged(name))
    return json_response(agent_json(await services.store.agents.get(name)))


@TABLE.delete("/api/agents/{agent}", Role.OPERATOR)
async def remove_agent(request: web.Request) -> web.Response:
    """Remove an agent."""
    services = services_of(request)
    name = request.match_info["agent"]
    async with changing(request, "agent.remove", f"agent {name}"):
        await services.store.agents.remove(name)
    await services.events.publish(AgentsChanged(name))
    return web.Response(status=204)


@TABLE.post("/api/agents/{agent}/state", Role.OPERATOR, Role.AGENT)
async def set_state(request: web.Request) -> web.Response:
    """Bring an agent into a state: agents themselves, operators anybody."""
    services = services_of(request)
    name = request.match_info["agent"]
    identity = identity_of(request)
    if Role.OPERATOR not in identity.roles and identity.name != name:
        raise ApiError(403, "agent.other", "an agent sets their own state only")
    body = await read_model(request, StateBody)
    await services.store.agents.get(name)
    if services.acd is None:
        raise ApiError(503, "acd.absent", "no ACD runs here")
    try:
        await services.acd.set_agent_state(name, body.state, body.reason)
    except ValueError as error:
        raise ApiError(409, "agent.state", str(error)) from error
    async with changing(
        request, "agent.state", f"agent {name}", {"state": body.state, "reason": body.reason}
    ):
        await services.store.agents.set_state(name, body.state, body.reason, services.clock.wall())
    return web.Response(status=204)


@TABLE.get("/api/acd/live", Role.ANALYST, Role.AGENT)
async def live(request: web.Request) -> web.Response:
    """Queues and agents as they are now; agents see of the agents only themselves."""
    acd = services_of(request).acd
    view = {"queues": [], "agents": []} if acd is None else dict(acd.live())
    identity = identity_of(request)
    if Role.ANALYST not in identity.roles:
        view["agents"] = [one for one in view["agents"] if one["agent"] == identity.name]
    return json_response(view)


def _same_id(address: str, body: str | None) -> str:
    if body is not None and body != address:
        raise ApiError(422, "id.other", f"the address says {address!r}, the body {body!r}")
    if not _is_id(address):
        raise ApiError(422, "id.invalid", "an id has 1 to 64 letters, digits, _ . or -")
    return address


def _is_id(text: str) -> bool:
    return (
        0 < len(text) <= 64
        and text[0].isalnum()
        and text.isascii()
        and all(c.isalnum() or c in "_.-" for c in text)
    )
