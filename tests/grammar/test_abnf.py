from __future__ import annotations

import pytest

from vxmlplat.grammar.abnf import parse_abnf
from vxmlplat.grammar.errors import GrammarError, GrammarLimitError, GrammarReferenceError, GrammarSyntaxError
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.model import (
    Alternatives,
    Lexicon,
    Meta,
    Mode,
    Position,
    Repeat,
    RuleReference,
    Sequence,
    Special,
    SpecialRule,
    Tag,
    Token,
)

HEAD = "#ABNF 1.0 UTF-8;\nlanguage en-US;\nroot $main;\n"


def main_of(expansion: str) -> object:
    return parse_abnf(f"{HEAD}$main = {expansion};\n$x = x;\n", "mem:g.gram").rules["main"].expansion


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("help", Token("help")),
        ("o'clock", Token("o'clock")),
        ('"San   Francisco"', Token("San Francisco")),
        ("a b", Sequence((Token("a"), Token("b")))),
        ("a b<2>", Sequence((Token("a"), Repeat(Token("b"), 2, 2)))),
        ("a <1->", Repeat(Token("a"), 1, None)),
        ("a<0-3 /0.5/>", Repeat(Token("a"), 0, 3, 0.5)),
        ("[a]", Repeat(Token("a"), 0, 1)),
        ("()", Sequence(())),
        ("oui!fr-CA", Token("oui", "fr-CA")),
        ("(a b)!fr", Sequence((Token("a", "fr"), Token("b", "fr")))),
        ("$NULL", Special(SpecialRule.NULL)),
        ("$GARBAGE", Special(SpecialRule.GARBAGE)),
        ("{out = 1;}", Tag("out = 1;")),
        ("{!{ a } b }!}", Tag(" a } b ")),
        ("a /* why */ // because\n b", Sequence((Token("a"), Token("b")))),
    ],
)
def test_expansions(written: str, expected: object) -> None:
    assert main_of(written) == expected


def test_weights_and_precedence() -> None:
    expansion = main_of("/10/ small | /.5/ big thing | plain")
    assert isinstance(expansion, Alternatives)
    assert [choice.weight for choice in expansion.choices] == [10.0, 0.5, None]
    assert expansion.choices[1].expansion == Sequence((Token("big"), Token("thing")))


def test_references() -> None:
    document = parse_abnf(
        f"{HEAD}$main = $x $<other.gram#r>~<application/srgs>!fr $<#x>;\n$x = x;\n", "http://h/d/g.gram"
    )
    local, external, by_fragment = document.references
    assert (local.rule, local.uri, local.position) == ("x", None, Position(4, 9))
    assert (external.rule, external.uri) == ("r", "http://h/d/other.gram")
    assert external.media_type == "application/srgs"
    assert (by_fragment.rule, by_fragment.uri) == ("x", None)
    assert document.external_references == (external,)
    part = document.rules["main"].expansion
    assert isinstance(part, Sequence)
    assert isinstance(part.parts[1], RuleReference)
    assert part.parts[1].language == "fr"


def test_the_header_in_any_order_and_what_may_repeat() -> None:
    document = parse_abnf(
        '#ABNF 1.0;\nmeta "author" is "me";\nmode dtmf;\n{var a = 1;};\n'
        "lexicon <l.pls>~<application/pls+xml>;\n"
        "http-equiv 'Expires' is '0';\nbase <http://b/c/>;\ntag-format <semantics/1.0>;\n"
        "root $k;\nlexicon <m>;\n"
        '/**\n * keys\n * @example 1 2\n * @example "*"\n */\npublic $k = 1 2 | "*" | "#" | star;\n',
        "http://h/g.gram",
    )
    assert document.mode is Mode.DTMF
    assert document.tags == ("var a = 1;",)
    assert document.metas == (Meta("author", "me"), Meta("Expires", "0", True))
    assert document.lexicons == (Lexicon("http://b/c/l.pls", "application/pls+xml"), Lexicon("http://b/c/m"))
    assert document.rules["k"].public
    assert document.rules["k"].examples == ("1 2", '"*"')


