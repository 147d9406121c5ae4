"""The read-only DOM of <data> (VoiceXML 2.1 §5.1.4, appendix D)."""

from __future__ import annotations

import pytest

from vxmlplat.documents import parse_xml
from vxmlplat.ecma import Engine, ScopeChain, ScriptError

XML = """<?xml version="1.0"?>
<quote xmlns:q="urn:q" xml:lang="en" q:at="noon"><ticker>F</ticker>
 <q:change sign="-">-1.00</q:change><![CDATA[a<b]]><empty/></quote>"""


@pytest.fixture
def chain() -> ScopeChain:
    engine = Engine()
    chain = engine.chain(engine.scope("document"))
    chain.innermost.set_document("d", parse_xml(XML))
    return chain


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("d.nodeType", 9),
        ("d.nodeName", "#document"),
        ("d.documentElement.tagName", "quote"),
        ("d.documentElement.parentNode === d", True),
        ("d.documentElement.ownerDocument === d", True),
        ("d.parentNode", None),
        ("d.documentElement.childNodes.length", 5),
        ("d.documentElement.childNodes[0] === d.documentElement.firstChild", True),
        ("d.documentElement.childNodes.item(99)", None),
        ("d.documentElement.firstChild.firstChild.data", "F"),
        ("d.documentElement.firstChild.firstChild.nodeValue", "F"),
        ("d.documentElement.firstChild.nodeValue", None),
        ("d.documentElement.firstChild.nextSibling.nodeName", "#text"),
        ("d.documentElement.firstChild.previousSibling", None),
        ("d.documentElement.lastChild.hasChildNodes()", False),
        ("d.documentElement.childNodes[3].data", "a<b"),
        ("d.documentElement.childNodes[3].substringData(1, 5)", "<b"),
        ("d.getElementsByTagName('q:change').item(0).getAttribute('sign')", "-"),
        ("d.getElementsByTagName('change').length", 0),
        ("d.getElementsByTagName('*').length", 4),
        ("d.getElementsByTagNameNS('urn:q', 'change')[0].textContent", "-1.00"),
        ("d.getElementsByTagNameNS('*', 'ticker').length", 1),
        ("d.documentElement.getAttribute('none')", ""),
        ("d.documentElement.hasAttribute('xml:lang')", True),
        ("d.documentElement.getAttributeNS('urn:q', 'at')", "noon"),
        ("d.documentElement.attributes.getNamedItem('q:at').value", "noon"),
        ("d.documentElement.attributes.length", 2),
        ("d.documentElement.attributes.item(0).ownerElement.nodeName", "quote"),
        ("d.documentElement.namespaceURI", None),
        ("d.documentElement.childNodes[2].prefix", "q"),
        ("d.documentElement.childNodes[2].localName", "change"),
        ("d.documentElement instanceof Element && d instanceof Node", True),
        ("d.documentElement.nodeType == Node.ELEMENT_NODE", True),
        (
            "typeof d.documentElement.childNodes[1].constructor.constructor('return typeof process')()",
            "string",
        ),
    ],
)
def test_reading(chain: ScopeChain, expression: str, value: object) -> None:
    assert chain.evaluate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "d.appendChild(d.documentElement)",
        "d.createElement('x')",
        "d.documentElement.setAttribute('a', 'b')",
        "d.documentElement.removeChild(d.documentElement.firstChild)",
        "d.documentElement.firstChild.firstChild.data = 'x'",
        "d.documentElement.firstChild.firstChild.nodeValue = 'x'",
        "d.documentElement.attributes.item(0).value = 'x'",
        "d.documentElement.firstChild.firstChild.appendData('x')",
    ],
)
def test_writing_is_refused(chain: ScopeChain, expression: str) -> None:
    with pytest.raises(ScriptError) as caught:
        chain.evaluate(expression)
    assert caught.value.name == "NoModificationAllowedError"
    assert chain.evaluate("(function(){try{d.createElement('x')}catch(e){return e.code}})()") == 7
    assert chain.evaluate("d.documentElement.firstChild.firstChild.data") == "F"


def test_no_document_is_null(chain: ScopeChain) -> None:
    chain.innermost.set_document("d", None)
    assert chain.evaluate("d === null") is True


def test_a_large_document_is_cheap_until_it_is_looked_at() -> None:
    engine = Engine()
    chain = engine.chain(engine.scope("document"))
    chain.innermost.set_document("d", parse_xml("<a>" + "<b c='d'>e</b>" * 5_000 + "</a>"))
    assert chain.evaluate("d.documentElement.nodeName") == "a"
    assert chain.evaluate("d.getElementsByTagName('b').length") == 5_000
