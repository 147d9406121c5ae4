"""The codecs: one object each in :data:`CODECS`, found by its SDP encoding name.

A *stream* codec (G.711, G.722) turns 20 ms into 160 bytes that can be cut and joined anywhere. A *packet*
codec (Opus) makes packets that stay whole. Decoding always ends in 8 kHz, the rate at which the plane
listens, mixes and records; prompts in wide-band codecs are encoded from the file's own rate.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.errors import MediaError, UnknownCodec
from vxmlplat.media.g711 import A_LAW, MU_LAW, Law

Samples = NDArray[np.int16]

FRAME_SAMPLES = 160
"""Samples of a 20 ms frame at 8 kHz."""


class Decoder(Protocol):
    """One stream's way from payloads to samples; may keep state."""

    def decode(self, payload: bytes) -> Samples:
        """Samples at 8 kHz."""
        ...


class Encoder(Protocol):
    """One stream's way from samples at 8 kHz to payloads; may keep state."""

    def encode(self, samples: Samples) -> bytes:
        """The payload of one 20 ms frame of 160 samples."""
        ...


class Codec(Protocol):
    """A payload format.

    ``name`` is its SDP encoding name, ``clock_rate`` its RTP clock (8000 for G.722, RFC 3551 §4.5.2),
    ``frame_ticks`` 20 ms of it, ``frame_bytes`` the size of 20 ms or 0 for packet codecs, ``rate`` the
    sampling rate that prompts are best encoded from, ``silence`` one frame of silence, ``law`` the tables of
    a G.711 codec.
    """

    name: str
    clock_rate: int
    frame_ticks: int
    frame_bytes: int
    rate: int
    silence: bytes
    law: Law | None

    def decoder(self) -> Decoder:
        """A decoder for one stream."""
        ...

    def encoder(self) -> Encoder:
        """An encoder for one stream."""
        ...

    def encode_prompt(self, samples: Samples, rate: int) -> list[bytes]:
        """A whole prompt: frames of a packet codec, or the one run of bytes of a stream codec."""
        ...


CODECS: dict[str, Callable[[], Codec]] = {}
_made: dict[str, Codec] = {}


def register(name: str) -> Callable[[Callable[[], Codec]], Callable[[], Codec]]:
    """Enter a maker of a codec under its encoding name; MediaError when the name is taken."""

    def enter(maker: Callable[[], Codec]) -> Callable[[], Codec]:
        if name.lower() in CODECS:
            raise MediaError(f"codec {name} is registered twice")
        CODECS[name.lower()] = maker
        return maker

    return enter


def known(name: str) -> bool:
    """Whether this installation speaks a codec of this name."""
    return name.lower() in CODECS


def codec(name: str) -> Codec:
    """The codec of an encoding name, whatever its case; UnknownCodec when there is none."""
    name = name.lower()
    if name not in _made:
        if name not in CODECS:
            raise UnknownCodec(f"no codec {name!r}; known: {', '.join(sorted(CODECS))}")
        _made[name] = CODECS[name]()
    return _made[name]


class G711:
    """µ-law or A-law."""

    clock_rate = 8000
    frame_ticks = 160
    frame_bytes = 160
    rate = 8000

    def __init__(self, law: Law) -> None:
        self.law: Law | None = law
        self._law = law
        self.name = law.name
        self.silence = bytes([law.silence]) * 160

    def decoder(self) -> Decoder:
        """The law itself: it has no state."""
        return self._law

    def encoder(self) -> Encoder:
        """The law itself: it has no state."""
        return self._law

    def encode_prompt(self, samples: Samples, rate: int) -> list[bytes]:
        """One run of bytes, halved from 16 kHz if need be."""
        return [self._law.encode(halve(samples) if rate == 16000 else samples)]


@register("PCMU")
def _pcmu() -> Codec:
    return G711(MU_LAW)


@register("PCMA")
def _pcma() -> Codec:
    return G711(A_LAW)


# The wide-band codecs bring FFmpeg's libraries along: only the process that uses them loads them.


@register("G722")
def _g722() -> Codec:
    wideband = importlib.import_module("vxmlplat.media.wideband")
    made: Codec = wideband.G722()
    return made


@register("opus")
def _opus() -> Codec:
    wideband = importlib.import_module("vxmlplat.media.wideband")
    made: Codec = wideband.Opus()
    return made


def _half_band(taps: int = 47) -> NDArray[np.float32]:
    """A low-pass of half the band: a windowed sinc, 60 dB down above 4.5 kHz at 16 kHz."""
    middle = (taps - 1) // 2
    n = np.arange(taps) - middle
    window = np.blackman(taps + 2)[1:-1]
    kernel = np.sinc(n * 0.46) * 0.46 * window
    result: NDArray[np.float32] = (kernel / kernel.sum()).astype(np.float32)
    return result


_HALF_BAND = _half_band()


def halve(samples: Samples) -> Samples:
    """16 kHz to 8 kHz, as a whole."""
    smooth = np.convolve(samples.astype(np.float32), _HALF_BAND, "same")[::2]
    result: Samples = np.clip(np.rint(smooth), -32768, 32767).astype(np.int16)
    return result


def double(samples: Samples) -> Samples:
    """8 kHz to 16 kHz, as a whole."""
    wide = np.zeros(2 * len(samples), np.float32)
    wide[::2] = samples
    smooth = 2 * np.convolve(wide, _HALF_BAND, "same")
    result: Samples = np.clip(np.rint(smooth), -32768, 32767).astype(np.int16)
    return result
