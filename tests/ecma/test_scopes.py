"""Scopes: declaring, assigning, evaluating, and what crosses the border."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.ecma import UNDEFINED, Engine, Scope, ScopeChain, ScriptError


class Scopes:
    def __init__(self) -> None:
        self.engine = Engine()
        self.session = self.engine.scope("session")
        self.application = self.engine.scope("application")
        self.document = self.engine.scope("document")
        self.chain = self.engine.chain(self.session, self.application, self.document)


@pytest.fixture
def scopes() -> Scopes:
    return Scopes()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 1", 2),
        ("'a' + \"b\"", "ab"),
        ("null", None),
        ("undefined", UNDEFINED),
        ("void 0", UNDEFINED),
        ("true && 'x'", "x"),
        ("[1, 'two', null, undefined, {a: true}]", [1, "two", None, None, {"a": True}]),
        ("({})", {}),
        ("(function () {})", UNDEFINED),
        ("Symbol('x')", UNDEFINED),
        ("10n", 10),
        ("1e300", 1e300),
        ("-0", 0),
        ("2147483648", 2147483648),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("new String('x')", "x"),
        ("'a\\u0000b'", "a\0b"),
        ("'\\u0001u'", "\x01u"),
        ("'\\ud800'", "\ufffd"),
        ("['\\ud800', '\\\\ud800', '\\ud83d\\ude00']", ["\ufffd", "\\ud800", "\U0001f600"]),
        ("'𝄞'.length", 2),
        ("(1, 2)", 2),
        ("/[)}\\]]/.test('}')", True),
        ("`a${1 + 1}`", "a2"),
        ("this === globalThis", True),
    ],
)
def test_values(scopes: Scopes, expression: str, value: Any) -> None:
    assert scopes.chain.evaluate(expression) == value


@pytest.mark.parametrize("size", [10, 5_000, 300_000])
def test_long_texts_in_one_piece(scopes: Scopes, size: int) -> None:
    scopes.chain.declare("s", f"'a'.repeat({size}) + 'b'.repeat({size})")
    assert scopes.chain.evaluate("s + 'c'") == "a" * size + "b" * size + "c"
    assert scopes.chain.evaluate("({long: s})") == {"long": "a" * size + "b" * size}
    assert scopes.chain.string("s + s") == ("a" * size + "b" * size) * 2
    with pytest.raises(ScriptError, match="aaaa"):
        scopes.chain.evaluate("(function () { throw new Error(s + s) })()")


def test_numbers_that_json_has_not(scopes: Scopes) -> None:
    assert math.isnan(scopes.chain.evaluate("0 / 0"))  # type: ignore[arg-type]
    assert scopes.chain.evaluate("1 / 0") == math.inf
    for value in (math.nan, math.inf, -math.inf):
        scopes.document.set("x", value)
        assert scopes.chain.string("x") == {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "a;",
        "1);(2",
        "1]+[2",
        "1)}}; evil(",
        "var a",
        "return 1",
        "...a",
        "a b",
        "// only",
        "\0",
        "a\0",
        "{",
    ],
)
def test_what_is_no_expression(scopes: Scopes, expression: str) -> None:
    scopes.chain.declare("a", "1")
    with pytest.raises(ScriptError) as caught:
        scopes.chain.evaluate(expression)
    assert caught.value.name == "SyntaxError"


def test_comments_and_line_ends_are_part_of_expressions(scopes: Scopes) -> None:
    assert scopes.chain.evaluate("1 // one") == 1
    assert scopes.chain.evaluate("/* a */ 1 +\n 2") == 3


@pytest.mark.parametrize(
    ("expression", "value"),
    [("0", False), ("''", False), ("undefined", False), ("NaN", False), ("'false'", True), ("[]", True)],
)
def test_conditions(scopes: Scopes, expression: str, value: bool) -> None:
    assert scopes.chain.condition(expression) is value


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("nosuch", "ReferenceError"),
        ("nosuch.x", "ReferenceError"),
        ("null.x", "TypeError"),
        ("(function () { throw 5 })()", "Thrown"),
        ("(function () { throw {toString: function () { throw 1 }} })()", "Thrown"),
        ("(function f() { return f() })()", "RangeError"),
        ("JSON.parse('{')", "SyntaxError"),
        ("(function () { var a = {}; a.a = a; return a })()", "TypeError"),
        ("({toJSON: function () { throw new RangeError('no') }})", "RangeError"),
    ],
)
def test_errors(scopes: Scopes, expression: str, name: str) -> None:
    with pytest.raises(ScriptError) as caught:
        scopes.chain.evaluate(expression)
    assert caught.value.name == name
    assert scopes.chain.evaluate("1") == 1


def test_a_name_is_found_and_set_where_it_is_declared(scopes: Scopes) -> None:
    chain = scopes.chain
    for scope in chain.scopes:
        chain.declare("x", f"'{scope.name}'", scope)
    assert chain.evaluate("[x, session.x, application.x, document.x]") == [
        "document",
        "session",
        "application",
        "document",
    ]
    chain.assign("application.x", "'set'")
    chain.leave()
    assert chain.evaluate("x") == "set"
    chain.assign("x", "x + '!'")
    assert scopes.application.get("x") == "set!"
    assert scopes.document.get("x") == "document"


@pytest.mark.parametrize("target", ["nosuch", "document.nosuch", "nosuch.x", "nosuch[0]"])
def test_assigning_what_is_not_declared(scopes: Scopes, target: str) -> None:
    with pytest.raises(ScriptError) as caught:
        scopes.chain.assign(target, "1")
    assert caught.value.name == "ReferenceError"
    assert scopes.chain.type_of("nosuch") == "undefined"


@pytest.mark.parametrize("target", ["1", "a + b", "a) = 1; (b", "f()", "", "a = 1", "({a})", "var a"])
def test_what_cannot_be_assigned_to(scopes: Scopes, target: str) -> None:
    scopes.chain.declare("a", "1")
    with pytest.raises(ScriptError) as caught:
        scopes.chain.assign(target, "2")
    assert caught.value.name == "SyntaxError"
    assert scopes.chain.evaluate("a") == 1


def test_properties_are_assigned(scopes: Scopes) -> None:
    scopes.chain.declare("o", "({list: [1, 2]})")
    scopes.chain.assign("o.list[1]", "'b'")
    scopes.chain.assign("o['k e y']", "o.list.length")
    scopes.chain.assign_value("o.host", {"a": [1]})
    assert scopes.chain.evaluate("o") == {"list": [1, "b"], "k e y": 2, "host": {"a": [1]}}


def test_read_only_all_the_way_down(scopes: Scopes) -> None:
    scopes.session.set("connection", {"remote": {"uri": "tel:1"}}, read_only=True)
    for target in ("session.connection", "connection", "session.connection.remote.uri", "connection.fresh"):
        with pytest.raises(ScriptError) as caught:
            scopes.chain.assign(target, "'x'")
        assert caught.value.name == "TypeError"
    scopes.chain.run_script("session.connection.remote.uri = 'x'; connection = 'y';")
    assert scopes.chain.evaluate("session.connection.remote.uri") == "tel:1"
    scopes.session.set("connection", {"remote": {"uri": "tel:2"}}, read_only=True)
    assert scopes.chain.evaluate("connection.remote.uri") == "tel:2"


def test_undefined_is_not_null(scopes: Scopes) -> None:
    scopes.chain.declare("u")
    scopes.document.set("n", None)
    assert scopes.document.has("u")
    assert (scopes.document.get("u"), scopes.document.get("n"), scopes.document.get("no")) == (
        UNDEFINED,
        None,
        UNDEFINED,
    )
    assert scopes.chain.evaluate("[u === undefined, n === null]") == [True, True]
    assert [scopes.chain.type_of(name) for name in ("u", "n", "no")] == ["undefined", "object", "undefined"]


def test_a_scope_can_be_shared_swapped_and_emptied(scopes: Scopes) -> None:
    other = scopes.engine.chain(scopes.session, scopes.application)
    scopes.chain.declare("shared", "({n: 1})", scopes.application)
    assert other.evaluate("shared.n") == 1
    fresh = scopes.engine.scope("application")
    scopes.chain.replace(1, fresh)
    assert scopes.chain.type_of("shared") == "undefined"
    assert other.evaluate("application.shared.n") == 1
    scopes.application.clear()
    assert scopes.application.names() == []
    assert other.type_of("application") == "object"


def test_aliases_name_one_scope(scopes: Scopes) -> None:
    root = scopes.engine.scope("document", "application")
    chain = scopes.engine.chain(root)
    chain.declare("x", "1")
    chain.assign("application.x", "2")
    assert chain.evaluate("document.x") == 2


def test_references_share_what_they_name(scopes: Scopes) -> None:
    scopes.chain.run_script("var o = {n: 1}; function f() { return o.n }")
    scopes.application.set("same", scopes.chain.reference("o"))
    scopes.application.set("g", scopes.chain.reference("f"))
    scopes.chain.assign("same.n", "5")
    assert scopes.chain.evaluate("o === same && g()") == 5


def test_scopes_know_their_names(scopes: Scopes) -> None:
    for name in ("b", "a", "toString", "__proto__", "name$"):
        scopes.document.set(name, 1)
    assert scopes.document.names() == ["b", "a", "toString", "__proto__", "name$"]
    scopes.document.delete("a")
    assert not scopes.chain.declared("a")
    assert not scopes.document.has("constructor")
    assert scopes.chain.evaluate("name$") == 1


SCRIPTS: list[tuple[str, dict[str, Any]]] = [
    ("var a = 1, b; var c = a + 1;", {"a": 1, "b": UNDEFINED, "c": 2}),
    ("function f() { return 7 } var x = f();", {"x": 7}),
    ("var x = g(); function g() { return 7 }", {"x": 7}),
    (
        "if (true) { var inner = 1 } for (var i = 0; i < 3; i++) var last = i;",
        {"inner": 1, "i": 3, "last": 2},
    ),
    ("for (var k in {p: 1}) ; for (var v of [9]) ;", {"k": "p", "v": 9}),
    ("var [p, q = 2] = [1]; var {r, s: {t}} = {r: 3, s: {t: 4}};", {"p": 1, "q": 2, "r": 3, "t": 4}),
    ("let l = 1; const m = 2; l++;", {"l": 2, "m": 2}),
    ("class K { m() { return 5 } } var x = new K().m()", {"x": 5}),
    ("var re = /[}'\"/]{2}/g.source, s = '} function no() {', t = `${'}'} var no`;", {"re": "[}'\"/]{2}"}),
    ("// var no\n/* var no */ var yes = 1 / 2 / 1", {"yes": 0.5}),
    ("<!-- old habit\nvar x = 1;\n//-->", {"x": 1}),
    ("try { throw 1 } catch (e) { var x = e }", {"x": 1}),
    ("(function () { var hidden = 1; y = 2 })(); var y;", {"y": 2}),
    ("var f = function named() { return typeof named }, x = f()", {"x": "function"}),
    ("var Math = 5, undefined2, escape = 1;", {"Math": 5, "escape": 1}),
    ("'use strict'; var x = 1", {"x": 1}),
    ("outer = outer + 1", {}),
    ("", {}),
]


@pytest.mark.parametrize(("source", "expected"), SCRIPTS)
def test_what_a_script_declares(scopes: Scopes, source: str, expected: dict[str, Any]) -> None:
    scopes.chain.declare("outer", "1", scopes.application)
    scopes.chain.run_script(source)
    for name, value in expected.items():
        assert scopes.document.has(name)
        assert scopes.document.get(name) == value
    for name in ("hidden", "no", "named", "e"):
        assert not scopes.chain.declared(name)
    assert scopes.application.get("outer") == (2 if source.startswith("outer") else 1)


def test_lets_stay_alive(scopes: Scopes) -> None:
    scopes.chain.run_script("let n = 0; function up() { return ++n }")
    assert [scopes.chain.evaluate("up()"), scopes.chain.evaluate("n")] == [1, 1]
    scopes.chain.assign("n", "10")
    assert scopes.chain.evaluate("up()") == 11


def test_a_script_that_fails_halfway_leaves_what_it_did(scopes: Scopes) -> None:
    with pytest.raises(ScriptError, match="halt"):
        scopes.chain.run_script("var a = 1; function f() { return a } throw new Error('halt'); var b = 2;")
    assert scopes.chain.evaluate("f()") == 1
    assert scopes.document.has("b")


@pytest.mark.parametrize("source", ["}}}} evil() {{{{", "return 1", "var", "a b", "break", "await 1"])
def test_what_is_no_program(scopes: Scopes, source: str) -> None:
    with pytest.raises(ScriptError) as caught:
        scopes.chain.run_script(source)
    assert caught.value.name == "SyntaxError"


def test_functions_see_the_scopes_they_were_made_in(scopes: Scopes) -> None:
    chain: ScopeChain = scopes.chain
    chain.run_script("var n = 1; function f() { return n }")
    inner: Scope = chain.enter(scopes.engine.scope("dialog"))
    chain.declare("n", "2")
    assert chain.evaluate("f() + n") == 3
    assert chain.leave() is inner


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
SHARED = Scopes()


@settings(deadline=None)
@given(json_values)
def test_json_goes_in_and_out_unchanged(value: Any) -> None:
    SHARED.document.set("x", value)
    out = SHARED.document.get("x")
    assert out == value
    assert SHARED.chain.evaluate("x") == out


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_an_error(source: str) -> None:
    try:
        SHARED.chain.evaluate(source)
    except ScriptError:
        pass
    assert SHARED.engine.dead is None
