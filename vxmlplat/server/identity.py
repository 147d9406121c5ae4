"""Who asks: the browser's cookie, HTTP Basic, or a script's token."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import hdrs, web

from vxmlplat.server.errors import ApiError
from vxmlplat.server.passwords import Passwords
from vxmlplat.server.roles import Role, held
from vxmlplat.server.services import Services, services_of
from vxmlplat.store.users import User, WebSession

COOKIE = "vxmlplat_session"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, with every role held; ``by_cookie`` when the browser sent it by itself."""

    name: str
    roles: frozenset[Role]
    language: str
    by_cookie: bool

    @classmethod
    def of(cls, user: User, *, by_cookie: bool = False) -> Identity:
        """The identity of a stored user."""
        return cls(user.name, held(user.roles), user.language, by_cookie)


IDENTITY: web.RequestKey[Identity] = web.RequestKey("identity", Identity)
PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)


def identity_of(request: web.Request) -> Identity:
    """Who asks, in a handler whose route is not public."""
    return request[IDENTITY]


def digest(secret: str) -> str:
    """What is stored of a session's key or a token. They are long and random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def identify(request: web.Request) -> Identity | None:
    """Find out who asks; None for nobody. Raises a 401 for credentials that are wrong, 429 after too many."""
    services = services_of(request)
    header = request.headers.get(hdrs.AUTHORIZATION)
    if header is not None:
        return Identity.of(await _by_header(request, services, header))
    key = request.cookies.get(COOKIE)
    if key is None:
        return None
    user = await services.store.users.session_user(digest(key), services.clock.wall())
    return None if user is None else Identity.of(user, by_cookie=True)


async def _by_header(request: web.Request, services: Services, header: str) -> User:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        user = await services.store.users.token_user(digest(value.strip()), services.clock.wall())
    elif scheme.lower() == "basic":
        name, password = _basic(value)
        return await request.app[PASSWORDS].check(name, password, request.remote or "")
    else:
        raise ApiError(
            401, "credentials.scheme", "use Basic or Bearer", headers={"WWW-Authenticate": "Bearer"}
        )
    if user is None:
        raise ApiError(401, "credentials.wrong", "the token is unknown or has run out")
    return user


def _basic(value: str) -> tuple[str, str]:
    """Name and password of HTTP Basic (RFC 7617); both are UTF-8."""
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if not colon:
        raise ApiError(400, "credentials.malformed", "the Authorization header is malformed")
    return name, password


async def open_session(services: Services, user: User, response: web.StreamResponse) -> None:
    """Begin a browser's session and set its cookie."""
    key = secrets.token_urlsafe(32)
    now = services.clock.wall()
    lifetime = timedelta(hours=services.settings.session_hours)
    await services.store.users.add_session(
        WebSession(key_hash=digest(key), user=user.name, created=now, expires=now + lifetime)
    )
    response.set_cookie(
        COOKIE,
        key,
        max_age=int(lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=services.settings.secure_cookies,
    )
