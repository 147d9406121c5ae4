"""A grammar written out in the XML form of SRGS 1.0, whatever form it was read from."""

from __future__ import annotations

import re

from vxmlplat.grammar.model import (
    Alternatives,
    Choice,
    Expansion,
    GrammarDocument,
    Repeat,
    Rule,
    RuleReference,
    Sequence,
    Special,
    Tag,
    Token,
)
from vxmlplat.grammar.srgs_xml import NAMESPACE

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_srgs_xml(document: GrammarDocument) -> str:
    """The document as SRGS XML; parsed again it gives the same rules.

    References to other grammars are written as absolute URIs, so no base is declared. Characters that XML
    cannot hold become U+FFFD.
    """
    attributes = {
        "xmlns": NAMESPACE,
        "version": "1.0",
        "mode": document.mode.value,
        "xml:lang": document.language,
        "root": document.root,
        "tag-format": document.tag_format,
    }
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<grammar{_attributes(attributes)}>"]
    for meta in document.metas:
        if meta.name == "base" and not meta.http:
            continue
        kind = "http-equiv" if meta.http else "name"
        lines.append(f"  <meta{_attributes({kind: meta.name, 'content': meta.content})}/>")
    for lexicon in document.lexicons:
        lines.append(f"  <lexicon{_attributes({'uri': lexicon.uri, 'type': lexicon.media_type})}/>")
    lines += [f"  <tag>{_text(tag)}</tag>" for tag in document.tags]
    lines += [_rule(rule, document) for rule in document.rules.values()]
    lines.append("</grammar>\n")
    return "\n".join(lines)


def _rule(rule: Rule, document: GrammarDocument) -> str:
    scope = "public" if rule.public else None
    examples = "".join(f"<example>{_text(example)}</example>" for example in rule.examples)
    content = _expansion(rule.expansion) or "<item/>"
    return f"  <rule{_attributes({'id': rule.name, 'scope': scope})}>{examples}{content}</rule>"


def _attributes(attributes: dict[str, str | None]) -> str:
    return "".join(
        f' {name}="{_attribute_value(value)}"' for name, value in attributes.items() if value is not None
    )


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _text(text: str) -> str:
    escaped = _clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;")


def _attribute_value(text: str) -> str:
    return _text(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


def _expansion(expansion: Expansion) -> str:
    match expansion:
        case Token(text, language):
            return f"<token{_attributes({'xml:lang': language})}>{_text(text)}</token>"
        case Tag(content):
            return f"<tag>{_text(content)}</tag>"
        case Special(rule):
            return f'<ruleref special="{rule.value}"/>'
        case RuleReference():
            return _reference(expansion)
        case Sequence(parts):
            # A sequence in a sequence keeps its brackets.
            return "".join(
                f"<item>{_expansion(part)}</item>" if isinstance(part, Sequence) else _expansion(part)
                for part in parts
            )
        case Alternatives(choices):
            return "<one-of>" + "".join(_choice(choice) for choice in choices) + "</one-of>"
        case Repeat(inner, minimum, maximum, probability):
            times = (
                str(minimum)
                if maximum == minimum
                else f"{minimum}-" + ("" if maximum is None else str(maximum))
            )
            attributes = {"repeat": times, "repeat-prob": _number(probability)}
            return f"<item{_attributes(attributes)}>{_expansion(inner)}</item>"


def _choice(choice: Choice) -> str:
    return f"<item{_attributes({'weight': _number(choice.weight)})}>{_expansion(choice.expansion)}</item>"


def _reference(reference: RuleReference) -> str:
    uri = f"{reference.uri or ''}#{reference.rule}" if reference.rule else reference.uri
    return (
        f"<ruleref{_attributes({'uri': uri, 'type': reference.media_type, 'xml:lang': reference.language})}/>"
    )


def _number(number: float | None) -> str | None:
    return None if number is None else f"{number:.15g}" if 1e-4 <= number < 1e15 else f"{number:.20f}"
