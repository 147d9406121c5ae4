"""RFC 4733 keys: whatever becomes of their packets, each key is pressed once and released once."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vxmlplat.media.telephone_event import KEYS, LOST_SECONDS, KeyDecoder, packets, parse


def wire(keys, ms=100, gap=800, start=1000):
    """(timestamp, marker, payload) of keys one after the other, and when each came."""
    stamp, moment, sent = start, 0.0, []
    for key in keys:
        for index, (offset, payload) in enumerate(packets(key, ms)):
            sent.append((moment, (stamp + offset) & 0xFFFFFFFF, index == 0, payload))
            moment += 0.02
        stamp += ms * 8 + gap
        moment += gap / 8000
    return sent


def decode(sent, decoder=None, tail=1.0):
    decoder = decoder or KeyDecoder()
    changes, now = [], 0.0
    for moment, stamp, marker, payload in sent:
        while now < moment:
            now += 0.005
            changes += decoder.expire(now)
        changes += decoder.feed(parse(payload), stamp, marker, moment)
    return changes + decoder.expire(now + tail)


def test_one_key():
    press, release = decode(wire("5"))
    assert (press.key, press.pressed, press.duration) == ("5", True, 0.02)
    assert (release.key, release.pressed, release.duration) == ("5", False, 0.1)


def test_the_same_key_twice_is_two_keys():
    assert [change.key for change in decode(wire("55")) if change.pressed] == ["5", "5"]


def test_a_long_key_is_one_key_though_it_goes_on_in_segments():
    sent = wire("9", ms=20_000)
    assert len({stamp for _, stamp, _, _ in sent}) > 2
    press, release = decode(sent)
    assert press.pressed
    assert release.duration == pytest.approx(20.0)


def test_a_sender_that_moves_the_timestamp_with_every_packet_still_presses_once():
    sent = [
        (moment, stamp + 160 * n, marker, payload)
        for n, (moment, stamp, marker, payload) in enumerate(wire("3"))
    ]
    assert [change.pressed for change in decode(sent[:5])] == [True, False]


def test_an_end_that_never_comes_releases_after_a_while():
    decoder = KeyDecoder()
    assert decode(wire("4")[:-3], decoder, tail=0.0)[-1].pressed
    assert decoder.down
    assert decoder.expire(0.08 + LOST_SECONDS)[0].key == "4"
    assert not decoder.down


def test_a_late_packet_of_an_old_key_changes_nothing():
    sent = wire("12")
    first_end = sent[6]
    decoder = KeyDecoder()
    changes = [
        change for _, stamp, marker, data in sent for change in decoder.feed(parse(data), stamp, marker, 0)
    ]
    changes += decoder.feed(parse(first_end[3]), first_end[1], False, 0)
    assert [change.key for change in changes if change.pressed] == ["1", "2"]


def test_events_that_are_no_keys_are_passed_over():
    assert KeyDecoder().feed(parse(bytes([16, 0, 0, 160])), 5, True, 0.0) == []


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.text(alphabet=KEYS, min_size=1, max_size=12), st.data())
def test_loss_and_duplication_never_add_a_key(keys, data):
    sent = []
    for entry in wire(keys):
        sent += [entry] * data.draw(st.sampled_from([0, 1, 1, 1, 2]), label="copies")
    changes = decode(sent)
    pressed = [change.key for change in changes if change.pressed]
    rest = iter(keys)
    assert all(key in rest for key in pressed), (pressed, keys)
    assert [change.pressed for change in changes] == [True, False] * len(pressed)


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.text(alphabet=KEYS, min_size=1, max_size=12), st.sampled_from([0, 1, 2]))
def test_one_surviving_packet_of_each_key_is_enough(keys, which):
    sent = wire(keys)
    per_key = len(sent) // len(keys)
    survivors = [sent[n * per_key + which] for n in range(len(keys))]
    assert [change.key for change in decode(survivors) if change.pressed] == list(keys)


@example([(480_000, False, bytes(4)), (0, False, bytes(4))])
@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.booleans(), st.binary(min_size=4, max_size=4))))
def test_any_events_press_and_release_in_turn(entries):
    decoder = KeyDecoder()
    changes = []
    for n, (stamp, marker, payload) in enumerate(entries):
        changes += decoder.feed(parse(payload), stamp, marker, n * 0.02)
    changes += decoder.reset()
    assert [change.pressed for change in changes] == [True, False] * (len(changes) // 2)
    assert all(change.duration >= 0 for change in changes)
