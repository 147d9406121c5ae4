"""XML answers of web services as the JSON that flows work with: SOAP and the older services of a city speak
it.

``<ticket no="7"><state>done</state><note/><note>late</note></ticket>`` becomes
``{"ticket": {"@no": "7", "state": "done", "note": ["", "late"]}}``. Names are without their prefix; text
beside elements stands under
``#text``; every value is a string, since XML says nothing else.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

XML_TYPES = ("application/xml", "text/xml", "application/soap+xml")
_DEEPEST = 60


def is_xml(content_type: str) -> bool:
    """Whether a media type is XML (RFC 7303 §8: ``+xml``)."""
    return content_type in XML_TYPES or content_type.endswith("+xml")


def json_of_xml(data: bytes) -> dict[str, Any]:
    """The document as JSON. Raises ValueError for what is not well-formed, declares entities or nests too
    deeply.

    Nothing is loaded from outside the document, and no entity is replaced.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the answer is not well-formed XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("the answer brings a document type of its own; such documents are not read")
    return {_name(root.tag): _value(root, 1)}


def _name(tag: str) -> str:
    return etree.QName(tag).localname


def _value(element: etree._Element, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError(f"the answer nests more than {_DEEPEST} elements deep")
    value: dict[str, Any] = {f"@{_name(str(key))}": text for key, text in element.attrib.items()}
    for child in element:
        name = _name(child.tag)
        found = _value(child, depth + 1)
        if name not in value:
            value[name] = found
        elif isinstance(value[name], list):
            value[name].append(found)
        else:
            value[name] = [value[name], found]
    parts = [element.text, *(child.tail for child in element)]
    text = " ".join(" ".join(part.split()) for part in parts if part and part.strip())
    if not value:
        return text
    if text:
        value["#text"] = text
    return value
