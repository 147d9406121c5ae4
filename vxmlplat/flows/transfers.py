"""What queue and transfer share: ``<transfer>`` and where its results lead (VoiceXML 2.1 §2.3.7, table 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.schema import PromptPiece
from vxmlplat.flows.xml_writer import Attributes

if TYPE_CHECKING:
    from vxmlplat.flows.node_writer import NodeWriter

_RESULTS: dict[str, tuple[str, ...]] = {
    "busy": ("busy", "network_busy"),
    "noanswer": ("noanswer",),
    "error": ("unknown",),
}
"""Port to the results of a ``<transfer>`` that lead there; all others mean: they have talked."""


def write_transfer(
    out: NodeWriter, attributes: Attributes, *, prompt: Sequence[PromptPiece], duration_variable: str
) -> None:
    """The node's form with one ``<transfer>``."""
    with out.form():
        out.catch("error.connection error.unsupported.transfer error.unsupported.uri", "error")
        with out.element("transfer", {"name": "vx_call_result", **attributes}):
            out.prompt(prompt)
            out.catch("connection.disconnect.hangup", "hangup")
            with out.element("filled"):
                if duration_variable:
                    out.assign(duration_variable, "vx_call_result$.duration")
                cases = [(port, _condition(values)) for port, values in _RESULTS.items()]
                with out.element("if", {"cond": cases[0][1]}):
                    out.leave(cases[0][0])
                    for port, condition in cases[1:]:
                        out.branch("elseif", {"cond": condition})
                        out.leave(port)
                    out.branch("else")
                    out.leave("next")


def _condition(values: Sequence[str]) -> str:
    return " || ".join(f"vx_call_result == {string_literal(value)}" for value in values)
