"""Executing content: a table from the class of a node to what is done, filled by the modules ``exec_*``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from vxmlplat.ecma import ScriptError
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.model import Executable
from vxmlplat.vxml.outcomes import Outcome, Throw

if TYPE_CHECKING:
    from vxmlplat.vxml.form import Run

Node = TypeVar("Node")
Immediate = Callable[["Run", Any], Outcome | None]
Waiting = Callable[["Run", Any], Awaitable[Outcome | None]]

IMMEDIATE: dict[type, Immediate] = {}
"""Nodes that never wait for anything outside."""
WAITING: dict[type, Waiting] = {}
"""Nodes that may fetch, or hold nodes that may."""


def immediate(
    kind: type[Node],
) -> Callable[[Callable[[Run, Node], Outcome | None]], Callable[[Run, Node], Outcome | None]]:
    """Register what executes a class of nodes at once."""

    def register(execute: Callable[[Run, Node], Outcome | None]) -> Callable[[Run, Node], Outcome | None]:
        _once(kind)
        IMMEDIATE[kind] = execute
        return execute

    return register


def waiting(
    kind: type[Node],
) -> Callable[
    [Callable[[Run, Node], Awaitable[Outcome | None]]], Callable[[Run, Node], Awaitable[Outcome | None]]
]:
    """Register what executes a class of nodes and may wait."""

    def register(
        execute: Callable[[Run, Node], Awaitable[Outcome | None]],
    ) -> Callable[[Run, Node], Awaitable[Outcome | None]]:
        _once(kind)
        WAITING[kind] = execute
        return execute

    return register


def _once(kind: type) -> None:
    if kind in IMMEDIATE or kind in WAITING:
        raise ValueError(f"{kind.__name__} is registered twice")


async def execute(run: Run, body: tuple[Executable, ...]) -> Outcome | None:
    """Execute nodes in order until one leads elsewhere; errors become events."""
    session = run.context.session
    session.spend_steps(len(body))
    for node in body:
        try:
            at_once = IMMEDIATE.get(type(node))
            outcome = at_once(run, node) if at_once else await WAITING[type(node)](run, node)
        except ScriptError as error:
            return Throw(run.context.script_event(error, node.line))
        except Thrown as error:
            return Throw(error.event)
        if outcome is not None:
            return outcome
    return None
