"""G.722 and Opus, by FFmpeg's and libopus' codecs as PyAV carries them.

Both are packet by packet costlier than G.711 by far: prompts are encoded once, bridges between equal codecs
pass payloads on, and only lines that are recorded, listened to or mixed are decoded, to the plane's 8 kHz.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from vxmlplat.media.codecs import FRAME_SAMPLES, Decoder, Encoder, Samples
from vxmlplat.media.g711 import Law

Floats: TypeAlias = NDArray[np.float32]


def low_pass(factor: int) -> Floats:
    """A windowed sinc that keeps what fits into 1/factor of the band."""
    taps = 24 * factor + 1
    n = np.arange(taps) - taps // 2
    kernel = np.sinc(n * 0.92 / factor) * np.blackman(taps)
    result: Floats = (kernel / kernel.sum()).astype(np.float32)
    return result


class Decimator:
    """A stream's sampling rate divided by a whole factor."""

    def __init__(self, factor: int) -> None:
        self._factor = factor
        self._kernel = low_pass(factor)
        self._before = np.zeros(len(self._kernel) - 1, np.float32)

    def __call__(self, samples: Samples) -> Samples:
        """The next stretch; its length is a multiple of the factor."""
        joined = np.concatenate([self._before, samples.astype(np.float32)])
        self._before = joined[len(samples) :]
        smooth = np.convolve(joined, self._kernel, "valid")[:: self._factor]
        return _integers(smooth)


class Doubler:
    """A stream's sampling rate times two."""

    def __init__(self) -> None:
        self._kernel = 2 * low_pass(2)
        self._before = np.zeros(len(self._kernel) - 1, np.float32)

    def __call__(self, samples: Samples) -> Samples:
        """The next stretch."""
        wide = np.zeros(2 * len(samples), np.float32)
        wide[::2] = samples
        joined = np.concatenate([self._before, wide])
        self._before = joined[len(wide) :]
        return _integers(np.convolve(joined, self._kernel, "valid"))


def _integers(values: Floats) -> Samples:
    result: Samples = np.clip(np.rint(values), -32768, 32767).astype(np.int16)
    return result


class _AvDecoder:
    """One stream's decoder, down to 8 kHz."""

    def __init__(self, name: str, rate: int) -> None:
        self._context = cast(AudioCodecContext, av.CodecContext.create(name, "r"))
        self._context.sample_rate = rate
        self._context.layout = "mono"
        self._decimate = Decimator(rate // 8000)

    def decode(self, payload: bytes) -> Samples:
        """Samples at 8 kHz; none of a payload that is broken."""
        try:
            frames = self._context.decode(av.Packet(payload))
        except av.error.FFmpegError:
            return np.zeros(0, np.int16)
        if not frames:
            return np.zeros(0, np.int16)
        return self._decimate(np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]))


class _AvEncoder:
    """One stream's encoder at a rate of its own."""

    def __init__(self, name: str, rate: int, options: dict[str, str], bit_rate: int | None = None) -> None:
        context = cast(AudioCodecContext, av.CodecContext.create(name, "w"))
        context.sample_rate = rate
        context.layout = "mono"
        context.format = "s16"
        context.time_base = Fraction(1, rate)
        context.options = options
        if bit_rate is not None:
            context.bit_rate = bit_rate
        self._context = context
        self._rate = rate
        self._at = 0

    def frame(self, samples: Samples) -> bytes:
        """The packet of 20 ms."""
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None, :], format="s16", layout="mono")
        frame.sample_rate = self._rate
        frame.pts = self._at
        self._at += len(samples)
        return b"".join(bytes(packet) for packet in self._context.encode(frame))

    def frames(self, samples: Samples) -> list[bytes]:
        """Packets of a whole prompt, its end filled up to 20 ms with silence."""
        size = self._rate // 50
        padded = np.pad(samples, (0, -len(samples) % size))
        return [self.frame(padded[start : start + size]) for start in range(0, len(padded), size)]


class _G722Encoder:
    """A line's way into G.722 from 8 kHz."""

    def __init__(self) -> None:
        self._double = Doubler()
        self._encoder = _AvEncoder("g722", 16000, {})

    def encode(self, samples: Samples) -> bytes:
        """160 bytes of 160 samples."""
        return self._encoder.frame(self._double(samples))


class G722:
    """ITU-T G.722 at 64 kbit/s; its RTP clock runs at 8000 by an old mistake (RFC 3551 §4.5.2)."""

    name = "G722"
    clock_rate = 8000
    frame_ticks = 160
    frame_bytes = 160
    rate = 16000
    law: Law | None = None

    def __init__(self) -> None:
        self.silence = self.encode_prompt(np.zeros(3200, np.int16), 16000)[0][-160:]

    def decoder(self) -> Decoder:
        """A decoder for one stream."""
        return _AvDecoder("g722", 16000)

    def encoder(self) -> Encoder:
        """An encoder for one stream."""
        return _G722Encoder()

    def encode_prompt(self, samples: Samples, rate: int) -> list[bytes]:
        """One run of bytes."""
        wide = samples if rate == 16000 else Doubler()(samples)
        return [b"".join(_AvEncoder("g722", 16000, {}).frames(wide))]


_OPUS_OPTIONS = {"application": "voip", "frame_duration": "20", "vbr": "on"}


class _OpusEncoder:
    """A line's way into Opus from 8 kHz."""

    def __init__(self) -> None:
        self._encoder = _AvEncoder("libopus", 8000, {**_OPUS_OPTIONS, "compression_level": "3"}, 16000)

    def encode(self, samples: Samples) -> bytes:
        """The packet of 160 samples."""
        return self._encoder.frame(samples)


class Opus:
    """Opus in packets of 20 ms (RFC 6716, RFC 7587)."""

    name = "opus"
    clock_rate = 48000
    frame_ticks = 960
    frame_bytes = 0
    rate = 16000
    law: Law | None = None

    def __init__(self) -> None:
        self.silence = _OpusEncoder().encode(np.zeros(FRAME_SAMPLES, np.int16))

    def decoder(self) -> Decoder:
        """A decoder for one stream."""
        return _AvDecoder("libopus", 48000)

    def encoder(self) -> Encoder:
        """An encoder for one stream."""
        return _OpusEncoder()

    def encode_prompt(self, samples: Samples, rate: int) -> list[bytes]:
        """Packets of 20 ms."""
        return _AvEncoder("libopus", rate, _OPUS_OPTIONS, 16000 if rate == 8000 else 24000).frames(samples)
