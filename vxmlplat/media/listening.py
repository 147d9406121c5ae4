"""The ears of a slot: every detector over the frames of all lines that asked for it, at once.

The state of the detectors of speech and keys lies in arrays, one column a line; when lines come and go the
columns are put back on the lines (``line.ears``) and gathered anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.call_progress import CallProgress
from vxmlplat.media.events import KeySource, PlayEnd, SpeechEnded, SpeechStarted, ToneDetected
from vxmlplat.media.inband_keys import InbandKeys
from vxmlplat.media.speech_onset import SpeechOnset

if TYPE_CHECKING:
    from vxmlplat.media.line import Line
    from vxmlplat.media.recorder import Recording

Floats: TypeAlias = NDArray[np.float32]


class Listening:
    """All detectors of one slot's decoded lines."""

    def __init__(self) -> None:
        self._speakers: list[Line] = []
        self._speaker_rows: NDArray[np.intp] | None = None
        self._speech: SpeechOnset | None = None
        self._waiting: list[tuple[int, Recording]] = []
        self._pressers: list[Line] = []
        self._presser_rows: NDArray[np.intp] | None = None
        self._keys: InbandKeys | None = None
        self._callers: list[tuple[int, Line, CallProgress]] = []

    def arrange(self, lines: Sequence[Line]) -> None:
        """These are the lines from now on, in the order of their frames; what was known of them is kept."""
        self._put_back()
        self._arrange_speech(lines)
        self._arrange_keys(lines)
        self._callers = [
            (row, line, line.ears.setdefault("progress", CallProgress()))
            for row, line in enumerate(lines)
            if line.tones
        ]

    def _put_back(self) -> None:
        if self._speech is not None:
            for column, line in enumerate(self._speakers):
                line.ears["speech"] = self._speech.state[:, column].copy()
        if self._keys is not None:
            for column, line in enumerate(self._pressers):
                line.ears["keys"] = (self._keys.state[:, column].copy(), self._keys.before[column].copy())

    def _arrange_speech(self, lines: Sequence[Line]) -> None:
        rows = [
            row
            for row, line in enumerate(lines)
            if line.speech or any(recording.listens for recording in line.recordings)
        ]
        self._speakers = [lines[row] for row in rows]
        self._speaker_rows = None if len(rows) == len(lines) else np.array(rows, np.intp)
        self._waiting = [
            (column, recording)
            for column, line in enumerate(self._speakers)
            for recording in line.recordings
            if recording.listens
        ]
        self._speech = None
        if rows:
            config = lines[0].host.config
            self._speech = SpeechOnset(config.speech_onset_ms, config.speech_end_ms, len(rows))
            for column, line in enumerate(self._speakers):
                if "speech" in line.ears:
                    self._speech.state[:, column] = line.ears["speech"]

    def _arrange_keys(self, lines: Sequence[Line]) -> None:
        rows = [row for row, line in enumerate(lines) if line.inband]
        self._pressers = [lines[row] for row in rows]
        self._presser_rows = None if len(rows) == len(lines) else np.array(rows, np.intp)
        self._keys = InbandKeys(len(rows)) if rows else None
        if self._keys is not None:
            for column, line in enumerate(self._pressers):
                if "keys" in line.ears:
                    self._keys.state[:, column], self._keys.before[column] = line.ears["keys"]

    def hear(self, frames: Floats) -> None:
        """20 ms of every line."""
        if self._speech is not None:
            self._hear_speech(
                self._speech, frames if self._speaker_rows is None else frames[self._speaker_rows]
            )
        if self._keys is not None:
            heard = frames if self._presser_rows is None else frames[self._presser_rows]
            for column, down, key, seconds in self._keys.hear(heard):
                line = self._pressers[column]
                if down:
                    line.key_pressed(key, seconds, KeySource.INBAND)
                else:
                    line.key_released(key, seconds, KeySource.INBAND)
        for row, line, progress in self._callers:
            for kind in progress.hear(frames[row]):
                line.emit(ToneDetected(line.number, line.now(), kind))

    def _hear_speech(self, detector: SpeechOnset, frames: Floats) -> None:
        started, ended = detector.hear(frames)
        for column in started:
            line = self._speakers[column]
            if line.speech:
                line.emit(SpeechStarted(line.number, line.now()))
                if line.play is not None and line.play.stop_on_speech:
                    line.stop_play(PlayEnd.SPEECH)
        for column in ended:
            line = self._speakers[column]
            if line.speech:
                line.emit(SpeechEnded(line.number, line.now(), detector.duration(column)))
        for column, recording in self._waiting:
            recording.hear(bool(detector.state[detector.VOICED, column]))
