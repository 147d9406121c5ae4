"""The values of ``<prosody>`` as factors (SSML 1.0 §3.2.4). Nested values have been kept outermost first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_RATES = {"x-slow": 0.6, "slow": 0.8, "medium": 1.0, "fast": 1.25, "x-fast": 1.6, "default": 1.0}
_PITCHES = {"x-low": 0.6, "low": 0.8, "medium": 1.0, "high": 1.25, "x-high": 1.5, "default": 1.0}
_VOLUMES = {
    "silent": 0.0,
    "x-soft": 0.25,
    "soft": 0.5,
    "medium": 0.8,
    "loud": 1.0,
    "x-loud": 1.4,
    "default": 1.0,
}
_NUMBER = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(%|st|Hz|dB)?", re.IGNORECASE)


def rate_factor(values: Sequence[str]) -> float:
    """How much faster than the voice's own: a plain number is a factor, a percentage a change."""
    return _fold(values, _RATES, base=1.0)


def pitch_factor(values: Sequence[str]) -> float:
    """How much higher than the voice's own; absolute Hz are taken against a voice of 120 Hz."""
    return _fold(values, _PITCHES, base=120.0)


def volume_factor(values: Sequence[str]) -> float:
    """The gain: 0.0 is silence, 1.0 as it is; plain numbers are 0 to 100."""
    return min(2.0, _fold(values, _VOLUMES, base=100.0))


def _fold(values: Sequence[str], words: Mapping[str, float], *, base: float) -> float:
    factor = 1.0
    for value in values:
        word = value.strip().lower()
        if word in words:
            factor = words[word]
            continue
        match = _NUMBER.fullmatch(value.strip())
        if match is None:
            continue
        sign, number, unit = match[1], float(match[2]), (match[3] or "").lower()
        signed = -number if sign == "-" else number
        if unit == "%":
            factor *= max(0.0, 1.0 + signed / 100)
        elif unit == "st":
            factor *= 2.0 ** (signed / 12)
        elif unit == "db":
            factor *= 10.0 ** (signed / 20)
        elif sign:
            factor = max(0.0, factor + signed / base)
        else:
            factor = number / base
    return factor
