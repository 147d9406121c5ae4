"""Running conversation tests: the real interpreter, virtual time, and nothing outside that a test reaches.

A :class:`FlowUnderTest` is compiled once and shared by all its tests, as is the interpreter's library.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vxmlplat.analytics.step import Step as Breadcrumb
from vxmlplat.calls.trail import Trail
from vxmlplat.clock import VirtualClock
from vxmlplat.flows.texts import Text, bilingual, in_language
from vxmlplat.simulator.conversation_test import (
    ANY_LANGUAGE,
    JSON,
    ConversationTest,
    Does,
    Ends,
    Entered,
    Handed,
    Hears,
    Holds,
    Line,
)
from vxmlplat.simulator.flow_under_test import FlowUnderTest
from vxmlplat.simulator.inputs import HANG_UP, Input, Wanted
from vxmlplat.simulator.mocked_services import MockedServices
from vxmlplat.simulator.world import Event, SimulatedWorld
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.platform import Step, TransferRequest, TransferResult
from vxmlplat.vxml.session import Session, SessionEnd, SessionStart

MAX_EVENTS = 20_000

FITTING: Mapping[Wanted, frozenset[str]] = {
    "input": frozenset(("dtmf", "say", "noinput", "hangup")),
    "record": frozenset(("record", "dtmf", "say", "noinput", "hangup")),
    "transfer": frozenset(("transfer", "hangup")),
}
"""What somebody can do when the platform waits for it."""

_WAITS: Mapping[Wanted, Text] = {
    "input": bilingual("the platform listens for keys or words", "平台正在等待按键或语音"),
    "record": bilingual("the platform records", "平台正在录音"),
    "transfer": bilingual(
        "the caller is being transferred: say `transfer: answered`", "正在转接：请写 transfer: answered"
    ),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test failed: at which step (from 1; 0 for the call as a whole), where the caller then stood.

    ``heard`` is what was said since the caller's last action.
    """

    step: int
    line: int
    expected: str
    message: Text
    node: str
    heard: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Conversation tests"."""
        return {
            "step": self.step,
            "line": self.line,
            "expected": self.expected,
            "message": dict(self.message),
            "node": self.node,
            "heard": list(self.heard),
        }


