"""Conversation tests over the web interface: stored, run, proposed, before a publish, and from real calls."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vxmlplat.analytics.step import CallEnd, CallStart, Step
from vxmlplat.server import test_runs as runs
from vxmlplat.server.services import Services

Refused = Callable[..., Any]
FlowFile = Callable[..., dict[str, Any]]

MENU = {
    "nodes": [
        {"id": "start", "type": "start", "fields": {}},
        {
            "id": "main",
            "type": "menu",
            "fields": {
                "prompt": [{"kind": "text", "text": {"en-US": "Press one"}}],
                "choices": [{"key": "1", "label": "Roads", "value": "roads"}, {"key": "2", "label": "Gas"}],
                "variable": "matter",
                "tries": 1,
            },
        },
        {
            "id": "pin",
            "type": "digits",
            "fields": {
                "prompt": [{"kind": "text", "text": {"en-US": "Your PIN"}}],
                "variable": "secret",
                "minimum": 4,
                "maximum": 4,
                "tries": 1,
            },
        },
        {"id": "bye", "type": "hangup", "fields": {}},
    ],
    "edges": [
        {"from": "start", "port": "next", "to": "main"},
        {"from": "main", "port": "1", "to": "pin"},
        {"from": "main", "port": "2", "to": "bye"},
        {"from": "main", "port": "noinput", "to": "bye"},
        {"from": "pin", "port": "next", "to": "bye"},
    ],
    "variables": [{"name": "matter"}, {"name": "secret", "report": True, "masked": True}],
}

GOOD = """
flow: f
steps:
  - hears: Press one
  - presses: "1"
  - variables: {matter: roads}
  - presses: 1234#
  - variables: {secret: "1234"}
  - ends: disconnect
