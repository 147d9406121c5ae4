from __future__ import annotations

import io
import json
import sqlite3
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from vxmlplat.analytics.step import CallEnd, CallStart
from vxmlplat.clock import Clock, SystemClock, VirtualClock
from vxmlplat.documents import MULTIPART, CookieJar, Fetcher, FetchError, FetchRequest, FilePart
from vxmlplat.server.errors import RouteError
from vxmlplat.server.events import CallDataChanged
from vxmlplat.server.families import platform_routes
from vxmlplat.server.platform_services.addresses import ForbiddenAddressError, PublicResolver, is_public
from vxmlplat.server.platform_services.registry import SERVICES, Question, platform_service
from vxmlplat.server.recording_archive import RecordingArchive
from vxmlplat.server.services import Services
from vxmlplat.store.queues import Queue

BASE = "http://127.0.0.1:8080"
Answer = tuple[str, Any]


class Asker:
    """Asks a service as a compiled document does: a form through the fetcher, an XML answer."""

    def __init__(self, services: Services, clock: Clock | None = None, *, rehearsal: bool = False) -> None:
        self._fetcher = Fetcher(SystemClock())
        for prefix, handler in platform_routes(services, clock=clock, rehearsal=rehearsal).items():
            self._fetcher.mount(BASE + prefix, handler)

    async def __call__(
        self,
        service: str,
        members: Mapping[str, Any],
        *,
        file: FilePart | None = None,
        call: str = "",
        caller: str = "tel:+8613800000000",
    ) -> Answer:
        who = {"flow": "f", "node": "n", "language": "zh-CN", "caller": caller, "called": "sip:12319@x"}
        fields: list[tuple[str, str | FilePart]] = [("vx_request", json.dumps({"call": who, **members}))]
        if file is not None:
            fields.append(("vx_message", file))
        request = FetchRequest(
            f"{BASE}/services/{service}",
            method="POST",
            fields=fields,
            headers={"X-Vxmlplat-Call": call} if call else {},
            **({"enctype": MULTIPART} if file is not None else {}),
        )
        resource = await self._fetcher.fetch(request, CookieJar())
        assert resource.content_type == "application/xml"
        root = ElementTree.fromstring(resource.body)
        return root.attrib["port"], json.loads(root.text) if root.text else None

    async def refused(self, service: str, members: Mapping[str, Any], status: int = 400) -> None:
        with pytest.raises(FetchError) as error:
            await self(service, members)
        assert error.value.status == status


@pytest.fixture
def ask(services: Services) -> Asker:
    return Asker(services)


def test_a_service_is_registered_once() -> None:
    assert set(SERVICES) == {
        "business-hours",
        "call-data",
        "callback",
        "caller-list",
        "database-query",
        "message",
        "voicemail",
        "web-request",
    }
    with pytest.raises(RouteError, match="twice"):
        platform_service("voicemail", Question)(lambda asked, question: None)  # type: ignore[arg-type, return-value]


async def test_a_request_that_makes_no_sense_is_a_400(ask: Asker, services: Services) -> None:
    await ask.refused("caller-list", {})
    await ask.refused("caller-list", {"list": "vip", "unknown": 1})
    await ask.refused("caller-list", {"list": "../x"})
    fetcher = Fetcher(SystemClock())
    for prefix, handler in platform_routes(services).items():
        fetcher.mount(BASE + prefix, handler)
    for fields in ([("vx_request", "{")], [("vx_request", "[1]")], [("vx_request", "[" * 100_000)]):
        with pytest.raises(FetchError) as error:
            await fetcher.fetch(FetchRequest(f"{BASE}/services/caller-list", method="POST", fields=fields))
        assert error.value.status == 400
    for content_type in ("multipart/form-data", "text/plain", "multipart/form-data; boundary=x"):
        request = FetchRequest(
            f"{BASE}/services/caller-list", method="POST", body=b"\xff--x", content_type=content_type
        )
        with pytest.raises(FetchError) as error:
            await fetcher.fetch(request)
        assert error.value.status == 400


# -------------------------------------------------------------------------------------------- business hours

SCHEDULE = {
    "timezone": "Asia/Shanghai",
    "week": [{"days": ["mon", "tue"], "from": "09:00", "to": "17:30"}],
    "holidays": [{"from": "2026-01-06", "to": "", "title": "Feast"}],
    "extra_days": [{"date": "2026-01-10", "from": "10:00", "to": "12:00"}],
}


