"""Scripts that hang, hoard or break out: what the limits catch, and that only their own engine suffers."""

from __future__ import annotations

import time

import pytest

from vxmlplat.ecma import (
    EcmaError,
    Engine,
    Limits,
    ScopeChain,
    ScriptError,
    ScriptLimitExceeded,
    check_script,
)

LIMITS = Limits(seconds=0.1, memory=8 << 20)


def chain_of(engine: Engine) -> ScopeChain:
    return engine.chain(engine.scope("session"), engine.scope("dialog"))


ENDS_THE_ENGINE = {
    "loop": "while (true) {}",
    "loop in a catch": "while (true) { try { while (true) {} } catch (e) {} }",
    "loop in a finally": "function g() { try { while (true) {} } finally { return g() } } g()",
    "loop in a sort": "[5, 4, 3].sort(function () { while (1) {} })",
    "loop in valueOf": "({valueOf: function () { while (1) {} }}) + 1",
    "loop in a generator": "function* g() { while (1) yield 1 } for (var x of g()) {}",
    "loop in toString of what is thrown": "throw {toString: function () { while (1) {} }}",
    "loop in message of what is thrown": (
        "var e = new Error(); Object.defineProperty(e, 'message', {get: function () { for (;;); }}); throw e"
    ),
    "backtracking": "/^(a+)+$/.test('a'.repeat(40) + 'b')",
    "more backtracking": "/(x+x+)+y/.test('x'.repeat(60))",
    "repeated repetition": "/(?:a{0,65535}){0,65535}b/.test('a'.repeat(5000))",
    "hoarding arrays": "var a = []; while (true) a.push(new Array(1000).fill(7))",
    "hoarding objects": "var o = {}; while (true) o = {a: o}",
    "hoarding text": "var a = [], i = 0; while (true) a.push('x'.repeat(5000) + i++)",
}
IS_AN_ERROR = {
    "a doubling text": "var s = 'x'; while (true) s += s",
    "a huge text": "'x'.repeat(1 << 29)",
    "a huge padding": "'x'.padEnd(1 << 29)",
    "joining nothing": "new Array(1e8).join('abc')",
    "a sparse array": "var a = []; a[4294967290] = 1; a.indexOf(5)",
    "a sparse array as text": "var a = []; a.length = 4294967295; '' + a",
    "filling": "new Array(4294967295).fill(1)",
    "reversing": "Array.prototype.reverse.call({length: 4294967295})",
    "skipping holes": "new Array(4294967295).forEach(function () {})",
    "many bytes": "new Uint8Array(3e9)",
    "recursion": "function f() { return f() + 1 } f()",
    "recursive eval": "function f() { eval('f()') } f()",
    "recursive getter": "var o = {get x() { return this.x }}; o.x",
    "recursive proxy": "var p = new Proxy({}, {get: function (t, k, r) { return r[k] }}); p.a",
    "deep parentheses": "eval('('.repeat(200000) + '1' + ')'.repeat(200000))",
    "deep JSON": "JSON.parse('['.repeat(200000))",
    "many arguments": "Math.max.apply(null, new Array(999999).fill(1))",
    "searching the long in the long": "('a'.repeat(3e6) + 'b').indexOf('a'.repeat(1e6) + 'c')",
    "splitting the long by the long": "('a'.repeat(3e6) + 'b').split('a'.repeat(1e6) + 'c')",
    "deep groups": "new RegExp('('.repeat(50000) + 'a' + ')'.repeat(50000))",
    "big numbers": "var b = 2n; while (true) b = b * b",
    "waiting": "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)",
    "throwing a symbol": "throw Symbol('x')",
    "throwing null": "throw null",
}


