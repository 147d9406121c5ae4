"""What crosses the border between the host and plain sources: copies, as between the host and an engine."""

from __future__ import annotations

import math
from typing import Any

from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.plain.members import AnnotatedArray, Beyond, DeclaredFunction, DomNode, Members, Scoped
from vxmlplat.ecma.plain.numbers import number
from vxmlplat.ecma.values import UNDEFINED, Value

PRIMITIVES = frozenset({str, int, float, bool})
MOST_EXPORTED = 20_000
DEEPEST_EXPORTED = 100


def imported(value: Any) -> Any:
    """A value of the host on its way in: JSON, undefined, numbers that JSON has not, and objects of the host.

    Raises :class:`ScriptError` for anything else.
    """
    try:
        return _imported(value)
    except RecursionError:
        raise ScriptError("RangeError", "the value is nested too deep") from None


def _imported(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _well_formed(value)
    if kind is dict:
        return {
            key if type(key) is str and key.isascii() else _key(key): item
            if type(item) is str and item.isascii()
            else _imported(item)
            for key, item in value.items()
        }
    if value is None or kind is bool or value is UNDEFINED or isinstance(value, Members):
        return value
    if kind is float or isinstance(value, int):
        try:
            return number(value if kind is float else int(value))
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if isinstance(value, (list, tuple)):
        return [_imported(item) for item in value]
    if isinstance(value, str):
        return _well_formed(value)
    raise ScriptError("TypeError", f"this value cannot be handed to a script: {kind.__name__}")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return _well_formed(key)
    raise ScriptError("TypeError", f"an object whose keys are no texts cannot be handed to a script: {key!r}")


def _well_formed(text: str) -> str:
    """Without halves of surrogate pairs, which no host can write."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def exported(value: Any) -> Value:
    """A value on its way out, an object as ``JSON.stringify`` writes it.

    Raises :class:`Beyond` for what is too large: an object may hold another many times over.
    """
    if type(value) in PRIMITIVES or value is None or value is UNDEFINED:
        return value  # type: ignore[no-any-return]  # a primitive
    return _Export().copy(value, 0)  # type: ignore[no-any-return]  # JSON


class _Export:
    def __init__(self) -> None:
        self._left = MOST_EXPORTED

    def copy(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if (
            self._left < 0
            or depth > DEEPEST_EXPORTED
            or isinstance(value, (Scoped, DeclaredFunction, DomNode))
        ):
            raise Beyond
        if isinstance(value, AnnotatedArray):
            value = value.items
        if isinstance(value, list):
            return [self.copy(item, depth + 1) for item in value]
        if isinstance(value, Members):
            value = value.members
        if isinstance(value, dict):
            return {key: self.copy(item, depth + 1) for key, item in value.items() if item is not UNDEFINED}
        if value is UNDEFINED or (type(value) is float and not math.isfinite(value)):
            return None
        return 0 if value == 0 and type(value) is float else value
