"""Conversation tests acted out: what holds, and what a failure says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vxmlplat.flows import read_flow
from vxmlplat.simulator.conversation_coverage import coverage_of
from vxmlplat.simulator.conversation_recording import save_run, without_recordings
from vxmlplat.simulator.conversation_result import ConversationResult, Failure
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_test import ConversationTest, Line
from vxmlplat.simulator.conversation_writing import write_test
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest, FlowUnderTestError, spoken_recordings

SAMPLE = Path(__file__).parents[2] / "samples" / "hotline-12319"


def said(english: str, chinese: str = "") -> list[dict[str, Any]]:
    return [{"kind": "text", "text": {"en-US": english, **({"zh-CN": chinese} if chinese else {})}}]


def flow_of(nodes: list[dict[str, Any]], edges: list[tuple[str, str, str]], **more: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": "f",
        "name": "F",
        "languages": ["en-US"],
        "nodes": [{"id": "start", "type": "start"}, *nodes, {"id": "bye", "type": "hangup"}],
        "edges": [{"from": source, "port": port, "to": target} for source, port, target in edges],
        **more,
    }


def under_test(graph: dict[str, Any], **others: dict[str, Any]) -> FlowUnderTest:
    flow = read_flow(graph).flow
    assert flow is not None
    return FlowUnderTest.compiled(flow, others=others.get)


async def run(flow: FlowUnderTest, steps: str, head: str = "") -> ConversationResult:
    lines = "\n".join(f"  - {line.strip()}" for line in steps.strip().splitlines())
    return await run_test(read_test(f"name: t\nflow: f\n{head}\nsteps:\n{lines}\n"), flow)


async def failure(flow: FlowUnderTest, steps: str, head: str = "") -> Failure:
    result = await run(flow, steps, head)
    assert result.failure is not None
    return result.failure


@pytest.fixture(scope="module")
def menu() -> FlowUnderTest:
    """A menu in two languages, data kept and handed to a queue."""
    return under_test(
        flow_of(
            [
                {
                    "id": "main",
                    "type": "menu",
                    "fields": {
                        "prompt": said("Press 1.", "请按1。"),
                        "choices": [
                            {"key": "1", "label": "One", "value": "one"},
                            {"key": "2", "label": "Two"},
                        ],
                        "variable": "v",
                        "noinput_prompt": said("Nothing heard.", "没有听到。"),
                        "tries": 2,
                    },
                },
                {
                    "id": "count",
                    "type": "set",
                    "fields": {"assignments": [{"variable": "n", "value": "n + 7"}]},
                },
                {
                    "id": "people",
                    "type": "queue",
                    "fields": {"queue": "people", "prompt": said("Hold on.", "稍候。")},
                },
                {"id": "zh", "type": "language", "fields": {"language": "zh-CN"}},
            ],
            [
                ("start", "next", "main"),
                ("main", "1", "count"),
                ("main", "2", "zh"),
                ("zh", "next", "main"),
                ("count", "next", "people"),
                ("people", "next", "bye"),
                ("people", "busy", "main"),
                ("people", "noanswer", "bye"),
            ],
            languages=["en-US", "zh-CN"],
            variables=[
                {"name": "v", "data": True},
                {"name": "n", "type": "number"},
                {"name": "s", "masked": True},
            ],
        )
    )


async def test_a_whole_call(menu: FlowUnderTest) -> None:
    result = await run(
        menu,
        """
        node: main
        hears: Press 1.
        waits
        hears: Nothing heard.
        hears: {pattern: '^Press \\d'}
        presses: 1
        node: count
        variables: {v: one, n: 7, s: ""}
        hears: {zh-CN: 稍候。, en-US: Hold on.}
        handed: {v: one, caller: "tel:+86138"}
        transfer: busy
        node: main
        presses: 1
        variables: {n: 14}
        transfer: answered
        ends: disconnect
        """,
        'caller: "+86138"',
    )
    assert result.failure is None
    assert [(step.source, step.port) for step in result.steps][:4] == [
        ("", ""),
        ("start", "next"),
        ("main", "1"),
        ("count", "next"),
    ]


async def test_a_failure_says_step_expectation_what_was_heard_and_node(menu: FlowUnderTest) -> None:
    found = await failure(menu, "hears: Press 1.\nwaits\nhears: Press 9.")
    assert (found.step, found.line, found.node, found.expected) == (3, 7, "main", "Press 9.")
    assert found.heard == ("Nothing heard.", "Press 1.")
    assert found.message["en-US"] == "heard instead: Nothing heard. | Press 1."
    assert "没有" not in found.message["en-US"]
    assert found.message["zh-CN"].startswith("实际听到")


@pytest.mark.parametrize(
    ("steps", "expected", "message"),
    [
        ("hears: Press 1.\nhears: Press 1.", "Press 1.", "nothing more was heard"),
        ("hears: {zh-CN: Press 1.}", "zh-CN", "heard instead: Press 1."),
        ("hears: {recording: welcome}", "recording welcome", "heard instead"),
        ("node: people", "node people", "the caller went start → main"),
        ("presses: 1\nvariables: {v: two}", 'v = "two"', 'v is "one"'),
        ("variables: {w: 1}", "w = 1", "no such variable; there are n, s, v"),
        ("handed: {v: one}", '{"v": "one"}', "there was no transfer"),
        ("presses: 1\nhanded: {v: two}", 'v = "two"', 'handed over: v = "one"'),
        ("presses: 1\nhanded: {}\nto: acd:others", "", ""),
        ("transfer: answered", "transfer answered", "listens for keys or words"),
        ("presses: 1\npresses: 1", "dtmf 1", "being transferred"),
        ("records: 3", "record 3.0", "listens"),
        ("presses: '?'", "dtmf ?", "fill them in"),
        ("ends: exit", "ends exit", "the call goes on"),
        ("presses: 1\ntransfer: answered\nends: hangup", "ends hangup", "it ended: disconnect"),
        ("presses: 1\ntransfer: answered\npresses: 1", "dtmf 1", "the call has ended before (disconnect)"),
    ],
)
async def test_what_does_not_hold_is_found(
    menu: FlowUnderTest, steps: str, expected: str, message: str
) -> None:
    if "\nto:" in steps:
        test = read_test("name: t\nflow: f\nsteps:\n  - presses: 1\n  - handed: {}\n    to: acd:others\n")
        found = (await run_test(test, menu)).failure
        assert found is not None
        expected, message = "to acd:others {}", "transferred to acd:people"
    else:
        found = await failure(menu, steps)
    assert expected in found.expected
    assert message in found.message["en-US"]


async def test_a_test_that_stops_early_hangs_up(menu: FlowUnderTest) -> None:
    assert (await run(menu, "hears: Press 1.\nhangs up\nends: hangup")).passed
    stopped = await run(menu, "hears: Press 1.")
    assert stopped.passed
    assert stopped.events[-1]["reason"] == "hangup"


async def test_services_are_mocked_and_nothing_goes_outside() -> None:
    fields = {
        "url": "http://tickets.example/{id}",
        "arguments": [{"name": "id", "value": "v"}, {"name": "q", "value": "'a b'"}],
        "results": [{"variable": "v", "path": "ticket.0.state"}],
    }
    flow = under_test(
        flow_of(
            [
                {"id": "ask", "type": "web_request", "fields": fields},
                {"id": "vip", "type": "caller_list", "fields": {"list": "vip"}},
                {"id": "none", "type": "play", "fields": {"prompt": said("Not found.")}},
                {"id": "down", "type": "play", "fields": {"prompt": said("Out of order.")}},
                {"id": "rich", "type": "play", "fields": {"prompt": said("Welcome back.")}},
            ],
            [
                ("start", "next", "ask"),
                ("ask", "next", "vip"),
                ("ask", "not_found", "none"),
                ("ask", "error", "down"),
                ("vip", "listed", "rich"),
                ("vip", "unlisted", "bye"),
                ("vip", "error", "down"),
                ("none", "next", "bye"),
                ("down", "next", "bye"),
                ("rich", "next", "bye"),
            ],
            variables=[{"name": "v", "initial": "7"}],
        )
    )
    answer = "http://tickets.example/: {answer: {ticket: [{state: done}]}}"
    assert (await run(flow, "variables: {v: done}\nnode: vip", f"services:\n  {answer}")).passed
    # The whole address can be told apart, and of several mocks the longest counts.
    longer = f"services:\n  {answer}\n  http://tickets.example/7?q=a+b: {{status: 404}}"
    assert (await run(flow, "hears: Not found.", longer)).passed
    assert (await run(flow, "hears: Out of order.", "services: {web-request: {status: 500}}")).passed
    assert (await run(flow, "hears: Out of order.", "services: {web-request: fails}")).passed
    listed = f"services:\n  {answer}\n  caller-list: {{port: listed}}"
    assert (await run(flow, "hears: Welcome back.", listed)).passed
    failing = f"services:\n  {answer}\n  caller-list: fails"
    assert (await run(flow, "hears: Out of order.", failing)).passed
    unmocked = await run(flow, "hears: Out of order.")
    assert unmocked.passed
    assert unmocked.unanswered == ("http://tickets.example/7?q=a+b",)


async def test_recordings_and_the_text_beside_them(tmp_path: Path) -> None:
    pieces = [
        {"kind": "audio", "prompt": "欢迎 1", "text": {"en-US": "Welcome"}},
        {"kind": "audio", "prompt": "jingle"},
    ]
    flow = under_test(
        flow_of(
            [{"id": "hello", "type": "play", "fields": {"prompt": pieces}}],
            [("start", "next", "hello"), ("hello", "next", "bye")],
        )
    )
    assert (await run(flow, "hears: {contains: Welcome}\nends: disconnect")).passed
    assert (await run(flow, "hears: {recording: jingle}")).passed
    # A run of the simulator heard the recording itself; the test of it hears the text.
    heard = {
        "type": "event",
        "event": "prompt",
        "text": "",
        "audio": ["http://x/prompts/en-US/%E6%AC%A2%E8%BF%8E%201"],
    }
    saved = save_run(
        [heard, heard | {"audio": ["http://x/prompts/en-US/jingle"]}],
        read_test("name: t\nflow: f\nsteps: []"),
    )
    assert [line.what.text for line in saved.steps] == [{"": "欢迎 1"}, {"": "jingle"}]  # type: ignore[union-attr]
    assert flow.flow is not None
    kept = without_recordings(saved, spoken_recordings(flow.flow))
    assert [line.what.text for line in kept.steps] == [{"": "jingle"}]  # type: ignore[union-attr]
    assert (await run_test(kept, flow)).passed


async def test_sub_flows_are_walked_too_and_their_steps_are_their_own() -> None:
    asks = {"prompt": said("Sub?"), "choices": [{"key": "5", "label": "5"}]}
    sub = flow_of(
        [{"id": "q", "type": "menu", "fields": asks}, {"id": "back", "type": "return"}],
        [("start", "next", "q"), ("q", "5", "back")],
    ) | {"id": "sub"}
    sub["nodes"].pop()  # nobody hangs up in it
    main = flow_of(
        [{"id": "call", "type": "sub_flow", "fields": {"flow": "sub"}}],
        [("start", "next", "call"), ("call", "next", "bye")],
    )
    flow = under_test(main, sub=sub)
    result = await run(flow, "hears: Sub?\nnode: q\npresses: 5\nnode: bye\nends: disconnect")
    assert result.failure is None
    assert flow.flow is not None
    covered = coverage_of(flow.flow, [result])
    assert (covered.missing_nodes, covered.missing_edges) == ([], [])
    assert {step.flow for step in result.steps} == {"f", "sub"}


async def test_an_error_of_the_call_is_a_failure_nobody_need_expect() -> None:
    broken = FlowUnderTest(
        "f", {"flow.vxml": '<vxml version="2.1"><form><block><throw event="error.x"/></block></form></vxml>'}
    )
    found = await failure(broken, "node: x")
    assert "went" in found.message["en-US"]
    result = await run_test(ConversationTest("t", "f", ()), broken)
    assert result.failure is not None
    assert "error.x" in result.failure.message["en-US"]
    assert (await run(broken, "ends: error")).passed


async def test_a_saved_run_is_the_same_test_again(menu: FlowUnderTest) -> None:
    first = await run(menu, "waits\npresses: 1\ntransfer: noanswer", 'caller: "+86138"')
    saved = save_run(first.events, first.test)
    written = write_test(saved)
    assert (await run_test(read_test(written), menu)).failure is None
    for part in ("- waits", "presses: '1'", "node: people", "to: acd:people", "v: one", "transfer: noanswer"):
        assert part in written
    assert "caller:" in written
    assert "tel:" not in written


async def test_actions_follow_from_what_was_understood_where_they_were_not_told(menu: FlowUnderTest) -> None:
    first = await run(menu, "waits\npresses: 1\ntransfer: noanswer")
    heard = [event for event in first.events if event.get("type") != "input"]
    saved = save_run(heard, first.test)
    kinds = [line.what.action for line in saved.steps if hasattr(line.what, "action")]
    assert kinds == [{"noinput": True}, {"dtmf": "1"}, {"transfer": "noanswer"}]
    assert (await run_test(saved, menu)).failure is None
    wrong = await run(menu, "presses: 8\npresses: 8\nhangs up")
    guessed = save_run([e for e in wrong.events if e.get("type") != "input"], wrong.test)
    assert {"dtmf": "?"} in [line.what.action for line in guessed.steps if hasattr(line.what, "action")]


async def test_documents_are_tested_without_a_graph(tmp_path: Path) -> None:
    document = (
        '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form id="a"><block>Hi</block></form></vxml>'
    )
    (tmp_path / "page.vxml").write_text(document)
    flow = FlowUnderTest.from_path(tmp_path / "page.vxml")
    result = await run_test(
        ConversationTest(
            "t", "x", (Line(read_test("flow: f\nsteps: [{hears: Hi}]", name="t").steps[0].what),)
        ),
        flow,
    )
    assert result.passed
    assert flow.flow is None
    with pytest.raises(FlowUnderTestError, match=r"there is no flow\.vxml"):
        FlowUnderTest.from_path(tmp_path)
    (tmp_path / "flow.json").write_text("{}")
    with pytest.raises(FlowUnderTestError, match="cannot run"):
        FlowUnderTest.from_path(tmp_path / "flow.json")


@pytest.mark.parametrize("file", sorted((SAMPLE / "tests").glob("*.yaml")), ids=lambda file: file.stem)
async def test_the_sample_hotline(file: Path, hotline: FlowUnderTest) -> None:
    result = await run_test(read_test(file.read_text("utf-8"), str(file)), hotline)
    assert result.failure is None


async def test_the_sample_s_tests_pass_every_node(hotline: FlowUnderTest) -> None:
    files = sorted((SAMPLE / "tests").glob("*.yaml"))
    results = [await run_test(read_test(file.read_text("utf-8"), str(file)), hotline) for file in files]
    assert hotline.flow is not None
    covered = coverage_of(hotline.flow, results)
    assert covered.missing_nodes == []
    assert covered.as_json()["edges_percent"] > 60
    first = covered.as_json()["edges"][0]
    assert (first["from"], first["port"], len(first["tests"])) == ("start", "next", len(files))


@pytest.fixture(scope="module")
def hotline() -> FlowUnderTest:
    return FlowUnderTest.from_path(SAMPLE / "flow.json")


TWO_PROMPTS = flow_of(
    [
        {"id": "welcome", "type": "play", "fields": {"prompt": said("Welcome.")}},
        {
            "id": "main",
            "type": "menu",
            "fields": {
                "prompt": said("Press 1."),
                "choices": [{"key": "1", "label": "One"}, {"key": "2", "label": "Two"}],
                "nomatch_prompt": said("Wrong key."),
            },
        },
        {"id": "two", "type": "play", "fields": {"prompt": said("Two.")}},
    ],
    [
        ("start", "next", "welcome"),
        ("welcome", "next", "main"),
        ("main", "1", "bye"),
        ("main", "2", "two"),
        ("two", "next", "bye"),
    ],
)


async def test_a_key_during_a_prompt_cuts_it_off() -> None:
    flow = under_test(TWO_PROMPTS)
    ahead = '{presses: "2", during: prompt}'
    for heard in ("Welcome.", "Press 1."):
        result = await run(flow, f"hears: {heard}\n{ahead}\nnode: two\nhears: Two.\nends: disconnect")
        assert result.failure is None
        assert "Wrong key." not in str(result.events)
    failed = await failure(flow, f"{ahead}\nhears: Press 1.")  # said before the key, not after it
    assert (failed.step, failed.heard) == (2, ("Two.",))


async def test_a_prompt_that_cannot_be_cut_off_takes_no_key() -> None:
    graph = {**TWO_PROMPTS, "nodes": [dict(node) for node in TWO_PROMPTS["nodes"]]}
    for node in graph["nodes"]:
        if node["id"] in ("welcome", "main"):
            node["fields"] = {**node["fields"], "bargein": False}
    lines = 'hears: Press 1.\n{presses: "2", during: prompt}\npresses: "1"\nends: disconnect'
    assert (await run(under_test(graph), lines)).failure is None
    failed = await failure(under_test(TWO_PROMPTS), lines)
    assert failed.step == 3  # here the first key is taken, and nobody waits for a second one


async def test_what_never_holds_before_a_key_during_a_prompt_fails_as_elsewhere() -> None:
    failed = await failure(under_test(TWO_PROMPTS), 'hears: Press 9.\n{presses: "2", during: prompt}')
    assert (failed.step, failed.expected, failed.node) == (1, "Press 9.", "main")
