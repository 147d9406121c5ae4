"""Functions of a document that need no engine: what they return is what an engine says, and they all end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.documents import parse_xml
from vxmlplat.ecma import Engine, ScriptError
from vxmlplat.ecma.engine import EnginePool
from vxmlplat.ecma.lazy import LazyEngine
from vxmlplat.ecma.plain.dom import MOST_NODES, MOST_TEXT
from vxmlplat.ecma.plain.globals import LONGEST_JSON

ANSWER = '<answer port=\'found\'>{"rows": [{"name": "李"}, {"name": "B"}]}</answer>'
LIBRARY = """
function party(side) { try { return session.connection[side].uri || ''; } catch (unknown) { return ''; } }
function call(node) { var caller = party('remote'), called = party('local');
  return { node: node, caller: caller, called: called } }
function read(answer) {
  var root = answer.documentElement, first = root.firstChild, text = first ? first.nodeValue : '';
  return { port: root.getAttribute('port'), value: text ? JSON.parse(text) : {} };
}
function pick(value, path) { return steps(value, path ? path.split('.') : []); }
function steps(value, path) {
  return path.length && value !== undefined && value !== null ? steps(value[path[0]], path.slice(1)) : value;
}
function safely(text) {
  try { var data = JSON.parse(text); return Array.isArray(data) ? {} : data } catch (e) { return {} }
}
function nested(a) {
  try { try { return a.b.c } catch (e) { return nosuch } } catch (e) { var e = 2; return a + e }
}
function told(a) { try { return a.b } catch (e) { return e.name } }
function many(n) { return n ? many(n - 1) + many(n - 1) : 1 }
function deep(n) { return n ? 1 + deep(n - 1) : 0 }
function forever(n) { return forever(n + 1) }
function late() { return hidden }
function root(answer) { return answer.documentElement }
function holds(answer) {
  var part = answer.documentElement;
  return [part.firstChild.nodeValue, { k: typeof part }]
}
"""


class Worlds:
    """The same script in an engine, and where none is needed at first."""

    def __init__(self) -> None:
        self.lazy = LazyEngine(EnginePool())
        engine = Engine()
        self.chains: list[Any] = []
        for maker in (self.lazy, engine):
            session, document = maker.scope("session"), maker.scope("application")
            session.set("connection", {"remote": {"uri": "tel:1"}, "local": None})
            document.set_document("answer", parse_xml(ANSWER))
            chain = maker.chain(session, document)
            chain.run_script(LIBRARY)
            self.chains.append(chain)

    def said(self, source: str) -> list[Any]:
        """What both say: the value, or the error's name."""
        found: list[Any] = []
        for chain in self.chains:
            try:
                found.append(json.dumps(_comparable(chain.evaluate(source)), default=repr))
            except ScriptError as error:
                found.append(error.name)
        return found

    @property
    def plain(self) -> bool:
        return self.lazy.engine is None


def _comparable(value: Any) -> Any:
    """An engine has some whole numbers as floats."""
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, dict):
        return [[key, _comparable(item)] for key, item in value.items()]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.fixture
def worlds() -> Worlds:
    return Worlds()


@pytest.mark.parametrize(
    "source",
    [
        *("party('remote')", "party('local')", "party('nobody')", "call('n')", "JSON.stringify(call('n'))"),
        *("read(answer)", "read(answer).value.rows[1].name", "pick(read(answer).value, 'rows.0.name')"),
        *(
            "pick(read(answer).value, 'rows.7.name')",
            "pick(1, '')",
            "pick(null, 'a.b')",
            "pick({a: [[5]]}, 'a.0.0')",
        ),
        *(
            "safely('[1]')",
            "safely('{\"a\": 1}').a",
            "nested({b: {c: 1}})",
            "nested('x')",
            "nested()",
            "late()",
        ),
        *(
            "told({b: 3})",
            "holds(answer)",
            "deep(5)",
            "many(3)",
            "pick(read(answer), 'port', 1)",
            "read(nosuch)",
        ),
    ],
)
def test_plain_functions_mean_what_the_engine_says(worlds: Worlds, source: str) -> None:
    own, engines = worlds.said(source)
    assert own == engines
    assert worlds.plain


