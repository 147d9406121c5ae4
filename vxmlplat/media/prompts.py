"""Prompts, encoded once and kept: files to payload bytes, off the loop.

A helper thread reads and encodes; the loop asks with :meth:`PromptStore.request` and collects what is done
with :meth:`PromptStore.collect`. The thread computes in short steps between the loop's slots.
"""

from __future__ import annotations

import math
import queue
import threading
import time
import wave
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from vxmlplat.media.clips import Clip, FileClip, Mark, Silence, Tone
from vxmlplat.media.codecs import Codec, Samples
from vxmlplat.media.errors import AudioFileError

Segment: TypeAlias = "Audio | Mark"

FRESH_SECONDS = 1.0
"""For so long a file is taken to be unchanged without a look at it."""
_STEP_SECONDS = 1
_LONGEST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Audio:
    """A stretch of encoded audio: bytes ``start`` to ``end`` of ``data`` (stream codecs), or ``frames``
    (packet codecs).
    """

    data: bytes = b""
    start: int = 0
    end: int = 0
    frames: tuple[bytes, ...] = ()

    @property
    def length(self) -> int:
        """How much it is: bytes, or frames."""
        return len(self.frames) or self.end - self.start


@dataclass(slots=True)
class Prompt:
    """A list of clips on its way: ``segments`` when it is ready, ``error`` when it cannot be played."""

    clips: Sequence[Clip]
    codec: Codec
    gain_db: float
    ready: Callable[[Prompt], None]
    segments: list[Segment] = field(default_factory=list)
    error: str = ""


@dataclass(slots=True)
class _Encoded:
    audio: Audio
    size: int
    stamp: tuple[int, int]
    seen: float
    seconds: float


_Key: TypeAlias = tuple[object, ...]


class PromptStore:
    """Encoded prompts by path, codec and gain; the least recently used go when ``limit`` bytes are passed.

    ``done`` holds what :meth:`collect` would tell; ``wake`` is called from the thread when there is
    something; the thread computes within a ``turn`` (:mod:`.intervals`).
    """

    def __init__(
        self,
        limit: int,
        *,
        now: Callable[[], float] = time.monotonic,
        threaded: bool = True,
        wake: Callable[[], None] | None = None,
        turn: AbstractContextManager[None] | None = None,
    ) -> None:
        self.limit = limit
        self.size = 0
        self._now = now
        self._wake = wake
        self._turn = turn or nullcontext()
        self._kept: OrderedDict[_Key, _Encoded] = OrderedDict()
        self._asked: queue.SimpleQueue[Prompt | None] = queue.SimpleQueue()
        self.done: deque[Prompt] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._work, name="prompts", daemon=True)
            self._thread.start()

    def __len__(self) -> int:
        return len(self._kept)

    def request(self, prompt: Prompt) -> None:
        """Make a prompt ready: at once when all of it is kept and fresh, else later, at a :meth:`collect`."""
        try:
            prompt.segments = self._segments(prompt, fresh=True)
        except KeyError:
            if self._thread is None:
                self._prepare(prompt)
            else:
                self._asked.put(prompt)
        else:
            prompt.ready(prompt)

    def collect(self) -> bool:
        """Tell one of the prompts that have become ready, called from the loop; False when there is none."""
        if not self.done:
            return False
        prompt = self.done.popleft()
        prompt.ready(prompt)
        return True

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join(2.0)
            self._thread = None

    def _work(self) -> None:
        while (prompt := self._asked.get()) is not None:
            self._prepare(prompt)
            if self._wake is not None:
                self._wake()

    def _prepare(self, prompt: Prompt) -> None:
        try:
            prompt.segments = self._segments(prompt, fresh=False)
        except (AudioFileError, OSError) as error:
            prompt.error = str(error)
        self.done.append(prompt)

    def _segments(self, prompt: Prompt, *, fresh: bool) -> list[Segment]:
        """All segments of a prompt; ``fresh`` raises KeyError instead of touching the disk."""
        segments: list[Segment] = []
        for clip in prompt.clips:
            match clip:
                case Mark():
                    segments.append(clip)
                case Silence(ms):
                    segments += silence(prompt.codec, ms)
                case Tone():
                    segments.append(self._tone(clip, prompt.codec, prompt.gain_db, fresh=fresh))
                case FileClip(path, start, end):
                    kept = self._file(path, prompt.codec, prompt.gain_db, fresh=fresh)
                    segments.append(cut(kept.audio, prompt.codec, start, end))
        return segments

    def _tone(self, tone: Tone, codec: Codec, gain_db: float, *, fresh: bool) -> Audio:
        key = (tone, codec.name, gain_db)
        kept = self._kept.get(key)
        if kept is None:
            if fresh:
                raise KeyError(key)
            kept = self._keep(key, tone_samples(tone, codec.rate), codec.rate, codec, gain_db, (0, 0))
        return kept.audio

    def _file(self, path: Path, codec: Codec, gain_db: float, *, fresh: bool) -> _Encoded:
        key = (str(path), codec.name, gain_db)
        now = self._now()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now - kept.seen < FRESH_SECONDS:
                self._kept.move_to_end(key)
                return kept
        if fresh:
            raise KeyError(key)
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        if kept is not None and kept.stamp == stamp:
            kept.seen = now
            return kept
        samples, rate = read_wav(path)
        return self._keep(key, samples, rate, codec, gain_db, stamp)

    def _keep(
        self, key: _Key, samples: Samples, rate: int, codec: Codec, gain_db: float, stamp: tuple[int, int]
    ) -> _Encoded:
        if gain_db:
            samples = amplify(samples, gain_db)
        audio = encoded(codec, samples, rate, self._turn)
        audio_parts = audio.frames or (audio.data,)
        size = sum(map(len, audio_parts)) + 64 * len(audio_parts) + 512
        kept = _Encoded(audio, size, stamp, self._now(), len(samples) / rate)
        with self._lock:
            old = self._kept.pop(key, None)
            if old is not None:
                self.size -= old.size
            self._kept[key] = kept
            self.size += size
            while self.size > self.limit and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self.size -= dropped.size
        return kept


