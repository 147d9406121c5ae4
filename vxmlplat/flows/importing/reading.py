"""A document's text taken apart: its dialogs and what stands beside them, each as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit
from xml.parsers import expat

from vxmlplat.documents.errors import MarkupError
from vxmlplat.documents.markup import Element, XmlLimits, parse_xml
from vxmlplat.flows.errors import FlowError
from vxmlplat.flows.hand_written import (
    DIALOGS,
    DOCUMENT_LEVEL,
    VXML_NAMESPACE,
    as_document,
    resolve_addresses,
)
from vxmlplat.flows.texts import Text, bilingual

LIMITS = XmlLimits(bytes=4 << 20, elements=100_000)
MOST_DIALOGS = 2_000
STAYING = frozenset({"var", "script", "data", "property", "link", "meta", "metadata"})
"""Of an application root: what is executed there, not where a handler is inherited."""


class DocumentRefused(FlowError):
    """The text cannot be imported; line and column (from 1) say where, ``reason`` says why."""

    def __init__(self, line: int, column: int, english: str, chinese: str) -> None:
        super().__init__(f"line {line}, column {column}: {english}")
        self.line = line
        self.column = column
        self.reason: Text = bilingual(english, chinese)


@dataclass(frozen=True)
class Part:
    """A child of ``<vxml>``: element (addresses resolved), text as written, comments before and in it."""

    element: Element
    source: str
    before: tuple[str, ...]
    within: tuple[str, ...]


@dataclass(frozen=True)
class DocumentParts:
    """A document taken apart."""

    root: Element
    base: str
    """What relative addresses are resolved against; empty where nobody knows."""
    head: tuple[Part, ...]
    dialogs: tuple[Part, ...]
    left_over: tuple[str, ...]
    """Comments after the last dialog."""
    application: str = ""
    """The address of its application root; empty where it names none."""
    of_root: frozenset[int] = frozenset()
    """Which parts (by ``id``) come from there."""


def take_apart(text: str, base: str) -> DocumentParts:
    """The parts of a document, its relative addresses resolved. Raises :class:`DocumentRefused`."""
    parts = _taken_apart(text, base)
    if not parts.dialogs:
        raise DocumentRefused(
            parts.root.line,
            parts.root.column,
            "the document has no dialog: neither <form> nor <menu>",
            "文档中没有对话：既无 <form> 也无 <menu>",
        )
    application = parts.root.get("application") or ""
    return replace(parts, application=urljoin(parts.base, application) if application else "")


def take_apart_root(text: str, address: str, active: str) -> DocumentParts:
    """The parts of an application root. Its handlers' addresses are seen from the document that is active
    (VoiceXML 2.0 §5.2), all others from its own. Raises :class:`DocumentRefused`.
    """
    own = address if urlsplit(address).scheme else ""
    return _taken_apart(text, own, active)


def _taken_apart(text: str, base: str, active: str | None = None) -> DocumentParts:
    text = text.removeprefix("\ufeff")
    try:
        root = parse_xml(text, limits=LIMITS)
    except MarkupError as error:
        raise DocumentRefused(
            max(error.line, 1),
            max(error.column, 1),
            f"this is no usable XML: {error.message}",
            f"不是有效的 XML：{error.message}",
        ) from error
    _refuse(root)
    base = urljoin(base, root.get("xml:base") or "")
    pieces = _cut(text)
    head: list[Part] = []
    dialogs: list[Part] = []
    children = list(root.elements())
    for element, piece in zip(children, pieces.children, strict=True):
        if active is not None and element.name in STAYING:
            resolve_addresses(element, base)  # before the text is taken: it will stand in another document
        source = _as_written(text[piece.start : piece.end], element)
        resolve_addresses(element, base if active is None else active)
        part = Part(element, source, tuple(piece.before), tuple(piece.within))
        (dialogs if element.name in DIALOGS else head).append(part)
    return DocumentParts(root, base, tuple(head), tuple(dialogs), tuple(pieces.after))


def _refuse(root: Element) -> None:
    """Documents that cannot be a flow."""
    if root.name != "vxml" or root.namespace not in ("", VXML_NAMESPACE):
        raise DocumentRefused(
            root.line,
            root.column,
            f"the root element is <{root.name}>, not <vxml>: this is no VoiceXML document",
            f"根元素是 <{root.name}> 而不是 <vxml>，不是 VoiceXML 文档",
        )
    dialogs = 0
    for element in root.elements():
        dialogs += element.name in DIALOGS
        if element.name not in DIALOGS | DOCUMENT_LEVEL:
            raise DocumentRefused(
                element.line,
                element.column,
                f"<{element.name}> does not stand in <vxml>",
                f"<{element.name}> 不能出现在 <vxml> 中",
            )
    if dialogs > MOST_DIALOGS:
        raise DocumentRefused(
            root.line,
            root.column,
            f"the document has more than {MOST_DIALOGS} dialogs",
            f"文档中的对话超过 {MOST_DIALOGS} 个",
        )


# ------------------------------------------------------------------------------------------------ as written


@dataclass
class _Piece:
    start: int
    end: int
    before: list[str]
    within: list[str]


@dataclass
class _Pieces:
    children: list[_Piece]
    after: list[str]


def _cut(text: str) -> _Pieces:
    """Where each child of the root begins and ends in the text, and the comments; the text is known good."""
    data = text.encode("utf-8")
    characters = _Offsets(data)
    parser = expat.ParserCreate("utf-8")
    pieces: list[_Piece] = []
    comments: list[str] = []
    depth = 0

    def start(_name: str, _attributes: Mapping[str, str]) -> None:
        nonlocal depth
        if depth == 1:
            pieces.append(_Piece(parser.CurrentByteIndex, 0, comments[:], []))
            comments.clear()
        depth += 1

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 1:
            # Of an empty element expat tells the place behind it, of any other its end tag's.
            at = parser.CurrentByteIndex
            pieces[-1].end = data.index(b">", at) + 1 if data.startswith(b"</", at) else at
            pieces[-1].within = comments[:]
            comments.clear()

    def comment(words: str) -> None:
        told = "\n".join(line.strip() for line in words.strip().splitlines())
        if told:
            comments.append(told)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CommentHandler = comment
    try:
        parser.Parse(data, True)
    finally:
        parser.StartElementHandler = parser.EndElementHandler = parser.CommentHandler = None
    for piece in pieces:
        piece.start, piece.end = characters.at(piece.start), characters.at(piece.end)
    return _Pieces(pieces, comments[:])


class _Offsets:
    """Byte offsets of UTF-8 as offsets of characters; asked in ascending order."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._byte = self._character = 0

    def at(self, byte: int) -> int:
        self._character += len(self._data[self._byte : byte].decode("utf-8"))
        self._byte = byte
        return self._character


