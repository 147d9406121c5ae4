"""The table of routes: each names who may call it, or it cannot be registered.

A resource module makes its own :class:`RouteTable`; ``vxmlplat.server.app`` adds them all. The guard that a
route gets here is the only way from a request to a handler.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from aiohttp import hdrs, web

from vxmlplat.server.errors import ApiError, RouteError
from vxmlplat.server.identity import IDENTITY, Identity, identify
from vxmlplat.server.origin import from_own_page, is_loopback
from vxmlplat.server.roles import Access, Role

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Permission = Role | Access

CHANGING = frozenset({hdrs.METH_POST, hdrs.METH_PUT, hdrs.METH_PATCH, hdrs.METH_DELETE})

CSRF_HEADER = "X-Requested-With"
CSRF_VALUE = "vxmlplat"


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, who may call it (any of the permissions), and what answers.

    ``audited`` is False for the few routes that change nothing although they are sent with POST.
    """

    method: str
    path: str
    permissions: tuple[Permission, ...]
    handler: Handler
    websocket: bool = False
    audited: bool = True


class RouteTable:
    """Routes of one resource family, in order of registration."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], Route] = {}

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes.values())

    def add(self, route: Route) -> None:
        """Register a route; raise :class:`RouteError` without a permission, or for a second one."""
        if not route.permissions or not all(isinstance(one, Role | Access) for one in route.permissions):
            raise RouteError(f"{route.method} {route.path}: a route needs a role")
        if (route.method, route.path) in self._routes:
            raise RouteError(f"{route.method} {route.path} is registered twice")
        self._routes[(route.method, route.path)] = route

    def get(self, path: str, *permissions: Permission) -> Callable[[Handler], Handler]:
        """Register what follows for GET."""
        return self._decorator(hdrs.METH_GET, path, permissions)

    def post(self, path: str, *permissions: Permission, audited: bool = True) -> Callable[[Handler], Handler]:
        """Register what follows for POST."""
        return self._decorator(hdrs.METH_POST, path, permissions, audited=audited)

    def put(self, path: str, *permissions: Permission) -> Callable[[Handler], Handler]:
        """Register what follows for PUT."""
        return self._decorator(hdrs.METH_PUT, path, permissions)

    def delete(self, path: str, *permissions: Permission) -> Callable[[Handler], Handler]:
        """Register what follows for DELETE."""
        return self._decorator(hdrs.METH_DELETE, path, permissions)

    def websocket(self, path: str, *permissions: Permission) -> Callable[[Handler], Handler]:
        """Register what follows for a WebSocket: only a page of this server may open it with the cookie."""
        return self._decorator(hdrs.METH_GET, path, permissions, websocket=True)

    def _decorator(
        self,
        method: str,
        path: str,
        permissions: tuple[Permission, ...],
        *,
        websocket: bool = False,
        audited: bool = True,
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.add(Route(method, path, permissions, handler, websocket, audited))
            return handler

        return register


def add_table(app: web.Application, table: RouteTable) -> None:
    """Put a table's routes into the application, each behind its guard."""
    for route in table:
        app.router.add_route(route.method, route.path, guarded(route))


def guarded(route: Route) -> Handler:
    """The route's handler behind the check of who asks, and from which page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        identity = await identify(request)
        _permit(request, route, identity)
        if identity is not None:
            request[IDENTITY] = identity
            if identity.by_cookie:
                _own_page(request, route)
        if route.websocket and hdrs.ORIGIN in request.headers and not from_own_page(request):
            raise ApiError(403, "origin.foreign", "only a page of this server may open this connection")
        return await route.handler(request)

    return handle


def _permit(request: web.Request, route: Route, identity: Identity | None) -> None:
    for permission in route.permissions:
        if permission is Access.PUBLIC:
            return
        if permission is Access.LOCAL_OR_OPERATOR and is_loopback(request):
            return
        if identity is not None:
            wanted = Role.OPERATOR if permission is Access.LOCAL_OR_OPERATOR else permission
            if wanted is Access.SIGNED_IN or wanted in identity.roles:
                return
    if identity is None:
        raise ApiError(401, "session.needed", "sign in first", headers={"WWW-Authenticate": "Bearer"})
    names = " or ".join(sorted(str(one.value) for one in route.permissions))
    raise ApiError(
        403, "role.missing", f"this needs the role {names}", detail={"roles": sorted(identity.roles)}
    )


def _own_page(request: web.Request, route: Route) -> None:
    """What comes with the browser's cookie must come from our own page."""
    if route.method in CHANGING and request.headers.get(CSRF_HEADER) != CSRF_VALUE:
        message = f"a change through the cookie needs the header {CSRF_HEADER}: {CSRF_VALUE}"
        raise ApiError(403, "csrf.header", message)
    if route.websocket and not from_own_page(request):
        raise ApiError(403, "origin.foreign", "only a page of this server may open this connection")
