"""Bringing audio in: whatever was uploaded or fetched becomes 8 kHz mono 16-bit WAV, which the media plane
plays.

Decoding is libsndfile's (WAV of every kind, MP3, OGG, FLAC, AIFF, AU; raw G.711 where the media type says
so), resampling soxr's,
cutting and levelling pydub's.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile
import soxr
from pydub import AudioSegment
from pydub.silence import detect_leading_silence

from vxmlplat.speech.engine import Samples
from vxmlplat.speech.errors import NotAudio

RATE = 8000
MAX_SECONDS = 1800.0
#: spoken prompts are brought to this mean level, so that no piece is louder than its neighbour
LEVEL_DBFS = -20.0
#: what is quieter than this (of full scale) is silence before a word, what is louder may be the breath of an
#: h or an f; so many seconds of silence stay, against clicks
_AUDIBLE = 0.003
_LEAD_IN = 0.005
_PEAK = 10 ** (-1.0 / 20)
_RAW = {"audio/basic": "ULAW", "audio/x-alaw-basic": "ALAW", "audio/pcmu": "ULAW", "audio/pcma": "ALAW"}


def convert(source: bytes | Path, *, media_type: str = "", level: bool = False, trim: bool = False) -> bytes:
    """The audio as a WAV file of 8 kHz, mono, 16 bits.

    ``level`` brings it to the mean level of prompts, ``trim`` cuts silence off both ends. Raises NotAudio for
    bytes that are no
    audio, for an empty recording and for one of more than half an hour.
    """
    samples, rate = _decode(source, media_type)
    wav = to_wav(samples, rate)
    if not (level or trim):
        return wav
    segment = AudioSegment.from_file(io.BytesIO(wav), format="wav")
    if trim:
        segment = _trimmed(segment)
    if level and segment.dBFS > -70:
        gain = LEVEL_DBFS - segment.dBFS
        segment = segment.apply_gain(min(gain, -1.0 - segment.max_dBFS))
    out = io.BytesIO()
    segment.export(out, format="wav")
    return out.getvalue()


def _trimmed(segment: AudioSegment) -> AudioSegment:
    begin = detect_leading_silence(segment, silence_threshold=-45.0)
    end = detect_leading_silence(segment.reverse(), silence_threshold=-45.0)
    if begin + end >= len(segment):
        raise NotAudio("the recording is silent")
    return segment[max(0, begin - 20) : len(segment) - max(0, end - 40)]


def _decode(source: bytes | Path, media_type: str) -> tuple[Samples, int]:
    data = source.read_bytes() if isinstance(source, Path) else source
    raw = _RAW.get(media_type.partition(";")[0].strip().lower())
    # audio/basic means raw µ-law, but many servers say so of a Sun .au file or a WAV.
    if raw and data[:4] not in (b".snd", b"RIFF"):
        keywords = {"format": "RAW", "subtype": raw, "samplerate": RATE, "channels": 1}
    else:
        keywords = {}
    try:
        with soundfile.SoundFile(io.BytesIO(data), **keywords) as file:
            if file.frames > MAX_SECONDS * file.samplerate:
                raise NotAudio(f"longer than {MAX_SECONDS / 60:.0f} minutes")
            samples = file.read(dtype="float32", always_2d=True)
            rate = int(file.samplerate)
    except (soundfile.SoundFileError, OSError, TypeError, ValueError) as error:
        raise NotAudio(f"no audio that can be decoded ({error})") from error
    if not len(samples):
        raise NotAudio("the recording is empty")
    return samples.mean(axis=1), rate


def to_wav(samples: Samples, rate: int) -> bytes:
    """Samples at any rate as a WAV file of 8 kHz, mono, 16 bits; peaks beyond full scale are brought down."""
    if rate != RATE:
        samples = soxr.resample(samples, rate, RATE, quality="HQ").astype(np.float32)
    peak = float(np.max(np.abs(samples))) if len(samples) else 0.0
    if peak > 1.0:
        samples = samples * (_PEAK / peak)
    out = io.BytesIO()
    soundfile.write(out, np.clip(samples, -1.0, 1.0), RATE, format="WAV", subtype="PCM_16")
    return out.getvalue()


def without_lead_in(samples: Samples, rate: int) -> Samples:
    """The samples without the silence that an engine puts before the first word:

    it would be added to every answer.
    """
    loud = np.flatnonzero(np.abs(samples) > _AUDIBLE)
    if not len(loud):
        return samples
    return samples[max(0, int(loud[0]) - int(_LEAD_IN * rate)) :]


def seconds_of(wav: bytes) -> float:
    """The length of a WAV file. Raises NotAudio."""
    try:
        with soundfile.SoundFile(io.BytesIO(wav)) as file:
            return float(file.frames) / float(file.samplerate)
    except (soundfile.SoundFileError, OSError) as error:
        raise NotAudio(f"no audio that can be decoded ({error})") from error
