"""Keys, one by one, against the active DTMF grammars: what a digit collector asks after each key.

The four states are those that the timing of VoiceXML 2.0 appendix D turns on: with ``match-final`` the
input is over at once (or after ``termtimeout``), with ``match-can-extend`` after ``interdigittimeout`` or
the terminator, with ``partial`` a terminator or a pause is a no match, with ``no`` it already is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vxmlplat.grammar.document_checks import key_of
from vxmlplat.grammar.grammar import Grammar, Match
from vxmlplat.grammar.matcher import Recognition
from vxmlplat.grammar.model import Mode


class DtmfState(StrEnum):
    """What the keys so far are to a grammar, or to several together."""

    NO = "no"
    PARTIAL = "partial"
    MATCH_CAN_EXTEND = "match-can-extend"
    MATCH_FINAL = "match-final"

    @classmethod
    def of(cls, is_match: bool, can_extend: bool) -> DtmfState:
        """The state of keys that are (or are not) a sentence, and begin (or do not begin) a longer one."""
        if is_match:
            return cls.MATCH_CAN_EXTEND if can_extend else cls.MATCH_FINAL
        return cls.PARTIAL if can_extend else cls.NO

    @property
    def is_match(self) -> bool:
        """Whether the keys so far are a sentence."""
        return self in (DtmfState.MATCH_CAN_EXTEND, DtmfState.MATCH_FINAL)

    @property
    def can_extend(self) -> bool:
        """Whether a longer sentence begins with the keys so far."""
        return self in (DtmfState.PARTIAL, DtmfState.MATCH_CAN_EXTEND)


@dataclass(frozen=True, slots=True)
class ActiveGrammar:
    """A grammar and the rules of it that are active; none named means its root."""

    grammar: Grammar
    rules: tuple[str, ...] = ()


class DtmfMatching:
    """The keys of one input against several active grammars at once.

    The order of ``grammars`` is the caller's precedence. All of them must be DTMF grammars (``ValueError``
    if not).
    """

    def __init__(self, grammars: Iterable[ActiveGrammar]) -> None:
        self.grammars = tuple(grammars)
        self.keys = ""
        """The keys fed so far."""
        self._recognitions: list[Recognition | None] = []
        for active in self.grammars:
            grammar = active.grammar
            if grammar.mode is not Mode.DTMF:
                raise ValueError(f"{grammar.uri} is no DTMF grammar")
            rules = grammar.active_rules(active.rules)
            self._recognitions.append(Recognition(grammar.network, rules, grammar.limits))

    def feed(self, key: str) -> DtmfState:
        """Take one key (``0-9 * # A-D``) and return the state over all grammars together.

        Raises ``ValueError`` for anything that is no key, and ``GrammarLimitError`` for an input without end.
        """
        sign = key_of(key)
        if sign is None:
            raise ValueError(f"{key!r} is no key")
        self.keys += sign
        for index, recognition in enumerate(self._recognitions):
            if recognition is not None and not recognition.feed(sign):
                self._recognitions[index] = None
        return self.state

    @property
    def state(self) -> DtmfState:
        """Over all grammars: a match if one matches, extensible if one can be extended."""
        states = self.states
        return DtmfState.of(
            any(state.is_match for state in states), any(state.can_extend for state in states)
        )

    @property
    def states(self) -> Sequence[DtmfState]:
        """The state of each grammar, in the order given."""
        return tuple(
            DtmfState.NO
            if recognition is None
            else DtmfState.of(recognition.completed() is not None, recognition.can_extend)
            for recognition in self._recognitions
        )

    def matches(self) -> list[tuple[int, Match]]:
        """The grammars that the keys so far match, as index and match, in the order given."""
        found: list[tuple[int, Match]] = []
        for index, recognition in enumerate(self._recognitions):
            if recognition is not None:
                match = self.grammars[index].grammar.matched(recognition, self.keys)
                if match is not None:
                    found.append((index, match))
        return found
