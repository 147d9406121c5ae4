"""When somebody begins and ceases to speak, from the energy of 20 ms frames over a floor that follows the
noise.
"""

from __future__ import annotations

from enum import Enum, auto

_LOWEST_FLOOR, _START_FLOOR, _HIGHEST_FLOOR = 1e2, 1e4, 1e6
_ABOVE_FLOOR = 16.0
_LEAST = 1.6e4
"""Mean squares of 16-bit samples: the least is about -48 dBm0, quieter than any telephone talker."""

_RISE = 1.014
"""The floor is the least power of late; it forgets by 3 dB a second."""


class Turn(Enum):
    """What a frame has decided."""

    STARTED = auto()
    ENDED = auto()


class SpeechOnset:
    """One line's detector: :meth:`hear` each 20 ms. ``voiced`` tells of the last frame alone.

    A run grows with each voiced frame and shrinks with every other: no click or gap decides.
    """

    __slots__ = ("_end", "_floor", "_length", "_onset", "_run", "_silent", "_speaking", "voiced")

    def __init__(self, onset_ms: int, end_ms: int) -> None:
        self._onset = max(1, onset_ms // 20)
        self._end = max(1, end_ms // 20)
        self._floor = _START_FLOOR
        self._run = self._silent = self._length = 0
        self._speaking = False
        self.voiced = False

    def hear(self, power: float) -> Turn | None:
        """The mean square of the next 20 ms."""
        floor = self._floor * _RISE
        if power < floor:
            floor = power if power > _LOWEST_FLOOR else _LOWEST_FLOOR
        elif floor > _HIGHEST_FLOOR:
            floor = _HIGHEST_FLOOR
        self._floor = floor
        self.voiced = voiced = power > _LEAST and power > floor * _ABOVE_FLOOR
        if self._speaking:
            self._length += 1
            self._silent = 0 if voiced else self._silent + 1
            if self._silent < self._end:
                return None
            self._speaking, self._run = False, 0
            return Turn.ENDED
        if voiced:
            self._run += 1
            if self._run >= self._onset:
                self._speaking, self._silent, self._length = True, 0, self._run
                return Turn.STARTED
        elif self._run:
            self._run -= 1
        return None

    @property
    def duration(self) -> float:
        """Seconds of the speech that has ceased, without the silence after it."""
        return max(0, self._length - self._end) / 50
