from __future__ import annotations

import inspect
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import ClientError, web
from aiohttp.test_utils import TestServer

from vxmlplat.server.app import TABLES, create_app
from vxmlplat.server.errors import RouteError
from vxmlplat.server.families import family_table
from vxmlplat.server.roles import HOLDS, Access, Role, held
from vxmlplat.server.routes import CHANGING, Route, RouteTable
from vxmlplat.server.services import Services
from vxmlplat.server.static import TABLE as STATIC
from vxmlplat.store.errors import UnavailableError
from vxmlplat.store.steps import StepRecord

FORMS = ("/api/prompts", "/api/ccxml/")
EVERY_ROUTE = [route for table in TABLES for route in table]
PUBLIC = {("POST", "/api/session"), ("GET", "/{path:.*}")}


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def address(route: Route) -> str:
    """An address of the route, with something that does not exist in each place."""
    parts = [
        ("1" if part.startswith("{version") else "nothing") if part.startswith("{") else part
        for part in route.path.split("/")
    ]
    return "/".join(parts)


def test_a_route_without_a_role_cannot_be_registered() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    with pytest.raises(RouteError, match="needs a role"):
        RouteTable().get("/api/open")(handler)
    with pytest.raises(RouteError, match="needs a role"):
        RouteTable().add(Route("GET", "/x", ("author",), handler))  # type: ignore[arg-type]
    table = RouteTable()
    table.get("/api/once", Role.ADMIN)(handler)
    with pytest.raises(RouteError, match="twice"):
        table.get("/api/once", Role.ADMIN)(handler)


async def test_every_route_of_the_application_comes_from_a_table(services: Services) -> None:
    app = create_app(services)
    tables = [*TABLES, family_table(services), STATIC]
    registered = {(route.method, route.path) for table in tables for route in table}
    found = {
        (route.method, route.resource.canonical if route.resource else "") for route in app.router.routes()
    }
    plain = {(method, _without_patterns(path)) for method, path in registered}
    assert found == plain
    public = {(r.method, r.path) for table in tables for r in table if Access.PUBLIC in r.permissions}
    assert public == PUBLIC


def _without_patterns(path: str) -> str:
    return "/".join(
        part.split(":")[0] + "}" if part.startswith("{") and ":" in part else part for part in path.split("/")
    )


@pytest.mark.parametrize("route", [r for r in EVERY_ROUTE if (r.method, r.path) not in PUBLIC], ids=named)
async def test_no_route_answers_somebody_who_is_not_signed_in(
    route: Route, anybody: Any, refused: Callable[..., Any]
) -> None:
    # A proxy in front: what is open to this machine alone must not be open to the world.
    headers = {"X-Forwarded-For": "203.0.113.9"}
    response = await anybody.request(route.method, address(route), headers=headers, json={})
    await refused(response, 401, "session.needed")


@pytest.mark.parametrize("route", EVERY_ROUTE, ids=named)
async def test_no_route_answers_a_role_that_it_does_not_name(
    route: Route, client_as: Callable[[str], Any], refused: Callable[..., Any]
) -> None:
    wanted = {Role.OPERATOR if p is Access.LOCAL_OR_OPERATOR else p for p in route.permissions}
    if wanted & {Access.PUBLIC, Access.SIGNED_IN}:
        return
    headers = {"X-Forwarded-For": "203.0.113.9"}
    for role in Role:
        if HOLDS[role] & wanted:
            continue
        response = await client_as(role.value).request(route.method, address(route), headers=headers, json={})
        error = await refused(response, 403, "role.missing")
        assert role.value in error["detail"]["roles"]


