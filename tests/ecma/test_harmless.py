"""Which expressions let an engine be used again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.ecma import Engine, EnginePool, ScriptError
from vxmlplat.ecma.harmless import METHODS, harmless


@pytest.mark.parametrize(
    "source",
    [
        "event$.info.dtmf == '5'",
        "n+1",
        "a<=b && !(c>=d) || e !== f",
        "session.connections['c1'].state=='CONNECTED'",
        "x.y.indexOf('a') > -1",
        "typeof tmp == 'undefined'",
        'a ? b : "c"',
        "a % 2 == 0",
        "n * 1.5 - -2",
    ],
)
def test_plain_conditions_are_harmless(source: str) -> None:
    assert harmless(source)


@pytest.mark.parametrize(
    "source",
    [
        *("a=1 a+=1 a<<=1 a>>=1 a>>>=1 a**=2 a&&=1 a||=1 a??=1 a++ ++a a-- --a a!=b!==c=1 a==b=c".split()),
        *("x() (a)('b') a['b']('c') a`b` ''`x` x=>1 /x/ {a:1} this.x 'a'(1) 1..constructor('x')".split()),
        "x.constructor('y')",
        "new Date",
        "delete a",
        "'a'.match('b').push.call(Math, 1)",
        "x.charAt\n(1)\n(2)",
        "a.indexOf.call(b)",
        "function(){}",
        "({m(){for(Math.z of 'a');}}).m()",
        "\\u0061=1",
        "eval ('x')",
    ],
)
def test_all_else_is_not(source: str) -> None:
    assert not harmless(source)


TOKENS = [
    *("Math Array x event$ constructor prototype __proto__ length push call apply call at sort JSON".split()),
    *("== != === < > <= >= && || ? : + - * % ! . , ( ) [ ] = ++ -- += `` / { } ;".split()),
    *("'constructor' 'x' 1 0.5 new delete typeof in of for function => ... ?. ??".split()),
    *(f".{name}(" for name in METHODS),
]
FINGERPRINT = """(function print(o, seen) {
  if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) return '';
  seen.add(o);
  return Reflect.ownKeys(o).map(function (k) {
    var d = Reflect.getOwnPropertyDescriptor(o, k);
    return String(k) + ':' + typeof d.value + print(d.value, seen) + print(d.get, seen);
  }).join() + print(Reflect.getPrototypeOf(o), seen);
})(globalThis, new Set())"""


@settings(deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=8).map(" ".join))
def test_what_counts_as_harmless_changes_nothing_global(source: str) -> None:
    if not harmless(source):
        return
    engine = Engine()
    chain = engine.chain(engine.scope("s"))
    chain.innermost.set("x", {"a": [1, "b"], "length": 1})
    chain.innermost.set("event$", {"name": "n"})
    probe = engine.chain()
    before = probe.evaluate(FINGERPRINT)
    try:
        chain.evaluate(source)
    except ScriptError:
        pass
    assert probe.evaluate(FINGERPRINT) == before


def test_the_pool_takes_back_what_is_as_new() -> None:
    pool = EnginePool(spare=1)
    engine = pool.take()
    scope = engine.scope("s")
    chain = engine.chain(scope)
    chain.declare("x", "1 + 1")
    chain.assign("x", "x * 2")
    chain.assign("s.x", "x * 2")
    assert chain.condition("x == 8")
    pool.give_back(engine)
    assert pool.take() is engine
    assert engine.chain(engine.scope("s")).type_of("x") == "undefined"


@pytest.mark.parametrize(
    ("kind", "source"),
    [("evaluate", "[].push.call(Math, 1)"), ("run_script", "var a"), ("assign", "Math"), ("assign", "x.y")],
)
def test_the_pool_leaves_what_is_not(kind: str, source: str) -> None:
    pool = EnginePool()
    engine = pool.take()
    chain = engine.chain(engine.scope("s"))
    chain.innermost.set("x", {})
    getattr(chain, kind)(*([source, "1"] if kind == "assign" else [source]))
    pool.give_back(engine)
    assert pool.take() is not engine
