"""The read-only DOM of ``<data>``: what of a document is handed to dom.js, which builds it."""

from __future__ import annotations

import json
from typing import Any

from vxmlplat.documents import Element


def as_json(root: Element) -> str:
    """The document as nested arrays ``[name, namespace, prefix, attributes, children]``; texts as strings."""
    return json.dumps(_node(root, {"xml": "http://www.w3.org/XML/1998/namespace"}))


def _node(element: Element, prefixes: dict[str, str]) -> list[Any]:
    if element.namespaces:
        prefixes = prefixes | element.namespaces
    attributes = [_attribute(key, value, prefixes) for key, value in element.attributes.items()]
    children = [child if isinstance(child, str) else _node(child, prefixes) for child in element.children]
    return [element.name, element.namespace, element.prefix, attributes, children]


def _attribute(key: str, value: str, prefixes: dict[str, str]) -> list[str]:
    """``[local name, namespace, prefix, value]``."""
    if key.startswith("{"):
        namespace, local = key[1:].split("}", 1)
        prefix = next((name for name, uri in prefixes.items() if uri == namespace and name), "")
        return [local, namespace, prefix, value]
    if key.startswith("xml:"):
        return [key[4:], prefixes["xml"], "xml", value]
    return [key, "", "", value]
