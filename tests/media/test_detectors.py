"""What is heard in audio: keys among tones and speech, the beginning of speech, the progress of a call."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.media.call_progress import CallProgress
from vxmlplat.media.codecs import CODECS, codec, double, halve
from vxmlplat.media.concealment import comfort_noise, conceal
from vxmlplat.media.events import ToneKind
from vxmlplat.media.g711 import A_LAW, MU_LAW
from vxmlplat.media.inband_keys import KEYS, InbandKeys
from vxmlplat.media.key_sender import FREQUENCIES
from vxmlplat.media.speech_onset import SpeechOnset, Turn

RNG = np.random.default_rng(7)


def level(dbm0):
    return 32767 * 10 ** ((dbm0 - 3.14) / 20)


def sine(frequency, ms, dbm0=-10.0):
    return level(dbm0) * np.sin(2 * np.pi * frequency * np.arange(round(ms * 8)) / 8000)


def silence(ms):
    return np.zeros(round(ms * 8))


def key_tone(key, ms, low=-10.0, high=-10.0, shift=1.0):
    row, column = FREQUENCIES[key]
    return sine(row * shift, ms, low) + sine(column * shift, ms, high)


def frames(samples, noise=3.0):
    """Telephone frames of samples: through µ-law, with a little noise."""
    noisy = samples + RNG.normal(0, noise, len(samples))
    coded = MU_LAW.decode(MU_LAW.encode(np.clip(noisy, -32768, 32767).astype(np.int16))).astype(np.float32)
    return coded[: len(coded) // 160 * 160].reshape(-1, 1, 160)


def keys_in(samples, **options):
    detector = InbandKeys(1)
    return [
        (key, seconds)
        for frame in frames(samples, **options)
        for _, down, key, seconds in detector.hear(frame)
        if not down
    ]


def speechlike(seconds, seed):
    """Voiced bursts with formants, gliding pitch and pauses: much like speech to a tone detector."""
    rng = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * 8000:
        t = np.arange(int(rng.uniform(80, 350) * 8)) / 8000
        pitch = rng.uniform(90, 260) * (1 + 0.15 * np.sin(2 * np.pi * rng.uniform(1, 4) * t))
        phase = 2 * np.pi * np.cumsum(pitch) / 8000
        formants = rng.uniform([300, 900, 2000], [900, 2000, 3300])
        voice = sum(
            np.sin(k * phase) * sum(np.exp(-(((k * pitch.mean() - f) / 120) ** 2)) for f in formants)
            for k in range(1, 24)
        )
        parts += [voice / (np.abs(voice).max() + 1) * rng.uniform(2000, 15000), silence(rng.uniform(20, 200))]
    return np.concatenate(parts)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_heard_once_for_as_long_as_it_is_held(key):
    ((heard, seconds),) = keys_in(np.concatenate([silence(93), key_tone(key, 120), silence(200)]))
    assert heard == key
    assert seconds == pytest.approx(0.12, abs=0.011)


@pytest.mark.parametrize(
    "tone",
    [
        {"ms": 40},
        {"ms": 60, "low": -25.0, "high": -25.0},
        {"ms": 60, "low": -14.0, "high": -10.0},
        {"ms": 60, "low": -4.0, "high": -12.0},
        {"ms": 60, "shift": 1.015},
        {"ms": 60, "shift": 0.985},
    ],
)
def test_keys_within_q24_are_heard_at_any_phase(tone):
    for offset in range(0, 20, 3):
        for key in "159D":
            heard = keys_in(np.concatenate([silence(60 + offset), key_tone(key, **tone), silence(100)]))
            assert [name for name, _ in heard] == [key], (offset, key)


@pytest.mark.parametrize(
    "tone",
    [
        {"ms": 20},
        {"ms": 100, "low": -4.0, "high": -18.0},
        {"ms": 100, "low": -16.0, "high": -4.0},
        {"ms": 100, "low": -45.0, "high": -45.0},
        {"ms": 100, "shift": 1.05},
    ],
)
def test_what_q24_calls_no_key_is_none(tone):
    assert keys_in(np.concatenate([silence(63), key_tone("5", **tone), silence(100)])) == []


def test_a_row_of_keys_and_the_same_key_twice():
    row = np.concatenate([np.concatenate([key_tone(key, 60), silence(50)]) for key in "1123#"])
    assert [key for key, _ in keys_in(np.concatenate([row, silence(100)]))] == list("1123#")


def test_speech_is_not_taken_for_keys():
    assert keys_in(speechlike(60, 1)) == []


def test_keys_are_heard_for_each_line_by_itself():
    detector = InbandKeys(3)
    streams = [np.concatenate([key_tone(key, 100), silence(100)]) for key in "4#A"]
    pressed = []
    for frame in np.concatenate([frames(stream) for stream in streams], axis=1):
        pressed += [(column, key) for column, down, key, _ in detector.hear(frame) if down]
    assert sorted(pressed) == [(0, "4"), (1, "#"), (2, "A")]


def level_frames(powers):
    """A frame of each of these mean squares."""
    return np.repeat(np.sqrt(np.array(powers, np.float32))[:, None], 160, axis=1)


def follow(samples, noise=10.0, onset=80, end=500):
    detector = SpeechOnset(1, onset, end)
    return [
        ("start" if turn is Turn.STARTED else "end", n * 20)
        for n, frame in enumerate(frames(samples, noise))
        for _, turn, _ in detector.hear(frame)
    ]


def test_speech_is_heard_for_each_line_by_itself():
    detector = SpeechOnset(3, 80, 200)
    loud, quiet = 1e7, 1e2
    happened = []
    for n in range(60):
        powers = [loud if 10 <= n < 30 else quiet, quiet, loud if n >= 20 else quiet]
        happened += [(n, *turn[:2]) for turn in detector.hear(level_frames(powers))]
    assert happened == [(13, 0, Turn.STARTED), (23, 2, Turn.STARTED), (39, 0, Turn.ENDED)]


def test_speech_begins_and_ends_once_over_its_short_pauses():
    samples = np.concatenate([silence(1000), sine(200, 400), silence(250), sine(200, 400), silence(1000)])
    (first, at), (second, until) = follow(samples)
    assert (first, second) == ("start", "end")
    assert 1040 <= at <= 1120
    assert 2500 <= until <= 2620


def test_a_click_and_steady_noise_are_no_speech():
    click = np.concatenate([silence(1000), RNG.normal(0, 9000, 240), silence(1000)])
    assert follow(click) == []
    # Noise that is there from the start is taken for speech at first; it must not be for ever.
    assert follow(silence(20000), noise=300.0)[-1:] in ([], [("end", pytest.approx(8000, abs=8000))])


def test_speech_is_heard_over_a_noisy_line():
    samples = np.concatenate([silence(12000), sine(250, 600, -16), silence(1500)])
    happened = [event for event in follow(samples, noise=200.0) if event[1] >= 11900]
    assert [name for name, _ in happened] == ["start", "end"]


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.lists(st.floats(0, 1.1e9, width=32), max_size=200))
def test_speech_starts_and_ends_in_turn_whatever_the_levels(powers):
    detector = SpeechOnset(1, 80, 200)
    heard = [turn for power in powers for turn in detector.hear(level_frames([power]))]
    assert [turn for _, turn, _ in heard] == ([Turn.STARTED, Turn.ENDED] * len(heard))[: len(heard)]
    assert all(0 <= seconds <= len(powers) / 50 for _, _, seconds in heard)


def progress(samples):
    detector = CallProgress()
    return [kind for frame in frames(samples) for kind in detector.hear(frame[0])]


def repeat(times, *parts):
    return np.concatenate([np.concatenate(parts)] * times)


def greeting(seconds):
    """Speech without long pauses."""
    return speechlike(seconds, 3)


@pytest.mark.parametrize(
    ("samples", "kinds"),
    [
        (repeat(5, sine(425, 500), silence(500)), [ToneKind.BUSY]),
        (repeat(6, sine(480, 250, -16) + sine(620, 250, -16), silence(250)), [ToneKind.BUSY]),
        (repeat(6, sine(400, 375), silence(375)), [ToneKind.BUSY]),
        (repeat(3, sine(425, 1000), silence(4000)), []),
        (repeat(3, sine(440, 2000, -16) + sine(480, 2000, -16), silence(4000)), []),
        (repeat(2, sine(1100, 500), silence(3000)), [ToneKind.FAX]),
        (np.concatenate([silence(500), sine(2100, 3000)]), [ToneKind.FAX]),
        (np.concatenate([silence(400), greeting(0.7), silence(1500)]), [ToneKind.HUMAN]),
        (
            np.concatenate([silence(400), greeting(5), silence(300), sine(1000, 400), silence(500)]),
            [ToneKind.ANSWERING_MACHINE, ToneKind.BEEP],
        ),
        (silence(5000), []),
    ],
)
def test_the_progress_of_a_call(samples, kinds):
    assert progress(samples) == kinds


def test_g711_tables_are_those_of_the_standard():
    audioop = pytest.importorskip("audioop")
    samples = np.arange(-32768, 32768).astype(np.int16)
    assert MU_LAW.encode(samples) == audioop.lin2ulaw(samples.tobytes(), 2)
    assert A_LAW.encode(samples) == audioop.lin2alaw(samples.tobytes(), 2)
    codes = bytes(range(256))
    assert MU_LAW.decode(codes).tobytes() == audioop.ulaw2lin(codes, 2)
    assert A_LAW.decode(codes).tobytes() == audioop.alaw2lin(codes, 2)


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.binary(min_size=1, max_size=400))
def test_g711_codes_survive_their_own_decoding(codes):
    assert A_LAW.encode(A_LAW.decode(codes)) == codes
    twice = MU_LAW.encode(MU_LAW.decode(codes))
    assert MU_LAW.decode(twice).tobytes() == MU_LAW.decode(codes).tobytes()


@pytest.mark.parametrize("name", sorted(CODECS))
def test_a_codec_carries_a_telephone_tone_both_ways(name):
    chosen = codec(name)
    encoder, decoder = chosen.encoder(), chosen.decoder()
    said = sine(440, 400).astype(np.int16)
    heard = np.concatenate(
        [decoder.decode(encoder.encode(said[n : n + 160])) for n in range(0, len(said), 160)]
    )
    assert len(heard) == len(said)
    power = np.mean(heard[1600:].astype(float) ** 2) / np.mean(said[1600:].astype(float) ** 2)
    assert 10 * np.log10(power) == pytest.approx(0, abs=1.0)
    quiet = np.concatenate([decoder.decode(chosen.silence) for _ in range(5)])
    assert np.abs(quiet[-160:]).max() < 400
    assert len(decoder.decode(b"")) == 0


def test_halving_keeps_the_band_and_refuses_what_is_above_it():
    t = np.arange(16000) / 16000
    kept, gone = ((8000 * np.sin(2 * np.pi * f * t)).astype(np.int16) for f in (1000, 5500))
    assert np.abs(halve(kept)[200:-200]).max() == pytest.approx(8000, rel=0.02)
    assert np.abs(halve(gone)[200:-200]).max() < 80
    assert np.abs(double(halve(kept))[400:-400].astype(int) - kept[400:-400]).max() < 160


def test_a_hole_in_a_vowel_is_filled_with_the_vowel():
    before = np.stack([sine(200, 20), silence(20), sine(125, 20)]).astype(np.float32)
    filled = conceal(before)
    for row, frequency in ((0, 200), (2, 125)):
        assert np.corrcoef(filled[row], sine(frequency, 40)[160:])[0, 1] > 0.95
        assert np.abs(filled[row]).max() < np.abs(before[row]).max()
    assert not filled[1].any()
    assert conceal(before[:0]).shape == (0, 160)


def test_comfort_noise_has_the_level_asked_for():
    noise = np.concatenate([comfort_noise(160, 50) for _ in range(50)])
    assert 20 * np.log10(np.sqrt(np.mean(noise**2)) / 32767) == pytest.approx(-50, abs=1)
