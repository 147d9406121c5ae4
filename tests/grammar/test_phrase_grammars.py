from __future__ import annotations

import pytest

from vxmlplat.grammar.errors import GrammarLimitError, GrammarSyntaxError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.loading import link, parse_grammar
from vxmlplat.grammar.phrases import keys_grammar, phrase_grammar
from vxmlplat.grammar.words import normal_words


def test_an_exact_phrase() -> None:
    grammar = phrase_grammar("Stargazer Astrophysics News", value={"go": 1})
    assert grammar is not None
    match = grammar.match("stargazer astrophysics news")
    assert match is not None
    assert match.interpret() == {"go": 1}
    assert match.text == "Stargazer Astrophysics News"
    assert grammar.match("stargazer news") is None


@pytest.mark.parametrize("said", ["Stargazer", "astrophysics", "stargazer news", "astrophysics news", "news"])
def test_an_approximate_phrase_takes_words_in_their_order(said: str) -> None:
    grammar = phrase_grammar("Stargazer astrophysics news", accept="approximate")
    assert grammar is not None
    match = grammar.match(said)
    assert match is not None
    assert str(match.interpret()).lower() == said.lower()


@pytest.mark.parametrize("said", ["", "news stargazer", "stargazer stargazer", "planets"])
def test_what_an_approximate_phrase_does_not_take(said: str) -> None:
    grammar = phrase_grammar("Stargazer astrophysics news", accept="approximate")
    assert grammar is not None
    assert grammar.match(said) is None


def test_phrases_of_no_word() -> None:
    assert phrase_grammar("  \n ") is None
    assert phrase_grammar(" -- ") is None


def test_a_very_long_approximate_phrase_is_exact() -> None:
    grammar = phrase_grammar("word " * 150, accept="approximate")
    assert grammar is not None
    assert grammar.match("word " * 150) is not None


def test_keys() -> None:
    match = keys_grammar("1 2#").match("12#")
    assert match is not None
    assert match.interpret() == "12#"
    for wrong in ("", "1x", "one"):
        with pytest.raises(GrammarSyntaxError):
            keys_grammar(wrong)


def grammar(rules: str) -> Grammar:
    text = f"#ABNF 1.0;\nlanguage en-US;\nroot $main;\n{rules}"
    return link(parse_grammar(text, "mem:g", "application/srgs"), {})


def test_the_phrases_of_a_finite_grammar() -> None:
    finite = grammar(
        "$main = [please] $what [now]; $what = call | 'hang up'<0-0> stop | $VOID x;".replace("'", '"')
    )
    assert sorted(finite.phrases()) == sorted(
        [
            "call",
            "stop",
            "please call",
            "please stop",
            "call now",
            "stop now",
            "please call now",
            "please stop now",
        ]
    )
    assert finite.phrases(rules=["what"]) == ["call", "stop"]


@pytest.mark.parametrize(
    "rules",
    [
        "$main = a<1->;",
        "$main = a | a $main;",
        "$main = a $GARBAGE;",
        "$main = (a | b)<30>;",
        "$main = " + "(a | b) " * 40 + ";",
    ],
)
def test_phrases_without_end(rules: str) -> None:
    with pytest.raises(GrammarLimitError):
        grammar(rules).phrases(1000)


def test_words() -> None:
    assert normal_words(" Hello,  WORLD! ") == ("hello", "world")
    assert normal_words("two o’clock.") == ("two", "o'clock")
    assert normal_words("我要ＡＢＣ公司") == ("我", "要", "abc", "公", "司")
    assert normal_words("예 아니요") == ("예", "아니요")
    assert normal_words("...") == ("...",)
