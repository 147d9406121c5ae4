"""Pieces of SIP's grammar (RFC 3261 §25.1) that several modules read with: tokens, quoted strings,
parameters, lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import TypeVar

from vxmlplat.sip.errors import MessageError

TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]+"  # noqa: S105 - a grammar rule, no secret
QUOTED = r'"(?:[^"\\]|\\.)*"'
HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9\-_.]*[A-Za-z0-9_.])?)"

T = TypeVar("T")
LONGEST_KEPT = 256
"""Characters; a longer text is read anew each time."""
is_token = re.compile(TOKEN).fullmatch
_PARAMETER = re.compile(rf"\s*;\s*({TOKEN})(?:\s*=\s*({QUOTED}|[^\s;,\"<>]*))?\s*", re.DOTALL)
_MARK = re.compile(r'[",<>\\]')


def parse_parameters(text: str) -> dict[str, str | None]:
    """``;name=value;flag`` as a dict with lower-case names; quoted values are unquoted. Raises
    MessageError."""
    parameters: dict[str, str | None] = {}
    at = 0
    while at < len(text):
        found = _PARAMETER.match(text, at)
        if found is None:
            raise MessageError("Malformed Parameter")
        value = found[2]
        if value is not None and value.startswith('"'):
            value = unquote(value)
        parameters.setdefault(found[1].lower(), value)
        at = found.end()
    return parameters


def format_parameters(parameters: Mapping[str, str | None]) -> str:
    """The inverse of :func:`parse_parameters`; values that are no token are quoted."""
    parts = []
    for name, value in parameters.items():
        if value is None:
            parts.append(f";{name}")
        elif re.fullmatch(r"[A-Za-z0-9\-.!%*_+`'~\[\]:/@]+", value):
            parts.append(f";{name}={value}")
        else:
            parts.append(f";{name}={quote(value)}")
    return "".join(parts)


def quote(text: str) -> str:
    """A quoted string (RFC 3261 §25.1); line breaks become spaces."""
    plain = text.replace("\r", " ").replace("\n", " ")
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(text: str) -> str:
    """The inside of a quoted string, escapes resolved; other text as it is."""
    if len(text) >= 2 and text[0] == '"' == text[-1]:
        return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
    return text


def split_list(text: str) -> list[str]:
    """Split at commas that stand outside quotes and angle brackets; empty members are dropped."""
    if "," not in text:
        return [text] if text else []
    parts: list[str] = []
    begin = resume = 0
    inside = ""
    for mark in _MARK.finditer(text):
        at, sign = mark.start(), mark[0]
        if at < resume:
            continue
        if inside == '"':
            if sign == "\\":
                resume = at + 2
            elif sign == '"':
                inside = ""
        elif inside == "<":
            if sign == ">":
                inside = ""
        elif sign in {'"', "<"}:
            inside = sign
        elif sign == ",":
            parts.append(text[begin:at].strip())
            begin = at + 1
    parts.append(text[begin:].strip())
    return [part for part in parts if part]


def single_spaced(text: str) -> str:
    """The text with every run of white space made one space: what patterns with optional white space are
    matched on,
    since a long run of spaces costs them the square of its length."""
    return " ".join(text.split()) if "  " in text or "\t" in text else text


def natural(text: str | None, limit: int = 2**32 - 1) -> int | None:
    """A number of ASCII digits up to a limit, or None for anything else; leading zeros are allowed (RFC 4475
    §3.1.1.1)."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 20:
        return None
    value = int(text)
    return value if value <= limit else None


def remembered(read: Callable[[str], T]) -> Callable[[str], T]:
    """Keep the results of a reader for texts that come again and again: the same From stands in every message
    of a call.

    Only short texts are kept, so that a sender of long ones cannot fill the memory.
    """
    kept = lru_cache(maxsize=4096)(read)

    @wraps(read)
    def recall(text: str) -> T:
        return kept(text) if len(text) <= LONGEST_KEPT else read(text)

    return recall
