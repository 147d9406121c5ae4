"""Control in executable content: if, foreach, throw, reprompt, log, prompt (VoiceXML 2.0 §5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vxmlplat.ecma import is_variable_name
from vxmlplat.vxml import model
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event
from vxmlplat.vxml.execute import execute, immediate, waiting
from vxmlplat.vxml.outcomes import Outcome, Throw
from vxmlplat.vxml.prompting import queue_prompt

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context
    from vxmlplat.vxml.form import Run

PORT_LABEL = "vxmlplat.port"
FIELD_LABEL = "vxmlplat.field"


@waiting(model.If)
async def _if(run: Run, node: model.If) -> Outcome | None:
    for cond, body in node.branches:
        if cond is None or run.context.chain.condition(cond):
            return await execute(run, body)
    return None


@waiting(model.Foreach)
async def _foreach(run: Run, node: model.Foreach) -> Outcome | None:
    for _ in iterate(run.context, node):
        outcome = await execute(run, node.body)
        if outcome is not None:
            return outcome
    return None


def iterate(context: Context, node: model.Foreach | model.ForeachSpeech) -> Iterator[None]:
    """Set the item to each element of a copy of the array, in turn (VoiceXML 2.1 §6).

    Raises :class:`Thrown` (error.semantic) when there is no array or the item is no variable's name.
    """
    if not is_variable_name(node.item):
        raise Thrown(context.semantic(f"{node.item!r} is no name that a variable may have", node.line))
    chain = context.chain
    scope = chain.innermost
    copy = next(name for name in (f"foreach{depth}$" for depth in range(1000)) if not scope.has(name))
    place = f"{copy}at"
    try:
        length = chain.declare_copy(copy, node.array, scope)
        if length is None:
            raise Thrown(context.semantic(f"{node.array} is no array", node.line))
        for number in range(length):
            context.session.spend_steps(1)
            scope.set(place, number)
            chain.declare(node.item, f"{copy}[{place}]", scope)
            yield
    finally:
        scope.delete(copy)
        scope.delete(place)


@immediate(model.Throwing)
def _throw(run: Run, node: model.Throwing) -> Outcome | None:
    return Throw(thrown_event(run.context, node))


def thrown_event(context: Context, node: model.Throwing) -> Event:
    """The event that a throw, link, choice or return names (§5.2.1)."""
    chain = context.chain
    name = node.event if node.event is not None else chain.string(node.eventexpr or "''")
    if not name.strip():
        raise Thrown(context.semantic("the name of the event to throw is empty", node.line))
    message = node.message
    if node.messageexpr is not None:
        message = chain.string(node.messageexpr)
    return Event(name.strip(), message)


@immediate(model.Reprompt)
def _reprompt(run: Run, node: model.Reprompt) -> None:
    run.reprompt()


@immediate(model.Log)
def _log(run: Run, node: model.Log) -> None:
    chain = run.context.chain
    parts = [
        part.text if isinstance(part, model.TextRun) else chain.string(part.expr) for part in node.content
    ]
    text = " ".join("".join(parts).split())
    if node.expr is not None:
        value = chain.string(node.expr)
        text = f"{text} {value}" if text else value
    session = run.context.session
    if node.label == PORT_LABEL:
        session.trail.port = text
    elif node.label == FIELD_LABEL:
        name, _, value = text.partition("=")
        session.trail.fields[name.strip()] = value
    else:
        session.platform.log(node.label or "", text)


@waiting(model.PromptNode)
async def _prompt(run: Run, node: model.PromptNode) -> None:
    if node.cond is None or run.context.chain.condition(node.cond):
        await queue_prompt(run.context, node)
