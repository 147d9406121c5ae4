"""When somebody begins and ceases to speak, from the energy of 20 ms frames over a floor that follows the
noise.
"""

from __future__ import annotations

from enum import Enum, auto
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
_UP, _DOWN = np.float32(1), np.float32(-1)


class Turn(Enum):
    """What a frame has decided."""

    STARTED = auto()
    ENDED = auto()


class SpeechOnset:
    """One detector for many lines. ``state`` has a row for each constant below and a column a line;
    ``voiced`` tells of the last frame alone.

    A run grows with each voiced frame and shrinks with every other: no click or gap decides.
    """

    FLOOR, RUN, SILENT, LENGTH, SPEAKING = range(5)
    ROWS: ClassVar[int] = 5

    def __init__(self, count: int, onset_ms: int, end_ms: int) -> None:
        self._onset = max(1, onset_ms // 20)
        self._end = max(1, end_ms // 20)
        self.state = np.zeros((self.ROWS, count), np.float32)
        self.state[self.FLOOR] = _START_FLOOR
        self.voiced = np.zeros(count, np.bool_)

    def hear(self, power: Floats) -> list[tuple[int, Turn, float]]:
        """The mean squares of the next 20 ms of every line: which columns' speech has begun or ceased, with
        the seconds of speech that has ceased, without the silence after it.
        """
        floor, run, silent, length, speaking = self.state
        np.multiply(floor, _RISE, out=floor)
        np.minimum(floor, _HIGHEST_FLOOR, out=floor)
        np.minimum(floor, np.maximum(power, _LOWEST_FLOOR), out=floor)
        self.voiced = voiced = (power > _LEAST) & (power > floor * _ABOVE_FLOOR)
        run += np.where(voiced, _UP, _DOWN)
        np.maximum(run, 0, out=run)
        silent += 1
        silent[voiced] = 0
        length += speaking
        talking = speaking > 0
        turned = np.where(talking, silent >= self._end, run >= self._onset)
        return self._turn(np.flatnonzero(turned).tolist()) if turned.any() else []

    def _turn(self, columns: list[int]) -> list[tuple[int, Turn, float]]:
        _, run, silent, length, speaking = self.state
        turns = []
        for column in columns:
            if speaking[column]:
                turns.append((column, Turn.ENDED, max(0.0, float(length[column]) - self._end) / 50))
                speaking[column] = run[column] = 0
            else:
                turns.append((column, Turn.STARTED, 0.0))
                speaking[column], silent[column], length[column] = 1, 0, run[column]
        return turns
