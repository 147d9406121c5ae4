"""Whether a sound is a voice: it has a pitch, and more than the one or two tones of a signal.

A talker's vowels repeat themselves at 67 to 500 Hz and are spread over several harmonics. Breath, wind, a
slammed door and line noise do not repeat; keys, ring-back, busy and fax tones repeat but are one or two lines
in the spectrum. Music can be both, and so can a television behind the caller: no detector of this size tells
those from talk.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

WINDOW = 320
"""Samples looked at: 40 ms, two periods of the lowest voice and more."""

_SIZE = 512
_LAGS = slice(16, 121)  # 500 Hz to 67 Hz at 8 kHz
_ALIKE, _DIP = 0.6, 0.3
_LOWEST_BIN = 4
_AROUND = 3
_TWO_TONES = 0.9
_TAPER = np.hanning(WINDOW).astype(np.float32)
_OWN = np.fft.irfft(np.abs(np.fft.rfft(_TAPER, _SIZE)) ** 2)
_OWN_LIKENESS = (_OWN / _OWN[0])[_LAGS].astype(np.float32)
_BINS = np.arange(_SIZE // 2 + 1 - 2 * _AROUND - 1)


def voices(windows: Floats) -> NDArray[np.bool_]:
    """Which rows of 320 samples hold a voice."""
    power = np.abs(np.fft.rfft(windows * _TAPER, _SIZE, axis=1)) ** 2
    power[:, :_LOWEST_BIN] = 0
    found: NDArray[np.bool_] = (_likeness(power) > _ALIKE) & (_two_tones(power) < _TWO_TONES)
    return found


def _likeness(power: Floats) -> Floats:
    """How much a window resembles what came one period before, at the period where it does most: the
    autocorrelation, less what the taper itself takes off it (Boersma, 1993).

    A period is one only if half-way it resembles less: rumble resembles itself at any short distance.
    """
    product = np.fft.irfft(power, axis=1)
    alike = product[:, _LAGS] / (product[:, :1] + 1)
    alike /= _OWN_LIKENESS
    dip = np.minimum.accumulate(alike, axis=1)
    result: Floats = np.where(alike - dip > _DIP, alike, 0).max(axis=1)
    return result


def _two_tones(power: Floats) -> Floats:
    """The share of a window's power that lies within 50 Hz of its two strongest frequencies."""
    sums = np.cumsum(power, axis=1)
    around = sums[:, 2 * _AROUND + 1 :] - sums[:, : -2 * _AROUND - 1]
    first = around.argmax(axis=1)
    strongest = around[np.arange(len(power)), first]
    around[np.abs(_BINS - first[:, None]) <= 2 * _AROUND] = 0
    result: Floats = (strongest + around.max(axis=1)) / (sums[:, -1] + 1)
    return result
