"""When somebody begins and ceases to speak: from the energy of 20 ms frames over a floor that follows the
noise, and, for the beginning, from whether the sound is a voice (:mod:`.voicing`).
"""

from __future__ import annotations

from enum import Enum, auto
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.codecs import FRAME_SAMPLES
from vxmlplat.media.voicing import voices

Floats: TypeAlias = NDArray[np.float32]

_LOWEST_FLOOR, _START_FLOOR, _HIGHEST_FLOOR = 1e2, 1e4, 1e6
_ABOVE_FLOOR = 16.0
_LEAST = 1.6e4
"""Mean squares of 16-bit samples: the least is about -48 dBm0, quieter than any telephone talker."""

_RISE = 1.014
"""The floor is the least power of late; it forgets by 3 dB a second."""
_UP, _DOWN = np.float32(1), np.float32(-1)
_PER_SAMPLE = np.float32(1 / FRAME_SAMPLES)
_WORTH_A_LOOK = 2
"""Loud frames in a run before a sound is looked at: a click is not."""
_VOICED_FRAMES = 3
"""Of the last eight."""


class Turn(Enum):
    """What a frame has decided."""

    STARTED = auto()
    ENDED = auto()


class SpeechOnset:
    """One detector for many lines. ``state`` has a row for each constant below and a column a line; ``loud``
    tells of the last frame alone whether it stands out of the noise.

    A run grows with each loud frame and shrinks with every other: no click or gap decides. With ``voiced``,
    the beginning of speech needs a voice in it too; the end is silence in either case.
    """

    FLOOR, RUN, SILENT, LENGTH, SPEAKING = range(5)
    ROWS: ClassVar[int] = 5

    def __init__(self, count: int, onset_ms: int, end_ms: int, *, voiced: bool = False) -> None:
        self._onset = max(1, onset_ms // 20)
        self._end = max(1, end_ms // 20)
        self._voiced = voiced
        self._recent = max(self._onset, 8) if voiced else self._onset
        self.state = np.zeros((self.ROWS, count), np.float32)
        self.state[self.FLOOR] = _START_FLOOR
        self.loud = np.zeros(count, np.bool_)
        self._before = np.zeros((count, FRAME_SAMPLES), np.float32)
        self._voices = np.zeros(count, np.uint8)

    def column(self, index: int) -> tuple[Floats, Floats, int]:
        """What is known of one line."""
        return self.state[:, index].copy(), self._before[index].copy(), int(self._voices[index])

    def set_column(self, index: int, known: tuple[Floats, Floats, int]) -> None:
        """Go on with what is known of one line."""
        self.state[:, index], self._before[index], self._voices[index] = known

    def hear(self, frames: Floats) -> list[tuple[int, Turn, float]]:
        """The next 20 ms of every line, a row each: which columns' speech has begun or ceased, with the
        seconds of speech that has ceased, without the silence after it.
        """
        power = np.einsum("ij,ij->i", frames, frames) * _PER_SAMPLE
        floor, run, silent, length, speaking = self.state
        np.multiply(floor, _RISE, out=floor)
        np.minimum(floor, _HIGHEST_FLOOR, out=floor)
        np.minimum(floor, np.maximum(power, _LOWEST_FLOOR), out=floor)
        self.loud = loud = (power > _LEAST) & (power > floor * _ABOVE_FLOOR)
        run += np.where(loud, _UP, _DOWN)
        np.maximum(run, 0, out=run)
        silent += 1
        silent[loud] = 0
        length += speaking
        talking = speaking > 0
        begun = run >= self._onset
        if self._voiced:
            begun &= self._voice_among(frames, loud & (run >= _WORTH_A_LOOK) & ~talking)
        turned = np.where(talking, silent >= self._end, begun)
        return self._turn(np.flatnonzero(turned).tolist()) if turned.any() else []

    def _voice_among(self, frames: Floats, sounding: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whose latest frames hold enough of a voice; only those that sound are looked at."""
        np.left_shift(self._voices, 1, out=self._voices)
        if sounding.any():
            rows = np.flatnonzero(sounding)
            self._voices[rows] |= voices(np.concatenate([self._before[rows], frames[rows]], axis=1))
        self._before = frames
        enough: NDArray[np.bool_] = np.bitwise_count(self._voices) >= _VOICED_FRAMES
        return enough

    def _turn(self, columns: list[int]) -> list[tuple[int, Turn, float]]:
        _, run, silent, length, speaking = self.state
        turns = []
        for column in columns:
            if speaking[column]:
                turns.append((column, Turn.ENDED, max(0.0, float(length[column]) - self._end) / 50))
                speaking[column] = run[column] = 0
            else:
                turns.append((column, Turn.STARTED, 0.0))
                speaking[column], silent[column] = 1, 0
                length[column] = min(run[column], self._recent)
        return turns
