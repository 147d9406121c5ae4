"""Ways worked out from the graph: what can be derived is, what cannot is said; calls are replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vxmlplat.flows import read_flow
from vxmlplat.flows.errors import FlowError
from vxmlplat.flows.schema import Flow
from vxmlplat.simulator.call_replay import RecordedCall, RecordedStep, replay_steps, replay_test
from vxmlplat.simulator.conversation_proposals import Proposal, propose_tests
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_test import Does
from vxmlplat.simulator.conversation_writing import write_test
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest
from vxmlplat.simulator.port_ways import leaves, put

PROMPT = [{"kind": "text", "text": {"en-US": "Well?"}}]
HOURS = {
    "timezone": "Asia/Shanghai",
    "week": [{"days": ["mon"], "from": "09:00", "to": "17:00"}],
    "holidays": [{"from": "2027-02-06", "to": "2027-02-12"}],
}
WEB = {
    "url": "http://x.example/{v}",
    "arguments": [{"name": "v", "value": "v"}],
    "results": [{"variable": "s", "path": "a.0.b"}],
}
SQL = {
    "sql": "select a from t where b = :v",
    "parameters": [{"name": "v", "value": "v"}],
    "results": [{"variable": "s", "path": "a"}],
}


def node(node_id: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": node_id, "type": kind, "fields": fields}


def branch(port: str, when: str) -> dict[str, Any]:
    return {"id": port, "when": when}


def flow(nodes: list[dict[str, Any]], edges: dict[str, str], **more: Any) -> Flow:
    """``edges``: ``NODE.PORT`` to the next node."""
    graph = {
        "schema": 1,
        "id": "f",
        "name": "F",
        "languages": ["en-US"],
        "variables": [
            {"name": "v"},
            {"name": "s"},
            {"name": "n", "type": "number"},
            {"name": "rows", "type": "object"},
        ],
        "nodes": [{"id": "start", "type": "start"}, *nodes, {"id": "bye", "type": "hangup"}],
        "edges": [
            {"from": way.partition(".")[0], "port": way.partition(".")[2], "to": to}
            for way, to in edges.items()
        ],
        **more,
    }
    reading = read_flow(graph)
    assert reading.flow is not None, reading.problems
    return reading.flow


def single(made: dict[str, Any], *ports: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A flow around one node: each of its ports leads to a word of its own."""
    words = [node(f"to_{number}", "play", prompt=PROMPT) for number in range(len(ports))]
    edges = {"start.next": made["id"]}
    for number, port in enumerate(ports):
        edges |= {f"{made['id']}.{port}": f"to_{number}", f"to_{number}.next": "bye"}
    return [made, *words], edges


async def proposals(made: Flow) -> dict[str, Proposal]:
    """The proposal that covers each edge, by ``NODE.PORT``."""
    under = FlowUnderTest.compiled(made)
    found = await propose_tests(under, [])
    for proposal in found:
        again = read_test(write_test(proposal.test))
        assert not proposal.tried or (await run_test(again, under)).failure is None
    return {f"{source}.{port}": one for one in found for source, port, _ in one.covers}


DERIVED = {
    "menu": (
        node("x", "menu", prompt=PROMPT, choices=[{"key": "1"}, {"key": "23"}]),
        "1",
        "23",
        "noinput",
        "nomatch",
    ),
    "ask": (
        node(
            "x",
            "ask",
            prompt=PROMPT,
            answers=[{"id": "a", "phrases": {"en-US": "a broken lamp\nlamp"}}, {"id": "b", "key": "2"}],
        ),
        "a",
        "b",
        "noinput",
        "nomatch",
    ),
    "digits": (
        node("x", "digits", prompt=PROMPT, variable="v", minimum=4, maximum=6),
        "next",
        "noinput",
        "nomatch",
    ),
    "digits_one": (
        node("x", "digits", prompt=PROMPT, variable="v", terminator=""),
        "next",
        "noinput",
        "nomatch",
    ),
    "survey": (node("x", "survey", prompt=PROMPT), "next", "noinput", "nomatch"),
    "wait": (node("x", "wait", time=3), "next"),
    "record": (node("x", "record", prompt=PROMPT), "next", "noinput", "error", "hangup"),
    "queue": (node("x", "queue", queue="q"), "next", "busy", "noanswer", "error"),
    "transfer": (node("x", "transfer", destination="'tel:1'"), "next", "busy", "noanswer", "error"),
    "business_hours": (node("x", "business_hours", **HOURS), "open", "closed", "holiday"),
    "caller_list": (node("x", "caller_list"), "listed", "unlisted", "error"),
    "web_request": (node("x", "web_request", **WEB), "next", "not_found", "error"),
    "database_query": (node("x", "database_query", **SQL), "rows", "empty", "error"),
    "callback": (node("x", "callback", queue="q"), "next", "refused", "error"),
    "sms": (node("x", "sms", text={"en-US": "Hi"}), "next", "error"),
}


