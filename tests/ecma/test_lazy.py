"""Scopes without an engine, and the move into one: a document cannot tell the difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.documents import parse_xml
from vxmlplat.ecma import (
    UNDEFINED,
    Engine,
    EnginePool,
    LazyChain,
    LazyEngine,
    LazyScope,
    Scope,
    ScopeChain,
    ScriptError,
    ScriptLimitExceeded,
)
from vxmlplat.ecma.lazy import ROOM

MOVE = "void 0"  # what no plain expression is


class Scopes:
    def __init__(self) -> None:
        self.pool = EnginePool()
        self.lazy = LazyEngine(self.pool)
        self.session = self.lazy.scope("session", read_only=True)
        self.application = self.lazy.scope("application")
        self.chain = self.lazy.chain(self.session, self.application, self.lazy.scope("ccxml"))
        self.leg = self.lazy.live({"id": "c1", "state": "ALERTING", "protocol": {"name": "sip", "tags": [1]}})
        self.legs = self.lazy.live({"c1": self.leg})
        self.session.set("id", "s1")
        self.session.set("connections", self.legs)
        self.application.set_annotated(
            "heard$", [{"utterance": "one"}, {"k": [1]}], {"utterance": "one", "n": 1}
        )

    @property
    def plain(self) -> bool:
        return self.lazy.engine is None

    def value(self, source: str) -> Any:
        return self.chain.evaluate(source)


@pytest.fixture
def scopes() -> Scopes:
    return Scopes()


def error(call: Callable[..., object], *arguments: Any) -> str:
    with pytest.raises(ScriptError) as caught:
        call(*arguments)
    return f"{caught.value.name}: {caught.value.message}"


def test_a_session_of_plain_sources_has_no_engine(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("state", "'new'")
    chain.declare("call")
    chain.assign("state", "'talking'")
    chain.assign("ccxml.call", "connections.c1.id")
    chain.assign_value("call", "c2")
    chain.run_script("var n = 1, list = [state, 'b'];")
    scopes.application.set("data", {"a": [1, None, 2.5]})
    transition = chain.enter(scopes.lazy.scope("transition"))
    transition.set("event$", {"name": "x", "connection": scopes.leg})
    assert chain.condition("event$.connection === session.connections['c1'] && list[0] == state && n < 2")
    assert chain.string("event$.name + 1.50 + session.id") == "x1.5s1"
    assert chain.type_of("nosuch") == "undefined"
    assert chain.evaluate("event$") == {
        "name": "x",
        "connection": {"id": "c1", "state": "ALERTING", "protocol": {"name": "sip", "tags": [1]}},
    }
    assert scopes.application.get("data") == {"a": [1, None, 2.5]}
    assert chain.leave() is transition
    assert chain.declared("call")
    assert not chain.declared("event$")
    assert scopes.plain
    scopes.lazy.close()


def test_everything_moves_and_shared_objects_stay_shared(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("shared", "{n: 1, list: [1, {deep: null}]}")
    chain.declare("twice", "[shared, shared.list, shared]")
    chain.declare("same", "shared", scopes.application)
    chain.declare("leg", "connections.c1")
    chain.declare("protocol", "leg.protocol")
    for name, source in {
        "u": "undefined",
        "nan": "NaN",
        "minus": "-0",
        "huge": "-Infinity",
        "big": "1e300",
    }.items():
        chain.declare(name, source)
    assert scopes.plain
    before = chain.evaluate("[shared, twice, leg, protocol, u, nan, minus, huge, big]")
    assert chain.evaluate(MOVE) is UNDEFINED
    assert not scopes.plain
    assert chain.evaluate("[shared, twice, leg, protocol, u, nan, minus, huge, big]") == before
    assert chain.condition("twice[0] === shared && twice[2] === same && twice[1] === shared.list")
    assert chain.condition("leg === connections.c1 && protocol === leg.protocol")
    assert chain.condition("u === undefined && nan !== nan && 1 / minus === huge")
    chain.assign("shared.n", "2")
    assert chain.evaluate("same.n + twice[0].n") == 4
    assert chain.scopes[2].names()[:2] == ["shared", "twice"]


def test_objects_of_the_host_change_and_cannot_be_written(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("leg", "connections.c1")
    assert error(chain.assign, "session.id", "1") == "TypeError: 'id' is read-only"
    assert error(chain.assign, "session.fresh", "1") == "ReferenceError: session.fresh is not declared"
    assert scopes.plain
    for target in (
        "leg.state",
        "connections.c9",
        "leg.protocol.name",
        "leg.protocol.tags[0]",
        "session.id",
        "id",
    ):
        assert error(chain.assign, target, "1").startswith("TypeError: ")
    assert error(chain.assign, "session.fresh", "1") == "ReferenceError: session.fresh is not declared"
    chain.run_script(
        """leg.state = leg.protocol.name = session.id = session.fresh = connections.c9 = 'X'; delete leg.id;
           try { Object.defineProperty(leg, 'id', {value: 'X'}) } catch (e) { }
           try { Object.setPrototypeOf(leg, {state: 'X'}) } catch (e) { }
           try { Object.freeze(leg) } catch (e) { }"""
    )
    assert chain.evaluate("[leg, session.id, session.fresh, typeof connections.c9]") == [
        {"id": "c1", "state": "ALERTING", "protocol": {"name": "sip", "tags": [1]}},
        "s1",
        None,
        "undefined",
    ]
    second = scopes.lazy.live({"id": "c2"})
    scopes.leg.update({"state": "CONNECTED", "peer": second})
    scopes.legs.update({"c2": second})
    scopes.session.set("id", "s2")
    scopes.session.set("uri", "http://a")
    second.update({"state": "IDLE"})
    assert chain.evaluate("[leg.state, leg.peer === connections.c2, connections.c2.state, id, uri]") == [
        "CONNECTED",
        True,
        "IDLE",
        "s2",
        "http://a",
    ]
    chain.declare("kept", "connections.c1")
    scopes.legs.remove("c1")
    scopes.legs.remove("c1")
    assert chain.evaluate("[Object.keys(connections), kept.id, 'c1' in connections]") == [["c2"], "c1", False]
    assert chain.evaluate("JSON.stringify(connections)") == '{"c2":{"id":"c2","state":"IDLE"}}'


def test_scopes_that_are_out_of_the_chain_move_too(scopes: Scopes) -> None:
    chain = scopes.chain
    aside = chain.enter(scopes.lazy.scope("dialog"))
    chain.declare("o", "{n: 1}")
    chain.declare("same", "o", scopes.application)
    chain.leave()
    assert chain.evaluate(f"{MOVE}, same.n") == 1
    chain.enter(aside)
    assert chain.condition("o === same && dialog.o === o")
    later = scopes.lazy.scope("anonymous")
    later.set("x", [scopes.leg])
    chain.replace(3, later)
    assert chain.evaluate("x[0].id + typeof o") == "c1undefined"
    assert (later.get("x"), later.get("none"), later.has("x")) == (
        [{"id": "c1", "state": "ALERTING", "protocol": {"name": "sip", "tags": [1]}}],
        UNDEFINED,
        True,
    )
    later.delete("x")
    assert later.names() == []
    other = scopes.lazy.chain(scopes.session, later)
    other.declare("y", "1")
    assert other.evaluate("y") == 1
    later.clear()
    assert other.type_of("y") == "undefined"


def test_syntax_errors_move_nothing(scopes: Scopes) -> None:
    assert error(scopes.chain.evaluate, "1 +").startswith("SyntaxError")
    assert error(scopes.chain.run_script, "var a b").startswith("SyntaxError")
    assert error(scopes.chain.assign, "x", "}").startswith("SyntaxError")
    assert scopes.plain


def test_a_script_that_turns_out_not_to_be_plain_runs_once(scopes: Scopes) -> None:
    scopes.chain.declare("n", "1")
    scopes.chain.run_script("var n = n + 1, text = '' + [n];")
    assert not scopes.plain
    assert scopes.value("[n, text]") == [2, "2"]


def test_names_that_are_taken_are_left_to_the_engine(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.run_script("var ccxml = 5; var id = 6;")
    assert chain.evaluate("[typeof ccxml, id, session.id]") == ["object", 6, "s1"]


@pytest.mark.parametrize(
    "source", ["stray = 1", "var f = function () { stray = 1 }; f()", "stray = 1; throw 5"]
)
def test_strays(scopes: Scopes, source: str) -> None:
    with pytest.raises(ScriptError, match=r"stray is not declared|Thrown: 5"):
        scopes.chain.run_script(source, strays=False)
    assert scopes.chain.type_of("stray") == "undefined"
    scopes.chain.run_script("var stray; (function () { stray = 1; })(); this.library = 2", strays=False)
    assert scopes.value("stray + library") == 3
    scopes.chain.run_script("anything = 4")
    assert scopes.value("anything") == 4


def test_hoards_are_left_to_an_engine_which_has_a_limit(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("s", "'" + "x" * 1000 + "'")

    def doubled() -> None:
        for _ in range(200):
            chain.assign("s", "s + s")

    with pytest.raises((ScriptError, ScriptLimitExceeded)):
        doubled()
    assert not scopes.plain


def test_many_long_texts_are_too(scopes: Scopes) -> None:
    for number in range(2 * ROOM // 10_000):
        scopes.chain.declare(f"x{number}", "'" + "y" * 10_000 + "'")
    assert not scopes.plain
    assert scopes.value("x0 == x1")


def test_values_that_hold_themselves_many_times_do_not_explode(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("a", "[1, 2]")
    for _ in range(40):
        chain.assign("a", "[a, a]")
    assert scopes.plain
    with pytest.raises((ScriptError, ScriptLimitExceeded)):
        chain.evaluate("a")


def test_deep_values_move(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("a", "[]")
    for _ in range(5000):
        chain.assign("a", "[a]")
    assert scopes.plain
    assert (
        chain.evaluate("(function () { for (var n = 0, b = a; b.length; n++) b = b[0]; return n })()") == 5000
    )


@pytest.mark.parametrize("value", [object(), {1: 2}, {"a": {3}}])
def test_what_is_no_value(scopes: Scopes, value: Any) -> None:
    assert error(scopes.application.set, "x", value).startswith("TypeError")


def test_values_of_the_host_are_copies(scopes: Scopes) -> None:
    value = {"list": [1, "a\ud800", 2**53 + 2, (1, 2)], "huge": 10**400}
    scopes.application.set("x", value)
    value["list"] = []
    expected = {"list": [1, "a\ufffd", 2.0**53 + 2, [1, 2]], "huge": None}
    out = scopes.value("x")
    assert out == expected
    out["list"].append(1)
    assert scopes.value("x") == expected
    scopes.value(MOVE)
    assert scopes.value("x") == expected


# ---- The same operations on scopes without an engine, and on scopes that have one from the beginning

NAMES = ["f", "g", "x", "y", "o", "a", "nosuch", "id", "Math", "undefined", "leg", "heard$", "fixed"]
names = st.sampled_from(NAMES)
simple = st.sampled_from(
    [
        *"1 0.5 'a' '' null undefined NaN -0 true [] {} [o,o] leg ({k:x}) x y o a[0] x+y x+1 x==y !x".split(),
        *"a o.k o===a[0] nosuch leg.state id x?y:o x&&o.k leg.nosuch.x session.id application.x".split(),
        *"connections.c1 x.length a.length x<y o==null leg===connections.c1 leg.protocol".split(),
        *"typeof nosuch|heard$|heard$.utterance|heard$[0].utterance|heard$[1].k[0]|heard$.length".split("|"),
        *"[heard$,o]|heard$===application.heard$|heard$==null|heard$[0]==heard$[0]|fixed.k[0]|fixed".split(
            "|"
        ),
    ]
)
FUNCTIONS = [
    "function f(a, b) { var k = a; return [k, b, x] }",
    "function f(x) { var x, n = x + 1; return n }  // the last",
    "var x = 7; function f(a) { return a.k } function g() { return f(o) }",
    "function g() { x = 'g'; for (var i = 0; i < 3; i++) { y = i } return /}/.test('}') }",
    "function x() { return 1 } function f() { return typeof x }",
    "function f() { } var y = x;",
    "function g(o) { return o\n} function f() { return\n1 }",
    "function f(a) { return { id: a, leg: leg, self: application } }",
    "function f() { return nosuch } var y = nosuch;",
    "/* function f() { return 1 } */ function f() { return 1 }",
]
calls = st.sampled_from(
    "f(1, 2)|f(o)|g()|f()|f(a).length|f('t') + 1|f|typeof f|[f(x), g]|x(1)|f(f(1))|application.f(1)|f.length"
    "|g && f(a)|nosuch ? f() : 1".split("|")
)
beyond = st.sampled_from(
    [
        *("void 0", "(y, x)", "[].concat(a)", "o.toString", "x + o", "String(x)", "JSON.stringify(o)"),
        *("heard$.slice(1)", "heard$ + ''", "Object.keys(heard$)", "heard$.map(function (h) { return h.k })"),
    ]
)
sources = st.one_of(simple, simple, simple, calls, calls, beyond)
targets = st.sampled_from(
    "x o a nosuch id session.id session.q application.x application.q o.k a[0] leg.state Math x.y.z heard$"
    " heard$.n heard$[0] heard$[0].utterance fixed fixed.k fixed.k[0]".split()
)
scripts = st.sampled_from(
    [
        *(
            "var x = 1, a = [x, o];",
            "var o = {k: a}; var y = o.k",
            "var x;",
            "var x = nosuch",
            "var x = 1; x++",
        ),
        *("var y = '' + a;", "x = 5", "function f() { return x } var y = f()"),
        *FUNCTIONS,
    ]
)
operations = st.one_of(
    st.tuples(st.just("evaluate"), sources),
    st.tuples(st.just("condition"), sources),
    st.tuples(st.just("string"), sources),
    st.tuples(st.just("type_of"), sources),
    st.tuples(st.just("declare"), names, sources),
    st.tuples(st.just("declare"), names),
    st.tuples(st.just("assign"), targets, sources),
    st.tuples(st.just("assign_value"), targets, st.sampled_from([None, 1, "t", {"k": [1]}])),
    st.tuples(st.just("run_script"), scripts),
    st.tuples(st.just("declare_copy"), sources),
    st.tuples(st.just("refer"), names, sources),
    st.tuples(
        st.just("hear"), st.sampled_from([([], {"n": 2}), ([{"k": None}, 1, "t"], {"utterance": "u"})])
    ),
    st.tuples(st.just("fix"), st.sampled_from([1, "t", {"k": [1, {}]}, [[2]]])),
    st.tuples(st.just("state"), st.sampled_from(["ALERTING", "CONNECTED"])),
    st.tuples(st.just("enter"), st.sampled_from([{"x": 1}, {"event": "e", "y": [1]}])),
    st.tuples(st.just("leave")),
)


class Eager(Scopes):
    """On an engine from the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.chain.evaluate(MOVE)


