"""Keys, one by one, against the active DTMF grammars: what a digit collector asks after each key.

The four states are those that the timing of VoiceXML 2.0 appendix D turns on: with ``match-final`` the
input is over at once (or after ``termtimeout``), with ``match-can-extend`` after ``interdigittimeout`` or
the terminator, with ``partial`` a terminator or a pause is a no match, with ``no`` it already is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

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


@dataclass(slots=True)
class _Step:
    """What some keys are to several grammars; ``matches`` once somebody has asked for them."""

    states: tuple[DtmfState, ...]
    state: DtmfState
    matches: tuple[tuple[int, Match], ...] | None = None


@lru_cache(maxsize=512)
def _first_steps(grammars: tuple[ActiveGrammar, ...]) -> dict[str, _Step]:
    """What no key and each first key are to these grammars, as far as it was found out.

    Most inputs are one key into a menu, the same few in every call. Longer ones may be a secret, and are not
    kept. Raises as :class:`DtmfMatching` does.
    """
    for active in grammars:
        if active.grammar.mode is not Mode.DTMF:
            raise ValueError(f"{active.grammar.uri} is no DTMF grammar")
        active.grammar.active_rules(active.rules)
    return {}


class DtmfMatching:
    """The keys of one input against several active grammars at once.

    The order of ``grammars`` is the caller's precedence. All of them must be DTMF grammars (``ValueError``
    if not).
    """

    def __init__(self, grammars: Iterable[ActiveGrammar]) -> None:
        self.grammars = tuple(grammars)
        self.keys = ""
        """The keys fed so far."""
        self._first = _first_steps(self.grammars)
        self._step: _Step | None = None
        self._recognitions: list[Recognition | None] | None = None
        self._fed = 0

    def feed(self, key: str) -> DtmfState:
        """Take one key (``0-9 * # A-D``) and return the state over all grammars together.

        Raises ``ValueError`` for anything that is no key, and ``GrammarLimitError`` for an input without end.
        """
        sign = key_of(key)
        if sign is None:
            raise ValueError(f"{key!r} is no key")
        self.keys += sign
        self._step = None
        return self._here().state

    @property
    def state(self) -> DtmfState:
        """Over all grammars: a match if one matches, extensible if one can be extended."""
        return self._here().state

    @property
    def states(self) -> Sequence[DtmfState]:
        """The state of each grammar, in the order given."""
        return self._here().states

    def matches(self) -> list[tuple[int, Match]]:
        """The grammars that the keys so far match, as index and match, in the order given."""
        here = self._here()
        if here.matches is None:
            found: list[tuple[int, Match]] = []
            for index, recognition in enumerate(self._caught_up()):
                if recognition is not None:
                    match = self.grammars[index].grammar.matched(recognition, self.keys)
                    if match is not None:
                        found.append((index, match))
            here.matches = tuple(found)
        return list(here.matches)

    def _here(self) -> _Step:
        if self._step is None:
            first = len(self.keys) <= 1
            step = self._first.get(self.keys) if first else None
            if step is None:
                states = tuple(
                    DtmfState.NO
                    if recognition is None
                    else DtmfState.of(recognition.completed() is not None, recognition.can_extend)
                    for recognition in self._caught_up()
                )
                matches, extends = any(s.is_match for s in states), any(s.can_extend for s in states)
                step = _Step(states, DtmfState.of(matches, extends))
                if first:
                    self._first[self.keys] = step
            self._step = step
        return self._step

    def _caught_up(self) -> list[Recognition | None]:
        """The recognitions, which have taken all keys; None for one that could not go on."""
        if self._recognitions is None:
            self._recognitions = []
            for active in self.grammars:
                grammar = active.grammar
                rules = grammar.active_rules(active.rules)
                self._recognitions.append(Recognition(grammar.network, rules, grammar.limits))
        recognitions = self._recognitions
        while self._fed < len(self.keys):
            sign = self.keys[self._fed]
            self._fed += 1
            for index, recognition in enumerate(recognitions):
                if recognition is not None and not recognition.feed(sign):
                    recognitions[index] = None
        return recognitions
