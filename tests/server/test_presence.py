"""Authors who have the same flow open see each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from vxmlplat.server.resources.presence import QUEUE_LIMIT, Page

FlowFile = Callable[..., dict[str, Any]]
PATH = "/api/flows/f/presence"


@pytest.fixture(autouse=True)
async def flow(author: Any, flow_file: FlowFile) -> None:
    assert (await author.post("/api/flows", json=flow_file())).status == 201


async def people(socket: Any) -> list[tuple[str, list[str], bool]]:
    """Who is there, as the next message about people says."""
    while True:
        message = await socket.receive_json(timeout=5)
        if message["type"] == "people":
            return [(one["user"], one["nodes"], one["unsaved"]) for one in message["people"]]


async def test_who_comes_selects_and_goes_is_seen(author: Any, admin: Any) -> None:
    async with author.ws_connect(PATH) as first:
        assert (await first.receive_json(timeout=5))["type"] == "hello"
        assert await people(first) == [("author", [], False)]
        async with admin.ws_connect(PATH) as second:
            assert await people(first) == [("author", [], False), ("admin", [], False)]
            await second.send_json({"type": "here", "nodes": ["hello"], "unsaved": True})
            assert await people(first) == [("author", [], False), ("admin", ["hello"], True)]
            assert len(await people(second)) == 2
        assert await people(first) == [("author", [], False)]


async def test_who_saves_publishes_and_rolls_back_is_told_to_all(
    author: Any, admin: Any, flow_file: FlowFile
) -> None:
    async with author.ws_connect(PATH) as page:
        await people(page)
        draft = flow_file(name={"en-US": "Two"})
        assert (await admin.put("/api/flows/f", json=draft, headers={"If-Match": '"1"'})).status == 200
        assert await page.receive_json(timeout=5) == {"type": "saved", "revision": 2, "by": "admin"}
        body = {"revision": 2, "audience": "test"}
        assert (await admin.post("/api/flows/f/publish", json=body)).status == 200
        told = {"type": "published", "version": 1, "by": "admin", "test": True}
        assert await page.receive_json(timeout=5) == told
        assert (await author.post("/api/flows/f/promote", json={"version": 1})).status == 200
        assert await page.receive_json(timeout=5) == told | {"by": "author", "test": False}


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '{"type":"here","nodes":["' + "x" * 65 + '"]}', '{"type":"x"}']
)
async def test_nonsense_ends_the_connection_of_who_sent_it_only(author: Any, admin: Any, text: str) -> None:
    async with author.ws_connect(PATH) as fine, admin.ws_connect(PATH) as other:
        await other.send_str(text)
        while (message := await other.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert message.data == aiohttp.WSCloseCode.INVALID_TEXT
        while await people(fine) != [("author", [], False)]:
            pass


async def test_only_authors_and_only_flows_that_are_there(author: Any, analyst: Any) -> None:
    for client, path, status in ((analyst, PATH, 403), (author, "/api/flows/none/presence", 404)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(path)
        assert refused.value.status == status


async def test_a_page_that_takes_nothing_is_let_go() -> None:
    page = Page("author")
    for number in range(QUEUE_LIMIT + 1):
        page.tell({"n": number})
    assert page.outbox.get_nowait() is None