@pytest.mark.parametrize(
    "source",
    [
        *("safely('{')", "safely()", "told()", "deep(20)", "many(9)", "read(answer).value.rows.map(String)"),
        *("root(answer).tagName", "answer.documentElement.attributes[0].name", "typeof call"),
    ],
)
def test_others_are_an_engines(worlds: Worlds, source: str) -> None:
    own, engines = worlds.said(source)
    assert own == engines
    assert not worlds.plain


def test_a_function_that_calls_itself_for_ever_ends(worlds: Worlds) -> None:
    assert worlds.said("forever(0)") == ["RangeError"] * 2


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["a", "1", "'x'", "a.k", "a[0]", "nosuch", "session.connection"]),
        lambda inner: st.one_of(
            st.builds("pick({}, {})".format, inner, st.sampled_from(["''", "'k.0'", "'length'"])),
            st.builds("told({})".format, inner),
            st.builds("nested({})".format, inner),
            st.builds("[{}, {}]".format, inner, inner),
            st.builds("({{k: {}}})".format, inner),
            st.builds("JSON.stringify({})".format, inner),
        ),
        max_leaves=6,
    )
)
def test_any_calls(source: str) -> None:
    worlds = Worlds()
    for chain in worlds.chains:
        chain.declare("a", "{k: [1, 'two']}")
    own, engines = worlds.said(source)
    assert own == engines


def test_a_document_moves_to_where_it_stood(worlds: Worlds) -> None:
    lazy, engines = worlds.chains
    for chain in worlds.chains:
        chain.declare("after", "1")
        assert chain.string("answer.documentElement.getAttribute('port')") == "found"
    assert worlds.plain
    for chain in worlds.chains:
        chain.declare("same", "answer")
        assert chain.condition("same === answer && answer.documentElement.nodeName === 'answer'")
    assert not worlds.plain
    assert lazy.innermost.names() == engines.innermost.names()


def test_a_document_can_be_replaced_and_is_no_value_of_the_hosts(worlds: Worlds) -> None:
    for chain in worlds.chains:
        chain.innermost.set_document("answer", parse_xml("<b/>"))
        assert chain.evaluate("answer.documentElement.localName") == "b"
        chain.assign("answer", "5")
        assert chain.innermost.get("answer") == 5
    assert worlds.plain


@pytest.mark.parametrize(
    "text",
    [
        "<a>" + "<b/>" * MOST_NODES + "</a>",
        f"<a>{'x' * MOST_TEXT}</a>",
        f"<a><b k='{'x' * (MOST_TEXT + 1)}'/></a>",
    ],
)
def test_large_documents_are_an_engines(text: str) -> None:
    lazy = LazyEngine(EnginePool())
    lazy.chain(scope := lazy.scope("application"))
    scope.set_document("d", parse_xml(text))
    assert (lazy.engine is not None) == (text != f"<a>{'x' * MOST_TEXT}</a>")


@pytest.mark.parametrize(
    "text",
    [
        f'"{"x" * LONGEST_JSON}"',
        "[" * 3000,
        "[" * 3000 + "]" * 3000,
        "{" * 100 + "}" * 100,
        "9" * 4000 + "0" * 96,
    ],
)
def test_json_that_is_long_or_deep(worlds: Worlds, text: str) -> None:
    for chain in worlds.chains:
        chain.innermost.set("text", text)
    own, engines = worlds.said("JSON.stringify(JSON.parse(text)).length")
    assert own == engines


def test_what_functions_make_is_counted() -> None:
    """A session cannot hoard in what takes many times the place of its source."""
    lazy = LazyEngine(EnginePool())
    chain = lazy.chain(lazy.scope("application"))
    chain.run_script("function made() { return [" + "[]," * 900 + "] }")
    turns = 0
    while lazy.engine is None:
        turns += 1
        assert turns < 200
        chain.declare(f"v{turns}", "made()")
    assert turns > 5
    assert len(chain.evaluate("[v1, v2]")) == 2