@pytest.mark.parametrize(
    "route",
    [r for r in EVERY_ROUTE if r.method in ("POST", "PUT") and not r.path.startswith(FORMS)],
    ids=named,
)
async def test_a_broken_body_costs_its_own_request_only(
    route: Route, client_as: Callable[[str], Any], services: Services
) -> None:
    """Every route that takes JSON refuses what is none, what is of another type, and what is too long."""
    role = "agent" if Role.AGENT in route.permissions and Role.OPERATOR not in route.permissions else "admin"
    client = client_as(role)
    place = address(route)
    headers = {"If-Match": '"1"'}
    before = len(await services.store.audit.latest())
    for body, content_type, statuses in (
        (b"{", "application/json", {400}),
        (b"\xff\xfe", "application/json", {400}),
        (b"[" * 100_000, "application/json", {400, 413}),
        (b'{"a": NaN}', "application/json", {400}),
        (b"{}", "text/plain", {415}),
        (json.dumps({"x": "y" * 300_000}).encode(), "application/json", {413}),
    ):
        response = await client.request(
            route.method, place, data=body, headers={**headers, "Content-Type": content_type}
        )
        assert response.status in statuses, (body[:20], await response.text())
        assert (await response.json())["error"]["code"].startswith("body.")
    assert len(await services.store.audit.latest()) == before
    assert (await client.get("/api/session")).status == 200


@pytest.mark.parametrize("route", [r for r in EVERY_ROUTE if r.method in CHANGING and r.audited], ids=named)
def test_every_change_has_its_entry_in_the_audit_trail(route: Route) -> None:
    """The transaction of a change and its entry are one thing (``changing``); no route changes without it."""
    assert re.search(r"async with changing\(\s*request", inspect.getsource(route.handler))


def test_only_questions_are_left_out_of_the_audit_trail() -> None:
    assert {named(r) for r in EVERY_ROUTE if not r.audited} == {
        "POST /api/flows/import",
        "POST /api/flows/{flow}/compiled",
        "POST /api/flows/{flow}/check",
        "POST /api/flows/{flow}/tests/run",
        "POST /api/flows/{flow}/tests/propose",
        "POST /api/flows/{flow}/tests/check",
        "POST /api/flows/{flow}/tests/from-run",
        "POST /api/calls/{call}/replay",
        "POST /api/speech/preview",
        "POST /api/ccxml/basichttp",  # an event of a call: thousands an hour, and nothing that stays
    }


def test_roles_hold_what_the_work_needs() -> None:
    assert held(["author"]) == {Role.AUTHOR, Role.ANALYST}
    assert held(["admin"]) == set(Role)
    assert Role.ADMIN not in held(["operator"])
    assert held(["analyst", "agent"]) == {Role.ANALYST, Role.AGENT}
    assert held(["root", ""]) == set()


async def test_errors_have_one_form(anybody: Any, admin: Any, refused: Callable[..., Any]) -> None:
    await refused(await anybody.get("/api/nothing"), 404, "http.404")
    await refused(await admin.get("/api/flows/nothing"), 404, "flow.unknown")
    await refused(await admin.delete("/api/node-types"), 405, "http.405")


async def test_a_handler_that_fails_is_a_500_and_the_next_request_works(
    admin: Any, services: Services, refused: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def live(self) -> dict[str, Any]:
            raise RuntimeError("the secret inside")

    services.acd = Broken()  # type: ignore[assignment]
    error = await refused(await admin.get("/api/acd/live"), 500, "internal")
    assert "secret" not in error["message"]
    assert "the secret inside" in caplog.text
    assert (await admin.get("/api/flows")).status == 200


async def test_an_answer_that_breaks_off_is_seen_to_be_broken(
    analyst: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_step_and_no_more(*_: object) -> AsyncIterator[StepRecord]:
        raise UnavailableError("gone")
        yield

    monkeypatch.setattr(services.questions, "steps", one_step_and_no_more)
    with pytest.raises(ClientError):
        await (await analyst.get("/api/analytics/export?flow=f")).read()
    assert (await analyst.get("/api/flows")).status == 200


async def test_headers_protect_every_answer(anybody: Any, admin: Any) -> None:
    for response in (await anybody.get("/"), await anybody.get("/api/flows"), await admin.get("/api/flows")):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert "Server" not in response.headers
    assert (await admin.get("/api/flows")).headers["Cache-Control"] == "no-store"


async def test_the_store_that_is_gone_is_a_503(
    admin: Any, services: Services, server: TestServer[web.Request], refused: Callable[..., Any]
) -> None:
    async def gone(*_: object) -> None:
        raise UnavailableError("gone")

    services.store.flows.all = gone  # type: ignore[method-assign, assignment]
    response = await admin.get("/api/flows")
    await refused(response, 503, "store.unavailable")
    assert response.headers["Retry-After"] == "1"
