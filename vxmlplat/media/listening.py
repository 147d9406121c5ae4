"""The ears of a slot: every detector over the frames of all lines that asked for it, at once.

A detector's state lies in arrays, one column a line; when lines come and go the columns are put back on
the lines
(``line.ears``) and gathered anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.events import PlayEnd, SpeechEnded, SpeechStarted
from vxmlplat.media.speech_onset import SpeechOnset

if TYPE_CHECKING:
    from vxmlplat.media.line import Line
    from vxmlplat.media.recorder import Recording

Floats: TypeAlias = NDArray[np.float32]


class Listening:
    """All detectors of one slot's decoded lines."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._speech: SpeechOnset | None = None
        self._waiting: list[tuple[int, Recording]] = []

    def arrange(self, lines: list[Line]) -> None:
        """These are the lines from now on; what was known of them is kept."""
        if self._speech is not None:
            for column, line in enumerate(self._lines):
                line.ears["speech"] = self._speech.state[:, column].copy()
        self._lines = lines
        self._speech = None
        self._waiting = [
            (row, recording)
            for row, line in enumerate(lines)
            for recording in line.recordings
            if recording.listens
        ]
        if self._waiting or any(line.speech for line in lines):
            config = lines[0].host.config
            self._speech = SpeechOnset(config.speech_onset_ms, config.speech_end_ms, len(lines))
            for column, line in enumerate(lines):
                if "speech" in line.ears:
                    self._speech.state[:, column] = line.ears["speech"]

    def hear(self, speech: Floats) -> None:
        """20 ms of every line."""
        detector = self._speech
        if detector is not None:
            started, ended = detector.hear(speech)
            for row in started:
                self._started(self._lines[row])
            for row in ended:
                self._ended(self._lines[row], detector.duration(row))
            for row, recording in self._waiting:
                recording.hear(bool(detector.state[detector.VOICED, row]))

    def _started(self, line: Line) -> None:
        if not line.speech:
            return
        line.emit(SpeechStarted(line.number, line.now()))
        if line.play is not None and line.play.stop_on_speech:
            line.stop_play(PlayEnd.SPEECH)

    def _ended(self, line: Line, duration: float) -> None:
        if line.speech:
            line.emit(SpeechEnded(line.number, line.now(), duration))
