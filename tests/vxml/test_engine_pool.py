"""Sessions that only compare need no script engine; one that was needed goes on to serve others."""

from __future__ import annotations

from typing import Any

from vxmlplat.ecma import Engine, EnginePool, LazyEngine
from vxmlplat.vxml.session import SessionStart, _session_scope

START = SessionStart(
    "http://x/a.vxml",
    local="sip:1@x",
    remote="sip:2@x",
    originator="local",
    aai="{}",
    redirect=[{"uri": "sip:3@x"}],
    variables={"trunk": {"name": "t"}},
)
CONNECTION = {
    "local": {"uri": "sip:1@x"},
    "remote": {"uri": "sip:2@x"},
    "protocol": {"name": None, "version": None},
    "redirect": [{"uri": "sip:3@x"}],
    "aai": "{}",
    "originator": {"uri": "sip:1@x"},
}


def looked_at(engine: LazyEngine) -> list[Any]:
    chain = engine.chain(_session_scope(engine, START, "s1"))
    return [
        chain.condition("connection.originator === connection.local && session.sessionid == 's1'"),
        chain.evaluate("[connection, sessionid, trunk.name]"),
    ]


def test_the_session_variables_are_the_same_with_and_without_an_engine() -> None:
    pool = EnginePool()
    lazy = LazyEngine(pool)
    expected = [True, [CONNECTION, "s1", "t"]]
    assert looked_at(lazy) == expected
    assert lazy.engine is None
    assert looked_at(LazyEngine(pool, engine=Engine())) == expected


def test_moving_a_session_leaves_its_engine_fit_for_the_next() -> None:
    pool = EnginePool()
    lazy = LazyEngine(pool)
    scope = _session_scope(lazy, START, "s1")
    engine = lazy.moved()
    assert lazy.chain(scope).evaluate("connection.originator === connection.local") is True
    lazy.close()
    assert engine.pristine
    assert pool.take() is engine


def test_an_engine_of_the_callers_own_is_not_given_away() -> None:
    pool = EnginePool()
    engine = Engine()
    lazy = LazyEngine(pool, engine=engine)
    assert lazy.engine is engine
    lazy.close()
    assert pool.take() is not engine
