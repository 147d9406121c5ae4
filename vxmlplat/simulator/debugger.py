"""The debugger's will: where a call is to stop, and when it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from vxmlplat.ecma import EcmaError
from vxmlplat.errors import VxmlplatError
from vxmlplat.simulator.inspection import Snapshot, evaluate, syntax_fault

MOST_BREAKPOINTS = 500
LONGEST_CONDITION = 2_000

Reason = Literal["start", "breakpoint", "step", "run_to", "pause", "back"]
"""Why the call stands still."""


class DebugError(VxmlplatError):
    """Something that cannot be done now, or is not written as it has to be; the message says what.

    ``code`` is the problem's code of docs/api.md, "Simulator".
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """Stop on entering a node; with a condition only when it holds."""

    flow: str
    node: str
    condition: str = ""

    def unjudged(self, error: str) -> dict[str, Any]:
        """The message that says why the condition cannot be judged."""
        return {"type": "breakpoint", **asdict(self), "error": error}


def read_breakpoints(written: Any, flow: str) -> tuple[Breakpoint, ...]:
    """Breakpoints as the page sends them: ``[{"node", "flow"?, "condition"?}]``. Raises :class:`DebugError`.

    ``flow`` is the draft's own id, meant where none is given.
    """
    if not isinstance(written, Sequence) or isinstance(written, str) or len(written) > MOST_BREAKPOINTS:
        raise DebugError("message.invalid", f"breakpoints must be a list of at most {MOST_BREAKPOINTS}")
    found = []
    for one in written:
        if not isinstance(one, Mapping):
            raise DebugError("message.invalid", "a breakpoint is an object with node")
        node, condition, other = one.get("node"), one.get("condition", ""), one.get("flow", flow)
        if not all(isinstance(text, str) for text in (node, condition, other)):
            raise DebugError("message.invalid", "node, condition and flow of a breakpoint are texts")
        if len(condition) > LONGEST_CONDITION:
            raise DebugError("message.invalid", f"a condition has at most {LONGEST_CONDITION} characters")
        found.append(Breakpoint(other, str(node), condition.strip()))
    return tuple(found)


class Debugger:
    """Decides at every node whether to stop, and holds the call until it is let go.

    ``tell`` hears of conditions that cannot be judged: the breakpoint and what is wrong. ``changed`` is
    called whenever the call is held or let go.
    """

    def __init__(self, tell: Callable[[Breakpoint, str], None], changed: Callable[[], None]) -> None:
        self._tell = tell
        self._changed = changed
        self._breakpoints: dict[tuple[str, str], Breakpoint] = {}
        self._stopping: Reason | None = None
        self._target: tuple[str, str] | None = None
        self._going = asyncio.Event()
        self._going.set()
        self.paused: Reason | None = None
        """Why the call stands still; None while it may go on."""

    def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        """These, and no others. A condition that is not written right is told at once."""
        self._breakpoints = {(one.flow, one.node): one for one in breakpoints}
        for one in breakpoints:
            fault = syntax_fault(one.condition) if one.condition else ""
            if fault:
                self._tell(one, fault)

    def stop_next(self, reason: Reason) -> None:
        """Stop at the next node."""
        self._stopping = reason

    def stop_at(self, flow: str, node: str) -> None:
        """Stop at a node, once; a step that was asked for before is not taken any more."""
        self._stopping = None
        self._target = (flow, node)

    def arrive(self, flow: str, node: str, variables: Callable[[], Snapshot]) -> Reason | None:
        """The caller enters a node: why to stop here, or None."""
        if self._stopping is not None:
            return self._stopping
        if self._target == (flow, node):
            return "run_to"
        found = self._breakpoints.get((flow, node))
        return "breakpoint" if found is not None and self._holds(found, variables) else None

    def _holds(self, breakpoint: Breakpoint, variables: Callable[[], Snapshot]) -> bool:
        if not breakpoint.condition:
            return True
        try:
            return bool(evaluate(breakpoint.condition, variables()))
        except EcmaError as error:
            self._tell(breakpoint, str(error))
            return False

    def hold(self, reason: Reason) -> None:
        """The call stands still from now on."""
        self._stopping = self._target = None
        self._going.clear()
        self.paused = reason
        self._changed()

    def release(self) -> None:
        """The call may go on."""
        if self.paused is not None:
            self.paused = None
            self._going.set()
            self._changed()

    async def gate(self) -> None:
        """Return when the call may go on."""
        await self._going.wait()
