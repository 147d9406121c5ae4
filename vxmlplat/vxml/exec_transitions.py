"""Leaving: goto, submit, exit, return, disconnect (VoiceXML 2.0 §5.3.7-§5.3.11; 2.1 §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vxmlplat.ecma import UNDEFINED
from vxmlplat.vxml import model
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import HANGUP, badfetch
from vxmlplat.vxml.exec_control import thrown_event
from vxmlplat.vxml.execute import immediate, waiting
from vxmlplat.vxml.fetching import submitted
from vxmlplat.vxml.loading import load_document
from vxmlplat.vxml.outcomes import Enter, Exit, NextItem, Outcome, Return, Throw

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context
    from vxmlplat.vxml.form import Run


async def follow(context: Context, target: model.Target, reason: str) -> Enter:
    """Where a goto, link or choice leads. A mere fragment stays in the document. Raises :class:`Thrown`."""
    uri = target.next if target.next is not None else context.chain.string(target.expr or "''")
    uri = uri.strip()
    if uri.startswith("#"):
        if uri[1:] not in context.document.by_id:
            message = f"{context.document.uri}:{target.line}: there is no dialog with the id {uri[1:]!r}"
            raise Thrown(badfetch(message))
        return Enter(None, uri[1:], reason)
    loaded, dialog = await load_document(context, context.resolve(uri), target.fetch)
    return Enter(loaded, dialog, reason)


@waiting(model.Goto)
async def _goto(run: Run, node: model.Goto) -> Outcome:
    if node.target is not None:
        return await follow(run.context, node.target, "goto")
    name = node.nextitem
    if name is None:
        name = run.context.chain.string(node.expritem or "''")
    if not run.has_item(name):
        message = f"{run.context.document.uri}:{node.line}: the form has no item {name!r}"
        return Throw(badfetch(message))
    return NextItem(name)


@waiting(model.Submit)
async def _submit(run: Run, node: model.Submit) -> Outcome:
    context = run.context
    target = node.target
    names = run.input_names() if node.names is None else node.names
    fields = submitted(context, names)
    uri = target.next if target.next is not None else context.chain.string(target.expr or "''")
    loaded, dialog = await load_document(
        context,
        context.resolve(uri),
        target.fetch,
        method=node.method,
        fields=fields,
        enctype=node.enctype,
        renew=True,
    )
    return Enter(loaded, dialog, "submit")


def named_values(context: Context, names: tuple[str, ...]) -> dict[str, Any]:
    """The values of a namelist, for whoever started the session; undefined becomes None."""
    found: dict[str, Any] = {}
    for name in names:
        value = context.chain.evaluate(name)
        found[name] = None if value is UNDEFINED else value
    return found


@immediate(model.ExitNode)
def _exit(run: Run, node: model.ExitNode) -> Outcome:
    value: Any = None
    if node.expr is not None:
        value = run.context.chain.evaluate(node.expr)
        value = None if value is UNDEFINED else value
    names = None if node.names is None else named_values(run.context, node.names)
    return Exit("exit", value, names)


@immediate(model.ReturnNode)
def _return(run: Run, node: model.ReturnNode) -> Outcome:
    context = run.context
    if context.depth == 0:
        raise Thrown(context.semantic("<return> outside of a subdialog", node.line))
    if node.throwing is not None:
        return Return(event=thrown_event(context, node.throwing))
    return Return({name.rpartition(".")[2]: context.chain.reference(name) for name in node.names})


@waiting(model.Disconnect)
async def _disconnect(run: Run, node: model.Disconnect) -> Outcome:
    names = named_values(run.context, node.names)
    session = run.context.session
    await session.play_queue()
    if session.left is None:
        session.left = "disconnect"
        session.disconnect_values = names
        await session.platform.disconnect(names)
    return Throw(HANGUP)
