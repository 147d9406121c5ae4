import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.speech.errors import NotAudio
from vxmlplat.speech.prompt_files import RATE, convert, seconds_of, without_lead_in

PIECES = Path(__file__).parents[2] / "prompts" / "en-US" / "pieces"


def tone(rate: int, seconds: float, channels: int = 1, level: float = 0.1) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    return np.repeat((level * np.sin(2 * np.pi * 440 * t))[:, None], channels, axis=1)


def encoded(samples: np.ndarray, rate: int, kind: str, subtype: str | None = None) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=kind, subtype=subtype)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "subtype", "rate", "channels"),
    [
        ("WAV", "PCM_16", 44100, 2),
        ("WAV", "ULAW", 8000, 1),
        ("MP3", None, 44100, 2),
        ("OGG", "VORBIS", 22050, 1),
        ("FLAC", "PCM_24", 48000, 1),
        ("AU", "ALAW", 8000, 1),
    ],
)
def test_every_usual_format_becomes_telephone_audio(
    kind: str, subtype: str | None, rate: int, channels: int
) -> None:
    wav = convert(encoded(tone(rate, 1.0, channels), rate, kind, subtype))
    with soundfile.SoundFile(io.BytesIO(wav)) as file:
        assert (file.samplerate, file.channels, file.subtype) == (RATE, 1, "PCM_16")
        samples = file.read()
    assert seconds_of(wav) == pytest.approx(1.0, abs=0.08)
    spectrum = np.abs(np.fft.rfft(samples[2000:6000]))
    assert np.argmax(spectrum) * RATE / 4000 == pytest.approx(440, abs=4)


def test_raw_mu_law_is_known_by_its_media_type() -> None:
    wav = convert(b"\xff" * 8000, media_type="audio/basic")
    assert seconds_of(wav) == 1.0


def test_levelled_prompts_are_equally_loud_and_never_clip() -> None:
    for level in (0.01, 0.9):
        wav = convert(encoded(tone(RATE, 1.0, level=level), RATE, "WAV"), level=True)
        samples, _ = soundfile.read(io.BytesIO(wav))
        assert 20 * np.log10(np.sqrt(np.mean(samples**2))) == pytest.approx(-20, abs=0.5)
        assert np.max(np.abs(samples)) < 1.0


def test_silence_is_cut_off_both_ends() -> None:
    quiet = np.zeros((RATE, 1))
    wav = convert(encoded(np.concatenate([quiet, tone(RATE, 0.5), quiet]), RATE, "WAV"), trim=True)
    assert 0.5 <= seconds_of(wav) <= 0.6


@given(st.binary(max_size=400))
def test_what_is_no_audio_is_refused_with_a_reason(data: bytes) -> None:
    try:
        wav = convert(data)
    except NotAudio as error:
        reason = str(error)
    else:
        reason = f"{seconds_of(wav)} s"
    assert reason not in ("", "0.0 s")


def test_a_recording_of_hours_is_refused() -> None:
    samples = np.zeros(8000 * 60 * 31, dtype=np.int16)
    with pytest.raises(NotAudio, match="30 minutes"):
        convert(encoded(samples, 8000, "FLAC", "PCM_16"))


def test_the_shipped_pieces_are_telephone_audio_for_every_figure() -> None:
    from vxmlplat.speech.phrases.language import language_of

    for language in ("en-US", "zh-CN"):
        speaker = language_of(language)
        assert speaker is not None
        for name in speaker.pieces:
            file = PIECES.parents[1] / language / "pieces" / f"{name}.wav"
            with soundfile.SoundFile(file) as sound:
                assert (sound.samplerate, sound.channels, sound.subtype) == (RATE, 1, "PCM_16")
                assert 0.05 < sound.frames / RATE < 2.5, file


def test_the_silence_before_the_first_word_is_taken_away() -> None:
    quiet, loud = np.zeros(RATE // 2, np.float32), np.full(RATE, 0.5, np.float32)
    kept = without_lead_in(np.concatenate([quiet, loud, quiet]), RATE)
    assert len(kept) == len(loud) + len(quiet) + RATE * 0.005
    breath = np.full(RATE // 50, 0.005, np.float32)
    kept = without_lead_in(np.concatenate([quiet, breath, loud]), RATE)
    assert len(kept) == len(breath) + len(loud) + RATE * 0.005, "an h is not cut off"
    assert len(without_lead_in(quiet, RATE)) == len(quiet)
