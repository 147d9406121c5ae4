from __future__ import annotations

import pytest

from vxmlplat.documents.markup import parse_xml
from vxmlplat.grammar.errors import (
    GrammarError,
    GrammarLimitError,
    GrammarReferenceError,
    GrammarSyntaxError,
    UnsupportedBuiltinError,
    UnsupportedFormatError,
)
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.loading import FetchedGrammar, load, load_inline, parse_grammar
from vxmlplat.grammar.model import MediaType

HEAD = "#ABNF 1.0;\nlanguage en-US;\n"
XML = (
    '<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en-US" root="r">'
    '<rule id="r">hi</rule></grammar>'
)


class Server:
    """Grammars by URI; keeps what was asked for."""

    def __init__(self, **texts: str | FetchedGrammar) -> None:
        self.texts = {f"http://h/{name.replace('__', '.')}": text for name, text in texts.items()}
        self.asked: list[str] = []

    async def fetch(self, uri: str) -> FetchedGrammar:
        self.asked.append(uri)
        text = self.texts[uri]
        return text if isinstance(text, FetchedGrammar) else FetchedGrammar(uri, text.encode())


async def test_grammars_are_fetched_once_each_and_linked() -> None:
    server = Server(
        a__gram=HEAD + "root $main; $main = $<b.gram> $<b.gram#second> $<c.gram#c>;",
        b__gram=HEAD + "root $b; public $b = one; public $second = $<c.gram#c>;",
        c__gram=HEAD + "public $c = sea;",
    )
    grammar = await load("http://h/a.gram#ignored", server.fetch)
    assert server.asked == ["http://h/a.gram", "http://h/b.gram", "http://h/c.gram"]
    match = grammar.match("one sea sea")
    assert match is not None
    assert match.structure() == (
        '$main[$<http://h/b.gram>["one"],$<http://h/b.gram#second>[$<http://h/c.gram#c>["sea"]],$<http://h/c.gram#c>["sea"]]'
    )


async def test_grammars_may_refer_to_each_other() -> None:
    server = Server(
        a__gram=HEAD + "root $main; public $main = a | a $<b.gram>;",
        b__gram=HEAD + "root $b; $b = b $<a.gram>;",
    )
    grammar = await load("http://h/a.gram", server.fetch)
    assert grammar.match("a b a b a") is not None
    assert grammar.match("a b") is None


async def test_a_redirected_grammar_is_the_base_of_its_own_references() -> None:
    server = Server(
        a__gram=HEAD + "root $main; $main = $<b.gram>;",
        b__gram=FetchedGrammar("http://h/moved/b.gram", (HEAD + "root $b; $b = $<c.gram>;").encode()),
    )
    server.texts["http://h/moved/c.gram"] = HEAD + "root $c; $c = sea;"
    grammar = await load("http://h/a.gram", server.fetch)
    assert grammar.match("sea") is not None


@pytest.mark.parametrize(
    ("main", "other", "message"),
    [
        ("$<b.gram#gone>", "public $b = b;", "has no rule 'gone'"),
        ("$<b.gram#b>", "$b = b;", "private"),
        ("$<b.gram>", "public $b = b;", "no root"),
        ("$<b.gram#b>~<application/srgs+xml>", "public $b = b;", "declared as"),
        ("$<b.gram#b>~<audio/wav>", "public $b = b;", "no media type"),
        ("$<b.gram#b>", "mode dtmf; public $b = 1;", "cannot refer"),
        ("$<builtin:grammar/nonsense>", "", "nonsense"),
        ("$<builtin:dtmf/digits>", "", "cannot refer"),
    ],
)
async def test_references_that_do_not_hold(main: str, other: str, message: str) -> None:
    server = Server(a__gram=f"{HEAD}root $main; $main = {main};", b__gram=HEAD + other)
    with pytest.raises(GrammarError) as caught:
        await load("http://h/a.gram", server.fetch)
    assert message in caught.value.message
    assert isinstance(caught.value, GrammarReferenceError | UnsupportedFormatError)
    if isinstance(caught.value, GrammarReferenceError):
        assert (caught.value.uri, caught.value.line) == ("http://h/a.gram", 3)


async def test_what_a_fetch_raises_passes_through() -> None:
    with pytest.raises(KeyError):
        await load("http://h/a.gram", Server().fetch)


