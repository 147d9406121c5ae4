"""Words are found wherever an author can have written them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.flows.searching import search_flows

PROMPT = [{"kind": "text", "text": {"zh-CN": "报修请按一"}}]
BRANCHES = [{"id": "a", "when": "ticket_number != ''"}]
FLOW: dict[str, Any] = {
    "id": "hotline",
    "name": {"en-US": "City hotline", "zh-CN": "城市热线"},
    "variables": [{"name": "ticket_number"}],
    "nodes": [
        {"id": "menu", "title": "Main menu", "fields": {"prompt": PROMPT}},
        {"id": "ask", "type": "condition", "fields": {"branches": BRANCHES}},
    ],
    "notes": [{"id": "n1", "text": "Ask the Water works"}],
}


@pytest.mark.parametrize(
    ("query", "kind", "thing", "field"),
    [
        ("热线", "flow", "hotline", "name.zh-CN"),
        ("main", "node", "menu", "title"),
        ("报修", "node", "menu", "prompt.0.text.zh-CN"),
        ("WATER ask", "note", "n1", "text"),
        ("ｔｉｃｋｅｔ", "node", "ask", "branches.0.when"),
    ],
)
def test_a_hit_says_where(query: str, kind: str, thing: str, field: str) -> None:
    hit = search_flows([FLOW], query)[0]
    assert (hit.flow, hit.kind, hit.id) == ("hotline", kind, thing)
    assert hit.field == field
    assert set(hit.as_json()) == {"flow", "kind", "id", "title", "field", "text"}


def test_variables_are_found_and_nothing_for_nothing() -> None:
    assert [hit.kind for hit in search_flows([FLOW], "ticket")] == ["node", "variable"]
    assert search_flows([FLOW], "  ") == []
    assert search_flows([FLOW], "nowhere") == []
    assert len(search_flows([FLOW] * 9, "menu", limit=3)) == 3


def test_long_texts_are_cut_around_the_word() -> None:
    flow = {"id": "f", "notes": [{"id": "n", "text": "a " * 200 + "needle " + "b " * 200}]}
    (hit,) = search_flows([flow], "needle")
    assert "needle" in hit.text
    assert len(hit.text) <= 122


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda c: st.lists(c) | st.dictionaries(st.text(), c),
)


@given(st.dictionaries(st.sampled_from(["id", "name", "nodes", "variables", "notes"]), JSON), st.text())
def test_whatever_lies_in_the_store_is_searched(draft: dict[str, Any], query: str) -> None:
    search_flows([draft], query)
