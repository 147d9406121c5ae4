"""Plain expressions and scripts, against the engine: the same value, the same error, or no opinion."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from vxmlplat.documents import parse_xml
from vxmlplat.ecma import UNDEFINED, Engine, ScriptError
from vxmlplat.ecma.plain import AnnotatedArray, Beyond, plain_expression, plain_script, plain_target
from vxmlplat.ecma.plain.border import exported, imported
from vxmlplat.ecma.plain.dom import document
from vxmlplat.ecma.plain.functions import FUNCTIONS, METHODS
from vxmlplat.ecma.plain.globals import STATICS
from vxmlplat.ecma.plain.members import GLOBALS, OF_ARRAYS, OF_NUMBERS, OF_OBJECTS, OF_STRINGS, Scoped
from vxmlplat.ecma.plain.numbers import number_text, text_number
from vxmlplat.ecma.plain.operators import truth

VARIABLES: dict[str, Any] = {
    "n": 3,
    "half": 0.5,
    "zero": 0,
    "minus": -0.0,
    "nan": math.nan,
    "big": 1e21,
    "s": "5",
    "word": "abc",
    "empty": "",
    "chinese": "话务员𝄞",
    "yes": True,
    "no": False,
    "nil": None,
    "undef": UNDEFINED,
    "o": {"a": 1, "b": {"c": "x", "length": 7}, "list": [1, "two", None], "else": 2},
    "list": [0, "1", {"k": "v"}],
}
FETCHED = "<a k='1' x:k='2' xmlns:x='urn:x' xml:lang='en'>one <b>two</b> &amp; 话</a>"
"""What ``<data>`` has fetched."""
HEARD: tuple[list[Any], dict[str, Any]] = (
    [{"utterance": "one", "interpretation": {"a": 1}}, "2"],
    {"utterance": "one", "interpretation": {"a": 1}, "k": None},
)
"""The items of an array and what it has beside them, as ``application.lastresult$`` does."""


class Both:
    """The same variables in an engine and outside of one."""

    def __init__(self) -> None:
        self.engine = Engine()
        scopes = [self.engine.scope(name) for name in ("session", "ccxml")]
        self.chain = self.engine.chain(*scopes)
        self.scopes = [Scoped(("session",)), Scoped(("ccxml",))]
        for number, (name, value) in enumerate(VARIABLES.items()):
            scopes[number % 2].set(name, value)
            self.scopes[number % 2].members[name] = imported(value)
        items, members = HEARD
        self.chain.run_script(
            f"var heard = {json.dumps(items)}, own = {json.dumps(members)};"
            " for (var k in own) heard[k] = own[k];"
        )
        for name in ("own", "k"):
            scopes[1].delete(name)
        self.scopes[1].members["heard"] = AnnotatedArray(imported(items), imported(members))
        scopes[0].set_document("fetched", parse_xml(FETCHED))
        self.scopes[0].members["fetched"] = document(parse_xml(FETCHED))

    def on_engine(self, source: str) -> Any:
        try:
            value = self.chain.evaluate(source)
        except ScriptError as error:
            return error.name, error.message
        shape = self.chain.string(f"1/({source}\n)") if value == 0 and not isinstance(value, bool) else ""
        return self.chain.type_of(source), value, self.chain.condition(source), shape

    def plainly(self, source: str) -> Any:
        read = plain_expression(source)
        if read is None:
            raise Beyond
        try:
            value = read(self.scopes)
            outside = exported(value)
            zero = value == 0 and type(value) in (int, float)
            shape = ("-" if math.copysign(1, value) < 0 else "") + "Infinity" if zero else ""
            kind = plain_expression(f"typeof (\n{source}\n)")
            assert kind is not None
            return kind(self.scopes), outside, truth(value), shape
        except ScriptError as error:
            return error.name, error.message


BOTH = Both()


def same(source: str) -> bool:
    """Whether the source was plain; it then means what the engine says."""
    try:
        found = BOTH.plainly(source)
    except Beyond:
        return False
    expected = BOTH.on_engine(source)
    assert json.dumps(_comparable(found)) == json.dumps(_comparable(expected)), source
    return True


def _comparable(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [_comparable(item) for item in value]
    if isinstance(value, dict):
        return [[key, _comparable(item)] for key, item in value.items()]
    return repr(value) if value is UNDEFINED else value


PLAIN = [
    "event === undefined",
    *("n + 1", "n+half", "-n", "+s", "s * 2", "s + 2", "2 + s", "word + nil + undef + yes + half", "- -n"),
    *("n == s", "n === s", "nil == undef", "nil === undef", "nil == 0", "yes == 1", "no == ''", "empty == 0"),
    *("nan == nan", "minus == zero", "1 / minus", "-zero", "0 * -n", "-0 + 0", "n % 2", "-n % 3", "n / zero"),
    *("o == o", "o === o.b", "o.b == list", "o != nil", "[] == []", "o == null", "session == null"),
    *("word < chinese", "'\\uffee' < chinese", "chinese > '\\uffee𝄞'", "s < '10'", "s < 10", "undef < 1"),
    *("o.a", "o['a']", "o.b.c", "o.b.length", "o.none", "o.none.x", "nil.x", "undef['a b']", "nosuch.x"),
    *(
        "heard.utterance",
        "heard[0].utterance",
        "heard.length",
        "heard[1]",
        "heard[2]",
        "heard.k",
        "heard.none",
    ),
    *("heard", "[heard]", "typeof heard", "heard == heard", "heard == 'a'.x", "!heard", "heard && heard[0]"),
    *("heard.interpretation == heard[0].interpretation", "heard.interpretation.a", "heard['utterance']"),
    *("list[0]", "list['1']", "list[2].k", "list[3]", "list['01']", "list.length", "o.list[n]", "list[-1]"),
    *("word.length", "chinese.length", "word[1]", "word[9]", "word.none", "n.none", "yes.none", "s.x.y"),
    *(
        "typeof o",
        "typeof list",
        "typeof nil",
        "typeof undef",
        "typeof nosuch",
        "typeof (nosuch)",
        "typeof n",
    ),
    *(
        "typeof typeof n",
        "typeof ccxml",
        "ccxml.n",
        "session.n",
        "session.ccxml",
        "ccxml.none",
        "ccxml.ccxml.n",
    ),
    *(
        "yes && word",
        "no || word",
        "empty || nil || n",
        "!o",
        "!empty",
        "n > 2 ? 'a' : 'b'",
        "no ? 1 : no ? 2 : 3",
    ),
    *("[1, [n], {a: word}]", "({a: 1, 'b c': [undef], none: undef,})", "[nan, minus, big]", "[1,]", "({})"),
    *("1e21 + ''", "0.1 + 0.2", "5e-7 + ''", "1.5E3", ".5", "5.", "big + 1"),
    *("'a\\n\\x41\\u4e2d\\''", '"it\'s"', "'' + chinese", "/* a */ n // b", "(n)", "((n)+(n))", "o.else"),
    *("word.charAt(1)", "word.charAt()", "word.charAt(9)", "word.indexOf('c')", "word.indexOf('', 9)", "n"),
    *("word.indexOf('b', -4)", "word.lastIndexOf('a')", "word.includes('bc')", "word.startsWith('a')"),
    *(
        "word.endsWith('')",
        "word.slice(-2)",
        "word.slice(1, -1)",
        "word.substring(2, 0)",
        "word.substring(-1)",
    ),
    *(
        "word.substr(-2, 1)",
        "word.substr(1)",
        "word.toUpperCase()",
        "'Ab'.toLowerCase()",
        "'\u3000x '.trim()",
    ),
    *(
        "'a,b,'.split(',')",
        "word.split('')",
        "word.split()",
        "''.split(',')",
        "list.concat(1, [2], o)",
        "[].join()",
    ),
    *("[n, nil, undef, yes].join('-')", "list.slice(1)", "list.indexOf('1')", "[nan].indexOf(nan)"),
    *(
        "String(n) + String()",
        "Number(' 5 ')",
        "Number()",
        "Boolean(o)",
        "isNaN('x')",
        "isNaN()",
        *("nosuch()", "nosuch(nosuch.x)", "nosuch(1).x", "[1, nosuch(o)]"),
        "parseInt('12px')",
    ),
    *("parseInt('-0')", "parseInt('')", "parseInt(half)", "parseInt(' +7', 10)", "'话务员'.slice(1).length"),
    "word.split('b').concat([n, s]).join('+').indexOf('c') == 2",
    *("nil.slice()", "undef.slice(nosuch)", "(nosuch).slice()"),
    *("JSON.stringify(o)", "JSON.stringify([nan, undef, minus, {u: undef}])", "JSON.stringify(undef)"),
    *(
        "JSON.stringify('\"\\\\\\n\\x01\\x7f\u2028' + chinese)",
        "JSON.stringify(heard)",
        "JSON.stringify([[], {}])",
    ),
    *("JSON.parse('[1, -0, 1e3, 0.1, 12345678901234567890]')", "JSON.parse('null')", "JSON.parse(' 5 ')"),
    *(
        'JSON.parse(\'{"a": 1, "b": 2, "a": 3}\')',
        "JSON.parse(JSON.stringify(o)).b.c",
        "1 / JSON.parse('-0')",
    ),
    *(
        "Object.keys(o)",
        "Object.keys({}).length",
        "Array.isArray(list)",
        "Array.isArray(heard)",
        "Array.isArray()",
    ),
    *(
        "Object.assign({a: 1, b: 2}, nil, {c: 3, a: 4}, undef)",
        "Object.assign({}, o).b === o.b",
        "Object.assign({})",
    ),
    *(
        "Math.floor(-half)",
        "Math.ceil(-half)",
        "Math.floor('7.9')",
        "Math.abs(minus)",
        "Math.floor(nan)",
        "Math.ceil()",
    ),
    *(
        "Math.min(n, half, '2')",
        "Math.max(n, nan)",
        "Math.max(n, big)",
        "Math.min(nil, n)",
        "Math.min(undef)",
    ),
    *(
        "Math.min(n, half, '2')",
        "Math.max(n, nan)",
        "Math.max(n, big)",
        "Math.min(nil, n)",
        "Math.min(undef)",
    ),
    *("Math.floor(big)", "Math.abs(-half)", "Math.floor(yes)", "Math.floor(nil)"),
    *("fetched.documentElement.getAttribute('k')", "fetched.documentElement.getAttribute('none')"),
    *("fetched.documentElement.firstChild.nodeValue", "fetched.documentElement.lastChild.nodeValue.length"),
    *(
        "fetched.documentElement == fetched.firstChild",
        "fetched.documentElement === fetched.documentElement.firstChild",
    ),
    *("typeof fetched", "typeof fetched.documentElement", "!fetched", "fetched.nodeValue", "fetched != nil"),
    *("fetched.nodeType", "fetched.documentElement.nodeType", "fetched.documentElement.firstChild.nodeType"),
    *("fetched.documentElement.localName", "fetched.documentElement.firstChild.firstChild", "fetched && n"),
    "9007199254740993",
    "9007199254740992 + 1",
    "word === 'abc' && o.b.c != 'y' || !list.length",
]


@pytest.mark.parametrize("source", PLAIN)
def test_what_is_plain(source: str) -> None:
    assert same(source)


BEYOND = [
    *(
        "n = 1",
        "n += 1",
        "n++",
        "--n",
        "new Date",
        "this",
        "n, 1",
        "a => a",
        "/x/",
        "`x`",
        "o?.a",
        "n ?? 1",
    ),
    *(
        "n & 1",
        "n | 1",
        "n ^ 1",
        "~n",
        "n << 1",
        "n ** 2",
        "'a' in o",
        "o instanceof Object",
        "delete o.a",
        "void 0",
    ),
    *(
        "o.toString",
        "list.map",
        "word.trim",
        "n.toFixed",
        "toString",
        "constructor",
        "Math",
        "JSON",
        "o.__proto__",
    ),
    *("o + ''", "list == '0'", "o < 1", "+o", "o == 1", "-list", "[session]", "({a: ccxml})", "session"),
    *(
        "1_000",
        "010",
        "0x10",
        "10n",
        "1.x",
        "'\\u{41}'",
        "'\\0'",
        "'a\\\nb'",
        "'\\ud800'",
        "[,1]",
        "[...list]",
    ),
    *(
        "({n})",
        "({[n]: 1})",
        "({get a() {}})",
        "({1: 2})",
        "({'10': 2})",
        "({__proto__: null})",
        "n <!-- 1",
        "n\n--> 1",
    ),
    *("", "1 2", "(", "n.", ";", "var n", "'a", "名", "await", "yield", "let", "arguments", "eval"),
    *(
        "chinese.slice(1)",
        "'É'.toLowerCase()",
        "word.slice('1')",
        "word.indexOf(1)",
        "word.split(',', 1)",
        "o.a.slice()",
    ),
    *(
        "word.replace('a', 'b')",
        "list.push(1)",
        "list.map(String)",
        "[].concat(session)",
        "String(o)",
    ),
    *(
        "parseInt('0x1F')",
        "parseInt('11', 2)",
        "parseInt('1234567890123456')",
        "String(1, 2)",
        "parseFloat('1')",
    ),
    *(
        "word.slice(half)",
        "list.join(1)",
        "list.indexOf(0, 1)",
        "(word.slice)(1)",
        "String.length",
        "isNaN(1)()",
        *("o(1)", "list()", "word('a')", "session()", "undefined()", "Math()", "(n + 1)()", "o.a()"),
    ),
    *("JSON.stringify(o, null, 2)", "JSON.stringify(session)", "JSON.stringify(fetched)", "JSON.parse('{')"),
    *(
        "JSON.parse('NaN')",
        "JSON.parse('{\"1\": 2}')",
        "JSON.parse('\"\\\\ud834\\\\udd1e\"')",
        "JSON.parse(n)",
    ),
    *(
        "Object.assign(o, {a: 2})",
        "Object.assign({a: o}.a, {a: 2})",
        "Object.assign(({}), o)",
        "Object.assign()",
    ),
    *(
        "Object.keys(list)",
        "Object.keys(word)",
        "Object.values(o)",
        "Math.PI",
        "Array.isArray(session)",
    ),
    *(
        "fetched",
        "[fetched]",
        "({a: fetched})",
        "fetched.documentElement",
        "fetched + ''",
        "fetched.documentElement.tagName",
    ),
    *(
        "fetched.documentElement.getAttribute('x:k')",
        "fetched.documentElement.getAttribute(n)",
        "fetched == 'a'",
    ),
    *(
        "fetched.documentElement.childNodes",
        "fetched.getElementsByTagName('b')",
        "fetched.documentElement.none",
    ),
    "(" * 60 + "1" + ")" * 60,
    "! " * 60 + "1",
    "+".join(["n"] * 60),
    "o" + ".a" * 60,
    "'" + "x" * 40_000 + "'",
]


@pytest.mark.parametrize("source", BEYOND)
def test_what_an_engine_is_asked_for(source: str) -> None:
    with pytest.raises(Beyond):
        BOTH.plainly(source)


names = st.sampled_from(
    [
        *VARIABLES,
        "heard",
        "heard",
        "fetched",
        "fetched.documentElement.firstChild",
        "session",
        "ccxml",
        "nosuch",
        "undefined",
        "NaN",
        "Infinity",
        "Math",
    ]
)
keys = st.sampled_from(
    [*"a b c k length list n toString none __proto__ 0 1 else utterance interpretation".split()]
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
methods = st.sampled_from(sorted({name for _, name in METHODS}))
GLOBAL = sorted(".".join(name) for name in STATICS)
literals = st.one_of(
    st.integers(0, 2**53).map(str),
    # Of a few numbers (2**-24) the engine writes more digits than ECMA-262 wants.
    st.floats(0, 1e300).map(number_text).filter(lambda text: BOTH.chain.string(text) == text),
    st.sampled_from(
        ["0", "1", "5", "true", "false", "null", "''", "'5'", "' 5 '", "'-0'", "'Infinity'", "'0x1F'"]
    ),
    texts.map(lambda text: json.dumps(text)),
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(
            "({}) {} ({})".format,
            inner,
            st.sampled_from(
                ["==", "!=", "===", "!==", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "&&", "||"]
            ),
            inner,
        ),
        st.builds("{} {} {}".format, inner, st.sampled_from(["==", "<", "+", "-", "*", "&&", "||"]), inner),
        st.builds("{}({})".format, st.sampled_from(["!", "-", "+", "typeof "]), inner),
        st.builds("{} ? {} : {}".format, inner, inner, inner),
        st.builds("({}).{}".format, inner, keys.filter(lambda key: not key.isdigit())),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({{{}: {}}})".format, keys, inner),
        st.builds("({}).{}({})".format, inner, methods, inner),
        st.builds("({}).{}({}, {})".format, inner, methods, inner, inner),
        st.builds("{}({})".format, st.sampled_from([*FUNCTIONS, *GLOBAL, "nosuch"]), inner),
        st.builds("Object.assign({{{}: {}}}, {})".format, keys, inner, inner),
    )


expressions = st.recursive(names | literals, _compound, max_leaves=8)


@settings(max_examples=600, deadline=None)
@given(expressions)
@example("'' + -1e-7")
@example("(big)[big]")
@example("'a' < 'B' ? -'1e3' : +' \\n12 '")
def test_plain_means_what_the_engine_says(source: str) -> None:
    same(source)


TOKENS = [
    *"n o word list nosuch typeof true null undefined NaN 'x' \"y\" 1 0.5 .5 5. 1e3 07 a0 $x _y 1n".split(),
    *"== === != < <= > && || ! + - * / % ? : . , ( ) [ ] { } ++ -- = => ?. ?? // /* */".split(),
    *"<!-- --> \n ; in new ` \\ @ & | ~".split(),
    "\n",
]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=9), st.sampled_from(["", " "]))
def test_any_tokens(parts: list[str], between: str) -> None:
    same(between.join(parts))


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text(source: str) -> None:
    assume("\0" not in source)
    same(source)


@settings(max_examples=300, deadline=None)
@given(st.floats())
@example(5e-324)
@example(1e21)
@example(123456789012345680000.0)
@example(0.000001)
@example(1e-7)
def test_numbers_are_written_as_the_engine_writes_them(value: float) -> None:
    BOTH.chain.innermost.set("x", value)
    text, engines = number_text(value), BOTH.chain.string("x")
    # Of a few numbers (2**-24) the engine writes more digits than ECMA-262 wants.
    assert text == engines or (len(text) < len(engines) and float(text) == float(engines) == value)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("0123456789+-.eEx \t\u00a0\u3000\ufeffInfity_abo"), max_size=8)
    | st.floats(allow_nan=False).map(repr)
)
@example("")
@example("1e1000")
@example("\u180e1")
@example("٣")
def test_texts_are_read_as_the_engine_reads_them(text: str) -> None:
    BOTH.chain.innermost.set("x", text)
    assert repr(float(text_number(text))) == repr(float(BOTH.chain.evaluate("+x")))  # type: ignore[arg-type]


def test_what_engines_have_is_known() -> None:
    chain = (engine := Engine()).chain(engine.scope())

    def own(expression: str) -> set[str]:
        found = chain.evaluate(f"Reflect.ownKeys({expression}).filter(k => typeof k === 'string')")
        assert isinstance(found, list)
        return {str(name) for name in found}

    assert own("globalThis") <= GLOBALS
    assert own("Object.prototype") == OF_OBJECTS
    assert own("Array.prototype") - {"length"} <= OF_ARRAYS
    assert own("String.prototype") - {"length"} <= OF_STRINGS
    assert own("Number.prototype") <= OF_NUMBERS
    assert own("Boolean.prototype") <= OF_OBJECTS


@pytest.mark.parametrize(
    ("source", "declared"),
    [
        ("var a = 1, b; var c = 'x'", ["a", "b", "c"]),
        ("// settings\nvar a = ['x', {y: 1}];\n/* and */ var b = a[0]\nvar a;;", ["a", "b"]),
        ("", []),
    ],
)
def test_plain_scripts(source: str, declared: list[str]) -> None:
    script = plain_script(source)
    assert script is not None
    assert list(script.declared) == declared
    chain = (engine := Engine()).chain(engine.scope())
    chain.run_script(source)
    assert chain.innermost.names() == declared
    scopes = [Scoped(())]
    scopes[0].members.update(dict.fromkeys(declared, UNDEFINED))
    for name, read in script.set:
        scopes[0].members[name] = read(scopes)
    for name in declared:
        assert chain.innermost.get(name) == exported(scopes[0].members[name])


@pytest.mark.parametrize(
    "source",
    [
        *(
            "a = 1",
            "var a = 1 var b",
            "let a",
            "var",
            "var a = f`x`",
            "function f() {} f()",
            "{ function f() {} }",
            "function f() {} 'function f() {}'",
            "function f() {} /* function f() {} */",
            "function f() {} function f() {}",
            "function f() {} var f = 1",
            "var g = function () {}",
            "'use strict'; var a",
        ),
        *("var a b", "var {a} = {}", "var a => 1", "var toString = 1", "return", "var a = 1\n++a"),
        "if (1) var a",
    ],
)
def test_scripts_that_an_engine_is_asked_for(source: str) -> None:
    assert plain_script(source) is None


def test_targets() -> None:
    assert plain_target(" x ") == ("x", "")
    assert plain_target("application.x") == ("application", "x")
    for other in ("a.b.c", "a[0]", "this", "toString", "1", "a b", ""):
        assert plain_target(other) is None


def test_chance_needs_no_engine() -> None:
    read = plain_expression("Math.floor(Math.random() * 10)")
    assert read is not None
    assert {read([]) for _ in range(1000)} == set(range(10))
