"""The small value types of attributes: times, booleans, numbers, names, URIs (VoiceXML 2.0 §6.5)."""

from __future__ import annotations

import re
from urllib.parse import urljoin

_TIME = re.compile(r"\+?(\d+(?:\.\d*)?|\.\d+)(ms|s)\Z")
SCOPES = ("session", "application", "document", "dialog", "anonymous")
MAX_SECONDS = 86_400.0 * 30


def seconds(text: str) -> float | None:
    """The seconds of a time designation (``2s``, ``1.5s``, ``700ms``), or None when it is none (§6.5)."""
    found = _TIME.match(text.strip())
    if not found:
        return None
    number = float(found[1]) / (1000.0 if found[2] == "ms" else 1.0)
    return min(number, MAX_SECONDS)


def boolean(text: str) -> bool | None:
    """``true`` or ``false``, else None."""
    return {"true": True, "false": False}.get(text.strip())


def fraction(text: str) -> float | None:
    """A number from 0.0 to 1.0, else None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0.0 <= number <= 1.0 else None


def natural(text: str) -> int | None:
    """A whole number of zero or more, else None."""
    text = text.strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


def resolve(base: str, reference: str) -> str:
    """The absolute URI of a reference; one that is no URI stays as it is and cannot be fetched."""
    try:
        return urljoin(base, reference.strip())
    except ValueError:
        return reference.strip()


def split_fragment(uri: str) -> tuple[str, str | None]:
    """The URI without its fragment, and the fragment or None."""
    bare, _, fragment = uri.partition("#")
    return bare, fragment or None
