"""The operator's settings for speech."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """Where speech keeps its files, and which engines speak what.

    ``cache`` holds what was synthesised and decoded, ``prompts`` are folders searched in order for recorded
    pieces
    (``FOLDER/LANGUAGE/pieces/NAME.wav``). ``engines`` are tried in order for each utterance; one that is not
    installed is passed over.
    """

    cache: Path
    prompts: tuple[Path, ...] = ()
    engines: tuple[str, ...] = ("hibari", "piper", "espeak")
    fallback_language: str = "en-US"
