"""Looking at a call: variables, grammars, chance and time of day."""

# ruff: noqa: E501  # a document reads best as its author would write it

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vxmlplat.clock import VirtualClock
from vxmlplat.documents import FetchRequest, parse_xml
from vxmlplat.ecma import Engine, ScriptError, ScriptLimitExceeded
from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.grammar.loading import load_inline
from vxmlplat.grammar.model import Mode
from vxmlplat.simulator.caller import Caller
from vxmlplat.simulator.grammar_reading import read_grammar
from vxmlplat.simulator.inputs import Input, Wanted
from vxmlplat.simulator.inspection import (
    LONGEST_VALUE,
    Inspector,
    Repeatable,
    Snapshot,
    Variable,
    evaluate,
    syntax_fault,
)
from vxmlplat.simulator.journal import Change, Journal, Moment
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.platform import ActiveGrammar


class Looked:
    """As much of a context as is looked at."""

    def __init__(self, engine: Engine) -> None:
        self.application = engine.scope("application", "document")
        self.dialog = engine.scope("dialog")
        self.chain = engine.chain(self.application, self.dialog)
        self.inspector = Inspector(engine)

    def look(self) -> Snapshot:
        return self.inspector.look(self)  # type: ignore[arg-type]  # all that is looked at


@pytest.fixture
def looked() -> Looked:
    return Looked(Engine())


def test_values_are_shown_as_what_they_are(looked: Looked) -> None:
    looked.chain.enter(looked.application)
    looked.chain.run_script(
        "var a = 'x', b = 1.5, c = [1, {d: null}], e = NaN, f = undefined, g = true, h = null;"
        "function hidden() {} var long = 'x'; for (var n = 0; n < 15; n++) { long += long; }"
        "var round = {}; round.round = round; var broken = { toJSON: function () { throw new Error('no'); } };"
    )
    looked.chain.leave()
    looked.dialog.set_document("answer", parse_xml(b"<answer>1</answer>", "a.xml"))
    found = {name: (one.kind, one.value) for (_, name), one in looked.look().variables.items()}
    assert found == {
        "a": ("string", "x"),
        "b": ("number", 1.5),
        "c": ("array", [1, {"d": None}]),
        "e": ("number", "NaN"),
        "f": ("undefined", None),
        "g": ("boolean", True),
        "h": ("null", None),
        "n": ("number", 15),
        "long": ("long", None),
        "round": ("unreadable", None),
        "broken": ("unreadable", None),
        "answer": ("xml", None),
    }
    assert LONGEST_VALUE < 2**15


def test_what_changed_is_told_and_what_is_gone(looked: Looked) -> None:
    looked.application.set("kept", 1)
    looked.dialog.set("gone", [1])
    before = looked.look()
    looked.chain.leave()
    looked.application.set("kept", 2)
    looked.application.set("new", "x")
    after = looked.look()
    assert after.changed_since(before) == [
        Variable("application", "kept", "number", 2),
        Variable("application", "new", "string", "x"),
    ]
    assert after.gone_since(before) == [("dialog", "gone")]
    assert after.changed_since(after) == []


def test_expressions_are_evaluated_over_copies(looked: Looked) -> None:
    looked.application.set("order", {"items": [1, 2]})
    looked.dialog.set("empty", None)
    seen = looked.look()
    assert evaluate("order.items.length + 1", seen) == 3
    assert evaluate("(application.order.items.push(3), document.order.items.length)", seen) == 3
    assert looked.look() == seen
    assert evaluate("dialog.empty === null", seen) is True
    with pytest.raises(ScriptError):
        evaluate("nowhere", seen)
    with pytest.raises(ScriptLimitExceeded):
        evaluate("(function () { for (;;) {} })()", seen)


@pytest.mark.parametrize(
    ("expression", "right"), [("a > 1", True), ("1 +", False), ("a; b", False), ("(", False)]
)
def test_faults_of_writing_are_found_without_running(expression: str, right: bool) -> None:
    assert (syntax_fault(expression) == "") is right


def test_chance_and_time_are_the_same_again() -> None:
    def run(seed: int) -> list[Any]:
        engine, clock = Engine(), VirtualClock()
        repeatable = Repeatable(engine, clock, seed)
        chain = engine.chain(engine.scope())
        first = [chain.evaluate("Math.random()") for _ in range(20)]
        clock.jump(90)
        before = chain.evaluate("new Date().toISOString()")
        repeatable.time_passed()
        after = chain.evaluate(
            "[Date.now() - Date.parse('2026-01-05T09:00:00Z'), new Date(2020, 1, 2).getFullYear()]"
        )
        assert chain.evaluate("new Date() instanceof Date && typeof Date() == 'string'") is True
        return [first, before, after]

    chances, before, after = run(7)
    assert run(7) == [chances, before, after]
    assert run(8)[0] != chances
    assert all(0 <= chance < 1 for chance in chances)
    assert len(set(chances)) == 20
    assert (before, after) == ("2026-01-05T09:00:00.000Z", [90_000, 2020])


