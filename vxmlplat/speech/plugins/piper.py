"""Neural voices that the operator installs: piper-tts (GPL-3.0), in a worker process of its own.

Voices are ``*.onnx`` files with their ``*.onnx.json`` in the folder that the environment variable
``VXMLPLAT_PIPER_VOICES`` names;
the file name begins with the language (``zh_CN-huayan-medium.onnx``). Nothing is downloaded.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from vxmlplat.speech.engine import Samples, Utterance
from vxmlplat.speech.errors import NoResource, UnsupportedLanguage

FOLDER = "VXMLPLAT_PIPER_VOICES"


class Piper:
    """One model a language; the first file by name that fits the tag is used."""

    languages = frozenset({"*"})

    def __init__(self) -> None:
        self._files: list[Path] = []
        self._loaded: dict[Path, Any] = {}

    def load(self) -> None:
        """Find the voices; each is loaded when its language is first asked for."""
        folder = os.environ.get(FOLDER, "")
        self._files = sorted(Path(folder).glob("*.onnx")) if folder else []
        if not self._files:
            raise NoResource(f"no piper voices: set {FOLDER} to a folder with *.onnx files")

    def synthesise(self, utterance: Utterance) -> tuple[Samples, int]:
        """At the model's own rate."""
        from piper import PiperVoice, SynthesisConfig

        tag = utterance.language.replace("-", "_").lower()
        fitting = [f for f in self._files if f.name.lower().startswith(tag)] or [
            f for f in self._files if f.name.lower().startswith(tag.split("_")[0] + "_")
        ]
        if not fitting:
            raise UnsupportedLanguage(f"no piper voice for {utterance.language}")
        voice = self._loaded.get(fitting[0])
        if voice is None:
            voice = self._loaded[fitting[0]] = PiperVoice.load(str(fitting[0]))
        settings = SynthesisConfig(length_scale=1.0 / max(0.25, utterance.rate))
        chunks = [chunk.audio_float_array for chunk in voice.synthesize(utterance.text, settings)]
        samples = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
        return samples.astype(np.float32), int(voice.config.sample_rate)