def read_wav(path: Path) -> tuple[Samples, int]:
    """Samples and rate of a prompt file: WAV, 16-bit, mono, 8 or 16 kHz; AudioFileError says what else
    it is.
    """
    try:
        with path.open("rb") as file, wave.open(file) as reader:
            form = (reader.getnchannels(), reader.getsampwidth(), reader.getframerate())
            if form not in ((1, 2, 8000), (1, 2, 16000)):
                raise AudioFileError(
                    f"{path}: {form[0]} channel(s) of {8 * form[1]} bits at {form[2]} Hz;"
                    " a prompt is one channel of 16 bits at 8000 or 16000 Hz"
                )
            if reader.getnframes() > form[2] * _LONGEST_SECONDS:
                raise AudioFileError(f"{path}: longer than {_LONGEST_SECONDS} s")
            data = reader.readframes(reader.getnframes())
    except (wave.Error, EOFError) as error:
        raise AudioFileError(f"{path}: no WAV file of PCM: {error}") from error
    return np.frombuffer(data[: len(data) & ~1], "<i2").astype(np.int16, copy=False), form[2]


def encoded(
    codec: Codec, samples: Samples, rate: int, turn: AbstractContextManager[None] | None = None
) -> Audio:
    """Samples as a codec's audio, in steps of which each is done within a turn."""
    turn = turn or nullcontext()
    if codec.law is not None and rate == codec.rate:
        step = rate * _STEP_SECONDS
        parts = []
        for start in range(0, len(samples), step):
            with turn:
                parts += codec.encode_prompt(samples[start : start + step], rate)
        data = b"".join(parts)
        return Audio(data, 0, len(data))
    frames = codec.encode_prompt(samples, rate)
    if not codec.frame_bytes:
        return Audio(frames=tuple(frames))
    data = b"".join(frames)
    return Audio(data, 0, len(data))


def amplify(samples: Samples, gain_db: float) -> Samples:
    """Louder or softer by so many decibels, clipped at full scale."""
    scaled = samples.astype(np.float32) * np.float32(10 ** (gain_db / 20))
    result: Samples = np.clip(scaled, -32768, 32767).astype(np.int16)
    return result


def tone_samples(tone: Tone, rate: int) -> Samples:
    """The samples of a tone and its pause; 0 dBm0 is a sine 3.14 dB below full scale (G.711)."""
    if not tone.frequencies or len(tone.frequencies) > 4 or tone.ms <= 0 or tone.ms + tone.pause_ms > 60_000:
        raise AudioFileError(f"no playable tone: {tone}")
    t = np.arange(tone.ms * rate // 1000) / rate
    peak = 32767 * 10 ** ((tone.level - 3.14) / 20)
    wave_form = np.sum([np.sin(2 * math.pi * frequency * t) for frequency in tone.frequencies], axis=0) * peak
    edge = min(len(t) // 2, rate // 500)
    if edge:
        ramp = np.linspace(0, 1, edge)
        wave_form[:edge] *= ramp
        wave_form[-edge:] *= ramp[::-1]
    sound = np.clip(np.rint(wave_form), -32768, 32767).astype(np.int16)
    result: Samples = np.concatenate([sound, np.zeros(tone.pause_ms * rate // 1000, np.int16)])
    return result


def silence(codec: Codec, ms: int) -> list[Segment]:
    """Silence, as one second's bytes repeated."""
    if not codec.frame_bytes:
        return [Audio(frames=(codec.silence,) * (max(0, ms) // 20))]
    second = _SECOND_OF_SILENCE.setdefault(codec.name, codec.silence * 50)
    whole, rest = divmod(max(0, ms), 1000)
    segments: list[Segment] = [Audio(second, 0, len(second))] * whole
    if rest:
        segments.append(Audio(second, 0, rest * codec.frame_bytes // 20))
    return segments


_SECOND_OF_SILENCE: dict[str, bytes] = {}


def cut(audio: Audio, codec: Codec, start: float, end: float | None) -> Audio:
    """The stretch between two moments in seconds, clamped to what there is."""
    if start <= 0 and end is None:
        return audio
    if not codec.frame_bytes:
        return Audio(
            frames=audio.frames[round(max(0.0, start) * 50) : None if end is None else round(end * 50)]
        )
    per_second = codec.frame_bytes * 50
    last = audio.end if end is None else min(audio.end, round(end * per_second))
    first = min(round(max(0.0, start) * per_second), last)
    return Audio(audio.data, first, max(first, last))
