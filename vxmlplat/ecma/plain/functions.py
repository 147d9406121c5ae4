"""Functions and methods that plain expressions may call: those that read, and whose meaning is certain.

Arguments are what ECMAScript wants, a text for a text and a whole number for a position: what it would have
to convert is an engine's, and so are texts with characters that take two of its units.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from vxmlplat.ecma.plain.making import MAKING
from vxmlplat.ecma.plain.members import Beyond, member, primitive_text, utf16_length
from vxmlplat.ecma.plain.numbers import NAN, WHITE_SPACE, number
from vxmlplat.ecma.plain.operators import LONGEST_TEXT, strictly_equal, to_number, truth
from vxmlplat.ecma.values import UNDEFINED

Method = Callable[..., Any]
METHODS: dict[tuple[type, str], Method] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Boolean": lambda value=False: truth(value),
    "Number": lambda value=0: to_number(value),
    "String": lambda value="": primitive_text(value),
    "isNaN": lambda value=UNDEFINED: to_number(value) != to_number(value),
}
MOST_ITEMS = 1000
"""Longer arrays are an engine's."""
INTEGER = re.compile(rf"[{WHITE_SPACE}]*([+-]?\d+)")


def method_of(receiver: Any, name: str) -> Method:
    """The method, which takes the receiver as its first argument."""
    method = METHODS.get((type(receiver), name))
    if method is None or (type(receiver) is str and utf16_length(receiver) != len(receiver)):
        member(receiver, name)  # of null and undefined it is an error, before the arguments are looked at
        raise Beyond
    return method


def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function or method returns."""
    try:
        return function(*arguments)
    except TypeError:  # more arguments than usual, or fewer
        raise Beyond from None


def plain_method(kind: type, *names: str) -> Callable[[Method], Method]:
    """Register a method of texts, arrays, or nodes of a document."""

    def register(function: Method) -> Method:
        for name in names:
            if (kind, name) in METHODS:
                raise ValueError(f"{kind.__name__} has {name} already")
            METHODS[kind, name] = function
        return function

    return register


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Beyond
    return value


def _position(value: Any, missing: int) -> int:
    if value is UNDEFINED:
        return missing
    if type(value) is not int:
        raise Beyond
    return value


def _ascii(text: str) -> str:
    if not text.isascii():
        raise Beyond
    return text


@plain_method(str, "charAt")
def _char_at(text: str, at: Any = UNDEFINED) -> str:
    at = _position(at, 0)
    return text[at] if 0 <= at < len(text) else ""


@plain_method(str, "indexOf")
def _index_of(text: str, part: Any, start: Any = UNDEFINED) -> int:
    return text.find(_text(part), min(max(_position(start, 0), 0), len(text)))


@plain_method(str, "lastIndexOf")
def _last_index_of(text: str, part: Any) -> int:
    return text.rfind(_text(part))


@plain_method(str, "includes")
def _includes(text: str, part: Any) -> bool:
    return _text(part) in text


@plain_method(str, "startsWith")
def _starts_with(text: str, part: Any) -> bool:
    return text.startswith(_text(part))


@plain_method(str, "endsWith")
def _ends_with(text: str, part: Any) -> bool:
    return text.endswith(_text(part))


@plain_method(str, "slice")
@plain_method(list, "slice")
def _slice(sequence: Any, start: Any = UNDEFINED, end: Any = UNDEFINED) -> Any:
    found = sequence[_position(start, 0) : _position(end, len(sequence))]
    return found if type(found) is str else MAKING.holder(found)


@plain_method(str, "substring")
def _substring(text: str, start: Any = UNDEFINED, end: Any = UNDEFINED) -> str:
    first, last = (min(max(at, 0), len(text)) for at in (_position(start, 0), _position(end, len(text))))
    return text[min(first, last) : max(first, last)]


@plain_method(str, "substr")
def _substr(text: str, start: Any = UNDEFINED, length: Any = UNDEFINED) -> str:
    first = _position(start, 0)
    first = max(len(text) + first, 0) if first < 0 else first
    return text[first : first + max(_position(length, len(text)), 0)]


@plain_method(str, "toLowerCase")
def _lower(text: str) -> str:
    return _ascii(text).lower()


@plain_method(str, "toUpperCase")
def _upper(text: str) -> str:
    return _ascii(text).upper()


@plain_method(str, "trim")
def _trim(text: str) -> str:
    return text.strip(WHITE_SPACE)


@plain_method(str, "split")
def _split(text: str, separator: Any = UNDEFINED) -> list[str]:
    if separator is UNDEFINED:
        return [text]
    return _short(text.split(separator) if _text(separator) else list(text))


@plain_method(list, "concat")
def _concat(items: list[Any], *others: Any) -> list[Any]:
    return _short(items + [item for other in others for item in (other if type(other) is list else [other])])


@plain_method(list, "join")
def _join(items: list[Any], separator: Any = UNDEFINED) -> str:
    between = "," if separator is UNDEFINED else _text(separator)
    texts = ["" if item is None or item is UNDEFINED else primitive_text(item) for item in items]
    if sum(map(len, texts)) + len(between) * len(texts) > LONGEST_TEXT:
        raise Beyond
    return MAKING.text(between.join(texts))


@plain_method(list, "indexOf")
def _index_in(items: list[Any], wanted: Any) -> int:
    return next((at for at, item in enumerate(items) if strictly_equal(item, wanted)), -1)


def _short(items: list[Any]) -> list[Any]:
    if len(items) > MOST_ITEMS:
        raise Beyond
    return MAKING.holder(items)


def _parse_int(value: Any = UNDEFINED, radix: Any = 10) -> float:
    """``parseInt`` to the base ten."""
    text = primitive_text(value)
    found = INTEGER.match(_ascii(text))
    if (
        radix != 10
        or type(radix) is not int
        or (found and len(found[1]) > 15)
        or text.lstrip(WHITE_SPACE + "+-")[:2] in ("0x", "0X")
    ):
        raise Beyond
    if found is None:
        return NAN
    return -0.0 if found[1].startswith("-") and not int(found[1]) else number(int(found[1]))


FUNCTIONS["parseInt"] = _parse_int
