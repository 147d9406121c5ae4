"""What plain expressions do: functions that read a value in a chain of scopes (ECMA-262 §13)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.plain.functions import FUNCTIONS, called, method_of
from vxmlplat.ecma.plain.globals import STATICS
from vxmlplat.ecma.plain.making import MAKING
from vxmlplat.ecma.plain.members import (
    GLOBALS,
    Beyond,
    DeclaredFunction,
    DomNode,
    Scoped,
    member,
    property_key,
)
from vxmlplat.ecma.plain.operators import truth, type_of
from vxmlplat.ecma.values import UNDEFINED

Reader = Callable[[Sequence[Scoped]], Any]
"""Gives the value of an expression in a chain of scopes, outermost first.

Raises :class:`ScriptError` where ECMAScript throws, and :class:`Beyond`.
"""

MOST_CALLS = 200
DEEPEST_CALL = 16
"""So many functions of the document may a source call, and so deep in each other; else it is an engine's."""
CONSTANTS: dict[str, Any] = {"undefined": UNDEFINED, "NaN": math.nan, "Infinity": math.inf}


def constant(value: Any) -> Reader:
    """A literal."""
    return lambda scopes: value


def variable(name: str) -> Reader:
    """A name."""

    def read(scopes: Sequence[Scoped]) -> Any:
        for scope in reversed(scopes):
            members = scope.members
            if name in members:
                value = members[name]
                if type(value) is DeclaredFunction:
                    raise Beyond
                return value
            if name in scope.names_of_itself:
                return scope
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in GLOBALS:
            raise Beyond
        raise ScriptError("ReferenceError", f"{name} is not defined")

    return read


def named_member(holder: Reader, key: str) -> Reader:
    """``a.b``."""

    def read(scopes: Sequence[Scoped]) -> Any:
        found = holder(scopes)
        if type(found) is dict and key in found:
            return found[key]
        return member(found, key)

    return read


def computed_member(holder: Reader, key: Reader) -> Reader:
    """``a[b]``."""
    return lambda scopes: member(holder(scopes), property_key(key(scopes)))


def method_call(holder: Reader, name: str, arguments: list[Reader]) -> Reader:
    """``a.b(…)``."""

    def read(scopes: Sequence[Scoped]) -> Any:
        receiver = holder(scopes)
        method = method_of(receiver, name)
        return called(method, receiver, *(kept(argument(scopes)) for argument in arguments))

    return read


def function_call(name: str, arguments: list[Reader]) -> Reader:
    """A function that every engine has."""

    def read(scopes: Sequence[Scoped]) -> Any:
        if any(name in scope.members or name in scope.names_of_itself for scope in scopes):
            raise Beyond
        return called(FUNCTIONS[name], *(argument(scopes) for argument in arguments))

    return read


def static_call(holder: str, name: str, arguments: list[Reader]) -> Reader:
    """A function of a global object."""
    function = STATICS[holder, name]

    def read(scopes: Sequence[Scoped]) -> Any:
        if any(holder in scope.members or holder in scope.names_of_itself for scope in scopes):
            raise Beyond
        return called(function, *(kept(argument(scopes)) for argument in arguments))

    return read


def document_call(name: str, arguments: list[Reader]) -> Reader:
    """A function of the document, or none at all."""

    def read(scopes: Sequence[Scoped]) -> Any:
        for scope in reversed(scopes):
            if name in scope.members:
                function = scope.members[name]
                if type(function) is not DeclaredFunction or function.body is None:
                    raise Beyond
                given = [passed(argument(scopes)) for argument in arguments]
                return function.body.call((*function.outer, scope), given, callee_scope(scopes))
            if name in scope.names_of_itself:
                raise Beyond
        if name in GLOBALS:
            raise Beyond
        raise ScriptError("ReferenceError", f"{name} is not defined")

    return read


def type_name(read: Reader, name: str) -> Reader:
    """``typeof``, of a bare name if there is one."""
    if not name:
        return lambda scopes: type_of(read(scopes))

    def lenient(scopes: Sequence[Scoped]) -> str:
        try:
            return type_of(read(scopes))
        except ScriptError:  # it is not declared
            return "undefined"

    return lenient


def applied(operator: Callable[[Any, Any], Any], left: Reader, right: Reader) -> Reader:
    """An operator on two values."""
    return lambda scopes: operator(left(scopes), right(scopes))


def applied_to_one(operator: Callable[[Any], Any], operand: Reader) -> Reader:
    """An operator on one value."""
    return lambda scopes: operator(operand(scopes))


def either(left: Reader, right: Reader) -> Reader:
    """``a || b``."""

    def read(scopes: Sequence[Scoped]) -> Any:
        value = left(scopes)
        return value if truth(value) else right(scopes)

    return read


def both(left: Reader, right: Reader) -> Reader:
    """``a && b``."""

    def read(scopes: Sequence[Scoped]) -> Any:
        value = left(scopes)
        return right(scopes) if truth(value) else value

    return read


def conditional(condition: Reader, chosen: Reader, other: Reader) -> Reader:
    """``a ? b : c``."""
    return lambda scopes: chosen(scopes) if truth(condition(scopes)) else other(scopes)


def array_literal(items: list[Reader]) -> Reader:
    """``[a, b]``."""
    return lambda scopes: MAKING.holder([kept(item(scopes)) for item in items])


def object_literal(items: list[tuple[str, Reader]]) -> Reader:
    """``{a: b}``."""
    return lambda scopes: MAKING.holder({key: kept(value(scopes)) for key, value in items})


def passed(value: Any) -> Any:
    """A value that a function holds: a scope is an engine's wherever it is more than looked into."""
    if isinstance(value, Scoped):
        raise Beyond
    return value


def kept(value: Any) -> Any:
    """A value that goes into another, or to where it stays; nodes of a document do not either."""
    if isinstance(value, (Scoped, DomNode)):
        raise Beyond
    return value


class CallScope(Scoped):
    """The variables of a call. ``left``: so many calls may still be made by the source that began it."""

    __slots__ = ("depth", "left")

    def __init__(self, left: list[int], depth: int) -> None:
        super().__init__(())
        self.left = left
        self.depth = depth


def callee_scope(scopes: Sequence[Scoped]) -> CallScope:
    """The scope of a function that is called from these, the innermost last. Raises :class:`Beyond`."""
    caller = scopes[-1]
    if type(caller) is not CallScope:
        return CallScope([MOST_CALLS], 1)
    caller.left[0] -= 1
    if caller.left[0] <= 0 or caller.depth >= DEEPEST_CALL:
        raise Beyond
    return CallScope(caller.left, caller.depth + 1)
