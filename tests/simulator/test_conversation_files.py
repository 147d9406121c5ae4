"""Conversation tests as files: read with lines, written for people, and the same after both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.simulator.conversation_test import (
    ANY_LANGUAGE,
    COMPARISONS,
    ENDS,
    TRANSFERS,
    ConversationTest,
    ConversationTestError,
    Does,
    Ends,
    Entered,
    Handed,
    Hears,
    Holds,
    Line,
    MockAnswer,
)
from vxmlplat.simulator.conversation_writing import renamed, write_test
from vxmlplat.simulator.conversation_yaml import MAX_BYTES, read_test

HEAD = "name: t\nflow: f\n"

# What YAML keeps as it is, with everything that it would make something else of.
texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=20),
    st.sampled_from(
        ["1", "007", "yes", "null", "~", "#", "*", "12:30", "2026-01-05", "- a", "a: b", "1e3", "0x1F"]
    ),
)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,10}", fullmatch=True)
languages = st.sampled_from(["en-US", "zh-CN", "de"])
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1000, 1000), st.floats(0.25, 99.75, width=16), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
heard = st.one_of(
    texts.map(lambda text: {ANY_LANGUAGE: text}), st.dictionaries(languages, texts, min_size=1, max_size=3)
)
actions: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.from_regex(r"[0-9*#A-D?]{1,8}", fullmatch=True).map(lambda keys: {"dtmf": keys}),
    st.just({"dtmf": "2", "during": "prompt"}),
    st.builds(
        lambda said, confidence: {"say": said, "confidence": confidence}, texts, st.sampled_from([0.5, 1.0])
    ),
    st.just({"noinput": True}),
    st.just({"hangup": True}),
    st.builds(
        lambda s, end: {"record": s, "end": end},
        st.sampled_from([0.5, 3.0]),
        st.sampled_from(["#", "1", "silence", "hangup"]),
    ),
    st.builds(
        lambda met, after: {"transfer": met, "after": after},
        st.sampled_from(TRANSFERS),
        st.sampled_from([0.0, 7.5]),
    ),
)
steps = st.builds(
    Line,
    st.one_of(
        st.builds(Hears, heard, st.sampled_from([one for one in COMPARISONS if one != "pattern"])),
        st.builds(Does, actions),
        st.builds(Entered, names),
        st.builds(Holds, st.dictionaries(names, values, max_size=3)),
        st.builds(Handed, st.dictionaries(names, values, max_size=3), st.sampled_from(["", "acd:repairs"])),
        st.builds(Ends, st.sampled_from(ENDS)),
    ),
    note=st.one_of(st.just(""), texts),
)
answers = st.one_of(
    st.builds(MockAnswer, values, st.sampled_from([200, 404, 503]), st.sampled_from(["", "next"])),
    st.just(MockAnswer(status=0)),
)
tests = st.builds(
    ConversationTest,
    name=texts.filter(lambda text: "/" not in text),
    flow=names,
    steps=st.lists(steps, max_size=6).map(tuple),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    caller=st.one_of(st.just(""), texts),
    called=st.one_of(st.just(""), texts),
    data=st.dictionaries(names, values, max_size=3),
    services=st.dictionaries(texts, st.lists(answers, min_size=1, max_size=3).map(tuple), max_size=3),
    note=st.one_of(st.just(""), texts),
)


@given(tests)
def test_what_is_written_is_read_again(test: ConversationTest) -> None:
    assert read_test(write_test(test)) == test


@given(st.one_of(st.text(max_size=200), st.text("-:[]{}&*!|>'\"%@` \nahnps", max_size=80)))
def test_any_text_is_a_test_or_an_error_with_its_line(text: str) -> None:
    for prefix in ("", HEAD + "steps:\n"):
        whole = prefix + text
        problem = problem_of(whole)
        if problem is not None:
            assert str(problem).startswith(f"x.yaml:{problem.line}: ")
            assert 1 <= problem.line <= len(whole.splitlines()) + 2


def problem_of(text: str) -> ConversationTestError | None:
    try:
        read_test(text, "x.yaml")
    except ConversationTestError as error:
        return error
    return None


def step(text: str) -> Any:
    return read_test(f"{HEAD}steps:\n  - {text}\n").steps[0].what


def test_keys_and_times_stay_what_was_typed() -> None:
    assert step("presses: 007") == Does({"dtmf": "007"})
    assert step("presses: 12345678#") == Does({"dtmf": "12345678#"})
    assert step("variables: {a: 12:30, b: yes, c: 1, d: 0x1F, e: '1', f: true}") == Holds(
        {"a": "12:30", "b": "yes", "c": 1, "d": "0x1F", "e": "1", "f": True}
    )
    test = read_test(f"{HEAD}at: 2026-01-05T10:00:00+08:00\nsteps: []\n")
    assert test.at == datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    assert read_test("flow: f\nsteps: []", name="called by its file").name == "called by its file"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "the file is empty"),
        ("- a", 1, "a test is written as"),
        ("name: t\nsteps: []", 1, "flow is missing; a test has name, flow"),
        (f"{HEAD}step: []", 3, "no member 'step'; allowed: name, flow"),
        (f"{HEAD}name: u\nsteps: []", 3, "stands here twice"),
        (f"{HEAD}at: noon\nsteps: []", 3, "no time such as 2026-01-05"),
        (f"{HEAD}steps: 7", 3, "steps is a list"),
        (f"{HEAD}steps:\n  - hears: a\n  - press: 1", 5, "exactly one of hears, presses"),
        (f"{HEAD}steps:\n  - hears: a\n    presses: 1", 4, "here stands hears, presses"),
        (
            f"{HEAD}steps:\n  - presses: '1'\n    after: 3",
            5,
            "no member 'after'; allowed: presses, during, note",
        ),
        (f"{HEAD}steps:\n  - presses: x", 4, "'x' holds something that is no key"),
        (f"{HEAD}steps:\n  - presses: #", 4, "stands in quotation marks"),
        (f"{HEAD}steps:\n  - presses: *", 4, "stand in quotation marks"),
        (f"{HEAD}steps:\n  - &a hears: x\n  - *a", 4, "anchors and aliases are not read"),
        (f"{HEAD}steps:\n  - hears: {{}}", 4, "a text, texts by language, or one of exactly"),
        (f"{HEAD}steps:\n  - hears: {{pattern: '('}}", 4, "no regular expression"),
        (f"{HEAD}steps:\n  - hears: {{contains: {{'2': x}}}}", 4, "no language such as en-US"),
        (f"{HEAD}steps:\n  - records: -1", 4, "a number of 0 or more"),
        (f"{HEAD}steps:\n  - records: 1\n    ended_by: x", 5, "a key in quotation marks, silence or hangup"),
        (f"{HEAD}steps:\n  - transfer: lost", 4, "transfer is one of answered, busy"),
        (f"{HEAD}steps:\n  - ends: well", 4, "ends is one of exit, end"),
        (f"{HEAD}services: {{x: works}}\nsteps: []", 3, "a service `fails`, or has answer, status, port"),
        (f"{HEAD}services: {{x: {{status: 7}}}}\nsteps: []", 3, "from 100 to 599"),
        (f"{HEAD}services: {{x: []}}\nsteps: []", 3, "at least one answer"),
        ("name: a/b\nflow: f\nsteps: []", 1, "without a slash"),
        ("name: [", 1, ""),
        ("x" * (MAX_BYTES + 1), 1, "at most 256 KiB"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(text: str, line: int, said: str) -> None:
    with pytest.raises(ConversationTestError) as error:
        read_test(text, "x.yaml")
    assert (error.value.line, error.value.file) == (line, "x.yaml")
    assert said in str(error.value)


@given(tests, texts.filter(lambda text: "/" not in text))
def test_another_name_changes_nothing_else(test: ConversationTest, name: str) -> None:
    before = write_test(test)
    after = renamed(before, name)
    assert read_test(after) == replace(test, name=name)
    assert after.splitlines()[1:] == before.splitlines()[1:]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# of the pipes\nflow: f\nsteps: []\n", "# of the pipes\nname: New\nflow: f\nsteps: []\n"),
        (
            "flow: f  # the one\nname: 'Old'   # old\nsteps: []\n",
            "flow: f  # the one\nname: New   # old\nsteps: []\n",
        ),
        ("name: >-\n  A long\n  name\nflow: f\nsteps: []", "name: New\nflow: f\nsteps: []"),
        ("flow: 呼叫\r\nname: 旧\r\nsteps: []\r\n", "flow: 呼叫\r\nname: New\r\nsteps: []\r\n"),
    ],
)
def test_a_renamed_file_keeps_its_comments(before: str, after: str) -> None:
    assert renamed(before, "New") == after


def test_a_file_written_as_json_is_renamed_too() -> None:
    assert read_test(renamed('{"name": "Old", "flow": "f", "steps": ["waits"]}', "New")).name == "New"
