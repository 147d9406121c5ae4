"""Operators on values (ECMA-262 §7.1, §7.2, §13).

Those on objects that would call a method are an engine's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from vxmlplat.ecma.plain.making import MAKING
from vxmlplat.ecma.plain.members import Beyond, DomNode, Members, primitive_text
from vxmlplat.ecma.plain.numbers import number, text_number
from vxmlplat.ecma.values import UNDEFINED

LONGEST_TEXT = 1 << 16
"""Longer texts are an engine's, which has a limit on memory."""
NUMBERS = (int, float)


def truth(value: Any) -> bool:
    """ToBoolean."""
    kind = type(value)
    if kind is bool or kind is str or kind is int:
        return bool(value)
    if kind is float:
        return bool(value == value and value != 0)
    return value is not None and value is not UNDEFINED


def to_number(value: Any) -> float:
    """ToNumber of a primitive."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return]  # type() has said it
    if kind is str:
        return text_number(value)
    if kind is bool or value is None:
        return int(value or 0)
    if value is UNDEFINED:
        return math.nan
    raise Beyond


def type_of(value: Any) -> str:
    """``typeof``."""
    kind = type(value)
    if kind is str:
        return "string"
    if kind in NUMBERS:
        return "number"
    if kind is bool:
        return "boolean"
    return "undefined" if value is UNDEFINED else "object"


def strictly_equal(a: Any, b: Any) -> bool:
    """``===``."""
    kind, other = type(a), type(b)
    if kind is other:
        if kind is str or kind in NUMBERS:
            return bool(a == b)
        return a is b
    return kind in NUMBERS and other in NUMBERS and a == b


def loosely_equal(a: Any, b: Any) -> bool:
    """``==``."""
    kind, other = type(a), type(b)
    if kind is other or (kind in NUMBERS and other in NUMBERS):
        return strictly_equal(a, b)
    nothing = a is None or a is UNDEFINED
    if nothing or b is None or b is UNDEFINED:
        return nothing and (b is None or b is UNDEFINED)
    if _is_object(a) or _is_object(b):
        if _is_object(a) and _is_object(b):
            return False
        raise Beyond
    return to_number(a) == to_number(b)


def _is_object(value: Any) -> bool:
    return type(value) is dict or type(value) is list or isinstance(value, (Members, DomNode))


def _not(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: not compare(a, b)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A relational operator: texts by their UTF-16 units, all else as numbers."""

    def apply(a: Any, b: Any) -> bool:
        if type(a) is str and type(b) is str:
            if a.isascii() or b.isascii():
                return compare(a, b)
            return compare(a.encode("utf-16-be"), b.encode("utf-16-be"))
        return compare(to_number(a), to_number(b))

    return apply


def plus(a: Any, b: Any) -> Any:
    """``+``."""
    if type(a) is str or type(b) is str:
        text = primitive_text(a) + primitive_text(b)
        if len(text) > LONGEST_TEXT:
            raise Beyond
        return MAKING.text(text)
    return number(to_number(a) + to_number(b))


def minus(a: Any, b: Any) -> float:
    """``-``."""
    return number(to_number(a) - to_number(b))


def times(a: Any, b: Any) -> float:
    """``*``: nothing times what is negative is -0."""
    a, b = to_number(a), to_number(b)
    return number(a * b or float(a) * float(b))


def divided(a: Any, b: Any) -> float:
    """``/``."""
    a, b = to_number(a), to_number(b)
    if b:
        return number(a / b)
    if not a or a != a:
        return math.nan
    return math.copysign(math.inf, math.copysign(1.0, a) * math.copysign(1.0, b))


def remainder(a: Any, b: Any) -> float:
    """``%``, which has the sign of the dividend."""
    a, b = to_number(a), to_number(b)
    if not b or math.isinf(a) or a != a or b != b:
        return math.nan
    return number(math.fmod(a, b))


def negative(value: Any) -> float:
    """Unary ``-``."""
    amount = to_number(value)
    return number(-amount) if amount else -float(amount)


BINARY: dict[str, tuple[int, Callable[[Any, Any], Any]]] = {
    "==": (3, loosely_equal),
    "!=": (3, _not(loosely_equal)),
    "===": (3, strictly_equal),
    "!==": (3, _not(strictly_equal)),
    "<": (4, _ordered(lambda a, b: a < b)),
    ">": (4, _ordered(lambda a, b: a > b)),
    "<=": (4, _ordered(lambda a, b: a <= b)),
    ">=": (4, _ordered(lambda a, b: a >= b)),
    "+": (5, plus),
    "-": (5, minus),
    "*": (6, times),
    "/": (6, divided),
    "%": (6, remainder),
}
"""Precedence and meaning; ``||`` is 1 and ``&&`` is 2."""
UNARY: dict[str, Callable[[Any], Any]] = {
    "!": lambda value: not truth(value),
    "-": negative,
    "+": to_number,
}