def test_base_comes_before_meta_base() -> None:
    rules = "$main = $<t.gram>;"
    with_meta = parse_abnf(f"{HEAD}meta 'base' is './m/';\n{rules}", "http://h/g.gram")
    with_both = parse_abnf(f"{HEAD}meta 'base' is './m/';\nbase <./b/>;\n{rules}", "http://h/g.gram")
    assert with_meta.references[0].uri == "http://h/m/t.gram"
    assert with_both.references[0].uri == "http://h/b/t.gram"


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("#ABNF 2.0;\n", 1, 1, "first line"),
        ("#ABNF 1.0;/* */\n$main = a;", 1, 1, "first line"),
        (HEAD + "$main = a", 4, 10, "';'"),
        (HEAD + "$main = ;", 4, 9, "empty expansion"),
        (HEAD + "$main = a | ;", 4, 13, "empty expansion"),
        (HEAD + "$main = *;", 4, 9, "reserved"),
        (HEAD + "$main = many*;", 4, 13, "reserved"),
        (HEAD + "$main = a <3-1>;", 4, 11, "from 3 to 1"),
        (HEAD + "$main = a <x>;", 4, 11, "repeat"),
        (HEAD + "$main = a <0-1 /1.5/>;", 4, 11, "probability"),
        (HEAD + '$main = "a;', 4, 9, "no end"),
        (HEAD + "$main = {a;", 4, 9, "closing"),
        (HEAD + "$main = a; /* b", 4, 12, "comment"),
        (HEAD + "$main = (a;", 4, 11, "')'"),
        (HEAD + "$main = a; $main = b;", 4, 12, "twice"),
        (HEAD + "$NULL = a;", 4, 1, "special"),
        (HEAD + "root $x;\n$main = a;", 4, 5, "declared twice"),
        (HEAD + "mode speech;\n$main = a;", 4, 5, "voice or dtmf"),
        (HEAD + "unknown a;\n$main = a;", 4, 1, "expected a rule"),
        (HEAD + "$main = $y;", 4, 9, "'y' is not defined"),
        (HEAD + "$main = $<a#VOID>;", 4, 9, "special"),
        (HEAD + "$main = $<//[>;", 4, 9, "no URI"),
    ],
)
def test_errors_say_where(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(GrammarError, match=r".") as caught:
        parse_abnf(text, "mem:g.gram")
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"mem:g.gram:{line}:{column}: ")


@pytest.mark.parametrize(
    "text",
    [
        "#ABNF 1.0;\nlanguage en;\nbase <//[>;\n$a = a;",
        "#ABNF 1.0;\nlanguage en;\nlexicon <//[>;\n$a = a;",
        "#ABNF 1.0;\nroot $a;\n$a = a;",  # a voice grammar without language
        "#ABNF 1.0;\nlanguage en;\n",  # no rule
        "#ABNF 1.0;\nmode dtmf;\n$a = one;",  # no key
    ],
)
def test_documents_that_contradict_themselves(text: str) -> None:
    with pytest.raises(GrammarSyntaxError):
        parse_abnf(text, "mem:g.gram")


def test_a_root_that_is_not_there() -> None:
    with pytest.raises(GrammarReferenceError, match="root rule 'main'"):
        parse_abnf(f"{HEAD}$x = a;", "mem:g.gram")


def test_limits() -> None:
    for limits, text in (
        (Limits(depth=20), "$main = " + "(" * 30 + "a" + ")" * 30 + ";"),
        (Limits(nodes=20), "$main = " + "a " * 30 + ";"),
        (Limits(rules=2), "$main = a; $b = b; $c = c;"),
        (Limits(source=10), "$main = a;"),
    ):
        with pytest.raises(GrammarLimitError):
            parse_abnf(HEAD + text, "mem:g.gram", limits=limits)


def test_an_inline_grammar_takes_its_language_from_around_it() -> None:
    document = parse_abnf("\n  #ABNF 1.0;\nroot $a; $a = 1;", "mem:page.vxml", mode=Mode.DTMF, inline=True)
    assert document.mode is Mode.DTMF
