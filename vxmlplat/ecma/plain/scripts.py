"""Plain scripts: ``var`` statements of plain expressions, as files of settings are (ECMA-262 §14.3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from vxmlplat.ecma.plain.expressions import Parser, Reader
from vxmlplat.ecma.plain.tokens import NotPlain, tokens


@dataclass(frozen=True, slots=True)
class PlainScript:
    """What a script declares, and what it sets, in its order."""

    declared: tuple[str, ...]
    set: tuple[tuple[str, Reader], ...]


@lru_cache(maxsize=512)
def plain_script(source: str) -> PlainScript | None:
    """What a script declares; None for one that is not plain, or is no script at all."""
    try:
        parser = Parser(tokens(source))
        declared: dict[str, None] = {}
        values: list[tuple[str, Reader]] = []
        while parser.peek().kind != "end":
            if parser.take(";"):
                continue
            parser.need("var")
            _declarators(parser, declared, values.append)
            following = parser.peek()
            if not parser.take(";") and following.kind != "end" and not following.after_line:
                raise NotPlain
    except NotPlain:
        return None
    return PlainScript(tuple(declared), tuple(values))


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
