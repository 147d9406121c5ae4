"""Telephone keys in the audio itself (ITU-T Q.23, Q.24): both tones of a key by Goertzel's filter, as a
matrix product.

Every 20 ms two windows of 20 ms, half overlapping, are looked at, for all lines at once. A key needs a tone
of each group, loud enough, alike in level (twist), and carrying nearly all the energy there is, which speech
hardly ever does for long enough (talk-off).
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.codecs import FRAME_SAMPLES
from vxmlplat.media.key_sender import COLUMNS, PAD, ROWS

Floats: TypeAlias = NDArray[np.float32]

KEYS = "".join(PAD)
_HALF = FRAME_SAMPLES // 2
_OFFSETS = (0.985, 1.0, 1.015)  # the frequencies that Q.24 has receivers accept
_LEAST_POWER = 32768**2 / 2 * 10 ** (-36 / 10)
_HIGH_LOUDER, _LOW_LOUDER = 10 ** (6 / 10), 10 ** (10 / 10)  # twist: high above low, low above high
_ABOVE_OTHERS = 10 ** (6 / 10)
_PURITY, _PURE = 0.62, 0.8
_NONE = -1


def _bank() -> Floats:
    """Cosines and sines of all tones: 160 rows, 8 tones x 3 offsets x 2 columns."""
    t = np.arange(FRAME_SAMPLES) / 8000
    columns = []
    for frequency in ROWS + COLUMNS:
        for offset in _OFFSETS:
            angle = 2 * np.pi * frequency * offset * t
            columns += [np.cos(angle), np.sin(angle)]
    return np.array(columns, np.float32).T.copy()


_BANK = _bank()


class InbandKeys:
    """One detector for many lines. ``state`` has a row for each constant below and a column a line."""

    CANDIDATE, RUN, PURITY, KEY, GONE, LENGTH = range(6)
    ROWS: ClassVar[int] = 6

    HITS = 3
    """Windows in a row that make a key: 40 ms of tone fill three. The last one may be ragged."""

    MISSES = 3

    def __init__(self, count: int) -> None:
        self.state = np.zeros((self.ROWS, count), np.float32)
        self.state[self.CANDIDATE] = self.state[self.KEY] = _NONE
        self.before = np.zeros((count, _HALF), np.float32)

    def hear(self, speech: Floats) -> list[tuple[int, bool, str, float]]:
        """20 ms of every line: which columns' keys went down (True) or up, with seconds of duration."""
        joined = np.concatenate([self.before, speech], axis=1)
        self.before = speech[:, _HALF:].copy()
        changes: list[tuple[int, bool, str, float]] = []
        for start in (0, _HALF):
            self._window(joined[:, start : start + FRAME_SAMPLES], changes)
        return changes

    def _window(self, window: Floats, changes: list[tuple[int, bool, str, float]]) -> None:
        found, purity = find_keys(window)
        candidate, run, pure, key, gone, length = self.state
        if found.max(initial=_NONE) == _NONE and key.max(initial=_NONE) == _NONE:
            candidate.fill(_NONE)
            run.fill(0)
            return
        same = (found == candidate) & (found != _NONE)
        run[:] = np.where(same, run + 1, found != _NONE)
        pure[:] = np.where(same, pure, 0) + purity
        candidate[:] = found
        down = key != _NONE
        held = down & (found == key)
        gone[:] = np.where(held, 0, gone + 1)
        length += down
        up = down & ((gone >= self.MISSES) | ((run >= self.HITS) & (found != key)))
        for column in np.flatnonzero(up).tolist():
            seconds = max(0.0, float(length[column] - gone[column] + self.HITS + 1)) / 100
            changes.append((column, False, KEYS[int(key[column])], seconds))
            key[column] = _NONE
        for column in np.flatnonzero((run >= self.HITS) & (pure >= run * _PURE) & (key == _NONE)).tolist():
            key[column], length[column], gone[column] = found[column], 0, 0
            changes.append((column, True, KEYS[int(found[column])], self.HITS / 100))


def find_keys(window: Floats) -> tuple[Floats, Floats]:
    """The key that each row of 160 samples holds, as an index into :data:`KEYS` or -1, and its tones' share
    of all.
    """
    count = len(window)
    filtered = (window @ _BANK).reshape(count, 8, len(_OFFSETS), 2)
    # A sine of mean square p gives a squared magnitude of p * N * N / 2.
    power = (filtered**2).sum(axis=3).max(axis=2) * np.float32(2 / FRAME_SAMPLES**2)
    low, high = power[:, :4], power[:, 4:]
    row, column = low.argmax(axis=1), high.argmax(axis=1)
    index = np.arange(count)
    low_power, high_power = low[index, row], high[index, column]
    total = np.einsum("ij,ij->i", window, window) * np.float32(1 / FRAME_SAMPLES)
    good = (
        (np.minimum(low_power, high_power) > _LEAST_POWER)
        & (high_power < low_power * _HIGH_LOUDER)
        & (low_power < high_power * _LOW_LOUDER)
        & (low_power > _second(low) * _ABOVE_OTHERS)
        & (high_power > _second(high) * _ABOVE_OTHERS)
        & (low_power + high_power > total * _PURITY)
    )
    keys: Floats = np.where(good, row * 4 + column, _NONE).astype(np.float32)
    return keys, (low_power + high_power) / np.maximum(total, 1)


def _second(power: Floats) -> Floats:
    """The second largest of each row."""
    result: Floats = np.partition(power, 2, axis=1)[:, 2]
    return result
