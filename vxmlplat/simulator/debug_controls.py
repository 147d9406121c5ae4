"""The author's hands on a call that is tried out: what both its faces, written and spoken, obey alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from vxmlplat.ecma import UNDEFINED
from vxmlplat.simulator.debugger import Breakpoint, Debugger
from vxmlplat.simulator.faults import Fault, FaultyServices
from vxmlplat.simulator.watching import Watch


class DebugControls(ABC):
    """Debugging of a call with a debugger, faulty services, and a watch that may be another one later."""

    _debugger: Debugger
    _services: FaultyServices

    @property
    @abstractmethod
    def _watching(self) -> Watch:
        """Who sees the call that runs now."""

    @property
    def paused(self) -> bool:
        """Whether the call is held."""
        return self._debugger.paused is not None

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """From now on these services fail or answer so, and no others."""
        self._services.faults = tuple(faults)

    def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Stop at these nodes."""
        self._debugger.set_breakpoints(breakpoints)

    def pause(self, *, at_start: bool = False) -> None:
        """Stand still at the next node."""
        self._debugger.stop_next("start" if at_start else "pause")

    def resume(self) -> None:
        """Go on to the next breakpoint."""
        self._debugger.release()

    def step(self) -> None:
        """Go on to the next node."""
        self._debugger.stop_next("step")
        self._debugger.release()

    def run_to(self, flow: str, node: str) -> None:
        """Go on until the caller enters this node."""
        self._debugger.stop_at(flow, node)
        self._debugger.release()

    def assign(self, target: str, expression: str) -> None:
        """Set a variable while the call stands still. Raises :class:`DebugError`."""
        self._watching.assign(target, expression)

    def evaluate(self, expression: str) -> Any:
        """An expression's value as JSON, None for undefined. Raises :class:`DebugError`."""
        value = self._watching.evaluate(expression)
        return None if value is UNDEFINED else value
