"""Fetching against a real HTTP server on loopback, with both transports."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import pytest
from aiohttp import web

from vxmlplat.clock import VirtualClock
from vxmlplat.documents import (
    MULTIPART,
    CookieJar,
    Fetcher,
    FetchError,
    FetchLimits,
    FetchRequest,
    FilePart,
    ParsedCache,
    RouteRequest,
    RouteResponse,
    address_of,
    parse_resource,
)
from vxmlplat.documents.aiohttp_transport import AiohttpTransport
from vxmlplat.documents.stream_transport import StreamTransport

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    base: str = ""
    requests: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: dict[str, Handler] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        handler = self.answers.get(request.path)
        return await handler(request) if handler else web.Response(status=404)

    def says(self, path: str, body: bytes = b"x", status: int = 200, **headers: str) -> None:
        async def handler(_request: web.Request) -> web.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(body=body, status=status, headers=named)

        self.answers[path] = handler


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    site.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=[StreamTransport, AiohttpTransport], ids=["stream", "aiohttp"])
async def fetcher(request: pytest.FixtureRequest, clock: VirtualClock) -> AsyncIterator[Fetcher]:
    fetcher = Fetcher(clock, request.param(), FetchLimits(bytes=100_000, seconds=5))
    yield fetcher
    await fetcher.close()


async def test_a_resource_tells_type_charset_and_where_it_came_from(site: Site, fetcher: Fetcher) -> None:
    site.says("/b", "grün".encode("latin-1"), Content_Type="Text/Plain; charset=ISO-8859-1")
    site.says("/a", status=302, Location="/b#part")
    resource = await fetcher.fetch(FetchRequest("a", referrer=f"{site.base}/index"))
    assert (resource.uri, resource.content_type, resource.charset) == (
        f"{site.base}/b",
        "text/plain",
        "ISO-8859-1",
    )
    assert resource.text() == "grün"


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_a_status_is_told(site: Site, fetcher: Fetcher, status: int) -> None:
    site.says("/x", status=status)
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    assert (caught.value.status, caught.value.reason) == (status, "status")
    assert caught.value.retryable == (status >= 500)


async def test_a_loop_of_redirects_ends(site: Site, fetcher: Fetcher) -> None:
    site.says("/x", status=302, Location="/x")
    with pytest.raises(FetchError, match="redirects"):
        await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    assert len(site.requests) == 11


async def test_a_slow_answer_is_given_up(site: Site, fetcher: Fetcher) -> None:
    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    site.answers["/x"] = slow
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(FetchRequest(f"{site.base}/x", timeout=0.05))
    assert caught.value.reason == "timeout"
    assert caught.value.retryable


async def test_an_endless_answer_is_cut(site: Site, fetcher: Fetcher) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 10_000)
        except (ConnectionError, OSError):
            return response

    site.answers["/x"] = endless
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    assert caught.value.reason == "size"


async def test_nobody_listens(fetcher: Fetcher, unused_tcp_port: int) -> None:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(FetchRequest(f"http://127.0.0.1:{unused_tcp_port}/"))
    assert (caught.value.reason, caught.value.status) == ("connect", None)


async def test_fields_go_into_a_query_or_a_body(site: Site, fetcher: Fetcher) -> None:
    site.says("/x")
    fields = [("city", "北京"), ("a b", "1&2")]
    await fetcher.fetch(FetchRequest(f"{site.base}/x?k=v", fields=fields))
    assert dict(site.requests[0].query) == {"k": "v", "city": "北京", "a b": "1&2"}
    await fetcher.fetch(FetchRequest(f"{site.base}/x", method="POST", fields=fields))
    assert site.bodies[1] == b"city=%E5%8C%97%E4%BA%AC&a+b=1%262"
    assert site.requests[1].content_type == "application/x-www-form-urlencoded"


async def test_a_recording_goes_as_a_part(site: Site, fetcher: Fetcher) -> None:
    site.says("/x")
    fields = [("name", "李"), ("voice", FilePart(b"RIFF\r\n--\0", "audio/x-wav"))]
    await fetcher.fetch(FetchRequest(f"{site.base}/x", method="POST", fields=fields, enctype=MULTIPART))
    head = f"Content-Type: {site.requests[0].headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + site.bodies[0])
    name, voice = message.get_payload()
    assert isinstance(name, Message)
    assert isinstance(voice, Message)
    assert (name.get_param("name", header="content-disposition"), name.get_payload(decode=True)) == (
        "name",
        "李".encode(),
    )
    assert (voice.get_content_type(), voice.get_payload(decode=True)) == ("audio/x-wav", b"RIFF\r\n--\0")


async def test_a_post_that_is_redirected_becomes_a_get(site: Site, fetcher: Fetcher) -> None:
    site.says("/x", status=303, Location="/y")
    site.says("/y", b"done")
    resource = await fetcher.fetch(FetchRequest(f"{site.base}/x", method="POST", fields=[("a", "1")]))
    assert resource.body == b"done"
    assert [request.method for request in site.requests] == ["POST", "GET"]
    assert site.bodies[1] == b""


async def test_cookies_belong_to_one_session(site: Site, fetcher: Fetcher, clock: VirtualClock) -> None:
    site.says("/login", Set_Cookie="id=7; Path=/; HttpOnly")
    site.says("/page")
    mine, other = CookieJar(clock), CookieJar(clock)
    await fetcher.fetch(FetchRequest(f"{site.base}/login"), mine)
    await fetcher.fetch(FetchRequest(f"{site.base}/page"), mine)
    await fetcher.fetch(FetchRequest(f"{site.base}/page"), other)
    assert [request.headers.get("Cookie") for request in site.requests] == [None, "id=7", None]


async def test_fresh_answers_are_not_asked_for_again(
    site: Site, fetcher: Fetcher, clock: VirtualClock
) -> None:
    site.says("/x", Cache_Control="max-age=60")
    request = FetchRequest(f"{site.base}/x")
    first = await fetcher.fetch(request)
    clock.jump(59)
    again = await fetcher.fetch(request)
    assert again.from_cache
    assert again.body is first.body
    clock.jump(2)
    await fetcher.fetch(request)
    assert len(site.requests) == 2


@pytest.mark.parametrize(
    ("maxage", "maxstale", "after", "asked"),
    [
        (None, None, 30, 1),
        (10, None, 30, 2),  # older than the author wants
        (0, None, 0, 2),
        (None, 100, 120, 1),  # stale, but not by more than the author allows
        (None, 10, 120, 2),
        (1000, 10, 120, 2),
    ],
)
async def test_maxage_and_maxstale(
    site: Site,
    fetcher: Fetcher,
    clock: VirtualClock,
    maxage: float | None,
    maxstale: float | None,
    after: float,
    asked: int,
) -> None:
    site.says("/x", Cache_Control="max-age=60")
    uri = f"{site.base}/x"
    await fetcher.fetch(FetchRequest(uri))
    clock.jump(after)
    await fetcher.fetch(FetchRequest(uri, maxage=maxage, maxstale=maxstale))
    assert len(site.requests) == asked


async def test_must_revalidate_overrules_maxstale(site: Site, fetcher: Fetcher, clock: VirtualClock) -> None:
    site.says("/x", Cache_Control="max-age=60, must-revalidate")
    await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    clock.jump(70)
    await fetcher.fetch(FetchRequest(f"{site.base}/x", maxstale=1000))
    assert len(site.requests) == 2


async def test_a_validator_saves_the_body(site: Site, fetcher: Fetcher, clock: VirtualClock) -> None:
    async def tagged(request: web.Request) -> web.Response:
        headers = {"ETag": '"1"', "Cache-Control": "max-age=5"}
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304, headers=headers)
        return web.Response(body=b"big", headers=headers)

    site.answers["/x"] = tagged
    first = await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    clock.jump(10)
    again = await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    assert again.body is first.body
    clock.jump(4)
    assert (await fetcher.fetch(FetchRequest(f"{site.base}/x"))).from_cache
    assert len(site.requests) == 2


@pytest.mark.parametrize("control", ["no-store", "private, max-age=60", "no-cache", ""])
async def test_what_may_not_be_kept_is_not(site: Site, fetcher: Fetcher, control: str) -> None:
    site.says("/x", Cache_Control=control)
    await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    await fetcher.fetch(FetchRequest(f"{site.base}/x"))
    assert len(site.requests) == 2


async def test_vary_keeps_variants_apart(site: Site, fetcher: Fetcher) -> None:
    async def speak(request: web.Request) -> web.Response:
        headers = {"Vary": "Accept-Language", "Cache-Control": "max-age=60"}
        return web.Response(text=request.headers["Accept-Language"], headers=headers)

    site.answers["/x"] = speak
    for language in ("en", "zh", "en", "zh"):
        request = FetchRequest(f"{site.base}/x", headers={"Accept-Language": language})
        assert (await fetcher.fetch(request)).text() == language
    assert len(site.requests) == 2


async def test_what_varies_with_cookies_is_given_to_no_other_session(
    site: Site, fetcher: Fetcher, clock: VirtualClock
) -> None:
    async def greet(request: web.Request) -> web.Response:
        headers = {"Vary": "Cookie", "Cache-Control": "max-age=60"}
        return web.Response(text=request.headers.get("Cookie", "nobody"), headers=headers)

    site.says("/login", Set_Cookie="id=7; Path=/", Cache_Control="max-age=60")
    site.answers["/x"] = greet
    mine, other = CookieJar(clock), CookieJar(clock)
    request = FetchRequest(f"{site.base}/x")
    texts = [(await fetcher.fetch(request, jar)).text() for jar in (other, None, mine)]
    await fetcher.fetch(FetchRequest(f"{site.base}/login"), other)
    await fetcher.fetch(FetchRequest(f"{site.base}/login"), mine)  # out of the cache, with its cookie
    texts += [(await fetcher.fetch(request, jar)).text() for jar in (mine, None, mine)]
    assert texts == ["nobody", "nobody", "nobody", "id=7", "nobody", "id=7"]
    assert [request.path for request in site.requests] == ["/x", "/login", "/x"]


async def test_a_post_forgets_what_was_kept(site: Site, fetcher: Fetcher) -> None:
    site.says("/x", Cache_Control="max-age=60")
    uri = f"{site.base}/x"
    for method in ("GET", "POST", "GET"):
        await fetcher.fetch(FetchRequest(uri, method=method))
    assert [request.method for request in site.requests] == ["GET", "POST", "GET"]


async def test_prefetch_is_silent_and_warms_the_cache(site: Site, fetcher: Fetcher) -> None:
    site.says("/x", Cache_Control="max-age=60")
    await fetcher.prefetch(FetchRequest(f"{site.base}/x"))
    await fetcher.prefetch(FetchRequest(f"{site.base}/none"))
    assert (await fetcher.fetch(FetchRequest(f"{site.base}/x"))).from_cache


async def test_local_files_are_the_command_lines_alone(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    path = tmp_path / "a b.vxml"
    path.write_text("<vxml/>")
    resource = await fetcher.fetch(FetchRequest(address_of(str(path))))
    assert (resource.content_type, resource.body) == ("application/voicexml+xml", b"<vxml/>")
    beside = await fetcher.fetch(FetchRequest("a%20b.vxml", referrer=resource.uri))
    assert beside.body == b"<vxml/>"
    for request in (
        FetchRequest(path.as_uri(), referrer=f"{site.base}/main.vxml"),
        FetchRequest(f"{site.base}/to-file"),
    ):
        site.says("/to-file", status=302, Location=path.as_uri())
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(request)
        assert caught.value.reason == "forbidden"


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("file:///no/such/file", "missing"),
        ("file:///dev/zero", "missing"),
        ("file:///", "missing"),
        ("gopher://x/", "scheme"),
        ("http://", "scheme"),
        ("http://[::1", "protocol"),
        ("data:text/plain", "protocol"),
        ("data:;base64,***", "protocol"),
    ],
)
async def test_addresses_that_cannot_be_fetched(fetcher: Fetcher, uri: str, reason: str) -> None:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(FetchRequest(uri))
    assert caught.value.reason == reason


async def test_data_addresses(fetcher: Fetcher) -> None:
    resource = await fetcher.fetch(FetchRequest("data:text/xml;charset=UTF-8;base64,PGEvPg=="))
    assert (resource.content_type, resource.charset, resource.body) == ("text/xml", "UTF-8", b"<a/>")


async def test_the_platforms_own_addresses_need_no_socket(fetcher: Fetcher) -> None:
    seen: list[RouteRequest] = []

    async def handler(request: RouteRequest) -> RouteResponse:
        seen.append(request)
        return RouteResponse(200, b"<a/>", {"Content-Type": "text/xml", "Cache-Control": "max-age=9"})

    fetcher.mount("http://platform.invalid/services/", handler)
    request = FetchRequest("http://platform.invalid/services/hours", fields=[("q", "1")])
    resource = await fetcher.fetch(request)
    assert (resource.content_type, resource.body) == ("text/xml", b"<a/>")
    assert seen[0].uri == "http://platform.invalid/services/hours?q=1"
    assert (await fetcher.fetch(request)).from_cache
    with pytest.raises(ValueError, match="answered already"):
        fetcher.mount("http://platform.invalid/services/", handler)


async def test_a_document_is_parsed_once(site: Site, fetcher: Fetcher) -> None:
    site.says("/x", b"<a/>", Cache_Control="max-age=60")
    cache = ParsedCache(capacity=1)
    first = cache.get(await fetcher.fetch(FetchRequest(f"{site.base}/x")), parse_resource)
    assert cache.get(await fetcher.fetch(FetchRequest(f"{site.base}/x")), parse_resource) is first
    site.says("/x", b"<b/>", Cache_Control="max-age=60")
    changed = cache.get(await fetcher.fetch(FetchRequest(f"{site.base}/x", maxage=0)), parse_resource)
    assert changed.name == "b"


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"",
    ],
)
async def test_what_is_no_http_is_told(clock: VirtualClock, answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    fetcher = Fetcher.for_commands(clock)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(FetchRequest(f"http://127.0.0.1:{port}/", timeout=5))
    assert caught.value.reason in ("protocol", "connect")
    server.close()
    await server.wait_closed()
