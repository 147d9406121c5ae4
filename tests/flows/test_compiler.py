"""The compiler as a whole: documents, limits, hostile texts, flows drawn by chance."""

from __future__ import annotations

import copy
import itertools
import random
import re
from typing import Any

import pytest
from flow_cases import CASES, VARIABLES, case_flow, flow_around
from flow_walking import document_problems, walk_flow
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from vxmlplat.flows import (
    Flow,
    NotCompilableError,
    check_flow,
    compile_flow,
    compile_node,
    node_types,
    read_flow,
)
from vxmlplat.flows.problems import errors_of
from vxmlplat.flows.xml_writer import XmlWriter

NAMESPACES = {"v": "http://www.w3.org/2001/vxml"}


def test_the_documents_of_a_flow() -> None:
    assert list(compile_flow(case_flow("play")).documents) == ["root.vxml", "flow.vxml"]
    assert "navigation.grxml" in compile_flow(case_flow("digits")).documents


def test_the_first_form_is_the_start_wherever_the_author_put_it() -> None:
    raw = case_flow("play").as_json()
    raw["nodes"].reverse()
    flow = read_flow(raw).flow
    assert flow is not None
    tree = etree.fromstring(compile_flow(flow).documents["flow.vxml"].encode())
    assert tree.xpath("v:form/@id", namespaces=NAMESPACES)[0] == "begin"


def test_a_flow_with_errors_is_not_compiled() -> None:
    flow = flow_around("play", {"prompt": []})
    with pytest.raises(NotCompilableError, match="node node, field prompt") as caught:
        compile_flow(flow)
    assert [each.code for each in caught.value.problems] == ["prompt.empty"]


def test_one_node_can_be_looked_at_while_the_rest_is_unfinished() -> None:
    raw = case_flow("menu").as_json()
    raw["edges"] = []
    raw["nodes"].append({"id": "broken", "type": "teleport"})
    flow = read_flow(raw).flow
    assert flow is not None
    assert '<form id="node">' in compile_node(flow, "node")
    with pytest.raises(NotCompilableError):
        compile_node(flow, "broken")
    with pytest.raises(KeyError):
        compile_node(flow, "nobody")


async def test_a_flow_that_is_too_large_for_one_document_is_split_and_still_walks() -> None:
    raw = chain(60).as_json()
    raw["nodes"].append({"id": "m", "type": "menu", "fields": {"prompt": PROMPT, "choices": [{"key": "1"}]}})
    raw["edges"][-1]["to"] = "m"
    raw["edges"].append({"from": "m", "port": "1", "to": "end"})
    flow = read_flow(raw).flow
    assert flow is not None
    whole = compile_flow(flow).documents
    parts = compile_flow(flow, nodes_a_document=10).documents
    assert list(whole) == ["root.vxml", "flow.vxml"]
    assert list(parts)[:3] == ["root.vxml", "flow.vxml", "flow2.vxml"]
    assert len(parts) == 8
    assert document_problems(parts) == []
    ids = [
        form
        for name, content in parts.items()
        if name.startswith("flow")
        for form in etree.fromstring(content.encode()).xpath("v:form/@id", namespaces=NAMESPACES)
    ]
    assert sorted(ids) == sorted(node.id for node in flow.nodes)
    for pressed in ("1", "*#1", "91"):
        inputs = [{"dtmf": key} for key in pressed]
        one = await walk_flow(flow, inputs)
        several = await walk_flow(flow, inputs, nodes_a_document=10)
        assert several.error == ""
        assert several.nodes == one.nodes
        assert several.prompts == one.prompts


PROMPT = [{"kind": "text", "text": {"en-US": "Hello."}}]


def chain(length: int) -> Flow:
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "start"}]
    nodes += [{"id": f"p{n}", "type": "play", "fields": {"prompt": PROMPT}} for n in range(length)]
    nodes.append({"id": "end", "type": "hangup"})
    ids = [node["id"] for node in nodes]
    edges = [{"from": a, "port": "next", "to": b} for a, b in itertools.pairwise(ids)]
    raw = {
        "schema": 1,
        "id": "chain",
        "name": "Chain",
        "languages": ["en-US"],
        "nodes": nodes,
        "edges": edges,
    }
    flow = read_flow(raw).flow
    assert flow is not None
    return flow


HOSTILE = [
    "<script>alert(1)</script>",
    "</prompt><exit/>",
    "]]><exit/>",
    "&amp;&lt;&#x41;&unknown;",
    "\"' onload='x' \\' \\\" ${x} {{y}}",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "<!-- --> <![CDATA[ ]]>",
    "line\none\ttab\r\n\u2028\u2029\u0085",
    "'; DROP TABLE t; --",
    "\u202e right to left \ufeff",
    "𝄞 中文 🙂",
]


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_texts_are_only_said(hostile: str) -> None:
    raw = flow_around(
        "play", {"prompt": [{"kind": "text", "text": {"en-US": hostile}}]}, languages=["en-US"]
    ).as_json()
    raw["name"] = hostile
    raw["variables"][0]["initial"] = hostile
    for node in raw["nodes"]:
        node["title"] = hostile
        if node["id"] == "to_next":
            node["fields"] = {"prompt": [{"kind": "value", "expr": "v"}, {"kind": "value", "expr": "lang"}]}
    flow = read_flow(raw).flow
    assert flow is not None
    assert check_flow(flow) == []
    assert document_problems(compile_flow(flow).documents) == []
    walk = await walk_flow(flow)
    assert walk.prompts == [" ".join(hostile.split()), " ".join(f"{hostile}en-US".split())]
    assert walk.error == ""


