"""Plain expressions, compiled to functions of the scopes that they are evaluated in (ECMA-262 §13).

They are made of names, members, literals (also of arrays and objects), ``typeof``, arithmetic, comparison,
logic, the conditional operator, and calls of functions that only read. No assignment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.plain.functions import FUNCTIONS, METHODS, called, method_of
from vxmlplat.ecma.plain.members import (
    GLOBALS,
    OF_OBJECTS,
    Beyond,
    DeclaredFunction,
    Scoped,
    member,
    property_key,
)
from vxmlplat.ecma.plain.operators import BINARY, UNARY, truth, type_of
from vxmlplat.ecma.plain.tokens import NotPlain, Token, tokens
from vxmlplat.ecma.values import UNDEFINED

Reader = Callable[[Sequence[Scoped]], Any]
"""Gives the value of an expression in a chain of scopes, outermost first.

Raises :class:`ScriptError` where ECMAScript throws, and :class:`Beyond`.
"""

T = TypeVar("T")
DEEPEST = 40
"""So deep may a source nest, and its readers in turn."""
METHOD_NAMES = frozenset(name for _, name in METHODS)
LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
CONSTANTS: dict[str, Any] = {"undefined": UNDEFINED, "NaN": math.nan, "Infinity": math.inf}
RESERVED = OF_OBJECTS | frozenset(
    "arguments as async await break case catch class const continue debugger default delete do else enum"
    " eval export extends finally for function if implements import in instanceof interface let new of"
    " package private protected public return static super switch this throw try typeof var void while"
    " with yield".split()
)
"""What is no plain name. What every object inherits is not either: a scope seems to have it."""


@lru_cache(maxsize=8192)
def plain_expression(source: str) -> Reader | None:
    """The reader of an expression; None for one that is not plain, or is no expression at all."""
    try:
        parser = Parser(tokens(source))
        found = parser.expression()
        parser.end()
    except NotPlain:
        return None
    return found.read


@lru_cache(maxsize=8192)
def plain_target(source: str) -> tuple[str, str] | None:
    """What is assigned to: a variable, or a member of one (else empty); None for any other target."""
    try:
        parser = Parser(tokens(source))
        name, inner = parser.variable(), ""
        if parser.take("."):
            inner = parser.variable()
        parser.end()
    except NotPlain:
        return None
    return name, inner


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression: its reader, how deep readers nest in it, and its name if it is a bare one."""

    read: Reader
    depth: int = 1
    name: str = ""


def _node(read: Reader, *parts: Node) -> Node:
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > DEEPEST:
        raise NotPlain
    return Node(read, depth)


