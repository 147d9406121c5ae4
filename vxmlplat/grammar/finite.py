"""The phrases of a finite grammar, written out (for recognisers that score whole phrases)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vxmlplat.grammar.errors import GrammarLimitError
from vxmlplat.grammar.model import (
    Alternatives,
    Expansion,
    GrammarDocument,
    Repeat,
    RuleReference,
    Special,
    SpecialRule,
    Tag,
    Token,
)
from vxmlplat.grammar.model import Sequence as SequenceOf
from vxmlplat.grammar.network import RuleEntry
from vxmlplat.grammar.parse_tree import token_text

Phrases = dict[str, None]
"""Phrases in order, each once."""


def finite_phrases(
    document: GrammarDocument,
    documents: Mapping[str, GrammarDocument],
    active: Sequence[RuleEntry],
    limit: int,
) -> list[str]:
    """The phrases of the active rules. Raises ``GrammarLimitError`` for more than ``limit`` or endlessly
    many.
    """
    writer = _Writer(documents, limit)
    phrases: Phrases = {}
    for entry in active:
        try:
            phrases.update(writer.rule(entry.document, entry.name))
        except RecursionError:
            raise GrammarLimitError("rules and groups nest too deep", uri=document.uri) from None
        writer.check(len(phrases))
    return [phrase for phrase in phrases if phrase]


class _Writer:
    def __init__(self, documents: Mapping[str, GrammarDocument], limit: int) -> None:
        self.documents = documents
        self.limit = limit
        self.work = limit * 50
        self.known: dict[tuple[str, str], Phrases] = {}
        self.open: set[tuple[str, str]] = set()

    def check(self, count: int) -> None:
        if count > self.limit:
            raise GrammarLimitError(f"the grammar has more than {self.limit} phrases")

    def rule(self, document: GrammarDocument, name: str) -> Phrases:
        key = (document.uri, name)
        if key in self.known:
            return self.known[key]
        if key in self.open:
            raise GrammarLimitError(
                f"rule {name!r} refers to itself: its phrases have no end", uri=document.uri
            )
        if len(self.open) >= 100:
            raise GrammarLimitError("rules refer to rules more than 100 deep", uri=document.uri)
        self.open.add(key)
        phrases = self.known[key] = self.phrases(document.rules[name].expansion, document)
        self.open.remove(key)
        return phrases

    def phrases(self, expansion: Expansion, document: GrammarDocument) -> Phrases:
        match expansion:
            case Token():
                return {token_text(expansion, document): None}
            case SequenceOf(parts):
                phrases: Phrases = {"": None}
                for part in parts:
                    phrases = self.product(phrases, self.phrases(part, document))
                return phrases
            case Alternatives(choices):
                found: Phrases = {}
                for choice in choices:
                    found.update(self.phrases(choice.expansion, document))
                    self.check(len(found))
                return found
            case Repeat(inner, minimum, maximum):
                return self.repeat(self.phrases(inner, document), minimum, maximum)
            case RuleReference(rule, uri):
                target = document if uri is None else self.documents[uri]
                return self.rule(target, rule or target.root or "")
            case Special(SpecialRule.GARBAGE):
                raise GrammarLimitError("a grammar with GARBAGE has no end of phrases", uri=document.uri)
            case Special(SpecialRule.VOID):
                return {}
            case Special() | Tag():
                return {"": None}

    def repeat(self, once: Phrases, minimum: int, maximum: int | None) -> Phrases:
        if not any(once):  # nothing, or nothing said: rounds do not add to it
            return {"": None} if minimum == 0 else once
        if maximum is None:
            raise GrammarLimitError("a repeat without upper bound has no end of phrases")
        rounds: Phrases = {"": None}
        found: Phrases = {}
        for number in range(maximum + 1):
            if number >= minimum:
                found.update(rounds)
                self.check(len(found))
            if number < maximum:
                rounds = self.product(rounds, once)
        return found

    def product(self, left: Phrases, right: Phrases) -> Phrases:
        self.work -= len(left) * len(right) + 1
        if self.work < 0 or len(left) * len(right) > self.limit * 10:
            raise GrammarLimitError(f"the grammar has more than {self.limit} phrases")
        joined = {
            f"{first} {second}" if first and second else first or second: None
            for first in left
            for second in right
        }
        self.check(len(joined))
        return joined
