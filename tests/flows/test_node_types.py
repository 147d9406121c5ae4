"""Every node type: its description for the designer, its golden VoiceXML, and that documents are valid."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from flow_cases import CASES, case_flow
from flow_walking import document_problems
from lxml import etree

from vxmlplat.flows import check_flow, compile_flow, compile_node, describe_node_types, node_types
from vxmlplat.flows.errors import NodeTypeError
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.problems import errors_of

GOLDEN = Path(__file__).with_name("golden")
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_every_node_type_has_a_case() -> None:
    assert {described for described, _ in CASES.values()} == set(node_types())


@pytest.mark.parametrize("name", CASES)
def test_a_case_has_no_problems(name: str) -> None:
    assert check_flow(case_flow(name)) == []


@pytest.mark.parametrize("name", CASES)
def test_golden_voicexml(name: str) -> None:
    """The compiled node is as it was looked at; UPDATE_GOLDEN=1 writes the files anew."""
    golden = GOLDEN / f"{name}.vxml"
    text = compile_node(case_flow(name), "node")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_golden_root_document() -> None:
    golden = GOLDEN / "root.vxml"
    text = compile_flow(case_flow("queue")).documents["root.vxml"]
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.vxml")} == {*CASES, "root"}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("languages", [("zh-CN", "en-US"), ("en-US",)])
def test_documents_are_valid_voicexml(name: str, languages: tuple[str, ...]) -> None:
    fields = CASES[name][1]
    if "zh-CN" not in languages and fields.get("language") == "zh-CN":
        pytest.fail("a case must not depend on its languages")
    assert document_problems(compile_flow(case_flow(name, languages=languages)).documents) == []


@pytest.mark.parametrize("name", CASES)
def test_forms_carry_the_node_id_and_ports_are_named_before_leaving(name: str) -> None:
    flow = case_flow(name)
    markup = f"<x xmlns='http://www.w3.org/2001/vxml'>{compile_node(flow, 'node')}</x>"
    tree = etree.fromstring(markup.encode())
    namespaces = {"v": "http://www.w3.org/2001/vxml"}
    ids = tree.xpath("v:form/@id", namespaces=namespaces)
    assert ids[0] == "node" or node_types()[CASES[name][0]].fields.document_wide
    assert all(form.partition(".")[0] == "node" for form in ids)
    for goto in tree.xpath("//v:goto[starts-with(@next, '#to_')]", namespaces=namespaces):
        port = goto.getprevious().get("expr").strip("'")
        assert goto.getprevious().get("label") == "vxmlplat.port"
        assert goto.get("next") == "#to_" + port.replace("#", "hash")


@pytest.mark.parametrize("described", describe_node_types(), ids=lambda each: each["type"])
def test_description_for_the_designer(described: dict[str, Any]) -> None:
    json.dumps(described)
    assert "$ref" not in json.dumps(described["schema"])
    assert "$defs" not in described["schema"]
    texts = [described["title"], described["summary"], *(port["title"] for port in described["ports"])]
    texts += _texts(described["schema"])
    for each in texts:
        assert set(each) == {"en-US", "zh-CN"}
        assert each["en-US"].strip()
        assert each["zh-CN"].strip()
        assert not CHINESE.search(each["en-US"])
    for name, field in described["schema"].get("properties", {}).items():
        assert "x-title" in field, name
    if "ports_from" in described:
        rows = described["schema"]["properties"][described["ports_from"]["field"]]
        assert {described["ports_from"]["id"], described["ports_from"]["title"]} <= set(
            rows["items"]["properties"]
        )


def _texts(value: Any) -> list[dict[str, str]]:
    found = []
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("x-title", "x-help"):
                found.append(item)
            elif key == "x-options":
                found.extend(text for text in item.values() if text["en-US"] != text["zh-CN"])
            else:
                found.extend(_texts(item))
    elif isinstance(value, list):
        for item in value:
            found.extend(_texts(item))
    return found


def test_a_type_cannot_be_registered_twice() -> None:
    with pytest.raises(NodeTypeError, match="registered twice"):
        node_type("play", title=("x", "x"), summary=("x", "x"), category="logic", icon="x")(NodeFields)


@pytest.mark.parametrize(
    ("case", "change", "code"),
    [
        ("play", {"prompt": []}, "prompt.empty"),
        ("play", {"prompt": [{"kind": "text", "text": {}}]}, "text.missing"),
        ("menu", {"choices": [{"key": "1"}, {"key": "1"}]}, "row.duplicate"),
        ("menu", {"choices": []}, "field.invalid"),
        ("menu", {"choices": [{"key": "x"}]}, "field.invalid"),
        ("menu", {"help_key": "1"}, "help.key"),
        ("menu", {"help_prompt": []}, "prompt.empty"),
        ("digits", {"variable": "nobody"}, "variable.unknown"),
        ("digits", {"variable": ""}, "field.missing"),
        ("digits", {"variable": "1x"}, "field.invalid"),
        ("condition", {"branches": [{"id": "a", "when": ""}]}, "field.missing"),
        ("digits", {"minimum": 9, "maximum": 3}, "digits.bounds"),
        ("condition", {"branches": [{"id": "a", "when": "n = 1"}]}, "expression.syntax"),
        ("condition", {"branches": [{"id": "otherwise", "when": "n"}]}, "row.duplicate"),
        ("set", {"assignments": [{"variable": "v", "value": "f("}]}, "expression.syntax"),
        ("web_request", {"url": "ftp://example.com"}, "web.address"),
        ("business_hours", {"timezone": "Mars/Base"}, "hours.timezone"),
        ("business_hours", {"holidays": [{"from": "2026-02-30"}]}, "hours.day"),
        ("business_hours", {"holidays": [{"from": "2026-10-07", "to": "2026-10-01"}]}, "hours.day"),
        ("business_hours", {"week": [{"days": ["mon"], "from": "25:00"}]}, "field.invalid"),
        ("language", {"language": "fr-FR"}, "language.unknown"),
        ("survey", {"lowest": 5, "highest": 1}, "survey.bounds"),
        ("ask", {"answers": [{"id": "a"}]}, "ask.silent"),
        ("database_query", {"parameters": []}, "database.parameter"),
        (
            "database_query",
            {"sql": "SELECT 1", "parameters": [{"name": "id", "value": "1"}]},
            "database.parameter.unused",
        ),
        ("email", {"to": ""}, "email.recipient"),
        ("sms", {"text": {"zh-CN": "{nobody}", "en-US": "x"}}, "variable.unknown"),
        ("split", {"shares": [{"id": "a", "percent": 30}, {"id": "b", "percent": 30}]}, "split.total"),
        ("vxml_page", {"url": "file:///etc/passwd"}, "page.address"),
        ("vxml", {"source": "<form"}, "vxml.invalid"),
        ("vxml", {"source": "<form/><form/>"}, "vxml.dialog"),
        ("vxml", {"source": "<form><block><goto next='#b'/></block></form>"}, "vxml.exit.missing"),
        ("vxml_document", {"source": "<form/>"}, "vxml.document"),
    ],
)
def test_a_wrong_field_is_said_with_node_field_and_fix(case: str, change: dict[str, Any], code: str) -> None:
    flow = case_flow(case)
    nodes = [
        node.model_copy(update={"fields": {**node.fields, **change}}) if node.id == "node" else node
        for node in flow.nodes
    ]
    found = [
        each for each in errors_of(check_flow(flow.model_copy(update={"nodes": nodes}))) if each.code == code
    ]
    assert found
    assert found[0].node == "node"
    assert found[0].field
    assert found[0].field.split(".")[0] in change
    assert all(found[0].message.values())
    assert all(found[0].fix.values())
    assert CHINESE.search(found[0].message["zh-CN"])


def test_the_form_begins_with_what_is_the_node_s_own() -> None:
    menu = list(node_types()["menu"].as_json()["schema"]["properties"])
    assert menu[:3] == ["prompt", "choices", "variable"]
    shared = {"timeout", "tries", "noinput_prompt", "nomatch_prompt", "bargein", "help_prompt", "help_key"}
    assert set(menu[3:]) == shared
    assert list(node_types()["email"].as_json()["schema"]["properties"]) == ["to", "subject", "text", "when"]
    assert "x-last" not in json.dumps(describe_node_types())
