"""How long prompts take, where nobody speaks them: for a simulated call in real time."""

from __future__ import annotations

import re
import struct

from vxmlplat.vxml.platform import Audio, Break, Phoneme, Prompt, SayAs, Text

IDEOGRAPHS_A_SECOND = 4.3
LETTERS_A_SECOND = 14.0
DIGITS_A_SECOND = 2.8
UNKNOWN_AUDIO = 2.0
"""Seconds for a recording whose length cannot be read."""

PAUSES = {"none": 0.0, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 0.8, "x-strong": 1.2}
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_DIGIT = re.compile(r"[0-9]")
_SPACE = re.compile(r"\s+")


def speaking_time(prompt: Prompt) -> float:
    """Seconds that a prompt takes to be heard, about."""
    seconds = 0.0
    for segment in prompt.segments:
        match segment:
            case Text() | SayAs() | Phoneme():
                seconds += text_time(segment.text)
            case Break():
                seconds += PAUSES.get(segment.strength, 0.5) if segment.seconds is None else segment.seconds
            case Audio():
                seconds += audio_time(segment.resource.body)
    return seconds


def text_time(text: str) -> float:
    """Seconds that a voice takes for a text, about."""
    text = _SPACE.sub(" ", text.strip())
    ideographs, digits = len(_IDEOGRAPH.findall(text)), len(_DIGIT.findall(text))
    others = len(text) - ideographs - digits
    return ideographs / IDEOGRAPHS_A_SECOND + digits / DIGITS_A_SECOND + others / LETTERS_A_SECOND


def audio_time(body: bytes) -> float:
    """Seconds of a WAV file, by its own account of bytes a second; a guess for anything else."""
    if body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        return UNKNOWN_AUDIO
    at, rate = 12, 0
    while at + 8 <= len(body):
        name, size = body[at : at + 4], struct.unpack_from("<I", body, at + 4)[0]
        if name == b"fmt " and at + 20 <= len(body):
            rate = struct.unpack_from("<I", body, at + 16)[0]
        elif name == b"data":
            return min(size, len(body) - at - 8) / rate if rate else UNKNOWN_AUDIO
        at += 8 + size + size % 2
    return UNKNOWN_AUDIO
