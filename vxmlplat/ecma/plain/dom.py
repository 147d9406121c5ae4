"""The read-only DOM of ``<data>`` as far as plain sources look into it (VoiceXML 2.1 §5.1.4, DOM 2 Core).

Most documents are asked for the text and the attributes of a few elements; whoever wants more asks an engine.
"""

from __future__ import annotations

from typing import Any

from vxmlplat.documents import Element
from vxmlplat.ecma.plain.functions import plain_method
from vxmlplat.ecma.plain.members import Beyond, DomNode

MOST_NODES = 500
MOST_TEXT = 16_384
"""Larger documents are an engine's, which limits memory."""
ELEMENT, TEXT, DOCUMENT = 1, 3, 9


class DomText(DomNode):
    """A piece of text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def member(self, key: str) -> Any:
        """``nodeType``, ``nodeValue``, ``firstChild``."""
        if key in ("nodeValue", "data", "textContent"):
            return self._text
        return {"nodeType": TEXT, "firstChild": None}.get(key, Beyond)


class DomElement(DomNode):
    """An element. Each node is one object, however often it is asked for."""

    __slots__ = ("_children", "element")

    def __init__(self, element: Element) -> None:
        self.element = element
        self._children: list[DomNode] | None = None

    def _child(self, at: int) -> DomNode | None:
        if self._children is None:
            self._children = [
                DomText(child) if isinstance(child, str) else DomElement(child)
                for child in self.element.children
            ]
        return self._children[at] if self._children else None

    def member(self, key: str) -> Any:
        """``nodeType``, ``nodeValue``, ``firstChild``, ``lastChild``, ``localName``."""
        if key == "firstChild":
            return self._child(0)
        if key == "lastChild":
            return self._child(-1)
        known = {"nodeType": ELEMENT, "nodeValue": None, "localName": self.element.name}
        return known.get(key, Beyond)


class DomDocument(DomNode):
    """A document."""

    __slots__ = ("_first", "root")

    def __init__(self, root: Element) -> None:
        self.root = root
        self._first = DomElement(root)

    def member(self, key: str) -> Any:
        """``nodeType``, ``nodeValue``, ``documentElement`` and the like."""
        if key in ("documentElement", "firstChild", "lastChild"):
            return self._first
        return {"nodeType": DOCUMENT, "nodeValue": None, "textContent": None}.get(key, Beyond)


@plain_method(DomElement, "getAttribute")
def _get_attribute(node: DomElement, name: Any) -> str:
    if type(name) is not str or ":" in name or "{" in name:
        raise Beyond
    return node.element.attributes.get(name, "")


def document(root: Element) -> DomDocument:
    """The document of an element. Raises :class:`Beyond` when it is large."""
    nodes, text, waiting = 0, 0, [root]
    while waiting:
        element = waiting.pop()
        nodes += 1 + len(element.attributes) + len(element.children)
        text += sum(map(len, element.attributes.values()))
        for child in element.children:
            if isinstance(child, str):
                text += len(child)
            else:
                waiting.append(child)
        if nodes > MOST_NODES or text > MOST_TEXT:
            raise Beyond
    return DomDocument(root)
