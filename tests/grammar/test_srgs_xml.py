from __future__ import annotations

import pytest

from vxmlplat.documents.markup import parse_xml
from vxmlplat.grammar.errors import GrammarError, GrammarLimitError
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.model import (
    Alternatives,
    Choice,
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
from vxmlplat.grammar.srgs_xml import NAMESPACE, grammar_of_element, parse_srgs_xml

OPEN = f'<grammar xmlns="{NAMESPACE}" version="1.0" xml:lang="en-US" root="main">'


def main_of(content: str) -> object:
    text = f'{OPEN}<rule id="main">{content}</rule><rule id="x">x</rule></grammar>'
    return parse_srgs_xml(text, "mem:g.grxml").rules["main"].expansion


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" help ", Token("help")),
        ('fly "San \n Francisco"', Sequence((Token("fly"), Token("San Francisco")))),
        ("<token> San  Francisco </token>", Token("San Francisco")),
        ('<token xml:lang="fr">oui</token>', Token("oui", "fr")),
        (
            '<item xml:lang="fr">oui <token>si</token></item>',
            Sequence((Token("oui", "fr"), Token("si", "fr"))),
        ),
        ('<item repeat="0-1">a</item>', Repeat(Token("a"), 0, 1)),
        ('<item repeat="3">a</item>', Repeat(Token("a"), 3, 3)),
        ('<item repeat="2-" repeat-prob="0.5">a</item>', Repeat(Token("a"), 2, None, 0.5)),
        ("<item/>", Sequence(())),
        ("<tag>out = 1 &lt; 2;</tag>", Tag("out = 1 < 2;")),
        ("<tag><![CDATA[a && b]]></tag>", Tag("a && b")),
        ('<ruleref special="VOID"/>', Special(SpecialRule.VOID)),
        (
            '<one-of><item weight="2">a</item><item>b</item></one-of>',
            Alternatives((Choice(Token("a"), 2.0), Choice(Token("b")))),
        ),
        ('a<m:note xmlns:m="urn:m">ignored</m:note>', Token("a")),
        ("<example>no part of it</example>a", Token("a")),
    ],
)
def test_expansions(written: str, expected: object) -> None:
    assert main_of(written) == expected


def test_references() -> None:
    reference = main_of('<ruleref uri=" d/o.grxml#r " type="application/srgs+xml" xml:lang="fr"/>')
    assert isinstance(reference, RuleReference)
    assert (reference.rule, reference.written) == ("r", "d/o.grxml#r")
    assert reference.language == "fr"
    assert isinstance(reference.position, Position)


def test_the_header() -> None:
    document = parse_srgs_xml(
        f'<grammar xmlns="{NAMESPACE}" version="1.0" mode="dtmf" xml:base="http://b/" '
        'tag-format="semantics/1.0">'
        '<meta name="a" content="b"/><meta http-equiv="c" content="d"/>'
        '<metadata><x xmlns="urn:x"/></metadata>'
        '<lexicon uri="l.pls" type="t"/><tag>var n;</tag>'
        '<rule id="k" scope="public"><example>1</example>1 #</rule>'
        "</grammar>",
        "http://h/g.grxml",
    )
    assert document.mode is Mode.DTMF
    assert document.root is None
    assert document.tags == ("var n;",)
    assert [meta.http for meta in document.metas] == [False, True]
    assert document.lexicons[0].uri == "http://b/l.pls"
    assert document.rules["k"].public
    assert document.rules["k"].examples == ("1",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gb18030"])
def test_encodings(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{OPEN}<rule id="main">你好</rule></grammar>'
    assert parse_srgs_xml(text.encode(encoding), "mem:g").rules["main"].expansion == Token("你好")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<grammar", "unclosed token"),
        ("<vxml/>", "root element"),
        ('<grammar version="1.0"><rule id="a">a</rule></grammar>', "namespace"),
        (f'<grammar xmlns="{NAMESPACE}"><rule id="a">a</rule></grammar>', "version"),
        (f'<grammar xmlns="{NAMESPACE}" version="2.0"><rule id="a">a</rule></grammar>', "version"),
        (f'<grammar xmlns="{NAMESPACE}" version="1.0"><rule id="a">a</rule></grammar>', "language"),
        (f"{OPEN}</grammar>", "at least one rule"),
        (f'{OPEN}<meta name="base" content="//["/><rule id="main">a</rule></grammar>', "no URI"),
        (f'{OPEN}<lexicon uri="//["/><rule id="main">a</rule></grammar>', "no URI"),
        (f'{OPEN}<rule id="main"/></grammar>', "empty"),
        (f'{OPEN}<rule id="main">a</rule><rule id="main">b</rule></grammar>', "twice"),
        (f'{OPEN}<rule id="VOID">a</rule></grammar>', "special"),
        (f'{OPEN}<rule id="main">a</rule><tag>x</tag></grammar>', "before the rules"),
        (f'{OPEN}<rule id="other">a</rule></grammar>', "root rule 'main'"),
        (f'{OPEN}<rule id="main"><ruleref uri="#y"/></rule></grammar>', "'y' is not defined"),
        (f'{OPEN}<rule id="main"><ruleref/></rule></grammar>', "uri or special"),
        (f'{OPEN}<rule id="main"><item repeat="-2">a</item></rule></grammar>', "repeat"),
        (f'{OPEN}<rule id="main"><item repeat="3-2">a</item></rule></grammar>', "empty range"),
        (f'{OPEN}<rule id="main"><one-of><item weight="x">a</item></one-of></rule></grammar>', "no number"),
        (f'{OPEN}<rule id="main"><one-of/></rule></grammar>', "at least one"),
        (f'{OPEN}<rule id="main">say "this</rule></grammar>', "quote"),
        (f'{OPEN}<rule id="main"><blink>a</blink></rule></grammar>', "<blink> cannot stand in <rule>"),
        (f'{OPEN}words<rule id="main">a</rule></grammar>', "text directly"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_srgs_xml(text, "mem:g.grxml")
    assert message in caught.value.message


def test_errors_say_where() -> None:
    with pytest.raises(GrammarError) as caught:
        parse_srgs_xml(f'{OPEN}\n<rule id="main">\n  <blink/></rule></grammar>', "mem:g.grxml")
    assert str(caught.value).startswith("mem:g.grxml:3:3: ")


def test_an_external_entity_is_not_read() -> None:
    declared = '<!DOCTYPE grammar [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    text = f'{declared}{OPEN}<rule id="main">&e;</rule></grammar>'
    with pytest.raises(GrammarError, match="entity"):
        parse_srgs_xml(text, "mem:g.grxml")


def test_nesting_is_bounded() -> None:
    deep = "<item>" * 50 + "a" + "</item>" * 50
    with pytest.raises(GrammarLimitError):
        parse_srgs_xml(f'{OPEN}<rule id="main">{deep}</rule></grammar>', "mem:g", limits=Limits(depth=20))


def test_an_inline_grammar_lives_in_the_namespace_of_its_page() -> None:
    page = parse_xml(
        '<vxml xmlns="http://www.w3.org/2001/vxml"><grammar root="r"><rule id="r">yes</rule></grammar></vxml>'
    )
    element = page.first("grammar")
    assert element is not None
    document = grammar_of_element(element, "mem:page.vxml", language="en-GB", inline=True)
    assert document.language == "en-GB"
    assert document.rules["r"].expansion == Token("yes")