@pytest.mark.parametrize("case", DERIVED)
async def test_every_port_that_can_be_derived_is_tried(case: str) -> None:
    made, *ports = DERIVED[case]
    nodes, edges = single(made, *ports)
    found = await proposals(flow(nodes, edges))
    assert {port: found[f"x.{port}"].tried for port in ports} == dict.fromkeys(ports, True)


CONDITIONS = {
    "of_an_answer": ("web", "s == 'done'", "s == ''"),
    "of_digits": ("digits", "v == '4711'", "v == '0815'"),
    "of_numbers": ("number", "n > 10", "n == 3"),
    "of_rows": ("sql", "s != ''", "s == 'x'"),
}


@pytest.mark.parametrize("case", CONDITIONS)
async def test_a_condition_is_met_where_it_compares_what_can_be_chosen(case: str) -> None:
    source, first, second = CONDITIONS[case]
    made = {
        "web": node("ask", "web_request", **WEB),
        "digits": node("ask", "digits", prompt=PROMPT, variable="v", minimum=4, maximum=4),
        "number": node(
            "ask", "web_request", url="http://x.example/", results=[{"variable": "n", "path": ""}]
        ),
        "sql": node("ask", "database_query", **SQL),
    }[source]
    nodes, edges = single(
        node("x", "condition", branches=[branch("a", first), branch("b", second)]), "a", "b", "otherwise"
    )
    edges |= {"start.next": "ask", f"ask.{'rows' if source == 'sql' else 'next'}": "x"}
    edges |= (
        {"ask.error": "bye"}
        if source in ("web", "number")
        else {"ask.empty": "bye"}
        if source == "sql"
        else {}
    )
    found = await proposals(flow([made, *nodes], edges))
    possible = {"a", "b"} if source == "sql" else {"a", "b", "otherwise"}
    tried = {port for port in ("a", "b", "otherwise") if found[f"x.{port}"].tried}
    # Of rows: the first branch takes whatever is not empty, so the second one cannot be reached.
    assert tried == (possible - {"b"} | {"otherwise"} if source == "sql" else possible)


async def test_what_cannot_be_derived_is_said() -> None:
    nodes, edges = single(
        node("x", "condition", branches=[branch("a", "v.length > n + 1")]), "a", "otherwise"
    )
    found = await proposals(flow(nodes, edges))
    assert found["x.otherwise"].tried
    assert not found["x.a"].tried
    said = " ".join(text["en-US"] for text in found["x.a"].unknown)
    assert "what makes x take the branch a cannot be derived" in said
    assert "tried out, the caller went start → x → to_1 → bye" in said
    assert set(found["x.a"].as_json()) == {"name", "text", "test", "covers", "tried", "unknown"}


async def test_a_loop_is_walked_until_it_lets_go_and_an_unreachable_edge_is_named() -> None:
    made = flow(
        [
            node("x", "loop", times="2"),
            node("m", "play", prompt=PROMPT),
            node("island", "play", prompt=PROMPT),
        ],
        {"start.next": "x", "x.again": "m", "m.next": "x", "x.done": "bye", "island.next": "bye"},
    )
    found = await proposals(made)
    assert found["x.done"].tried
    assert not found["island.next"].tried
    assert "no way leads" in found["island.next"].unknown[0]["en-US"]


ASK = node("ask", "menu", prompt=PROMPT, choices=[{"key": "1", "label": "One"}], tries=1)


async def test_what_fails_without_an_edge_for_it_leads_to_the_flows_own_handling() -> None:
    made = flow(
        [
            node("tell", "sms", to="v", text={"en-US": "Hello"}),
            ASK,
            node("failed", "on_event", event="error"),
            node("sorry", "play", prompt=PROMPT),
        ],
        {
            "start.next": "tell",
            "tell.next": "ask",
            "ask.1": "bye",
            "failed.next": "sorry",
            "sorry.next": "bye",
        },
    )
    found = await proposals(made)
    assert all(proposal.tried for proposal in found.values())
    assert {"failed.next", "sorry.next"} <= set(found)
    assert found["failed.next"].test.services["message"][0].fails


