"""Collecting input: one state machine for the telephone and the simulator (VoiceXML 2.0 §4.1.5, §6.3,
appendix D).

:class:`Collector` is pure: it is told what happened and when (a key, the end of the prompts, speech, a
hang-up, the passing of time), and says whether the prompts are to stop, when it wants to hear of time
again, and what the result is. It judges keys over all active grammars together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vxmlplat.grammar.dtmf import ActiveGrammar as ActiveKeys
from vxmlplat.grammar.dtmf import DtmfMatching, DtmfState
from vxmlplat.grammar.errors import GrammarError, SemanticsError
from vxmlplat.grammar.grammar import Match as GrammarMatch
from vxmlplat.vxml.platform import (
    JSON,
    ActiveGrammar,
    CollectResult,
    Hangup,
    Heard,
    MarkPassed,
    Match,
    MaxSpeechTimeout,
    NoInput,
    NoMatch,
    Prompt,
    Recognition,
    Timing,
)

MAX_KEYS = 500
"""Keys of one input; more are no match."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What a collector needs of a collect, record or transfer request."""

    grammars: Sequence[ActiveGrammar]
    timing: Timing
    recognition: Recognition
    modes: frozenset[str]


class KeyMatching:
    """Keys against the DTMF grammars of a request, in their precedence."""

    def __init__(self, grammars: Sequence[ActiveGrammar]) -> None:
        self._grammars = [one for one in grammars if one.mode == "dtmf"]
        self._matching: DtmfMatching | None = None
        self.keys = ""

    @property
    def listens(self) -> bool:
        """Whether any DTMF grammar is active."""
        return bool(self._grammars)

    def reset(self) -> None:
        """Forget the keys."""
        self._matching = None
        self.keys = ""

    def feed(self, key: str) -> DtmfState:
        """Take a key."""
        self.keys += key
        if len(self.keys) > MAX_KEYS:
            return DtmfState.NO
        try:
            return self._machine().feed(key)
        except GrammarError:
            return DtmfState.NO

    def takes(self, key: str) -> bool:
        """Whether a grammar could go on with the key; nothing changes."""
        machine = DtmfMatching([ActiveKeys(one.grammar, one.rules) for one in self._grammars])
        try:
            state = DtmfState.NO
            for known in self.keys + key:
                state = machine.feed(known)
        except GrammarError:
            return False
        return state is not DtmfState.NO

    @property
    def state(self) -> DtmfState:
        """What the keys so far are."""
        return self._machine().state

    def heard(self) -> Heard | None:
        """The reading of the first grammar that the keys match."""
        try:
            for index, match in self._machine().matches():
                return read_match(match, self._grammars[index], 1.0, self.keys)
        except GrammarError:
            return None
        return None

    def _machine(self) -> DtmfMatching:
        if self._matching is None:
            self._matching = DtmfMatching([ActiveKeys(one.grammar, one.rules) for one in self._grammars])
        return self._matching


def read_match(match: GrammarMatch, active: ActiveGrammar, confidence: float, utterance: str) -> Heard:
    """A match of an active grammar as a reading; tags that fail make one without an interpretation."""
    value: JSON = None
    failure: str | None = None
    try:
        value = match.interpret(confidence)
    except SemanticsError as error:
        failure = str(error)
    return Heard(utterance, value, confidence, active.mode, active.handle, failure)


