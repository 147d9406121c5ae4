"""Key grammars of compiled documents (SRGS 1.0, XML form)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.schema import Navigation
from vxmlplat.flows.xml_writer import XmlWriter

if TYPE_CHECKING:
    from vxmlplat.flows.node_writer import NodeWriter

NAVIGATION_GRAMMAR = "navigation.grxml"
"""The document with the navigation keys after a star, for nodes that keep the digits for themselves."""

SRGS_NAMESPACE = "http://www.w3.org/2001/06/grammar"


def write_key_grammar(out: XmlWriter, keys: Sequence[str], *, results: Sequence[str] | None = None) -> None:
    """An inline grammar of key sequences; each gives itself, or its like in ``results``."""
    values = list(results or keys)
    plain = results is None and all(len(key) == 1 for key in keys)
    attributes = {
        "xmlns": SRGS_NAMESPACE,
        "version": "1.0",
        "mode": "dtmf",
        "root": "keys",
        "tag-format": None if plain else "semantics/1.0",
    }
    with out.element("grammar", attributes), out.element("rule", {"id": "keys"}), out.element("one-of"):
        for key, value in zip(keys, values, strict=True):
            tag = "" if plain else f"<tag>out = {string_literal(value)};</tag>"
            out.markup("item", " ".join(key) + tag)


def navigation_events(navigation: Navigation) -> dict[str, str]:
    """Key to the event that the caller's pressing it throws."""
    if not navigation.enabled:
        return {}
    ways = {
        "repeat": navigation.repeat,
        "back": navigation.back,
        "start": navigation.start,
        "person": navigation.person,
    }
    return {key: f"vxmlplat.navigation.{way}" for way, key in ways.items() if key}


def navigation_grammar(navigation: Navigation) -> str | None:
    """The document ``navigation.grxml``: each navigation key after a star, giving its event's name."""
    events = navigation_events(navigation)
    if not events:
        return None
    out = XmlWriter()
    out.raw('<?xml version="1.0" encoding="UTF-8"?>')
    write_key_grammar(out, [f"*{key}" for key in events], results=list(events.values()))
    return out.result() + "\n"


def write_navigation_by_star(out: NodeWriter) -> bool:
    """Let navigation work in a modal field; whether there is any."""
    if not navigation_events(out.flow.navigation):
        return False
    out.empty("grammar", {"mode": "dtmf", "type": "application/srgs+xml", "src": NAVIGATION_GRAMMAR})
    return True
