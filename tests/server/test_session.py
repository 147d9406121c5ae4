from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import CookieJar, encode_basic_auth
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from vxmlplat.clock import VirtualClock
from vxmlplat.server.app import create_app, first_administrator
from vxmlplat.server.identity import PASSWORDS
from vxmlplat.server.passwords import FAILURES, WINDOW, Passwords
from vxmlplat.server.services import Services
from vxmlplat.store.users import User

Refused = Callable[..., Any]
PASSWORD = "a good long password"
BASIC = {"Authorization": encode_basic_auth("ann", PASSWORD)}
OURS = {"X-Requested-With": "vxmlplat"}
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def clock(services: Services) -> VirtualClock:
    clock = VirtualClock()
    services.clock = clock
    return clock


@pytest.fixture
async def browser(services: Services, clock: VirtualClock) -> AsyncIterator[TestClient[Any, Any]]:
    """A browser without a session; passwords are hashed cheaply."""
    hashed = CHEAP.hash(PASSWORD)
    await services.store.users.add(
        User(name="ann", password_hash=hashed, roles=["author"], created=clock.wall())
    )
    app = create_app(services)
    app[PASSWORDS] = Passwords(services.store.users, clock, CHEAP)
    client = TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True))
    await client.start_server()
    yield client
    await client.close()


async def sign_in(browser: Any, user: str = "ann", password: str = PASSWORD, **options: Any) -> Any:
    return await browser.post("/api/session", json={"user": user, "password": password}, **options)


async def test_signing_in_and_out(browser: Any, services: Services, refused: Refused) -> None:
    response = await sign_in(browser)
    assert response.status == 200
    assert await response.json() == {"user": "ann", "roles": ["analyst", "author"], "language": "en-US"}
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert (await (await browser.get("/api/session")).json())["user"] == "ann"
    key = response.cookies["vxmlplat_session"].value
    assert (await browser.delete("/api/session", headers=OURS)).status == 204
    await refused(await browser.get("/api/session"), 401, "session.needed")
    # The key itself is worthless now, whoever kept it.
    await refused(await browser.get("/api/session", cookies={"vxmlplat_session": key}), 401, "session.needed")
    actions = [entry.action for entry in await services.store.audit.latest()]
    assert actions == ["session.close", "session.open"]


async def test_over_https_the_cookie_is_secure(browser: Any, services: Services) -> None:
    services.settings = replace(services.settings, secure_cookies=True)
    response = await sign_in(browser)
    assert "Secure" in response.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in response.headers


async def test_a_session_runs_out(
    browser: Any, services: Services, clock: VirtualClock, refused: Refused
) -> None:
    await sign_in(browser)
    clock.jump(services.settings.session_hours * 3600 + 1)
    await refused(await browser.get("/api/session"), 401, "session.needed")


async def test_a_change_through_the_cookie_needs_our_header(browser: Any, refused: Refused) -> None:
    await sign_in(browser)
    await refused(await browser.post("/api/flows", json={"id": "f"}), 403, "csrf.header")
    assert (await browser.post("/api/flows", json={"id": "f"}, headers=OURS)).status == 201


async def test_a_foreign_page_can_neither_sign_in_nor_open_a_socket(browser: Any, refused: Refused) -> None:
    foreign = {"Origin": "https://evil.example"}
    await refused(await sign_in(browser, headers=foreign), 403, "origin.foreign")
    await sign_in(browser)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    await refused(await browser.get("/api/live", headers={**upgrade, **foreign}), 403, "origin.foreign")
    await refused(await browser.get("/api/live", headers=upgrade), 403, "origin.foreign")
    own = f"http://{browser.host}:{browser.port}"
    async with browser.ws_connect("/api/live", headers={"Origin": own}) as socket:
        assert (await socket.receive_json())["calls"] == 3


async def test_basic_and_bearer_need_no_header_of_ours(browser: Any, refused: Refused) -> None:
    assert (await browser.post("/api/flows", json={"id": "f"}, headers=BASIC)).status == 201
    made = await browser.post("/api/session/tokens", json={"name": "ci", "days": 1}, headers=BASIC)
    token = (await made.json())["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await browser.get("/api/flows", headers=bearer)).status == 200
    again = await browser.post("/api/session/tokens", json={"name": "ci"}, headers=bearer)
    await refused(again, 409, "token.exists")
    listed = await (await browser.get("/api/session/tokens", headers=bearer)).json()
    assert [one["name"] for one in listed] == ["ci"]
    assert token not in str(listed)
    assert (await browser.delete("/api/session/tokens/ci", headers=bearer)).status == 204
    await refused(await browser.get("/api/flows", headers=bearer), 401, "credentials.wrong")


async def test_a_token_runs_out(browser: Any, clock: VirtualClock, refused: Refused) -> None:
    made = await browser.post("/api/session/tokens", json={"name": "ci", "days": 1}, headers=BASIC)
    bearer = {"Authorization": f"Bearer {(await made.json())['token']}"}
    clock.jump(timedelta(days=1, seconds=1).total_seconds())
    await refused(await browser.get("/api/flows", headers=bearer), 401, "credentials.wrong")


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Bearer nonsense", 401, "credentials.wrong"),
        ("Basic !!!", 400, "credentials.malformed"),
        ("Digest x", 401, "credentials.scheme"),
        ("", 401, "credentials.scheme"),
    ],
)
async def test_credentials_that_cannot_be_right(
    browser: Any, refused: Refused, header: str, status: int, code: str
) -> None:
    await refused(await browser.get("/api/flows", headers={"Authorization": header}), status, code)


