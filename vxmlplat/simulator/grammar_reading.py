"""Grammars as a person reads them: the keys, the phrases, or a short pattern where there are too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vxmlplat.grammar.errors import GrammarError
from vxmlplat.grammar.model import (
    Alternatives,
    Expansion,
    GrammarDocument,
    Repeat,
    RuleReference,
    Special,
    Tag,
    Token,
)
from vxmlplat.grammar.model import Sequence as SequenceOf
from vxmlplat.vxml.platform import ActiveGrammar

MOST_PHRASES = 40
DEEPEST = 6
DIGITS = tuple("0123456789")


def read_grammar(active: ActiveGrammar) -> dict[str, Any]:
    """``{"mode", "phrases": […], "pattern"}``: either all phrases and no pattern, or none and a pattern."""
    grammar = active.grammar
    try:
        phrases = grammar.phrases(MOST_PHRASES, active.rules)
    except GrammarError:
        phrases = []
    if active.mode == "dtmf":
        phrases = ["".join(phrase.split()) for phrase in phrases]
    pattern = "" if phrases else _pattern(active)
    return {"mode": active.mode, "phrases": phrases, "pattern": pattern}


def _pattern(active: ActiveGrammar) -> str:
    grammar = active.grammar
    if grammar.uri.startswith("builtin:"):
        return grammar.uri.removeprefix("builtin:")
    names = active.rules or ((grammar.root,) if grammar.root else ())
    reader = _Reader(grammar.documents)
    return " | ".join(reader.rule(grammar.document, name, 0) for name in names) or "…"


class _Reader:
    def __init__(self, documents: Mapping[str, GrammarDocument]) -> None:
        self._documents = documents

    def rule(self, document: GrammarDocument, name: str, depth: int) -> str:
        rule = document.rules.get(name)
        if rule is None or depth > DEEPEST:
            return f"<{name}>"
        return self._text(document, rule.expansion, depth)

    def _text(self, document: GrammarDocument, expansion: Expansion, depth: int) -> str:
        match expansion:
            case Token():
                return expansion.text
            case Tag() | Special():
                return ""
            case RuleReference():
                other = document if expansion.uri is None else self._documents.get(expansion.uri)
                name = expansion.rule or (other.root if other is not None else None)
                return "…" if other is None or name is None else self.rule(other, name, depth + 1)
            case SequenceOf():
                return " ".join(filter(None, (self._text(document, part, depth) for part in expansion.parts)))
            case Alternatives():
                choices = [self._text(document, one.expansion, depth) for one in expansion.choices]
                return self._choices(choices)
            case Repeat():
                return _repeated(self._text(document, expansion.expansion, depth), expansion)

    @staticmethod
    def _choices(texts: Sequence[str]) -> str:
        shown = [text for text in dict.fromkeys(texts) if text]
        if set(DIGITS) <= set(shown):
            shown = ["0-9", *(text for text in shown if text not in DIGITS)]
        if len(shown) > MOST_PHRASES:
            shown = [*shown[:MOST_PHRASES], "…"]
        return shown[0] if len(shown) == 1 else f"({' | '.join(shown)})"


def _repeated(text: str, repeat: Repeat) -> str:
    if not text:
        return ""
    if (repeat.minimum, repeat.maximum) == (0, 1):
        return f"[{text}]"
    if repeat.maximum == repeat.minimum:
        return text if repeat.minimum == 1 else f"{text} ×{repeat.minimum}"
    most = "∞" if repeat.maximum is None else str(repeat.maximum)
    return f"{text} ×{repeat.minimum}–{most}"
