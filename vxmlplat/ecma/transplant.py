"""Bringing plain values into an engine, as the graph they are: what was one object stays one."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from vxmlplat.ecma.plain.members import AnnotatedArray, Members
from vxmlplat.ecma.values import UNDEFINED

if TYPE_CHECKING:
    from vxmlplat.ecma.engine import Engine
    from vxmlplat.ecma.lazy_scopes import LiveObject
    from vxmlplat.ecma.scopes import Scope

SCRIPT = "transplant.js"
_encode = json.JSONEncoder(allow_nan=False).encode


class Transplant:
    """Values on their way in: variables of scopes and members of live objects, then :meth:`run`.

    A value is written as itself when JSON has it, else as ``[tag, what]``: ``u`` undefined, ``n`` another
    number, ``r`` one of ``nodes``, ``h`` one of the handles that go along with the text. A node is
    ``[items, [key, value, key, value, …]]``, without items for an object that is no array.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._nodes: list[list[Any]] = []
        self._sources: list[Any] = []
        self._places: dict[int, int] = {}
        """By identity: the place of a value among the nodes, of a handle among the handles."""
        self._new: list[LiveObject] = []
        self._handles: list[Any] = []
        self._variables: list[list[Any]] = []
        self._members: list[list[Any]] = []

    def variable(self, scope: Scope, name: str, value: Any, *, read_only: bool) -> None:
        """Set a variable of a scope."""
        self._variables.append([self._handle(scope.handle), name, self._written(value), read_only])

    def member(self, live: LiveObject, name: str, value: Any) -> None:
        """Set a member of a live object."""
        self._members.append([self._live(live), name, self._written(value)])

    def run(self) -> None:
        """Bring them in."""
        filled = 0
        while self._new or filled < len(self._nodes):
            if self._new:
                live = self._new.pop()
                for name, value in live.members.items():
                    self.member(live, name, value)
            else:
                self._fill(self._sources[filled], *self._nodes[filled])
                filled += 1
        plan = {"nodes": self._nodes, "variables": self._variables, "members": self._members}
        self._engine.run(self._engine.native(SCRIPT, "graft"), _encode(plan), *self._handles)

    def _written(self, value: Any) -> Any:
        kind = type(value)
        if kind is float:
            if math.isfinite(value) and (value or math.copysign(1.0, value) > 0):
                return value
            return ["n", {math.inf: "Infinity", -math.inf: "-Infinity", 0.0: "-0"}.get(value, "NaN")]
        if kind is list or kind is dict or kind is AnnotatedArray:
            return ["r", self._node(value)]
        if isinstance(value, Members):
            return ["h", self._live(value)]  # type: ignore[arg-type]  # a scope is never a value
        return ["u"] if value is UNDEFINED else value

    def _node(self, value: list[Any] | dict[str, Any] | AnnotatedArray) -> int:
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self._nodes)
            self._nodes.append([None if type(value) is dict else [], []])
            self._sources.append(value)
        return place

    def _fill(self, value: Any, items: list[Any], members: list[Any]) -> None:
        named: dict[str, Any] = {}
        if isinstance(value, dict):
            named = value
        elif isinstance(value, AnnotatedArray):
            named, value = value.members, value.items
        if isinstance(value, list):
            items.extend(self._written(item) for item in value)
        for key, item in named.items():
            members += (key, self._written(item))

    def _live(self, live: LiveObject) -> int:
        if live.box is None:
            live.box = self._engine.run(self._engine.native(SCRIPT, "live"))
            self._new.append(live)
        return self._handle(live.box)

    def _handle(self, handle: Any) -> int:
        place = self._places.get(id(handle))
        if place is None:
            place = self._places[id(handle)] = len(self._handles)
            self._handles.append(handle)
        return place
