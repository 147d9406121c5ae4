"""What a channel can be told to play: the pieces of a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class FileClip:
    """A stretch of an audio file: WAV, 16-bit, mono, 8 or 16 kHz.

    ``start`` and ``end`` are seconds into the file; ``end`` None plays to its end.
    """

    path: Path
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """So many milliseconds of nothing."""

    ms: int


@dataclass(frozen=True, slots=True)
class Tone:
    """Up to four sine tones together for ``ms`` milliseconds, each at ``level`` dBm0, then ``pause_ms`` of
    silence.

    ``Tone((425,), 1000, pause_ms=4000)`` in a loop is the ring-back tone of much of the world.
    """

    frequencies: tuple[float, ...]
    ms: int
    pause_ms: int = 0
    level: float = -13.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A named place between clips: its passing is told by :class:`vxmlplat.media.events.MarkReached`."""

    name: str


Clip: TypeAlias = FileClip | Silence | Tone | Mark
