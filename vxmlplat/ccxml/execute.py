"""The registry of executable elements, and what their functions share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vxmlplat.ccxml.errors import ElementError
from vxmlplat.ccxml.model import Action
from vxmlplat.ecma import Undefined, Value

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session

Executor = Callable[["Session", Action], "bool | None"]
"""Executes an element; False ends the transition."""

LONGEST_ADDRESS = 65_536

EXECUTORS: dict[str, Executor] = {}


def executes(element: str) -> Callable[[Executor], Executor]:
    """Register the function that executes an element."""

    def register(function: Executor) -> Executor:
        if element in EXECUTORS:
            raise ValueError(f"<{element}> is executed already")
        EXECUTORS[element] = function
        return function

    return register


def evaluate(session: Session, action: Action, *names: str) -> dict[str, Any]:
    """The values of those of the attributes that are given, as JSON has them."""
    values: dict[str, Any] = {}
    for name in names:
        source = action.attributes.get(name)
        if source is not None:
            values[name] = plain(session.chain.evaluate(source))
    return values


def plain(value: Value) -> Any:
    """A value as JSON has it: undefined, NaN and the infinities are None."""
    if isinstance(value, Undefined) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def variables(session: Session, action: Action, attribute: str) -> dict[str, Any]:
    """The variables that a namelist names, by their names; undefined ones are left out as JSON does."""
    values: dict[str, Any] = {}
    for name in action.attributes.get(attribute, "").split():
        value = session.chain.evaluate(name)
        if not isinstance(value, Undefined):
            values[name] = plain(value)
    return values


def text(values: dict[str, Any], name: str) -> str | None:
    """An optional attribute as text; numbers and booleans as ECMAScript writes them."""
    value = values.get(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if float(value).is_integer() else repr(value)
    raise ElementError("error.semantic", f"{name} is {type(value).__name__}, not a text")


def identifier_text(values: dict[str, Any], name: str) -> str | None:
    """An identifier, None only when the attribute is omitted: one that is undefined names nothing."""
    value = text(values, name)
    if value is None and name in values:
        raise ElementError("error.semantic", f"{name} is given but undefined")
    return value


def required_text(values: dict[str, Any], name: str) -> str:
    """A required attribute, an address mostly: a text that is not empty, nor longer than any address."""
    value = text(values, name)
    if not value:
        raise ElementError("error.semantic", f"{name} is empty")
    if len(value) > LONGEST_ADDRESS:
        raise ElementError("error.semantic", f"{name} has more than {LONGEST_ADDRESS} characters")
    return value


def one_of(values: dict[str, Any], name: str, *allowed: str) -> str:
    """An attribute out of a few words; the first is the default."""
    value = text(values, name)
    if value is None:
        return allowed[0]
    if value not in allowed:
        raise ElementError("error.semantic", f"{name} is {value!r}, not one of {', '.join(allowed)}")
    return value


def truth(values: dict[str, Any], name: str) -> bool | None:
    """An optional boolean; the words true and false will do."""
    value = values.get(name)
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ElementError("error.semantic", f"{name} is {value!r}, neither true nor false")


def converted(values: dict[str, Any], name: str, convert: Callable[[object], float]) -> float | None:
    """An optional duration."""
    value = values.get(name)
    if value is None:
        return None
    try:
        return convert(value)
    except ValueError as error:
        raise ElementError("error.semantic", f"{name}: {error}") from None
