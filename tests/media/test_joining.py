"""Bridges and conferences: who hears whom."""

import wave

import numpy as np
import pytest

from tests.media.playing import loudness, play, press, sine
from vxmlplat.media.clips import FileClip, Tone
from vxmlplat.media.codecs import codec
from vxmlplat.media.g711 import A_LAW, MU_LAW
from vxmlplat.media.wire import pack_clips


def test_a_bridge_passes_payloads_and_keys_untouched(world):
    left, right = world.telephone(), world.telephone()
    world.do("bridge", left.line.number, right.line.number, False, True)
    said = MU_LAW.encode(np.random.default_rng(2).normal(0, 3000, 3200).astype(np.int16))
    for start in range(0, len(said), 160):
        left.send(left.packet(said[start : start + 160]))
        left.stamp += 160
        world.run(0.02)
    world.run(0.1)
    assert said[: 160 * 18] in right.voice()
    assert right.line.membership.forwards
    press(world, left, "7")
    world.run(0.4)
    events = [packet for packet in right.listen() if packet.payload_type == 101]
    assert {packet.payload[0] for packet in events} == {7}
    world.do("leave", left.line.number)
    assert (left.line.membership, right.line.membership) == (None, None)
    assert left.line.plain
    assert right.line.plain


def test_a_bridge_between_codecs_translates(world):
    left, right = world.telephone(), world.telephone(codec="PCMA", payload_type=8)
    world.do("bridge", left.line.number, right.line.number, False, True)
    left.say(sine(500, 400))
    samples = A_LAW.decode(right.voice(8))
    assert loudness(samples[-1600:], 500) > 7000


def conference(world, *modes):
    fars = [world.telephone() for _ in modes]
    world.do("conference", 90)
    for far, (mode, whisper_to) in zip(fars, modes, strict=True):
        world.do("join", far.line.number, 90, mode, whisper_to, 0.0)
    return fars


def talk_together(world, fars, frequencies, ms=400):
    voices = [sine(frequency, ms, 5000) for frequency in frequencies]
    for start in range(0, ms * 8, 160):
        for far, voice in zip(fars, voices, strict=True):
            far.send(far.packet(MU_LAW.encode(voice[start : start + 160])))
            far.stamp += 160
        world.run(0.02)
    return [MU_LAW.decode(far.voice())[-1600:] for far in fars]


def test_in_a_conference_each_hears_the_others_and_nobody_hears_a_listener(world):
    tones = [400, 700, 1100, 1600]
    fars = conference(world, ("talk", 0), ("talk", 0), ("listen", 0), ("whisper", 1))
    heard = talk_together(world, fars, tones)
    matrix = [[loudness(samples, tone) > 2000 for tone in tones] for samples in heard]
    assert matrix == [
        [False, True, False, True],
        [True, False, False, False],
        [True, True, False, False],
        [True, True, False, False],
    ]


def test_a_conference_hears_an_announcement_and_survives_its_leavers(world):
    fars = conference(world, ("talk", 0), ("talk", 0), ("talk", 0))
    world.do("conference-play", 90, pack_clips([Tone((900.0,), 5000)]), False, 0.0)
    heard = talk_together(world, fars, [300, 500, 1500])
    assert all(loudness(samples, 900) > 2000 for samples in heard)
    world.do("leave", fars[2].line.number)
    heard = talk_together(world, fars, [300, 500, 1500])
    assert loudness(heard[2], 300) < 100
    assert loudness(heard[0], 500) > 2000
    world.do("conference-close", 90)
    world.run(0.1)
    assert all(far.line.plain for far in fars)


def test_a_prompt_is_heard_over_a_bridge_by_the_one_it_is_for(world):
    left, right = world.telephone(), world.telephone()
    world.do("bridge", left.line.number, right.line.number, False, True)
    play(world, left, [Tone((900.0,), 2000)])
    heard = talk_together(world, [left, right], [300, 500])
    assert loudness(heard[0], 900) > 2000
    assert loudness(heard[0], 500) > 2000
    assert loudness(heard[1], 900) < 100


def test_a_muted_member_hears_and_is_not_heard_a_speaker_is_heard_and_does_not_hear(world):
    tones = [400, 700, 1100]
    fars = conference(world, ("talk", 0), ("mute", 0), ("speak", 0))
    heard = talk_together(world, fars, tones)
    assert [[loudness(samples, tone) > 2000 for tone in tones] for samples in heard] == [
        [False, False, True],
        [True, False, True],
        [False, False, False],
    ]


def test_a_member_changes_its_part_in_mid_talk(world):
    tones = [400, 700]
    fars = conference(world, ("talk", 0), ("listen", 0))
    talk_together(world, fars, tones)
    world.do("join", fars[1].line.number, 90, "talk", 0, 0.0)  # the supervisor barges in
    heard = talk_together(world, fars, tones)
    assert loudness(heard[0], 700) > 2000
    world.do("join", fars[1].line.number, 90, "talk", 0, -12.0)
    softer = talk_together(world, fars, tones)
    assert loudness(softer[0], 700) == pytest.approx(loudness(heard[0], 700) / 4, rel=0.1)


def test_a_large_conference_hears_its_one_talker(world):
    fars = conference(world, *[("talk", 0)] * 40)
    voices = [600] + [0] * 39
    heard = talk_together(world, fars, voices, ms=300)
    assert loudness(heard[0], 600) < 100
    assert all(loudness(samples, 600) > 3000 for samples in heard[1:])


def test_all_codecs_meet_in_one_conference(world):
    kinds = [("PCMU", 0), ("PCMA", 8), ("G722", 9), ("opus", 111)]
    fars = [world.telephone(codec=name, payload_type=kind) for name, kind in kinds]
    world.do("conference", 90)
    for far in fars:
        world.do("join", far.line.number, 90, "talk", 0, 0.0)
    tones = [400, 700, 1100, 1600]
    encoders = [codec(name).encoder() for name, _ in kinds]
    voices = [sine(tone, 600, 5000) for tone in tones]
    for start in range(0, 4800, 160):
        for far, encoder, voice, (name, kind) in zip(fars, encoders, voices, kinds, strict=True):
            far.send(far.packet(encoder.encode(voice[start : start + 160]), kind))
            far.stamp += codec(name).frame_ticks
        world.run(0.02)
    for row, (far, (name, kind)) in enumerate(zip(fars, kinds, strict=True)):
        decoder = codec(name).decoder()
        heard = [packet.payload for packet in far.listen() if packet.payload_type == kind]
        samples = np.concatenate([decoder.decode(payload) for payload in heard])[-1600:]
        assert [loudness(samples, tone) > 1500 for tone in tones] == [column != row for column in range(4)], (
            name
        )


def test_half_a_bridge_is_heard_one_way(world):
    left, right = world.telephone(), world.telephone()
    world.do("bridge", left.line.number, right.line.number, True, True)
    heard = talk_together(world, [left, right], [400, 700])
    assert loudness(heard[0], 700) > 2000
    assert loudness(heard[1], 400) < 100


def test_announcements_to_many_calls_are_encoded_once(world, tmp_path):
    path = tmp_path / "announcement.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(sine(500, 400).astype("<i2").tobytes())
    fars = [world.telephone() for _ in range(30)]
    for far in fars:
        play(world, far, [FileClip(path)])
    world.run(0.5)
    assert all(loudness(MU_LAW.decode(far.voice())[800:2400], 500) > 7000 for far in fars)
    assert len(world.prompts) == 1
    assert len({id(far.line.stream.data) for far in fars}) <= 2  # the announcement, or the silence after it
