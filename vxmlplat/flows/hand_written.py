"""Hand-written VoiceXML within a flow: read, judged, and led to the flow's nodes.

A fragment is one dialog (``<form>`` or ``<menu>``), or what stands at the document's own level beside the
dialogs. Where it leads to ``#NAME``, the name is one of its exits; the edge from there says which node it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from vxmlplat.documents.errors import MarkupError
from vxmlplat.documents.markup import Element, XmlLimits, parse_xml
from vxmlplat.ecma.declarations import declarations
from vxmlplat.ecma.errors import ScriptError
from vxmlplat.flows.ecmascript import string_literal

VXML_NAMESPACE = "http://www.w3.org/2001/vxml"
DIALOGS = frozenset({"form", "menu"})
DOCUMENT_LEVEL = frozenset(
    "var script data property catch error help noinput nomatch link meta metadata".split()
)

LIMITS = XmlLimits(bytes=1 << 20, elements=50_000)

_OPENING = f'<vxml version="2.1" xmlns="{VXML_NAMESPACE}">'
_CLOSING = "</vxml>"


@dataclass(frozen=True, slots=True)
class MarkupFault:
    """What is wrong in a document or fragment; line and column count from 1."""

    line: int
    column: int
    message: str


MarkupCheck = Callable[[str], Sequence[MarkupFault]]
"""Judges a whole VoiceXML document by the language's rules; whoever has an interpreter hands one in."""


def as_document(source: str) -> str:
    """A fragment as a document of its own; the lines stay the fragment's."""
    return f"{_OPENING}{source}{_CLOSING}"


@lru_cache(maxsize=512)
def read_fragment(source: str) -> tuple[Element, ...] | MarkupFault:
    """The elements of a fragment, which are shared and not to be changed, or what is wrong with its XML."""
    try:
        return tuple(_parsed(source).elements())
    except MarkupError as error:
        return placed(error.line, error.column, error.message)


def fresh_fragment(source: str) -> list[Element]:
    """The elements of a fragment that can be read, to be changed by whoever asks."""
    return list(_parsed(source).elements())


def _parsed(source: str) -> Element:
    return parse_xml(as_document(source), limits=LIMITS)


def placed(line: int, column: int, message: str) -> MarkupFault:
    """A fault of :func:`as_document` at its place in the fragment."""
    return MarkupFault(max(line, 1), max(1, column - len(_OPENING)) if line <= 1 else max(column, 1), message)


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute that leads to a dialog of the same document by ``#NAME``."""

    element: Element
    attribute: str
    name: str

    @property
    def calls(self) -> bool:
        """Whether the dialog is called and comes back, as by ``<subdialog>``."""
        return self.element.name == "subdialog"


_LEADING = {"goto": "next", "choice": "next", "link": "next", "subdialog": "src", "submit": "next"}


def references(elements: Sequence[Element]) -> Iterator[Reference]:
    """Every place of a fragment that leads to a dialog of its document, in document order."""
    for top in elements:
        for element in top.iter():
            attribute = _LEADING.get(element.name)
            value = element.get(attribute) if attribute else None
            if attribute and value is not None and value.strip().startswith("#"):
                yield Reference(element, attribute, value.strip()[1:])


_ADDRESSES = frozenset({"src", "next", "fetchaudio", "data", "classid", "archive", "codebase", "uri"})
"""Attributes that hold an address."""

COMPUTED = {
    "goto": "expr",
    "choice": "expr",
    "link": "expr",
    "submit": "expr",
    "audio": "expr",
    "subdialog": "srcexpr",
    "script": "srcexpr",
    "data": "srcexpr",
    "grammar": "srcexpr",
}
"""Elements whose address may be worked out during the call, and the attribute that does it."""

_ABNF_REFERENCE = re.compile(r"\$<(?!#)")


def is_relative(address: str) -> bool:
    """Whether an address depends on where its document lies."""
    return not address.strip().startswith("#") and not urlsplit(address.strip()).scheme


def resolve_addresses(element: Element, base: str) -> None:
    """Addresses in an element and under it as absolute ones; ``xml:base`` moves those under it."""
    if not base:
        return
    own = element.get("xml:base")
    if own is not None:
        base = element.attributes["xml:base"] = urljoin(base, own)
    elif element.name == "grammar" and _ABNF_REFERENCE.search(element.text()):
        element.attributes["xml:base"] = base
    for name in _ADDRESSES & element.attributes.keys():
        address = element.attributes[name]
        if address.strip() and is_relative(address):
            element.attributes[name] = urljoin(base, address)
    for child in element.elements():
        resolve_addresses(child, base)


def resolve_computed(element: Element, base: str) -> None:
    """The same for addresses that are worked out during the call, by a function of the root document."""
    for each in element.iter():
        attribute = COMPUTED.get(each.name)
        if attribute in each.attributes:
            source = f"vx_address({each.attributes[attribute]}, {string_literal(base)})"
            each.attributes[attribute] = source


def declared_names(elements: Sequence[Element]) -> frozenset[str]:
    """The names that elements of the document's level declare: variables, data, functions of scripts."""
    names: set[str] = set()
    for element in elements:
        if element.name in ("var", "data"):
            names.add(element.get("name") or "")
        elif element.name == "script" and not element.get("src"):
            try:
                found = declarations(element.full_text())
            except ScriptError:
                continue
            names.update(found.variables, found.functions, found.lexicals)
    return frozenset(names - {""})