async def test_a_caller_who_hangs_up_comes_to_the_handler_of_that() -> None:
    made = flow(
        [
            ASK,
            node("gone", "on_event", event="connection.disconnect.hangup"),
            node("text", "sms", to="v", text={"en-US": "Bye"}),
        ],
        {"start.next": "ask", "ask.1": "ask", "gone.next": "text", "text.next": "bye"},
    )
    proposal = (await proposals(made))["gone.next"]
    assert proposal.tried
    assert Does({"hangup": True}) in [step.what for step in proposal.test.steps]
    assert {edge[0] for edge in proposal.covers} == {"start", "gone", "text"}


async def test_a_handler_that_nothing_leads_to_is_said_to_be_one() -> None:
    made = flow(
        [node("failed", "on_event", event="error"), node("sorry", "play", prompt=PROMPT)],
        {"start.next": "bye", "failed.next": "sorry", "sorry.next": "bye"},
    )
    found = await proposals(made)
    assert not found["failed.next"].tried
    assert "no way leads" in found["failed.next"].unknown[0]["en-US"]


async def test_only_what_is_missing_is_proposed_and_never_too_much() -> None:
    nodes, edges = single(
        node("x", "menu", prompt=PROMPT, choices=[{"key": str(k)} for k in range(1, 9)]), *"12345678"
    )
    under = FlowUnderTest.compiled(flow(nodes, edges))
    found = await propose_tests(under, [("x", "1", "to_0"), ("to_0", "next", "bye"), ("start", "next", "x")])
    assert len(found) == 7
    assert len(await propose_tests(under, [], most=3)) == 3
    with pytest.raises(ValueError, match="no graph"):
        await propose_tests(FlowUnderTest("d", {}), [])


BEGAN = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)


def recorded(*way: tuple[str, str, str], reason: str = "goto", **fields: str) -> RecordedCall:
    steps = [
        RecordedStep(n, BEGAN + timedelta(seconds=n), "f", 3, source, port, to, reason, fields)
        for n, (source, port, to) in enumerate(way, 1)
    ]
    return RecordedCall("c1", BEGAN, "tel:+86138", "12319", steps)


async def test_a_call_is_replayed_with_what_is_known_of_it() -> None:
    made = flow(
        [
            node("m", "menu", prompt=PROMPT, choices=[{"key": "1"}, {"key": "2"}]),
            node("d", "digits", prompt=PROMPT, variable="v", minimum=4, maximum=4),
            node("w", "web_request", **WEB),
            node("p", "play", prompt=PROMPT),
        ],
        {
            "start.next": "m",
            "m.2": "d",
            "m.1": "bye",
            "d.next": "w",
            "w.next": "p",
            "w.error": "bye",
            "p.next": "m",
        },
    )
    call = recorded(
        ("", "", "start"),
        ("start", "next", "m"),
        ("m", "2", "d"),
        ("d", "next", "w"),
        ("w", "next", "p"),
        ("p", "next", "m"),
        ("m", "back", "d"),
        ("m", "", ""),
        reason="hangup",
        v="4711",
        s="done",
    )
    test = replay_test(call, {("f", 3): made}, "the call")
    assert test is not None
    assert (test.flow, test.at, test.caller) == ("f", BEGAN, "tel:+86138")
    data = write_test(test)
    assert "presses: 4711#" in data
    assert "b: done" in data
    assert data.endswith("- node: m\n  - hangs up\n")
    ran = await run_test(test, FlowUnderTest.compiled(made))
    assert ran.failure is None
    assert [step.target for step in ran.steps] == ["start", "m", "d", "w", "p", "m", ""]
    steps = replay_steps(call)
    assert (steps[2]["t"], steps[2]["from"], steps[2]["port"], steps[2]["version"]) == (3.0, "m", "2", 3)
    # Masked: what the caller keyed stays open.
    masked = replay_test(recorded(("start", "next", "d"), ("d", "next", "w"), v="***"), {("f", 3): made}, "m")
    assert masked is not None
    assert "presses: ????#" in write_test(masked)
    # Of a version that is gone nothing is known; a call of hand-written documents is no flow's.
    bare = replay_test(call, {}, "bare")
    assert bare is not None
    assert [line.what for line in bare.steps][1:] != []
    page = RecordedCall("c", BEGAN, "", "", [RecordedStep(1, BEGAN, "http://x/a.vxml", 0, "", "", "a")])
    assert replay_test(page, {}, "page") is None


def test_a_type_of_node_is_registered_once() -> None:
    with pytest.raises(FlowError, match="registered twice"):
        leaves("menu")(lambda fields, leaving: None)


def test_a_value_is_put_at_a_path() -> None:
    assert put({"a": [1]}, "a.1.b", 2) == {"a": [1, {"b": 2}]}
    assert put(7, "", 8) == 8
    assert put("text", "a.b", 1) == {"a": {"b": 1}}
    assert len(put([], "1000000", 1)) == 101