async def test_guessing_is_slowed_down(browser: Any, clock: VirtualClock, refused: Refused) -> None:
    wrong = await refused(await sign_in(browser, password="wrong password"), 401, "credentials.wrong")
    unknown = await refused(await sign_in(browser, user="bob"), 401, "credentials.wrong")
    assert wrong["message"] == unknown["message"]
    for _ in range(FAILURES - 1):
        await sign_in(browser, password="wrong password")
    response = await sign_in(browser)  # even the right one is not looked at now
    await refused(response, 429, "credentials.too_many")
    assert 0 < int(response.headers["Retry-After"]) <= WINDOW
    # By Basic too; a session or token of the same user is not locked out.
    await refused(await browser.get("/api/flows", headers=BASIC), 429, "credentials.too_many")
    clock.jump(WINDOW + 1)
    assert (await sign_in(browser)).status == 200


async def test_guessing_many_at_once_helps_nobody(browser: Any) -> None:
    tries = await asyncio.gather(*(sign_in(browser, password=f"wrong password {n}") for n in range(20)))
    assert sorted(response.status for response in tries) == [401] * FAILURES + [429] * (20 - FAILURES)


async def test_a_user_who_may_no_longer_sign_in_is_out_at_once(
    browser: Any, services: Services, refused: Refused
) -> None:
    await sign_in(browser)
    await services.store.users.change("ann", active=False)
    await refused(await browser.get("/api/session"), 401, "session.needed")
    await refused(await sign_in(browser), 401, "credentials.wrong")


async def test_changing_ones_password(browser: Any, refused: Refused) -> None:
    await sign_in(browser)
    change = {"password": "not it", "new_password": "another long one"}
    await refused(
        await browser.put("/api/session/password", json=change, headers=OURS), 401, "credentials.wrong"
    )
    short = {"password": PASSWORD, "new_password": "short"}
    await refused(
        await browser.put("/api/session/password", json=short, headers=OURS), 422, "password.length"
    )
    change["password"] = PASSWORD
    assert (await browser.put("/api/session/password", json=change, headers=OURS)).status == 204
    await refused(await browser.get("/api/session"), 401, "session.needed")
    await refused(await sign_in(browser), 401, "credentials.wrong")
    assert (await sign_in(browser, password="another long one")).status == 200


async def test_an_old_hash_is_renewed_at_the_next_sign_in(browser: Any, services: Services) -> None:
    browser.app[PASSWORDS]._hasher = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    assert (await sign_in(browser)).status == 200
    user = await services.store.users.get("ann")
    assert user is not None
    assert "t=2" in user.password_hash


async def test_the_first_administrator_has_a_random_password_shown_once(
    tmp_path: Any, services: Services
) -> None:
    assert await first_administrator(services) is None  # this store has users
    for role in ("agent", "analyst", "author", "operator", "admin"):
        await services.store.users.remove(role)
    password = await first_administrator(services)
    assert password is not None
    assert len(password) >= 20
    assert await first_administrator(services) is None
    user = await Passwords(services.store.users, services.clock).check("admin", password, "")
    assert user.roles == ["admin"]
    assert password not in str([entry.model_dump() for entry in await services.store.audit.latest()])


async def test_users_are_looked_after_by_an_administrator(
    admin: Any, services: Services, refused: Refused
) -> None:
    new = {"name": "bob", "password": PASSWORD, "roles": ["analyst"], "language": "zh-CN"}
    made = await admin.post("/api/users", json=new)
    assert made.status == 201
    assert "password" not in str(await made.json())
    await refused(await admin.post("/api/users", json=new), 409, "user.exists")
    await refused(await admin.post("/api/users", json=new | {"roles": ["root"]}), 422, "body.invalid")
    await refused(await admin.post("/api/users", json=new | {"name": "a/b"}), 422, "body.invalid")
    changed = await admin.put("/api/users/bob", json={"roles": ["author"], "active": False})
    assert (await changed.json())["roles"] == ["author"]
    names = {user["name"] for user in await (await admin.get("/api/users")).json()}
    assert names == {"agent", "analyst", "author", "operator", "admin", "bob"}
    assert (await admin.delete("/api/users/bob")).status == 204
    await refused(await admin.delete("/api/users/bob"), 404, "user.unknown")


async def test_the_last_administrator_stays(admin: Any, services: Services, refused: Refused) -> None:
    await refused(await admin.delete("/api/users/admin"), 409, "user.last_admin")
    await refused(await admin.put("/api/users/admin", json={"roles": ["author"]}), 409, "user.last_admin")
    await refused(await admin.put("/api/users/admin", json={"active": False}), 409, "user.last_admin")
    user = await services.store.users.get("admin")
    assert user is not None
    assert (user.roles, user.active) == (["admin"], True)
