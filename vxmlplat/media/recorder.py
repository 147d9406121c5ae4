"""Recordings: frames in from the loop, a WAV file out, written by a helper thread as the call goes.

The loop only appends payloads as they are; once a second they go to the writer, which decodes, conceals,
mixes and
writes them and brings the file's header up to date, so that a recording cut short by a crash can still
be played.
"""

from __future__ import annotations

import queue
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np

from vxmlplat.media.clips import Tone
from vxmlplat.media.codecs import FRAME_SAMPLES, Decoder, Samples
from vxmlplat.media.events import RecordEnd
from vxmlplat.media.playback import Playback
from vxmlplat.media.prompts import encoded, tone_samples

if TYPE_CHECKING:
    from vxmlplat.media.line import Line

RATE = 8000
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_CHUNK_FRAMES = 50
_BEEP_FRAMES = 25
_FADE = 0.7
_SILENCE = np.zeros(FRAME_SAMPLES, np.int16)

Frame: TypeAlias = bytes | None


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
class Chunk:
    """A second or less of frames for the writer: received and sent, with the streams' decoders."""

    received: tuple[Frame, ...]
    sent: tuple[Frame, ...]
    receive_decoder: Decoder
    send_decoder: Decoder


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

    def write(self, chunk: Chunk) -> None:
        """Append a chunk; an error of the disk ends the file's growth and is kept for the end."""
        if self.error:
            return
        try:
            if self._file is None:
                self._open()
            self._append(self._samples(chunk))
        except OSError as error:
            self.error = str(error)
            self.close()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("wb", buffering=0)
        self._file.write(wav_header(self.channels, 0))

    def _append(self, samples: Samples) -> None:
        file = self._file
        if file is None:
            return
        file.write(samples.astype("<i2", copy=False).tobytes())
        self.samples += len(samples) // self.channels
        file.seek(0)
        file.write(wav_header(self.channels, 2 * self.channels * self.samples))
        file.seek(0, 2)

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
        if self.audio == "received":
            return self._decode(chunk.received, chunk.receive_decoder, sent=False)
        if self.audio == "sent":
            return self._decode(chunk.sent, chunk.send_decoder, sent=True)
        caller = self._decode(chunk.received, chunk.receive_decoder, sent=False)
        other = self._decode(chunk.sent, chunk.send_decoder, sent=True)
        if self.audio == "stereo":
            return np.stack([caller, other], axis=1).reshape(-1)
        mixed: Samples = np.clip(caller.astype(np.int32) + other, -32768, 32767).astype(np.int16)
        return mixed

    def _decode(self, frames: tuple[Frame, ...], decoder: Decoder, *, sent: bool) -> Samples:
        """Samples of frames; a missing one repeats the one before, fading."""
        if None not in frames and all(len(frame) == FRAME_SAMPLES for frame in frames if frame is not None):
            whole = decoder.decode(b"".join(frame for frame in frames if frame is not None))
            if len(whole) == FRAME_SAMPLES * len(frames):
                self._last[sent] = whole[-FRAME_SAMPLES:]
                return whole
        parts = []
        for frame in frames:
            if frame is None:
                samples = (self._last[sent] * np.float32(_FADE)).astype(np.int16)
            else:
                samples = decoder.decode(frame)
                if len(samples) != FRAME_SAMPLES:
                    samples = np.resize(samples, FRAME_SAMPLES) if len(samples) else _SILENCE
            self._last[sent] = samples
            parts.append(samples)
        return np.concatenate(parts) if parts else _SILENCE[:0]


class RecordWriter:
    """The helper thread of all recordings; what it has finished is told at :meth:`collect`."""

    def __init__(self, *, threaded: bool = True) -> None:
        self._asked: queue.SimpleQueue[tuple[WavFile, Chunk | Callable[[], None]] | None] = (
            queue.SimpleQueue()
        )
        self._done: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
            self._thread.start()

    def write(self, file: WavFile, chunk: Chunk) -> None:
        """Write this chunk soon."""
        self._put(file, chunk)

    def finish(self, file: WavFile, done: Callable[[], None]) -> None:
        """Complete the file after all its chunks, then call ``done`` from the loop."""
        self._put(file, done)

    def collect(self) -> None:
        """Tell what is finished; called from the loop."""
        while self._done:
            self._done.popleft()()

    def close(self) -> None:
        """Write what waits and end the thread."""
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join(5.0)
            self._thread = None

    def _put(self, file: WavFile, what: Chunk | Callable[[], None]) -> None:
        if self._thread is None:
            self._handle(file, what)
        else:
            self._asked.put((file, what))

    def _work(self) -> None:
        while (order := self._asked.get()) is not None:
            self._handle(*order)

    def _handle(self, file: WavFile, what: Chunk | Callable[[], None]) -> None:
        if isinstance(what, Chunk):
            file.write(what)
        else:
            file.close()
            self._done.append(what)


