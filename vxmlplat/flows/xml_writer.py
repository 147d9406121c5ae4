"""Readable XML, written line by line, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile('[^\u0000-\u001f"&<>\ud800-\udfff\ufffe\uffff]*')
"""Texts that need no escaping anywhere: nearly all, so they are told apart first."""

Attributes = Mapping[str, str | None]


def escape_text(text: str) -> str:
    """Text for between tags; what XML 1.0 cannot hold becomes U+FFFD."""
    if _PLAIN.fullmatch(text):
        return text
    return _NOT_XML.sub("\ufffd", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    """Text for between double quotes; white space stays what it is through attribute normalisation."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = escape_text(text).replace('"', "&quot;")
    return escaped.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


def start_tag(tag: str, attributes: Attributes, end: str = ">") -> str:
    """``<tag a="b">``; attributes whose value is None are left out."""
    written = f"<{tag}"
    for name, value in attributes.items():
        if value is not None:
            written += f' {name}="{escape_attribute(value)}"'
    return written + end


class _OpenElement:
    """The ``with`` of an element; a class, since a generator costs more than the element."""

    __slots__ = ("_attributes", "_out", "_tag")

    def __init__(self, out: XmlWriter, tag: str, attributes: Attributes) -> None:
        self._out, self._tag, self._attributes = out, tag, attributes

    def __enter__(self) -> None:
        self._out.open(self._tag, self._attributes)

    def __exit__(self, *_: object) -> None:
        self._out.close(self._tag)


class XmlWriter:
    """Collects indented lines. Attributes are given as a mapping, so that any XML name can be written."""

    def __init__(self, depth: int = 0) -> None:
        self._lines: list[str] = []
        self._depth = depth

    def element(self, tag: str, attributes: Attributes | None = None) -> _OpenElement:
        """An element whose content is written inside the ``with``."""
        return _OpenElement(self, tag, attributes or {})

    def open(self, tag: str, attributes: Attributes) -> None:
        """The start tag; what follows stands one step to the right."""
        self._line(start_tag(tag, attributes))
        self._depth += 1

    def close(self, tag: str) -> None:
        """The end tag."""
        self._depth -= 1
        self._line(f"</{tag}>")

    def empty(self, tag: str, attributes: Attributes | None = None) -> None:
        """An element without content."""
        self._line(start_tag(tag, attributes or {}, "/>"))

    def text(self, tag: str, text: str, attributes: Attributes | None = None) -> None:
        """An element that holds text only, on one line."""
        self.markup(tag, escape_text(text), attributes)

    def markup(self, tag: str, content: str, attributes: Attributes | None = None) -> None:
        """An element on one line whose content is markup already."""
        self._line(f"{start_tag(tag, attributes or {})}{content}</{tag}>")

    def branch(self, tag: str, attributes: Attributes | None = None) -> None:
        """``<elseif/>`` or ``<else/>``: an empty element one step to the left."""
        self._depth -= 1
        self.empty(tag, attributes)
        self._depth += 1

    def script(self, source: str) -> None:
        """A ``<script>`` in a CDATA section, its lines as they are."""
        safe = _NOT_XML.sub("\ufffd", source.strip("\n")).replace("]]>", "]]]]><![CDATA[>")
        self._lines.append(f"{'  ' * self._depth}<script><![CDATA[\n{safe}\n{'  ' * self._depth}]]></script>")

    def raw(self, text: str) -> None:
        """Lines that are markup and indented already."""
        self._lines.append(text)

    def blank(self) -> None:
        """An empty line, to part forms."""
        self._lines.append("")

    def result(self) -> str:
        """All lines."""
        return "\n".join(self._lines)

    def _line(self, text: str) -> None:
        self._lines.append("  " * self._depth + text)
