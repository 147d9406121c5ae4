"""The checks of a flow as a whole: graph, variables, navigation, expressions, catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from flow_cases import case_flow, flow_around

from vxmlplat.flows import Catalogue, Flow, FlowFace, check_flow, read_flow
from vxmlplat.flows.expression_check import engine_fault
from vxmlplat.flows.expressions import Fault, expression_fault, names_read


def flow_of(nodes: list[dict[str, Any]], edges: list[str], **more: Any) -> Flow:
    """Edges as ``from.port>to``."""
    made = []
    for edge in edges:
        source, target = edge.split(">")
        node, port = source.split(".")
        made.append({"from": node, "port": port, "to": target})
    raw = {"schema": 1, "id": "f", "name": "F", "languages": ["en-US"], "nodes": nodes, "edges": made, **more}
    reading = read_flow(raw)
    assert reading.flow is not None, reading.problems
    return reading.flow


def node(node_id: str, node_type: str, **fields: Any) -> dict[str, Any]:
    return {"id": node_id, "type": node_type, "fields": fields}


START = node("s", "start")
END = node("e", "hangup")
PLAY = {"prompt": [{"kind": "text", "text": {"en-US": "Hello."}}]}
MENU = {**PLAY, "choices": [{"key": "1"}]}


def found(flow: Flow, catalogue: Catalogue | None = None) -> set[tuple[str, str | None, str | None]]:
    return {(each.code, each.node, each.port) for each in check_flow(flow, catalogue)}


def test_a_whole_flow_has_no_problem() -> None:
    assert found(flow_of([START, node("m", "menu", **MENU), END], ["s.next>m", "m.1>e"])) == set()


def test_start_is_needed_once() -> None:
    assert ("flow.start.missing", None, None) in found(flow_of([END], []))
    two = flow_of([START, node("t", "start"), END], ["s.next>e", "t.next>e"])
    assert ("flow.start.several", "t", None) in found(two)


def test_a_port_that_needs_an_edge() -> None:
    flow = flow_of([START, node("m", "menu", **MENU), END], ["s.next>m"])
    assert ("port.open", "m", "1") in found(flow)
    assert not any(port in ("noinput", "nomatch") for _, _, port in found(flow))


def test_dangling_duplicate_and_unknown_edges() -> None:
    flow = flow_of(
        [START, node("p", "play", **PLAY), END],
        ["s.next>p", "p.next>nowhere", "p.next>e", "p.blue>e", "ghost.next>e", "p.error>s"],
    )
    codes = found(flow)
    assert ("edge.target", "p", "next") in codes
    assert ("edge.duplicate", "p", "next") in codes
    assert ("edge.port", "p", "blue") in codes
    assert ("edge.source", None, None) in codes
    assert ("edge.entry", "p", "error") in codes


def test_duplicate_ids_and_unknown_types() -> None:
    flow = flow_of([START, END, END, node("x", "teleport")], ["s.next>e"])
    codes = found(flow)
    assert ("node.duplicate", "e", None) in codes
    assert ("node.type.unknown", "x", None) in codes


def test_unreachable_nodes_are_a_warning() -> None:
    flow = flow_of([START, END, node("p", "play", **PLAY)], ["s.next>e", "p.next>e"])
    (problem,) = check_flow(flow)
    assert (problem.code, problem.node, problem.severity) == ("node.unreachable", "p", "warning")


def test_nodes_reached_by_navigation_or_events_are_reachable() -> None:
    flow = flow_of(
        [START, END, node("q", "queue", queue="x"), node("o", "on_event"), node("p", "play", **PLAY)],
        ["s.next>e", "q.next>e", "q.busy>e", "q.noanswer>e", "o.next>p", "p.next>e"],
        navigation={"person_node": "q"},
    )
    assert found(flow) == set()


def test_a_loop_in_which_nobody_listens() -> None:
    deaf = flow_of(
        [START, node("a", "play", **PLAY), node("b", "play", **PLAY)], ["s.next>a", "a.next>b", "b.next>a"]
    )
    assert ("loop.deaf", "a", None) in found(deaf)
    itself = flow_of([START, node("a", "play", **PLAY)], ["s.next>a", "a.next>a"])
    assert ("loop.deaf", "a", None) in found(itself)
    heard = flow_of(
        [START, node("a", "play", **PLAY), node("m", "menu", **MENU)], ["s.next>a", "a.next>m", "m.1>a"]
    )
    assert found(heard) == set()


def test_a_loop_that_counts_is_none_without_end_but_its_way_out_must_lead_away() -> None:
    counted = flow_of(
        [START, node("l", "loop", times="3"), node("a", "play", **PLAY), END],
        ["s.next>l", "l.again>a", "a.next>l", "l.done>e"],
    )
    assert found(counted) == set()
    round_for_ever = flow_of(
        [START, node("l", "loop", times="3"), END], ["s.next>l", "l.again>e", "l.done>l"]
    )
    assert ("loop.deaf", "l", None) in found(round_for_ever)


def test_two_handlers_of_one_event() -> None:
    flow = flow_of(
        [START, END, node("a", "on_event"), node("b", "on_event")], ["s.next>e", "a.next>e", "b.next>e"]
    )
    assert ("handler.duplicate", "b", None) in found(flow)


@pytest.mark.parametrize(
    ("variable", "code"),
    [
        ({"name": "class"}, "variable.reserved"),
        ({"name": "session"}, "variable.reserved"),
        ({"name": "vx_key"}, "variable.reserved"),
        ({"name": "a", "type": "number", "initial": "1"}, "variable.initial"),
        ({"name": "a", "type": "number", "initial": True}, "variable.initial"),
        ({"name": "a", "type": "boolean", "initial": 1}, "variable.initial"),
    ],
)
def test_variables(variable: dict[str, Any], code: str) -> None:
    (problem,) = check_flow(flow_of([START, END], ["s.next>e"], variables=[variable]))
    assert problem.code == code
    assert problem.field is not None
    assert problem.field.startswith("variables.0")


def test_a_variable_twice() -> None:
    flow = flow_of([START, END], ["s.next>e"], variables=[{"name": "a"}, {"name": "a"}])
    assert ("variable.duplicate", None, None) in found(flow)


def test_navigation() -> None:
    nodes = [START, node("m", "menu", **MENU), END]
    edges = ["s.next>m", "m.1>e"]
    assert ("node.missing", None, None) in found(flow_of(nodes, edges, navigation={"home": "nowhere"}))
    assert ("navigation.keys", None, None) in found(flow_of(nodes, edges, navigation={"back": "*"}))
    assert ("navigation.delay", "m", None) in found(flow_of(nodes, edges, navigation={"back": "19"}))
    assert (
        found(flow_of(nodes, edges, navigation={"enabled": False, "back": "*", "home": "nowhere"})) == set()
    )


def test_two_queues_need_a_word_on_which_one_is_the_person() -> None:
    nodes = [START, *(node(name, "queue", queue="x") for name in "qr"), END]
    edges = ["s.next>q", "q.next>r", "r.next>e"]
    edges += [f"{name}.{port}>e" for name in "qr" for port in ("busy", "noanswer")]
    assert found(flow_of(nodes, edges)) == {("navigation.person", None, None)}
    assert found(flow_of(nodes, edges, navigation={"person_node": "q"})) == set()


def test_a_text_missing_in_one_language_is_a_warning_in_all_an_error() -> None:
    def texts(**written: str) -> list[str]:
        text = {tag.replace("_", "-"): value for tag, value in written.items()}
        flow = flow_around("play", {"prompt": [{"kind": "text", "text": text}]})
        return [each.severity for each in check_flow(flow)]

    assert texts(zh_CN="你好", en_US="Hello") == []
    assert texts(zh_CN="你好", en_GB="Hello") == []
    assert texts(zh_CN="你好") == ["warning"]
    assert texts(zh_CN=" ") == ["error"]


def test_the_catalogue_knows_queues_prompts_and_flows() -> None:
    empty = Catalogue(flows={}, queues=(), prompts={})
    assert ("queue.unknown", "node", None) in found(case_flow("queue"), empty)
    assert ("flow.unknown", "node", None) in found(case_flow("sub_flow"), empty)
    audio = flow_around("play", {"prompt": [{"kind": "audio", "prompt": "welcome"}]})
    assert ("prompt.unknown", "node", None) in found(audio, empty)
    full = Catalogue(
        flows={"verify": FlowFace("verify", ("number",), ("name",), ("failed", "next"))},
        queues={"repairs"},
        prompts={"zh-CN": {"welcome"}, "en-US": {"welcome"}},
    )
    for flow in (case_flow("queue"), case_flow("sub_flow"), audio):
        assert found(flow, full) == set()
    other = Catalogue(flows={"verify": FlowFace("verify", (), (), ("late",))})
    codes = {code for code, _, _ in found(case_flow("sub_flow"), other)}
    assert codes == {"flow.inputs", "flow.outputs", "flow.result"}


def test_a_real_expression_check_can_be_handed_in() -> None:
    flow = case_flow("condition")
    asked: list[str] = []

    def never(expression: str) -> Fault | None:
        asked.append(expression)
        return Fault("no", "不行")

    codes = [each.code for each in check_flow(flow, expression_check=never)]
    assert codes == ["expression.syntax", "expression.syntax"]
    assert asked == ["n < 1 && v != ''", "n > 5"]


def test_a_name_that_nobody_declared_is_a_warning() -> None:
    flow = flow_around("condition", {"branches": [{"id": "a", "when": "ticket == 1"}]})
    (problem,) = check_flow(flow)
    assert (problem.code, problem.severity, problem.field) == (
        "expression.name",
        "warning",
        "branches.0.when",
    )


GOOD = [
    "a",
    "1",
    "'it\\'s'",
    'a.b[0] == "c"',
    "{a: 1}.a",
    "-a",
    "!(a && b)",
    "f(1, 'x;y')",
    "a ? b : c",
    "typeof a != 'undefined'",
    "new Date().getHours()",
    "`t`",
    "/^[(]x\\/=1/i.test(a)",
    "a / b / c",
    "b && /]/.test(a)",
    "(function () { var x = 1; return x; })()",
    "a.class",
    "变量",
]
BAD = [
    "",
    "  ",
    "(",
    "a)",
    "a[",
    "'x",
    "a = 1",
    "a;",
    "var a",
    "a +",
    "* a",
    "1 2",
    "if (a) b",
    "#",
    "a,",
    "a /",
    "/ a",
]


@pytest.mark.parametrize("expression", GOOD)
def test_good_expressions_pass(expression: str) -> None:
    assert expression_fault(expression) is None


@pytest.mark.parametrize("expression", BAD)
def test_bad_expressions_are_found(expression: str) -> None:
    assert expression_fault(expression) is not None


@pytest.mark.parametrize(
    ("expression", "column", "length"),
    [("a b", 3, 1), ("f(1,,2)", 5, 1), ("a.b.", 5, 0), ("(a", 1, 1), ("a + + ", 6, 0), ("f(a))", 5, 1)],
)
def test_a_fault_has_its_place(expression: str, column: int, length: int) -> None:
    fault = engine_fault(expression)
    assert fault is not None
    assert (fault.start + 1, fault.length) == (column, length)


@pytest.mark.parametrize("expression", GOOD)
def test_the_engine_takes_what_the_look_at_the_tokens_takes(expression: str) -> None:
    assert engine_fault(expression) is None


def test_an_unknown_name_has_its_place_and_can_be_mended() -> None:
    flow = flow_around("condition", {"branches": [{"id": "a", "when": "1 < ticket"}]})
    (problem,) = check_flow(flow)
    assert problem.as_json()["detail"] == {"name": "ticket", "column": 5, "length": 6}


def test_names_read() -> None:
    assert names_read("a.b + c['d'] + {e: f}.e + 'g'") == {"a", "c", "f"}
    assert names_read("a ? {b: c} : /d e/.test(f)") == {"a", "c", "f"}
    assert names_read("(function (x) { return x; })(1)") == frozenset()


def test_messages_of_all_problems_speak_both_languages() -> None:
    flow = flow_of([START, END, END, node("x", "teleport"), node("p", "play")], ["s.next>nowhere", "p.x>e"])
    problems = check_flow(flow)
    assert len(problems) > 5
    for each in problems:
        assert set(each.message) == set(each.fix) == {"en-US", "zh-CN"}
        assert each.message["en-US"] != each.message["zh-CN"]
    assert [each.severity for each in problems] == sorted(each.severity for each in problems)


def test_the_face_of_a_sub_flow() -> None:
    variables = [{"name": "number", "input": True}, {"name": "name", "output": True}, {"name": "own"}]
    nodes = [START, node("r", "return"), node("f", "return", result="failed")]
    face = FlowFace.of(flow_of(nodes, ["s.next>r"], variables=variables))
    assert face == FlowFace("f", ("number",), ("name",), ("failed", "next"))
