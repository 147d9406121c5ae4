"""The designer's graph: schema, node types, checks, compilation to VoiceXML, import of VoiceXML, templates.

The face of the room::

    reading = read_flow(raw)                      # FlowReading: flow or None, problems
    problems = check_flow(flow, catalogue)        # list[Problem]; problem.as_json()
    compiled = compile_flow(flow, catalogue)      # CompiledFlow: documents by name; NotCompilableError
    text = compile_node(flow, node_id)            # what one node compiles to
    described = describe_node_types()             # the answer of GET /api/node-types
"""

from vxmlplat.flows.catalogue import Catalogue, FlowFace
from vxmlplat.flows.checks import check_flow
from vxmlplat.flows.compiler import FIRST_DOCUMENT, CompiledFlow, compile_flow, compile_node
from vxmlplat.flows.errors import FlowError, NodeTypeError, NotCompilableError
from vxmlplat.flows.node_type import describe_node_types, node_types
from vxmlplat.flows.node_writer import Addresses
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.reading import FlowReading, read_flow
from vxmlplat.flows.schema import SCHEMA_VERSION, Flow

__all__ = [
    "FIRST_DOCUMENT",
    "SCHEMA_VERSION",
    "Addresses",
    "Catalogue",
    "CompiledFlow",
    "Flow",
    "FlowError",
    "FlowFace",
    "FlowReading",
    "NodeTypeError",
    "NotCompilableError",
    "Problem",
    "check_flow",
    "compile_flow",
    "compile_node",
    "describe_node_types",
    "node_types",
    "read_flow",
]