@pytest.mark.parametrize(
    ("moment", "port"),
    [
        (datetime(2026, 1, 5, 1, 0, tzinfo=UTC), "open"),
        (datetime(2026, 1, 5, 9, 30, tzinfo=UTC), "closed"),
        (datetime(2026, 1, 6, 2, 0, tzinfo=UTC), "holiday"),
        (datetime(2026, 1, 10, 3, 0, tzinfo=UTC), "open"),
        (datetime(2026, 1, 11, 3, 0, tzinfo=UTC), "closed"),
    ],
)
async def test_business_hours(services: Services, moment: datetime, port: str) -> None:
    assert await Asker(services, VirtualClock(moment))("business-hours", SCHEDULE) == (port, {})


async def test_a_schedule_that_is_none_is_refused(ask: Asker) -> None:
    await ask.refused("business-hours", SCHEDULE | {"timezone": "Mars/Olympus"})
    await ask.refused("business-hours", SCHEDULE | {"timezone": "../../etc/passwd"})
    await ask.refused("business-hours", SCHEDULE | {"week": [{"days": ["mon"], "from": "9", "to": "17:00"}]})


# -------------------------------------------------------------------------------------------- web request


@pytest.fixture
async def tickets(services: Services) -> AsyncIterator[str]:
    """A web service of the operator's own network, which the operator allows."""

    async def ticket(request: web.Request) -> web.Response:
        if request.match_info["id"] == "404":
            raise web.HTTPNotFound
        return web.json_response(
            {
                "id": request.match_info["id"],
                "query": dict(request.query),
                "auth": request.headers.get("X-Key"),
            }
        )

    async def echo(request: web.Request) -> web.Response:
        return web.json_response({"method": request.method, "body": await request.json()})

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    async def odd(request: web.Request) -> web.Response:
        return web.json_response({"text": "a\x00\x1f<&>\ud800\uffff]]>"})

    def fixed(**options: Any) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            return web.Response(**options)

        return handle

    app = web.Application()
    app.router.add_get("/tickets/{id}", ticket)
    app.router.add_route("*", "/echo", echo)
    app.router.add_get("/away", away)
    app.router.add_get("/odd", odd)
    app.router.add_get("/large", fixed(text='"' + "x" * 1_040_000 * 2 + '"'))
    app.router.add_get("/text", fixed(text="<html>"))
    app.router.add_get("/empty", fixed(status=204))
    app.router.add_get("/broken", fixed(status=500, text="x"))
    server: TestServer[Any] = TestServer(app)
    await server.start_server()
    services.settings = replace(services.settings, allowed_hosts=frozenset({f"127.0.0.1:{server.port}"}))
    yield f"http://127.0.0.1:{server.port}"
    await server.close()


async def test_a_web_request_fills_the_address_and_hands_on_json(ask: Asker, tickets: str) -> None:
    members = {
        "method": "GET",
        "url": f"{tickets}/tickets/{{number}}",
        "arguments": {"number": "7/8 &", "lang": "zh-CN", "whole": 7.0},
        "headers": {"X-Key": "k", "Host": "evil.example"},
        "timeout": 5,
    }
    port, value = await ask("web-request", members)
    assert (port, value["status"]) == ("next", 200)
    assert value["body"] == {"id": "7/8 &", "query": {"lang": "zh-CN", "whole": "7"}, "auth": "k"}


async def test_a_web_request_with_a_body(ask: Asker, tickets: str) -> None:
    members = {"method": "POST", "url": f"{tickets}/echo", "arguments": {"a": 1}}
    assert (await ask("web-request", members))[1]["body"] == {"method": "POST", "body": {"a": 1}}
    members = {"method": "PUT", "url": f"{tickets}/echo", "arguments": {"a": 1}, "body": [1, "二"]}
    assert (await ask("web-request", members))[1]["body"] == {"method": "PUT", "body": [1, "二"]}


@pytest.mark.parametrize(
    ("path", "port", "status"),
    [
        ("/tickets/404", "not_found", 404),
        ("/text", "error", 200),
        ("/empty", "next", 204),
        ("/broken", "error", 500),
        ("/large", "error", 0),
    ],
)
async def test_what_a_web_service_may_answer(
    ask: Asker, tickets: str, path: str, port: str, status: int
) -> None:
    found, value = await ask("web-request", {"url": tickets + path})
    assert (found, value["status"], value["body"]) == (port, status, None)


async def test_what_xml_cannot_hold_arrives_all_the_same(ask: Asker, tickets: str) -> None:
    _, value = await ask("web-request", {"url": f"{tickets}/odd"})
    assert value["body"]["text"] == "a\x00\x1f<&>\ud800\uffff]]>"


