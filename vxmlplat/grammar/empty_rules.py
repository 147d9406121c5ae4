"""Which parts and rules of a grammar can match nothing said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vxmlplat.grammar.model import (
    Alternatives,
    Expansion,
    GrammarDocument,
    Repeat,
    RuleReference,
    Sequence,
    Special,
    SpecialRule,
    Token,
)


def documents_once(documents: Mapping[str, GrammarDocument]) -> list[GrammarDocument]:
    """The documents, each once though several URIs may lead to it."""
    return list({document.uri: document for document in documents.values()}.values())


def matches_nothing_said(
    expansion: Expansion,
    document: GrammarDocument,
    documents: Mapping[str, GrammarDocument],
    known: set[tuple[str, str]],
) -> bool:
    """Whether an expansion can match an empty input, given the rules (URI, name) that can."""
    match expansion:
        case Token() | Special(SpecialRule.VOID):
            return False
        case Sequence(parts):
            return all(matches_nothing_said(part, document, documents, known) for part in parts)
        case Alternatives(choices):
            return any(
                matches_nothing_said(choice.expansion, document, documents, known) for choice in choices
            )
        case Repeat(part, minimum):
            return minimum == 0 or matches_nothing_said(part, document, documents, known)
        case RuleReference(rule, uri):
            target = document if uri is None else documents[uri]
            return (target.uri, rule or target.root or "") in known
        case _:
            return True


def rules_that_match_nothing_said(documents: Mapping[str, GrammarDocument]) -> set[tuple[str, str]]:
    """The rules (URI, name) that can match an empty input: a least fixed point, in time linear in the
    grammar.

    Each part counts what it still needs to be empty; one that needs nothing more is reported to the part
    around it.
    """
    known: set[tuple[str, str]] = set()
    waiting: dict[tuple[str, str], list[_Need]] = {}
    for document in documents_once(documents):
        for rule in document.rules.values():
            agenda: list[tuple[Expansion, _Need]] = [
                (rule.expansion, _Need(1, None, (document.uri, rule.name)))
            ]
            while agenda:
                expansion, around = agenda.pop()
                match expansion:
                    case Token() | Special(SpecialRule.VOID):
                        pass
                    case Sequence(parts) if parts:
                        need = _Need(len(parts), around, None)
                        agenda += [(part, need) for part in parts]
                    case Alternatives(choices):
                        need = _Need(1, around, None)
                        agenda += [(choice.expansion, need) for choice in choices]
                    case Repeat(part, minimum) if minimum > 0:
                        agenda.append((part, around))
                    case RuleReference(name, other):
                        target = document if other is None else documents[other]
                        key = (target.uri, name or target.root or "")
                        if key in known:
                            around.report(known, waiting)
                        else:
                            waiting.setdefault(key, []).append(around)
                    case _:
                        around.report(known, waiting)
    return known


@dataclass(slots=True, eq=False)
class _Need:
    """A part of a rule (``key`` for a whole rule) that can be empty when ``count`` of its parts are."""

    count: int
    around: _Need | None
    key: tuple[str, str] | None

    def report(self, known: set[tuple[str, str]], waiting: dict[tuple[str, str], list[_Need]]) -> None:
        """One more part can be empty."""
        agenda = [self]
        while agenda:
            need = agenda.pop()
            need.count -= 1
            if need.count != 0:
                continue
            if need.around is not None:
                agenda.append(need.around)
            if need.key is not None:
                known.add(need.key)
                agenda += waiting.pop(need.key, ())
