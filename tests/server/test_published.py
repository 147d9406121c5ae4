from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from vxmlplat.analytics.step import CallStart
from vxmlplat.clock import SystemClock
from vxmlplat.documents import Fetcher, FetchError, FetchRequest
from vxmlplat.server.families import platform_routes
from vxmlplat.server.services import Services
from vxmlplat.store.flows import Publication
from vxmlplat.store.numbers import Number
from vxmlplat.store.prompts import Prompt

BASE = "http://127.0.0.1:8080"


@pytest.fixture
async def published(services: Services) -> Services:
    now = services.clock.wall()
    await services.store.flows.add("f", {"n": 1}, "a", now)
    documents = {"flow.vxml": "<one/>", "nav.grxml": "<g/>"}
    await services.store.flows.publish("f", 1, documents, Publication("a"), now)
    prompt = Prompt(
        language="zh-CN",
        name="欢迎",
        duration=1,
        size=4,
        digest="d1",
        changed=now,
        changed_by="a",
        audio=b"RIFF",
    )
    await services.store.prompts.put(prompt)
    return services


async def publish_another(services: Services) -> None:
    now = services.clock.wall()
    await services.store.flows.save("f", {"n": 2}, 1, "a", now)
    await services.store.flows.publish("f", 2, {"flow.vxml": "<two/>"}, Publication("a"), now)


def fetcher_of(services: Services) -> Fetcher:
    fetcher = Fetcher(SystemClock())
    for prefix, handler in platform_routes(services).items():
        fetcher.mount(BASE + prefix, handler)
    return fetcher


async def test_a_call_fetches_in_process(published: Services) -> None:
    fetcher = fetcher_of(published)
    document = await fetcher.fetch(FetchRequest(f"{BASE}/published/f/1/flow.vxml"))
    assert (document.content_type, document.text()) == ("application/voicexml+xml", "<one/>")
    assert "immutable" in document.headers["cache-control"]
    again = await fetcher.fetch(FetchRequest(f"{BASE}/published/f/1/flow.vxml"))
    assert again.from_cache
    grammar = await fetcher.fetch(FetchRequest("nav.grxml", referrer=document.uri))
    assert grammar.content_type == "application/srgs+xml"
    prompt = await fetcher.fetch(
        FetchRequest("../../../prompts/zh-CN/%E6%AC%A2%E8%BF%8E", referrer=document.uri)
    )
    assert (prompt.content_type, prompt.body) == ("audio/wav", b"RIFF")
    named = await fetcher.fetch(FetchRequest(f"{BASE}/prompts/zh-CN/%E6%AC%A2%E8%BF%8E.wav"))
    assert named.body == b"RIFF"


@pytest.mark.parametrize(
    "path",
    [
        "/published/f/1/none.vxml",
        "/published/f/9/flow.vxml",
        "/published/f/x/flow.vxml",
        "/published/g/current/flow.vxml",
        "/published/f/1/../1/x/y",
        "/published/f",
        "/prompts/zh-CN/none",
        "/prompts/zh-CN/none.wav",
        "/prompts/zh-CN",
        "/services/none",
    ],
)
async def test_what_is_not_there_is_a_404_with_the_reason(published: Services, path: str) -> None:
    with pytest.raises(FetchError) as error:
        await fetcher_of(published).fetch(FetchRequest(BASE + path))
    assert error.value.status == 404


async def test_current_is_the_last_one_for_the_next_call(published: Services) -> None:
    fetcher = fetcher_of(published)
    request = FetchRequest(f"{BASE}/published/f/current/flow.vxml")
    assert (await fetcher.fetch(request)).uri == f"{BASE}/published/f/1/flow.vxml"
    await publish_another(published)
    assert (await fetcher.fetch(request)).uri == f"{BASE}/published/f/2/flow.vxml"


async def test_a_call_in_progress_stays_on_the_version_of_its_beginning(published: Services) -> None:
    fetcher = fetcher_of(published)
    published.recorder.call_started(CallStart("old", published.clock.wall()))
    await publish_another(published)
    published.recorder.call_started(CallStart("new", published.clock.wall()))
    before_all = published.clock.wall() - timedelta(days=1)
    published.recorder.call_started(CallStart("older", before_all))

    async def version(call: str) -> str:
        headers = {"X-Vxmlplat-Call": call}
        return (
            await fetcher.fetch(FetchRequest(f"{BASE}/published/f/current/flow.vxml", headers=headers))
        ).text()

    assert [await version(call) for call in ("old", "new", "older", "unknown")] == [
        "<one/>",
        "<two/>",
        "<two/>",
        "<two/>",
    ]
    await published.store.flows.make_current("f", 1, published.clock.wall())
    assert await version("new") == "<two/>"
    assert await version("unknown") == "<one/>"


async def test_who_calls_a_test_number_gets_sub_flows_on_test_too(published: Services) -> None:
    store, now = published.store, published.clock.wall
    await store.flows.add("caller", {"n": 1}, "a", now())
    await store.numbers.put(Number(number="1", flow="caller"))
    await store.numbers.put(Number(number="9", flow="caller", test=True))
    await store.flows.save("f", {"n": 2}, 1, "a", now())
    published.recorder.call_started(CallStart("before", now(), dnis="+9"))
    await store.flows.publish("f", 2, {"flow.vxml": "<two/>"}, Publication("a", test=True), now())
    published.recorder.call_started(CallStart("all", now(), dnis="1"))
    published.recorder.call_started(CallStart("test", now(), dnis="+9"))
    published.recorder.call_started(CallStart("placed", now(), dnis="9", direction="out"))
    fetcher = fetcher_of(published)

    async def version(call: str) -> str:
        request = FetchRequest(f"{BASE}/published/f/current/flow.vxml", headers={"X-Vxmlplat-Call": call})
        return (await fetcher.fetch(request)).text()

    calls = ("before", "all", "test", "placed", "unknown")
    assert [await version(call) for call in calls] == ["<one/>", "<one/>", "<two/>", "<one/>", "<one/>"]


async def test_other_platforms_fetch_over_http_when_they_sign_in(
    published: Services, author: Any, analyst: Any, anybody: Any, refused: Callable[..., Any]
) -> None:
    response = await author.get("/published/f/1/flow.vxml")
    assert (response.status, response.content_type) == (200, "application/voicexml+xml")
    assert "immutable" in response.headers["Cache-Control"]
    same = await author.get("/published/f/1/flow.vxml", headers={"If-None-Match": response.headers["ETag"]})
    assert (same.status, await same.read()) == (304, b"")
    redirection = await author.get("/published/f/current/flow.vxml", allow_redirects=False)
    assert (redirection.status, redirection.headers["Location"]) == (302, "/published/f/1/flow.vxml")
    assert redirection.headers["Cache-Control"] == "no-store"
    assert await (await author.get("/prompts/zh-CN/欢迎")).read() == b"RIFF"
    assert (await author.get("/published/f/1/none.vxml")).status == 404
    await refused(await anybody.get("/published/f/1/flow.vxml"), 401, "session.needed")
    await refused(await analyst.get("/published/f/1/flow.vxml"), 403, "role.missing")
    await refused(await anybody.post("/services/web-request"), 401, "session.needed")
    await refused(await author.post("/published/f/1/flow.vxml"), 405, "http.405")
