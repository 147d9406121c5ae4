"""Looking at a running session: its variables as a person reads them, and expressions over copies of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vxmlplat.clock import Clock
from vxmlplat.ecma import UNDEFINED, EcmaError, Engine, LazyScope, Scope, Value, check_expression
from vxmlplat.vxml.context import Context

_HERE = Path(__file__).parent
LONGEST_VALUE = 20_000
"""Characters of a value's JSON; a longer one is named, not shown."""

Place = tuple[str, str]
"""A variable's scope and name."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable with its value.

    ``kind`` is ``string``, ``number``, ``boolean``, ``null``, ``undefined``, ``array``, ``object``, ``xml``
    (a fetched document), ``long`` (too much to show) or ``unreadable``. ``value`` is JSON; a number that
    JSON does not have (``NaN``, ``Infinity``) is its text.
    """

    scope: str
    name: str
    kind: str
    value: Any

    def as_json(self) -> dict[str, Any]:
        """As the page gets it."""
        return {"scope": self.scope, "name": self.name, "kind": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All variables that are seen at one moment. ``scopes``: the names of each scope, outermost first."""

    scopes: tuple[tuple[str, ...], ...] = ()
    variables: Mapping[Place, Variable] = field(default_factory=dict)

    def changed_since(self, before: Snapshot) -> list[Variable]:
        """Variables that are new, or hold another value."""
        known = before.variables
        return [variable for place, variable in self.variables.items() if known.get(place) != variable]

    def gone_since(self, before: Snapshot) -> list[Place]:
        """Variables that are not there any more."""
        return [place for place in before.variables if place not in self.variables]


class Inspector:
    """Reads the variables of one session; made before the session runs."""

    def __init__(self, engine: Engine) -> None:
        self._read = engine.load((_HERE / "inspection.js").read_text("utf-8"))
        self._texts: dict[str, tuple[str, dict[Place, Variable]]] = {}

    def look(self, context: Context) -> Snapshot:
        """The variables of a context; anonymous scopes are left out."""
        scopes: list[tuple[str, ...]] = []
        found: dict[Place, Variable] = {}
        for scope in context.chain.scopes:
            if scope.name:
                scopes.append(scope.names_of_itself)
                found |= self._variables(scope)
        return Snapshot(tuple(scopes), found)

    def _variables(self, scope: Scope | LazyScope) -> dict[Place, Variable]:
        text = str(self._read(scope, LONGEST_VALUE))
        known = self._texts.get(scope.name)
        if known is None or known[0] != text:
            found = {}
            for name, kind, value in json.loads(text):
                shown = None if value is None else json.loads(value)
                found[scope.name, name] = Variable(scope.name, name, kind, shown)
            self._texts[scope.name] = known = (text, found)
        return known[1]


def evaluate(expression: str, over: Snapshot) -> Value:
    """The value of an author's expression over copies of the variables: nothing of the call changes.

    Functions and fetched documents are not among the copies. Raises ``ScriptError`` and
    ``ScriptLimitExceeded``.
    """
    engine = Engine()
    scopes = {names[0]: engine.scope(*names) for names in over.scopes}
    for variable in over.variables.values():
        value = UNDEFINED if variable.kind == "undefined" else variable.value
        scopes[variable.scope].set(variable.name, value)
    return engine.chain(*scopes.values()).evaluate(expression)


def syntax_fault(expression: str) -> str:
    """What is wrong with an expression as it is written; empty when nothing is."""
    try:
        check_expression(expression)
        Engine().compiled("value", 0, expression)
    except EcmaError as error:
        return str(error)
    return ""


class Repeatable:
    """Chance and time of day of one session, so that another run of it goes the same way."""

    def __init__(self, engine: Engine, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._tell = engine.load((_HERE / "repeatable.js").read_text("utf-8"))
        self._tell(seed, self._moment())

    def time_passed(self) -> None:
        """Tell the scripts what time it is."""
        self._tell(None, self._moment())

    def _moment(self) -> float:
        return float(int(self._clock.wall().timestamp() * 1000))  # the binding takes whole numbers of 32 bits
