"""Recordings brought into the forms that documents ask for and archives hold."""

import os
import wave

import numpy as np
import pytest
import soundfile

from vxmlplat.media import MediaError, RecordingConverter, convert_file
from vxmlplat.media.errors import AudioFileError
from vxmlplat.media.g711 import A_LAW, MU_LAW
from vxmlplat.media.recordings import FORMS, form
from vxmlplat.vxml.media_types import MEDIA_TYPES

SAMPLES = (6000 * np.sin(2 * np.pi * 440 * np.arange(24000) / 8000)).astype(np.int16)


def recording(path, *channels):
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, 8000, 0, "NONE", ""))
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return path


def loudness(samples, frequency):
    t = np.arange(len(samples)) / 8000
    return abs(np.exp(-2j * np.pi * frequency * t) @ np.asarray(samples, float)) * 2 / len(samples)


def test_everything_that_a_document_may_ask_for_can_be_made(tmp_path):
    for media_type in MEDIA_TYPES:
        kept = convert_file(recording(tmp_path / "r.wav", SAMPLES), f"{media_type.upper()}; x=1")
        assert (kept.media_type, kept.duration, kept.size) == (media_type, 3.0, kept.path.stat().st_size)


@pytest.mark.parametrize(
    ("media_type", "law", "suffix"), [("audio/basic", MU_LAW, ".au"), ("audio/x-alaw-basic", A_LAW, ".al")]
)
def test_bare_g711_is_the_samples_and_nothing_else(tmp_path, media_type, law, suffix):
    kept = convert_file(recording(tmp_path / "r.wav", SAMPLES), media_type)
    assert kept.path == tmp_path / f"r{suffix}"
    assert kept.path.read_bytes() == law.encode(SAMPLES)
    assert not (tmp_path / "r.wav").exists()


def test_two_channels_become_one_of_bare_g711(tmp_path):
    kept = convert_file(recording(tmp_path / "r.wav", SAMPLES, SAMPLES // 2), "audio/basic")
    assert loudness(MU_LAW.decode(kept.path.read_bytes()), 440) == pytest.approx(9000, rel=0.02)


def test_a_wav_recording_stays_as_it_is(tmp_path):
    path = recording(tmp_path / "r.wav", SAMPLES)
    before = path.read_bytes()
    assert convert_file(path, "audio/x-wav").path == path
    assert path.read_bytes() == before


def test_flac_keeps_every_sample_of_both_sides(tmp_path):
    other = np.roll(SAMPLES, 100)
    kept = convert_file(recording(tmp_path / "r.wav", SAMPLES, other), "audio/flac", keep=True)
    data, rate = soundfile.read(kept.path, dtype="int16")
    assert rate == 8000
    assert np.array_equal(data, np.stack([SAMPLES, other], axis=1))
    assert (tmp_path / "r.wav").exists()


def test_opus_is_a_tenth_of_the_size_and_still_the_same_sound(tmp_path):
    voice = np.tile(SAMPLES, 10)
    path = recording(tmp_path / "r.wav", voice)
    size = path.stat().st_size
    kept = convert_file(path, "audio/ogg")
    assert kept.size < size / 6
    assert soundfile.info(kept.path).subtype == "OPUS"
    data, rate = soundfile.read(kept.path, dtype="int16")
    assert len(data) / rate == pytest.approx(30.0, abs=0.1)
    assert loudness(data[8000:16000], 440 * 8000 / rate) == pytest.approx(6000, rel=0.1)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no audio at all" * 10])
def test_what_is_no_recording_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "r.wav"
    path.write_bytes(content)
    with pytest.raises(AudioFileError, match="WAV"):
        convert_file(path, "audio/flac")
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["r.wav"]
    with pytest.raises(AudioFileError):
        convert_file(tmp_path / "missing.wav", "audio/flac")


def test_a_type_that_cannot_be_made_says_which_can(tmp_path):
    with pytest.raises(AudioFileError, match="audio/basic"):
        convert_file(recording(tmp_path / "r.wav", SAMPLES), "video/mp4")


def test_a_conversion_that_fails_leaves_the_recording_and_no_ruins(tmp_path, monkeypatch):
    path = recording(tmp_path / "r.wav", SAMPLES)

    def full(part, *_):
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(FORMS, "audio/flac", FORMS["audio/flac"].__class__(".flac", full))
    with pytest.raises(AudioFileError, match="No space left"):
        convert_file(path, "audio/flac")
    assert os.listdir(tmp_path) == ["r.wav"]


def test_a_form_is_registered_once():
    with pytest.raises(MediaError, match="audio/flac"):
        form(".flac", "audio/flac")(lambda *_: None)


async def test_the_converter_works_beside_the_loop_and_gives_way(tmp_path):
    converter = RecordingConverter()
    try:
        kept = await converter.convert(recording(tmp_path / "r.wav", SAMPLES), "audio/ogg")
        assert kept.path.exists()
        nice = converter._threads.submit(lambda: os.getpriority(os.PRIO_PROCESS, 0)).result()
        assert nice >= 10
        with pytest.raises(AudioFileError):
            await converter.convert(tmp_path / "missing.wav", "audio/ogg")
    finally:
        converter.close()
