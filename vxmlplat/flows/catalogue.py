"""What stands around a flow: other flows, queues, recorded prompts. The server hands it to the checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vxmlplat.flows.schema import Flow, Variable


@dataclass(frozen=True, slots=True)
class FlowFace:
    """What a calling flow needs to know of a sub-flow."""

    id: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    results: tuple[str, ...] = ()

    @classmethod
    def of(cls, flow: Flow) -> FlowFace:
        """The face of a flow: its input and output variables, the results of its return nodes."""

        def names(chosen: list[Variable]) -> tuple[str, ...]:
            return tuple(variable.name for variable in chosen)

        results = {str(node.fields.get("result") or "next") for node in flow.nodes if node.type == "return"}
        return cls(
            flow.id,
            names([v for v in flow.variables if v.input]),
            names([v for v in flow.variables if v.output]),
            tuple(sorted(results)),
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What exists beside the flow. A member that is None is not known, and nothing is checked against it."""

    flows: Mapping[str, FlowFace] | None = None
    queues: Collection[str] | None = None
    prompts: Mapping[str, Collection[str]] | None = None
    """Language to the names of its recorded prompts."""
