"""XML: the tree, its places, character sets, and what is refused."""

from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.documents import Element, MarkupError, Resource, XmlLimits, parse_resource, parse_xml


def test_the_tree() -> None:
    root = parse_xml(
        '<a xmlns="urn:a" xmlns:b="urn:b" xml:lang="en" b:k="1" k="2">'
        "x<b:c/>y&amp;<![CDATA[<z>]]><!-- n -->w</a>"
    )
    assert (root.name, root.namespace, root.prefix) == ("a", "urn:a", "")
    assert root.attributes == {"xml:lang": "en", "{urn:b}k": "1", "k": "2"}
    assert root.namespaces == {"": "urn:a", "b": "urn:b"}
    first, child, last = root.children
    assert isinstance(child, Element)
    assert (first, last) == ("x", "y&<z>w")
    assert (child.name, child.namespace, child.prefix, child.children) == ("c", "urn:b", "b", [])
    assert root.text() == "xy&<z>w"
    assert [element.name for element in root.iter()] == ["a", "c"]
    assert root.first("c") is child
    assert root.first("d") is None


def test_places_are_exact() -> None:
    root = parse_xml("<?xml version='1.0'?>\n<a>\n  <b\n   c='d'/>日本<e/>\r\n<f/></a>")
    assert [(e.name, e.line, e.column) for e in root.iter()] == [
        ("a", 2, 1),
        ("b", 3, 3),
        ("e", 4, 13),
        ("f", 5, 1),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("", 1, 1, "no element"),
        ("<a>\n <b>\n</a>", 3, 3, "mismatched tag"),
        ("<a b=1/>", 1, 6, "not well-formed"),
        ("<a b='1' b='2'/>", 1, 10, "duplicate attribute"),
        ("<a>&nosuch;</a>", 1, 4, "undefined entity"),
        ("<a/><b/>", 1, 5, "junk"),
        ("<x:a/>", 1, 1, "unbound prefix"),
        ("<a>\x01</a>", 1, 4, "not well-formed"),
        ("<a>\ud800</a>", 1, 4, "not well-formed"),
    ],
)
def test_errors_name_their_place(text: str, line: int, column: int, what: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse_xml(text, "http://x/a.vxml")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert what in caught.value.message
    assert str(caught.value).startswith(f"http://x/a.vxml:{line}:{column}: ")


TEXT = "你好，世界 é"


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "unicode_escape", "rot13", "base64"])
def test_codecs_that_are_no_character_sets(charset: str) -> None:
    with pytest.raises(MarkupError, match="is not known"):
        parse_xml(f'<?xml version="1.0" encoding="{charset}"?><a/>'.encode())
    assert Resource("http://x/", "text/plain", charset, b"a\\n").text() == "a\\n"


@pytest.mark.parametrize("charset", ["UTF-8", "UTF-16", "GB18030", "gbk", "GB2312"])
def test_character_sets_that_a_document_declares(charset: str) -> None:
    text = TEXT.replace(" é", "") if charset in ("gbk", "GB2312") else TEXT
    data = f'<?xml version="1.0" encoding="{charset}"?><a b="{text}">{text}</a>'.encode(charset)
    root = parse_xml(data)
    assert (root.attributes["b"], root.text()) == (text, text)


