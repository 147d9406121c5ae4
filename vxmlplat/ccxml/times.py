"""Durations as CCXML writes them: CSS2 times (``5s``, ``1500ms``), or a number of seconds for ages of
caches.
"""

from __future__ import annotations

import re

CSS_TIME = re.compile(r"\s*\+?(\d+(?:\.\d*)?|\.\d+)(ms|s)\s*")


def css_seconds(value: object) -> float:
    """Seconds of a CSS2 time. Raises ValueError for anything else."""
    found = CSS_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no time such as '5s' or '500ms'")
    return float(found[1]) / (1000.0 if found[2] == "ms" else 1.0)


def age_seconds(value: object) -> float:
    """Seconds of maxage and maxstale: a CSS2 time or a plain number of seconds. Raises ValueError."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    if isinstance(value, str) and value.strip().isdigit():
        return float(value)
    return css_seconds(value)
