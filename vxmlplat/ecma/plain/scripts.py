"""Plain scripts: ``var`` statements of plain expressions, and functions (ECMA-262 §14.3.2, §15.2).

To declare a function does nothing but that, so it may wait: one whose body is plain is called here, and any
other is for an engine, once somebody wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vxmlplat.ecma.declarations import declarations
from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.plain.expressions import Parser
from vxmlplat.ecma.plain.members import Beyond, DeclaredFunction, Scoped
from vxmlplat.ecma.plain.readers import Reader, kept, passed
from vxmlplat.ecma.plain.tokens import NotPlain, tokens
from vxmlplat.ecma.values import UNDEFINED


@dataclass(frozen=True, slots=True)
class PlainBody:
    """``var`` statements, and at their end a ``return`` or a ``try`` with such bodies."""

    set: tuple[tuple[str, Reader], ...]
    result: Reader | None = None
    attempt: PlainBody | None = None
    otherwise: PlainBody | None = None
    caught: str = ""

    def run(self, inside: Sequence[Scoped], members: dict[str, Any]) -> Any:
        """What it returns; ``members`` are the variables of the function, the innermost of the scopes."""
        for name, read in self.set:
            members[name] = passed(read(inside))
        if self.attempt is None or self.otherwise is None:
            return UNDEFINED if self.result is None else kept(self.result(inside))
        try:
            return self.attempt.run(inside, members)
        except ScriptError:
            # Whoever asks what was wrong asks an engine, as whoever takes a function for a value does.
            members[self.caught] = DeclaredFunction(None, ())
            return self.otherwise.run(inside, members)


@dataclass(frozen=True, slots=True)
class PlainFunction:
    """A function whose body is plain, with all that it declares."""

    parameters: tuple[str, ...]
    declared: tuple[str, ...]
    body: PlainBody

    def call(self, scopes: Sequence[Scoped], arguments: Sequence[Any], own: Scoped) -> Any:
        """What it returns, called with these arguments; ``scopes`` are those that it was declared in,
        ``own`` is to hold its variables.
        """
        members = own.members
        for place, name in enumerate(self.parameters):
            members[name] = arguments[place] if place < len(arguments) else UNDEFINED
        for name in self.declared:
            members.setdefault(name, UNDEFINED)
        try:
            return self.body.run((*scopes, own), members)
        except RecursionError:
            raise Beyond from None


@dataclass(frozen=True, slots=True)
class PlainScript:
    """What a script declares, and what it sets, in its order.

    ``functions`` holds None for one whose body is an engine's; ``source`` is all functions as written.
    """

    declared: tuple[str, ...]
    set: tuple[tuple[str, Reader], ...]
    functions: tuple[tuple[str, PlainFunction | None], ...] = ()
    source: str = ""


@lru_cache(maxsize=512)
def plain_script(source: str) -> PlainScript | None:
    """What a script declares; None for one that is not plain, or is no script at all."""
    functions: dict[str, str] = {}
    statements = source
    if "function" in source:
        try:
            found = declarations(source)
        except ScriptError:
            return None
        functions = dict(zip(found.functions, found.sources, strict=True))
        for text in functions.values():
            if source.count(text) != 1:
                return None  # which of them is the function, and which but looks like it?
            statements = statements.replace(text, "\n;")
    try:
        parser = Parser(tokens(statements))
        declared, values = _variables(parser)
    except NotPlain:
        return None
    if not functions.keys().isdisjoint(declared):
        return None
    return PlainScript(
        declared,
        values,
        tuple((name, _plain_function(text)) for name, text in functions.items()),
        "\n".join(functions.values()),
    )


def _plain_function(text: str) -> PlainFunction | None:
    try:
        parser = Parser(tokens(text))
        parser.need("function")
        parser.variable()
        parser.need("(")
        parameters = parser.listed(")", parser.variable)
        parser.need("{")
        declared: dict[str, None] = {}
        body = _body(parser, declared)
        parser.end()
    except NotPlain:
        return None
    return PlainFunction(tuple(parameters), tuple(declared), body)


def _body(parser: Parser, declared: dict[str, None]) -> PlainBody:
    """What stands in braces, the first of which is taken already."""
    names, values = _variables(parser, "return", "try", "}")
    declared.update(dict.fromkeys(names))
    body = PlainBody(values)
    if parser.take("return"):
        if parser.peek().after_line:  # it returns nothing, whatever stands on the next line
            raise NotPlain
        body = PlainBody(values, parser.expression().read)
        parser.take(";")
    elif parser.take("try"):
        parser.need("{")
        attempt = _body(parser, declared)
        for mark in ("catch", "("):
            parser.need(mark)
        caught = parser.variable()
        for mark in (")", "{"):
            parser.need(mark)
        otherwise = _body(parser, declared)
        if not _returns(attempt) or not _returns(otherwise):
            raise NotPlain  # it would go on behind
        body = PlainBody(values, None, attempt, otherwise, caught)
    parser.need("}")
    return body


def _returns(body: PlainBody) -> bool:
    return body.result is not None or body.attempt is not None


def _variables(parser: Parser, *until: str) -> tuple[tuple[str, ...], tuple[tuple[str, Reader], ...]]:
    """The names and the values of ``var`` statements, up to the end or one of these marks or words."""
    declared: dict[str, None] = {}
    values: list[tuple[str, Reader]] = []
    while not _at(parser, until):
        if parser.take(";"):
            continue
        parser.need("var")
        _declarators(parser, declared, values.append)
        if not parser.take(";") and not _at(parser, ("}",)) and not parser.peek().after_line:
            raise NotPlain
    return tuple(declared), tuple(values)


def _at(parser: Parser, places: Sequence[str]) -> bool:
    token = parser.peek()
    return token.kind == "end" or (token.kind in ("mark", "name") and token.value in places)


def _declarators(
    parser: Parser, declared: dict[str, None], give: Callable[[tuple[str, Reader]], object]
) -> None:
    while True:
        name = parser.variable()
        declared[name] = None
        if parser.take("="):
            give((name, parser.expression().read))
        if not parser.take(","):
            return
