"""Frames made up for those that are missing: the last sound repeated at its own pitch and fading, or
comfort noise."""

from __future__ import annotations

import random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

_FADE = 0.6
_QUIET = 4.0
_SHORTEST, _LONGEST = 20, 120  # lags of 400 Hz and 67 Hz at 8 kHz
_noise = np.random.default_rng(1).standard_normal(8000).astype(np.float32)
_FULL_SCALE = 32767.0


def conceal(before: Floats, comfort_level: int | None) -> Floats:
    """A frame after ``before``. ``comfort_level`` in -dBov (RFC 3389) asks for noise instead."""
    if comfort_level is not None:
        return comfort_noise(len(before), comfort_level)
    if float(np.abs(before).max(initial=0)) < _QUIET:
        return np.zeros_like(before)
    lag = _pitch(before)
    repeated = np.resize(before[-lag:], len(before))
    return (repeated * np.linspace(1.0, _FADE, len(before), dtype=np.float32)).astype(np.float32) * _FADE


def _pitch(frame: Floats) -> int:
    """The lag at which the frame resembles itself most."""
    best, found = -np.inf, _LONGEST
    tail = frame[-40:]
    size = len(tail)
    for lag in range(_SHORTEST, min(_LONGEST, len(frame) - size) + 1, 2):
        other = frame[len(frame) - size - lag : len(frame) - lag]
        energy = float(other @ other)
        score = float(tail @ other) / np.sqrt(energy) if energy > 0 else -np.inf
        if score > best:
            best, found = score, lag
    return found


def comfort_noise(count: int, level: int) -> Floats:
    """White noise of ``-level`` dBov: quiet, and the same for all who wait at once."""
    start = random.randrange(len(_noise) - count)  # noqa: S311  (noise, not secrets)
    return _noise[start : start + count] * np.float32(_FULL_SCALE * 10 ** (-level / 20))
