"""The engine in virtual time: what goes in, what comes out, to the packet."""

import gc
import weakref
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from tests.media.playing import MU_SILENCE, loudness, play, press, sine
from vxmlplat.media import (
    DtmfSent,
    KeyPressed,
    KeyReleased,
    KeySource,
    MarkReached,
    PlayDone,
    PlayEnd,
    RecordEnd,
    RecordingEnded,
    SpeechEnded,
    SpeechStarted,
    ToneDetected,
    ToneKind,
    rtcp,
)
from vxmlplat.media.account import statistics
from vxmlplat.media.clips import Mark, Silence, Tone
from vxmlplat.media.codecs import codec
from vxmlplat.media.commands import leave_room
from vxmlplat.media.g711 import A_LAW, MU_LAW
from vxmlplat.media.key_sender import FREQUENCIES
from vxmlplat.media.rtp import parse
from vxmlplat.media.slots import FULL, SLOTS
from vxmlplat.media.tap import AudioTap
from vxmlplat.media.telephone_event import packets
from vxmlplat.media.wire import pack_clips


def test_a_line_sends_silence_in_step_from_the_moment_it_is_connected(world):
    far = world.telephone()
    world.run(0.2)
    heard = far.listen()
    assert len(heard) == 10
    assert {packet.payload for packet in heard} == {MU_SILENCE}
    first = heard[0]
    assert [packet.sequence for packet in heard] == [(first.sequence + n) & 0xFFFF for n in range(10)]
    assert [packet.timestamp for packet in heard] == [first.timestamp + 160 * n for n in range(10)]
    assert len({packet.ssrc for packet in heard}) == 1


def test_the_first_word_comes_at_once_and_the_second_packet_in_the_lines_turn(world):
    other = world.telephone()
    far = world.telephone(hesitant=True)
    play(world, other, [Tone((440.0,), 1000)])  # the prompt is ready from now on
    world.run(0.025)
    assert not far.listen()
    begun = world.time
    play(world, far, [Tone((440.0,), 1000)])
    assert list(far.rtp.arrivals) == [begun]
    world.run(0.095)
    assert list(far.rtp.arrivals) == pytest.approx([begun] + [begun + 0.015 + 0.02 * n for n in range(4)])
    heard = far.listen()
    assert [packet.timestamp for packet in heard] == [heard[0].timestamp + 160 * n for n in range(5)]
    assert [packet.sequence for packet in heard] == [heard[0].sequence + n & 0xFFFF for n in range(5)]
    assert loudness(MU_LAW.decode(b"".join(packet.payload for packet in heard)), 440) > 1000
    assert statistics(far.line).sent == 5
    play(world, other, [Tone((440.0,), 1000)])
    assert other.rtp.arrivals[-1] < world.time  # it has sent silence: its packets have their times


def test_a_line_that_is_given_nothing_sends_silence_after_a_moment(world):
    far = world.telephone(hesitant=True)
    begun = world.time
    world.run(0.2)
    assert list(far.rtp.arrivals) == pytest.approx([begun + 0.02 * n for n in range(5, 10)])
    heard = far.listen()
    assert [packet.sequence for packet in heard] == [heard[0].sequence + n & 0xFFFF for n in range(5)]
    assert statistics(far.line).sent == 5


@pytest.mark.parametrize("work", ["keys", "bridge"])
def test_what_is_not_silence_does_not_wait(world, work):
    far, other = world.telephone(hesitant=True), world.telephone()
    if work == "keys":
        world.do("send-keys", far.line.number, "5", 60, 60)
    else:
        world.do("bridge", far.line.number, other.line.number, False, False)
    world.run(0.04)
    assert len(far.listen()) == 2


