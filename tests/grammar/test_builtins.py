from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.grammar.dtmf import ActiveGrammar, DtmfMatching, DtmfState
from vxmlplat.grammar.errors import GrammarSyntaxError, UnsupportedBuiltinError, UnsupportedLanguageError
from vxmlplat.grammar.loading import link, parse_grammar
from vxmlplat.grammar.model import JsonValue

NO, PARTIAL = DtmfState.NO, DtmfState.PARTIAL
MORE, FINAL = DtmfState.MATCH_CAN_EXTEND, DtmfState.MATCH_FINAL


@pytest.mark.parametrize(
    ("uri", "keys", "state", "expected"),
    [
        ("boolean", "1", FINAL, True),
        ("boolean", "2", FINAL, False),
        ("boolean", "3", NO, None),
        ("boolean?y=*;n=#", "#", FINAL, False),
        ("boolean?n=1;y=2", "2", FINAL, True),
        ("digits", "0", MORE, "0"),
        ("digits?length=4", "123", PARTIAL, None),
        ("digits?length=4", "1234", FINAL, "1234"),
        ("digits?length=4", "12345", NO, None),
        ("digits?minlength=3;maxlength=5", "12", PARTIAL, None),
        ("digits?minlength=3;maxlength=5", "1234", MORE, "1234"),
        ("digits?minlength=3;maxlength=5", "12345", FINAL, "12345"),
        ("digits?minlength=0&maxlength=2", "12", FINAL, "12"),
        ("digits?length=4;minlength=4;maxlength=9", "1234", FINAL, "1234"),
        ("digits?maxlength=1000", "7" * 999, MORE, "7" * 999),
        ("date", "20021231", FINAL, "20021231"),
        ("date", "20000229", FINAL, "20000229"),
        ("date", "20020230", NO, None),
        ("date", "20021301", NO, None),
        ("date", "2002043", PARTIAL, None),
        ("date", "20020431", NO, None),
        ("currency", "12*50", FINAL, "12.50"),
        ("currency", "12", MORE, "12.00"),
        ("currency", "12*", PARTIAL, None),
        ("currency", "12*5", MORE, "12.50"),
        ("currency", "*05", FINAL, "0.05"),
        ("currency", "007*50", FINAL, "7.50"),
        ("currency", "12*505", NO, None),
        ("number", "123", MORE, "123"),
        ("number", "123*45", MORE, "123.45"),
        ("number", "0*5", MORE, "0.5"),
        ("number", "*5", MORE, "0.5"),
        ("number", "007", MORE, "7"),
        ("number", "00", MORE, "0"),
        ("number", "1*2*", NO, None),
        ("phone", "8005551234*789", MORE, "8005551234x789"),
        ("phone", "12319", MORE, "12319"),
        ("phone", "1*", PARTIAL, None),
        ("time", "1430", FINAL, "1430h"),
        ("time", "0230", FINAL, "0230?"),
        ("time", "1200", FINAL, "1200?"),
        ("time", "0000", FINAL, "0000h"),
        ("time", "2400", NO, None),
        ("time", "236", NO, None),
    ],
)
def test_keys(uri: str, keys: str, state: DtmfState, expected: JsonValue) -> None:
    matching = DtmfMatching([ActiveGrammar(builtin_grammar(f"builtin:dtmf/{uri}"))])
    for key in keys:
        matching.feed(key)
    assert matching.state is state
    assert [match.interpret() for _, match in matching.matches()] == ([expected] if state.is_match else [])


ENGLISH = {
    "boolean": {
        "yes": True,
        "Yes, please.": True,
        "that's right": True,
        "no": False,
        "no thank you": False,
        "nope": False,
        "absolutely not": False,
    },
    "digits": {"zero nine": "09", "four oh seven": "407", "double five six": "556", "1 2": "12"},
    "number": {
        "seven": "7",
        "zero": "0",
        "one hundred twenty-three": "123",
        "one hundred and twenty three": "123",
        "five point three": "5.3",
        "negative five": "-5",
        "plus two": "+2",
        "point oh five": "0.05",
        "a thousand": "1000",
        "two million three thousand five": "2003005",
        "twelve hundred": "1200",
        "one two three": "123",
    },
    "currency": {
        "ten dollars": "USD10.00",
        "five dollars and thirty cents": "USD5.30",
        "fifty cents": "USD0.50",
        "twenty dollars and no cents": "USD20.00",
        "a euro": "EUR1.00",
        "ten fifty": "10.50",
        "three pesos": "3.00",
        "ten point five dollars": "USD10.50",
        "two canadian dollars": "CAD2.00",
    },
    "phone": {
        "eight hundred five five five one two three four": "8005551234",
        "five five five one two one two extension seven eight nine": "5551212x789",
    },
    "date": {
        "July fourth two thousand": "20000704",
        "the fourth of july": "????0704",
        "july 4th": "????0704",
        "july two thousand": "200007??",
        "december thirty-first nineteen ninety nine": "19991231",
        "may fifth twenty ten": "20100505",
        "march first nineteen oh five": "19050301",
        "two thousand and two": "2002????",
        "monday the third": "??????03",
        "may": "????05??",
    },
    "time": {
        "three thirty p m": "0330p",
        "twelve fifteen a.m.": "1215a",
        "two o'clock": "0200?",
        "half past three": "0330?",
        "quarter to one": "1245?",
        "ten to five in the afternoon": "0450p",
        "noon": "1200p",
        "midnight": "1200a",
        "fourteen thirty": "1430h",
        "oh eight hundred": "0800h",
        "nine hundred hours": "0900h",
        "ten at night": "1000p",
        "twelve at night": "1200a",
    },
}