def apply(scopes: Scopes, operation: tuple[Any, ...]) -> Any:
    name, *arguments = operation
    chain: LazyChain = scopes.chain
    if name == "state":
        return scopes.leg.update({"state": arguments[0]})
    if name == "enter":
        scope = chain.enter(scopes.lazy.scope("transition"))
        for variable, value in arguments[0].items():
            scope.set(variable, value)
        return None
    if name == "leave":
        return chain.leave().name if len(chain.scopes) > 3 else None
    try:
        if name == "declare_copy":
            return chain.declare_copy("copy$", arguments[0], chain.innermost), chain.evaluate("copy$")
        if name == "refer":
            return chain.innermost.set(arguments[0], chain.reference(arguments[1]))
        if name == "hear":
            return scopes.application.set_annotated("heard$", *arguments[0])
        if name == "fix":
            return scopes.application.fill({"fixed": arguments[0], "also": arguments[0]}, read_only=True)
        return getattr(chain, name)(*arguments)
    except ScriptError as problem:
        return problem.name, problem.message


@settings(max_examples=150, deadline=None)
@given(st.lists(operations, max_size=14))
def test_a_document_cannot_tell(steps: list[tuple[Any, ...]]) -> None:
    lazy, eager = Scopes(), Eager()
    for each in (lazy, eager):
        each.chain.declare("leg", "connections.c1")
    for step in [*steps, *(("evaluate", name) for name in NAMES)]:
        found, expected = apply(lazy, step), apply(eager, step)
        assert repr(found) == repr(expected) or found == expected, (step, found, expected)
    assert [scope.names() for scope in lazy.chain.scopes] == [scope.names() for scope in eager.chain.scopes]