async def test_nobody_there_is_an_error_port(ask: Asker, tickets: str, services: Services) -> None:
    services.settings = replace(services.settings, allowed_hosts=frozenset({"127.0.0.1:9"}))
    port, value = await ask("web-request", {"url": "http://127.0.0.1:9/"})
    assert (port, value["status"]) == ("error", 0)
    for url in ("ftp://example.org/", "http://", "nonsense"):
        assert (await ask("web-request", {"url": url}))[0] == "error"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:{port}",
        "localhost:{port}",
        "127.1:{port}",
        "2130706433:{port}",
        "0x7f000001:{port}",
        "[::1]:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "0.0.0.0:{port}",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
    ],
)
async def test_the_operators_network_is_out_of_reach(
    ask: Asker, tickets: str, services: Services, host: str
) -> None:
    services.settings = replace(services.settings, allowed_hosts=frozenset())
    place = host.format(port=tickets.rpartition(":")[2])
    port, value = await ask("web-request", {"url": f"http://{place}/tickets/1", "timeout": 2})
    assert (port, value["status"], value["body"]) == ("error", 0, None)
    assert "may not reach" in value["error"] or "not a canonical" in value["error"], value


async def test_a_redirection_does_not_lead_there_either(ask: Asker, tickets: str) -> None:
    for target in ("http://127.0.0.1:1/", "http://169.254.169.254/latest", "file:///etc/passwd"):
        port, value = await ask("web-request", {"url": f"{tickets}/away?to={target}"})
        assert (port, value["body"]) == ("error", None)
    port, value = await ask("web-request", {"url": f"{tickets}/away?to=/tickets/5"})
    assert value["body"]["id"] == "5"
    port, value = await ask("web-request", {"url": f"{tickets}/away?to=/away?to=/away"})
    assert port == "error"


async def test_a_name_is_judged_by_the_address_that_is_used() -> None:
    class Rebinding(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            both = ("93.184.216.34", "127.0.0.1") if host == "mixed.example" else ("10.0.0.1",)
            return [
                ResolveResult(hostname=host, host=one, port=port, family=2, proto=0, flags=0) for one in both
            ]

        async def close(self) -> None:
            pass

    resolver = PublicResolver(lambda host, port: host == "ours.example", Rebinding())
    assert [one["host"] for one in await resolver.resolve("mixed.example", 80)] == ["93.184.216.34"]
    assert [one["host"] for one in await resolver.resolve("ours.example", 80)] == ["10.0.0.1"]
    with pytest.raises(ForbiddenAddressError):
        await resolver.resolve("private.example", 80)


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("224.0.0.1", False), ("100.64.0.1", False), ("x", False)],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


# -------------------------------------------------------------------------------------------- voicemail


async def test_a_message_is_stored_whole(ask: Asker, services: Services) -> None:
    audio = FilePart(b"RIFF\r\n--x\x00\xff" * 1000, "audio/x-wav", "message.wav")
    port, value = await ask("voicemail", {"mailbox": "general", "duration": 3500}, file=audio, call="c1")
    recording = await services.store.recordings.get(value["id"])
    assert recording.started == recording.created - timedelta(seconds=recording.duration)
    assert port == "next"
    assert (recording.call, recording.mailbox, recording.duration, recording.size) == (
        "c1",
        "general",
        3.5,
        len(audio.data),
    )
    path = services.settings.recordings / recording.path
    assert path.read_bytes() == audio.data
    assert path.stat().st_mode & 0o077 == 0
    assert list(services.settings.recordings.rglob("*.part")) == []