@pytest.mark.parametrize("source", ENDS_THE_ENGINE.values(), ids=ENDS_THE_ENGINE.keys())
def test_a_limit_ends_the_engine(source: str) -> None:
    engine, other = Engine(LIMITS), Engine(LIMITS)
    chain = chain_of(engine)
    began = time.process_time()
    with pytest.raises(ScriptLimitExceeded):
        chain.run_script(source)
    assert time.process_time() - began < 2
    with pytest.raises(ScriptLimitExceeded):
        chain.evaluate("1")
    assert engine.dead in ("time", "memory")
    assert chain_of(other).evaluate("1 + 1") == 2


@pytest.mark.parametrize("source", IS_AN_ERROR.values(), ids=IS_AN_ERROR.keys())
def test_an_excess_is_an_error(source: str) -> None:
    chain = chain_of(Engine(LIMITS))
    began = time.process_time()
    with pytest.raises(EcmaError) as caught:
        chain.run_script(source)
    assert time.process_time() - began < 2
    if isinstance(caught.value, ScriptError):
        assert chain.evaluate("1 + 1") == 2


@pytest.mark.parametrize(
    "source",
    [
        "var s = 'a'.repeat(1e4); s.replace(/a/g, '$&$&$&$&$&').length",
        "'a,'.repeat(1e5).split(',').join('b').length",
        "var a = []; for (var i = 0; i < 20000; i++) a.push(Math.random()); a.sort().length",
        "var a = []; a.length = 1000; a.join('').length",
    ],
)
def test_honest_work_is_let_through(source: str) -> None:
    chain_of(Engine()).run_script(source)


@pytest.mark.parametrize(
    "expression",
    [
        "typeof std + typeof os + typeof require + typeof process + typeof python + typeof print",
        "(function () {}).constructor('return typeof process + typeof require + typeof std + typeof os')()",
        "[].constructor.constructor('return typeof $d + typeof out + typeof err + typeof entry')()",
        "typeof (function () { return this }()).quickjs",
    ],
)
def test_walks_to_the_host_find_nothing(expression: str) -> None:
    value = chain_of(Engine()).evaluate(expression)
    assert isinstance(value, str)
    assert value.replace("undefined", "") == ""


def test_nothing_of_the_host_is_in_the_global_object() -> None:
    chain = chain_of(Engine())
    names = chain.evaluate("Object.getOwnPropertyNames(globalThis)")
    assert isinstance(names, list)
    assert not [name for name in names if name.startswith(("$", "_")) or name in ("print", "console", "std")]
    assert chain.type_of("SharedArrayBuffer") == chain.type_of("Atomics") == "undefined"


def test_bent_builtins_do_not_reach_the_host() -> None:
    chain = chain_of(Engine())
    chain.run_script(
        """JSON.stringify = JSON.parse = function () { return '"bent"' };
           Object.defineProperty = Object.keys = function () { throw 1 };
           String.prototype.indexOf = String.prototype.slice = function () { throw 2 };
           String = Number = Error = Reflect = undefined; Function.prototype.call = null;"""
    )
    chain.declare("x", "[1, 'a']")
    assert chain.evaluate("({a: x})") == {"a": [1, "a"]}
    chain.innermost.set("y", {"b": None})
    assert chain.innermost.names() == ["x", "y"]
    with pytest.raises(ScriptError) as caught:
        chain.evaluate("nosuch")
    assert caught.value.name == "ReferenceError"


def test_scopes_of_one_engine_are_not_another_engines() -> None:
    one, two = chain_of(Engine()), chain_of(Engine())
    one.run_script("var secret = 1; Array.prototype.spy = 1; leaked = 2")
    assert two.evaluate("typeof secret + typeof [].spy + typeof leaked") == "undefined" * 3


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "[" * 100_000,
        "a" * (2 << 20),
        "var a = '" + "x" * (2 << 20),
        "\ud800",
        "a\0b",
        "`${" * 10_000,
    ],
)
def test_sources_that_compilers_fear(source: str) -> None:
    assert check_script(source) is not None
    assert check_script("var fine") is None
