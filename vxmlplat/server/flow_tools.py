"""What the server asks of the room ``flows``: checking and compiling, beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from vxmlplat.documents import MarkupError, parse_xml
from vxmlplat.flows.catalogue import Catalogue, FlowFace
from vxmlplat.flows.checks import check_flow
from vxmlplat.flows.compiler import CompiledFlow, compile_flow, compile_node
from vxmlplat.flows.errors import NotCompilableError
from vxmlplat.flows.hand_written import MarkupFault
from vxmlplat.flows.importing import DocumentRefused, Imported, import_voicexml
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.reading import read_flow
from vxmlplat.server.errors import ApiError
from vxmlplat.store.flows import FlowText
from vxmlplat.store.store import Store
from vxmlplat.vxml.author_checks import check_expressions
from vxmlplat.vxml.checker import check_tree


async def catalogue(store: Store, draft: Mapping[str, Any] | None = None) -> Catalogue:
    """Published flows, queues and prompts; the draft counts as published, so that it may call itself."""
    faces: dict[str, FlowFace] = {}
    graphs = await store.flows.current_graphs()
    for graph in [*graphs.values(), *([draft] if draft is not None else [])]:
        flow = read_flow(graph).flow
        if flow is not None:
            faces[flow.id] = FlowFace.of(flow)
    prompts: dict[str, set[str]] = {}
    for prompt in await store.prompts.all():
        prompts.setdefault(prompt.language, set()).add(prompt.name)
    queues = {queue.id for queue in await store.queues.all()}
    return Catalogue(flows=faces, queues=queues, prompts=prompts)


async def problems_of(store: Store, draft: FlowText) -> list[Problem]:
    """Everything that is wrong with a draft."""
    around = await catalogue(store, draft)

    def check() -> list[Problem]:
        reading = read_flow(draft)
        if reading.flow is None:
            return list(reading.problems)
        return [*reading.problems, *check_flow(reading.flow, around, markup_check=voicexml_faults)]

    return await asyncio.to_thread(check)


async def compiled(store: Store, draft: FlowText) -> CompiledFlow:
    """The documents of a draft; raises a 422 with the problems when it cannot run."""
    around = await catalogue(store, draft)

    def work() -> CompiledFlow:
        reading = read_flow(draft)
        if reading.flow is None:
            raise NotCompilableError(reading.problems)
        return compile_flow(reading.flow, around, markup_check=voicexml_faults)

    try:
        return await asyncio.to_thread(work)
    except NotCompilableError as error:
        raise cannot_run(error) from error


async def compiled_node(draft: FlowText, node: str) -> str:
    """What one node compiles to; raises a 404 for no node, a 422 with its problems."""

    def work() -> str:
        reading = read_flow(draft)
        if reading.flow is None:
            raise NotCompilableError(reading.problems)
        return compile_node(reading.flow, node)

    try:
        return await asyncio.to_thread(work)
    except KeyError:
        raise ApiError(404, "node.unknown", f"the flow has no node {node!r}") from None
    except NotCompilableError as error:
        raise cannot_run(error) from error


@lru_cache(maxsize=256)
def voicexml_faults(document: str) -> tuple[MarkupFault, ...]:
    """What breaks the rules of VoiceXML in a document; of what is no XML others tell."""
    try:
        root = parse_xml(document)
    except MarkupError:
        return ()
    found = check_tree(root, "") or check_expressions(root, "")
    return tuple(MarkupFault(each.line, each.column, f"<{each.element}>: {each.message}") for each in found)


async def imported(
    document: str, flow: str, *, name: str = "", base: str = "", application: str | None = None
) -> Imported:
    """A VoiceXML document as a flow; raises ``DocumentRefused`` for what is no VoiceXML either."""

    def work() -> Imported:
        made = import_voicexml(document, flow, name=name, base=base, application=application)
        for fault in voicexml_faults(document):
            message = fault.message
            raise DocumentRefused(fault.line, fault.column, message, f"不符合 VoiceXML 规范：{message}")
        return made

    return await asyncio.to_thread(work)


def cannot_run(error: NotCompilableError) -> ApiError:
    """The 422 that carries the problems."""
    return ApiError(
        422, "flow.cannot_run", str(error), detail={"problems": [p.as_json() for p in error.problems]}
    )


def readable(draft: FlowText, flow: str) -> None:
    """Refuse what is no flow, or another one: a 422 with the problems. Unfinished is good enough."""
    if draft.get("id") != flow:
        raise ApiError(422, "flow.id", f"the flow's id is {draft.get('id')!r}, the address says {flow!r}")
    reading = read_flow(draft)
    if reading.flow is None:
        raise ApiError(
            422,
            "flow.unreadable",
            "the flow cannot be read",
            detail={"problems": [problem.as_json() for problem in reading.problems]},
        )
