"""What a match is made of: rules, tokens and tags in the order they were met; and its text (SRGS 1.0
appendix H).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from vxmlplat.grammar.document_checks import key_of
from vxmlplat.grammar.matcher import GarbageWord, Item
from vxmlplat.grammar.model import GrammarDocument, Mode, RuleReference, Tag, Token
from vxmlplat.grammar.network import RuleEntry


@dataclass(slots=True, eq=False)
class RuleMatch:
    """One application of a rule: the words from ``start`` up to, not including, ``end``.

    ``reference`` is what referred to it, None for the active rule.
    """

    document: GrammarDocument = field(repr=False)
    name: str
    reference: RuleReference | None
    start: int
    end: int
    children: list[Part] = field(default_factory=list, repr=False)


Part: TypeAlias = RuleMatch | Token | Tag | GarbageWord


def build_tree(entry: RuleEntry, item: Item) -> RuleMatch:
    """The parse that ends in ``item``, the completed active rule."""
    root = RuleMatch(entry.document, entry.name, None, item.origin, item.end)
    # A rule's parts are met from the last to the first; rules without a name go into the rule around them.
    agenda: list[tuple[RuleMatch, Item | None]] = [(root, item)]
    while agenda:
        rule, at = agenda.pop()
        while at is not None:
            via, before = at.via, at.before
            if isinstance(via, Item):
                edge = at.edge
                assert edge is not None
                assert edge.callee is not None
                if edge.reference is None:
                    agenda.append((rule, before))
                    before = via
                else:
                    called = edge.callee
                    inner = RuleMatch(called.document, called.name, edge.reference, via.origin, via.end)
                    rule.children.append(inner)
                    agenda.append((rule, before))
                    rule, before = inner, via
            elif via is not None:
                rule.children.append(via)
            at = before
    for rule in walk(root):
        rule.children.reverse()
    return root


def walk(root: RuleMatch) -> Iterator[RuleMatch]:
    """The root and every rule under it, each before its own."""
    agenda = [root]
    while agenda:
        rule = agenda.pop()
        yield rule
        agenda.extend(child for child in reversed(rule.children) if isinstance(child, RuleMatch))


def structure(root: RuleMatch) -> str:
    """The logical parse structure as text: ``$main["a",$other[...],$<URI#rule>[...],{!{tag}!}]``."""
    text: list[str] = []
    agenda: list[Part | str] = [root]
    while agenda:
        part = agenda.pop()
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, Tag):
            text.append("{!{" + part.content + "}!}")
        elif isinstance(part, RuleMatch):
            text.append(_label(part) + "[")
            agenda.append("]")
            shown = [child for child in part.children if not isinstance(child, GarbageWord)]
            for index in range(len(shown) - 1, -1, -1):
                child = shown[index]
                agenda.append(f'"{token_text(child, part.document)}"' if isinstance(child, Token) else child)
                if index:
                    agenda.append(",")
    return "".join(text)


def _label(rule: RuleMatch) -> str:
    reference = rule.reference
    if reference is None or reference.uri is None:
        return f"${rule.name}"
    return f"$<{reference.uri}#{reference.rule}>" if reference.rule else f"$<{reference.uri}>"


def token_text(token: Token, document: GrammarDocument) -> str:
    """A token as the grammar writes it, keys by their sign."""
    if document.mode is Mode.DTMF:
        return " ".join(key_of(word) or word for word in token.text.split())
    return token.text


def leaves(root: RuleMatch) -> tuple[list[str], dict[RuleMatch, tuple[int, int]]]:
    """What was matched, token by token as the grammar writes them (keys one by one), with the words of
    GARBAGE.

    With it, for every rule of the parse, from where to where its part of the list goes.
    """
    words: list[str] = []
    begun: dict[RuleMatch, int] = {}
    spans: dict[RuleMatch, tuple[int, int]] = {}
    agenda: list[tuple[Part, GrammarDocument]] = [(root, root.document)]
    while agenda:
        part, document = agenda.pop()
        if isinstance(part, RuleMatch):
            if part in begun:
                spans[part] = (begun[part], len(words))
            else:
                begun[part] = len(words)
                agenda.append((part, document))
                agenda.extend((child, part.document) for child in reversed(part.children))
        elif isinstance(part, Token):
            text = token_text(part, document)
            words += text.split() if document.mode is Mode.DTMF else [text]
        elif isinstance(part, GarbageWord):
            words.append(part.word)
    return words, spans


def matched_text(root: RuleMatch) -> str:
    """What a rule matched: words with single blanks, keys without."""
    return ("" if root.document.mode is Mode.DTMF else " ").join(leaves(root)[0])
