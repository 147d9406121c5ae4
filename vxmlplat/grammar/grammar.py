"""A grammar that is ready to be used: linked with everything it refers to, compiled, immutable, safe to share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vxmlplat.grammar.model import GrammarDocument, JsonValue, Mode


class Grammar:
    """One grammar, compiled. Made by :mod:`vxmlplat.grammar.loading`, ``builtin_grammar`` or ``phrase_grammar``.

    Callers cache it by URI and validator; it holds no state of a call.
    """

    uri: str
    mode: Mode
    language: str | None
    root: str | None
    document: GrammarDocument

    def match(self, text: str | Sequence[str], rules: Iterable[str] = ()) -> Match | None:
        """The best match of the whole input, or None.

        ``text`` is words separated by blanks, or keys (blanks between them do not count); a sequence is taken word by
        word. ``rules`` are active together in place of the root. Raises ``GrammarReferenceError`` for a rule that is
        not there and ``GrammarLimitError`` for an input that costs too much.
        """
        raise NotImplementedError

    def phrases(self, limit: int | None = None, rules: Iterable[str] = ()) -> list[str]:
        """Every phrase of a finite voice grammar, for engines that score phrases.

        Raises ``GrammarLimitError`` when there are more than ``limit`` or without end.
        """
        raise NotImplementedError

    def to_srgs(self) -> str:
        """The grammar as SRGS XML text, for engines reached over MRCP."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Match:
    """An input that a grammar matched as a whole.

    ``rule`` is the active rule it matched, ``text`` what was said (keys without blanks).
    """

    grammar: Grammar
    rule: str
    text: str

    def structure(self) -> str:
        """The logical parse structure of SRGS 1.0 appendix H, as text."""
        raise NotImplementedError

    def interpret(self, score: float = 1.0) -> JsonValue:
        """The semantic interpretation (SISR 1.0, or the builtin's own value). Raises ``SemanticsError``.

        ``score`` is the recogniser's confidence, 0 to 1, which scripts read as ``meta.current().score``.
        """
        raise NotImplementedError
