"""When somebody begins and ceases to speak, from the energy of 20 ms frames over a floor that follows
the noise.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

_LOWEST_FLOOR, _START_FLOOR, _HIGHEST_FLOOR = 1e2, 1e4, 1e6
_ABOVE_FLOOR = 16.0
_LEAST = 1.6e4
"""Mean squares of 16-bit samples: the least is about -48 dBm0, quieter than any telephone talker."""

_RISE = 1.014
"""The floor is the least power of late; it forgets by 3 dB a second."""


class SpeechOnset:
    """One detector for many lines. ``state`` has a row for each constant below and a column a line."""

    FLOOR, RUN, SPEAKING, SILENT, LENGTH, VOICED = range(6)
    ROWS: ClassVar[int] = 6

    def __init__(self, onset_ms: int, end_ms: int, count: int) -> None:
        self._onset = max(1, onset_ms // 20)
        self._end = max(1, end_ms // 20)
        self.state = np.zeros((self.ROWS, count), np.float32)
        self.state[self.FLOOR] = _START_FLOOR

    def hear(self, speech: Floats) -> tuple[list[int], list[int]]:
        """20 ms of every line; the columns of those who began to speak, and of those who have ceased."""
        return self.follow(np.einsum("ij,ij->i", speech, speech) * np.float32(1 / speech.shape[1]))

    def follow(self, power: Floats) -> tuple[list[int], list[int]]:
        """The same, from mean squares."""
        floor, run, speaking, silent, length, voiced = self.state
        floor *= _RISE
        np.minimum(floor, power, out=floor)
        np.clip(floor, _LOWEST_FLOOR, _HIGHEST_FLOOR, out=floor)
        np.greater(power, np.maximum(floor * _ABOVE_FLOOR, _LEAST), out=voiced, casting="unsafe")
        # A run grows with each voiced frame and shrinks with every other: no click or gap decides.
        run += voiced
        run += voiced
        run -= 1
        np.clip(run, 0, self._onset, out=run)
        silent += 1
        silent *= voiced == 0
        length += speaking
        begin = (run >= self._onset) > speaking
        cease = (silent >= self._end) & (speaking == 1)
        if not (begin.any() or cease.any()):
            return [], []
        started, ended = np.flatnonzero(begin), np.flatnonzero(cease)
        speaking[started] = 1
        length[started] = self._onset
        speaking[ended] = 0
        run[ended] = 0
        return started.tolist(), ended.tolist()

    def duration(self, column: int) -> float:
        """Seconds of the speech that has ceased, without the silence after it."""
        return float(max(0.0, self.state[self.LENGTH, column] - self._end) / 50)
