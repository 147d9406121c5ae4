"""Plain expressions, compiled to functions of the scopes that they are evaluated in (ECMA-262 §13).

They are made of names, members, literals (also of arrays and objects), ``typeof``, arithmetic, comparison,
logic, the conditional operator, and calls of functions that only read. No assignment.

Functions of the document may call each other: a number of calls at most, so that every source ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from vxmlplat.ecma.plain import dom as _dom  # noqa: F401  # registers the methods of nodes
from vxmlplat.ecma.plain import readers
from vxmlplat.ecma.plain.functions import FUNCTIONS, METHODS
from vxmlplat.ecma.plain.globals import INTO_THE_FIRST, STATICS
from vxmlplat.ecma.plain.members import OF_OBJECTS
from vxmlplat.ecma.plain.operators import BINARY, UNARY
from vxmlplat.ecma.plain.readers import Reader
from vxmlplat.ecma.plain.tokens import NotPlain, Token, tokens

T = TypeVar("T")
DEEPEST = 40
"""So deep may a source nest, and its readers in turn."""
METHOD_NAMES = frozenset(name for _, name in METHODS)
LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
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


def _reads(nodes: Sequence[Node]) -> list[Reader]:
    return [node.read for node in nodes]


class Parser:
    """Reads tokens from left to right. Raises :class:`NotPlain` at the first that does not fit."""

    def __init__(self, found: list[Token]) -> None:
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
            node = _node(readers.conditional(node.read, chosen.read, other.read), node, chosen, other)
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
                read = readers.either(node.read, right.read)
            elif mark == "&&":
                read = readers.both(node.read, right.read)
            else:
                read = readers.applied(BINARY[mark][1], node.read, right.read)
            node = _node(read, node, right)

    def _unary(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotPlain
        token = self.peek()
        if token.kind == "mark" and token.value in UNARY:
            self._at += 1
            operand = self._unary()
            node = _node(readers.applied_to_one(UNARY[str(token.value)], operand.read), operand)
        elif token.kind == "name" and token.value == "typeof":
            self._at += 1
            operand = self._unary()
            node = _node(readers.type_name(operand.read, operand.name), operand)
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
                    if (node.name, name) in STATICS:
                        node = self._static_call(node.name, name)
                        continue
                    if name not in METHOD_NAMES:
                        raise NotPlain
                    arguments = self.listed(")", self.expression)
                    read = readers.method_call(node.read, name, _reads(arguments))
                    node = _node(read, node, *arguments)
                else:
                    node = _node(readers.named_member(node.read, name), node)
            elif node.name in FUNCTIONS and self.take("("):
                arguments = self.listed(")", self.expression)
                node = _node(readers.function_call(node.name, _reads(arguments)), *arguments)
            elif node.name and self.take("("):
                arguments = self.listed(")", self.expression)
                node = _node(readers.document_call(node.name, _reads(arguments)), *arguments)
            elif self.take("["):
                key = self.expression()
                self.need("]")
                node = _node(readers.computed_member(node.read, key.read), node, key)
            else:
                return node

    def _static_call(self, holder: str, name: str) -> Node:
        arguments: list[Node] = []
        if (holder, name) in INTO_THE_FIRST:
            if self.peek().value != "{":
                raise NotPlain
            arguments.append(self._primary())
            if not self.take(","):
                self.need(")")
                return _node(readers.static_call(holder, name, _reads(arguments)), *arguments)
        arguments += self.listed(")", self.expression)
        return _node(readers.static_call(holder, name, _reads(arguments)), *arguments)

    def _primary(self) -> Node:
        token = self.peek()
        if token.kind in ("text", "number"):
            self._at += 1
            return Node(readers.constant(token.value))
        if token.kind == "name":
            if token.value in LITERALS:
                self._at += 1
                return Node(readers.constant(LITERALS[str(token.value)]))
            name = self.variable()
            return Node(readers.variable(name), name=name)
        if self.take("("):
            node = self.expression()
            self.need(")")
            return node
        if self.take("["):
            items = self.listed("]", self.expression)
            return _node(readers.array_literal(_reads(items)), *items)
        self.need("{")
        pairs = self.listed("}", self._property)
        return _node(
            readers.object_literal([(key, value.read) for key, value in pairs]),
            *(value for _, value in pairs),
        )

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
