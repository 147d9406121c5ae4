"""English voice: hibari-tts (Apache-2.0), a model inside its package, real-time factor about 0.006."""

from __future__ import annotations

from typing import Any

import numpy as np

from vxmlplat.speech.engine import Samples, Utterance
from vxmlplat.speech.errors import NoResource

RATE = 24_000


class Hibari:
    """The voice in the package (American English). Voices that the package would download are not used."""

    languages = frozenset({"en"})

    def __init__(self) -> None:
        self._model: Any = None

    def load(self) -> None:
        """Build the model and speak once, so that the first caller does not pay for the first run."""
        try:
            from hibari import Hibari as Model
        except ImportError as error:
            raise NoResource(f"hibari-tts cannot be imported: {error}") from error
        self._model = Model()
        self._model("Ready.")

    def synthesise(self, utterance: Utterance) -> tuple[Samples, int]:
        """24 kHz; the rate is kept within what stays intelligible. The same text always sounds the same."""
        audio = self._model(utterance.text, speed=min(2.0, max(0.5, utterance.rate)), seed=1)
        return np.asarray(audio, dtype=np.float32), RATE