def message(seconds: float) -> FilePart:
    """A caller's message, as ``<record>`` hands it over."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(round(8000 * seconds)) / 8000)).astype("<i2")
        file.writeframes(tone.tobytes())
    return FilePart(data.getvalue(), "audio/x-wav", "message.wav")


async def test_a_kept_message_is_made_smaller_afterwards(
    ask: Asker, services: Services, client_as: Callable[[str | None], Any]
) -> None:
    archive = RecordingArchive(services.settings.recordings, services.store.recordings, "audio/ogg")
    services.archive = archive
    sent = message(3.0)
    _, value = await ask("voicemail", {"mailbox": "general", "duration": 3000}, file=sent, call="c1")
    _, odd = await ask("voicemail", {"mailbox": "m"}, file=FilePart(b"\x7f" * 800, "audio/basic", "m.au"))
    _, broken = await ask("voicemail", {"mailbox": "m"}, file=FilePart(b"RIFF", "audio/x-wav", "m.wav"))
    await archive.settled()
    kept = await services.store.recordings.get(value["id"])
    path = services.settings.recordings / kept.path
    assert (kept.media_type, kept.size, path.suffix) == ("audio/ogg", path.stat().st_size, ".ogg")
    assert kept.size < len(sent.data) / 4
    assert path.stat().st_mode & 0o077 == 0
    assert kept.duration == 3.0
    response = await client_as("analyst").get(f"/api/recordings/{value['id']}")
    assert (response.headers["Content-Type"], (await response.read())[:4]) == ("audio/ogg", b"OggS")
    assert (await services.store.recordings.get(odd["id"])).media_type == "audio/basic"
    assert (await services.store.recordings.get(broken["id"])).path.endswith(".wav")
    files = [path.suffix for path in services.settings.recordings.rglob("*") if path.is_file()]
    assert sorted(files) == [".au", ".ogg", ".wav"]
    await archive.stop()


async def test_a_message_that_is_gone_leaves_no_file(ask: Asker, services: Services) -> None:
    archive = RecordingArchive(services.settings.recordings, services.store.recordings, "audio/flac")
    services.settings.recordings.mkdir()
    (services.settings.recordings / "a.wav").write_bytes(message(0.2).data)
    archive.keep("nobody", Path("a.wav"), "audio/wav")
    await archive.settled()
    assert [path.name for path in services.settings.recordings.iterdir()] == ["a.wav"]
    await archive.stop()


async def test_a_message_without_audio_is_refused(ask: Asker, services: Services) -> None:
    await ask.refused("voicemail", {"mailbox": "general"})
    await ask.refused("voicemail", {"mailbox": "../../etc"})
    assert await services.store.recordings.latest() == []


# -------------------------------------------------------------------------------- lists, messages, callbacks


@pytest.mark.parametrize(
    ("caller", "port"),
    [
        ("tel:+86-138-1111", "listed"),
        ("sip:+861381111@gw.example;user=phone", "listed"),
        ("sip:bob@x", "unlisted"),
    ],
)
async def test_a_caller_list(ask: Asker, services: Services, caller: str, port: str) -> None:
    await services.store.caller_lists.replace("vip", {"+86138*": "mayor"})
    found, value = await ask("caller-list", {"list": "vip"}, caller=caller)
    assert found == port
    assert (value["entry"] or {}).get("note") == ("mayor" if port == "listed" else None)
    assert (await ask("caller-list", {"list": "vip", "number": 861380}))[0] == "unlisted"


async def test_messages_wait_in_the_outbox(ask: Asker, services: Services) -> None:
    port, value = await ask("message", {"kind": "sms", "text": "您好", "when": "now"})
    assert port == "next"
    (sms,) = await services.store.outbox.waiting()
    assert (sms.id, sms.recipient, sms.text) == (value["id"], "+8613800000000", "您好")
    services.recorder.call_started(CallStart("c1", services.clock.wall()))
    await services.recorder.flush()
    email = {"kind": "email", "to": "a@example.org", "subject": "Ticket", "text": "7", "when": "hangup"}
    await ask("message", email, call="c1")
    assert len(await services.store.outbox.waiting()) == 1
    services.recorder.call_ended(CallEnd("c1", services.clock.wall(), "exit"))
    await services.recorder.flush()
    assert {one.kind for one in await services.store.outbox.waiting()} == {"sms", "email"}
    for wrong in (
        {"kind": "fax", "text": "x"},
        {"kind": "sms", "to": "nobody", "text": "x"},
        {"kind": "email", "to": "nobody", "text": "x"},
        {"kind": "email", "to": "a@b.c", "subject": "x\r\nBcc: all", "text": "x"},
        {"kind": "sms", "text": ""},
    ):
        await ask.refused("message", wrong)


async def test_a_callback(ask: Asker, services: Services) -> None:
    await services.store.queues.put(Queue(id="repairs"))
    members = {"number": "", "queue": "repairs", "after": 60, "note": "n", "data": '{"ticket": 7}'}
    port, value = await ask("callback", members, call="c1")
    (waiting,) = await services.store.callbacks.waiting("repairs")
    assert (port, waiting.id, waiting.number, waiting.data) == (
        "next",
        value["id"],
        "+8613800000000",
        {"ticket": 7},
    )
    assert (waiting.due - waiting.created).total_seconds() == 60
    assert (await ask("callback", members))[0] == "refused"
    assert (await ask("callback", members, caller="sip:anonymous@x"))[0] == "refused"
    await ask.refused("callback", members | {"queue": "nowhere"})
    await ask.refused("callback", members | {"data": "[1]"})


# -------------------------------------------------------------------------------------------- data


@pytest.fixture
def database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tickets.db") as connection:
        connection.execute("CREATE TABLE tickets (id INTEGER PRIMARY KEY, state TEXT, photo BLOB)")
        connection.executemany(
            "INSERT INTO tickets VALUES (?, ?, ?)", [(7, "open", b"\xff"), (8, "done", None)]
        )
    connection.close()


@pytest.mark.usefixtures("database")
async def test_a_query_binds_its_values(ask: Asker) -> None:
    members = {"database": "tickets", "sql": "SELECT id, state, photo FROM tickets WHERE id = :id"}
    found = await ask("database-query", members | {"parameters": {"id": 7}})
    assert found == ("rows", {"rows": [{"id": 7, "state": "open", "photo": "/w=="}], "count": 1})
    hostile = await ask("database-query", members | {"parameters": {"id": "7 OR 1=1"}})
    assert hostile == ("empty", {"rows": [], "count": 0})
    everything = {"database": "tickets", "sql": "SELECT id FROM tickets ORDER BY id", "limit": 1}
    assert (await ask("database-query", everything))[1]["rows"] == [{"id": 7}]


@pytest.mark.usefixtures("database")
async def test_a_query_that_cannot_be_run(ask: Asker) -> None:
    await ask.refused("database-query", {"database": "unknown", "sql": "SELECT 1"})
    await ask.refused("database-query", {"database": "tickets", "sql": "SELEKT"}, 502)
    await ask.refused("database-query", {"database": "tickets", "sql": "SELECT :missing"}, 502)


@pytest.mark.usefixtures("database")
async def test_a_change_counts_and_is_kept(services: Services, ask: Asker) -> None:
    change = {"database": "tickets", "sql": "UPDATE tickets SET state = 'late'"}
    look = {"database": "tickets", "sql": "SELECT id FROM tickets WHERE state = 'late'"}
    assert await Asker(services, rehearsal=True)("database-query", change) == (
        "rows",
        {"rows": [], "count": 2},
    )
    assert (await ask("database-query", look))[0] == "empty"
    assert (await ask("database-query", change))[1]["count"] == 2
    assert (await ask("database-query", look))[0] == "rows"


async def test_the_data_of_the_call(ask: Asker, services: Services) -> None:
    heard: list[CallDataChanged] = []
    services.events.subscribe(CallDataChanged, heard.append)
    services.recorder.call_started(CallStart("c1", services.clock.wall(), data={"vip": True}))
    assert await ask("call-data", {"set": {"ticket": 7}}, call="c1") == (
        "next",
        {"data": {"vip": True, "ticket": 7}},
    )
    assert await ask("call-data", {}, call="c1") == ("next", {"data": {"vip": True, "ticket": 7}})
    assert heard == [CallDataChanged("c1", {"vip": True, "ticket": 7})]
    await ask.refused("call-data", {}, 404)


async def test_a_rehearsal_stores_and_sends_nothing(services: Services) -> None:
    rehearse = Asker(services, rehearsal=True)
    await services.store.queues.put(Queue(id="q"))
    audio = FilePart(b"RIFF", "audio/x-wav", "m.wav")
    assert (await rehearse("voicemail", {"mailbox": "m"}, file=audio))[0] == "next"
    assert (await rehearse("message", {"kind": "sms", "text": "x"}))[0] == "next"
    assert (await rehearse("callback", {"queue": "q"}))[0] == "next"
    assert (await rehearse("call-data", {"set": {"a": 1}}))[1] == {"data": {"a": 1}}
    assert await services.store.recordings.latest() == []
    assert await services.store.outbox.waiting() == []
    assert await services.store.callbacks.waiting() == []


async def test_over_http_a_service_is_asked_by_post_only(author: Any, services: Services) -> None:
    """A link or an image on a foreign page sends GET: it must not be able to send a message."""
    members = {"vx_request": json.dumps({"kind": "sms", "to": "138000", "text": "x"})}
    assert (await author.get("/services/message", params=members)).status in (404, 405)
    assert await services.store.outbox.waiting() == []
    response = await author.post("/services/message", data=members)
    assert (response.status, response.content_type) == (200, "application/xml")
    assert len(await services.store.outbox.waiting()) == 1