def _as_written(written: str, element: Element) -> str:
    """The author's own text where it still says the same by itself, else the element written anew."""
    try:
        (alone,) = parse_xml(as_document(written), limits=LIMITS).elements()
    except (MarkupError, ValueError):
        return element.to_xml()
    return _outdented(written) if _same(alone, element) else element.to_xml()


def _same(one: Element, other: Element) -> bool:
    """Whether two elements say the same; a document without a namespace is read as VoiceXML."""
    if one.name != other.name or one.attributes != other.attributes:
        return False
    if (one.namespace or VXML_NAMESPACE) != (other.namespace or VXML_NAMESPACE):
        return False
    if len(one.children) != len(other.children):
        return False
    return all(
        _same(a, b) if isinstance(a, Element) and isinstance(b, Element) else a == b
        for a, b in zip(one.children, other.children, strict=True)
    )


def _outdented(text: str) -> str:
    """The lines after the first moved to the left as far as the last one stands in, where they all can."""
    first, *rest = text.split("\n")
    if not rest or "CDATA" in text:
        return text
    depth = len(rest[-1]) - len(rest[-1].lstrip(" "))
    if depth == 0 or any(line.strip() and not line.startswith(" " * depth) for line in rest):
        return text
    return "\n".join([first, *(line[depth:] for line in rest)])
