"""What a builtin grammar's match is worth: the strings that VoiceXML 2.0 appendix P prescribes.

The tags of a builtin grammar are small instructions, read in the order in which they were met: ``=NAME``
says which part of the value comes next; a number adds to it; ``u100`` multiplies what was just said
(hundred, 百); ``s1000`` closes a group (thousand, 万); ``x10`` moves a last figure up, as in 一百二; anything
else is a mark that the type knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vxmlplat.grammar.model import JsonValue, Tag
from vxmlplat.grammar.parse_tree import Part, RuleMatch

BUILTIN_FORMAT = "x-vxmlplat-builtin"
"""The tag format of builtin grammars."""

Instructions: TypeAlias = dict[str, list[str]]
"""The tags by part of the value; '' holds those before any part was named."""

_VALUES: dict[str, Callable[[Instructions], JsonValue]] = {}


def value_of(
    type_name: str,
) -> Callable[[Callable[[Instructions], JsonValue]], Callable[[Instructions], JsonValue]]:
    """Register how the tags of one builtin type make its value."""

    def register(function: Callable[[Instructions], JsonValue]) -> Callable[[Instructions], JsonValue]:
        if type_name in _VALUES:
            raise ValueError(f"builtin type {type_name!r} is registered twice")
        _VALUES[type_name] = function
        return function

    return register


def builtin_value(root: RuleMatch) -> JsonValue:
    """The value of a match of a builtin grammar, whose root rule is named as its type."""
    parts: Instructions = {"": []}
    current = parts[""]
    agenda: list[Part] = [root]
    while agenda:
        part = agenda.pop()
        if isinstance(part, RuleMatch):
            agenda.extend(reversed(part.children))
        elif isinstance(part, Tag):
            if part.content.startswith("="):
                current = parts.setdefault(part.content[1:], [])
            else:
                current.append(part.content)
    return _VALUES[root.name](parts)


def whole_number(instructions: list[str]) -> int:
    """The number that figures, multipliers and groups make: ``5 u100 20 3 s1000 7`` is 523,007."""
    total = group = current = 0
    scale = 0
    for instruction in instructions:
        kind = instruction[0]
        if kind == "u":
            group += (current or 1) * int(instruction[1:])
            current = 0
        elif kind == "s":
            factor = int(instruction[1:])
            if total and scale < factor:
                total = (total + group + current) * factor
            else:
                total += (group + current) * factor
            scale, group, current = factor, 0, 0
        elif kind == "x":
            current *= int(instruction[1:])
        else:
            current += int(instruction)
    return total + group + current


@value_of("boolean")
def _boolean(parts: Instructions) -> JsonValue:
    return parts[""] == ["true"]


@value_of("digits")
def _digits(parts: Instructions) -> JsonValue:
    return "".join(parts[""])


@value_of("phone")
def _phone(parts: Instructions) -> JsonValue:
    number = "".join(parts[""])
    return f"{number}x{''.join(parts['extension'])}" if "extension" in parts else number


@value_of("number")
def _number(parts: Instructions) -> JsonValue:
    sign = "".join(parts.get("sign", []))
    return sign + _whole(parts) + _fraction(parts)


def _whole(parts: Instructions) -> str:
    if "figures" in parts:
        return "".join(parts["figures"]).lstrip("0") or "0"
    return str(whole_number(parts.get("whole", [])))


def _fraction(parts: Instructions) -> str:
    digits = "".join(parts.get("fraction", []))
    return f".{digits}" if digits else ""


@value_of("currency")
def _currency(parts: Instructions) -> JsonValue:
    unit = next(iter(parts.get("unit", [])), "")
    if "fraction" in parts:
        cents = int("".join(parts["fraction"])[:2].ljust(2, "0"))
    else:
        cents = whole_number(parts.get("tenths", [])) * 10 + whole_number(parts.get("cents", []))
    return f"{unit}{_whole(parts)}.{cents:02d}"


@value_of("date")
def _date(parts: Instructions) -> JsonValue:
    if "figures" in parts:
        return "".join(parts["figures"])
    year = f"{_year(parts['year']):04d}" if "year" in parts else "????"
    month = f"{whole_number(parts['month']):02d}" if "month" in parts else "??"
    day = f"{whole_number(parts['day']):02d}" if "day" in parts else "??"
    return year + month + day


def _year(instructions: list[str]) -> int:
    """A year as a number, or figure by figure (``f2 f0 f0 f2``)."""
    if instructions and instructions[0].startswith("f"):
        return int("".join(figure[1:] for figure in instructions))
    return whole_number(instructions)


@value_of("time")
def _time(parts: Instructions) -> JsonValue:
    """``hhmmx``: with a and p the hours go from 1 to 12, with h from 0 to 23."""
    if "figures" in parts:
        figures = "".join(parts["figures"])
        return figures + ("?" if 1 <= int(figures[:2]) <= 12 else "h")
    hour = whole_number(parts["hour"])
    minute = whole_number(parts.get("minute", []))
    before = whole_number(parts.get("before", []))
    if before:
        minute = 60 - before
        hour = hour - 1 if hour > 1 else (12 if hour == 1 else 23)
    half = (parts.get("half") or ["?"])[0]
    if half == "?" and (hour > 12 or hour == 0):
        half = "h"
    if half == "n":  # the middle of the day: eleven before, twelve and one after
        half = "a" if hour == 11 else "p"
    if half == "e":  # evening and night: twelve at night begins the day
        half = "a" if hour == 12 or (hour < 5 and "night" in parts) else "p"
    if half in "ap" and not 1 <= hour <= 12:
        half = "h"
    return f"{hour:02d}{minute:02d}{half}"
