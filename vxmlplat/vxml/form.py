"""The form interpretation algorithm (VoiceXML 2.0 §2.1.6 and appendix C)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from vxmlplat.ecma import UNDEFINED, LazyReference, ScriptError
from vxmlplat.vxml import (
    exec_control,  # noqa: F401  # fills the table of executable content
    exec_transitions,  # noqa: F401  # the same
    exec_variables,  # noqa: F401  # the same
    model,
)
from vxmlplat.vxml.errors import LimitReached, Thrown
from vxmlplat.vxml.events import Event
from vxmlplat.vxml.execute import execute
from vxmlplat.vxml.handlers import EventCounters, default_handler, default_message, select_catch
from vxmlplat.vxml.outcomes import Enter, Exit, NextItem, Outcome, Return, Throw
from vxmlplat.vxml.platform import Prompt, Text
from vxmlplat.vxml.prompting import queue_prompt, select_prompts
from vxmlplat.vxml.results import declare_item

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context

YIELD_EVERY = 50
"""Rounds of the loop after which other sessions get a chance to run."""


class Run:
    """What executable content works on: a context, and the place where events are counted and handled."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.counters = EventCounters()

    def reprompt(self) -> None:
        """``<reprompt>``: queue prompts in the next round (§5.3.6); of no use outside a form."""

    def clear_all(self) -> None:
        """``<clear>`` without names."""

    def clear_item(self, name: str) -> bool:
        """Reset an item of the form; False when the form has none of that name."""
        return False

    def has_item(self, name: str) -> bool:
        """Whether the form has such an item."""
        return False

    def input_names(self) -> tuple[str, ...]:
        """The input items that a submit without namelist sends."""
        return ()

    def counters_here(self) -> EventCounters:
        """The event counters of the place that is executed."""
        return self.counters

    async def handle(self, event: Event) -> Outcome | None:
        """Throw an event where we are; handlers may throw the next one (§5.2)."""
        session = self.context.session
        for _ in range(session.limits.throws):
            session.platform.thrown(event.name, event.message or "")
            counters = self.counters_here()
            counters.raise_for(event.name)
            catch = select_catch(self.context, event, counters)
            outcome = await self._default(event) if catch is None else await self._execute_catch(catch, event)
            if not isinstance(outcome, Throw):
                return outcome
            event = outcome.event
        raise LimitReached(
            f"handlers of events threw events {session.limits.throws} times in a row, at last {event.name}"
        )

    async def _execute_catch(self, catch: model.Catch, event: Event) -> Outcome | None:
        with self.context.anonymous() as scope:
            scope.set("_event", event.name)
            scope.set("_message", UNDEFINED if event.message is None else event.message)
            return await execute(self, catch.body)

    async def _default(self, event: Event) -> Outcome | None:
        message, reprompt, end = default_handler(event)
        if message is not None:
            text, lang = default_message(message, self.context.lang)
            self.context.session.queue(Prompt((Text(text, lang),), lang), None)
        if reprompt:
            self.reprompt()
        return end


class DocumentRun(Run):
    """Setting up a document: there is no form yet."""

    async def failed(self, event: Event) -> Exit | Return | Enter:
        """Handle what went wrong; without a transition the session ends."""
        outcome = await self.handle(event)
        if isinstance(outcome, (Exit, Return, Enter)):
            return outcome
        return Exit("error" if event.is_error else "end", error=event)


Visitor = Callable[["FormRun", Any], Awaitable[Outcome | None]]
VISITORS: dict[type[model.FormItem], Visitor] = {}
"""What visiting each kind of form item does; filled by the modules of the items."""


def visits(kind: type[model.FormItem]) -> Callable[[Visitor], Visitor]:
    """Register what visiting a kind of item does."""

    def register(visitor: Visitor) -> Visitor:
        if kind in VISITORS:
            raise ValueError(f"{kind.__name__} is registered twice")
        VISITORS[kind] = visitor
        return visitor

    return register


