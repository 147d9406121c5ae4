from __future__ import annotations

import asyncio
import io
import math
import struct
import wave
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestServer

from vxmlplat.analytics.step import CallEnd, CallStart, Step
from vxmlplat.server.events import (
    AgentsChanged,
    CallDataChanged,
    NumbersChanged,
    PromptsChanged,
    QueuesChanged,
    SettingsChanged,
)
from vxmlplat.server.resources.acd import ha1
from vxmlplat.server.services import Health, Services
from vxmlplat.store.agents import Agent
from vxmlplat.store.callbacks import Callback
from vxmlplat.store.recordings import Recording

Refused = Callable[..., Any]
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def told(services: Services, kind: type[Any]) -> list[Any]:
    heard: list[Any] = []
    services.events.subscribe(kind, heard.append)
    return heard


def tone(rate: int = 16_000, seconds: float = 0.5) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (int(8000 * math.sin(n * 0.3)) for n in range(int(rate * seconds)))
        file.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return out.getvalue()


# -------------------------------------------------------------------------------- numbers


async def test_numbers_are_replaced_as_a_whole(operator: Any, services: Services, refused: Refused) -> None:
    heard = told(services, NumbersChanged)
    await services.store.flows.add("f", {}, "a", START)
    body = [
        {"number": "12319", "flow": "f"},
        {"number": "+861", "document": "http://example.org/a.vxml"},
        {"number": "*", "ccxml": "http://example.org/a.ccxml", "document": "http://example.org/a.vxml"},
    ]
    assert (await operator.put("/api/numbers", json=body)).status == 200
    stored = await (await operator.get("/api/numbers")).json()
    assert {one["number"] for one in stored} == {"12319", "+861", "*"}
    assert heard == [NumbersChanged()]
    for wrong, code in (
        ([{"number": "1", "flow": "nowhere"}], "number.flow_unknown"),
        ([{"number": "1", "flow": "f"}, {"number": "1", "flow": "f"}], "number.twice"),
        ([{"number": "1"}], "body.invalid"),
        ([{"number": "1", "flow": "f", "document": "http://x/"}], "body.invalid"),
        ([{"number": "1 2", "flow": "f"}], "body.invalid"),
        ([{"number": "1", "document": "javascript:alert(1)"}], "body.invalid"),
        ({"number": "1"}, "body.invalid"),
    ):
        await refused(await operator.put("/api/numbers", json=wrong), 422, code)
    assert len(await services.store.numbers.all()) == 3


# -------------------------------------------------------------------------------- prompts


def upload(file: bytes | None, name: str = "welcome", language: str = "zh-CN") -> FormData:
    form = FormData({"name": name, "language": language})
    if file is not None:
        form.add_field("file", file, filename="x.wav", content_type="audio/wav")
    return form