class Collector:
    """One wait. All times are seconds on one clock that never goes back.

    Call :meth:`prompt_started` as each prompt begins and :meth:`prompts_finished` when the last has ended
    (at once when there is none). After every call look at :attr:`stop_prompts`, :attr:`deadline` and
    :attr:`result`.
    """

    def __init__(self, listening: Listening) -> None:
        self._timing = listening.timing
        self._recognition = listening.recognition
        self._modes = listening.modes
        self._keys = KeyMatching(listening.grammars if "dtmf" in listening.modes else ())
        self._voice = "voice" in listening.modes and any(one.mode == "voice" for one in listening.grammars)
        self._prompt: Prompt | None = None
        self._finished = False
        self._speaking = False
        self._complete = False
        self.leftover = ""
        """A key that came after the input was complete and belongs to the next wait: type-ahead."""
        self.stop_prompts = False
        """Whether the prompts must be silent by now: barge-in."""
        self.deadline: float | None = None
        """When :meth:`time_reached` is to be called next; None: nothing is timed."""
        self.result: CollectResult | None = None

    @property
    def keys(self) -> str:
        """The keys of this input so far."""
        return self._keys.keys

    # ------------------------------------------------------------------------------------------ prompts

    def prompt_started(self, prompt: Prompt) -> None:
        """A prompt begins to play."""
        self._prompt = prompt

    def prompts_finished(self, moment: float) -> None:
        """All prompts have been played: the timeout starts, unless input has begun."""
        self._prompt = None
        self._finished = True
        if self.result is None and not self._keys.keys and not self._speaking:
            self.deadline = moment + self._timing.timeout

    @property
    def _deaf(self) -> bool:
        return self._prompt is not None and not self._prompt.bargein

    @property
    def _hotword(self) -> bool:
        return self._prompt is not None and self._prompt.bargeintype == "hotword"

    # ------------------------------------------------------------------------------------------ keys

    def key(self, moment: float, key: str) -> bool:
        """A key; returns False when it was ignored: no DTMF grammar, or a prompt that forbids barge-in."""
        if self.result is not None or not self._keys.listens or self._deaf:
            return False
        key = key.upper()
        termchar = self._timing.termchar
        if self._complete:
            self.leftover = "" if key == termchar else key
            self._match()
            return True
        if termchar and key == termchar and not self._keys.takes(key):
            return self._terminated(moment)
        state = self._keys.feed(key)
        if state is DtmfState.NO and self._hotword:
            self._keys.reset()
            return True
        if not self._hotword:
            self._interrupt()
        if state is DtmfState.NO:
            self._no_match()
        elif state is DtmfState.MATCH_FINAL:
            if termchar and self._timing.term > 0:
                self._complete = True
                self.deadline = moment + self._timing.term
            else:
                self._match()
        else:
            self.deadline = moment + self._timing.interdigit
        return True

    def _terminated(self, moment: float) -> bool:
        """The terminating key, outside of every grammar (§6.3.3 termchar)."""
        if self._hotword and not self._keys.keys:
            return True
        self._interrupt()
        if self._keys.state.is_match:
            self._match()
        else:
            self._no_match()
        return True

    def _interrupt(self) -> None:
        self.stop_prompts = self.stop_prompts or self._prompt is not None
        self._prompt = None
        self._finished = True

    def _match(self) -> None:
        heard = self._keys.heard()
        if heard is None:
            self._no_match()
            return
        self._interrupt()
        self._end(Match((heard,)))

    def _no_match(self) -> None:
        nbest = (Heard(self._keys.keys, self._keys.keys, 1.0, "dtmf", -1),) if self._keys.keys else ()
        self._end(NoMatch(nbest))

    # ------------------------------------------------------------------------------------------ speech

    @property
    def hears_speech(self) -> bool:
        """Whether speech counts at this moment."""
        return self.result is None and self._voice and not self._deaf and not self._keys.keys

    def speech_began(self, _moment: float) -> None:
        """The caller starts to speak: silence is over."""
        if not self.hears_speech:
            return
        self._speaking = True
        self.deadline = None
        if not self._hotword:
            self._interrupt()

    def speech_ended(self, moment: float, nbest: Sequence[Heard]) -> bool:
        """The recogniser's readings, best first, none for what it did not understand; False when they were
        ignored.

        Readings below the confidence level do not count; of the others at most ``maxnbest`` are kept.
        """
        self._speaking = False
        if not self.hears_speech:
            self._resume(moment)
            return False
        level = self._recognition.confidencelevel
        kept = sorted(
            (heard for heard in nbest if heard.confidence >= level),
            key=lambda heard: -heard.confidence,
        )[: self._recognition.maxnbest]
        if not kept and self._hotword:
            self._resume(moment)
            return False
        self._interrupt()
        if kept:
            self._end(Match(tuple(kept)))
        else:
            self._end(NoMatch(tuple(nbest[: self._recognition.maxnbest])))
        return True

    def speech_too_long(self, moment: float) -> bool:
        """The caller spoke longer than ``maxspeechtimeout``."""
        self._speaking = False
        if not self.hears_speech or self._hotword:
            self._resume(moment)
            return False
        self._interrupt()
        self._end(MaxSpeechTimeout())
        return True

    def _resume(self, moment: float) -> None:
        if self._finished and self.result is None and self.deadline is None:
            self.deadline = moment + self._timing.timeout

    # ------------------------------------------------------------------------------------------ time, end

    def time_reached(self, moment: float) -> None:
        """Time has passed; acts when the deadline is over."""
        if self.result is not None or self.deadline is None or moment < self.deadline:
            return
        if not self._keys.keys:
            self._end(NoInput())
        elif self._keys.state.is_match:
            self._match()
        elif self._hotword:
            self._keys.reset()
            self.deadline = None
        else:
            self._no_match()

    def hangup(self) -> None:
        """The caller has left."""
        if self.result is None:
            self._end(Hangup())

    def _end(self, result: CollectResult) -> None:
        self.result = result
        self.deadline = None

    def result_with(self, mark: MarkPassed | None) -> CollectResult:
        """The result together with the last mark that was heard."""
        assert self.result is not None
        return self.result if mark is None else replace(self.result, mark=mark)


def collecting(
    grammars: Sequence[ActiveGrammar], timing: Timing, recognition: Recognition, modes: frozenset[str]
) -> Collector:
    """A collector for the parts of any request that listens."""
    return Collector(Listening(grammars, timing, recognition, modes))


def recognise_text(grammars: Sequence[ActiveGrammar], said: Sequence[tuple[str, float]]) -> list[Heard]:
    """The readings of words as if a recogniser had understood them exactly: for the simulator and tests.

    ``said`` holds words and confidence, best first; of each the first grammar that matches counts.
    """
    found: list[Heard] = []
    for words, confidence in said:
        for active in grammars:
            if active.mode != "voice":
                continue
            try:
                match = active.grammar.match(words, active.rules)
                if match is not None:
                    found.append(read_match(match, active, confidence, match.text))
                    break
            except GrammarError:
                continue
    return found