class FormRun(Run):
    """One visit of a form or menu."""

    def __init__(
        self,
        context: Context,
        dialog: model.Dialog,
        heard: Any = None,
        params: Mapping[str, LazyReference] | None = None,
    ) -> None:
        super().__init__(context)
        self.dialog = dialog
        self.heard = heard
        self.params = params
        self.item_counters: dict[str, EventCounters] = {}
        self.prompt_counters: dict[str, int] = {}
        self.done: set[str] = set()
        """Items without a name that need no further visit."""
        self.just_filled: set[str] = set()
        self._next: str | None = None
        self._handled = False
        self._reprompt = False

    # ------------------------------------------------------------------------------------------ the loop

    async def run(self) -> Outcome | None:
        """Initialise, then select, collect and process until something leads elsewhere or nothing is left."""
        session = self.context.session
        outcome = await self._guard(self._initialise())
        if outcome is None and self.heard is not None:
            from vxmlplat.vxml.listening import process_heard  # it is a visitor of forms

            outcome = await self._guard(process_heard(self, self.heard))
        rounds = 0
        while True:
            if isinstance(outcome, Throw):
                outcome = await self._handle_here(outcome.event)
            if isinstance(outcome, NextItem):
                self._next = outcome.name
            elif outcome is not None:
                return outcome
            pending = session.pending_event()
            if pending is not None:
                outcome = Throw(pending)
                continue
            session.spend_round()
            rounds += 1
            if rounds % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            self.context.item = None
            try:
                item = self._select()
            except ScriptError as error:
                outcome = Throw(self.context.script_event(error, self.dialog.line))
                continue
            if item is None:
                return Exit("end")
            self.context.item = item
            outcome = await self._guard(self._visit(item))

    async def _guard(self, doing: Awaitable[Outcome | None]) -> Outcome | None:
        try:
            return await doing
        except Thrown as error:
            return Throw(error.event)
        except ScriptError as error:
            line = self.context.item.line if self.context.item else self.dialog.line
            return Throw(self.context.script_event(error, line))

    async def _handle_here(self, event: Event) -> Outcome | None:
        self._reprompt = False
        outcome = await self.handle(event)
        self._handled = True
        return outcome

    # ------------------------------------------------------------------------------------------ phases

    async def _initialise(self) -> Outcome | None:
        """Variables, scripts and item variables in document order (§2.1.6.1)."""
        context = self.context
        scope = context.dialog_scope
        assert scope is not None
        params = dict(self.params or {})
        for node in self.dialog.setup:
            if isinstance(node, model.FormItem):
                self._initialise_item(node)
            elif isinstance(node, model.Var) and node.name in params:
                scope.set(node.name, params.pop(node.name))
            else:
                await context.set_up(node)
        if params:
            names = ", ".join(params)
            raise Thrown(
                context.semantic(f"the form declares no <var> for the parameter {names}", self.dialog.line)
            )
        return None

    def _initialise_item(self, item: model.FormItem) -> None:
        chain = self.context.chain
        if item.named and item.expr is None:
            declare_item(self.context, item)
        elif item.named:
            chain.declare(item.name, item.expr)
        elif item.expr is not None and chain.evaluate(item.expr) is not UNDEFINED:
            self.done.add(item.name)

    def _select(self) -> model.FormItem | None:
        """The item that a goto named, else the first that is undefined and whose condition holds."""
        if self._next is not None:
            name, self._next = self._next, None
            return self.dialog.by_name[name]
        chain = self.context.chain
        for item in self.dialog.items:
            if item.named:
                if chain.type_of(item.name) != "undefined":
                    continue
            elif item.name in self.done:
                continue
            if item.cond is None or chain.condition(item.cond):
                return item
        return None

    async def _visit(self, item: model.FormItem) -> Outcome | None:
        prompting = not self._handled or self._reprompt
        self._handled = self._reprompt = False
        self.just_filled.clear()
        if prompting and not isinstance(item, model.Block):
            counter = self.prompt_counters.get(item.name, 1)
            for prompt in select_prompts(self.context, item.prompts, counter):
                await queue_prompt(self.context, prompt)
            self.prompt_counters[item.name] = counter + 1
        return await VISITORS[type(item)](self, item)

    async def execute_filled(self) -> Outcome | None:
        """The filled actions that the items just filled trigger, in document order (§2.4)."""
        filled_now = self.just_filled
        if not filled_now:
            return None
        here = self.context.item
        for action in self.dialog.filled:
            names = action.names
            if action.owner is not None:
                if action.owner not in filled_now:
                    continue
                self.context.item = self.dialog.by_name[action.owner]
            else:
                self.context.item = None
                wanted = names or tuple(item.name for item in self.dialog.items if item.is_input)
                if not any(name in filled_now for name in wanted):
                    continue
                if action.mode == "all" and not all(self.is_filled(name) for name in wanted):
                    continue
            with self.context.anonymous():
                outcome = await execute(self, action.body)
            if outcome is not None:
                return outcome
        self.context.item = here
        return None

    # ------------------------------------------------------------------------------------------ items

    def is_filled(self, name: str) -> bool:
        """Whether an item has a value."""
        item = self.dialog.by_name[name]
        return self.context.chain.type_of(item.name) != "undefined" if item.named else name in self.done

    def mark_filled(self, item: model.FormItem) -> None:
        """An input filled the item: its filled actions run, and one without a name is done."""
        self.just_filled.add(item.name)
        self.done.add(item.name)

    def complete(self, item: model.FormItem) -> None:
        """A control item was visited and needs no further visit."""
        if item.named:
            scope = self.context.dialog_scope
            assert scope is not None
            scope.set(item.name, True)
        self.done.add(item.name)

    def reprompt(self) -> None:
        """``<reprompt>``."""
        self._reprompt = True

    def clear_all(self) -> None:
        """Reset all items of the form (§5.3.3)."""
        for item in self.dialog.items:
            self._reset(item)

    def clear_item(self, name: str) -> bool:
        """Reset one item: its variable, prompt counter and event counters."""
        item = self.dialog.by_name.get(name)
        if item is None or not item.named:
            return False
        self._reset(item)
        return True

    def _reset(self, item: model.FormItem) -> None:
        if item.named:
            scope = self.context.dialog_scope
            assert scope is not None
            scope.set(item.name, UNDEFINED)
        self.done.discard(item.name)
        self.prompt_counters.pop(item.name, None)
        self.item_counters.pop(item.name, None)

    def has_item(self, name: str) -> bool:
        """Whether the form has an item that the author named so."""
        item = self.dialog.by_name.get(name)
        return item is not None and item.named

    def input_names(self) -> tuple[str, ...]:
        """The named input items of the form."""
        return tuple(item.name for item in self.dialog.items if item.is_input and item.named)

    def counters_here(self) -> EventCounters:
        """Those of the item that is visited, else the form's own (§5.2.2)."""
        item = self.context.item
        if item is None or self.dialog.kind == "menu":
            return self.counters
        return self.item_counters.setdefault(item.name, EventCounters())


@visits(model.Block)
async def _visit_block(run: FormRun, item: model.Block) -> Outcome | None:
    run.complete(item)
    with run.context.anonymous():
        return await execute(run, item.body)


from vxmlplat.vxml import listening, objects, recording, subdialogs, transferring  # noqa: E402, F401  # fill VISITORS
