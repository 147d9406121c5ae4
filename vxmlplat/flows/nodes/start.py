"""Start: where every call of the flow begins."""

from __future__ import annotations

from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT


@node_type(
    "start",
    title=("Start", "开始"),
    summary=("Every call begins here.", "每个呼叫从这里开始。"),
    category="start",
    icon="start",
    ports=(NEXT,),
    entry=True,
)
class Start(NodeFields):
    """Takes over what the caller of a sub-flow, or the telephone call itself, hands in."""

    def compile(self, out: NodeWriter) -> None:
        """The document's first form, so that a call and a ``<subdialog>`` both begin here."""
        inputs = [variable.name for variable in out.flow.variables if variable.input]
        carried = [variable.name for variable in out.flow.variables if variable.data]
        with out.form():
            out.empty("var", {"name": "vx_language"})
            out.empty("var", {"name": "vx_carry"})
            for name in inputs:
                out.empty("var", {"name": name})
            with out.element("block"):
                with out.element("if", {"cond": "typeof dialog.vx_language != 'undefined'"}):
                    out.empty("assign", {"name": "application.vx_called", "expr": "true"})
                    out.empty("assign", {"name": "application.lang", "expr": "vx_spoken(dialog.vx_language)"})
                    out.empty("assign", {"name": "application.vx_given", "expr": "dialog.vx_carry"})
                if carried:
                    # Most calls bring nothing, and what looks into it needs a script engine.
                    with out.element("if", {"cond": "application.vx_given || session.connection.aai"}):
                        for name in carried:
                            value = f"vx_carried('{name}', application.{name})"
                            out.empty("assign", {"name": f"application.{name}", "expr": value})
                for name in inputs:
                    with out.element("if", {"cond": f"typeof dialog.{name} != 'undefined'"}):
                        out.empty("assign", {"name": f"application.{name}", "expr": f"dialog.{name}"})
                out.leave("next")
