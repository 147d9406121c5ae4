from __future__ import annotations

import pytest

from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.grammar.dtmf import ActiveGrammar, DtmfMatching, DtmfState
from vxmlplat.grammar.errors import GrammarLimitError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.loading import link, parse_grammar
from vxmlplat.grammar.phrases import keys_grammar, phrase_grammar


def grammar(rules: str) -> Grammar:
    return link(
        parse_grammar(f"#ABNF 1.0;\nmode dtmf; root $main;\n{rules}", "mem:g", "application/srgs"), {}
    )


@pytest.mark.parametrize(
    ("rules", "states"),
    [
        ("$main = 1;", {"": "partial", "1": "match-final", "2": "no", "11": "no"}),
        ("$main = 1 | 1 2 3;", {"1": "match-can-extend", "12": "partial", "123": "match-final"}),
        ('$main = 5 ["#"];', {"5": "match-can-extend", "5#": "match-final", "5*": "no"}),
        ('$main = "*" 1 | "*" "*";', {"*": "partial", "**": "match-final", "*1": "match-final"}),
        ("$main = star 1 pound A;", {"*1#": "partial", "*1#A": "match-final", "*1#a": "match-final"}),
        ("$main = 1 $VOID | 2;", {"1": "no", "2": "match-final"}),
        ("$main = 1 $endless | 2; $endless = 3 $endless;", {"1": "no", "2": "match-final"}),
        ("$main = [1];", {"": "match-can-extend", "1": "match-final"}),
        ("$main = 1 {t} $NULL;", {"1": "match-final"}),
        ("$main = 1 $GARBAGE;", {"1": "match-can-extend", "123": "match-can-extend"}),
    ],
)
def test_states(rules: str, states: dict[str, str]) -> None:
    for keys, expected in states.items():
        matching = DtmfMatching([ActiveGrammar(grammar(rules))])
        for key in keys:
            matching.feed(key)
        assert (keys, matching.state.value) == (keys, expected)


def test_several_grammars_at_once() -> None:
    choice = keys_grammar("1", value="sales")
    pin = builtin_grammar("builtin:dtmf/digits?length=3")
    matching = DtmfMatching([ActiveGrammar(choice), ActiveGrammar(pin)])
    assert matching.state is DtmfState.PARTIAL
    assert matching.feed("1") is DtmfState.MATCH_CAN_EXTEND
    assert matching.states == (DtmfState.MATCH_FINAL, DtmfState.PARTIAL)
    assert [(index, match.interpret()) for index, match in matching.matches()] == [(0, "sales")]
    assert matching.feed("2") is DtmfState.PARTIAL
    assert matching.feed("3") is DtmfState.MATCH_FINAL
    assert [(index, match.interpret()) for index, match in matching.matches()] == [(1, "123")]
    assert matching.keys == "123"
    assert matching.feed("4") is DtmfState.NO
    assert matching.matches() == []


def test_nobody_listens() -> None:
    assert DtmfMatching([]).state is DtmfState.NO


def test_active_rules() -> None:
    menu = grammar("$main = 1; public $other = 2;")
    matching = DtmfMatching([ActiveGrammar(menu, ("other",))])
    assert matching.feed("2") is DtmfState.MATCH_FINAL
    assert matching.matches()[0][1].rule == "other"


def test_what_is_no_key_and_no_keys() -> None:
    matching = DtmfMatching([ActiveGrammar(keys_grammar("1"))])
    for wrong in ("x", "12", "", " "):
        with pytest.raises(ValueError, match="no key"):
            matching.feed(wrong)
    spoken = phrase_grammar("hello")
    assert spoken is not None
    with pytest.raises(ValueError, match="no DTMF"):
        DtmfMatching([ActiveGrammar(spoken)])


def test_keys_without_end() -> None:
    matching = DtmfMatching([ActiveGrammar(builtin_grammar("builtin:dtmf/digits"))])
    for _ in range(1000):
        matching.feed("1")
    with pytest.raises(GrammarLimitError):
        matching.feed("1")


def test_what_a_first_key_is_is_found_out_once_and_longer_inputs_are_forgotten() -> None:
    active = [ActiveGrammar(keys_grammar("1", value="sales")), ActiveGrammar(grammar("$main = 1 2;"))]
    one, two = DtmfMatching(active), DtmfMatching(active)
    assert one.feed("1") is two.feed("1") is DtmfState.MATCH_CAN_EXTEND
    assert [match for _, match in one.matches()] == [match for _, match in two.matches()]
    assert one.matches()[0][1] is two.matches()[0][1]
    assert one.feed("2") is two.feed("2") is DtmfState.MATCH_FINAL
    assert one.matches()[0][1] is not two.matches()[0][1]
    assert one.matches()[0][0] == 1
    other = DtmfMatching([*active, ActiveGrammar(keys_grammar("1", value="repairs"))])
    other.feed("1")
    assert [match.interpret() for _, match in other.matches()] == ["sales", "repairs"]
