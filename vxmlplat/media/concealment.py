"""Frames made up for those that are missing: the last sound repeated at its own pitch and fading, or comfort
noise.

All rows of a tick are concealed together: an outage takes many streams away at once, which must not cost the
others theirs.
"""

from __future__ import annotations

import random
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

_FIRST, _LAST = 0.6, 0.4  # how loud the made-up frame begins and ends
_QUIET = 4.0
_TAIL = 40
_LAGS = np.arange(20, 121, 2)  # 400 Hz to 67 Hz at 8 kHz
_FULL_SCALE = 32767.0
_noise = np.random.default_rng(1).standard_normal(8000).astype(np.float32)


def conceal(before: Floats) -> Floats:
    """A frame of 160 samples after each of these rows."""
    made = np.zeros_like(before)
    loud = np.flatnonzero(np.abs(before).max(axis=1, initial=0) >= _QUIET)
    if len(loud):
        heard = before[loud]
        samples = np.arange(heard.shape[1])
        lag = _pitch(heard)[:, None]
        places = heard.shape[1] - lag + samples % lag
        fade = np.linspace(_FIRST, _LAST, heard.shape[1], dtype=np.float32)
        made[loud] = np.take_along_axis(heard, places, axis=1) * fade
    return made


def _pitch(rows: Floats) -> NDArray[np.intp]:
    """The lag at which each row's end resembles what came before it most."""
    start = rows.shape[1] - _TAIL
    tail = rows[:, start:]
    earlier = sliding_window_view(rows, _TAIL, axis=1)[:, start - _LAGS]
    likeness = np.einsum("rlt,rt->rl", earlier, tail)
    energy = np.einsum("rlt,rlt->rl", earlier, earlier)
    chosen: NDArray[np.intp] = _LAGS[(likeness / np.sqrt(energy + 1)).argmax(axis=1)]
    return chosen


def comfort_noise(count: int, level: int) -> Floats:
    """White noise of ``-level`` dBov (RFC 3389): quiet, and from the same second for all."""
    start = random.randrange(len(_noise) - count)  # noqa: S311  (noise, not secrets)
    return _noise[start : start + count] * np.float32(_FULL_SCALE * 10 ** (-level / 20))