@dataclass(frozen=True, slots=True)
class RecordLimits:
    """When a recording ends by itself; seconds, None for never."""

    longest: float | None = None
    final_silence: float | None = None
    initial_silence: float | None = None


class Recording:
    """A recording in progress, in the loop's hands: a frame each way every 20 ms, appended to
    ``received`` and ``sent`` (the loop does it itself), and a :meth:`flush` when it is due.

    ``ended(recording)`` is called from the loop when the file is complete; ``reason``, ``key`` and
    ``file`` then tell all.
    """

    def __init__(
        self,
        number: int,
        file: WavFile,
        writer: RecordWriter,
        limits: RecordLimits,
        decoders: tuple[Decoder, Decoder],
        ended: Callable[[Recording], None],
        stop_keys: str = "",
    ) -> None:
        self.number = number
        self.file = file
        self.limits = limits
        self.stop_keys = stop_keys
        self.reason: RecordEnd | None = None
        self.key: str | None = None
        self.listens = limits.final_silence is not None or limits.initial_silence is not None
        self._writer = writer
        self._decoders = decoders
        self._ended = ended
        self.received: list[Frame] = []
        self.sent: list[Frame] = []
        self._ticks = 0
        self._waiting = 0
        self._most = None if limits.longest is None else max(1, round(limits.longest * 50))
        self._spoken = False
        self._quiet = 0

    @property
    def duration(self) -> float:
        """Seconds recorded."""
        return self._ticks / 50

    def begin_after_beep(self, line: Line) -> None:
        """Let the caller hear the beep first, and record from its end."""
        self._waiting = _BEEP_FRAMES
        beep = tone_samples(Tone((1000.0,), 20 * _BEEP_FRAMES, level=-16.0), line.codec.rate)
        playback = Playback(0, line.codec)
        playback.load([encoded(line.codec, beep, line.codec.rate)])
        line.start_play(playback)

    def add(self, received: Frame, sent: Frame) -> None:
        """20 ms of both ways."""
        self.received.append(received)
        self.sent.append(sent)

    def flush(self) -> int:
        """Hand over what has gathered; how many ticks from now it should be done again."""
        gathered = len(self.received)
        if self._waiting:
            dropped = min(self._waiting, gathered)
            self._waiting -= dropped
            del self.received[:dropped], self.sent[:dropped]
            gathered -= dropped
        if self.reason is None and gathered:
            if self._most is not None:
                gathered = min(gathered, self._most - self._ticks)
            frames = tuple(self.received[:gathered]), tuple(self.sent[:gathered])
            self._writer.write(self.file, Chunk(*frames, *self._decoders))
            self._ticks += gathered
        self.received.clear()
        self.sent.clear()
        if self._most is None:
            return _CHUNK_FRAMES
        if self._ticks >= self._most:
            if self.reason is None:
                self._end(RecordEnd.MAX_TIME, None)
            return _CHUNK_FRAMES
        return min(_CHUNK_FRAMES, max(1, self._most - self._ticks + self._waiting))

    def hear(self, speaking: bool) -> None:
        """Whether the caller spoke in this tick: silence may end the recording."""
        if self._waiting:
            return
        if speaking:
            self._spoken, self._quiet = True, 0
            return
        self._quiet += 1
        limits = self.limits
        if self._spoken:
            if limits.final_silence is not None and self._quiet >= limits.final_silence * 50:
                self.stop(RecordEnd.SILENCE)
        elif limits.initial_silence is not None and self._quiet >= limits.initial_silence * 50:
            self.stop(RecordEnd.NO_INPUT)

    def use(self, receive_decoder: Decoder, send_decoder: Decoder) -> None:
        """The codec has changed in mid-call."""
        self.flush()
        self._decoders = (receive_decoder, send_decoder)

    def stop(self, reason: RecordEnd, key: str | None = None) -> None:
        """End it; nothing happens when it has ended."""
        if self.reason is not None:
            return
        self.flush()
        if self.reason is None:
            self._end(reason, key)

    def _end(self, reason: RecordEnd, key: str | None) -> None:
        self.reason, self.key = reason, key
        self._writer.finish(self.file, lambda: self._ended(self))
