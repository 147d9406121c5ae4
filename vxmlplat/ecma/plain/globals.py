"""Functions of global objects that plain expressions may call: ``JSON.parse``, ``Object.keys``, others.

They read; what they make is new. Objects with keys that are indices are an engine's, which puts these first.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

from vxmlplat.ecma.plain.making import MAKING
from vxmlplat.ecma.plain.members import AnnotatedArray, Beyond, Members
from vxmlplat.ecma.plain.numbers import number, number_text
from vxmlplat.ecma.plain.operators import LONGEST_TEXT, to_number
from vxmlplat.ecma.values import UNDEFINED

STATICS: dict[tuple[str, str], Callable[..., Any]] = {}
INTO_THE_FIRST = frozenset({("Object", "assign")})
"""These change their first argument, which therefore has to be new: written as an object."""
LONGEST_JSON = 4096
"""Longer texts are an engine's to parse: a value takes many times the memory of its text."""
MOST_BRACKETS = 200
DEEPEST_JSON = 50
MOST_VALUES = 5000
_DICE = random.SystemRandom()
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _static(holder: str, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function of a global object."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if (holder, name) in STATICS:
            raise ValueError(f"{holder}.{name} is there already")
        STATICS[holder, name] = function
        return function

    return register


@_static("JSON", "stringify")
def _stringify(value: Any) -> Any:
    writer = _Writer()
    writer.write(value, 0)
    text = "".join(writer.parts)
    if len(text) > LONGEST_TEXT:
        raise Beyond
    return UNDEFINED if value is UNDEFINED else MAKING.text(text)


class _Writer:
    """SerializeJSONProperty (ECMA-262 §25.5.2.2) for values without methods."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._left = MOST_VALUES

    def write(self, value: Any, depth: int) -> None:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST_JSON:
            raise Beyond
        if type(value) is AnnotatedArray:
            value = value.items
        kind, parts = type(value), self.parts
        if kind is str:
            parts.append(encode_basestring(value))
        elif kind is bool or value is None or value is UNDEFINED:
            parts.append("true" if value is True else "false" if value is False else "null")
        elif kind is int or kind is float:
            parts.append(number_text(value) if math.isfinite(value) else "null")
        elif kind is list:
            mark = "["
            for item in value:
                parts.append(mark)
                self.write(item, depth + 1)
                mark = ","
            parts.append("]" if value else "[]")
        elif kind is dict:
            mark = "{"
            for key in _keys_of(value):
                if value[key] is not UNDEFINED:
                    parts += (mark, encode_basestring(key), ":")
                    self.write(value[key], depth + 1)
                    mark = ","
            parts.append("{}" if mark == "{" else "}")
        else:
            raise Beyond


@_static("JSON", "parse")
def _parse(text: Any) -> Any:
    if type(text) is not str or len(text) > LONGEST_JSON or SURROGATE.search(text):
        raise Beyond
    holders = text.count("[") + text.count("{")
    if holders > MOST_BRACKETS:
        raise Beyond
    MAKING.made += holders + text.count(",") + (len(text) >> 5)
    try:
        return _decode(text)
    except ValueError:  # an engine says best what is wrong
        raise Beyond from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    _keys_of(found)
    return found


def _number(text: str) -> float:
    return number(float(text))


def _refused(text: str) -> Any:
    raise ValueError(text)


_decode = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_number,
    parse_int=_number,
    parse_constant=_refused,
).decode


def _keys_of(value: dict[str, Any]) -> list[str]:
    if "__proto__" in value or any(map(str.isdigit, value)):
        raise Beyond
    return list(value)


@_static("Object", "keys")
def _keys(value: Any) -> list[str]:
    if type(value) is not dict:
        raise Beyond
    return MAKING.holder(_keys_of(value))


@_static("Object", "assign")
def _assign(target: dict[str, Any], *sources: Any) -> dict[str, Any]:
    found = dict(target)
    for source in sources:
        if type(source) is dict:
            _keys_of(source)
            found.update(source)
        elif source is not None and source is not UNDEFINED:
            raise Beyond
    _keys_of(found)
    return MAKING.holder(found)


@_static("Array", "isArray")
def _is_array(value: Any = UNDEFINED) -> bool:
    if isinstance(value, Members) and type(value) is not AnnotatedArray:
        raise Beyond
    return type(value) is list or type(value) is AnnotatedArray


@_static("Math", "floor")
def _floor(value: Any = UNDEFINED) -> float:
    amount = to_number(value)
    return number(math.floor(amount)) if amount and math.isfinite(amount) else amount


@_static("Math", "ceil")
def _ceil(value: Any = UNDEFINED) -> float:
    amount = to_number(value)
    if not amount or not math.isfinite(amount):
        return amount
    return number(math.ceil(amount)) if not -1 < amount < 0 else -0.0


@_static("Math", "abs")
def _abs(value: Any = UNDEFINED) -> float:
    return number(abs(to_number(value)))


@_static("Math", "random")
def _random() -> float:
    return _DICE.random()


@_static("Math", "min")
def _min(first: Any, *others: Any) -> float:
    return _extreme(min, first, *others)


@_static("Math", "max")
def _max(first: Any, *others: Any) -> float:
    return _extreme(max, first, *others)


def _extreme(which: Callable[..., float], *values: Any) -> float:
    amounts = [to_number(value) for value in values]
    if any(amount != amount for amount in amounts):
        return math.nan
    found = which(amounts)
    if found == 0 and any(math.copysign(1.0, amount) < 0 for amount in amounts if amount == 0):
        raise Beyond  # one nothing is less than the other
    return found