async def test_a_prompt_is_brought_to_telephone_quality(author: Any, services: Services) -> None:
    heard = told(services, PromptsChanged)
    response = await author.post("/api/prompts", data=upload(tone()))
    assert response.status == 201, await response.text()
    assert (await response.json())["duration"] == pytest.approx(0.5, abs=0.01)
    audio = await (await author.get("/api/prompts/zh-CN/welcome")).read()
    with wave.open(io.BytesIO(audio)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
    (listed,) = await (await author.get("/api/prompts?language=zh-CN")).json()
    assert (listed["name"], listed["changed_by"]) == ("welcome", "author")
    assert await (await author.get("/api/prompts?language=en-US")).json() == []
    assert (await author.delete("/api/prompts/zh-CN/welcome")).status == 204
    assert heard == [PromptsChanged("zh-CN", "welcome")] * 2


async def test_what_is_no_prompt_is_refused_with_the_reason(author: Any, refused: Refused) -> None:
    error = await refused(
        await author.post("/api/prompts", data=upload(b"no audio")), 422, "prompt.not_audio"
    )
    assert "no audio" in error["message"]
    without = upload(None)
    without.add_field("other", b"x", filename="x.wav")
    await refused(await author.post("/api/prompts", data=without), 422, "prompt.file")
    await refused(await author.post("/api/prompts", data=upload(tone(), name="../x")), 422, "prompt.name")
    await refused(
        await author.post("/api/prompts", data=upload(tone(), language="?")), 422, "prompt.language"
    )
    await refused(await author.post("/api/prompts", data=upload(b"x" * 1_000_001)), 413, "body.too_large")
    await refused(await author.post("/api/prompts", json={}), 415, "body.type")
    headers = {"Content-Type": "multipart/form-data"}
    await refused(await author.post("/api/prompts", data=b"--", headers=headers), 400, "body.multipart")
    await refused(await author.get("/api/prompts/zh-CN/none"), 404, "prompt.unknown")
    assert await (await author.get("/api/prompts")).json() == []


# -------------------------------------------------------------------------------- acd


async def test_queues(operator: Any, author: Any, services: Services, refused: Refused) -> None:
    heard = told(services, QueuesChanged)
    body = {"name": {"en-US": "Repairs"}, "skills": {"repair": 2}, "ring_time": 12}
    stored = await (await operator.put("/api/queues/repairs", json=body)).json()
    assert (stored["id"], stored["ring_time"], stored["wrap_up"]) == ("repairs", 12, 10)
    assert [one["id"] for one in await (await author.get("/api/queues")).json()] == ["repairs"]
    assert heard == [QueuesChanged("repairs")]
    await refused(await operator.put("/api/queues/repairs", json={"ring_time": -1}), 422, "body.invalid")
    await refused(await operator.put("/api/queues/repairs", json={"ringtime": 1}), 422, "body.invalid")
    await refused(await operator.put("/api/queues/repairs", json={"id": "other"}), 422, "id.other")
    await refused(await operator.put("/api/queues/a%20b", json={}), 422, "id.invalid")


async def test_agents_and_their_passwords(operator: Any, services: Services, refused: Refused) -> None:
    heard = told(services, AgentsChanged)
    body = {"name": "Li Na", "skills": {"repair": 5}, "password": "telephone-1001"}
    stored = await (await operator.put("/api/agents/1001", json=body)).json()
    assert stored["registers"] is True
    assert "telephone" not in str(stored)
    assert not {"ha1", "ha1_sha256"} & set(stored)

    async def kept_hashes() -> dict[str, str]:
        agent = (await services.store.agents.get("1001")).agent
        return {"ha1": agent.ha1, "ha1_sha256": agent.ha1_sha256}

    kept = await kept_hashes()
    assert kept == ha1("1001", "vxmlplat", "telephone-1001")
    await operator.put("/api/agents/1001", json={"name": "Li", "address": "sip:1001@10.0.0.5"})
    assert await kept_hashes() == kept
    assert heard == [AgentsChanged("1001")] * 2
    for wrong in (
        {"password": "short"},
        {"address": "http://x"},
        {"skills": {"a": 0}},
        {"skills": {"a b": 1}},
    ):
        await refused(await operator.put("/api/agents/1002", json=wrong), 422, "body.invalid")
    assert "telephone" not in str([entry.model_dump() for entry in await services.store.audit.latest()])


def test_what_a_registrar_keeps_is_as_rfc_2617_has_it() -> None:
    # The example of RFC 2617 §3.5, and sha256sum of the same text.
    assert ha1("Mufasa", "testrealm@host.com", "Circle Of Life") == {
        "ha1": "939e7578ed9e3c518a452acee763bce9",
        "ha1_sha256": "3ba6cd94661c5ef34598040c868f13b8775df29109986be50ad35ae537dd3aa4",
    }


async def test_agents_set_their_own_state_only(
    agent: Any, operator: Any, services: Services, refused: Refused
) -> None:
    await services.store.agents.put(Agent(id="agent"), {})
    await services.store.agents.put(Agent(id="1001"), {})
    assert (await agent.post("/api/agents/agent/state", json={"state": "ready"})).status == 204
    await refused(await agent.post("/api/agents/1001/state", json={"state": "ready"}), 403, "agent.other")
    body = {"state": "not_ready", "reason": "break"}
    assert (await operator.post("/api/agents/1001/state", json=body)).status == 204
    assert (await services.store.agents.get("1001")).agent.state_reason == "break"
    await refused(await agent.post("/api/agents/agent/state", json={"state": "flying"}), 422, "body.invalid")
    await refused(
        await agent.post("/api/agents/agent/state", json={"state": "not_ready"}), 409, "agent.state"
    )
    await refused(await operator.post("/api/agents/9/state", json={"state": "ready"}), 404, "agent.unknown")
    services.acd = None
    await refused(await agent.post("/api/agents/agent/state", json={"state": "ready"}), 503, "acd.absent")


async def test_the_live_acd(analyst: Any, agent: Any, services: Services) -> None:
    view = await (await analyst.get("/api/acd/live")).json()
    assert view["queues"][0]["waiting"] == 2
    assert [one["agent"] for one in view["agents"]] == ["agent", "1001"]
    own = await (await agent.get("/api/acd/live")).json()
    assert (len(own["queues"]), own["agents"]) == (1, [{"agent": "agent"}])
    services.acd = None
    assert await (await analyst.get("/api/acd/live")).json() == {"queues": [], "agents": []}


async def test_a_queue_and_an_agent_can_be_removed(
    operator: Any, services: Services, refused: Refused
) -> None:
    await operator.put("/api/queues/q", json={"skills": {"a": 1}})
    await operator.put("/api/agents/1001", json={"skills": {"a": 1}})
    for place, code in (("/api/queues/q", "queue.unknown"), ("/api/agents/1001", "agent.unknown")):
        assert (await operator.delete(place)).status == 204
        await refused(await operator.delete(place), 404, code)
    assert await services.store.agents.all() == []
    assert await services.store.queues.all() == []


async def test_callbacks_that_wait(operator: Any, services: Services) -> None:
    await services.store.callbacks.add(Callback(id="1", number="138", queue="q", due=START, created=START))
    assert [one["number"] for one in await (await operator.get("/api/callbacks?queue=q")).json()] == ["138"]
    assert await (await operator.get("/api/callbacks?queue=other")).json() == []


# -------------------------------------------------------------------------------- calls, analytics


def record_calls(services: Services) -> None:
    """Two calls at nine, the second of them still in the menu; one at ten."""
    for call, hour, moves in (
        ("c1", 0, ("menu", "repair", "")),
        ("c2", 0, ("menu",)),
        ("c3", 1, ("menu", "")),
    ):
        start = START + timedelta(hours=hour)
        services.recorder.call_started(CallStart(call, start, ani="+86138", dnis="12319", data={"vip": 1}))
        here = ""
        for port, there in enumerate(moves):
            reason = "exit" if not there else ""
            services.recorder.step(Step(call, "s", start, "f", 1, here, str(port), there, reason, {"a": "b"}))
            here = there
        if not here:
            services.recorder.call_ended(CallEnd(call, start + timedelta(seconds=9), "exit", "caller"))


async def test_nodes_calls_and_paths(analyst: Any, services: Services) -> None:
    record_calls(services)
    report = await (await analyst.get("/api/analytics/nodes?flow=f")).json()
    assert report["flow"] == "f"
    assert report["nodes"] == [
        {
            "node": "menu",
            "entered": 3,
            "left": 2,
            "inside": 1,
            "from": [{"node": "", "port": "0", "count": 3, "percent": 100.0}],
            "to": [
                {"node": "", "port": "1", "reason": "exit", "count": 1, "percent": 50.0},
                {"node": "repair", "port": "1", "reason": "", "count": 1, "percent": 50.0},
            ],
        },
        {
            "node": "repair",
            "entered": 1,
            "left": 1,
            "inside": 0,
            "from": [{"node": "menu", "port": "1", "count": 1, "percent": 100.0}],
            "to": [{"node": "", "port": "2", "reason": "exit", "count": 1, "percent": 100.0}],
        },
    ]
    ranged = "/api/analytics/nodes?flow=f&from=2026-01-05T17:30:00+08:00&to=2026-01-05T11:00:00Z"
    assert [(n["node"], n["entered"]) for n in (await (await analyst.get(ranged)).json())["nodes"]] == [
        ("menu", 1)
    ]
    assert (await (await analyst.get("/api/analytics/nodes?flow=f&version=2,3")).json())["nodes"] == []

    page = await (await analyst.get("/api/analytics/calls?flow=f&limit=2")).json()
    assert [(one["call"], one["steps"], one["outcome"]) for one in page["calls"]] == [
        ("c3", 2, "exit"),
        ("c2", 1, ""),
    ]
    query = {"flow": "f", "limit": "2", "after": page["next"]}
    last = await (await analyst.get("/api/analytics/calls", params=query)).json()
    assert ([one["call"] for one in last["calls"]], last["next"]) == (["c1"], None)
    through = await (await analyst.get("/api/analytics/calls?flow=f&node=repair")).json()
    assert [one["call"] for one in through["calls"]] == ["c1"]

    path = await (await analyst.get("/api/analytics/calls/c1")).json()
    assert (path["ani"], path["hangup_by"], path["started"]) == ("+86138", "caller", "2026-01-05T09:00:00Z")
    assert [(s["n"], s["from"], s["port"], s["to"], s["reason"], s["fields"]) for s in path["steps"]] == [
        (1, "", "0", "menu", "", {"a": "b"}),
        (2, "menu", "1", "repair", "", {"a": "b"}),
        (3, "repair", "2", "", "exit", {"a": "b"}),
    ]
    exported = await (await analyst.get("/api/analytics/export?flow=f")).text()
    assert len(exported.splitlines()) == 1 + 6


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("nodes", "query.flow"),
        ("nodes?flow=f&from=yesterday", "query.time"),
        ("nodes?flow=f&from=2026-01-02&to=2026-01-01", "question.invalid"),
        ("nodes?flow=f&version=new", "query.version"),
        ("calls?limit=0", "query.number"),
        ("calls?limit=100000", "query.number"),
        ("calls?after=x", "question.invalid"),
    ],
)
async def test_questions_that_make_no_sense(analyst: Any, refused: Refused, query: str, code: str) -> None:
    await refused(await analyst.get(f"/api/analytics/{query}"), 400, code)