FORMAL = frozenset(
    "mailbox queue flow key id variable name list database timezone from to date language destination when"
    " value items times mode method as currency kind url terminator days question expr number note result"
    " prompt event rows_variable status_variable duration_variable sql help_key src base".split()
)
"""Members whose values have a form of their own: all other texts of a node are the author's free words."""


def with_hostile_words(value: Any, words: str, member: str = "") -> Any:
    if isinstance(value, dict):
        return {key: with_hostile_words(item, words, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_hostile_words(item, words, member) for item in value]
    return words if isinstance(value, str) and member not in FORMAL else value


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(CASES)),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff{}"),
        min_size=1,
        max_size=60,
    ),
)
def test_no_words_of_an_author_break_a_document(case: str, words: str) -> None:
    node_type, fields = CASES[case]
    flow = flow_around(node_type, with_hostile_words(copy.deepcopy(fields), words))
    if not errors_of(check_flow(flow)):
        assert document_problems(compile_flow(flow).documents) == []


def random_flow(seed: int, size: int) -> Flow:
    """Nodes of all kinds with edges drawn by chance; every port that needs an edge has one."""
    dice = random.Random(seed)
    kinds = [name for name, (node_type, _) in CASES.items() if not node_types()[node_type].entry]
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "start"}]
    for number in range(size):
        node_type, fields = CASES[dice.choice(kinds)]
        nodes.append({"id": f"n{number}", "type": node_type, "fields": fields})
    edges = []
    for node in nodes:
        fields_type = node_types()[node["type"]].fields
        for port in fields_type.model_validate(node.get("fields", {})).ports():
            if port.required or dice.random() < 0.5:
                edges.append({"from": node["id"], "port": port.id, "to": dice.choice(nodes[1:])["id"]})
    raw = {
        "schema": 1,
        "id": "chance",
        "name": {"en-US": "Chance"},
        "languages": ["zh-CN", "en-US"],
        "variables": VARIABLES,
        "nodes": nodes,
        "edges": edges,
    }
    flow = read_flow(raw).flow
    assert flow is not None
    return flow


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 25))
def test_flows_drawn_by_chance_compile_to_valid_documents_unless_they_are_deaf(seed: int, size: int) -> None:
    flow = random_flow(seed, size)
    errors = errors_of(check_flow(flow))
    assert {each.code for each in errors} <= {"loop.deaf"}
    if not errors:
        assert document_problems(compile_flow(flow).documents) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_flow_with_anything_wrong_is_checked_without_an_exception(data: st.DataObject) -> None:
    raw = random_flow(data.draw(st.integers(0, 10**6)), 8).as_json()
    for _ in range(data.draw(st.integers(1, 6))):
        kind = data.draw(st.sampled_from(["node", "edge", "retype", "rename", "target", "variable"]))
        if kind == "node" and raw["nodes"]:
            raw["nodes"].pop(data.draw(st.integers(0, len(raw["nodes"]) - 1)))
        elif kind == "edge" and raw["edges"]:
            raw["edges"].pop(data.draw(st.integers(0, len(raw["edges"]) - 1)))
        elif kind == "retype" and raw["nodes"]:
            data.draw(st.sampled_from(raw["nodes"]))["type"] = data.draw(
                st.sampled_from([*node_types(), "none"])
            )
        elif kind == "rename" and raw["nodes"]:
            data.draw(st.sampled_from(raw["nodes"]))["id"] = data.draw(st.sampled_from(["n0", "n1", "x"]))
        elif kind == "target" and raw["edges"]:
            data.draw(st.sampled_from(raw["edges"]))["to"] = data.draw(st.sampled_from(["start", "n1", "y"]))
        elif kind == "variable" and raw["variables"]:
            raw["variables"].pop()
    flow = read_flow(raw).flow
    assert flow is not None
    problems = check_flow(flow)
    for found in problems:
        members = {"severity", "code", "node", "port", "field", "message", "fix", "detail"}
        assert set(found.as_json()) == members
    if errors_of(problems):
        with pytest.raises(NotCompilableError):
            compile_flow(flow)
    else:
        assert document_problems(compile_flow(flow).documents) == []


def test_the_writer_replaces_what_xml_cannot_hold() -> None:
    out = XmlWriter()
    out.text("a", "\x00\x08\ufffe\ud800x", {"b": '\x01"<&\n'})
    element = etree.fromstring(out.result().encode())
    assert element.text == "\ufffd\ufffd\ufffd\ufffdx"
    assert element.get("b") == '\ufffd"<&\n'


def test_addresses_are_relative() -> None:
    for name in CASES:
        for content in compile_flow(case_flow(name)).documents.values():
            for found in re.findall(r'(?:src|next|application)="([^"]*)"', content):
                assert not found.startswith("/"), found
                assert found.startswith(
                    (
                        "#",
                        "../",
                        "https://example.com",
                        "builtin:",
                        "root.vxml",
                        "flow.vxml#",
                        "navigation.grxml",
                    )
                )
