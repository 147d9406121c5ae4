"""Finished recordings in the form in which they are handed over or kept.

The media process writes 16-bit WAV while the call goes, since that is what survives a crash and costs it
least. What a document has asked for (``<record type>``, VoiceXML 2.0 appendix E) and what an archive is to
hold is made of that file afterwards, by a thread that gives way to everything else::

    converter = RecordingConverter()
    kept = await converter.convert(Path("call.wav"), "audio/ogg")  # call.ogg, a tenth of the size
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import threading
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.errors import AudioFileError, MediaError
from vxmlplat.media.g711 import A_LAW, MU_LAW, Law

Samples: TypeAlias = NDArray[np.int16]

_BLOCK = 80_000
_NICE = 10


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """A recording's file as it is now; ``duration`` in seconds, ``size`` in bytes."""

    path: Path
    media_type: str
    duration: float
    size: int


Writer: TypeAlias = Callable[[Path, Iterator[Samples], int, int], None]
"""Writes a new file of blocks of samples (a row a moment, a column a channel), their rate and channels."""


@dataclass(frozen=True, slots=True)
class Form:
    """A file format: the name's ending, and who writes it; None leaves the WAV file as it is."""

    suffix: str
    write: Writer | None


FORMS: dict[str, Form] = {}


def form(suffix: str, *media_types: str) -> Callable[[Writer], Writer]:
    """Enter a writer under its media types; MediaError when one is taken."""

    def enter(writer: Writer) -> Writer:
        for media_type in media_types:
            _enter(media_type, Form(suffix, writer))
        return writer

    return enter


def _enter(media_type: str, made: Form) -> None:
    if media_type in FORMS:
        raise MediaError(f"the recording form {media_type} is registered twice")
    FORMS[media_type] = made


for _name in ("audio/x-wav", "audio/wav", "audio/wave", "audio/vnd.wave"):
    _enter(_name, Form(".wav", None))


def find_form(media_type: str) -> tuple[str, Form]:
    """The form of a media type, whatever its case and parameters; AudioFileError when there is none."""
    name = media_type.partition(";")[0].strip().lower()
    if name not in FORMS:
        raise AudioFileError(
            f"recordings of the type {media_type!r} cannot be made; there are {', '.join(FORMS)}"
        )
    return name, FORMS[name]


@form(".au", "audio/basic")
def _mu_law(path: Path, blocks: Iterator[Samples], rate: int, channels: int) -> None:
    """Bare µ-law, one channel at 8 kHz (RFC 2046 §4.3)."""
    _bare(path, blocks, MU_LAW)


@form(".al", "audio/x-alaw-basic")
def _a_law(path: Path, blocks: Iterator[Samples], rate: int, channels: int) -> None:
    """Bare A-law, one channel at 8 kHz."""
    _bare(path, blocks, A_LAW)


def _bare(path: Path, blocks: Iterator[Samples], law: Law) -> None:
    with path.open("wb") as file:
        for block in blocks:
            mixed = block[:, 0] if block.shape[1] == 1 else np.clip(block.sum(axis=1), -32768, 32767)
            file.write(law.encode(np.ascontiguousarray(mixed, np.int16)))


@form(".flac", "audio/flac")
def _flac(path: Path, blocks: Iterator[Samples], rate: int, channels: int) -> None:
    """Every sample kept, in about half the size."""
    _sound_file(path, blocks, rate, channels, format="FLAC", subtype="PCM_16")


@form(".ogg", "audio/ogg")
def _ogg(path: Path, blocks: Iterator[Samples], rate: int, channels: int) -> None:
    """Opus in Ogg: what is said and how it is said, in about a tenth of the size."""
    _sound_file(path, blocks, rate, channels, format="OGG", subtype="OPUS")


def _sound_file(path: Path, blocks: Iterator[Samples], rate: int, channels: int, **kind: str) -> None:
    import soundfile  # here, so that the media process, which knows this room too, does not load it

    with soundfile.SoundFile(path, "w", samplerate=rate, channels=channels, **kind) as file:
        for block in blocks:
            file.write(block)


def convert_file(path: Path, media_type: str, *, keep: bool = False) -> KeptRecording:
    """Make a finished WAV recording one of this media type, beside it; the WAV file goes unless ``keep``.

    The new file appears whole or not at all. AudioFileError when the type is unknown, the file is no
    recording, or the disk does not take the new one; the WAV file is there then.
    """
    name, chosen = find_form(media_type)
    try:
        with path.open("rb") as raw, wave.open(raw) as reader:
            if reader.getsampwidth() != 2:
                raise AudioFileError(f"{path}: no recording of 16 bits")
            rate, channels, frames = reader.getframerate(), reader.getnchannels(), reader.getnframes()
            if chosen.write is None:
                return KeptRecording(path, name, frames / rate, path.stat().st_size)
            target = path.with_suffix(chosen.suffix)
            part = path.with_suffix(f"{chosen.suffix}.part")
            try:
                _like(path, part)
                chosen.write(part, _blocks(reader), rate, channels)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
    except (wave.Error, EOFError) as error:
        raise AudioFileError(f"{path}: no WAV file of PCM: {error}") from error
    except (OSError, RuntimeError) as error:  # RuntimeError: libsndfile's own, a full disk among them
        raise AudioFileError(f"{path}: cannot be made {name}: {error}") from error
    if not keep:
        path.unlink(missing_ok=True)
    return KeptRecording(target, name, frames / rate, target.stat().st_size)


def _like(path: Path, part: Path) -> None:
    """Make the new file before anything is in it: whoever may not read the one may not read the other."""
    mode = stat.S_IMODE(path.stat().st_mode)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode))


def _blocks(reader: wave.Wave_read) -> Iterator[Samples]:
    channels = reader.getnchannels()
    while data := reader.readframes(_BLOCK):
        whole = len(data) // (2 * channels) * 2 * channels
        yield np.frombuffer(data[:whole], "<i2").astype(np.int16, copy=False).reshape(-1, channels)


class RecordingConverter:
    """The platform's way to :func:`convert_file` from the event loop: one recording at a time, in a thread of
    low priority, which lets the interpreter go while it encodes.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="recordings", initializer=_give_way)

    async def convert(self, path: Path, media_type: str, *, keep: bool = False) -> KeptRecording:
        """As :func:`convert_file`; returns when the file is there."""
        work: Any = self._threads.submit(convert_file, path, media_type, keep=keep)
        made: KeptRecording = await asyncio.wrap_future(work)
        return made

    def close(self) -> None:
        """End the thread; conversions that wait are not done, their WAV files stay."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def _give_way() -> None:
    with contextlib.suppress(OSError):  # Linux knows a nice value for each thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