async def test_an_unknown_call(analyst: Any, agent: Any, refused: Refused) -> None:
    await refused(await analyst.get("/api/analytics/calls/none"), 404, "call.unknown")
    await refused(await agent.get("/api/calls/none/data"), 404, "call.unknown")
    await refused(await agent.put("/api/calls/none/data", json={}), 404, "call.unknown")


async def test_the_data_of_a_call(agent: Any, services: Services, refused: Refused) -> None:
    heard = told(services, CallDataChanged)
    record_calls(services)
    assert await (await agent.get("/api/calls/c2/data")).json() == {"vip": 1}
    big = {"note": "路" * 4096}
    assert (await agent.put("/api/calls/c2/data", json=big)).status == 200
    assert await (await agent.get("/api/calls/c2/data")).json() == big
    assert heard == [CallDataChanged("c2", big)]
    too_big = {"note": "x" * 70_000}
    await refused(await agent.put("/api/calls/c2/data", json=too_big), 413, "data.too_large")
    await refused(await agent.put("/api/calls/c2/data", json=[1]), 400, "body.json")
    entry = (await services.store.audit.latest(1))[0]
    assert entry.detail == {"members": ["note"]}


# -------------------------------------------------------------------------------- recordings


async def test_listening_is_in_the_audit_trail(analyst: Any, services: Services, refused: Refused) -> None:
    root = services.settings.recordings
    root.mkdir(parents=True)
    (root / "r.wav").write_bytes(tone())
    for name, path in (("r", "r.wav"), ("gone", "gone.wav"), ("out", "../store.db")):
        recording = Recording(
            id=name, call="c1", mailbox="m", path=path, size=9, created=START, duration=60.0
        )
        await services.store.recordings.add(recording)
    listed = await (await analyst.get("/api/recordings?mailbox=m&limit=5")).json()
    assert {one["id"] for one in listed} == {"r", "gone", "out"}
    assert "path" not in listed[0]
    # One that was stored before this was written down began as long ago as it lasts.
    assert listed[0]["started"] == listed[0]["created"].replace("09:00:00", "08:59:00")
    response = await analyst.get("/api/recordings/r")
    assert (response.content_type, await response.read()) == ("audio/wav", tone())
    part = await analyst.get("/api/recordings/r", headers={"Range": "bytes=0-3"})
    assert (part.status, await part.read()) == (206, b"RIFF")
    for name in ("gone", "out"):
        await refused(await analyst.get(f"/api/recordings/{name}"), 410, "recording.gone")
    await refused(await analyst.get("/api/recordings/none"), 404, "recording.unknown")
    entries = await services.store.audit.latest()
    assert [(e.action, e.target, e.user) for e in entries] == [
        ("recording.listen", "recording r", "analyst")
    ] * 2


