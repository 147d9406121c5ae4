"""``/api/session``: signing in and out; a user's own password and tokens."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, Any

from aiohttp import hdrs, web
from pydantic import Field

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, read_model
from vxmlplat.server.errors import ApiError
from vxmlplat.server.identity import (
    COOKIE,
    IDENTITY,
    PASSWORDS,
    Identity,
    digest,
    identity_of,
    open_session,
)
from vxmlplat.server.origin import from_own_page
from vxmlplat.server.roles import Access
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.store.errors import ConflictError
from vxmlplat.store.users import ApiToken

TABLE = RouteTable()


class SignIn(Body):
    """Who wants to sign in."""

    user: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=1000)]


class NewPassword(Body):
    """A user's own new password."""

    password: str
    new_password: str


class NewToken(Body):
    """A token for a script."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


def _who(identity: Identity) -> dict[str, Any]:
    roles = sorted(role.value for role in identity.roles)
    return {"user": identity.name, "roles": roles, "language": identity.language}


@TABLE.post("/api/session", Access.PUBLIC)
async def sign_in(request: web.Request) -> web.Response:
    """Sign in: a session's cookie, and who that is."""
    if hdrs.ORIGIN in request.headers and not from_own_page(request):
        raise ApiError(403, "origin.foreign", "only a page of this server may sign in")
    body = await read_model(request, SignIn)
    services = services_of(request)
    user = await request.app[PASSWORDS].check(body.user, body.password, request.remote or "")
    identity = Identity.of(user, by_cookie=True)
    request[IDENTITY] = identity
    response = json_response(_who(identity))
    async with changing(request, "session.open", f"user {user.name}"):
        await open_session(services, user, response)
    return response


@TABLE.get("/api/session", Access.SIGNED_IN)
async def who_am_i(request: web.Request) -> web.Response:
    """Who is signed in, with every role held."""
    return json_response(_who(identity_of(request)))


@TABLE.delete("/api/session", Access.SIGNED_IN)
async def sign_out(request: web.Request) -> web.Response:
    """End this browser's session."""
    key = request.cookies.get(COOKIE, "")
    async with changing(request, "session.close", f"user {identity_of(request).name}"):
        await services_of(request).store.users.remove_session(digest(key))
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/")
    return response


@TABLE.put("/api/session/password", Access.SIGNED_IN)
async def change_password(request: web.Request) -> web.Response:
    """Change one's own password; every session of the user ends, this one too."""
    body = await read_model(request, NewPassword)
    name = identity_of(request).name
    passwords = request.app[PASSWORDS]
    await passwords.check(name, body.password, request.remote or "")
    hashed = await passwords.hash(body.new_password)
    async with changing(request, "user.password", f"user {name}"):
        await services_of(request).store.users.change(name, password_hash=hashed)
    return web.Response(status=204)


@TABLE.get("/api/session/tokens", Access.SIGNED_IN)
async def list_tokens(request: web.Request) -> web.Response:
    """One's own tokens, without the secrets."""
    tokens = await services_of(request).store.users.tokens(identity_of(request).name)
    return json_response([{"name": t.name, "created": t.created, "expires": t.expires} for t in tokens])


@TABLE.post("/api/session/tokens", Access.SIGNED_IN)
async def add_token(request: web.Request) -> web.Response:
    """A new token, shown this once."""
    body = await read_model(request, NewToken)
    name = identity_of(request).name
    services = services_of(request)
    token = secrets.token_urlsafe(32)
    now = services.clock.wall()
    expires = now + timedelta(days=body.days) if body.days is not None else None
    async with changing(request, "token.add", f"user {name}", {"name": body.name}):
        if body.name in {one.name for one in await services.store.users.tokens(name)}:
            raise ConflictError("token.exists", f"there is a token {body.name!r} already")
        await services.store.users.add_token(
            ApiToken(token_hash=digest(token), user=name, name=body.name, created=now, expires=expires)
        )
    return json_response({"name": body.name, "token": token, "expires": expires}, status=201)


@TABLE.delete("/api/session/tokens/{name}", Access.SIGNED_IN)
async def remove_token(request: web.Request) -> web.Response:
    """Take a token away."""
    name, token = identity_of(request).name, request.match_info["name"]
    async with changing(request, "token.remove", f"user {name}", {"name": token}):
        await services_of(request).store.users.remove_token(name, token)
    return web.Response(status=204)
