from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.ecma import Engine
from vxmlplat.grammar.errors import SemanticsError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.loading import link, parse_grammar
from vxmlplat.grammar.model import JsonValue
from vxmlplat.grammar.plain_tags import PlainRule, plain_statements

SCRIPT = "semantics/1.0"
LITERALS = "semantics/1.0-literals"
DIGITS = "$d = one {out = 1;} | two {out = 2;} | three {out = 3;};"


def grammar(rules: str, tag_format: str | None = SCRIPT, header: str = "", **others: str) -> Grammar:
    def document(text: str, uri: str) -> object:
        return parse_grammar(text, uri, "application/srgs")

    declared = f"tag-format <{tag_format}>;\n" if tag_format else ""
    head = "#ABNF 1.0;\nlanguage en-US;\nroot $main;\n"
    uris = {
        f"mem:{name}": document(f"#ABNF 1.0;\nlanguage en-US;\n{text}", f"mem:{name}")
        for name, text in others.items()
    }
    return link(
        document(f"{head}{declared}{header}{rules}", "mem:main"), uris, limits=Limits(script_seconds=0.2)
    )  # type: ignore[arg-type]


def value(
    rules: str, said: str, tag_format: str | None = SCRIPT, header: str = "", **others: str
) -> JsonValue:
    match = grammar(rules, tag_format, header, **others).match(said)
    assert match is not None
    return match.interpret(0.5)


@pytest.mark.parametrize(
    ("rules", "said", "expected"),
    [
        (
            "$main = a {!{out = {x: 1, y: ['b', null, true, 1.5]};}!};",
            "a",
            {"x": 1, "y": ["b", None, True, 1.5]},
        ),
        ("$main = {out.before = 1;} a {out.after = 2;};", "a", {"before": 1, "after": 2}),
        ("$main = a {out = undefined;};", "a", None),
        ("$main = a {};", "a", {}),
        ("$main = a {out = 1 // why\n} {out++};", "a", 2),
        ("$main = $d {out = meta.current().score} $d; " + DIGITS, "one two", 0.5),
        (
            "$main = $d $d {out = [meta.d.text, meta.latest().text, meta.current().text]}; " + DIGITS,
            "one two",
            ["two", "two", "one two"],
        ),
        ("$main = $d<1-> {out = rules.latest() + rules.d}; " + DIGITS, "one three", 6),
        ("$main = ($d {out.n = (out.n || 0) + rules.d;})<0->; " + DIGITS, "one two three", {"n": 6}),
        (
            "$main = [a] $d [b $other {out.o = 1}] {out.none = rules.nothing === undefined}; $other = c; "
            + DIGITS,
            "one",
            {"none": True},
        ),
        ("$main = {var x = 1;} $q {out = rules.q + x}; $q = a {out = typeof x};", "a", "undefined1"),
        ("$main = coke | pepsi | coca cola {out = 'coke'};", "pepsi", "pepsi"),
        ("$main = $GARBAGE two {out = meta.current().text};", "well er two", "well er two"),
        ("$main = $a $b; $a = a {out = 1}; $b = b;", "a b", "b"),
        ("$main = $NULL a $NULL;", "a", "a"),
    ],
)
def test_scripts(rules: str, said: str, expected: JsonValue) -> None:
    assert value(rules, said) == expected


def test_tags_run_in_the_order_met_also_through_rules() -> None:
    header = "{var trace = '';};\n"
    rules = "$main = {trace += 1} $q {trace += 3} $q {out = trace}; $q = a {trace += 2};"
    assert value(rules, "a a", header=header) == "1232"


def test_all_rules_run_though_only_the_last_counts() -> None:
    header = "{var n = 0;};\n"
    assert value("$main = $q $q $q; $q = a {n++; out = n;};", "a a a", header=header) == 3


def test_globals_belong_to_their_grammar() -> None:
    other = "root $q; tag-format <semantics/1.0>; {var n = 'theirs';}; public $q = b {out = n};"
    rules = "$main = a {out.mine = n} $<mem:other> {out.theirs = rules.q};"
    assert value(rules, "a b", header="{var n = 'mine';};\n", other=other) == {
        "mine": "mine",
        "theirs": "theirs",
    }


def test_globals_begin_anew_with_each_interpretation() -> None:
    match = grammar("$main = a {n = n + 1; out = n};", header="{var n = 0;};\n").match("a")
    assert match is not None
    assert [match.interpret(), match.interpret()] == [1, 1]


def test_grammars_of_different_tag_formats() -> None:
    other = "root $q; tag-format <semantics/1.0-literals>; public $q = b {bee};"
    assert (
        value("$main = a $<mem:other> {out = rules.q + rules.latest().length};", "a b", other=other) == "bee3"
    )


