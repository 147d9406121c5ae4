"""Looking on at a simulated call: steps, variables, breakpoints; the same for typed and for spoken calls."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Protocol

from vxmlplat.analytics.step import Step as Breadcrumb
from vxmlplat.calls.trail import Trail
from vxmlplat.clock import Clock
from vxmlplat.ecma import EcmaError, Engine, Value
from vxmlplat.simulator.debugger import DebugError, Debugger, Reason
from vxmlplat.simulator.inputs import Input, Wanted
from vxmlplat.simulator.inspection import Inspector, Repeatable, Snapshot, evaluate
from vxmlplat.simulator.journal import Change, Journal, Moment
from vxmlplat.vxml.context import Context
from vxmlplat.vxml.platform import Step
from vxmlplat.vxml.session import Session

Event = dict[str, Any]
Emit = Callable[[Event], None]

A_TURN = 8
"""Nodes of a repetition, a quarter of a millisecond each, after which others have their turn."""


class Guide(Protocol):
    """Leads a run that repeats what has happened, and is not yet the one that people look at."""

    async def entered(self, step: int) -> None:
        """The run enters a step; returns when it may go on."""
        ...

    async def astray(self) -> None:
        """What the run needs to know is not in the record: it went another way. Never returns."""
        ...


class Watch:
    """One run of the interpreter, looked at: its observer, and the one who attends its caller.

    Make it, hand it to the world, make the session with its :attr:`engine`, then :meth:`attach` that.
    ``emit`` gets the messages of docs/api.md, "Simulator". ``until``: number of a step before whose work
    nothing is told, since all of it is known; on entering that step the call is held. ``guide``: leads the
    run until the step is known.
    """

    def __init__(
        self,
        emit: Emit,
        clock: Clock,
        debugger: Debugger,
        journal: Journal,
        *,
        seed: int | None = None,
        until: int = 0,
        guide: Guide | None = None,
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._debugger = debugger
        self._journal = journal
        self.until = until
        self.guide = guide
        self.steps = 0
        """Nodes entered so far."""
        self.flow = self.node = ""
        """Where the caller is."""
        self.waiting = False
        self.muted = False
        """Whether nobody is to hear of this run any more."""
        self.on_taken: Callable[[Input], None] | None = None
        """Told of every action that is taken, where each is one of the record."""
        self.on_stand: Callable[[], None] | None = None
        """Told that somebody has to say what the caller does."""
        self._entry = False
        self._contexts: list[Context] = []
        self._seen = Snapshot()
        self._reason: Reason | None = None
        self.engine = Engine()
        """The session's scripts run in it."""
        self._inspector = Inspector(self.engine)
        self._repeatable = None if seed is None else Repeatable(self.engine, clock, seed)
        self._trail: Trail | None = None

    def attach(self, session: Session) -> None:
        """Look on at this session, which has not run yet."""
        session.observer = self
        self._trail = Trail(uuid.uuid4().hex, session.id, self._clock, self._moved)

    @property
    def silent(self) -> bool:
        """Whether what happens is a repetition that everybody has seen."""
        return self.muted or self.guide is not None or self.steps < self.until

    @property
    def at_entry(self) -> bool:
        """Whether the caller has just entered the node, and nothing of it was done yet."""
        return self._entry

    def emit(self, event: Event) -> None:
        """Tell something, unless it is known already."""
        if not self.silent:
            self._emit(event)

    def stamp(self, message: str, /, **members: Any) -> None:
        """Tell something of the present moment."""
        self.emit({"type": message, "t": round(self._clock.now(), 6), **members})

    # ---------------------------------------------------------------------------------------- steps

    def breadcrumb(self, step: Step) -> None:
        """The interpreter has moved."""
        assert self._trail is not None
        self._trail.step(step)

    def _moved(self, step: Breadcrumb) -> None:
        if step.to_node:
            self.steps += 1
            self.flow, self.node, self._entry = step.flow, step.to_node, True
        if self.steps == self.until and self._entry:
            return  # the step itself is known as well
        self.stamp(
            "step",
            n=self.steps,
            flow=step.flow,
            version=step.version,
            **{"from": step.from_node},
            port=step.port,
            to=step.to_node,
            reason=step.reason,
            fields=dict(step.fields),
        )

    async def entered(self, context: Context) -> None:
        """A form or menu was entered: perhaps another part of the same node."""
        del self._contexts[context.depth :]
        self._contexts.append(context)
        self._time_passed()
        if self._entry and self.silent:
            await self._repeated()
        if self.silent:
            if self._entry:
                self._apply_changes()
                self._entry = False
            return
        if self._entry and self.until and self.steps == self.until:
            self.surface()
        elif self._entry:
            self.look()
            reason = self._debugger.arrive(self.flow, self.node, lambda: self._seen)
            if reason is not None:
                self._debugger.hold(reason)
        self._apply_changes()
        await self._debugger.gate()
        self._time_passed()
        self._entry = False

    def leaving(self, context: Context) -> None:
        """A form or menu is over."""
        if not self.silent:
            self.look()
        del self._contexts[context.depth :]

    async def _repeated(self) -> None:
        """One more step is entered of which nothing is told."""
        if self.steps % A_TURN == 0:
            await asyncio.sleep(0)
        if self.guide is not None:
            await self.guide.entered(self.steps)

    async def astray(self) -> None:
        """The repetition asks for what is not in the record: it stands here, unless it is guided."""
        if self.guide is not None:
            await self.guide.astray()
        elif self.silent and not self.muted:
            self.surface()

    def surface(self) -> None:
        """The repetition is over: tell where the call stands, and hold it there."""
        self.until = 0
        self.stamp("rewound", step=self.steps)
        self._seen = Snapshot()
        self.look(whole=True)
        self._debugger.hold("back")

    # ---------------------------------------------------------------------------------------- variables

    def look(self, *, whole: bool = False) -> None:
        """Tell of the variables that have changed, or of all."""
        if not self._contexts:
            return
        now = self._inspector.look(self._contexts[-1])
        changed, gone = now.changed_since(self._seen), now.gone_since(self._seen)
        self._seen = now
        if changed or gone or whole:
            places = [{"scope": scope, "name": name} for scope, name in gone]
            listed = [variable.as_json() for variable in changed]
            self.stamp("variables", step=self.steps, changed=listed, gone=places, whole=whole)

    def assign(self, target: str, expression: str) -> None:
        """Set a variable by hand, while the call stands still. Raises :class:`DebugError`.

        ``target`` is a declared variable or a member of one (``application.matter``, ``order.items[0]``); the
        expression is evaluated over copies of the variables.
        """
        if not self._contexts or (self._debugger.paused is None and not self.waiting):
            raise DebugError("debugger.running", "variables are changed while the call stands still")
        try:
            value = evaluate(expression, self._seen)
            self._contexts[-1].chain.assign_value(target, value)
        except EcmaError as error:
            raise DebugError("debugger.expression", str(error)) from error
        self._journal.add_change(Change(self._moment(), target, value))
        self.look()

    def evaluate(self, expression: str) -> Value:
        """The value of an expression over copies of the variables. Raises :class:`DebugError`."""
        try:
            return evaluate(expression, self._seen)
        except EcmaError as error:
            raise DebugError("debugger.expression", str(error)) from error

    def _apply_changes(self) -> None:
        for change in self._journal.changes(self._moment()):
            self._contexts[-1].chain.assign_value(change.target, change.value)
            if not self.silent:
                self.look()

    def _moment(self) -> Moment:
        return Moment(self.steps, self._journal.taken, self.waiting)

    def _time_passed(self) -> None:
        if self._repeatable is not None:
            self._repeatable.time_passed()

    # ---------------------------------------------------------------------------------------- the caller

    async def waits(self) -> None:
        """The call is about to wait for the caller."""
        self.waiting = True
        if self.silent and self._journal.next_action() is None:
            await self.astray()
        if self.silent:
            self._apply_changes()
            return
        self.look()
        self._apply_changes()
        await self._debugger.gate()

    def wants(self, wanted: Wanted) -> None:
        """Somebody has to say what the caller does."""
        self.stamp("waiting", **{"for": wanted})
        if self.on_stand is not None:
            self.on_stand()

    def took(self, action: Input | None) -> None:
        """An action was taken, or the time for it ran out."""
        self.waiting = False
        self._time_passed()
        if action is None:
            return
        self.stamp("caller", **action)
        if self.on_taken is not None:
            self.on_taken(action)

    async def gate(self) -> None:
        """Returns when the call may go on."""
        await self._debugger.gate()
