"""What the interpreter listens with, and what it then hears: a part of the port ``vxml/platform.py``.

Times are seconds, as floats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from vxmlplat.vxml.prompts import MarkPassed, Prompt

if TYPE_CHECKING:
    from vxmlplat.documents import Resource
    from vxmlplat.grammar.grammar import Grammar

JSON = Any  # what json.loads gives
Mode = Literal["dtmf", "voice"]


@dataclass(frozen=True, slots=True)
class Timing:
    """The timing properties of one wait (VoiceXML 2.0 §6.3.2, §6.3.3 and appendix D).

    ``timeout``: silence allowed after the prompts. ``termchar``: ``""`` when no key terminates.
    ``complete``, ``incomplete``: silence after speech that makes, or does not yet make, a full match.
    ``maxspeech``: longest utterance.
    """

    timeout: float = 10.0
    interdigit: float = 3.0
    term: float = 0.0
    termchar: str = "#"
    complete: float = 0.5
    incomplete: float = 1.0
    maxspeech: float = 60.0

    def with_timeout(self, timeout: float | None) -> Timing:
        """The same with another timeout, that of the last prompt (§4.1.7), if there is one."""
        return self if timeout is None else replace(self, timeout=timeout)


@dataclass(frozen=True, slots=True)
class ActiveGrammar:
    """One grammar that listens.

    ``rules`` are the active rules, none for the root. ``handle`` comes back in :class:`Heard` and is the
    interpreter's. The order of a request's grammars is their precedence: where two match the same input,
    the first wins (VoiceXML 2.0 §3.1.4). ``weight`` is a hint to recognisers.
    """

    grammar: Grammar
    mode: Mode
    handle: int
    rules: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recogniser is told (VoiceXML 2.0 §6.3.2). All but ``maxnbest`` are numbers from 0.0 to 1.0."""

    confidencelevel: float = 0.5
    sensitivity: float = 0.5
    speedvsaccuracy: float = 0.5
    maxnbest: int = 1
    vendor: tuple[tuple[str, str], ...] = ()
    """Properties of platforms (their names hold a dot), for engines that know them."""


@dataclass(frozen=True, slots=True)
class CollectRequest:
    """Play ``prompts`` and listen with ``grammars``.

    The timeout starts when the prompts end. Keys typed ahead are taken first. ``modes`` are those that the
    ``inputmodes`` property allows: input of another mode is ignored. ``record_utterance``: keep the
    caller's speech and hand it back as :attr:`Match.recording` (VoiceXML 2.1 §7), in the media type
    ``record_type`` when that is given.
    """

    prompts: tuple[Prompt, ...]
    grammars: tuple[ActiveGrammar, ...]
    timing: Timing
    recognition: Recognition
    lang: str
    modes: frozenset[Mode] = frozenset(("dtmf", "voice"))
    record_utterance: bool = False
    record_type: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One reading of what the caller said or keyed: an element of the n-best list.

    ``utterance``: the words, or the keys without the terminating one. ``interpretation``: JSON data, by
    the grammar's tags; ``confidence``: 0.0 to 1.0, 1.0 for keys. ``handle``: of the grammar that matched.
    ``failure`` says why the tags gave no interpretation: the document hears of it as ``error.semantic``.
    """

    utterance: str
    interpretation: JSON
    confidence: float
    mode: Mode
    handle: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """Audio kept from the caller. ``resource`` holds the bytes and media type; ``seconds`` its length."""

    resource: Resource
    seconds: float


@dataclass(frozen=True, slots=True)
class Match:
    """The caller was understood. ``nbest`` holds at least one, best first, at most ``maxnbest``."""

    nbest: tuple[Heard, ...]
    mark: MarkPassed | None = None
    recording: Recording | None = None


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Something was said or keyed that no grammar takes, or the confidence was too low.

    ``nbest`` may hold the rejected readings (they appear in ``application.lastresult$``).
    """

    nbest: tuple[Heard, ...] = ()
    mark: MarkPassed | None = None
    recording: Recording | None = None


@dataclass(frozen=True, slots=True)
class NoInput:
    """Silence until the timeout."""

    mark: MarkPassed | None = None


@dataclass(frozen=True, slots=True)
class MaxSpeechTimeout:
    """The caller spoke longer than ``maxspeech``."""

    mark: MarkPassed | None = None
    recording: Recording | None = None


@dataclass(frozen=True, slots=True)
class Hangup:
    """The caller has left."""

    mark: MarkPassed | None = None


CollectResult = Match | NoMatch | NoInput | MaxSpeechTimeout | Hangup