@pytest.mark.parametrize(
    ("rules", "said", "expected"),
    [
        ("$main = yes { true } | no;", "yes", "true"),
        ("$main = yes { true } | no;", "no", "no"),
        ("$main = a {one} b {two};", "a b", "two"),
        ("$main = a $q; $q = b {bee};", "a b", "bee"),
    ],
)
def test_literals(rules: str, said: str, expected: str) -> None:
    assert value(rules, said, LITERALS) == expected


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("while (true) {}", "time"),
        ("throw 'no'", "no"),
        ("out = 'open", "no script"),
        ("} out = 1; {", "no script"),
        ("return 1", "no script"),
        ("missing.name = 1", "missing"),
    ],
)
def test_failing_tags(tag: str, message: str) -> None:
    with pytest.raises(SemanticsError, match=message):
        value(f"$main = a {{!{{{tag}}}!}};", "a")


def test_a_rule_nested_as_deep_as_the_input_is_long() -> None:
    rules = "$main = $r {out = rules.r + 0}; $r = end {out = 0} | more $r {out = rules.r + 1};"
    assert value(rules, "more " * 300 + "end") == 300
    with pytest.raises(SemanticsError):
        value(rules, "more " * 990 + "end")


# ---- plain assignments mean what an engine makes of them

NAMES = st.sampled_from(["a", "b", "city"])
VALUES = st.one_of(
    st.text("ab é中", max_size=4).map(lambda text: f'"{text}"'),
    st.text("ab", max_size=3).map(lambda text: f"'{text}'"),
    st.integers(-(10**14), 10**14).map(str),
    st.sampled_from(
        ["1.5", "-0.25", "0", "true", "false", "null", "rules.r", "rules.latest()", "rules.none", "{}"]
    ),
)
STATEMENTS = st.builds(
    lambda path, to: "out" + "".join(f".{name}" for name in path) + f" = {to}",
    st.lists(NAMES, max_size=2),
    VALUES,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=3))
def test_plain_tags_are_what_an_engine_makes_of_them(statements: list[str]) -> None:
    source = "; ".join(statements)
    plain = plain_statements(source)
    if plain is None:
        assert "{}" in source
        return
    rule = PlainRule()
    rule.visit("r", {"n": 1})
    if rule.execute(plain):
        engine = Engine()
        rules = "rules = {r: v, latest: function () { return v; }}"
        script = f"(function () {{ var out = {{}}, v = {{n: 1}}, {rules};\n{source};\nreturn out; }})()"
        assert engine.chain(engine.scope()).evaluate(script) == rule.value


@pytest.mark.parametrize(
    "source",
    [
        "out = 010",
        "out = 1.",
        "out = a",
        "out += 1",
        "out = 'a\\n'",
        "var out = 1",
        "out = rules.latest",
        "out = rules.a.b",
        "out.a() = 1",
        "out == 1",
        "out = -0",
        "out = truest",
    ],
)
def test_tags_that_are_not_plain(source: str) -> None:
    assert plain_statements(source) is None


# ---- older formats


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("sales", "sales"),
        ("San Jose", "San Jose"),
        ("'sales'", "sales"),
        ("1 + 2", 3),
        ("true", True),
        ("$ = 'x'", "x"),
        ("$.a = 'b'; $.c = 2", {"a": "b", "c": 2}),
        ("a='b'", {"a": "b"}),
        ("a='b'; n=1+1;", {"a": "b", "n": 2}),
        ("out = 'o'", "o"),
        ("out.q = 'z';", {"q": "z"}),
        ("SWI_meaning='m'", "m"),
        ("no.such.thing()", "no.such.thing()"),
        ("not ( a script", "not ( a script"),
    ],
)
@pytest.mark.parametrize("tag_format", [None, "swi-semantics/1.0", "lucent", "semantics-ms/1.0"])
def test_lenient_tags(tag: str, expected: JsonValue, tag_format: str | None) -> None:
    assert value(f"$main = go {{!{{{tag}}}!}};", "go", tag_format) == expected


@pytest.mark.parametrize(
    ("rules", "said", "expected"),
    [
        ("$main = $d {$.v = $d; $.w = $$}; $d = one {$ = 1};", "one", {"v": 1, "w": 1}),
        ("$main = $d {V = d.V}; $d = one {V = 1};", "one", {"V": 1}),
        ("$main = please $d; $d = one {V = 1; W = 2};", "please one", {"V": 1, "W": 2}),
        ("$main = $d {$ = $d.x + 'y'}; $d = one {$.x = 'k'};", "one", "ky"),
    ],
)
def test_lenient_tags_across_rules(rules: str, said: str, expected: JsonValue) -> None:
    assert value(rules, said, None) == expected
