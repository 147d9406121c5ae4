"""The file of a recording, in the hands of the thread that writes it: frames decoded, holes filled, both ways
mixed or side by side, and a header that is always right up to the last second.
"""

from __future__ import annotations

import os
import struct
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from vxmlplat.media.codecs import FRAME_SAMPLES, Decoder, Samples

RATE = 8000
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FADE = 0.7
_SILENCE = np.zeros(FRAME_SAMPLES, np.int16)


def wav_header(channels: int, data_bytes: int) -> bytes:
    """The 44 bytes before 16-bit samples at 8 kHz."""
    block = 2 * channels
    data_bytes = min(data_bytes, 0xFFFFFFFF - 36)
    return _HEADER.pack(
        b"RIFF",
        36 + data_bytes,
        b"WAVE",
        b"fmt ",
        16,
        1,
        channels,
        RATE,
        RATE * block,
        block,
        16,
        b"data",
        data_bytes,
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some frames of one way, for the writer: joined bytes or packets, and which are holes."""

    data: bytes
    packets: tuple[bytes, ...]
    holes: frozenset[int]
    count: int
    decoder: Decoder


@dataclass(frozen=True, slots=True)
class Chunk:
    """A second or less for the writer; a way that the recording does not want is None."""

    received: Stretch | None
    sent: Stretch | None


class WavFile:
    """A recording's file, in the writer's hands."""

    def __init__(self, path: Path, audio: str) -> None:
        self.path = path
        self.audio = audio
        self.channels = 2 if audio == "stereo" else 1
        self.samples = 0
        self.error = ""
        self._file: BinaryIO | None = None
        self._last = {False: _SILENCE, True: _SILENCE}

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return _HEADER.size + 2 * self.channels * self.samples

    def write(self, chunk: Chunk, turn: AbstractContextManager[None]) -> None:
        """Append a chunk, computed within a turn; an error of the disk ends the file's growth and is kept for
        the end.
        """
        if self.error:
            return
        try:
            if self._file is None:
                self._open()
            with turn:
                data = self._samples(chunk).astype("<i2", copy=False).tobytes()
            self._append(data)
        except OSError as error:
            self.error = str(error)
            self.close()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("wb", buffering=0)
        self._put(wav_header(self.channels, 0), 0)

    def _append(self, data: bytes) -> None:
        if self._file is None:
            return
        self._put(data, self.size)
        self.samples += len(data) // (2 * self.channels)
        self._put(wav_header(self.channels, 2 * self.channels * self.samples), 0)

    def _put(self, data: bytes, at: int) -> None:
        """Write all of it; what a full disk has taken in part is tried again, for its error."""
        assert self._file is not None
        while data:
            written = os.pwrite(self._file.fileno(), data, at)
            data, at = data[written:], at + written

    def close(self) -> None:
        """Complete the file."""
        try:
            if self._file is None and not self.error:
                self._open()
            if self._file is not None:
                self._file.close()
        except OSError as error:
            self.error = self.error or str(error)
        self._file = None

    def _samples(self, chunk: Chunk) -> Samples:
        ways = [
            self._decode(stretch, sent=sent)
            for sent, stretch in ((False, chunk.received), (True, chunk.sent))
            if stretch is not None
        ]
        if len(ways) == 1:
            return ways[0]
        if self.audio == "stereo":
            return np.stack(ways, axis=1).reshape(-1)
        mixed: Samples = np.clip(ways[0].astype(np.int32) + ways[1], -32768, 32767).astype(np.int16)
        return mixed

    def _decode(self, stretch: Stretch, *, sent: bool) -> Samples:
        """Samples of a stretch; a hole repeats the frame before, fading."""
        if stretch.packets:
            parts = [stretch.decoder.decode(packet)[:FRAME_SAMPLES] for packet in stretch.packets]
            samples = np.concatenate([np.pad(part, (0, FRAME_SAMPLES - len(part))) for part in parts])
        else:
            samples = stretch.decoder.decode(stretch.data)
        frames = samples.reshape(stretch.count, FRAME_SAMPLES)
        if stretch.holes:
            frames = frames.copy()
            last = self._last[sent]
            for index in range(stretch.count):
                if index in stretch.holes:
                    frames[index] = last * np.float32(_FADE)
                last = frames[index]
        self._last[sent] = frames[-1]
        return frames.reshape(-1)
