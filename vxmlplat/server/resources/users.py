"""``/api/users``: who may sign in, and as what."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, read_model
from vxmlplat.server.identity import PASSWORDS
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Services, services_of
from vxmlplat.store.errors import ConflictError
from vxmlplat.store.users import User

TABLE = RouteTable()

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$")]


class NewUser(Body):
    """A user to be made."""

    name: Name
    password: str
    roles: list[Role]
    language: Language = "en-US"


class ChangedUser(Body):
    """What changes; a member that is left out stays."""

    password: str | None = None
    roles: list[Role] | None = None
    language: Language | None = None
    active: bool | None = None


def _as_json(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "roles": user.roles,
        "language": user.language,
        "active": user.active,
        "created": user.created,
    }


@TABLE.get("/api/users", Role.ADMIN)
async def list_users(request: web.Request) -> web.Response:
    """Every user."""
    return json_response([_as_json(user) for user in await services_of(request).store.users.all()])


@TABLE.post("/api/users", Role.ADMIN)
async def add_user(request: web.Request) -> web.Response:
    """A new user."""
    body = await read_model(request, NewUser)
    services = services_of(request)
    roles = [role.value for role in body.roles]
    user = User(
        name=body.name,
        password_hash=await request.app[PASSWORDS].hash(body.password),
        roles=roles,
        language=body.language,
        created=services.clock.wall(),
    )
    async with changing(request, "user.add", f"user {body.name}", {"roles": roles}):
        await services.store.users.add(user)
    return json_response(_as_json(user), status=201)


@TABLE.put("/api/users/{name}", Role.ADMIN)
async def change_user(request: web.Request) -> web.Response:
    """Change a user; at least one active administrator stays."""
    body = await read_model(request, ChangedUser)
    services = services_of(request)
    name = request.match_info["name"]
    hashed = None if body.password is None else await request.app[PASSWORDS].hash(body.password)
    roles = None if body.roles is None else [role.value for role in body.roles]
    detail = body.model_dump(mode="json", exclude={"password"}, exclude_none=True)
    async with changing(request, "user.change", f"user {name}", detail | {"password": hashed is not None}):
        user = await services.store.users.change(
            name, roles=roles, active=body.active, language=body.language, password_hash=hashed
        )
        await _keep_an_administrator(services)
    return json_response(_as_json(user))


@TABLE.delete("/api/users/{name}", Role.ADMIN)
async def remove_user(request: web.Request) -> web.Response:
    """Remove a user; at least one active administrator stays."""
    services = services_of(request)
    name = request.match_info["name"]
    async with changing(request, "user.remove", f"user {name}"):
        await services.store.users.remove(name)
        await _keep_an_administrator(services)
    return web.Response(status=204)


async def _keep_an_administrator(services: Services) -> None:
    """Inside the transaction: raising takes the change back."""
    users = await services.store.users.all()
    if not any(user.active and Role.ADMIN.value in user.roles for user in users):
        raise ConflictError("user.last_admin", "the platform needs an administrator: name another one first")