def test_characters_beyond_the_declared_chinese_set() -> None:
    data = b'<?xml version="1.0" encoding="gb2312"?><a>' + "镕囍€".encode("gb18030") + b"</a>"
    assert parse_xml(data).text() == "镕囍€"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>grün</a>".encode("latin-1"), None, "grün"),
        ("<a>grün</a>".encode("latin-1"), "iso-8859-1", "grün"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>grün</a>".encode(), "utf-8", "grün"),
        (codecs.BOM_UTF8 + "<a>grün</a>".encode(), "iso-8859-1", "grün"),
        (codecs.BOM_UTF16_BE + "<a>grün</a>".encode("utf-16-be"), None, "grün"),
        ("<?xml version='1.0'?><a>grün</a>".encode("utf-16-le"), None, "grün"),
        ("<a>grün</a>".encode(), "x-unknown", "grün"),
        ("<?xml version='1.0' encoding='windows-1252'?><a>€</a>".encode("cp1252"), None, "€"),
    ],
)
def test_who_decides_on_the_character_set(data: bytes, charset: str | None, text: str) -> None:
    assert parse_xml(data, "", charset).text() == text
    assert parse_resource(Resource("http://x/", "text/xml", charset, data)).text() == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<?xml version='1.0' encoding='x-nosuch'?><a/>", "not known"),
        (b"<?xml version='1.0' encoding='base64'?><a/>", "not known"),
        (b"<a>\xff</a>", "not well-formed"),
        (b"<?xml version='1.0' encoding='gbk'?>\n<a>\xff\xff</a>", "no text in gb18030"),
        (codecs.BOM_UTF16_LE + b"<\0a\0/\0>", "no text in utf-16-le"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, message: str) -> None:
    with pytest.raises(MarkupError, match=message):
        parse_xml(data)


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]><a/>',
        '<!DOCTYPE a [<!ENTITY x PUBLIC "p" "s">]><a/>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]><a/>',
        "<!DOCTYPE a [<!ENTITY % x \"<!ENTITY y 'z'>\"> %x;]><a>&y;</a>",
        f'<!DOCTYPE a [<!ENTITY e0 "xxxxxxxxxx">{BOMB}]><a>&e9;</a>',
        f'<!DOCTYPE a [<!ENTITY e0 "xxxxxxxxxx">{BOMB}]><a b="&e9;"/>',
        '<!DOCTYPE a [<!ENTITY x "' + "y" * 50_000 + '">]><a>' + "&x;" * 1000 + "</a>",
        '<!DOCTYPE a [<!ATTLIST b c CDATA "' + "y" * 50_000 + '">]><a>' + "<b/>" * 1000 + "</a>",
        '<!DOCTYPE a [<!ENTITY x "&x;">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a>&nbsp;</a>',
        "<a>" * 300 + "</a>" * 300,
        "<a " + " ".join(f"a{n}='1'" for n in range(300)) + "/>",
    ],
    ids=range(13),
)
def test_what_is_refused(text: str) -> None:
    began = time.process_time()
    with pytest.raises(MarkupError):
        parse_xml(text)
    assert time.process_time() - began < 2


def test_limits_of_size() -> None:
    with pytest.raises(MarkupError, match="larger than 10 bytes"):
        parse_xml("<a>12345678</a>", limits=XmlLimits(bytes=10))
    with pytest.raises(MarkupError, match="more than 5 elements"):
        parse_xml("<a>" + "<b/>" * 5 + "</a>", limits=XmlLimits(elements=5))


def test_what_is_let_through() -> None:
    root = parse_xml(
        """<!DOCTYPE vxml PUBLIC "-//W3C//DTD VOICEXML 2.1//EN" "http://127.0.0.1:1/vxml.dtd"
             [<!ENTITY company "A&amp;B"><!ATTLIST a kind CDATA "plain">]><a>&company;</a>"""
    )
    assert (root.text(), root.attributes) == ("A&B", {"kind": "plain"})
    assert (
        parse_xml('<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></a>').text()
        == ""
    )


names = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Co"]), max_size=10)


def element(name: str, namespace: str, attributes: dict[str, str], children: list[Element | str]) -> Element:
    made = Element(name, namespace, attributes, 0, 0)
    for child in children:
        if isinstance(child, str) and made.children and isinstance(made.children[-1], str):
            made.children[-1] += child
        elif child != "":
            made.children.append(child)
    return made


trees = st.recursive(
    st.builds(
        element, names, st.sampled_from(["", "urn:a"]), st.dictionaries(names, texts, max_size=3), st.just([])
    ),
    lambda inner: st.builds(
        element,
        names,
        st.sampled_from(["", "urn:a", "urn:b"]),
        st.dictionaries(names | st.just("{urn:k}k"), texts, max_size=3),
        st.lists(inner | texts, max_size=4),
    ),
    max_leaves=10,
)


def shape(node: Element | str) -> object:
    if isinstance(node, str):
        return node
    return (node.name, node.namespace, node.attributes, [shape(child) for child in node.children])


@given(trees)
def test_what_is_written_is_read_again(tree: Element) -> None:
    assert shape(parse_xml(tree.to_xml())) == shape(tree)


@given(st.binary(max_size=200) | texts.map(str.encode))
def test_any_bytes_are_a_tree_or_an_error(data: bytes) -> None:
    for candidate in (data, b"<a>" + data + b"</a>", b"<?xml version='1.0' encoding='" + data + b"'?><a/>"):
        try:
            parse_xml(candidate)
        except MarkupError:
            pass
