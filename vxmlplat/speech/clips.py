"""What a prompt becomes: a row of clips that a media channel can play."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A WAV file of 8 kHz, mono, 16 bits."""

    path: Path


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds of silence."""

    seconds: float


@dataclass(frozen=True, slots=True)
class MarkPoint:
    """A named place between clips."""

    name: str


Clip = AudioFile | Pause | MarkPoint
