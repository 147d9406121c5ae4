"""The jitter buffer against streams that lose, delay, reorder, pause and wrap."""

from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.media.jitter import JitterBuffer
from vxmlplat.media.reception import Reception
from vxmlplat.media.stream import Stream

WRAP = 1 << 32


def frame(n):
    return n.to_bytes(4, "big") * 40


def number(payload):
    return int.from_bytes(payload[:4], "big")


def play(arrivals, ticks, *, start=0, **options):
    """Frames given at each tick; ``arrivals`` maps a tick to the frame numbers that come before it."""
    buffer = JitterBuffer(**options)
    heard = []
    for tick in range(ticks):
        for n in arrivals.get(tick, ()):
            buffer.put((start + 160 * n) % WRAP, frame(n))
        payload = buffer.get()
        heard.append(None if payload is None else number(payload))
        if tick % 50 == 49:
            buffer.settle()
    return heard, buffer


def test_an_even_stream_is_given_whole_after_its_delay():
    heard, _ = play({n: [n] for n in range(100)}, 100)
    assert heard == [None, *range(99)]


def test_the_timestamp_may_wrap():
    heard, _ = play({n: [n] for n in range(100)}, 100, start=WRAP - 160 * 50)
    assert heard == [None, *range(99)]


def test_reordered_packets_are_put_right():
    arrivals = {n: [n] for n in range(50)}
    arrivals[20], arrivals[21] = [21], [20]
    heard, _ = play(arrivals, 50, initial=3)
    assert [n for n in heard if n is not None] == list(range(48))


def test_a_lost_packet_leaves_one_hole_and_no_delay():
    heard, buffer = play({n: [n] for n in range(60) if n != 30}, 60)
    assert heard[31] is None
    assert heard[32:] == list(range(31, 59))
    assert buffer.concealed == 1


def test_a_late_packet_costs_delay_which_is_given_back():
    arrivals = {n: [n] for n in range(20)}
    arrivals |= {n + 4: [n] for n in range(20, 24)}
    arrivals[24 + 3] = [23, 24, 25, 26, 27]
    arrivals |= {n: [n] for n in range(28, 900)}
    heard, buffer = play(arrivals, 900)
    assert [n for n in heard if n is not None][:24] == list(range(24))
    assert heard[-1] >= 896
    assert len(buffer) <= 3


def test_a_stream_that_pauses_goes_on_at_once():
    arrivals = {n: [n] for n in range(20)} | {n: [n] for n in range(120, 150)}
    heard, _ = play(arrivals, 150)
    assert heard[-1] == 148
    assert [n for n in heard if n is not None] == [*range(20), *range(120, 149)]


def test_a_sender_that_jumps_in_time_is_followed():
    buffer = JitterBuffer(initial=1)
    buffer.put(1000, frame(1))
    assert buffer.get() == frame(1)
    buffer.put(50_000_000, frame(2))
    assert buffer.get() == frame(2)


def test_a_burst_after_an_outage_does_not_leave_seconds_of_delay():
    arrivals = {n: [n] for n in range(20)} | {60: list(range(20, 61))} | {n: [n] for n in range(61, 300)}
    heard, buffer = play(arrivals, 300)
    assert len(buffer) <= 10
    assert heard[-1] >= 288


def test_packets_of_other_lengths_come_out_as_frames():
    voice = bytes(n % 251 for n in range(160 * 12))
    for size in (80, 240, 320, 400):
        buffer = JitterBuffer(initial=1)
        heard = b""
        for start in range(0, len(voice) - size + 1, size):
            buffer.put(7000 + start, voice[start : start + size])
        while (payload := buffer.get()) is not None:
            heard += payload
        assert heard == voice[: len(heard)]
        assert len(heard) >= len(voice) - size - 160


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["get", "put", "settle"]), st.integers(0, 400), st.integers(0, 500))),
    st.integers(0, WRAP - 1),
)
def test_anything_at_all_gives_frames_of_20_ms_and_stays_small(steps, start):
    buffer = JitterBuffer()
    for what, stamp, size in steps:
        if what == "put":
            buffer.put((start + stamp * 40) % WRAP, bytes(size))
        elif what == "settle":
            buffer.settle()
        else:
            payload = buffer.get()
            assert payload is None or len(payload) == 160
        assert len(buffer) < 200


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.lists(st.sampled_from([True, True, True, False]), min_size=20, max_size=300))
def test_whatever_is_lost_the_rest_is_given_in_order_and_in_time(kept):
    heard, _ = play({n: [n] for n, keep in enumerate(kept) if keep}, len(kept))
    given_ = [n for n in heard if n is not None]
    assert given_ == sorted(set(given_))
    assert all(kept[n] for n in given_)


def receive(sequences, start=65000):
    reception = Reception(Stream(None))
    reception.begin(1, (start + sequences[0]) & 0xFFFF)
    taken = [n for n in sequences if reception.take((start + n) & 0xFFFF)]
    return reception, taken


def test_reception_counts_loss_reordering_and_duplicates_across_the_wrap():
    order = [n for n in range(1000) if n % 100 != 50]
    order[600], order[601] = order[601], order[600]
    order.insert(700, order[699])
    reception, taken = receive(order)
    assert (reception._stream.received, reception.missing) == (990, 10)
    assert (reception.reordered, reception.duplicates) == (1, 1)
    assert len(taken) == 990
    assert reception.highest == 65000 + 999
    assert reception.fraction_lost() == 2
    assert reception.fraction_lost() == 0


def test_a_single_stray_number_is_dropped_and_a_restart_is_followed():
    reception, _ = receive([0, 1, 2])
    assert not reception.take(30000)
    assert reception.take((65000 + 3) & 0xFFFF)
    assert not reception.take(40000)
    assert reception.take(40001)
    assert reception.take(40002)
    assert reception.missing == 0


def test_jitter_is_the_smoothed_change_of_transit():
    reception = Reception(Stream(None))
    reception.begin(1, 0)
    for n in range(400):
        reception.take(n)
        reception.delay(100 + 160 * n + (80 if n % 2 else 0), 160 * n)
    assert 75 < reception.jitter < 81
    for n in range(400, 480):
        reception.delay(100 + 160 * n, 160 * n)
    assert reception.jitter < 1
    reception.delay(100 + 160 * 480 + 8_000_000, 160 * 480)  # a clock was set
    assert reception.jitter < 1
