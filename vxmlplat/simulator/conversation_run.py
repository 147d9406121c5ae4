"""Running conversation tests: the real interpreter, virtual time, and nothing outside that a test reaches.

A :class:`FlowUnderTest` is compiled once and shared by all its tests, as is the interpreter's library.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Mapping

from vxmlplat.analytics.step import Step as Breadcrumb
from vxmlplat.calls.trail import Trail
from vxmlplat.clock import VirtualClock
from vxmlplat.flows.texts import Text, bilingual
from vxmlplat.simulator.conversation_checks import Said, Seen, Unheld, check
from vxmlplat.simulator.conversation_result import ConversationResult, Failure, TestedStep
from vxmlplat.simulator.conversation_test import JSON, ConversationTest, Does, Ends, Line
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
        self.node = ""
        self._at = 0
        self._variables: dict[str, dict[str, JSON]] = {}
        self._seen = Seen(self._values)
        self._trail = Trail(uuid.uuid4().hex, "", self.clock, self._moved)

    # ------------------------------------------------------------------------------ what the world is told

    def breadcrumb(self, step: Step) -> None:
        """The caller has moved."""
        self._keep(self._here(), step.fields)
        self._trail.step(step)

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Remember what was asked for before the test says what came of it."""
        self._seen.handed = request
        return await super().transfer(request)

    def _happened(self, event: Event) -> None:
        if len(self.events) < MAX_EVENTS:
            self.events.append({"type": "event", **event})
        if event["event"] == "prompt":
            recordings = tuple(self.flow.recording_name(uri) for uri in event["audio"])
            self._seen.said.append(Said(event["text"], recordings, event["lang"] or ""))
        elif event["event"] == "log" and event["label"] == "vxmlplat.field":
            name, _, value = str(event["text"]).partition("=")
            self._keep(self._here(), {name: value})

    def _here(self) -> str:
        place = self._trail.place
        return self.flow.id if place is None else place.flow

    def _keep(self, flow: str, values: Mapping[str, JSON]) -> None:
        self._variables.setdefault(flow, {}).update(values)

    def _values(self) -> Mapping[str, JSON]:
        return self.flow.initial_values(self.test.data) | self._variables.get(self.flow.id, {})

    def _moved(self, step: Breadcrumb) -> None:
        now = round(self.clock.now(), 6)
        self.steps.append(TestedStep(now, step.flow, step.from_node, step.port, step.to_node, step.reason))
        self.events.append({"type": "step", **self.steps[-1].as_json()})
        if step.to_node:
            self.node = step.to_node
            self._seen.nodes.append(step.to_node)

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
        self._seen.turn(self.node)
        self.events.append({"type": "input", "t": round(self.clock.now(), 6), **line.what.action})
        return line.what.action

    def peek(self) -> Input | None:
        """What comes while a prompt plays, once all holds that the test says before it.

        A line that does not hold yet may do so after a later prompt: nothing has failed by looking.
        """
        lines = self.test.steps
        at = next((n for n in range(self._at, len(lines)) if isinstance(lines[n].what, Does)), None)
        if at is None or self.failure is not None:
            return None
        action = lines[at].what
        assert isinstance(action, Does)
        if "during" not in action.action or action.is_placeholder:
            return None
        matched = self._seen.matched
        try:
            for line in lines[self._at : at]:
                check(line.what, self._seen)
        except Unheld:
            return None
        finally:
            self._seen.matched = matched
        return action.action

    # -------------------------------------------------------------------------------------------- checking

    def finish(self, end: SessionEnd) -> None:
        """The call is over: what is left of the test must hold, and nobody can do anything any more."""
        self._seen.end = end
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
                check(line.what, self._seen)
            except Unheld as unheld:
                self._fail(line, unheld.expected, unheld.message)
                return None
        return None

    def _fail(self, line: Line, expected: str, message: Text) -> None:
        heard = tuple(str(said) for said in self._seen.said)
        self.failure = Failure(self._at, line.line, expected, message, self.node, heard)


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
        failure = Failure(0, 0, "", bilingual(f"the call failed: {text}", f"呼叫出错：{text}"), stage.node)
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


def _written(line: Line) -> str:
    assert isinstance(line.what, Does)
    return " ".join(f"{name} {value}" for name, value in line.what.action.items())


__all__ = ["run_test", "run_tests"]