class Parser:
    """Reads tokens from left to right. Raises :class:`NotPlain` at the first that does not fit."""

    def __init__(self, found: list[Token], *, calls: bool = True) -> None:
        """``calls``: whether functions of the document may be called; not inside of one, so that all end."""
        self._calls = calls
        self._tokens = found
        self._at = 0
        self._depth = 0

    def peek(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def take(self, mark: str) -> bool:
        """Whether the next token is this mark or word; it is taken then."""
        token = self._tokens[self._at]
        if token.kind in ("mark", "name") and token.value == mark:
            self._at += 1
            return True
        return False

    def need(self, mark: str) -> None:
        """Take this mark."""
        if not self.take(mark):
            raise NotPlain

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self.peek().kind != "end":
            raise NotPlain

    def variable(self) -> str:
        """Take the name of a variable."""
        token = self.next("name")
        if token.value in RESERVED or token.value in LITERALS:
            raise NotPlain
        return str(token.value)

    def expression(self) -> Node:
        """An expression without a comma."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotPlain
        node = self._binary(1)
        if self.take("?"):
            chosen = self.expression()
            self.need(":")
            other = self.expression()
            node = _node(_conditional(node.read, chosen.read, other.read), node, chosen, other)
        self._depth -= 1
        return node

    def next(self, *kinds: str) -> Token:
        """Take a token of one of these kinds."""
        token = self._tokens[self._at]
        if token.kind not in kinds:
            raise NotPlain
        self._at += 1
        return token

    def _binary(self, lowest: int) -> Node:
        node = self._unary()
        while True:
            token = self.peek()
            if token.kind != "mark":
                return node
            mark = str(token.value)
            level = {"||": 1, "&&": 2}.get(mark) or BINARY.get(mark, (0,))[0]
            if not level or level < lowest:
                return node
            self._at += 1
            right = self._binary(level + 1)
            if mark == "||":
                read = _either(node.read, right.read)
            elif mark == "&&":
                read = _both(node.read, right.read)
            else:
                read = _applied(BINARY[mark][1], node.read, right.read)
            node = _node(read, node, right)

    def _unary(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotPlain
        token = self.peek()
        if token.kind == "mark" and token.value in UNARY:
            self._at += 1
            operand = self._unary()
            node = _node(_applied_to_one(UNARY[str(token.value)], operand.read), operand)
        elif token.kind == "name" and token.value == "typeof":
            self._at += 1
            operand = self._unary()
            node = _node(_typeof(operand), operand)
        else:
            node = self._path()
        self._depth -= 1
        return node

    def _path(self) -> Node:
        node = self._primary()
        while True:
            if self.take("."):
                name = str(self.next("name").value)
                if self.take("("):
                    if name not in METHOD_NAMES:
                        raise NotPlain
                    arguments = self.listed(")", self.expression)
                    read = _method(node.read, name, [argument.read for argument in arguments])
                    node = _node(read, node, *arguments)
                else:
                    node = _node(_member(node.read, name), node)
            elif node.name in FUNCTIONS and self.take("("):
                arguments = self.listed(")", self.expression)
                node = _node(_function(node.name, [argument.read for argument in arguments]), *arguments)
            elif node.name and self._calls and self.take("("):
                arguments = self.listed(")", self.expression)
                node = _node(_call(node.name, [argument.read for argument in arguments]), *arguments)
            elif self.take("["):
                key = self.expression()
                self.need("]")
                node = _node(_computed(node.read, key.read), node, key)
            else:
                return node

    def _primary(self) -> Node:
        token = self.peek()
        if token.kind in ("text", "number"):
            self._at += 1
            return Node(_constant(token.value))
        if token.kind == "name":
            if token.value in LITERALS:
                self._at += 1
                return Node(_constant(LITERALS[str(token.value)]))
            name = self.variable()
            return Node(_variable(name), name=name)
        if self.take("("):
            node = self.expression()
            self.need(")")
            return node
        if self.take("["):
            items = self.listed("]", self.expression)
            return _node(_array([item.read for item in items]), *items)
        self.need("{")
        pairs = self.listed("}", self._property)
        return _node(_object([(key, value.read) for key, value in pairs]), *(value for _, value in pairs))

    def listed(self, closing: str, item: Callable[[], T]) -> list[T]:
        """Items with commas between, the last of which may be followed by one."""
        items: list[T] = []
        while not self.take(closing):
            items.append(item())
            if not self.take(","):
                self.need(closing)
                break
        return items

    def _property(self) -> tuple[str, Node]:
        key = str(self.next("name", "text").value)
        if key == "__proto__" or key.isdigit():  # the prototype; a key that comes before all others
            raise NotPlain
        self.need(":")
        return key, self.expression()


def _constant(value: Any) -> Reader:
    return lambda scopes: value


def _variable(name: str) -> Reader:
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


def _member(holder: Reader, key: str) -> Reader:
    def read(scopes: Sequence[Scoped]) -> Any:
        found = holder(scopes)
        if type(found) is dict and key in found:
            return found[key]
        return member(found, key)

    return read


def _computed(holder: Reader, key: Reader) -> Reader:
    return lambda scopes: member(holder(scopes), property_key(key(scopes)))


def _method(holder: Reader, name: str, arguments: list[Reader]) -> Reader:
    def read(scopes: Sequence[Scoped]) -> Any:
        receiver = holder(scopes)
        method = method_of(receiver, name)
        return called(method, receiver, *(kept(argument(scopes)) for argument in arguments))

    return read


def _function(name: str, arguments: list[Reader]) -> Reader:
    def read(scopes: Sequence[Scoped]) -> Any:
        if any(name in scope.members or name in scope.names_of_itself for scope in scopes):
            raise Beyond
        return called(FUNCTIONS[name], *(argument(scopes) for argument in arguments))

    return read


def _call(name: str, arguments: list[Reader]) -> Reader:
    def read(scopes: Sequence[Scoped]) -> Any:
        for scope in reversed(scopes):
            if name in scope.members:
                function = scope.members[name]
                if type(function) is not DeclaredFunction or function.body is None:
                    raise Beyond
                given = [kept(argument(scopes)) for argument in arguments]
                return function.body.call((*function.outer, scope), given)
            if name in scope.names_of_itself:
                raise Beyond
        if name in GLOBALS:
            raise Beyond
        raise ScriptError("ReferenceError", f"{name} is not defined")

    return read


def _typeof(node: Node) -> Reader:
    read, name = node.read, node.name
    if not name:
        return lambda scopes: type_of(read(scopes))

    def lenient(scopes: Sequence[Scoped]) -> str:
        try:
            return type_of(read(scopes))
        except ScriptError:  # it is not declared
            return "undefined"

    return lenient


def _applied(operator: Callable[[Any, Any], Any], left: Reader, right: Reader) -> Reader:
    return lambda scopes: operator(left(scopes), right(scopes))


def _applied_to_one(operator: Callable[[Any], Any], operand: Reader) -> Reader:
    return lambda scopes: operator(operand(scopes))


def _either(left: Reader, right: Reader) -> Reader:
    def read(scopes: Sequence[Scoped]) -> Any:
        value = left(scopes)
        return value if truth(value) else right(scopes)

    return read


def _both(left: Reader, right: Reader) -> Reader:
    def read(scopes: Sequence[Scoped]) -> Any:
        value = left(scopes)
        return right(scopes) if truth(value) else value

    return read


def _conditional(condition: Reader, chosen: Reader, other: Reader) -> Reader:
    return lambda scopes: chosen(scopes) if truth(condition(scopes)) else other(scopes)


def _array(items: list[Reader]) -> Reader:
    return lambda scopes: [kept(item(scopes)) for item in items]


def _object(items: list[tuple[str, Reader]]) -> Reader:
    return lambda scopes: {key: kept(value(scopes)) for key, value in items}


def kept(value: Any) -> Any:
    """A value that goes into another: a scope is an engine's wherever it is more than looked into."""
    if isinstance(value, Scoped):
        raise Beyond
    return value
