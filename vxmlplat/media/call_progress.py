"""Who has answered a call that we placed: a human, an answering machine, a fax, or a busy tone.

Frames of 20 ms are told apart as silence, one steady tone (with its frequency), or other sound; the rest is
cadence:

- fax: 1100 Hz (a calling fax, T.30 CNG) or 2100 Hz (an answering one, CED) for 400 ms;
- busy or congestion: bursts of a tone of 350 to 650 Hz and pauses, both of the same 150 to 600 ms (E.180);
- human: a short greeting and then silence, waiting for us;
- answering machine: a greeting that goes on for longer than people's do;
- beep: a tone of 200 ms or more after the greeting, and silence after it: the moment to leave a message.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.codecs import FRAME_SAMPLES
from vxmlplat.media.events import ToneKind

Floats: TypeAlias = NDArray[np.float32]

_WINDOW = np.hanning(FRAME_SAMPLES).astype(np.float32)
_BIN = 8000 / 512
_SILENT_POWER = 32768**2 / 2 * 10 ** (-42 / 10)
_TONAL = 0.85
_FAX_FRAMES = 20
_BEEP_FRAMES = 10
_PAUSE_FRAMES = 40
_GREETING_FRAMES = 100
_CADENCE = (8, 30)
_CYCLES = 3


class Sound(Enum):
    """What a frame holds."""

    SILENCE = auto()
    TONE = auto()
    OTHER = auto()


def classify(frame: Floats) -> tuple[Sound, float]:
    """What a frame of 160 samples holds, and the frequency of its strongest component.

    Busy tones of two frequencies close to each other (480 and 620 Hz) count as one tone.
    """
    power = float(frame @ frame) / len(frame)
    if power < _SILENT_POWER:
        return Sound.SILENCE, 0.0
    spectrum = np.abs(np.fft.rfft(frame * _WINDOW, 512)) ** 2
    peak = int(spectrum.argmax())
    around = slice(max(0, peak - 14), peak + 15)
    tonal = float(spectrum[around].sum()) > _TONAL * float(spectrum.sum())
    if not tonal:
        return Sound.OTHER, peak * _BIN
    return Sound.TONE, peak * _BIN


class CallProgress:
    """One line's detector: :meth:`hear` each 20 ms."""

    def __init__(self) -> None:
        self._tone_frames = 0
        self._frequency = 0.0
        self._run = 0
        self._last = Sound.SILENCE
        self._bursts: list[tuple[int, int]] = []
        self._burst = 0
        self._strange = 0
        self._told: set[ToneKind] = set()
        self._greeting = 0
        self._quiet = 0

    def hear(self, frame: Floats) -> list[ToneKind]:
        """What this frame makes certain; each kind is told once."""
        sound, frequency = classify(frame)
        if sound is Sound.TONE and self._tone_frames and abs(frequency - self._frequency) > 60:
            self._tone_frames = 0
        found = []
        if sound is Sound.TONE:
            self._tone_frames += 1
            self._frequency = frequency
            if self._tone_frames == _FAX_FRAMES and (
                abs(frequency - 1100) < 50 or abs(frequency - 2100) < 50
            ):
                found.append(ToneKind.FAX)
        elif self._tone_frames:
            found += self._tone_ended(sound)
            self._tone_frames = 0
        found += self._cadence(sound) + self._greet(sound)
        new = [kind for kind in found if kind not in self._told]
        self._told.update(new)
        return new

    def _tone_ended(self, sound: Sound) -> list[ToneKind]:
        beep = (
            sound is Sound.SILENCE
            and self._tone_frames >= _BEEP_FRAMES
            and 400 <= self._frequency <= 2200
            and self._greeting >= _BEEP_FRAMES
        )
        return [ToneKind.BEEP] if beep else []

    def _cadence(self, sound: Sound) -> list[ToneKind]:
        """Bursts and pauses of a low tone."""
        if sound is Sound.OTHER or (sound is Sound.TONE and not 340 <= self._frequency <= 660):
            self._strange += 1
            if self._strange > 1:  # one such frame is the edge of a burst
                self._bursts.clear()
                self._burst = self._run = 0
                self._last = Sound.SILENCE
                return []
            sound = self._last
        else:
            self._strange = 0
        if sound is self._last:
            self._run += 1
            return []
        ended, length = self._last, self._run
        self._last, self._run = sound, 1
        if ended is Sound.TONE:
            self._burst = length
        elif ended is Sound.SILENCE and self._burst:
            pause, burst = length, self._burst
            low, high = _CADENCE
            even = low <= burst <= high and low <= pause <= high and abs(burst - pause) <= max(4, burst // 3)
            self._bursts = [*self._bursts, (burst, pause)] if even else []
            if len(self._bursts) >= _CYCLES - 1:
                return [ToneKind.BUSY]
        return []

    def _greet(self, sound: Sound) -> list[ToneKind]:
        """The length of the greeting, up to the first real pause."""
        if {ToneKind.HUMAN, ToneKind.ANSWERING_MACHINE} & self._told:
            return []
        if sound is Sound.OTHER:
            self._greeting += 1 + min(self._quiet, _PAUSE_FRAMES) * (self._greeting > 0)
            self._quiet = 0
            if self._greeting >= _GREETING_FRAMES:
                return [ToneKind.ANSWERING_MACHINE]
        elif sound is Sound.SILENCE and self._greeting:
            self._quiet += 1
            if self._quiet >= _PAUSE_FRAMES:
                if self._greeting >= 5:
                    return [ToneKind.HUMAN]
                self._greeting = self._quiet = 0  # a click
        return []