# -------------------------------------------------------------------------------- operations


async def test_the_live_view_comes_at_once_and_again(
    analyst: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vxmlplat.server.resources.live.EVERY", 0.01)
    async with analyst.ws_connect("/api/live") as socket:
        first, second = await socket.receive_json(), await socket.receive_json()
    assert (first["calls"], first["channels"], first["acd"]["queues"][0]["waiting"]) == (3, 120, 2)
    assert second["time"] >= first["time"]


async def test_the_stop_of_the_server_ends_open_sockets(analyst: Any, server: TestServer[Any]) -> None:
    async with analyst.ws_connect("/api/live") as socket:
        await socket.receive_json()
        closing = asyncio.create_task(server.close())
        while not socket.closed:
            await socket.receive()
        await closing
        assert socket.close_code == 1001


async def test_health_tells_the_worst_part(anybody: Any, services: Services, refused: Refused) -> None:
    response = await anybody.get("/api/health")  # from this machine no password is needed
    body = await response.json()
    assert (response.status, body["state"]) == (200, "ok")
    assert body["parts"].keys() == {"store", "recorder"}

    async def limping() -> Health:
        return Health("degraded", "one voice of two")

    async def failing() -> Health:
        raise OSError("no such device")

    services.health["speech"] = limping
    body = await (await anybody.get("/api/health")).json()
    assert (body["state"], body["parts"]["speech"]["message"]) == ("degraded", "one voice of two")
    services.health["media"] = failing
    response = await anybody.get("/api/health")
    assert (response.status, (await response.json())["parts"]["media"]["state"]) == (503, "failed")
    await services.recorder.stop()
    assert (await (await anybody.get("/api/health")).json())["parts"]["recorder"]["state"] == "failed"
    for place in ("/api/health", "/metrics"):
        response = await anybody.get(place, headers={"X-Forwarded-For": "203.0.113.9"})
        await refused(response, 401, "session.needed")


async def test_metrics_are_what_prometheus_reads(anybody: Any, services: Services) -> None:
    services.gauges["vxmlplat_sip_transactions"] = lambda: 7.0
    record_calls(services)
    await services.recorder.flush()
    response = await anybody.get("/metrics")
    assert response.content_type == "text/plain"
    lines = (await response.text()).splitlines()
    assert "vxmlplat_open_calls 1" in lines
    assert "vxmlplat_sip_transactions 7.0" in lines
    assert "vxmlplat_calls_channels 120" in lines
    assert any(line.startswith('vxmlplat_records_total{what="written"}') for line in lines)
    families = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(families) == len(set(families))


async def test_settings_and_caller_lists(
    admin: Any, operator: Any, services: Services, refused: Refused
) -> None:
    heard = told(services, SettingsChanged)
    assert (await admin.put("/api/settings/hours.default", json={"mon": "9-17"})).status == 200
    assert await (await admin.get("/api/settings")).json() == {"hours.default": {"mon": "9-17"}}
    assert (await admin.delete("/api/settings/hours.default")).status == 204
    assert await (await admin.get("/api/settings")).json() == {}
    assert heard == [SettingsChanged("hours.default")] * 2
    entries = [{"number": "+86138*", "note": "mayor"}, {"number": "110", "note": ""}]
    assert (await operator.put("/api/caller-lists/vip", json=entries)).status == 200
    stored = await (await operator.get("/api/caller-lists/vip")).json()
    assert sorted(stored, key=str) == sorted(entries, key=str)
    await refused(await operator.put("/api/caller-lists/vip", json=entries * 2), 422, "list.twice")
    await refused(await operator.put("/api/caller-lists/vip", json=[{"number": "a b"}]), 422, "body.invalid")


async def test_the_audit_trail_page_by_page(admin: Any, operator: Any) -> None:
    for number in range(3):
        await operator.put("/api/caller-lists/vip", json=[{"number": str(number)}])
    first = await (await admin.get("/api/audit?limit=2")).json()
    assert [(e["action"], e["user"], e["target"]) for e in first] == [
        ("list.put", "operator", "caller list vip")
    ] * 2
    assert first[0]["address"] == "127.0.0.1"
    rest = await (await admin.get(f"/api/audit?limit=2&before={first[-1]['id']}")).json()
    assert len(rest) == 1


# -------------------------------------------------------------------------------- the designer's pages


async def test_the_designers_pages(anybody: Any, designer: Path, refused: Refused) -> None:
    for address in ("/", "/flows/hotline", "/index.html"):
        response = await anybody.get(address)
        assert (response.status, await response.text()) == (200, "<title>designer</title>")
        assert response.headers["Cache-Control"] == "no-cache"
    asset = await anybody.get("/assets/app-3f2a.js", headers={"Accept-Encoding": "identity"})
    assert await asset.text() == "start()"
    assert "immutable" in asset.headers["Cache-Control"]
    zipped = await anybody.get(
        "/assets/app-3f2a.js", headers={"Accept-Encoding": "gzip"}, skip_auto_headers=[]
    )
    assert zipped.headers["Content-Encoding"] == "gzip"
    for own in ("/published-not", "/deep/er"):
        assert (await anybody.get(own)).status == 200  # addresses of the browser's own
    for missing in ("/assets/old-1.js", "/api/none", "/metrics/x", "/../secret.txt", "/%2e%2e/secret.txt"):
        response = await anybody.get(missing)
        assert response.status == 404, missing
        assert "not yours" not in await response.text()