MANDARIN = {
    "boolean": {"是": True, "对的": True, "不是": False, "不用了": False},
    "digits": {"一三八": "138", "幺 二 零": "120"},
    "number": {
        "十五": "15",
        "一百零五": "105",
        "一百二": "120",
        "一百二十三": "123",
        "三千六": "3600",
        "两万五": "25000",
        "三万零五十": "30050",
        "一亿两千万": "120000000",
        "三点一四": "3.14",
        "负五": "-5",
        "零": "0",
    },
    "currency": {
        "十块五": "CNY10.50",
        "十块五毛五": "CNY10.55",
        "五毛": "CNY0.50",
        "一百二十三元四角五分": "CNY123.45",
        "三块零五分": "CNY3.05",
        "人民币五十元": "CNY50.00",
        "十美元": "USD10.00",
        "十点五元": "CNY10.50",
    },
    "phone": {"零一零八八八八八八八八转一二三": "01088888888x123"},
    "date": {
        "二零零二年十二月三十一日": "20021231",
        "七月四号": "????0704",
        "两千年七月": "200007??",
        "二〇二六年": "2026????",
        "五号": "??????05",
    },
    "time": {
        "上午九点": "0900a",
        "下午三点半": "0330p",
        "十四点三十分": "1430h",
        "三点零五分": "0305?",
        "晚上八点一刻": "0815p",
        "晚上十二点": "1200a",
        "差五分三点": "0255?",
        "二十三点五十九分": "2359h",
    },
}


@pytest.mark.parametrize(
    ("language", "type_name", "said", "expected"),
    [
        (language, type_name, said, expected)
        for language, types in (("en-US", ENGLISH), ("zh-CN", MANDARIN))
        for type_name, cases in types.items()
        for said, expected in cases.items()
    ],
)
def test_voice(language: str, type_name: str, said: str, expected: JsonValue) -> None:
    match = builtin_grammar(f"builtin:grammar/{type_name}", language).match(said)
    assert match is not None
    assert match.interpret() == expected


@pytest.mark.parametrize(
    ("language", "type_name", "said"),
    [
        ("en-US", "boolean", "banana"),
        ("en-US", "digits?length=3", "one two"),
        ("en-US", "digits", "twelve"),
        ("en-US", "number", "purple"),
        ("en-US", "number", "point"),
        ("en-US", "date", "july thirty second"),
        ("en-US", "time", "twenty five o'clock"),
        ("zh-CN", "boolean", "苹果"),
        ("zh-CN", "date", "十三月"),
        ("zh-CN", "time", "二十五点"),
    ],
)
def test_voice_that_is_not_taken(language: str, type_name: str, said: str) -> None:
    assert builtin_grammar(f"builtin:grammar/{type_name}", language).match(said) is None


def english(number: int) -> str:
    units = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen"
    ).split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    if number < 20:
        return units[number]
    if number < 100:
        return tens[number // 10 - 2] + (f" {units[number % 10]}" if number % 10 else "")
    for size, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {english(number % size)}" if number % size else ""
            return f"{english(number // size)} {name}{rest}"
    raise AssertionError


def mandarin(number: int) -> str:
    if number < 10:
        return "零一二三四五六七八九"[number]
    for size, name in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            rest = number % size
            gap = "零" if 0 < rest < size // 10 else ""
            return mandarin(number // size) + name + (gap + mandarin(rest) if rest else "")
    raise AssertionError


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**12 - 1))
def test_whole_numbers_in_english(number: int) -> None:
    match = builtin_grammar("builtin:grammar/number", "en-GB").match(english(number))
    assert match is not None
    assert match.interpret() == str(number)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**12 - 1))
def test_whole_numbers_in_mandarin(number: int) -> None:
    match = builtin_grammar("builtin:grammar/number", "zh-CN").match(mandarin(number))
    assert match is not None
    assert match.interpret() == str(number)


@pytest.mark.parametrize(
    "uri",
    [
        "builtin:dtmf/digits?length=4;minlength=5",
        "builtin:dtmf/digits?length=4;maxlength=3",
        "builtin:dtmf/digits?minlength=5;maxlength=3",
        "builtin:dtmf/digits?length=0",
        "builtin:dtmf/digits?length=many",
        "builtin:dtmf/digits?length=4;length=4",
        "builtin:dtmf/digits?size=4",
        "builtin:dtmf/date?length=4",
        "builtin:dtmf/boolean?y=1;n=1",
        "builtin:dtmf/boolean?y=yes",
        "builtin:grammar/digits?length=4;minlength=5",
    ],
)
def test_parameters_that_make_no_sense(uri: str) -> None:
    with pytest.raises(GrammarSyntaxError):
        builtin_grammar(uri)


@pytest.mark.parametrize(
    "uri", ["builtin:dtmf/nonsense", "builtin:digits", "builtin:speech/digits", "builtin:"]
)
def test_builtins_that_are_not_there(uri: str) -> None:
    with pytest.raises(UnsupportedBuiltinError):
        builtin_grammar(uri)


def test_languages_that_are_not_there() -> None:
    with pytest.raises(UnsupportedLanguageError):
        builtin_grammar("builtin:grammar/date", "fr-FR")
    assert builtin_grammar("builtin:dtmf/date", "fr-FR").match("20260101") is not None


def test_a_grammar_may_refer_to_a_builtin() -> None:
    document = parse_grammar(
        "#ABNF 1.0;\nlanguage en-US;\nroot $main;\ntag-format <semantics/1.0>;\n"
        "$main = pay $<builtin:grammar/currency>~<application/srgs+xml> {out.amount = rules.currency;} "
        "{out.what = meta.currency.text};",
        "mem:g",
        "application/srgs",
    )
    match = link(document, {}).match("pay ten dollars")
    assert match is not None
    assert match.interpret() == {"amount": "USD10.00", "what": "ten dollars"}
