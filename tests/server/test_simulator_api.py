from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vxmlplat.server.services import Services
from vxmlplat.store.queues import Queue

FlowFile = Callable[..., dict[str, Any]]


def menu_flow(flow_file: FlowFile) -> dict[str, Any]:
    """A menu with one choice, whose caller hears a word; hours decide before it."""
    nodes = [
        {"id": "start", "type": "start", "fields": {}},
        {
            "id": "hours",
            "type": "business_hours",
            "fields": {
                "timezone": "Asia/Shanghai",
                "week": [{"days": ["mon"], "from": "09:00", "to": "17:00"}],
            },
        },
        {
            "id": "main",
            "type": "menu",
            "fields": {
                "prompt": [{"kind": "text", "text": {"en-US": "Press one"}}],
                "choices": [{"key": "1", "label": {"en-US": "Roads"}}],
            },
        },
        {"id": "road", "type": "play", "fields": {"prompt": [{"kind": "text", "text": {"en-US": "Roads"}}]}},
        {"id": "bye", "type": "hangup", "fields": {}},
    ]
    edges = [
        {"from": "start", "port": "next", "to": "hours"},
        {"from": "hours", "port": "open", "to": "main"},
        {"from": "hours", "port": "closed", "to": "bye"},
        {"from": "main", "port": "1", "to": "road"},
        {"from": "main", "port": "noinput", "to": "bye"},
        {"from": "main", "port": "nomatch", "to": "bye"},
        {"from": "road", "port": "next", "to": "bye"},
    ]
    return flow_file(nodes=nodes, edges=edges)


async def until(socket: Any, kind: str) -> list[dict[str, Any]]:
    """Everything up to a message of that type, or an event of that name."""
    messages: list[dict[str, Any]] = []
    while True:
        messages.append(await socket.receive_json(timeout=10))
        assert messages[-1]["type"] != "problem" or kind == "problem", messages
        if kind in (messages[-1]["type"], messages[-1].get("event")):
            return messages


def path(messages: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(m["from"], m["port"], m["to"]) for m in messages if m["type"] == "step"]


async def test_a_draft_is_tried_out_key_by_key(author: Any, flow_file: FlowFile, services: Services) -> None:
    start = {"type": "start", "flow": menu_flow(flow_file), "ani": "+8613800000000", "dnis": "12319"}
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json(start | {"now": "2026-01-05T10:00:00+08:00"})
        before = await until(socket, "waiting")
        assert before[-1]["for"] == "input"
        assert path(before) == [("", "", "start"), ("start", "next", "hours"), ("hours", "open", "main")]
        assert any("Press one" in m.get("text", "") for m in before if m.get("event") == "prompt")
        await socket.send_json({"type": "input", "dtmf": "1"})
        after = await until(socket, "exit")
        assert path(after)[:2] == [("main", "1", "road"), ("road", "next", "bye")]
        assert path(after)[-1][0::2] == ("bye", "")
        steps = [m for m in before + after if m["type"] == "step"]
        assert {m["flow"] for m in steps} == {"f"}
        # Another call on the same page, at night.
        await socket.send_json(start | {"now": "2026-01-05T22:00:00+08:00"})
        assert ("hours", "closed", "bye") in path(await until(socket, "exit"))
    # A rehearsal leaves no trace: no flow, no call.
    assert await services.store.flows.all() == []
    assert services.recorder.counts.accepted == 0


async def test_a_draft_that_cannot_run_says_why(author: Any, flow_file: FlowFile) -> None:
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json({"type": "start", "flow": flow_file(edges=[])})
        (problem,) = await until(socket, "problem")
        assert (problem["severity"], problem["message"].keys()) == ("error", {"en-US", "zh-CN"})
        # The page mends the draft and goes on.
        await socket.send_json({"type": "start", "flow": menu_flow(flow_file), "now": "2026-01-05T02:00:00Z"})
        while True:
            message = await socket.receive_json(timeout=10)
            if message["type"] == "waiting":
                break


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "message.invalid"),
        ("[]", "message.invalid"),
        ('{"type": "dance"}', "message.invalid"),
        ('{"type": "start"}', "message.invalid"),
        ('{"type": "start", "flow": 7}', "message.invalid"),
        ('{"type": "start", "flow": {"id": ""}}', "flow.schema"),
        ('{"type": "input", "dtmf": "1"}', "simulator.idle"),
    ],
)
async def test_a_message_that_makes_no_sense_is_a_problem(author: Any, text: str, code: str) -> None:
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_str(text)
        problem = (await until(socket, "problem"))[-1]
        assert problem["code"] == code
        assert problem["message"]["en-US"]


async def test_an_input_that_is_none_does_not_end_the_call(author: Any, flow_file: FlowFile) -> None:
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json({"type": "start", "flow": menu_flow(flow_file), "now": "2026-01-05T02:00:00Z"})
        await until(socket, "waiting")
        await socket.send_json({"type": "input", "dtmf": "x"})
        assert (await until(socket, "problem"))[-1]["code"] == "input.invalid"
        await socket.send_json({"type": "input", "hangup": True})
        messages = await until(socket, "exit")
        assert path(messages)[-1][0::2] == ("main", "")
        await socket.send_json({"type": "stop"})


