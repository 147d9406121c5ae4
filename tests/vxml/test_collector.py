"""The digit collector: appendix D of VoiceXML 2.0 over all active grammars, in made-up time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.grammar.phrases import keys_grammar
from vxmlplat.vxml.collector import Collector, collecting
from vxmlplat.vxml.platform import (
    ActiveGrammar,
    Hangup,
    Heard,
    Match,
    NoInput,
    NoMatch,
    Prompt,
    Recognition,
    Text,
    Timing,
)

BOTH = frozenset({"dtmf", "voice"})


def make(*uris: str, timing: Timing | None = None, modes: frozenset[str] = BOTH) -> Collector:
    grammars = [
        ActiveGrammar(
            keys_grammar(uri) if not uri.startswith("builtin") else builtin_grammar(uri), "dtmf", number
        )
        for number, uri in enumerate(uris)
    ]
    collector = collecting(grammars, timing or Timing(), Recognition(), modes)
    collector.prompts_finished(0.0)
    return collector


def keys_of(collector: Collector) -> str:
    assert isinstance(collector.result, Match)
    return collector.result.nbest[0].utterance


def prompt(**members: object) -> Prompt:
    return Prompt((Text("hello", "en-US"),), "en-US", **members)  # type: ignore[arg-type]  # as named by the test


def test_silence_is_noinput_at_the_timeout() -> None:
    collector = make("1", timing=Timing(timeout=4.0))
    assert collector.deadline == 4.0
    collector.time_reached(3.9)
    assert collector.result is None
    collector.time_reached(4.0)
    assert collector.result == NoInput()


def test_a_key_that_completes_every_grammar_ends_at_once() -> None:
    collector = make("1", "2")
    assert collector.key(1.0, "2")
    assert isinstance(collector.result, Match)
    assert collector.result.nbest[0].handle == 1


def test_a_longer_sentence_of_another_grammar_waits_for_the_interdigit_timeout() -> None:
    collector = make("1", "12", timing=Timing(interdigit=2.0))
    collector.key(1.0, "1")
    assert collector.result is None
    assert collector.deadline == 3.0
    collector.time_reached(3.0)
    assert keys_of(collector) == "1"


def test_partial_keys_are_no_match_after_the_interdigit_timeout() -> None:
    collector = make("123", timing=Timing(interdigit=2.0))
    collector.key(1.0, "1")
    collector.key(2.5, "2")
    collector.time_reached(4.4)
    assert collector.result is None
    collector.time_reached(4.5)
    assert isinstance(collector.result, NoMatch)


def test_the_terminating_key_ends_and_is_not_part_of_the_result() -> None:
    collector = make("builtin:dtmf/digits")
    for key in "47#":
        collector.key(1.0, key)
    assert keys_of(collector) == "47"


def test_the_terminating_key_after_too_few_is_no_match() -> None:
    collector = make("123")
    collector.key(1.0, "1")
    collector.key(1.0, "#")
    assert isinstance(collector.result, NoMatch)


def test_a_terminating_key_that_a_grammar_takes_belongs_to_it() -> None:
    collector = make("#", "12")
    collector.key(1.0, "#")
    assert keys_of(collector) == "#"


def test_termtimeout_swallows_the_terminating_key_after_a_full_match() -> None:
    collector = make("12", timing=Timing(term=2.0))
    collector.key(1.0, "1")
    collector.key(1.5, "2")
    assert collector.result is None
    assert collector.deadline == 3.5
    collector.key(2.0, "#")
    assert keys_of(collector) == "12"


def test_termtimeout_runs_out_into_the_match() -> None:
    collector = make("12", timing=Timing(term=2.0))
    collector.key(1.0, "1")
    collector.key(1.5, "2")
    collector.time_reached(3.5)
    assert keys_of(collector) == "12"


def test_another_key_in_the_termtimeout_belongs_to_the_next_input() -> None:
    collector = make("12", timing=Timing(term=2.0))
    for key in "123":
        collector.key(1.0, key)
    assert keys_of(collector) == "12"
    assert collector.leftover == "3"


def test_a_prompt_without_bargein_is_deaf() -> None:
    collector = make("1")
    collector.prompt_started(prompt(bargein=False))
    assert not collector.key(0.5, "1")
    assert not collector.stop_prompts
    assert not collector.hears_speech


def test_a_key_stops_the_prompt() -> None:
    collector = make("12")
    collector.prompt_started(prompt())
    assert collector.key(0.5, "1")
    assert collector.stop_prompts


def test_during_a_hotword_prompt_only_a_match_counts() -> None:
    collector = make("12")
    collector.prompt_started(prompt(bargeintype="hotword"))
    collector.key(0.5, "9")
    collector.key(0.6, "1")
    assert not collector.stop_prompts
    assert collector.result is None
    collector.key(0.7, "2")
    assert keys_of(collector) == "12"
    assert collector.stop_prompts


def test_keys_without_a_dtmf_grammar_are_ignored() -> None:
    assert not make().key(1.0, "1")
    assert not make("1", modes=frozenset({"voice"})).key(1.0, "1")


def test_hangup_ends_the_wait() -> None:
    collector = make("1")
    collector.hangup()
    assert collector.result == Hangup()


@pytest.mark.parametrize(("confidence", "kind"), [(0.4, NoMatch), (0.6, Match)])
def test_speech_below_the_confidence_level_is_no_match(confidence: float, kind: type) -> None:
    grammar = builtin_grammar("builtin:grammar/boolean", "en-US")
    collector = collecting([ActiveGrammar(grammar, "voice", 0)], Timing(), Recognition(), BOTH)
    collector.prompts_finished(0.0)
    collector.speech_began(1.0)
    assert collector.deadline is None
    collector.speech_ended(2.0, [Heard("yes", True, confidence, "voice", 0)])
    assert isinstance(collector.result, kind)


def test_nbest_is_ordered_and_bounded() -> None:
    grammar = builtin_grammar("builtin:grammar/boolean", "en-US")
    request = Recognition(confidencelevel=0.3, maxnbest=2)
    collector = collecting([ActiveGrammar(grammar, "voice", 0)], Timing(), request, BOTH)
    collector.prompts_finished(0.0)
    heard = [
        Heard(word, word, confidence, "voice", 0) for word, confidence in (("a", 0.5), ("b", 0.9), ("c", 0.4))
    ]
    collector.speech_ended(1.0, heard)
    assert isinstance(collector.result, Match)
    assert [one.utterance for one in collector.result.nbest] == ["b", "a"]


@given(
    st.lists(
        st.sampled_from(("1", "12", "123", "9#", "builtin:dtmf/digits?length=3")),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.lists(st.tuples(st.sampled_from("129#*"), st.floats(0.01, 5.0)), max_size=8),
)
def test_every_wait_ends_and_time_never_runs_backwards(
    uris: list[str], presses: list[tuple[str, float]]
) -> None:
    collector = make(*uris)
    now = 0.0
    for key, gap in presses:
        now += gap
        if collector.deadline is not None and collector.deadline <= now:
            collector.time_reached(now)
        if collector.result is not None:
            break
        collector.key(now, key)
        assert collector.result is not None or (collector.deadline is not None and collector.deadline >= now)
    if collector.result is None:
        assert collector.deadline is not None
        collector.time_reached(collector.deadline)
    assert collector.result is not None
    assert collector.deadline is None
