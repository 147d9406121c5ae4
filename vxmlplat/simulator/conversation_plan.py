"""A way through a flow's graph made into a test: the keys, answers and the hour that lead along it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from vxmlplat.flows.checks import node_fields
from vxmlplat.flows.node_type import NodeFields
from vxmlplat.flows.nodes.condition import Condition
from vxmlplat.flows.nodes.language import Language
from vxmlplat.flows.nodes.menu import Menu
from vxmlplat.flows.nodes.set_variables import SetVariables
from vxmlplat.flows.ports import HANG_UP, Port
from vxmlplat.flows.root_document import initial_value
from vxmlplat.flows.schema import Flow
from vxmlplat.flows.texts import Text, bilingual
from vxmlplat.simulator.conversation_test import (
    DEFAULT_MOMENT,
    JSON,
    ConversationTest,
    Does,
    Entered,
    Line,
    MockAnswer,
)
from vxmlplat.simulator.port_ways import Leaving, Way, put, way_out

_COMPARISON = re.compile(
    r"""^\s*(?P<name>[A-Za-z][A-Za-z0-9_]*)\s*(?P<sign>===?|!==?|<=|>=|<|>)\s*
        (?P<value>'[^'\\]*'|"[^"\\]*"|-?\d+(?:\.\d+)?|true|false)\s*$""",
    re.VERBOSE,
)

_OTHER = "20260130"
"""A value that is neither empty nor likely to be compared with; it can be spoken as digits and as a date."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """A caller leaves a node of a flow by a port. ``known``: values of business fields up to here."""

    flow: Flow
    node: str
    port: str
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Plan:
    """The test that is to lead along a path, as far as it is known; ``unknown`` says what is not."""

    at: datetime | None = None
    """A real call's moment; None lets the path's business hours decide."""
    replayed: bool = False
    lines: list[Line] = field(default_factory=list)
    services: dict[str, list[MockAnswer]] = field(default_factory=dict)
    unknown: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._moment = self.at
        self._language = ""
        self._values: dict[str, JSON] = {}
        self._setters: dict[str, Callable[[JSON], None]] = {}

    def follow(self, steps: Iterable[PathStep]) -> Plan:
        """Plan each step in turn; returns the plan itself."""
        for step in steps:
            self._pass(step)
        return self

    def test(self, name: str, flow: str, *, caller: str = "", called: str = "") -> ConversationTest:
        """The test as planned."""
        return ConversationTest(
            name=name,
            flow=flow,
            steps=tuple(self.lines),
            at=self._moment or DEFAULT_MOMENT,
            caller=caller,
            called=called,
            services={service: _shortened(answers) for service, answers in self.services.items()},
            note=" ".join(text["en-US"] for text in self.unknown),
        )

    def _pass(self, step: PathStep) -> None:
        node = step.flow.node(step.node)
        fields = node_fields(node)[0] if node is not None else None
        port = None if fields is None else next((p for p in fields.ports() if p.id == step.port), None)
        if port is None and step.port == HANG_UP.id:
            port = HANG_UP  # callers hang up at nodes that have no port for it, too
        if fields is None or port is None:
            return  # a navigation key's way, or a node of another version: nothing is known about it
        if isinstance(fields, Condition):
            self._decide(step, fields)
            return
        self._remember(fields, step.flow)
        if not self._language:
            self._language = step.flow.languages[0]
        way = way_out(fields, Leaving(step.flow, step.node, port, self._language, step.known, self.replayed))
        self._take(step, fields, port, way)

    def _take(self, step: PathStep, fields: NodeFields, port: Port, way: Way) -> None:
        if way.unknown is not None:
            self.unknown.append(way.unknown)
        if way.at is not None:
            self._be_there_at(step.node, way.at, port)
        for service, answer in way.services.items():
            self.services.setdefault(service, []).append(answer)
        for variable, path in way.sets.items():
            self._setters[variable] = self._setter(way, path)
        for number, action in enumerate(way.actions):
            if number == 0:
                self.lines.append(Line(Entered(step.node)))
            self.lines.append(Line(Does(action), way.unknown["en-US"] if way.unknown else ""))
        if isinstance(fields, Menu) and fields.variable:
            chosen = next((choice for choice in fields.choices if choice.key == port.id), None)
            if chosen is not None:
                self._values[fields.variable] = chosen.value or chosen.key
                self._setters.pop(fields.variable, None)

    def _be_there_at(self, node: str, moment: datetime, port: Port) -> None:
        if self.at is not None:
            return
        if self._moment is not None and self._moment != moment:
            self.unknown.append(
                bilingual(
                    f"{node} would have to be {port.id} at another hour than before in the same call",
                    f"{node} 需为 {port.id}，与同一呼叫中之前的时间矛盾",
                )
            )
            return
        self._moment = moment

    def _remember(self, fields: NodeFields, flow: Flow) -> None:
        if isinstance(fields, Language):
            self._language = fields.language
        elif isinstance(fields, SetVariables):
            for each in fields.assignments:  # worked out at run time: nothing can be said about the value
                self._values.pop(each.variable, None)
                self._setters.pop(each.variable, None)

    # ------------------------------------------------------------------------------------------ conditions

    def _decide(self, step: PathStep, fields: Condition) -> None:
        """Make the branch's condition true, where it compares one variable with one value."""
        before = []
        for branch in fields.branches:
            wanted = _COMPARISON.match(branch.when)
            if branch.id == step.port:
                break
            before.append(wanted)
        else:
            wanted = None
        refused = [each for each in before if each is not None]
        if wanted is None and (step.port != "otherwise" or len(refused) < len(before)):
            self._undecided(step)
            return
        names = {each["name"] for each in ([wanted] if wanted is not None else refused)}
        for name in names:
            value = self._values.get(name, _initial(step.flow, name))
            candidates = [value, *_candidates(wanted), _OTHER, ""]
            if name not in self._setters:
                candidates = candidates[:1]
            fitting = [
                candidate
                for candidate in candidates
                if (wanted is None or _holds(wanted, candidate))
                and not any(_holds(each, candidate) for each in refused if each["name"] == name)
            ]
            if not fitting:
                self._undecided(step)
            elif name in self._setters:
                self._setters[name](fitting[0])
                self._values[name] = fitting[0]

    def _undecided(self, step: PathStep) -> None:
        self.unknown.append(
            bilingual(
                f"what makes {step.node} take the branch {step.port} cannot be derived",
                f"无法推导 {step.node} 何时进入分支 {step.port}",
            )
        )

    def _setter(self, way: Way, path: str) -> Callable[[JSON], None]:
        """What gives the variable another value: the answer of a service, or what the caller types."""
        if way.services:
            service = next(iter(way.services))
            index = len(self.services[service]) - 1

            def answer(value: JSON) -> None:
                old = self.services[service][index]
                self.services[service][index] = replace(old, value=put(old.value, path, value))

            return answer
        place = len(self.lines) + 1  # behind the line that names the node

        def typed(value: JSON) -> None:
            keys = str(value)
            old = str(way.actions[0]["dtmf"])
            if keys and all(key in "0123456789" for key in keys):
                end = old[-1:] if old[-1:] in ("#", "*") else ""
                self.lines[place] = replace(self.lines[place], what=Does({"dtmf": keys + end}))

        return typed


