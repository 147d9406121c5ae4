"""Values and names as ECMAScript source text."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[\w .:/*#-]*", re.ASCII)


def string_literal(text: str) -> str:
    """A text as an ECMAScript string literal in single quotes."""
    if _PLAIN.fullmatch(text):
        return f"'{text}'"
    inside = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return "'" + _no_line_ends(inside) + "'"


def literal(value: Any) -> str:
    """A JSON value as an ECMAScript literal."""
    if isinstance(value, str):
        return string_literal(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{member(str(key))}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return json.dumps(value)


def member(name: str) -> str:
    """A name as a key of an object literal."""
    return string_literal(name)


def object_literal(members: dict[str, str]) -> str:
    """An object literal whose values are expressions."""
    return "{" + ", ".join(f"{member(name)}: {value}" for name, value in members.items()) + "}"


def _no_line_ends(text: str) -> str:
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
