"""XML as an immutable-by-convention tree with source positions, read by a hardened parser.

Expat reads it: it loads nothing from outside, reports the exact line and column of every element, and costs
no start-up time. Elements are ours: mixed content is a plain list of elements and texts, which is what
prompts and grammars need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from vxmlplat.documents.charsets import byte_order_mark, codec_name, declared_charset
from vxmlplat.documents.errors import MarkupError
from vxmlplat.documents.resource import Resource

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """How large a document may be before it is refused."""

    bytes: int = 16 << 20
    depth: int = 200
    elements: int = 500_000
    attributes: int = 200
    text: int = 16 << 20
    """Characters of text and attribute values once entities are replaced: no growing in the reading."""


class Element:
    """An element: what it is called, where it stands, what is in it.

    ``name`` is the local name and ``namespace`` its URI ('' for none). ``attributes`` maps local names to
    values; an attribute in a namespace is keyed ``{uri}local``, those of XML itself ``xml:lang``,
    ``xml:base``, ``xml:space``. ``children`` holds elements and texts in document order, adjacent texts
    joined. ``line`` and ``column`` count from 1 and point at the start tag's ``<``. ``namespaces`` maps the
    prefixes declared on this very element.
    """

    __slots__ = ("attributes", "children", "column", "line", "name", "namespace", "namespaces", "prefix")

    def __init__(self, name: str, namespace: str, attributes: dict[str, str], line: int, column: int) -> None:
        self.name = name
        self.namespace = namespace
        self.attributes = attributes
        self.children: list[Element | str] = []
        self.line = line
        self.column = column
        self.prefix = ""
        self.namespaces: dict[str, str] | None = None

    def get(self, name: str, default: str | None = None) -> str | None:
        """An attribute's value."""
        return self.attributes.get(name, default)

    def elements(self, name: str | None = None) -> Iterator[Element]:
        """The child elements, or those of one local name."""
        for child in self.children:
            if isinstance(child, Element) and (name is None or child.name == name):
                yield child

    def first(self, name: str) -> Element | None:
        """The first child element of that local name."""
        return next(self.elements(name), None)

    def iter(self) -> Iterator[Element]:
        """This element and everything under it, in document order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(child for child in reversed(element.children) if isinstance(child, Element))

    def text(self) -> str:
        """The texts directly in this element, joined."""
        return "".join(child for child in self.children if isinstance(child, str))

    def full_text(self) -> str:
        """All texts in this element and under it, joined in document order."""
        return "".join(child if isinstance(child, str) else child.full_text() for child in self.children)

    def to_xml(self) -> str:
        """The element as an XML text of its own, namespaces declared where they change."""
        parts: list[str] = []
        _write(self, "", parts)
        return "".join(parts)

    def __repr__(self) -> str:
        return f"<Element {self.name} at {self.line}:{self.column}>"


def parse_resource(resource: Resource, limits: XmlLimits = XmlLimits()) -> Element:
    """The root element of a fetched document. Raises :class:`MarkupError`."""
    return parse_xml(resource.body, resource.uri, resource.charset, limits)


def parse_xml(
    data: bytes | str,
    uri: str = "",
    charset: str | None = None,
    limits: XmlLimits = XmlLimits(),
) -> Element:
    """The root element of an XML document.

    ``charset`` is what the transport declared (RFC 7303: a byte order mark comes first, then it, then the
    XML declaration); ``uri`` is for messages. Nothing outside the document is ever loaded: an external DTD
    is ignored, an external or parameter entity is refused, small internal entities are replaced.

    Raises :class:`MarkupError` for what is not well-formed, not readable in its character set, or beyond
    the limits.
    """
    if len(data) > limits.bytes:
        raise MarkupError(uri, 0, 0, f"the document is larger than {limits.bytes} bytes")
    return _TreeBuilder(uri, limits).parse(_as_utf8(data, uri, charset))


def _as_utf8(data: bytes | str, uri: str, charset: str | None) -> bytes:
    """The document in UTF-8, which alone the parser is given."""
    if isinstance(data, str):
        return data.encode("utf-8", "surrogatepass")  # the parser refuses lone surrogates with their place
    mark = byte_order_mark(data)
    if mark:
        name = mark[0]
        data = data[mark[1] :]
    else:
        declared = charset if charset and codec_name(charset) else declared_charset(data) or "utf-8"
        known = codec_name(declared)
        if known is None:
            raise MarkupError(uri, 1, 1, f"the character set {declared!r} is not known")
        name = known
    if name == "utf-8":
        return data
    try:
        return data.decode(name).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(name, "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise MarkupError(uri, line, column, f"these bytes are no text in {name}: {error.reason}") from None


class _TreeBuilder:
    """Expat's callbacks: they build the tree and hold the limits."""

    def __init__(self, uri: str, limits: XmlLimits) -> None:
        self._uri = uri
        self._limits = limits
        self._names: dict[str, tuple[str, str, str]] = {}

    def parse(self, data: bytes) -> Element:
        parser = expat.ParserCreate("utf-8", " ", {})
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        limits = self._limits
        names = self._names
        document = Element("", "", {}, 0, 0)
        current = document
        ancestors: list[Element] = []
        pending: list[str] = []
        declared: dict[str, str] = {}
        elements = characters = 0
        most_elements, most_attributes, depth = limits.elements, limits.attributes, limits.depth
        # Only a document that declares entities or default attributes can grow in the reading.
        counting = False

        def fail(message: str) -> MarkupError:
            return MarkupError(self._uri, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, message)

        def count(size: int) -> None:
            nonlocal characters
            characters += size
            if characters > limits.text:
                raise fail(f"with its entities replaced the document is larger than {limits.text} characters")

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal current, elements
            if pending:
                current.children.append(pending[0] if len(pending) == 1 else "".join(pending))
                pending.clear()
            elements += 1
            if elements > most_elements:
                raise fail(f"more than {most_elements} elements")
            if len(ancestors) >= depth:
                raise fail(f"elements are nested more than {depth} deep")
            if len(attributes) > most_attributes:
                raise fail(f"an element has more than {most_attributes} attributes")
            if counting:
                count(sum(map(len, attributes.values())))
            parts = names.get(name)
            if parts is None:
                parts = names[name] = _split(name)
            for key in attributes:
                if " " in key:
                    attributes = {_attribute_key(key): value for key, value in attributes.items()}
                    break
            line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
            element = Element(parts[1], parts[0], attributes, line, column)
            if parts[2]:
                element.prefix = parts[2]
            if declared:
                element.namespaces = dict(declared)
                declared.clear()
            current.children.append(element)
            ancestors.append(current)
            current = element

        def end(_name: str) -> None:
            nonlocal current
            if pending:
                current.children.append(pending[0] if len(pending) == 1 else "".join(pending))
                pending.clear()
            current = ancestors.pop()

        def text(data: str) -> None:
            if counting:
                count(len(data))
            pending.append(data)

        def namespace(prefix: str | None, namespace_uri: str | None) -> None:
            declared[prefix or ""] = namespace_uri or ""

        def entity(
            name: str,
            is_parameter: int,
            value: str | None,
            _base: str | None,
            _system: str | None,
            _public: str | None,
            _notation: str | None,
        ) -> None:
            nonlocal counting
            if is_parameter or value is None:
                raise fail(f"the entity {name!r} is refused: only internal general entities are read")
            counting = True

        def attribute_default(
            _element: str, _name: str, _type: str, default: str | None, _required: int
        ) -> None:
            nonlocal counting
            counting = counting or default is not None

        def skipped(name: str, is_parameter: int) -> None:
            if not is_parameter:
                raise fail(f"the entity {name!r} is not declared in the document (no DTD is loaded)")

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartNamespaceDeclHandler = namespace
        parser.EntityDeclHandler = entity
        parser.AttlistDeclHandler = attribute_default
        parser.SkippedEntityHandler = skipped
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            message = expat.ErrorString(error.code)
            raise MarkupError(self._uri, error.lineno, error.offset + 1, message) from None
        finally:
            # The callbacks and the parser hold each other; apart, they go at once and not with the next
            # collection.
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
            parser.StartNamespaceDeclHandler = parser.EntityDeclHandler = parser.AttlistDeclHandler = None
            parser.SkippedEntityHandler = None
        root = document.children[0]
        assert isinstance(root, Element)
        return root