def test_lines_fill_a_slot_before_the_next_and_many_are_spread_evenly(world):
    def loads():
        return [slot.load for slot in world.engine.slots]

    ends = [world.telephone(connect=False) for _ in range(FULL + 1)]
    assert loads() == [FULL, 1, 0, 0]
    ends += [world.telephone(connect=False) for _ in range(3 * FULL + 7)]
    assert len(loads()) == SLOTS
    assert loads() == [FULL + 2] * 4
    for far in ends[FULL // 2 :]:
        world.engine.remove(far.line)
    world.telephone()
    assert loads() == [FULL // 2 + 1, 0, 0, 0]


def test_lines_that_need_more_fill_a_slot_sooner(world):
    for _ in range(FULL // 2):
        far = world.telephone()
        world.do("speech", far.line.number, True)
    world.telephone()
    assert [len(slot) for slot in world.engine.slots] == [FULL // 2, 1, 0, 0]


def test_two_are_joined_where_there_is_room(world):
    ends = [world.telephone() for _ in range(FULL + 2)]
    first, last, one_more = ends[0].line, ends[-1].line, ends[-2].line
    world.do("bridge", first.number, last.number, False, False)
    assert (first.slot, last.slot) == (1, 1)
    world.do("bridge", one_more.number, ends[1].line.number, False, False)
    assert (one_more.slot, ends[1].line.slot) == (1, 1)


def asked(far):
    """Counts how often the line's socket is read."""
    count = Counter()
    receive = far.line.ports.media.recv_into

    def counted(buffer):
        count["asked"] += 1
        return receive(buffer)

    far.line.ports.media.recv_into = far.line.stream.receive = counted
    return count


def test_a_line_that_nothing_comes_from_is_not_asked_until_something_does(world):
    far = world.telephone()
    count = asked(far)
    world.run(2.0)
    assert 50 <= count["asked"] <= 100
    count.clear()
    far.listen()
    world.run(10.0)
    assert count["asked"] == 0
    assert len(far.listen()) == 500  # it is spoken to all the same
    far.say(sine(400, 20))
    assert far.line.stream.received == 1
    far.say(sine(400, 200))
    assert far.line.stream.received == 11
    assert statistics(far.line).lost == 0


def test_a_key_ends_the_prompt_of_a_caller_who_had_been_silent(world):
    far = world.telephone()
    play(world, far, [Tone((440,), 30_000)], keys="5")
    world.run(3.0)
    press(world, far, "5")
    (done,) = world.told(PlayDone)
    assert done.reason is PlayEnd.KEY
    assert done.at - 103.0 <= 0.045


@pytest.mark.parametrize("connected", [True, False])
def test_a_silent_line_that_ends_leaves_nothing_watched(world, connected):
    far = world.telephone(connect=connected)
    world.run(3.0)
    world.engine.remove(far.line)
    assert world.engine.sides._poller.watched == set()
    assert not any(len(slot) for slot in world.engine.slots)


def test_a_silent_line_is_recorded_and_heard_again(world, tmp_path):
    far = world.telephone()
    world.run(3.0)
    path = tmp_path / "r.wav"
    world.do("record", far.line.number, 1, str(path), 0.5, None, None, False, "", "received")
    far.say(sine(400, 600))
    (ended,) = world.told(RecordingEnded)
    assert ended.duration == 0.5
    assert far.line.stream.received == 30
    world.run(3.0)
    assert len(world.engine.slots[0].silent) == 1


def test_clips_join_without_a_gap_and_marks_are_told_in_place(world):
    far = world.telephone()
    clips = [Tone((300.0,), 33), Mark("a"), Silence(7), Tone((700.0,), 50), Mark("b")]
    play(world, far, clips)
    world.run(0.3)
    (done,) = world.told(PlayDone)
    assert (done.reason, done.play, done.mark) == (PlayEnd.COMPLETED, 7, "b")
    assert done.played == pytest.approx(0.09)
    assert [mark.name for mark in world.told(MarkReached)] == ["a", "b"]
    voice = far.voice().replace(MU_SILENCE, b"")
    assert len(voice) == 5 * 160
    assert voice[33 * 8 : 40 * 8] == bytes([MU_LAW.silence]) * 56


def test_a_stopped_play_tells_how_far_it_came_and_the_music_comes_back(world):
    far = world.telephone()
    world.do("music", far.line.number, pack_clips([Tone((440.0,), 1000)]), 0.0)
    world.run(0.2)
    play(world, far, [Mark("m"), Tone((900.0,), 2000)])
    world.run(0.2)
    world.do("stop", far.line.number, 7)
    (done,) = [event for event in world.events + world.engine.events if isinstance(event, PlayDone)]
    assert done.reason is PlayEnd.STOPPED
    assert done.played == pytest.approx(0.2, abs=0.021)
    assert done.mark_age == done.played
    far.listen()
    world.run(0.4)
    samples = MU_LAW.decode(far.voice())
    assert loudness(samples[800:], 440) > 20 * loudness(samples[800:], 900)


def test_a_second_play_replaces_the_first(world):
    far = world.telephone()
    play(world, far, [Tone((440.0,), 1000)], 1)
    world.run(0.1)
    play(world, far, [Tone((440.0,), 40)], 2)
    world.run(0.2)
    assert [(done.play, done.reason) for done in world.told(PlayDone)] == [
        (1, PlayEnd.REPLACED),
        (2, PlayEnd.COMPLETED),
    ]


def test_gain_is_in_decibels(world):
    far = world.telephone()
    play(world, far, [Tone((500.0,), 400, level=-20.0)], gain_db=6.0)
    world.run(0.4)
    samples = MU_LAW.decode(far.voice())
    assert loudness(samples[800:2400], 500) == pytest.approx(32767 * 10 ** ((-14 - 3.14) / 20), rel=0.03)


def test_only_the_keys_asked_for_stop_a_play_and_at_once(world):
    far = world.telephone()
    play(world, far, [Tone((500.0,), 3000)], keys="12")
    world.run(0.1)
    press(world, far, "5")
    assert not world.told(PlayDone)
    far.listen()
    (offset, payload), *_ = packets("1", 60)
    far.send(far.packet(payload, 101, marker=True, stamp=far.stamp + offset))
    world.run(0.02)
    assert [done.reason for done in world.told(PlayDone)] == [PlayEnd.KEY]
    world.run(0.04)
    assert [packet.payload for packet in far.listen()][-2:] == [MU_SILENCE] * 2
    world.run(0.5)
    assert [event.key for event in world.told(KeyPressed)] == ["5", "1"]
    # the second key's end never came: it is up again all the same
    assert [event.key for event in world.told(KeyReleased)] == ["5", "1"]


def test_speech_stops_a_play_and_its_end_is_told(world):
    far = world.telephone()
    world.do("speech", far.line.number, True)
    play(world, far, [Tone((500.0,), 5000)], speech=True)
    far.say(np.random.default_rng(1).normal(0, 8, 8000).astype(np.int16))
    far.say(sine(425, 600, 4000))  # a tone is no talker
    far.say(np.zeros(2400, np.int16))
    assert not world.told(SpeechStarted)
    far.say(sum(sine(125 * harmonic, 600, 1500) for harmonic in range(2, 9)))
    assert [done.reason for done in world.told(PlayDone)] == [PlayEnd.SPEECH]
    started = world.told(SpeechStarted)[0].at
    far.say(np.zeros(8000, np.int16))
    (ended,) = world.told(SpeechEnded)
    assert ended.duration == pytest.approx(0.6, abs=0.1)
    assert ended.at - started == pytest.approx(1.1, abs=0.15)


def test_recordings_end_by_silence_time_and_key(world, tmp_path):
    far = world.telephone()
    number = far.line.number

    def record(which, longest=None, final=None, initial=None, keys="", audio="received"):
        world.do(
            "record",
            number,
            which,
            str(tmp_path / f"{which}.wav"),
            longest,
            final,
            initial,
            False,
            keys,
            audio,
        )

    record(1, final=0.5)
    record(2, longest=0.3)
    record(3, keys="#")
    record(4, initial=0.4)
    far.say(np.zeros(4000, np.int16))
    far.say(sine(300, 400))
    far.say(np.zeros(8000, np.int16))
    press(world, far, "#")
    reasons = {event.recording: event for event in world.told(RecordingEnded)}
    assert reasons[1].reason is RecordEnd.SILENCE
    assert reasons[1].duration == pytest.approx(1.4, abs=0.1)
    assert reasons[2].reason is RecordEnd.MAX_TIME
    assert reasons[2].duration == 0.3
    assert (reasons[3].reason, reasons[3].key) == (RecordEnd.KEY, "#")
    assert reasons[4].reason is RecordEnd.NO_INPUT
    for event in reasons.values():
        assert event.size == (tmp_path / f"{event.recording}.wav").stat().st_size
    assert far.line.recordings == []


def test_recordings_that_begin_together_are_written_one_after_the_other(world, tmp_path, monkeypatch):
    lines = [world.telephone().line for _ in range(60)]
    written = Counter()

    def write(file, chunk):
        written[world.time] += 1

    monkeypatch.setattr(world.writer, "write", write)
    for line in lines:
        path = str(tmp_path / f"{line.number}.wav")
        world.do("record", line.number, line.number, path, None, None, None, False, "", "received")
    world.run(2.1)
    assert sum(written.values()) >= 2 * len(lines)
    assert max(written.values()) == 6  # every tenth of a second some, not all at once
    assert max(line.recordings[0].duration for line in lines) <= 2.1
    assert min(line.recordings[0].duration for line in lines) >= 1.0


def test_a_recording_that_changes_its_slot_ends_in_time(world, tmp_path):
    here = world.telephone()
    world.do("record", here.line.number, 1, str(tmp_path / "r.wav"), 1.5, None, None, False, "", "received")
    world.run(0.7)
    world.do("conference", 99)
    world.engine.rooms[99].slot = 2
    world.do("join", here.line.number, 99, "talk", 0, 0.0)
    world.run(0.9)
    (ended,) = world.told(RecordingEnded)
    assert ended.duration == 1.5
    assert ended.at - 100.0 <= 1.55


def test_a_recording_after_a_beep_does_not_hold_the_beep(world, tmp_path):
    far = world.telephone()
    path = tmp_path / "b.wav"
    world.do("record", far.line.number, 1, str(path), 0.4, None, None, True, "", "mix")
    world.run(0.5)
    assert loudness(MU_LAW.decode(far.voice())[:3200], 1000) > 1000
    far.say(sine(300, 600))
    (ended,) = world.told(RecordingEnded)
    data = np.frombuffer(path.read_bytes()[44:], "<i2")
    assert len(data) == 3200
    assert ended.duration == 0.4
    assert loudness(data, 1000) < 50


def test_lost_packets_are_concealed_and_counted(world, tmp_path):
    far = world.telephone()
    path = tmp_path / "r.wav"
    world.do("record", far.line.number, 1, str(path), 1.0, None, None, False, "", "received")
    said = sine(400, 1200)
    for n, start in enumerate(range(0, len(said), 160)):
        packet = far.packet(MU_LAW.encode(said[start : start + 160]))
        if n % 10 != 5:
            far.send(packet)
        far.stamp += 160
        world.run(0.02)
    account = statistics(far.line)
    assert (account.lost, account.received) == (6, 54)
    data = np.frombuffer(path.read_bytes()[44:], "<i2")
    assert len(data) == 8000
    assert loudness(data[1600:], 400) > 7000


def test_a_change_of_codec_goes_on_where_the_prompt_was(world):
    far = world.telephone()
    play(world, far, [Tone((440.0,), 1000), Tone((880.0,), 1000)])
    world.run(0.8)
    far.listen()
    far.connect(codec="PCMA", payload_type=8)
    world.run(0.5)
    samples = A_LAW.decode(far.voice(8))
    assert loudness(samples[320:1280], 440) > 1000
    assert loudness(samples[2400:], 880) > 1000
    world.run(1.0)
    (done,) = world.told(PlayDone)
    assert done.played == pytest.approx(2.0)


def test_keys_go_out_as_events_and_audio_stands_still_meanwhile(world):
    far = world.telephone()
    world.do("send-keys", far.line.number, "1#", 100, 80)
    world.run(1.0)
    heard = far.listen()
    events = [packet for packet in heard if packet.payload_type == 101]
    assert [packet.marker for packet in events].count(True) == 2
    assert [(e.payload[0], e.payload[1] >> 7) for e in events[:7]] == [(1, 0)] * 4 + [(1, 1)] * 3
    assert [int.from_bytes(e.payload[2:], "big") for e in events[:7]] == [160, 320, 480, 640, 800, 800, 800]
    assert [packet.sequence for packet in heard] == [
        (heard[0].sequence + n) & 0xFFFF for n in range(len(heard))
    ]
    assert [event.keys for event in world.told(DtmfSent)] == ["1#"]
    assert heard[-1].timestamp - heard[0].timestamp == 160 * (len(heard) - 1)
    assert far.line.plain


def test_without_a_payload_type_keys_are_tones_both_ways(world):
    far = world.telephone(dtmf_payload_type=None)
    other = world.telephone(dtmf_payload_type=None)
    world.do("send-keys", far.line.number, "5", 100, 80)
    world.run(0.3)
    samples = MU_LAW.decode(far.voice())
    low, high = FREQUENCIES["5"]
    sound = samples[samples != 0][:640]
    assert loudness(sound, low) > 4000
    assert loudness(sound, high) > 4000
    other.say(np.concatenate([np.zeros(1600, np.int16), samples, np.zeros(1600, np.int16)]))
    (pressed,) = world.told(KeyPressed)
    (released,) = world.told(KeyReleased)
    assert (pressed.key, pressed.source) == ("5", KeySource.INBAND)
    assert released.duration == pytest.approx(0.1, abs=0.021)


def test_a_tap_holds_what_the_caller_says(world):
    far = world.telephone()
    tap = AudioTap.create(1.0)
    world.do("tap", far.line.number, tap.name, False)
    said = sine(300, 400)
    far.say(said)
    data = np.frombuffer(tap.read(), "<i2")
    assert loudness(data[-1600:], 300) > 7000
    assert tap.read() == b""
    tap.close()


def test_comfort_noise_fills_the_pauses_of_a_silence_suppressor(world, tmp_path):
    far = world.telephone()
    path = tmp_path / "cn.wav"
    world.do("record", far.line.number, 1, str(path), 2.0, None, None, False, "", "received")
    far.say(sine(300, 400))
    far.send(far.packet(bytes([60]), 13))
    world.run(1.0)
    far.stamp += 8000
    far.say(sine(300, 800))
    data = np.frombuffer(path.read_bytes()[44:], "<i2")
    assert len(data) == 16000
    assert statistics(far.line).lost == 0
    assert loudness(data[:2400], 300) > 5000
    assert loudness(data[-2400:], 300) > 5000


@pytest.mark.parametrize("ptime", [40, 60])
def test_longer_packets_are_sent_when_the_peer_wishes(world, ptime):
    far = world.telephone(ptime=ptime)
    world.run(0.48)
    heard = far.listen()
    assert len(heard) == 480 // ptime
    assert {len(packet.payload) for packet in heard} == {ptime * 8}
    assert {b.timestamp - a.timestamp for a, b in pairwise(heard)} == {ptime * 8}


@pytest.mark.parametrize("size", [80, 240, 320])
def test_packets_of_any_length_are_recorded(world, tmp_path, size):
    far = world.telephone()
    path = tmp_path / "r.wav"
    world.do("record", far.line.number, 1, str(path), 1.0, None, None, False, "", "received")
    said = sine(400, 1200)
    elapsed = 0.0
    for start in range(0, len(said) - size + 1, size):
        far.send(far.packet(MU_LAW.encode(said[start : start + size])))
        far.stamp += size
        elapsed += size / 8000
        while elapsed >= 0.02:
            world.run(0.02)
            elapsed -= 0.02
    data = np.frombuffer(path.read_bytes()[44:], "<i2")
    assert MU_LAW.decode(MU_LAW.encode(said[:4800])).tobytes() in data.tobytes()


@pytest.mark.parametrize(("name", "kind"), [("G722", 9), ("opus", 111)])
def test_wide_band_codecs_play_bridge_and_record(world, tmp_path, name, kind):
    far, other = (world.telephone(codec=name, payload_type=kind) for _ in range(2))
    play(world, far, [Tone((440.0,), 600)])
    world.run(0.5)
    decoder = codec(name).decoder()
    packets = [packet for packet in far.listen() if packet.payload_type == kind]
    samples = np.concatenate([decoder.decode(packet.payload) for packet in packets])
    assert loudness(samples[1600:3200], 440) > 2000
    ticks = codec(name).frame_ticks
    assert {b.timestamp - a.timestamp for a, b in pairwise(packets)} == {ticks}
    world.do("stop", far.line.number, 0)
    path = tmp_path / "w.wav"
    world.do("bridge", far.line.number, other.line.number, False, True)
    world.do("record", other.line.number, 1, str(path), 0.8, None, None, False, "", "sent")
    encoder = codec(name).encoder()
    said = sine(600, 1000)
    for start in range(0, len(said), 160):
        far.send(far.packet(encoder.encode(said[start : start + 160]), kind))
        far.stamp += ticks
        world.run(0.02)
    assert other.line.membership.forwards
    data = np.frombuffer(path.read_bytes()[44:], "<i2")
    assert loudness(data[-3200:], 600) > 5000


def test_progress_of_a_placed_call(world):
    far = world.telephone()
    world.do("tones", far.line.number, True)
    burst = np.concatenate([sine(425, 480), np.zeros(3840, np.int16)])
    far.say(np.concatenate([burst] * 4))
    assert [event.kind for event in world.told(ToneDetected)] == [ToneKind.BUSY]


def test_a_gone_line_leaves_nothing_behind(world):
    sockets = len(world.network.sockets)
    far = world.telephone()
    far.say(sine(300, 100))
    line = far.line
    world.engine.remove(line)
    goodbye = [part for data, _ in far.rtcp.waiting for part in rtcp.parse(data)]
    assert goodbye[-1] == rtcp.Goodbye((line.stream.ssrc,))
    assert len(world.network.sockets) == sockets + 2  # the far end's own
    assert not world.engine.lines
    assert all(len(slot) == 0 for slot in world.engine.slots)
    world.run(0.1)


def plays_and_keys(world, far, other, folder):
    play(world, far, [Tone((500.0,), 3000)], keys="1", speech=True)
    world.do("speech", far.line.number, True)
    world.do("music", far.line.number, pack_clips([Tone((440.0,), 1000)]), 0.0)
    world.do("send-keys", far.line.number, "5", 60, 60)
    far.say(sine(300, 100))
    press(world, far, "5")


def records(world, far, other, folder):
    world.do("record", far.line.number, 1, str(folder / "r.wav"), 5.0, None, None, False, "", "received")
    far.say(sine(300, 100))


def is_bridged(world, far, other, folder):
    world.do("bridge", far.line.number, other.line.number, False, True)
    far.say(sine(300, 100))


def is_in_a_conference(world, far, other, folder):
    world.do("conference", 90)
    for one in (far, other):
        world.do("join", one.line.number, 90, "talk", 0, 0.0)
    far.say(sine(300, 100))


def is_silent(world, far, other, folder):
    far.say(sine(300, 100))
    world.run(3.0)


@pytest.mark.parametrize("used", [plays_and_keys, records, is_bridged, is_in_a_conference, is_silent])
def test_a_line_that_is_over_is_gone_without_a_search_for_garbage(world, tmp_path, used):
    far, other = world.telephone(), world.telephone()
    used(world, far, other, tmp_path)
    gc.collect()
    gc.disable()
    try:
        line = far.line
        line.player.stop(PlayEnd.STOPPED)
        leave_room(world.engine, line)
        while line.recordings:
            line.recordings[0].stop(RecordEnd.HANGUP)
            world.run(0.1)
        gone = [weakref.ref(line), weakref.ref(line.player), weakref.ref(line.receiver)]
        world.engine.remove(line)
        world.do("speech", other.line.number, True)  # the lines of a slot are arranged anew with the next one
        world.run(0.1)
        del far, line
        world.events.clear()
        assert [each() for each in gone] == [None] * 3
    finally:
        gc.enable()


def test_rtp_parse_of_what_was_sent_round_trips(world):
    far = world.telephone()
    world.run(0.02)
    packet = far.listen()[0]
    assert parse(packet.pack()) == packet


@pytest.mark.parametrize(("rate", "told"), [(None, 48000), (48000, 48000), (16000, 16000), (8000, 8000)])
def test_keys_beside_opus_have_the_clock_that_was_agreed_on(world, rate, told):
    far = world.telephone(codec="opus", payload_type=111, dtmf_clock_rate=rate)
    for index, (offset, payload) in enumerate(packets("7", 100, rate=told, frame=told // 50)):
        far.send(far.packet(payload, 101, marker=index == 0, stamp=far.stamp + offset))
        world.run(0.02)
    (released,) = world.told(KeyReleased)
    assert (released.key, released.duration) == ("7", pytest.approx(0.1))
    world.do("send-keys", far.line.number, "4", 100, 80)
    far.listen()
    world.run(0.4)
    sent = [packet for packet in far.listen() if packet.payload_type == 101]
    assert int.from_bytes(sent[-1].payload[2:], "big") == told // 10
    assert len({packet.timestamp for packet in sent}) == 1
