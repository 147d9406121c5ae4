"""A flow compiled to plain VoiceXML 2.1 documents.

``root.vxml`` is the application root (:mod:`vxmlplat.flows.root_document`), ``flow.vxml`` the first document
of the flow; only a flow of unusual size has ``flow2.vxml`` and so on. A node's form has the node's id;
further forms of the same node are called ``NODE.part``. docs/architecture.md, "Flows, documents, services",
has the whole contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from vxmlplat.flows.catalogue import Catalogue
from vxmlplat.flows.checks import inspect_flow
from vxmlplat.flows.dtmf import NAVIGATION_GRAMMAR, navigation_grammar
from vxmlplat.flows.errors import NotCompilableError
from vxmlplat.flows.expression_check import engine_fault
from vxmlplat.flows.graph_checks import flow_graph
from vxmlplat.flows.hand_written import MarkupCheck
from vxmlplat.flows.navigation import person_node
from vxmlplat.flows.node_check import ExpressionCheck
from vxmlplat.flows.node_type import NodeFields
from vxmlplat.flows.node_writer import Addresses, FlowPlan, NodeWriter
from vxmlplat.flows.problems import Problem, errors_of
from vxmlplat.flows.root_document import ROOT_DOCUMENT, root_document
from vxmlplat.flows.schema import Flow
from vxmlplat.flows.xml_writer import start_tag

FIRST_DOCUMENT = "flow.vxml"

NODES_A_DOCUMENT = 200
"""A larger flow is split: a call loads what it visits, and no document outgrows what interpreters take."""


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """The documents of one version of a flow, by name, and the warnings of its check."""

    documents: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    entry: str = FIRST_DOCUMENT


def compile_flow(
    flow: Flow,
    catalogue: Catalogue | None = None,
    *,
    addresses: Addresses | None = None,
    expression_check: ExpressionCheck = engine_fault,
    markup_check: MarkupCheck | None = None,
    nodes_a_document: int = NODES_A_DOCUMENT,
) -> CompiledFlow:
    """Check and compile a flow; raises NotCompilableError with all problems when one of them is an error."""
    fields, problems = inspect_flow(
        flow, catalogue, expression_check=expression_check, markup_check=markup_check
    )
    if errors_of(problems):
        raise NotCompilableError(problems)
    if any(read.document_wide for read in fields.values()):
        nodes_a_document = len(fields)
    nodes = _in_order(flow, split=len(fields) > nodes_a_document)
    places = {node: _document_name(index // nodes_a_document) for index, node in enumerate(nodes)}
    plan = _plan(flow, fields, places, addresses or Addresses())
    forms = {node: _forms(plan, node) for node in nodes}
    documents = {ROOT_DOCUMENT: root_document(plan)}
    for name in dict.fromkeys(plan.documents.values()):
        documents[name] = _document(plan, [forms[node] for node in nodes if plan.documents[node] == name])
    grammar = navigation_grammar(flow.navigation)
    if grammar is not None and any(NAVIGATION_GRAMMAR in text for text in documents.values()):
        documents[NAVIGATION_GRAMMAR] = grammar
    return CompiledFlow(documents, tuple(problems))


def compile_node(flow: Flow, node_id: str, *, addresses: Addresses | None = None) -> str:
    """The forms of one node, for its author; raises NotCompilableError when it cannot be compiled.

    Problems elsewhere in the flow do not matter here; KeyError when there is no such node.
    """
    if flow.node(node_id) is None:
        raise KeyError(node_id)
    fields, problems = inspect_flow(flow)
    if node_id not in fields:
        raise NotCompilableError([found for found in problems if found.node == node_id])
    plan = _plan(flow, fields, {node.id: FIRST_DOCUMENT for node in flow.nodes}, addresses or Addresses())
    return _forms(plan, node_id) + "\n"


def _plan(
    flow: Flow, fields: Mapping[str, NodeFields], documents: Mapping[str, str], addresses: Addresses
) -> FlowPlan:
    start = next((node.id for node in flow.nodes if node.type == "start"), flow.nodes[0].id)
    return FlowPlan(
        flow=flow,
        fields=fields,
        ways={(edge.source, edge.port): edge.target for edge in flow.edges if edge.target in documents},
        variables={variable.name: variable for variable in flow.variables},
        documents=documents,
        addresses=addresses,
        handlers={event: node for node, read in fields.items() for event in read.handles()},
        home=flow.navigation.home or start,
        person=person_node(flow),
    )


def _forms(plan: FlowPlan, node: str) -> str:
    out = NodeWriter(plan, node)
    plan.fields[node].compile(out)
    return out.result()


def _in_order(flow: Flow, *, split: bool) -> list[str]:
    """The nodes as their author put them, the start first; for several documents neighbours stay together."""
    start = next(node.id for node in flow.nodes if node.type == "start")
    order = dict.fromkeys([start, *(node.id for node in flow.nodes)])
    if split:
        graph = flow_graph(flow)
        order = dict.fromkeys([start, *(target for _, target in nx.bfs_edges(graph, start)), *order])
    return list(order)


def _document_name(number: int) -> str:
    return FIRST_DOCUMENT if number == 0 else f"flow{number + 1}.vxml"


def _document(plan: FlowPlan, forms: list[str]) -> str:
    top = start_tag(
        "vxml",
        {
            "version": "2.1",
            "xmlns": "http://www.w3.org/2001/vxml",
            "xml:lang": plan.flow.languages[0],
            "application": ROOT_DOCUMENT,
        },
    )
    body = "\n\n".join(forms)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{top}\n{body}\n</vxml>\n'
