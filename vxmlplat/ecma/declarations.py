"""What a source declares, and whether it is ECMAScript at all, found out without running it.

One more engine, which has no globals and no session's data, does nothing but compile. For the names that a
program declares at its top level it is asked to run the program behind a ``throw``: the engine binds the
names before it reaches the throw, which is exact where a scanner of tokens would guess.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import quickjs

from vxmlplat.ecma.errors import ScriptError

LONGEST_SOURCE = 1 << 20
IDENTIFIER = re.compile(r"[A-Za-z_$\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*")
LEXICAL = re.compile(r"\b(?:let|const|class)\b")

PROBE = (Path(__file__).parent / "probe.js").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Declarations:
    """The names that a program binds at its top level: by var, by function, by let, const or class.

    ``sources``: each function as it is written.
    """

    variables: tuple[str, ...]
    functions: tuple[str, ...]
    lexicals: tuple[str, ...]
    sources: tuple[str, ...] = ()


_own = threading.local()  # an engine belongs to the thread that made it


def _ask(kind: str, source: str, more: str = "") -> str:
    if len(source) > LONGEST_SOURCE:
        raise ScriptError("SyntaxError", f"a script of more than {LONGEST_SOURCE} characters is refused")
    if "\0" in source or not _encodable(source):
        raise ScriptError("SyntaxError", "a script holds U+0000 or half of a surrogate pair")
    probe = getattr(_own, "probe", None)
    if probe is None:
        context = quickjs.Context()
        context.set_memory_limit(64 << 20)
        context.set_time_limit(5)
        _own.context = context
        probe = _own.probe = context.eval(PROBE)
    try:
        answer: str = probe(kind, source, more)
    except quickjs.StackOverflow:
        raise ScriptError("SyntaxError", "the script is nested too deep") from None
    except quickjs.JSException:
        del _own.probe  # out of memory or time: the next source gets a fresh one
        raise ScriptError("SyntaxError", "the script is too large to compile") from None
    if answer.startswith('{"error"'):
        name, message = json.loads(answer)["error"]
        raise ScriptError(str(name), str(message))
    return answer


def _encodable(source: str) -> bool:
    try:
        source.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=8192)
def require_expression(source: str) -> None:
    """Raise :class:`ScriptError` when the text alone is no expression."""
    _ask("expression", source)


@lru_cache(maxsize=2048)
def require_target(source: str) -> None:
    """Raise :class:`ScriptError` when the text alone is nothing that can be assigned to."""
    _ask("expression", source)
    _ask("target", source)


@lru_cache(maxsize=1024)
def declarations(source: str) -> Declarations:
    """The names a program declares. Raises :class:`ScriptError` when it is no program."""
    found = json.loads(_ask("program", source))
    known = {*found["variables"], *found["functions"]}
    lexicals: list[str] = []
    if LEXICAL.search(source):
        candidates = [name for name in dict.fromkeys(IDENTIFIER.findall(source)) if name not in known]
        lexicals = json.loads(_ask("lexicals", source, json.dumps(_bindable(candidates))))
    return Declarations(
        tuple(found["variables"]), tuple(found["functions"]), tuple(lexicals), tuple(found["sources"])
    )


def _bindable(names: list[str]) -> list[str]:
    """Those of the names that are no reserved words."""
    return [name for name in names[:2000] if _is_name(name)]


@lru_cache(maxsize=8192)
def _is_name(name: str) -> bool:
    try:
        _ask("program", f"let {name};")
    except ScriptError:
        return False
    return True


def check_expression(source: str) -> str | None:
    """Why the text is no ECMAScript expression, or None when it is one. Runs nothing."""
    return _reason(require_expression, source)


def check_script(source: str) -> str | None:
    """Why the text is no ECMAScript program, or None when it is one. Runs nothing."""
    return _reason(declarations, source)


def check_target(source: str) -> str | None:
    """Why the text names nothing that can be assigned to, or None when it does. Runs nothing."""
    return _reason(require_target, source)


def _reason(check: object, source: str) -> str | None:
    assert callable(check)
    try:
        check(source)
    except ScriptError as error:
        return str(error)
    return None