"""
BAD = GOOD.replace("Press one", "Press two")


@pytest.fixture
async def flow(author: Any, flow_file: FlowFile) -> dict[str, Any]:
    made = flow_file(**MENU)
    assert (await author.post("/api/flows", json=made)).status == 201
    return made


async def put(author: Any, name: str, text: str) -> Any:
    return await author.put(f"/api/flows/f/tests/{name}", json={"text": text})


async def test_tests_are_kept_listed_and_removed(author: Any, flow: Any, refused: Refused) -> None:
    made = await (await put(author, "to roads", GOOD)).json()
    assert made["name"] == "to roads"
    assert made["test"]["steps"][0] == {"hears": "Press one"}
    assert (await (await author.get("/api/flows/f/tests/to roads")).json())["text"] == GOOD
    # The same test as data, as an editor sends it.
    again = await author.put("/api/flows/f/tests/to roads", json={"test": made["test"]})
    assert (await again.json())["test"] == made["test"]
    listed = await (await author.get("/api/flows/f/tests")).json()
    assert [one["name"] for one in listed["tests"]] == ["to roads"]
    assert (listed["tests"][0]["changed_by"], listed["tests_before_publish"]) == ("author", False)
    assert (await author.delete("/api/flows/f/tests/to roads")).status == 204
    await refused(await author.get("/api/flows/f/tests/to roads"), 404, "test.unknown")


async def test_a_test_that_cannot_be_read_says_line_and_what_is_allowed(
    author: Any, flow: Any, refused: Refused
) -> None:
    error = await refused(await put(author, "t", GOOD.replace("presses", "pushes")), 422, "test.invalid")
    assert error["detail"]["line"] == 5
    assert "presses" in error["message"]
    await refused(await put(author, "t", "name: other\n" + GOOD.lstrip()), 422, "test.name")
    await refused(await put(author, "t", GOOD.replace("flow: f", "flow: g")), 422, "test.flow")
    await refused(await author.put("/api/flows/f/tests/t", json={}), 422, "test.body")
    await refused(
        await author.put("/api/flows/none/tests/t", json={"text": GOOD.replace(": f", ": none")}),
        404,
        "flow.unknown",
    )


async def test_a_new_test_takes_no_others_name(author: Any, flow: Any, refused: Refused) -> None:
    made = await author.post("/api/flows/f/tests", json={"text": "# pipes\nname: a\n" + GOOD.lstrip()})
    assert (made.status, (await made.json())["name"]) == (201, "a")
    again = await author.post("/api/flows/f/tests", json={"text": GOOD, "name": "a"})
    await refused(again, 409, "test.exists")
    copy = await author.post("/api/flows/f/tests", json={"text": GOOD, "name": "a (2)"})
    assert (await copy.json())["text"].startswith("\nname: a (2)\nflow: f")
    await refused(await author.post("/api/flows/f/tests", json={"text": GOOD}), 422, "test.invalid")


async def test_a_test_is_renamed_by_its_text_or_by_its_author(
    author: Any, flow: Any, refused: Refused
) -> None:
    await put(author, "a", GOOD)
    await put(author, "b", GOOD)
    text = "name: c\n" + GOOD.lstrip()
    done = await author.put("/api/flows/f/tests/a", json={"text": text, "rename": True})
    assert ((await done.json())["name"], (await done.json())["text"]) == ("c", text)
    done = await author.put("/api/flows/f/tests/c", json={"text": text + "# mine\n", "name": "d"})
    assert (await done.json())["text"] == text.replace("name: c", "name: d") + "# mine\n"
    await refused(
        await author.put("/api/flows/f/tests/d", json={"text": text, "name": "b"}), 409, "test.exists"
    )
    await refused(
        await author.put("/api/flows/f/tests/a", json={"text": text, "name": "e"}), 404, "test.unknown"
    )
    bad = await author.put("/api/flows/f/tests/d", json={"text": text, "name": "a/b"})
    await refused(bad, 422, "test.invalid")
    listed = await (await author.get("/api/flows/f/tests")).json()
    assert [one["name"] for one in listed["tests"]] == ["b", "d"]


async def test_tests_run_on_the_draft_a_version_or_what_is_sent(
    author: Any, flow: dict[str, Any], refused: Refused
) -> None:
    await put(author, "good", GOOD)
    await put(author, "bad", BAD)
    done = await (await author.post("/api/flows/f/tests/run", json={})).json()
    assert (done["passed"], [one["passed"] for one in done["results"]]) == (1, [False, True])
    failure = done["results"][0]["failure"]
    assert (failure["step"], failure["line"], failure["expected"]) == (1, 4, "Press two")
    assert (failure["node"], failure["heard"]) == ("main", ["Press one"])
    passed = {(edge["from"], edge["port"]): edge["tests"] for edge in done["coverage"]["edges"]}
    assert passed["main", "1"] == ["good"]
    assert passed["main", "2"] == []
    # What is sent: a draft that speaks otherwise, and a test that is not stored.
    changed = json.loads(json.dumps(flow).replace("Press one", "Press two"))
    sent = {"flow": changed, "tests": ["bad"], "texts": {"new": GOOD, "broken": "steps: 7"}}
    done = await (await author.post("/api/flows/f/tests/run", json=sent)).json()
    assert [(one["name"], one["passed"]) for one in done["results"]] == [
        ("bad", True),
        ("new", False),
        ("broken", False),
    ]
    assert "flow is missing" in done["results"][2]["failure"]["message"]["en-US"]
    assert (await author.post("/api/flows/f/publish", json={"revision": 1})).status == 200
    on_version = await author.post("/api/flows/f/tests/run", json={"version": 1, "tests": ["good"]})
    assert (await on_version.json())["passed"] == 1
    await refused(await author.post("/api/flows/f/tests/run", json={"version": 7}), 404, "version.unknown")
    await refused(await author.post("/api/flows/f/tests/run", json={"tests": ["none"]}), 404, "test.unknown")
    cannot = await author.post("/api/flows/f/tests/run", json={"flow": flow | {"edges": []}})
    assert (await refused(cannot, 422, "flow.cannot_run"))["detail"]["problems"]


async def test_results_come_line_by_line(author: Any, flow: Any) -> None:
    await put(author, "good", GOOD)
    response = await author.post(
        "/api/flows/f/tests/run", json={}, headers={"Accept": "application/x-ndjson"}
    )
    lines = [json.loads(line) for line in (await response.text()).splitlines()]
    assert [next(iter(line)) for line in lines] == ["result", "coverage"]


async def test_a_run_that_does_not_end_is_ended(
    author: Any, flow: Any, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LONGEST_RUN", 0.01)
    await put(author, "good", GOOD)
    await refused(await author.post("/api/flows/f/tests/run", json={}), 503, "tests.too_long")


@pytest.mark.parametrize("way", ["run", "propose"])
async def test_a_run_ends_with_the_client_that_wanted_it(
    author: Any, flow: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def endless(given: bytes) -> AsyncGenerator[dict[str, Any]]:
        began.set()
        try:
            await asyncio.Event().wait()
            yield {}
        finally:
            ended.set()

    monkeypatch.setattr(runs, "_lines", endless)
    monkeypatch.setattr(runs, "LOOK_AROUND", 0.01)
    asking = asyncio.create_task(author.post(f"/api/flows/f/tests/{way}", json={}))
    await asyncio.wait_for(began.wait(), 10)
    asking.cancel()
    await asyncio.wait_for(ended.wait(), 10)


async def test_missing_paths_are_proposed_and_pass_when_stored(author: Any, flow: Any) -> None:
    await put(author, "good", GOOD)
    answer = await (await author.post("/api/flows/f/tests/propose", json={})).json()
    covers = {(e["from"], e["port"]) for one in answer["proposals"] for e in one["covers"]}
    assert covers == {("main", "2"), ("main", "noinput")}
    for proposal in answer["proposals"]:
        assert proposal["tried"]
        assert (await put(author, proposal["name"], proposal["text"])).status == 200
    done = await (await author.post("/api/flows/f/tests/run", json={})).json()
    assert (done["passed"], done["coverage"]["edges_percent"]) == (3, 100.0)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_nothing_is_left_of_a_run_that_is_given_up(
    author: Any, flow: dict[str, Any], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VXMLPLAT_TEST_RUN", mark := uuid.uuid4().hex)

    def running() -> int:
        found = 0
        for place in Path("/proc").glob("[0-9]*/environ"):
            try:
                # One that has ended and waits for its parent has no environment any more.
                found += mark.encode() in place.read_bytes() and int(place.parts[2]) != os.getpid()
            except OSError:
                continue
        return found

    texts = [(f"t{number}", GOOD) for number in range(300)]
    async with aclosing(runs.lines_of_run(services.store, flow, texts)) as lines:
        for _ in range(5):
            assert "result" in await anext(lines)
        assert running() >= 1
    for _ in range(100):
        if not running():
            break
        await asyncio.sleep(0.02)
    assert running() == 0


async def test_failing_tests_stand_before_a_publish_where_the_author_wants_it(
    author: Any, flow: Any, services: Services, refused: Refused
) -> None:
    await put(author, "bad", BAD)
    wish = {"tests_before_publish": True}
    assert await (await author.put("/api/flows/f/settings", json=wish)).json() == wish
    assert await (await author.get("/api/flows/f/settings")).json() == wish
    response = await author.post("/api/flows/f/publish", json={"revision": 1})
    error = await refused(response, 422, "flow.tests_failed")
    assert [one["name"] for one in error["detail"]["failures"]] == ["bad"]
    (problem,) = error["detail"]["problems"]
    assert (problem["node"], problem["message"].keys()) == ("main", {"en-US", "zh-CN"})
    assert await services.store.flows.versions("f") == []
    await put(author, "bad", GOOD)
    assert (await author.post("/api/flows/f/publish", json={"revision": 1})).status == 200


async def test_a_simulated_call_is_saved_as_a_test(author: Any, flow: dict[str, Any]) -> None:
    events = []
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json({"type": "start", "flow": flow})
        actions = [{"type": "input", "dtmf": "1"}, {"type": "input", "dtmf": "1234#"}]
        while not events or events[-1].get("event") != "exit":
            events.append(await socket.receive_json(timeout=10))
            if events[-1]["type"] == "waiting":
                await socket.send_json(actions.pop(0))
    run = {"name": "from a run", "events": events, "ani": "+8613800000000", "dnis": "12319"}
    made = await (await author.post("/api/flows/f/tests/from-run", json=run)).json()
    assert {"presses": "1234#"} in made["test"]["steps"]
    assert {"node": "pin"} in made["test"]["steps"]
    assert made["test"]["caller"] == "+8613800000000"
    await put(author, "from a run", made["text"])
    ran = await (await author.post("/api/flows/f/tests/run", json={})).json()
    assert ran["passed"] == 1, (made["text"], ran["results"])


async def test_a_saved_run_mocks_the_services_with_what_they_answered(
    author: Any, flow_file: Any, services: Services
) -> None:
    hello = [
        {"kind": "text", "text": {"en-US": "Ticket "}},
        {"kind": "value", "expr": "found.state", "as": "text"},
    ]
    asked = {
        "method": "GET",
        "url": "https://tickets.example/{id}",
        "arguments": [{"name": "id", "value": "'7'"}],
    }
    graph = flow_file(
        variables=[{"name": "found", "type": "object", "initial": None}],
        nodes=[
            {"id": "start", "type": "start", "fields": {}},
            {
                "id": "ask",
                "type": "web_request",
                "fields": {**asked, "results": [{"variable": "found", "path": ""}]},
            },
            {"id": "tell", "type": "play", "fields": {"prompt": hello}},
            {"id": "bye", "type": "hangup", "fields": {}},
        ],
        edges=[
            {"from": "start", "port": "next", "to": "ask"},
            {"from": "ask", "port": "next", "to": "tell"},
            {"from": "ask", "port": "not_found", "to": "bye"},
            {"from": "ask", "port": "error", "to": "bye"},
            {"from": "tell", "port": "next", "to": "bye"},
        ],
    )
    assert (await author.post("/api/flows", json=graph)).status == 201
    given = {"state": "closed", "token": "abcdef"}
    events = []
    async with author.ws_connect("/api/simulator") as socket:
        fault = {"kind": "answer", "service": "web-request", "value": given}
        await socket.send_json({"type": "start", "flow": graph, "faults": [fault]})
        while not events or events[-1].get("event") != "exit":
            events.append(await socket.receive_json(timeout=10))
            assert events[-1]["type"] != "problem", events
    run = {"name": "asked", "events": events}
    made = await (await author.post("/api/flows/f/tests/from-run", json=run)).json()
    assert made["test"]["services"] == {
        "https://tickets.example/7": {"answer": {"state": "closed", "token": "***"}}
    }
    assert made["masked"] == ["https://tickets.example/7: token"]
    assert made["left_out"] == []
    assert {"hears": "Ticket closed"} in made["test"]["steps"]
    ran = await (await author.post("/api/flows/f/tests/run", json={"texts": {"asked": made["text"]}})).json()
    assert ran["passed"] == 1, (made["text"], ran["results"])
    assert ran["results"][0]["unanswered"] == []


async def test_a_real_call_is_replayed_with_what_was_masked_left_open(
    author: Any, analyst: Any, flow: Any, services: Services, refused: Refused
) -> None:
    assert (await author.post("/api/flows/f/publish", json={"revision": 1})).status == 200
    start = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    services.recorder.call_started(CallStart("c1", start, ani="tel:+8613800000000", dnis="12319"))
    way = [
        ("", "", "start", {}),
        ("start", "next", "main", {}),
        ("main", "1", "pin", {}),
        ("pin", "next", "bye", {"secret": "***"}),
        ("bye", "", "", {}),
    ]
    for number, (source, port, target, fields) in enumerate(way):
        moment = start.replace(second=number)
        services.recorder.step(Step("c1", "s", moment, "f", 1, source, port, target, "goto", fields))
    services.recorder.call_ended(CallEnd("c1", start.replace(second=9), "disconnect"))
    replayed = await (await author.post("/api/calls/c1/replay", json={})).json()
    assert [(s["t"], s["from"], s["port"], s["to"]) for s in replayed["steps"]][1:4] == [
        (1.0, "start", "next", "main"),
        (2.0, "main", "1", "pin"),
        (3.0, "pin", "next", "bye"),
    ]
    assert (replayed["flow"], replayed["version"]) == ("f", 1)
    steps = replayed["test"]["test"]["steps"]
    assert steps[:2] == [{"node": "main"}, {"presses": "1"}]
    assert steps[2:3] == [{"node": "pin"}]
    assert (steps[3]["presses"], "not kept" in steps[3]["note"]) == ("????#", True)
    # Nobody takes the placeholder for keys: the test says that it is to be filled in.
    texts = {"call c1": replayed["test"]["text"]}
    run = await (await author.post("/api/flows/f/tests/run", json={"version": 1, "texts": texts})).json()
    assert "fill them in" in run["results"][0]["failure"]["message"]["en-US"]
    filled = {"call c1": replayed["test"]["text"].replace("????", "4711")}
    run = await (await author.post("/api/flows/f/tests/run", json={"version": 1, "texts": filled})).json()
    assert run["passed"] == 1
    await refused(await author.post("/api/calls/none/replay", json={}), 404, "call.unknown")
    await refused(await analyst.post("/api/calls/c1/replay", json={}), 403, "role.missing")


async def test_runs_take_turns(author: Any, flow: Any) -> None:
    await put(author, "good", GOOD)
    answers = await asyncio.gather(*(author.post("/api/flows/f/tests/run", json={}) for _ in range(3)))
    assert [(await answer.json())["passed"] for answer in answers] == [1, 1, 1]
