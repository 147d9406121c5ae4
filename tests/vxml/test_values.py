"""Time designations, addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.vxml import values
from vxmlplat.vxml.events import matches, prefixes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2s", 2.0), ("1.5s", 1.5), (".5s", 0.5), ("700ms", 0.7), ("+3s", 3.0), (" 3s ", 3.0), ("0s", 0.0)],
)
def test_times(text: str, seconds: float) -> None:
    assert values.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "2", "s", "-1s", "1 s", "1m", "1e3s", "NaNs", "٣s x"])
def test_what_is_no_time(text: str) -> None:
    assert values.seconds(text) is None


@given(st.floats(0, 1e6, allow_nan=False))
def test_every_number_of_milliseconds_is_read(number: float) -> None:
    assert values.seconds(f"{number:.3f}ms") == pytest.approx(round(number, 3) / 1000)


@given(st.text())
def test_any_reference_resolves_to_something(reference: str) -> None:
    assert isinstance(values.resolve("http://a.example/b/c", reference), str)


@pytest.mark.parametrize(
    ("handled", "thrown", "fits"),
    [
        ("a", "a", True),
        ("a", "a.b", True),
        ("a.b", "a", False),
        ("a", "ab", False),
        ("", "x", True),
        (".", "x", True),
    ],
)
def test_events_match_by_whole_tokens(handled: str, thrown: str, fits: bool) -> None:
    assert matches(handled, thrown) is fits


@given(st.lists(st.sampled_from(("a", "b", "cd")), min_size=1, max_size=5).map(".".join))
def test_an_event_matches_exactly_its_prefixes(name: str) -> None:
    assert all(matches(prefix, name) for prefix in prefixes(name))
    assert len(prefixes(name)) == name.count(".") + 2