def _shortened(answers: list[MockAnswer]) -> tuple[MockAnswer, ...]:
    """Answers that are all the same are one."""
    return tuple(answers[:1]) if all(each == answers[0] for each in answers) else tuple(answers)


def _initial(flow: Flow, name: str) -> JSON:
    return next((initial_value(each) for each in flow.variables if each.name == name), None)


def _literal(comparison: re.Match[str]) -> JSON:
    text = comparison["value"]
    if text[0] in "'\"":
        return text[1:-1]
    return {"true": True, "false": False}.get(text, float(text) if text[-1].isdigit() else text)


def _candidates(comparison: re.Match[str] | None) -> list[JSON]:
    """Values of which one makes the comparison true."""
    if comparison is None:
        return []
    value = _literal(comparison)
    near: list[JSON] = [value]
    if isinstance(value, float):
        near = [int(each) if float(each).is_integer() else each for each in (value, value + 1, value - 1)]
    return near


def _holds(comparison: re.Match[str], value: JSON) -> bool:
    """Whether a value makes the comparison true, as ECMAScript would see it."""
    wanted, sign = _literal(comparison), comparison["sign"]
    if sign[0] in "=!":
        alike = isinstance(value, (int, float)) == isinstance(wanted, (int, float))
        same = value == wanted if alike else _as_number(value) == _as_number(wanted)
        return same == (sign[0] == "=")
    left, right = _as_number(value), _as_number(wanted)
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[sign]


def _as_number(value: JSON) -> float:
    """A value as ECMAScript compares it with a number; NaN is neither equal, less, nor greater."""
    try:
        return float(value) if value != "" else 0.0
    except (TypeError, ValueError):
        return math.nan
