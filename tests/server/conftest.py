"""The real application over a real store; a client for each role, signed in with a token."""

from __future__ import annotations

import asyncio
import gzip
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from vxmlplat.analytics.questions import Questions
from vxmlplat.analytics.recorder import Recorder, RecorderSettings
from vxmlplat.clock import SystemClock
from vxmlplat.server.app import create_app
from vxmlplat.server.identity import digest
from vxmlplat.server.services import ServerSettings, Services
from vxmlplat.store.store import Store
from vxmlplat.store.users import ApiToken, User

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ROLES = ("agent", "analyst", "author", "operator", "admin")

Client = TestClient[web.Request, web.Application]
As = Callable[[str | None], Client]


class FakeAcd:
    """An ACD that knows two agents and remembers what it was told."""

    def __init__(self) -> None:
        self.states: dict[str, tuple[str, str]] = {}

    def live(self) -> dict[str, Any]:
        return {
            "queues": [{"queue": "repairs", "waiting": 2}],
            "agents": [{"agent": "agent"}, {"agent": "1001"}],
        }

    async def set_agent_state(self, agent: str, state: str, reason: str) -> None:
        if state == "not_ready" and not reason:
            raise ValueError("say why")
        self.states[agent] = (state, reason)


class FakeCalls:
    def live(self) -> dict[str, Any]:
        return {"calls": 3, "channels": 120}


@pytest.fixture
def designer(tmp_path: Path) -> Path:
    root = tmp_path / "dist"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<title>designer</title>")
    (root / "assets" / "app-3f2a.js").write_text("start()")
    (root / "assets" / "app-3f2a.js.gz").write_bytes(gzip.compress(b"start()"))
    (tmp_path / "secret.txt").write_text("not yours")
    return root


@pytest.fixture(scope="session")
def filled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a user and a token for each role, made once and copied for each test."""
    path = tmp_path_factory.mktemp("store") / "store.db"

    async def fill() -> None:
        store = await Store.open(f"sqlite:///{path}")
        for role in ROLES:
            await store.users.add(User(name=role, password_hash="none", roles=[role], created=NOW))
            token = ApiToken(token_hash=digest(f"token of {role}"), user=role, name="test", created=NOW)
            await store.users.add_token(token)
        await store.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def services(tmp_path: Path, designer: Path, filled_store: Path) -> AsyncIterator[Services]:
    shutil.copy(filled_store, tmp_path / "store.db")
    store = await Store.open(f"sqlite:///{tmp_path}/store.db")
    recorder = Recorder(store.database, SystemClock(), settings=RecorderSettings(every=0.01))
    await recorder.start()
    settings = ServerSettings(
        designer=designer,
        recordings=tmp_path / "recordings",
        body_limit=100_000,
        flow_limit=200_000,
        upload_limit=1_000_000,
        databases={"tickets": f"sqlite:///{tmp_path}/tickets.db"},
    )
    made = Services(
        store, recorder, Questions(store.database), settings=settings, acd=FakeAcd(), calls=FakeCalls()
    )
    yield made
    await recorder.stop()
    await store.close()


@pytest.fixture
async def server(services: Services) -> AsyncIterator[TestServer[web.Request]]:
    server = TestServer(create_app(services))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def client_as(server: TestServer[web.Request]) -> AsyncIterator[As]:
    """``client_as("author")`` sends the author's token; ``client_as(None)`` sends nothing."""
    clients: list[Client] = []

    def make(role: str | None) -> Client:
        headers = {} if role is None else {"Authorization": f"Bearer token of {role}"}
        client = TestClient(server, headers=headers)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def anybody(client_as: As) -> Client:
    return client_as(None)


@pytest.fixture
async def author(client_as: As) -> Client:
    return client_as("author")


@pytest.fixture
async def analyst(client_as: As) -> Client:
    return client_as("analyst")


@pytest.fixture
async def operator(client_as: As) -> Client:
    return client_as("operator")


@pytest.fixture
async def admin(client_as: As) -> Client:
    return client_as("admin")


@pytest.fixture
async def agent(client_as: As) -> Client:
    return client_as("agent")


@pytest.fixture
def refused() -> Callable[[Any, int, str], Awaitable[dict[str, Any]]]:
    """Check that an answer is an error in the form of docs/api.md; gives its ``error``."""

    async def check(response: Any, status: int, code: str) -> dict[str, Any]:
        body = await response.json()
        assert (response.status, body["error"]["code"]) == (status, code), body
        assert body["error"]["message"]
        return dict(body["error"])

    return check


def small_flow(flow: str = "f", **changes: Any) -> dict[str, Any]:
    """A flow that runs: it says a word and hangs up."""
    return {
        "schema": 1,
        "id": flow,
        "name": {"en-US": "Small"},
        "class": "test",
        "languages": ["en-US"],
        "variables": [],
        "nodes": [
            {"id": "start", "type": "start", "title": "", "position": {"x": 0, "y": 0}, "fields": {}},
            {
                "id": "hello",
                "type": "play",
                "title": "Hello",
                "position": {"x": 1, "y": 0},
                "fields": {"prompt": [{"kind": "text", "text": {"en-US": "Hello"}}]},
            },
            {"id": "bye", "type": "hangup", "title": "", "position": {"x": 2, "y": 0}, "fields": {}},
        ],
        "edges": [
            {"from": "start", "port": "next", "to": "hello"},
            {"from": "hello", "port": "next", "to": "bye"},
        ],
        "notes": [],
        **changes,
    }


@pytest.fixture
def flow_file() -> Callable[..., dict[str, Any]]:
    return small_flow
