"""Numbers: how ECMAScript writes them, reads them, and keeps them doubles (ECMA-262 §6.1.6.1, §7.1.4).

A number of ECMAScript is an ``int`` where it is whole and a double holds its neighbours exactly, else a
``float``; ``-0`` is a ``float`` as well.
"""

from __future__ import annotations

import math
import re

NAN = math.nan
EXACT = 1 << 53
WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
    "\u202f\u205f\u3000\ufeff"
)
DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
OTHER_BASE = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
INFINITE = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}


def number(value: float) -> float:
    """The result of a calculation as a number of ECMAScript."""
    if type(value) is int:
        return value if -EXACT <= value <= EXACT else float(value)
    if value.is_integer() and -EXACT <= value <= EXACT and (value or math.copysign(1.0, value) > 0):
        return int(value)
    return value


def number_text(value: float) -> str:
    """Number::toString."""
    if type(value) is int:
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, _, power = f"{abs(value)!r}".partition("e")
    whole, _, fraction = digits.partition(".")
    exponent = int(power or 0) + len(whole)
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    return sign + _written(digits, exponent - leading)


def _written(digits: str, point: int) -> str:
    """Significant digits with the decimal point behind ``point`` of them (ECMA-262 §6.1.6.1.20)."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{point - 1:+d}"


def text_number(text: str) -> float:
    """StringToNumber; NaN for what is no number."""
    text = text.strip(WHITE_SPACE)
    if DECIMAL.fullmatch(text):
        return number(float(text))
    if not text:
        return 0
    if text in INFINITE:
        return INFINITE[text]
    return number(int(text, 0)) if OTHER_BASE.fullmatch(text) else math.nan
