"""Word grammars of compiled documents (SRGS 1.0, XML form)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vxmlplat.flows.dtmf import SRGS_NAMESPACE
from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.texts import Text, in_language
from vxmlplat.flows.xml_writer import XmlWriter, escape_text


def phrases_of(text: Text, language: str) -> list[str]:
    """The lines of a text, each a way of saying it, without quotation marks (SRGS quotes tokens)."""
    lines = (in_language(text, language) or "").replace('"', " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


def write_phrase_grammar(out: XmlWriter, phrases: Mapping[str, Sequence[str]], language: str) -> None:
    """An inline grammar of what may be said; it gives the key under which the phrase stands."""
    attributes = {
        "xmlns": SRGS_NAMESPACE,
        "version": "1.0",
        "mode": "voice",
        "xml:lang": language,
        "root": "phrases",
        "tag-format": "semantics/1.0",
    }
    with out.element("grammar", attributes), out.element("rule", {"id": "phrases"}), out.element("one-of"):
        for result, ways in phrases.items():
            for way in ways:
                tag = escape_text(f"out = {string_literal(result)};")
                out.markup("item", f"{escape_text(way)}<tag>{tag}</tag>")