@pytest.mark.parametrize("moves", ["never", "before", "between", "after"])
def test_references(scopes: Scopes, moves: str) -> None:
    chain = scopes.chain
    chain.declare("o", "{n: 1}")
    chain.declare("p")

    def maybe(when: str) -> None:
        if moves == when:
            chain.evaluate(MOVE)

    maybe("before")
    reference = chain.reference("o")
    maybe("between")
    scopes.application.set("same", reference)
    chain.assign_value("p", reference)
    maybe("after")
    assert chain.condition("o === same && p === o && same.n == 1")
    assert scopes.plain == (moves == "never")


def test_an_array_with_members_of_its_own_moves_as_it_is(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("same", "heard$")
    chain.declare("first", "heard$[0]")
    for moved in (False, True):
        assert scopes.plain != moved
        assert chain.evaluate("[heard$, heard$.utterance, heard$.n, heard$.length, typeof heard$]") == [
            [{"utterance": "one"}, {"k": [1]}],
            "one",
            1,
            2,
            "object",
        ]
        assert chain.condition("same === application.heard$ && first === heard$[0]")
        if not moved:
            assert chain.evaluate("Array.isArray(heard$) && Object.keys(heard$).join()") == "0,1,utterance,n"
    chain.assign("heard$.n", "2")
    assert chain.evaluate("same.n") == 2


def test_functions_wait_for_the_engine_and_plain_ones_need_none(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("first", "1", scopes.application)
    chain.run_script(
        """// two functions, and a variable
           function entered(trail, place) {
             var known = trail.indexOf(place);
             return known >= 0 ? trail.slice(0, known + 1) : trail.concat([place]);
           }
           function looped(n) {
             for (var s = '', i = 0; i < n; i++) { s += '}' }
             return s + /}/.source + state;
           }
           var state = 'new', n = 2;"""
    )
    chain.declare("trail", "[]")
    for place in "aba":
        chain.assign("trail", f"entered(trail, '{place}')")
    assert chain.evaluate("trail") == ["a"]
    assert scopes.plain
    chain.assign("state", "'old'")
    assert chain.evaluate("looped(n)") == "}}}old"
    assert not scopes.plain
    assert chain.evaluate("entered(trail, 'z')") == ["a", "z"]
    assert chain.scopes[2].names() == ["state", "n", "entered", "looped", "trail"]


def test_functions_that_were_replaced_or_taken_away_stay_so(scopes: Scopes) -> None:
    chain = scopes.chain
    script = "function f() { return 1 } function g() { return 2 } function h() { return 3 }"
    chain.run_script(script)
    chain.assign("f", "'text'")
    chain.innermost.delete("g")
    chain.run_script("function h() { return 4 }")
    assert chain.evaluate("f + h()") == "text4"
    assert scopes.plain
    assert chain.evaluate(f"{MOVE}, [f, typeof g, h()]") == ["text", "undefined", 4]


def test_a_cleared_scope_holds_no_functions(scopes: Scopes) -> None:
    scopes.chain.run_script("function f() { return [1].map(String) } var x = 1;")
    scopes.chain.innermost.clear()
    assert scopes.chain.evaluate(f"{MOVE}, typeof f + typeof x") == "undefinedundefined"
    assert scopes.chain.innermost.names() == []


def test_functions_of_a_script_that_fails_are_declared(scopes: Scopes) -> None:
    assert error(scopes.chain.run_script, "function f() { return 1 } var x = nosuch;").startswith("Reference")
    assert scopes.plain
    assert scopes.value("f()") == 1
    scopes.chain.run_script("function f() { return 2 } var x = [] + f();")
    assert scopes.value("x + f()") == "22"


def test_functions_run_in_the_scopes_that_they_were_declared_in(scopes: Scopes) -> None:
    chain = scopes.chain
    chain.declare("where", "'application'", scopes.application)
    outer = scopes.lazy.chain(*chain.scopes[:2])
    outer.run_script("function told() { return where } function late() { return eval('where') }")
    chain.declare("where", "'inside'")
    assert chain.evaluate("told() + where") == "applicationinside"
    assert scopes.plain
    assert chain.evaluate("late() + told() + where") == "applicationapplicationinside"


@pytest.mark.parametrize("moves", ["never", "before", "after"])
def test_a_copy_of_an_array_holds_the_same_items_and_no_members(scopes: Scopes, moves: str) -> None:
    chain = scopes.chain
    chain.declare("list", "[{n: 1}, undefined, 'c']")
    if moves == "before":
        chain.evaluate(MOVE)
    lengths = [
        chain.declare_copy(name, source, chain.innermost)
        for name, source in {"a": "list", "b": "heard$", "c": "[]", "d": "'text'", "e": "{length: 1}"}.items()
    ]
    assert lengths == [3, 2, 0, None, None]
    assert scopes.plain == (moves != "before")
    if moves == "after":
        chain.evaluate(MOVE)
    assert chain.condition("a !== list && a[0] === list[0] && b[1] === heard$[1] && d === null && e === null")
    assert chain.evaluate("[typeof b.utterance, typeof a[1], a[2]]") == ["undefined", "undefined", "c"]
    assert (
        error(chain.declare_copy, "x", "nosuch", chain.innermost) == "ReferenceError: nosuch is not defined"
    )
    assert error(chain.declare_copy, "x", "1 +", chain.innermost).startswith("SyntaxError")


def test_an_engine_of_the_callers_own_serves_from_the_beginning() -> None:
    engine = Engine()
    lazy = LazyEngine(EnginePool(), engine=engine)
    scope = lazy.scope("application")
    chain = lazy.chain(scope)
    scope.fill({"a": 1, "b": {"c": [2]}}, read_only=True)
    chain.declare("d", "b.c[0] + a")
    assert engine.load("(function () { return function (scope) { return scope.d } })")(scope) == 3
    assert error(chain.assign, "a", "2").startswith("TypeError")
    assert lazy.engine is engine


def test_documents_are_an_engines(scopes: Scopes) -> None:
    scopes.application.set_document("none", None)
    assert scopes.value("none") is None
    assert scopes.plain
    scopes.application.set_document("d", parse_xml("<a><b>c</b></a>"))
    assert scopes.value("d.documentElement.firstChild.nodeName") == "b"


@pytest.mark.parametrize(("lazy", "eager"), [(LazyChain, ScopeChain), (LazyScope, Scope)])
def test_the_faces_are_alike(lazy: type, eager: type) -> None:
    assert {name for name in dir(eager) if not name.startswith("_")} - set(dir(lazy)) <= {"handle"}
