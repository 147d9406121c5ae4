"""Reading flow files: whatever they hold, problems come back, never an exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flow_cases import CASES, case_flow
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.flows import check_flow, migrations, read_flow
from vxmlplat.flows.schema import MAX_FILE_BYTES, MAX_NODES

RAW: dict[str, Any] = case_flow("menu").as_json()


def only_problem(source: Any) -> Any:
    reading = read_flow(source)
    assert reading.flow is None
    (found,) = reading.problems
    assert found.severity == "error"
    return found


def changed(**members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(RAW), **members}


def test_a_flow_survives_writing_and_reading() -> None:
    reading = read_flow(json.dumps(RAW))
    assert reading.problems == ()
    assert reading.flow is not None
    assert reading.flow.as_json() == RAW


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "flow.unreadable"),
        (b"\xff\xfe\x00", "flow.unreadable"),
        (b"[]", "flow.unreadable"),
        ("nonsense", "flow.unreadable"),
        ("[" * 100_000, "flow.unreadable"),
        ('{"schema": 1' + "0" * 5000 + "}", "flow.unreadable"),
        (" " * (MAX_FILE_BYTES + 1), "flow.unreadable"),
        ({}, "flow.schema"),
        ({"schema": True}, "flow.schema"),
        ({"schema": 2}, "flow.schema.newer"),
        ({"schema": 0}, "flow.schema.unknown"),
    ],
)
def test_what_is_no_flow_is_refused_with_the_reason(source: Any, code: str) -> None:
    assert only_problem(source).code == code


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"id": "../x"}, "id"),
        ({"languages": []}, "languages"),
        ({"languages": ["zh_CN"]}, "languages.0"),
        ({"variables": [{"name": "a.b"}]}, "variables.0.name"),
        ({"nodes": [{"id": "a", "type": "play"}] * (MAX_NODES + 1)}, "nodes"),
        ({"edges": [{"from": "a", "port": "x y", "to": "b"}]}, "edges.0.port"),
        ({"navigation": {"repeat": "x"}}, "navigation.repeat"),
    ],
)
def test_a_wrong_member_is_named(members: dict[str, Any], field: str) -> None:
    found = only_problem(changed(**members))
    assert found.field == field


def test_a_wrong_member_of_a_node_is_said_at_the_node() -> None:
    raw = changed()
    raw["nodes"][1]["position"] = {"x": "left", "y": 0}
    found = only_problem(raw)
    assert (found.node, found.field) == ("node", "position.x")


def test_a_control_character_is_refused_where_it_stands() -> None:
    raw = changed()
    raw["nodes"][1]["fields"]["prompt"][0]["text"]["en-US"] = "bell \x07"
    found = only_problem(raw)
    assert (found.code, found.node, found.field) == ("text.control", "node", "prompt.0.text.en-US")


def test_half_a_surrogate_pair_is_refused() -> None:
    assert only_problem(json.dumps(changed(name="\ud800"))).code == "text.control"


def test_an_unknown_member_is_a_warning_and_ignored() -> None:
    raw = changed(colour="red")
    raw["nodes"][1]["sise"] = 3
    reading = read_flow(raw)
    assert reading.flow is not None
    assert {(each.severity, each.node, each.field) for each in reading.problems} == {
        ("warning", None, "colour"),
        ("warning", "node", "sise"),
    }


@pytest.fixture
def migrated() -> Iterator[None]:
    @migrations.migration(0)
    def from_zero(raw: dict[str, Any]) -> dict[str, Any]:
        return {**raw, "languages": [raw["language"]]}

    yield
    del migrations.MIGRATIONS[0]


@pytest.mark.usefixtures("migrated")
def test_an_older_version_is_migrated() -> None:
    raw = changed(schema=0, language="en-US")
    del raw["languages"]
    reading = read_flow(raw)
    assert reading.flow is not None
    assert reading.flow.languages == ["en-US"]
    with pytest.raises(ValueError, match="already"):
        migrations.migration(0)(lambda raw: raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
MEMBERS = ["schema", "id", "name", "class", "languages", "variables", "nodes", "edges", "notes", "navigation"]


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_any_json_is_read_without_an_exception(members: dict[str, Any]) -> None:
    reading = read_flow({**copy.deepcopy(RAW), **members})
    assert reading.flow is not None or reading.problems
    if reading.flow is not None:
        check_flow(reading.flow)


@settings(max_examples=300)
@given(st.sampled_from(sorted(CASES)), st.data())
def test_any_value_of_any_field_is_checked_without_an_exception(case: str, data: st.DataObject) -> None:
    raw = case_flow(case).as_json()
    fields = next(node for node in raw["nodes"] if node["id"] == "node")["fields"]
    if fields:
        fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(JSON)
    reading = read_flow(raw)
    if reading.flow is not None:
        for found in check_flow(reading.flow):
            json.dumps(found.as_json())


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_read_without_an_exception(source: bytes | str) -> None:
    assert read_flow(source).problems


@pytest.mark.parametrize(
    ("case", "fields", "path"),
    [
        ("play", {"prompt": [{"kind": "value"}]}, "prompt.0.expr"),
        ("play", {"prompt": [{"kind": "text", "text": {"en_US": "x"}}]}, "prompt.0.text.en_US"),
        ("play", {"prompt": [{"kind": "video"}]}, "prompt.0"),
        ("menu", {"choices": [{"key": "x"}]}, "choices.0.key"),
        ("menu", {"choices": [{"key": "1", "label": {"zh-CN": 4}}]}, "choices.0.label.zh-CN"),
        ("business_hours", {"week": [{"days": ["mon"], "from": "9:00"}]}, "week.0.from"),
        ("set", {"assignments": [{"variable": "v", "value": 1}]}, "assignments.0.value"),
        ("queue", {"queue": "a b"}, "queue"),
    ],
)
def test_the_path_of_a_wrong_field_is_that_of_the_file(case: str, fields: dict[str, Any], path: str) -> None:
    raw = case_flow(case).as_json()
    next(node for node in raw["nodes"] if node["id"] == "node")["fields"] |= fields
    flow = read_flow(raw).flow
    assert flow is not None
    found = [each for each in check_flow(flow) if each.code.startswith("field.")]
    assert path in {each.field for each in found}
    assert all("^" not in message for each in found for message in each.message.values())
