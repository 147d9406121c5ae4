from __future__ import annotations

import pytest

from vxmlplat.grammar.errors import GrammarLimitError, GrammarReferenceError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.limits import DEFAULT_LIMITS, Limits
from vxmlplat.grammar.loading import link, parse_grammar


def grammar(rules: str, limits: Limits = DEFAULT_LIMITS) -> Grammar:
    text = f"#ABNF 1.0;\nlanguage en-US;\nroot $main;\n{rules}"
    return link(parse_grammar(text, "mem:g", "application/srgs"), {}, limits=limits)


def structure(rules: str, said: str, *active: str) -> str | None:
    match = grammar(rules).match(said, active)
    return None if match is None else match.structure()


@pytest.mark.parametrize(
    ("rules", "said", "expected"),
    [
        ("$main = a {1} | a {2};", "a", '$main["a",{!{1}!}]'),
        ("$main = /1/ a {1} | /2/ a {2};", "a", '$main["a",{!{2}!}]'),
        ("$main = /0/ a {1} | $x {2}; $x = a;", "a", '$main[$x["a"],{!{2}!}]'),
        ("$main = [a {1}] [a {2}] b;", "a b", '$main["a",{!{1}!},"b"]'),
        ("$main = $GARBAGE [b {1}] $GARBAGE;", "x b y", '$main["b",{!{1}!}]'),
        ("$main = a $GARBAGE;", "a", '$main["a"]'),
        ("$main = $NULL | $x; $x = $main a;", "a a", '$main[$x[$main[$x[$main[],"a"]],"a"]]'),
        ("$main = ({t})<3>;", "", "$main[{!{t}!}]"),
        ("$main = (a {t})<3>;", "a a a", '$main["a",{!{t}!},"a",{!{t}!},"a",{!{t}!}]'),
        ("$main = ([a] {t})<1-3>;", "a", '$main["a",{!{t}!}]'),
        ("$main = (a {t})<0->;", "", "$main[]"),
        ("$main = a<100>;", "a " * 99, None),
        ("$main = (a | b b)<0-1000>;", "a b b a", '$main["a","b","b","a"]'),
        ("$main = $main a | a;", "a a a", '$main[$main[$main["a"],"a"],"a"]'),
        ("$main = $x; $x = $y | a; $y = $x;", "a", '$main[$x["a"]]'),
        ("$main = $main;", "a", None),
        ("$main = a $VOID | b;", "a", None),
        ('$main = "New York" city;', "new york CITY", '$main["New York","city"]'),
        ("$main = 北京 天气;", "北 京天气", '$main["北京","天气"]'),
        ("$main = o'clock;", "o’clock.", '$main["o\'clock"]'),
    ],
)
def test_structures(rules: str, said: str, expected: str | None) -> None:
    assert structure(rules, said) == expected


def test_rules_active_together() -> None:
    rules = "$main = a; $other = b; $third = a;"
    assert structure(rules, "b", "main", "other") == '$other["b"]'
    assert structure(rules, "a", "third", "main") == '$third["a"]'
    with pytest.raises(GrammarReferenceError):
        structure(rules, "a", "none")


def test_a_grammar_without_root_matches_nothing() -> None:
    document = parse_grammar("#ABNF 1.0;\nlanguage en-US; $x = a;", "mem:g", "application/srgs")
    assert link(document, {}).match("a") is None


def test_large_forks_are_found_by_their_first_words() -> None:
    tagged = " | ".join(f"{{{number}}} word{number} end" for number in range(100))
    nested = " | ".join(f"$r{number}" for number in range(100))
    rules = "".join(f"$r{number} = [very] w{number};" for number in range(100))
    assert structure(f"$main = {tagged};", "word42 end") == '$main[{!{42}!},"word42","end"]'
    assert structure(f"$main = {nested} | [maybe] {{e}};{rules}", "very w7") == '$main[$r7["very","w7"]]'
    assert structure(f"$main = {nested} | [maybe] {{e}};{rules}", "") == "$main[{!{e}!}]"


@pytest.mark.parametrize(
    "rules",
    [
        "$main = a | $main $main;",
        "$main = ((((a<1->)<1->)<1->)<1->)<1->;",
        "$main = " + "[a] " * 60 + ";",
        "$main = (a | a | a | a a | [a])<0->;",
        "$main = $x $x $x $x; $x = [a] $x [a] | a;",
    ],
)
def test_ambiguity_does_not_explode(rules: str) -> None:
    assert grammar(rules, Limits(steps=100_000)).match("a " * 40) is not None


def test_limits() -> None:
    with pytest.raises(GrammarLimitError, match="words"):
        grammar("$main = a<1->;", Limits(words=10)).match("a " * 11)
    with pytest.raises(GrammarLimitError, match="steps"):
        grammar("$main = a | $main $main;", Limits(steps=100)).match("a " * 40)
    with pytest.raises(GrammarLimitError, match="steps"):
        grammar("$main = a | $main $main;").match("a " * 1000)
    with pytest.raises(GrammarLimitError, match="states"):
        grammar("$main = ((((a b c d e f g<500>)<500>)<500> h<500>)<500>)<500>;", Limits(states=1000))
    with pytest.raises(GrammarLimitError, match="no input"):
        grammar("$main = a<100000>;")
    assert grammar("$main = a<1-999999999>;").match("a a") is not None
    assert grammar("$main = ((((a<0-999>)<0-999>)<0-999>)<0-999>)<0-999>;").match("a a") is not None
