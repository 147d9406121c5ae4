"""The rules of an element: its attributes, their values, what may stand in it. ``schema_elements`` holds
them all.

Sources: the schema of VoiceXML 2.1 and the sections of VoiceXML 2.0 and 2.1 on each element; SSML 1.0 and
1.1 for what may stand in a prompt. Content of ``<grammar>`` and ``<metadata>`` is not ours to judge here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vxmlplat.ecma import is_variable_name
from vxmlplat.vxml import values

Check = Callable[[str], str | None] | None
"""Looks at a value and returns what it should have been, None when it is well. None takes anything."""

anything: Check = None


def expression(value: str) -> str | None:
    """An ECMAScript expression; whether it is one shows when it is evaluated."""
    return None if value.strip() else "an ECMAScript expression"


def boolean(value: str) -> str | None:
    """``true`` or ``false``."""
    return None if values.boolean(value) is not None else '"true" or "false"'


def time(value: str) -> str | None:
    """A time designation."""
    return None if values.seconds(value) is not None else 'a time such as "2s", "1.5s" or "500ms"'


def natural(value: str) -> str | None:
    """A whole number of zero or more."""
    return None if values.natural(value) is not None else "a whole number of 0 or more"


def counter(value: str) -> str | None:
    """A whole number of one or more."""
    return None if values.natural(value) else "a whole number of 1 or more"


def weight(value: str) -> str | None:
    """A number above zero."""
    try:
        fine = float(value) > 0
    except ValueError:
        fine = False
    return None if fine else "a number above 0"


def item_name(value: str) -> str | None:
    """The name of a form item: a variable."""
    if is_variable_name(value) and not value.endswith("$") and value not in values.SCOPES:
        return None
    return "a variable name: letters, digits and _, no reserved word, no scope prefix, no $ at its end"


def keys(value: str) -> str | None:
    """A sequence of keys."""
    keys = "".join(value.split())
    return (
        None
        if keys and all(key in "0123456789*#ABCDabcd" for key in keys)
        else "keys out of 0-9, *, # and A-D"
    )


def one_of(*choices: str) -> Check:
    """A check that takes these values only."""
    told = " or ".join(f'"{choice}"' for choice in choices)
    allowed = frozenset(choices)
    return lambda value: None if value in allowed else told


@dataclass(frozen=True, slots=True)
class ElementRule:
    """The rules of one element.

    ``exactly_one`` and ``at_most_one`` are groups of attributes that exclude each other. ``text``: whether
    characters other than white space may stand in it. ``opaque``: content that this table does not describe.
    """

    attributes: dict[str, Check]
    required: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    children: frozenset[str] = frozenset()
    text: bool = False
    opaque: bool = False

    demands: bool = False
    """Whether some attribute must be there, or some exclude each other."""


RULES: dict[str, ElementRule] = {}

FETCH: dict[str, Check] = {
    "fetchhint": one_of("prefetch", "safe", "stream"),
    "fetchtimeout": time,
    "maxage": natural,
    "maxstale": natural,
}
FETCH_DOCUMENT: dict[str, Check] = {**FETCH, "fetchaudio": anything}
SEND: dict[str, Check] = {
    "namelist": anything,
    "method": one_of("get", "post", "GET", "POST"),
    "enctype": one_of("application/x-www-form-urlencoded", "multipart/form-data"),
}
EVENT: dict[str, Check] = {
    "event": anything,
    "eventexpr": expression,
    "message": anything,
    "messageexpr": expression,
}
ITEM: dict[str, Check] = {"name": item_name, "expr": expression, "cond": expression}

MARKUP = frozenset(
    "break emphasis mark phoneme prosody say-as voice sub p s paragraph sentence lexicon"
    " meta metadata token w lang desc lookup".split()
)
SPEECH = MARKUP | {"audio", "value", "enumerate", "foreach"}
AUDIO = frozenset({"audio", "value", "enumerate"})
HANDLERS = frozenset({"catch", "help", "noinput", "nomatch", "error"})
EXECUTABLE = AUDIO | frozenset(
    "var assign clear script data if foreach log prompt reprompt"
    " throw goto submit exit return disconnect".split()
)


def define(
    name: str,
    attributes: dict[str, Check] | None = None,
    *,
    required: Iterable[str] = (),
    exactly_one: tuple[str, ...] = (),
    at_most_one: Iterable[tuple[str, ...]] = (),
    children: Iterable[str] = (),
    text: bool = False,
    opaque: bool = False,
) -> None:
    """Add an element to the table; twice is a mistake."""
    if name in RULES:
        raise ValueError(f"the element {name} is defined twice")
    RULES[name] = ElementRule(
        attributes or {},
        tuple(required),
        (exactly_one,) if exactly_one else (),
        tuple(at_most_one),
        frozenset(children),
        text,
        opaque,
        demands=bool(required or exactly_one or at_most_one),
    )
