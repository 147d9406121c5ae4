"""The ears of a slot: every detector over the frames of all lines that asked for it, at once.

What a detector knows of a line stays with the line (``line.ears``) when lines come and go: its state lies in
arrays, a column a line, that are put back and gathered anew. Only the progress of placed calls is followed
line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.call_progress import CallProgress
from vxmlplat.media.events import KeySource, PlayEnd, SpeechEnded, SpeechStarted, ToneDetected
from vxmlplat.media.inband_keys import InbandKeys
from vxmlplat.media.speech_onset import SpeechOnset, Turn

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
        self._waiting: list[tuple[Recording, int]] = []
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
        if self._keys is not None:
            for column, line in enumerate(self._pressers):
                line.ears["keys"] = (self._keys.state[:, column].copy(), self._keys.before[column].copy())
        if self._speech is not None:
            for column, line in enumerate(self._speakers):
                line.ears["speech"] = self._speech.column(column)

    def _arrange_speech(self, lines: Sequence[Line]) -> None:
        rows = [
            row
            for row, line in enumerate(lines)
            if line.speech or any(recording.listens for recording in line.recordings)
        ]
        self._speakers = [lines[row] for row in rows]
        self._speaker_rows = None if len(rows) == len(lines) else np.array(rows, np.intp)
        self._speech, self._waiting = None, []
        if not rows:
            return
        config = lines[0].host.config
        self._speech = SpeechOnset(
            len(rows),
            config.speech_onset_ms,
            config.speech_end_ms,
            voiced=config.speech_detector == "voice",
        )
        for column, line in enumerate(self._speakers):
            if "speech" in line.ears:
                self._speech.set_column(column, line.ears["speech"])
            self._waiting += [(recording, column) for recording in line.recordings if recording.listens]

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
            heard = frames if self._speaker_rows is None else frames[self._speaker_rows]
            self._hear_speech(self._speech, heard)
        if self._keys is not None:
            heard = frames if self._presser_rows is None else frames[self._presser_rows]
            for column, down, key, seconds in self._keys.hear(heard):
                line = self._pressers[column]
                if down:
                    line.keys.pressed(key, seconds, KeySource.INBAND)
                else:
                    line.keys.released(key, seconds, KeySource.INBAND)
        for row, line, progress in self._callers:
            for kind in progress.hear(frames[row]):
                line.host.emit(ToneDetected(line.number, line.host.now(), kind))

    def _hear_speech(self, speech: SpeechOnset, frames: Floats) -> None:
        for column, turn, seconds in speech.hear(frames):
            line = self._speakers[column]
            if line.speech:
                self._tell(line, turn, seconds)
        for recording, column in self._waiting:
            recording.hear(bool(speech.loud[column]))

    @staticmethod
    def _tell(line: Line, turn: Turn, seconds: float) -> None:
        host = line.host
        if turn is Turn.ENDED:
            host.emit(SpeechEnded(line.number, host.now(), seconds))
            return
        host.emit(SpeechStarted(line.number, host.now()))
        play = line.player.play
        if play is not None and play.stop_on_speech:
            line.player.stop(PlayEnd.SPEECH)
