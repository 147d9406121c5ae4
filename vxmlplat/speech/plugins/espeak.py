"""About a hundred languages, Mandarin among them: espeak-ng (GPL-3.0), library and data from the wheel
espeakng-loader.

Reached through the C interface of ``speak_lib.h`` with ctypes, in a worker process of its own.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from vxmlplat.speech.engine import Samples, Utterance
from vxmlplat.speech.errors import NoResource, SpeechError, UnsupportedLanguage

_RETRIEVAL = 1  # AUDIO_OUTPUT_RETRIEVAL: samples come to the callback, nothing is played
_UTF8 = 1
_RATE, _PITCH = 1, 3  # espeak_PARAMETER
_WORDS_A_MINUTE = 160
_VOICES = {"zh": "cmn", "zh-cn": "cmn", "zh-tw": "cmn", "zh-hk": "yue", "en": "en-us", "en-gb": "en-gb"}
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The fallback for every language."""

    languages = frozenset({"*"})

    def __init__(self) -> None:
        self._library: Any = None
        self._rate = 0
        self._heard = bytearray()
        self._callback = _Callback(self._take)  # kept: ctypes does not hold it

    def load(self) -> None:
        """Load the library and its data."""
        try:
            import espeakng_loader

            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path()
        except (ImportError, OSError) as error:
            raise NoResource(f"espeakng-loader cannot be loaded: {error}") from error
        self._rate = self._library.espeak_Initialize(_RETRIEVAL, 0, str(data).encode(), 0)
        if self._rate <= 0:
            raise NoResource("espeak-ng refused to start")
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if count > 0:
            self._heard += ctypes.string_at(samples, count * 2)
        return 0

    def synthesise(self, utterance: Utterance) -> tuple[Samples, int]:
        """22.05 kHz."""
        tag = utterance.language.lower()
        voice = _VOICES.get(tag) or _VOICES.get(tag.split("-")[0]) or tag
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            voice = tag.split("-")[0]
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise UnsupportedLanguage(f"espeak-ng has no voice for {utterance.language}")
        rate = int(min(450, max(80, _WORDS_A_MINUTE * utterance.rate)))
        self._library.espeak_SetParameter(_RATE, rate, 0)
        self._library.espeak_SetParameter(_PITCH, int(min(99, max(0, 50 * utterance.pitch))), 0)
        self._heard.clear()
        text = utterance.text.encode()
        if self._library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None) != 0:
            raise SpeechError("espeak-ng could not synthesise")
        self._library.espeak_Synchronize()
        return np.frombuffer(bytes(self._heard), dtype="<i2").astype(np.float32) / 32768.0, self._rate