@dataclass(frozen=True, slots=True)
class TestedStep:
    """A caller's step from node to node, ``t`` seconds after the call began."""

    __test__ = False

    t: float
    flow: str
    source: str
    port: str
    target: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """As a ``step`` event of the simulator."""
        return {
            "t": self.t,
            "flow": self.flow,
            "from": self.source,
            "port": self.port,
            "to": self.target,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ConversationResult:
    """What became of a test. ``events`` is the whole run, as the simulator would have told it.

    ``seconds`` of this machine; ``unanswered`` are addresses that were asked and not mocked.
    """

    test: ConversationTest
    failure: Failure | None
    steps: tuple[TestedStep, ...] = ()
    events: tuple[Event, ...] = ()
    unanswered: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return self.failure is None

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Conversation tests"."""
        return {
            "name": self.test.name,
            "passed": self.passed,
            "failure": None if self.failure is None else self.failure.as_json(),
            "steps": [step.as_json() for step in self.steps],
            "unanswered": list(self.unanswered),
            "seconds": round(self.seconds, 4),
        }


@dataclass(slots=True)
class _Said:
    """A prompt that was heard."""

    text: str
    recordings: tuple[str, ...]
    language: str

    def __str__(self) -> str:
        named = [f"recording {name}" for name in self.recordings]
        return "; ".join([*([self.text] if self.text else []), *named])


@dataclass(slots=True)
class _Turn:
    """What has happened since the caller's last action."""

    said: list[_Said] = field(default_factory=list)
    matched: int = 0
    """How many of ``said`` lie before the last one that a step has named."""
    nodes: list[str] = field(default_factory=list)


class _Unheld(Exception):
    """A step that does not hold: what was expected, and what was found."""

    def __init__(self, expected: str, message: Text) -> None:
        super().__init__(expected)
        self.expected = expected
        self.message = message


class _Stage(SimulatedWorld):
    """The world of a test; it gives itself its inputs from the test's lines and looks whether they hold."""

    def __init__(self, test: ConversationTest, flow: FlowUnderTest) -> None:
        self.test = test
        self.flow = flow
        self.services = MockedServices(test.services, lambda: self.clock.wall())
        super().__init__(self, self._happened, flow.site(self.services).fetch)
        self.clock = VirtualClock(test.at)
        self.events: list[Event] = []
        self.steps: list[TestedStep] = []
        self.failure: Failure | None = None
        self.handed: TransferRequest | None = None
        self.end: SessionEnd | None = None
        self._at = 0
        self._turn = _Turn()
        self._node = ""
        self._variables: dict[str, dict[str, JSON]] = {}
        self._trail = Trail(uuid.uuid4().hex, "", self.clock, self._moved)

    # ------------------------------------------------------------------------------ what the world is told

    def breadcrumb(self, step: Step) -> None:
        """The caller has moved."""
        self._keep(self._here(), step.fields)
        self._trail.step(step)

    def log(self, label: str, text: str) -> None:
        """Values that the flow notes are variables; see :class:`FlowUnderTest`."""
        super().log(label, text)

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Remember what was asked for before the test says what came of it."""
        self.handed = request
        return await super().transfer(request)

    def _happened(self, event: Event) -> None:
        if len(self.events) < MAX_EVENTS:
            self.events.append({"type": "event", **event})
        if event["event"] == "prompt":
            recordings = tuple(self.flow.recording_name(uri) for uri in event["audio"])
            self._turn.said.append(_Said(event["text"], recordings, event["lang"] or ""))
        elif event["event"] == "log" and event["label"] == "vxmlplat.field":
            name, _, value = str(event["text"]).partition("=")
            self._keep(self._here(), {name: value})

    def _here(self) -> str:
        place = self._trail.place
        return self.flow.id if place is None else place.flow

    def _keep(self, flow: str, values: Mapping[str, JSON]) -> None:
        self._variables.setdefault(flow, {}).update(values)

    def _moved(self, step: Breadcrumb) -> None:
        now = round(self.clock.now(), 6)
        self.steps.append(TestedStep(now, step.flow, step.from_node, step.port, step.to_node, step.reason))
        self.events.append({"type": "step", **self.steps[-1].as_json()})
        if step.to_node:
            self._node = step.to_node
            self._turn.nodes.append(step.to_node)

    # -------------------------------------------------------------------------------------- input source

    async def next(self, wanted: Wanted) -> Input:
        """The caller's next action, after all that must hold before it."""
        if self.failure is not None:
            return HANG_UP
        line = self._check_up_to_action()
        if line is None:
            return HANG_UP
        assert isinstance(line.what, Does)
        if line.what.is_placeholder:
            self._fail(
                line,
                _written(line),
                bilingual("these keys are not known: fill them in", "按键未知，请补充"),
            )
            return HANG_UP
        if line.what.kind not in FITTING[wanted]:
            self._fail(line, _written(line), _WAITS[wanted])
            return HANG_UP
        self._turn = _Turn(nodes=[self._node])
        self.events.append({"type": "input", "t": round(self.clock.now(), 6), **line.what.action})
        return line.what.action

    def peek(self) -> Input | None:
        """A test's caller waits for the end of the prompt."""
        return None

    # -------------------------------------------------------------------------------------------- checking

    def finish(self, end: SessionEnd) -> None:
        """The call is over: what is left of the test must hold, and nobody can do anything any more."""
        self.end = end
        if self.failure is not None:
            return
        line = self._check_up_to_action()
        if line is not None and line.what != Does({"hangup": True}):
            ended = f"{end.reason}" + (f", {end.error.name}: {end.error.message}" if end.error else "")
            self._fail(
                line,
                _written(line),
                bilingual(f"the call has ended before ({ended})", f"呼叫已提前结束（{ended}）"),
            )

    def _check_up_to_action(self) -> Line | None:
        """Look whether the lines hold up to the next action; None at the end, or when one does not."""
        lines = self.test.steps
        while self._at < len(lines):
            line = lines[self._at]
            self._at += 1
            if isinstance(line.what, Does):
                return line
            try:
                self._check(line)
            except _Unheld as unheld:
                self._fail(line, unheld.expected, unheld.message)
                return None
        return None

    def _fail(self, line: Line, expected: str, message: Text) -> None:
        heard = tuple(str(said) for said in self._turn.said)
        self.failure = Failure(self._at, line.line, expected, message, self._node, heard)

    def _check(self, line: Line) -> None:
        what = line.what
        if isinstance(what, Hears):
            self._check_hears(what)
        elif isinstance(what, Entered):
            if what.node not in self._turn.nodes:
                way = " → ".join(self._turn.nodes) or "–"
                raise _Unheld(f"node {what.node}", bilingual(f"the caller went {way}", f"主叫经过 {way}"))
        elif isinstance(what, Holds):
            self._check_variables(what)
        elif isinstance(what, Handed):
            self._check_handed(what)
        elif isinstance(what, Ends):
            self._check_end(what)

    def _check_hears(self, what: Hears) -> None:
        for number in range(self._turn.matched, len(self._turn.said)):
            if _matches(what, self._turn.said[number]):
                self._turn.matched = number + 1
                return
        left = self._turn.said[self._turn.matched :]
        heard = " | ".join(str(said) for said in left)
        message = (
            bilingual(f"heard instead: {heard}", f"实际听到：{heard}")
            if left
            else bilingual("nothing more was heard", "没有听到其他内容")
        )
        raise _Unheld(_written_hears(what), message)

    def _check_variables(self, what: Holds) -> None:
        now = self.flow.initial_values(self.test.data) | self._variables.get(self.flow.id, {})
        for name, wanted in what.variables.items():
            if name not in now:
                known = ", ".join(sorted(now)) or "–"
                message = bilingual(f"no such variable; there are {known}", f"没有此变量；现有 {known}")
                raise _Unheld(f"{name} = {_json(wanted)}", message)
            if not _same(now[name], wanted):
                value = _json(now[name])
                raise _Unheld(
                    f"{name} = {_json(wanted)}", bilingual(f"{name} is {value}", f"{name} 为 {value}")
                )

    def _check_handed(self, what: Handed) -> None:
        request = self.handed
        expected = " ".join(filter(None, [what.to and f"to {what.to}", _json(dict(what.data))]))
        if request is None:
            raise _Unheld(expected, bilingual("there was no transfer", "没有转接"))
        if what.to and what.to not in (request.dest, request.dest.partition(":")[2]):
            raise _Unheld(expected, bilingual(f"transferred to {request.dest}", f"转接到 {request.dest}"))
        data = _call_data(request.aai)
        for name, wanted in what.data.items():
            if name not in data or not _same(data[name], wanted):
                given = _json(data.get(name)) if name in data else "–"
                raise _Unheld(
                    f"{name} = {_json(wanted)}",
                    bilingual(f"handed over: {name} = {given}", f"实际移交：{name} = {given}"),
                )

    def _check_end(self, what: Ends) -> None:
        if self.end is None:
            raise _Unheld(f"ends {what.reason}", bilingual("the call goes on", "呼叫仍在进行"))
        if self.end.reason != what.reason:
            error = f" ({self.end.error.name}: {self.end.error.message})" if self.end.error else ""
            reason = f"{self.end.reason}{error}"
            raise _Unheld(f"ends {what.reason}", bilingual(f"it ended: {reason}", f"实际结束方式：{reason}"))


async def run_test(
    test: ConversationTest, flow: FlowUnderTest, library: Library | None = None
) -> ConversationResult:
    """Act a test out. Whatever the flow does wrong is a failure in the result, never an exception."""
    began = time.perf_counter()
    stage = _Stage(test, flow)
    start = SessionStart(
        flow.entry,
        local=_party(test.called),
        remote=_party(test.caller),
        protocol_name="sip",
        protocol_version="2.0",
        aai=json.dumps(dict(test.data), ensure_ascii=False) if test.data else None,
    )
    end = await Session(stage, start, library or flow.library).run()
    error = {"error": end.error.name, "message": end.error.message} if end.error else {}
    stage.emit("exit", reason=end.reason, value=end.value, namelist=end.namelist, **error)
    stage.finish(end)
    failure = stage.failure
    if failure is None and end.reason == "error" and not any(isinstance(x.what, Ends) for x in test.steps):
        text = f"{end.error.name}: {end.error.message}" if end.error else "error"
        failure = Failure(0, 0, "", bilingual(f"the call failed: {text}", f"呼叫出错：{text}"), stage._node)
    return ConversationResult(
        test,
        failure,
        tuple(stage.steps),
        tuple(stage.events),
        tuple(stage.services.unanswered),
        time.perf_counter() - began,
    )


async def run_tests(tests: Iterable[ConversationTest], flow: FlowUnderTest) -> list[ConversationResult]:
    """One after the other; they share what is compiled and read."""
    return [await run_test(test, flow) for test in tests]


def _party(number: str) -> str:
    return number if ":" in number or not number else f"tel:{number}"


def _matches(what: Hears, said: _Said) -> bool:
    if what.comparison == "recording":
        wanted = what.text.get(ANY_LANGUAGE, in_language(dict(what.text), said.language))
        return wanted in said.recordings
    wanted = what.text.get(ANY_LANGUAGE)
    if wanted is None:
        wanted = in_language(dict(what.text), said.language)
    if wanted is None:
        return False
    if what.comparison == "pattern":
        return re.search(wanted, said.text) is not None
    wanted = " ".join(wanted.split())
    return wanted in said.text if what.comparison == "contains" else wanted == said.text


def _same(value: JSON, wanted: JSON) -> bool:
    """Whether a variable's value is the one written down.

    What the flow noted of it is a text (as JavaScript writes it), so that 7 and "7" are not told apart.
    """
    return value == wanted or _as_text(value) == _as_text(wanted)


def _as_text(value: JSON) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return (
        value if isinstance(value, str) else _json(value) if isinstance(value, (dict, list)) else str(value)
    )


def _call_data(aai: str | None) -> Mapping[str, JSON]:
    try:
        data = json.loads(aai or "")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _json(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _written_hears(what: Hears) -> str:
    text = what.text.get(ANY_LANGUAGE) or _json(dict(what.text))
    return text if what.comparison == "exactly" else f"{what.comparison} {text}"


def _written(line: Line) -> str:
    assert isinstance(line.what, Does)
    return " ".join(f"{name} {value}" for name, value in line.what.action.items())


__all__ = ["ConversationResult", "Failure", "TestedStep", "run_test", "run_tests"]