async def test_the_checks_know_queues_and_prompts(
    author: Any, flow_file: FlowFile, services: Services
) -> None:
    flow = flow_file()
    flow["nodes"][1] = {"id": "hello", "type": "queue", "fields": {"queue": "repairs"}}
    unknown = (await (await author.post("/api/flows/f/check", json=flow)).json())["problems"]
    assert "queue.unknown" in {one["code"] for one in unknown}
    await services.store.queues.put(Queue(id="repairs"))
    known = (await (await author.post("/api/flows/f/check", json=flow)).json())["problems"]
    assert "queue.unknown" not in {one["code"] for one in known}


async def test_the_debugger_over_the_socket(author: Any, flow_file: FlowFile) -> None:
    start = {"type": "start", "flow": menu_flow(flow_file), "now": "2026-01-05T02:00:00Z"}
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json(start | {"pause": True, "breakpoints": [{"node": "main"}]})
        state = (await until(socket, "state"))[-1]
        assert (state["paused"], state["node"], state["step"]) == ("start", "start", 1)
        await socket.send_json({"type": "set", "name": "application.lang", "value": "'zh-CN'"})
        changed = (await until(socket, "variables"))[-1]["changed"]
        assert changed == [{"scope": "application", "name": "lang", "kind": "string", "value": "zh-CN"}]
        await socket.send_json({"type": "evaluate", "expression": "application.lang + '!'"})
        assert (await until(socket, "value"))[-1]["value"] == "zh-CN!"
        await socket.send_json({"type": "step"})
        assert (await until(socket, "state"))[-1]["paused"] is None
        assert (await until(socket, "state"))[-1]["node"] == "hours"
        await socket.send_json({"type": "continue"})
        await until(socket, "state")
        assert (await until(socket, "state"))[-1]["paused"] == "breakpoint"
        await socket.send_json({"type": "breakpoints", "breakpoints": []})
        await socket.send_json({"type": "run_to", "node": "road"})
        await until(socket, "waiting")
        await socket.send_json({"type": "input", "dtmf": "1"})
        assert path(await until(socket, "state"))[-1] == ("main", "1", "road")
        await socket.send_json({"type": "back", "step": 2})
        rewound = await until(socket, "rewound")
        assert rewound[-1]["step"] == 2
        state = (await until(socket, "state"))[-1]
        assert (state["paused"], state["node"], state["ahead"]) == ("back", "hours", 1)
        await socket.send_json({"type": "forget"})
        assert (await until(socket, "state"))[-1]["ahead"] == 0
        await socket.send_json({"type": "pause"})
        await socket.send_json({"type": "stop"})


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "set", "name": "application.lang", "value": "("}, "debugger.expression"),
        ({"type": "set", "name": "", "value": "1"}, "message.invalid"),
        ({"type": "evaluate", "expression": "nowhere"}, "debugger.expression"),
        ({"type": "back"}, "debugger.beginning"),
        ({"type": "back", "step": True}, "message.invalid"),
        ({"type": "run_to"}, "message.invalid"),
        ({"type": "faults", "faults": [{"kind": "explode"}]}, "message.invalid"),
        ({"type": "breakpoints", "breakpoints": 7}, "message.invalid"),
    ],
)
async def test_what_the_debugger_cannot_do_is_said(
    author: Any, flow_file: FlowFile, message: dict[str, Any], code: str
) -> None:
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json({"type": "start", "flow": menu_flow(flow_file), "pause": True})
        await until(socket, "state")
        await socket.send_json(message)
        problem = (await until(socket, "problem"))[-1]
        assert problem["code"] == code
        assert problem["message"]["zh-CN"]


async def test_a_service_fails_at_a_click(author: Any, flow_file: FlowFile) -> None:
    flow = menu_flow(flow_file)
    start = {"type": "start", "flow": flow, "now": "2026-01-05T02:00:00Z"}
    answer = {"kind": "answer", "node": "hours", "value": {}, "port": "closed"}
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json(start | {"faults": [answer]})
        assert ("hours", "closed", "bye") in path(await until(socket, "exit"))
        await socket.send_json(start | {"pause": True})
        await until(socket, "state")
        await socket.send_json(
            {"type": "faults", "faults": [{"kind": "timeout", "service": "business-hours"}]}
        )
        await socket.send_json({"type": "continue"})
        messages = await until(socket, "exit")
        thrown = [one["name"] for one in messages if one.get("event") == "throw"]
        assert thrown == ["error.badfetch"]
        assert messages[-1]["t"] >= 10


async def test_by_voice_a_media_plane_is_needed(author: Any, flow_file: FlowFile) -> None:
    async with author.ws_connect("/api/simulator") as socket:
        await socket.send_json({"type": "start", "flow": menu_flow(flow_file), "time": "voice"})
        assert (await until(socket, "problem"))[-1]["code"] == "simulator.no_voice"
        await socket.send_bytes(b"nobody hears this")
        await socket.send_json({"type": "ping", "at": 1})
        assert (await until(socket, "pong"))[-1] == {"type": "pong", "at": 1}