async def grammar(rules: str, mode: Mode) -> ActiveGrammar:
    async def nothing(uri: str) -> Any:
        raise AssertionError(uri)

    text = f'<grammar version="1.0" mode="{mode.value}" root="r" xml:lang="en-US">{rules}</grammar>'
    loaded = await load_inline(text, "http://a.example/", nothing, language="en-US", mode=mode)
    return ActiveGrammar(loaded, "dtmf" if mode is Mode.DTMF else "voice", 0)


DIGIT = "<one-of>" + "".join(f"<item>{digit}</item>" for digit in range(10)) + "</one-of>"


@pytest.mark.parametrize(
    ("rules", "mode", "phrases", "pattern"),
    [
        ('<rule id="r"><one-of><item>1</item><item>* 9</item></one-of></rule>', Mode.DTMF, ["1", "*9"], ""),
        (
            '<rule id="r"><item repeat="0-1">the</item> <one-of><item>roads</item><item>parks</item></one-of></rule>',
            Mode.VOICE,
            ["the roads", "the parks", "roads", "parks"],
            "",
        ),
        (f'<rule id="r"><item repeat="4-8">{DIGIT}</item></rule>', Mode.DTMF, [], "0-9 ×4–8"),
        (
            f'<rule id="r"><item repeat="3">{DIGIT}</item> <item repeat="0-1">#</item>'
            '<item repeat="2-"><ruleref uri="#more"/></item></rule><rule id="more"><item>1</item></rule>',
            Mode.DTMF,
            [],
            "0-9 ×3 [#] 1 ×2–∞",
        ),
    ],
)
async def test_grammars_as_a_person_reads_them(
    rules: str, mode: Mode, phrases: list[str], pattern: str
) -> None:
    read = read_grammar(await grammar(rules, mode))
    assert sorted(read["phrases"]) == sorted(phrases)
    assert (read["mode"], read["pattern"]) == ("dtmf" if mode is Mode.DTMF else "voice", pattern)


def test_a_builtin_grammar_is_named() -> None:
    digits = builtin_grammar("builtin:dtmf/digits?length=4")
    assert read_grammar(ActiveGrammar(digits, "dtmf", 0)) == {
        "mode": "dtmf",
        "phrases": [],
        "pattern": "dtmf/digits?length=4",
    }


# ------------------------------------------------------------------------------------------ the journal


def test_a_journal_gives_again_what_it_was_given_and_forgets_what_is_replaced() -> None:
    journal = Journal()
    request, other = FetchRequest("http://a.example/x"), FetchRequest("http://a.example/y")
    pages = [text_resource("http://a.example/x", text) for text in ("1", "2")]
    for number, page in enumerate(pages):
        journal.add_answer(request, page, number)
    journal.add_action({"dtmf": "1"}, 1.0)
    journal.add_change(Change(Moment(1, 1, False), "x", 7))
    journal.add_action(None, 2.0)
    journal.add_action({"dtmf": "2"}, 3.0)
    assert journal.answer(request) is None
    journal = Journal(journal.record)
    assert journal.ahead == 2
    first = journal.answer(request)
    assert first is not None
    assert first.given is pages[0]
    assert journal.answer(other) is None
    assert journal.changes(Moment(1, 0, False)) == []
    journal.take()
    assert [change.value for change in journal.changes(Moment(1, 1, False))] == [7]
    assert journal.changes(Moment(1, 1, False)) == []
    journal.forget_ahead()
    assert (journal.ahead, journal.next_action(), journal.answer(request)) == (0, None, None)
    journal = Journal(journal.record)
    assert journal.ahead == 1
    again = journal.answer(request)
    assert again is not None
    assert again.given is pages[0]
    assert journal.answer(request) is None


class Attending:
    """Lets everything pass."""

    silent = False

    def __init__(self) -> None:
        self.told: list[object] = []

    async def waits(self) -> None:
        self.told.append("waits")

    def wants(self, wanted: Wanted) -> None:
        self.told.append(wanted)

    def took(self, action: Input | None) -> None:
        self.told.append(action)

    async def gate(self) -> None:
        self.told.append("gate")


async def test_a_caller_does_again_what_was_done_then_what_is_said() -> None:
    journal, attending, clock = Journal(), Attending(), VirtualClock()
    journal.add_action({"dtmf": "1"}, 4.0)
    journal = Journal(journal.record)
    caller = Caller(journal, attending, clock)
    assert await caller.next("input") == {"dtmf": "1"}
    assert clock.now() == 4.0
    waiting = asyncio.create_task(caller.next("record"))
    await asyncio.sleep(0)
    caller.put({"hangup": True})
    assert await waiting == {"hangup": True}
    assert attending.told == ["waits", {"dtmf": "1"}, "waits", "record", "gate", {"hangup": True}]
    assert caller.peek() is None