async def test_grammars_without_end_are_refused() -> None:
    async def fetch(uri: str) -> FetchedGrammar:
        number = int(uri.rpartition("/")[2])
        return FetchedGrammar(
            uri, f"{HEAD}root $r; public $r = a $<{number + 1}>;".encode(), "application/srgs"
        )

    with pytest.raises(GrammarLimitError):
        await load("http://h/0", fetch, limits=Limits(documents=10))


async def test_a_builtin_needs_no_fetch() -> None:
    assert (await load("builtin:dtmf/digits", Server().fetch)).match("12") is not None
    with pytest.raises(UnsupportedBuiltinError):
        await load("builtin:dtmf/none", Server().fetch)


@pytest.mark.parametrize(
    ("uri", "media_type", "data", "expected"),
    [
        ("http://h/a", "application/srgs+xml", XML, MediaType.XML),
        ("http://h/a.gram", "application/srgs+xml; charset=utf-8", XML, MediaType.XML),
        ("http://h/a.gram", None, HEAD + "$a = a;", MediaType.ABNF),
        ("http://h/a.grxml", "text/plain", XML, MediaType.XML),
        ("http://h/a?x", "", "\ufeff" + HEAD + "$a = a;", MediaType.ABNF),
        ("http://h/a", "application/octet-stream", XML, MediaType.XML),
        ("http://h/a", "text/xml", XML, MediaType.XML),
    ],
)
def test_which_form(uri: str, media_type: str | None, data: str, expected: MediaType) -> None:
    assert parse_grammar(data, uri, media_type).media_type is expected
    assert parse_grammar(data.encode("utf-8"), uri, media_type).media_type is expected


def test_media_types_that_are_no_grammar() -> None:
    with pytest.raises(UnsupportedFormatError):
        parse_grammar(XML, "http://h/a", "application/x-jsgf")


async def test_the_declared_type_counts_where_the_server_says_nothing() -> None:
    server = Server(a=FetchedGrammar("http://h/a", (HEAD + "root $a; $a = a;").encode(), "text/plain"))
    grammar = await load("http://h/a", server.fetch, media_type="application/srgs")
    assert grammar.document.media_type is MediaType.ABNF


async def test_inline_grammars() -> None:
    page = parse_xml(
        '<vxml xmlns="urn:v"><grammar root="r" mode="dtmf"><rule id="r">1 #</rule></grammar></vxml>'
    )
    element = page.first("grammar")
    assert element is not None
    grammar = await load_inline(element, "http://h/page.vxml", Server().fetch, language="en-US")
    assert grammar.match("1#") is not None
    server = Server(o__gram=HEAD + "root $o; $o = other;")
    text = "\n#ABNF 1.0;\nlanguage en-US; root $r; $r = an $<o.gram>;"
    spoken = await load_inline(text, "http://h/page.vxml", server.fetch, media_type="application/srgs")
    assert spoken.match("an other") is not None


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("#ABNF 1.0 UTF-8;\nlanguage zh-CN; root $r; $r = 你好;".encode(), None),
        ("#ABNF 1.0;\nlanguage zh-CN; root $r; $r = 你好;".encode(), None),
        ("#ABNF 1.0 UTF-16;\nlanguage zh-CN; root $r; $r = 你好;".encode("utf-16"), None),
        ("#ABNF 1.0 UTF-16;\nlanguage zh-CN; root $r; $r = 你好;".encode("utf-16-be"), None),
        ("#ABNF 1.0 GB2312;\nlanguage zh-CN; root $r; $r = 你好;".encode("gb18030"), None),
        ("#ABNF 1.0;\nlanguage zh-CN; root $r; $r = 你好;".encode("gb18030"), "gb18030"),
    ],
)
async def test_encodings(data: bytes, charset: str | None) -> None:
    server = Server(a__gram=FetchedGrammar("http://h/a.gram", data, None, charset))
    assert (await load("http://h/a.gram", server.fetch)).match("你好") is not None


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(GrammarSyntaxError, match=":2:") as caught:
        parse_grammar(b"#ABNF 1.0 UTF-8;\nlanguage \xff;", "mem:a.gram")
    assert (caught.value.line, caught.value.column) == (2, 10)
    with pytest.raises(GrammarSyntaxError, match="KLINGON"):
        parse_grammar(b"#ABNF 1.0 KLINGON;\nlanguage en;", "mem:a.gram")
    latin = parse_grammar("#ABNF 1.0;\nlanguage fr; $a = été;".encode("latin-1"), "mem:a.gram")
    assert "a" in latin.rules
