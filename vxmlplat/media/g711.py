"""G.711: the logarithmic telephone codes, µ-law and A-law, as tables (ITU-T G.711).

Decoding is a table of 256 samples; encoding a table of 65,536 bytes indexed by the sample's bits. Both ways
are one numpy ``take`` for any number of samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SEGMENT_ENDS = np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF])
_MU_BIAS = 33  # in 14-bit units


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """One of the two laws: its tables, and the byte that is silence."""

    name: str
    linear: NDArray[np.int16]
    linear_float: NDArray[np.float32]
    compressed: NDArray[np.uint8]
    silence: int

    def decode(self, payload: bytes) -> NDArray[np.int16]:
        """Samples of a payload."""
        return self.linear.take(np.frombuffer(payload, np.uint8))

    def encode(self, samples: NDArray[np.int16]) -> bytes:
        """A payload of samples."""
        return self.compressed.take(samples.view(np.uint16)).tobytes()


def _law(name: str, linear: NDArray[np.int64], compressed: NDArray[np.int64]) -> Law:
    codes = compressed.astype(np.uint8)
    return Law(name, linear.astype(np.int16), linear.astype(np.float32), codes, int(codes[0]))


def _mu_law() -> Law:
    codes = np.arange(256) ^ 0xFF
    magnitude = ((((codes & 0x0F) << 1) + _MU_BIAS) << ((codes >> 4) & 7)) - _MU_BIAS
    linear = np.where(codes & 0x80, -magnitude, magnitude) << 2

    samples = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)
    biased = np.minimum(np.where(samples < 0, -(samples >> 2), samples >> 2) + _MU_BIAS, 0x1FFF)
    segment = np.searchsorted(_SEGMENT_ENDS << 1 | 1, biased)
    code = (segment << 4) | ((biased >> (segment + 1)) & 0x0F)
    return _law("PCMU", linear, np.where(samples < 0, code ^ 0x7F, code ^ 0xFF))


def _a_law() -> Law:
    codes = np.arange(256) ^ 0x55
    segment, step = (codes >> 4) & 7, codes & 0x0F
    magnitude = np.where(segment == 0, (step << 1) + 1, ((step << 1) + 33) << np.maximum(segment - 1, 0))
    linear = np.where(codes & 0x80, magnitude, -magnitude) << 3

    samples = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)
    magnitude = np.where(samples >= 0, samples >> 3, ~samples >> 3)
    segment = np.searchsorted(_SEGMENT_ENDS, magnitude)
    code = (segment << 4) | ((magnitude >> np.maximum(segment, 1)) & 0x0F)
    return _law("PCMA", linear, np.where(samples < 0, code ^ 0x55, code ^ 0xD5))


MU_LAW = _mu_law()
A_LAW = _a_law()
