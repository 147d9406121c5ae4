"""Speech onset on real voices, English and Mandarin, and on what a telephone carries besides."""

import wave
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from vxmlplat.errors import ConfigurationError
from vxmlplat.media import MediaConfig
from vxmlplat.media.codecs import halve
from vxmlplat.media.config import SpeechDetector
from vxmlplat.media.g711 import MU_LAW
from vxmlplat.media.key_sender import FREQUENCIES
from vxmlplat.media.speech_onset import SpeechOnset, Turn

PROMPTS = Path(__file__).parent.parent.parent / "prompts"
WORDS = [str(number) for number in range(10)]


def read(path):
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return halve(samples) if file.getframerate() == 16000 else samples


def at_level(samples, dbm0):
    """Samples whose louder parts have this level."""
    samples = np.asarray(samples, float)
    active = samples[np.abs(samples) > 0.05 * np.abs(samples).max()]
    return samples * 32767 * 10 ** ((dbm0 - 3.14) / 20) / np.sqrt(2 * np.mean(active**2))


def on_the_line(*parts, noise=-65.0):
    """One second of a quiet line, the parts, and another second, through mu-law."""
    sound = np.concatenate([np.zeros(8000), *parts, np.zeros(8000)])
    rng = np.random.default_rng(11)
    sound = sound + at_level(rng.normal(0, 1, len(sound)), noise)
    coded = MU_LAW.decode(MU_LAW.encode(np.clip(sound, -32768, 32767).astype(np.int16)))
    return coded[: len(coded) // 160 * 160].reshape(-1, 1, 160).astype(np.float32)


def onsets(frames, detector="voice"):
    """Seconds after the first part began at which speech was told."""
    onset = SpeechOnset(1, 80, 500, voiced=detector == "voice")
    return [
        (n + 1) / 50 - 1.0
        for n, frame in enumerate(frames)
        for _, turn, _ in onset.hear(frame)
        if turn is Turn.STARTED
    ]


def tones(seconds, *frequencies):
    t = np.arange(int(seconds * 8000)) / 8000
    return sum(np.sin(2 * np.pi * frequency * t) for frequency in frequencies)


def repeated(times, sound, pause):
    return np.concatenate([np.concatenate([sound, np.zeros(int(pause * 8000))])] * times)


def breath(rng):
    """Pink noise that swells and fades."""
    spectrum = np.fft.rfft(rng.normal(0, 1, 4800)) / np.sqrt(np.arange(2401) + 1)
    return np.fft.irfft(spectrum, 4800) * np.hanning(4800)


RNG = np.random.default_rng(5)
NO_SPEECH = {
    "keys": np.concatenate([repeated(2, tones(0.12, *FREQUENCIES[key]), 0.4) for key in "159#D"]),
    "ring-back": repeated(3, tones(1.0, 425), 2.0),
    "ring-back of two tones": repeated(3, tones(2.0, 440, 480), 4.0),
    "busy": repeated(8, tones(0.5, 480, 620), 0.5),
    "fax": repeated(3, tones(0.5, 1100), 3.0),
    "answering fax": tones(3.0, 2100),
    "a slammed door": repeated(4, RNG.normal(0, 1, 2400) * np.exp(-np.arange(2400) / 500), 1.0),
    "noise": repeated(4, RNG.normal(0, 1, 4000), 0.6),
    "breath": repeated(5, breath(RNG), 1.0),
    "clicks": repeated(20, RNG.normal(0, 1, 120), 0.4),
}


@pytest.mark.parametrize("dbm0", [-10.0, -20.0, -30.0])
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_a_word_is_heard_whatever_its_level(language, dbm0):
    late = []
    for word in WORDS:
        line = on_the_line(at_level(read(PROMPTS / language / "pieces" / f"{word}.wav"), dbm0))
        told = onsets(line)
        assert len(told) == 1, f"{language} {word} at {dbm0} dBm0"
        late.append(told[0] - onsets(line, "energy")[0])
    # what the voice costs in time beside the energy: a frame or two
    assert 0 <= np.median(late) <= 0.04


def test_a_word_is_heard_on_a_noisy_line():
    for word in WORDS:
        sound = at_level(read(PROMPTS / "en-US" / "pieces" / f"{word}.wav"), -18.0)
        assert [at for at in onsets(on_the_line(sound, noise=-42.0)) if at > 0], word


@pytest.mark.parametrize("dbm0", [-12.0, -25.0])
@pytest.mark.parametrize("name", NO_SPEECH)
def test_what_is_no_voice_does_not_stop_a_prompt(name, dbm0):
    assert onsets(on_the_line(at_level(NO_SPEECH[name], dbm0))) == []


def test_to_the_energy_detector_every_sound_is_speech():
    heard = [
        name for name, sound in NO_SPEECH.items() if onsets(on_the_line(at_level(sound, -12.0)), "energy")
    ]
    assert len(heard) >= 8


def test_the_detector_is_chosen_by_the_operator():
    for name in get_args(SpeechDetector):
        assert MediaConfig(speech_detector=name).speech_detector == name
    with pytest.raises(ConfigurationError, match="there are voice, energy"):
        MediaConfig(speech_detector="magic")
