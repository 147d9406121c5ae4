"""Tags that only assign: ``out = "x";``, ``out.city = rules.city; out.n = 3``.

Most tags in the field are of this kind. They mean what ECMAScript makes of them, but are done without an
engine; any doubt is answered with "not plain", and the engine decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from vxmlplat.grammar.model import JsonValue

_STATEMENT = re.compile(
    r"""\s*out(?P<path>(?:\.[A-Za-z]\w*)*)\s*=\s*
    (?: "(?P<double>[^"\\\r\n\u2028\u2029]*)" | '(?P<single>[^'\\\r\n\u2028\u2029]*)'
      | (?P<number>-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?)(?![\w.])
      | (?P<word>true|false|null)(?!\w)
      | rules\.(?P<rule>[A-Za-z]\w*)(?P<call>\(\))?(?![\w.(\[])
    )\s*(?:;|\Z)\s*""",
    re.VERBOSE,
)
_WORDS: dict[str, JsonValue] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Assignment:
    """``out.PATH = VALUE``, or the value of a rule; ``rule`` '' stands for ``rules.latest()``."""

    path: tuple[str, ...]
    value: JsonValue = None
    rule: str | None = None


_LONGEST = 200
"""Longer tags are left to the engine."""


def plain_statements(source: str) -> tuple[Assignment, ...] | None:
    """The assignments of a tag, or None when it holds anything else."""
    return _statements(source) if len(source) <= _LONGEST else None


@lru_cache(maxsize=16_384)
def _statements(source: str) -> tuple[Assignment, ...] | None:
    statements: list[Assignment] = []
    at = 0
    while at < len(source):
        found = _STATEMENT.match(source, at)
        if not found:
            return None
        path = tuple(found["path"].split(".")[1:])
        text = found["double"] if found["double"] is not None else found["single"]
        if text is not None:
            statements.append(Assignment(path, text))
        elif found["number"]:
            number = float(found["number"])
            if number == 0 and found["number"].startswith("-"):
                return None
            statements.append(Assignment(path, int(number) if number.is_integer() else number))
        elif found["word"]:
            statements.append(Assignment(path, _WORDS[found["word"]]))
        elif found["call"]:
            if found["rule"] != "latest":
                return None
            statements.append(Assignment(path, rule=""))
        elif found["rule"] == "latest":
            return None
        else:
            statements.append(Assignment(path, rule=found["rule"]))
        at = found.end()
    return tuple(statements)


@dataclass(slots=True)
class PlainRule:
    """The variables of one application of a rule: ``out`` and ``rules`` (SISR 1.0)."""

    value: JsonValue = field(default_factory=dict)
    rules: dict[str, JsonValue] = field(default_factory=dict)

    def visit(self, name: str, value: JsonValue) -> None:
        """A rule referred to has been matched."""
        self.rules[name] = self.rules[""] = value

    def execute(self, statements: tuple[Assignment, ...]) -> bool:
        """Run a tag; False where ECMAScript must decide."""
        for statement in statements:
            value = statement.value
            if statement.rule is not None:
                if statement.rule not in self.rules:
                    return False
                value = self.rules[statement.rule]
            if not statement.path:
                self.value = value
                continue
            target = self.value
            for name in statement.path[:-1]:
                if not isinstance(target, dict) or name not in target:
                    return False
                target = target[name]
            if not isinstance(target, dict):
                return False
            target[statement.path[-1]] = value
        return True
