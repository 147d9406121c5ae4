import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from vxmlplat.server.platform_services.xml_answers import is_xml, json_of_xml


def test_elements_attributes_and_repetitions_become_json() -> None:
    head = b'<?xml version="1.0" encoding="GB18030"?>'
    answer = head + b'<ticket no="7"><state>\xcd\xea\xb3\xc9</state><note/><note>late</note></ticket>'
    assert json_of_xml(answer) == {"ticket": {"@no": "7", "state": "完成", "note": ["", "late"]}}


def test_a_soap_answer_is_read_without_its_prefixes() -> None:
    answer = b"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><r
    xmlns="urn:x"><code>0</code></r></s:Body></s:Envelope>"""
    assert json_of_xml(answer)["Envelope"]["Body"]["r"]["code"] == "0"


def test_text_beside_elements_is_kept() -> None:
    assert json_of_xml(b"<a>one <b>two</b> three</a>") == {"a": {"b": "two", "#text": "one three"}}


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>',
        b"<a>" * 80 + b"</a>" * 80,
        b"<a><b></a>",
        b"",
    ],
)
def test_hostile_answers_are_refused(hostile: bytes) -> None:
    with pytest.raises(ValueError, match=r"answer"):
        json_of_xml(hostile)


@given(
    st.recursive(
        st.text("abc ", min_size=1).map(str.strip).filter(bool),
        lambda v: st.dictionaries(st.sampled_from("xyz"), v, min_size=1),
    )
)
def test_what_is_written_is_read_back(value: object) -> None:
    def write(parent: etree._Element, content: object) -> None:
        if isinstance(content, dict):
            for name, inner in content.items():
                write(etree.SubElement(parent, name), inner)
        else:
            parent.text = str(content)

    root = etree.Element("root")
    write(root, value)
    folded = {"root": _folded(value)}
    assert json_of_xml(etree.tostring(root)) == folded


def _folded(value: object) -> object:
    if isinstance(value, dict):
        return {name: _folded(inner) for name, inner in value.items()}
    return " ".join(str(value).split())


def test_media_types_of_xml() -> None:
    assert is_xml("application/soap+xml")
    assert is_xml("text/xml")
    assert not is_xml("application/json")