def _split(name: str) -> tuple[str, str, str]:
    """Expat's ``uri local prefix`` as (namespace, local name, prefix)."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _attribute_key(name: str) -> str:
    namespace, local, _ = _split(name)
    if not namespace:
        return local
    return f"xml:{local}" if namespace == XML_NAMESPACE else f"{{{namespace}}}{local}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quote(text: str) -> str:
    text = _escape(text).replace('"', "&quot;")
    return '"' + text.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;") + '"'


def _write(element: Element, default_namespace: str, parts: list[str]) -> None:
    parts.append("<" + element.name)
    if element.namespace != default_namespace:
        parts.append(f" xmlns={_quote(element.namespace)}")
    for number, (key, value) in enumerate(element.attributes.items()):
        if key.startswith("{"):
            namespace, local = key[1:].split("}", 1)
            parts.append(f" xmlns:a{number}={_quote(namespace)} a{number}:{local}={_quote(value)}")
        else:
            parts.append(f" {key}={_quote(value)}")
    if not element.children:
        parts.append("/>")
        return
    parts.append(">")
    for child in element.children:
        if isinstance(child, str):
            parts.append(_escape(child).replace("\r", "&#13;"))
        else:
            _write(child, element.namespace, parts)
    parts.append(f"</{element.name}>")
