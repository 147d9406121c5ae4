"""``<subdialog>`` (VoiceXML 2.0 §2.3.4): a dialog in a context of its own that returns values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vxmlplat.ecma import LazyReference
from vxmlplat.vxml import model
from vxmlplat.vxml.context import Context
from vxmlplat.vxml.errors import LimitReached
from vxmlplat.vxml.fetching import Fields, submitted
from vxmlplat.vxml.form import FormRun, visits
from vxmlplat.vxml.loading import LoadedDocument, load_document
from vxmlplat.vxml.outcomes import Enter, Exit, Outcome, Throw
from vxmlplat.vxml.values import split_fragment

if TYPE_CHECKING:
    from collections.abc import Mapping


@visits(model.Subdialog)
async def _visit_subdialog(run: FormRun, item: model.Subdialog) -> Outcome | None:
    context = run.context
    session = context.session
    if context.depth >= session.limits.subdialogs:
        raise LimitReached(f"subdialogs are nested more than {session.limits.subdialogs} deep")
    source = item.src if item.src is not None else context.chain.string(item.srcexpr or "''")
    fields = submitted(context, item.names)
    params = evaluated(context, item.params)
    loaded, dialog = await _load(context, item, source.strip(), fields)
    inner = Context(session, context.depth + 1)
    outer = session.whereabouts()
    outcome = await inner.run(Enter(loaded, dialog, "subdialog"), params)
    if isinstance(outcome, Exit):
        return outcome
    session.step(outer.document, outer.dialog, "return")
    if outcome.event is not None:
        return Throw(outcome.event)
    _fill(context, item, outcome.values)
    run.mark_filled(item)
    return await run.execute_filled()


async def _load(
    context: Context, item: model.Subdialog, source: str, fields: Fields
) -> tuple[LoadedDocument, str | None]:
    """The document of the subdialog; a mere fragment is one of this document, loaded as it is."""
    leaf = context.leaf
    assert leaf is not None
    if source.startswith("#") and not fields:
        fragment = source[1:]
        if fragment in leaf.document.by_id:
            return LoadedDocument(leaf.document, leaf.uri, context.root), fragment
    uri = context.resolve(source) if not source.startswith("#") else split_fragment(leaf.uri)[0] + source
    return await load_document(
        context, uri, item.fetch, method=item.method, fields=fields, enctype=item.enctype
    )


def evaluated(context: Context, params: tuple[model.Param, ...]) -> dict[str, LazyReference]:
    """The values of ``<param>`` elements, in the caller's scopes (§6.4)."""
    found: dict[str, LazyReference] = {}
    for param in params:
        if param.expr is not None:
            found[param.name] = context.chain.reference(param.expr)
        else:
            with context.anonymous() as scope:
                scope.set("param$", param.value or "")
                found[param.name] = context.chain.reference("param$")
    return found


def _fill(context: Context, item: model.Subdialog, values: Mapping[str, Any]) -> None:
    """The item variable becomes an object with the returned values."""
    scope = context.dialog_scope
    assert scope is not None
    if not item.named:
        return
    with context.anonymous() as anonymous:
        members = []
        for number, (name, value) in enumerate(values.items()):
            anonymous.set(f"value{number}$", value)
            members.append(f"{name}: value{number}$")
        context.chain.declare(item.name, f"{{{', '.join(members)}}}", scope)
