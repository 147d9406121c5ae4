"""Members of values: what ``a.b`` and ``a[b]`` find, and where only an engine knows."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from vxmlplat.ecma.errors import EcmaError, ScriptError
from vxmlplat.ecma.plain.numbers import number_text
from vxmlplat.ecma.values import UNDEFINED

if TYPE_CHECKING:
    from vxmlplat.ecma.plain.scripts import PlainFunction


class Beyond(EcmaError):
    """This is for an engine. Never seen outside of the room: :mod:`vxmlplat.ecma.lazy` then asks one."""


class Members:
    """An object that is neither a plain object nor an array: a scope, or an object of the host's."""

    __slots__ = ("members",)

    def __init__(self) -> None:
        self.members: dict[str, Any] = {}


class Scoped(Members):
    """A scope: its members are variables, and it is seen in itself by its own names."""

    __slots__ = ("names_of_itself",)

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names_of_itself = names


class DeclaredFunction:
    """A function that a script has declared in a scope, as its variable there.

    Plain expressions call it where its body is plain; whatever else is done with it is an engine's.
    """

    __slots__ = ("body", "outer")

    def __init__(self, body: PlainFunction | None, outer: tuple[Scoped, ...]) -> None:
        self.body = body
        self.outer = outer
        """The scopes around the one that it is declared in."""


class AnnotatedArray(Members):
    """An array that has members with names beside its items (``application.lastresult$``).

    Both are values inside already; neither is changed any more.
    """

    __slots__ = ("items",)

    def __init__(self, items: list[Any], members: dict[str, Any]) -> None:
        super().__init__()
        self.items = items
        self.members = members


class DomNode(ABC):
    """A node of a document that ``<data>`` has fetched: looked into, and no part of another value."""

    __slots__ = ()

    @abstractmethod
    def member(self, key: str) -> Any:
        """What a member of it holds; :class:`Beyond` itself for what only an engine knows."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OF_OBJECTS = _names(
    "toString toLocaleString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable __proto__"
    " constructor __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__"
)
OF_ARRAYS = OF_OBJECTS | _names(
    "at with concat every some forEach map filter reduce reduceRight fill find findIndex findLast"
    " findLastIndex indexOf lastIndexOf includes join pop push shift unshift reverse toReversed sort"
    " toSorted slice splice toSpliced copyWithin flatMap flat values keys entries"
)
OF_STRINGS = OF_OBJECTS | _names(
    "at charCodeAt charAt concat codePointAt isWellFormed toWellFormed indexOf lastIndexOf includes"
    " endsWith startsWith match matchAll search split substring substr slice repeat replace replaceAll"
    " padEnd padStart trim trimEnd trimRight trimStart trimLeft localeCompare normalize toLowerCase"
    " toUpperCase toLocaleLowerCase toLocaleUpperCase anchor big blink bold fixed fontcolor fontsize"
    " italics link small strike sub sup"
)
OF_NUMBERS = OF_OBJECTS | _names("toExponential toFixed toPrecision")
"""What values inherit: functions, which are an engine's. A test compares them with the engine's own."""
GLOBALS = _names(
    "Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError"
    " InternalError AggregateError SuppressedError Iterator Array parseInt parseFloat isNaN isFinite"
    " decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape Infinity NaN undefined"
    " eval Number Boolean String Math Reflect Symbol DisposableStack globalThis BigInt Date RegExp JSON"
    " Proxy Map Set WeakMap WeakSet WeakRef FinalizationRegistry ArrayBuffer SharedArrayBuffer Atomics"
    " Uint8ClampedArray Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array BigInt64Array"
    " BigUint64Array Float16Array Float32Array Float64Array DataView Promise AsyncDisposableStack"
    " DOMException btoa atob performance queueMicrotask"
)
"""The variables that every engine has."""

INDEX = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)


def member(holder: Any, key: str) -> Any:
    """``holder.key``. Raises TypeError as ECMAScript does, and :class:`Beyond` for what is inherited."""
    kind = type(holder)
    if kind is dict or isinstance(holder, Members):
        found = holder if kind is dict else holder.members
        if key in found:
            value = found[key]
            if type(value) is DeclaredFunction:
                raise Beyond
            return value
        if isinstance(holder, Scoped) and key in holder.names_of_itself:
            return holder
        if isinstance(holder, AnnotatedArray):
            return member(holder.items, key)
        inherited = OF_OBJECTS
    elif kind is str:
        if key == "length":
            return utf16_length(holder)
        if INDEX.fullmatch(key):
            if not holder.isascii():
                raise Beyond
            return holder[int(key)] if int(key) < len(holder) else UNDEFINED
        inherited = OF_STRINGS
    elif kind is list:
        if key == "length":
            return len(holder)
        if INDEX.fullmatch(key):
            return holder[int(key)] if int(key) < len(holder) else UNDEFINED
        inherited = OF_ARRAYS
    elif kind is int or kind is float:
        inherited = OF_NUMBERS
    elif kind is bool:
        inherited = OF_OBJECTS
    elif isinstance(holder, DomNode):
        value = holder.member(key)
        if value is Beyond:
            raise Beyond
        return value
    elif holder is None or holder is UNDEFINED:
        what = "null" if holder is None else "undefined"
        raise ScriptError("TypeError", f"cannot read property '{key}' of {what}")
    else:
        raise Beyond
    if key in inherited:
        raise Beyond
    return UNDEFINED


def property_key(value: Any) -> str:
    """ToPropertyKey of a primitive."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    return primitive_text(value)


def primitive_text(value: Any) -> str:
    """ToString of a primitive."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]  # type() has said it
    if kind is int or kind is float:
        return number_text(value)
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    raise Beyond


def utf16_length(text: str) -> int:
    """The length of a string in ECMAScript's units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
