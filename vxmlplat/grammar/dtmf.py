"""Keys, one by one, against the active DTMF grammars: what a digit collector asks after each key.

The four states are those that the timing of VoiceXML 2.0 appendix D turns on: with ``match-final`` the input is over
at once (or after ``termtimeout``), with ``match-can-extend`` after ``interdigittimeout`` or the terminator, with
``partial`` a terminator or a pause is a no match, with ``no`` it already is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vxmlplat.grammar.grammar import Grammar, Match


class DtmfState(StrEnum):
    """What the keys so far are to a grammar, or to several together."""

    NO = "no"
    PARTIAL = "partial"
    MATCH_CAN_EXTEND = "match-can-extend"
    MATCH_FINAL = "match-final"

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

    The order of ``grammars`` is the caller's precedence. All of them must be DTMF grammars.
    """

    keys: str
    """The keys fed so far."""

    def __init__(self, grammars: Iterable[ActiveGrammar]) -> None:
        raise NotImplementedError

    def feed(self, key: str) -> DtmfState:
        """Take one key (``0-9 * # A-D``) and return the state over all grammars together.

        Raises ``ValueError`` for anything that is no key.
        """
        raise NotImplementedError

    @property
    def state(self) -> DtmfState:
        """Over all grammars: a match if one matches, extensible if one can be extended."""
        raise NotImplementedError

    @property
    def states(self) -> Sequence[DtmfState]:
        """The state of each grammar, in the order given."""
        raise NotImplementedError

    def matches(self) -> list[tuple[int, Match]]:
        """The grammars that the keys so far match, as index and match, in the order given."""
        raise NotImplementedError
