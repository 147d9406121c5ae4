"""Sub-flow: another flow, with values in and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.fields import Expression, Part, PortTitle, VariableName, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, NEXT, PortsFrom
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import FlowId, PortId


class Input(Part):
    """A value for an input variable of the sub-flow."""

    name: VariableName = titled("Input", "输入")
    value: Expression = titled("Value", "值", widget="expression")


class Output(Part):
    """Where an output variable of the sub-flow is kept."""

    name: VariableName = titled("Output", "输出")
    variable: VariableName = titled("Keep in", "存入变量", widget="variable")


class Outcome(Part):
    """A result by which the sub-flow may return, beside ``next``."""

    id: PortId = titled("Result", "结果")
    label: PortTitle = titled("Label", "名称", "")


_CHINESE = {"inputs": "输入变量", "outputs": "输出变量"}


@node_type(
    "sub_flow",
    title=("Sub-flow", "子流程"),
    summary=("Runs another flow and comes back.", "执行另一个流程后返回。"),
    category="logic",
    icon="sub-flow",
    ports=(NEXT, ERROR),
    ports_from=PortsFrom("results", id="id", title="label", kind="other"),
    listens=True,
)
class SubFlow(NodeFields):
    """A ``<subdialog>`` of the sub-flow's published documents."""

    flow: FlowId = titled("Flow", "流程", widget="flow")
    version: Annotated[int, Field(ge=0)] = titled(
        "Version",
        "版本",
        0,
        help_=("0: the one that is current when the call begins.", "0 表示呼叫开始时的当前版本。"),
    )
    inputs: Annotated[list[Input], Field(max_length=100)] = titled(
        "Inputs",
        "输入",
        [],
        help_=(
            "What the other flow is given: its variables that are marked as inputs.",
            "传给子流程的值：其中标记为输入的变量。",
        ),
    )
    outputs: Annotated[list[Output], Field(max_length=100)] = titled(
        "Outputs",
        "输出",
        [],
        help_=(
            "What it gives back: its variables that are marked as outputs.",
            "子流程返回的值：其中标记为输出的变量。",
        ),
    )
    results: Annotated[list[Outcome], Field(max_length=50)] = titled(
        "Further results",
        "其他结果",
        [],
        help_=(
            "Names that its Return nodes give, each a way out here.",
            "子流程“返回”节点给出的结果，各为一个出口。",
        ),
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The flow exists and has these inputs and outputs."""
        yield from at.unique((each.name for each in self.inputs), "inputs", "name")
        yield from at.unique(("next", "error", *(each.id for each in self.results)), "results", "id")
        for index, given in enumerate(self.inputs):
            yield from at.expression(given.value, f"inputs.{index}.value")
        for index, kept in enumerate(self.outputs):
            yield from at.variable(kept.variable, f"outputs.{index}.variable")
        if at.catalogue.flows is None:
            return
        face = at.catalogue.flows.get(self.flow)
        if face is None:
            yield at.problem(
                "error",
                "flow.unknown",
                (f"There is no published flow {self.flow!r}.", f"没有已发布的流程 {self.flow!r}。"),
                ("Publish it first, or choose another.", "请先发布该流程，或另选一个。"),
                field="flow",
            )
            return
        known = {"inputs": face.inputs, "outputs": face.outputs}
        for field, names in known.items():
            for index, row in enumerate(getattr(self, field)):
                if row.name not in names:
                    yield at.problem(
                        "error",
                        f"flow.{field}",
                        (
                            f"The flow {self.flow!r} has no {field[:-1]} {row.name!r}.",
                            f"流程 {self.flow!r} 没有{_CHINESE[field]} {row.name!r}。",
                        ),
                        (
                            "Delete the row, or mark the variable in the other flow.",
                            "请删除该行，或在另一流程中标记该变量。",
                        ),
                        field=f"{field}.{index}.name",
                    )
        for result in set(face.results) - {"next"} - {each.id for each in self.results}:
            yield at.problem(
                "warning",
                "flow.result",
                (
                    f"The flow may return {result!r}, which is treated as “Next”.",
                    f"该流程可能返回 {result!r}，将按“下一步”处理。",
                ),
                ("Add a row for this result.", "请为该结果添加一行。"),
                field="results",
                detail={"name": result},
            )

    def compile(self, out: NodeWriter) -> None:
        """``<subdialog>``; it returns outputs, ``vx_port``, and ``vx_chosen``, the language chosen in it."""
        version = str(self.version) if self.version else "current"
        source = f"{out.plan.addresses.flows}{self.flow}/{version}/flow.vxml"
        with out.form():
            out.catch("error", "error")
            out.remember()
            with out.element("subdialog", {"name": "vx_result", "src": source}):
                out.empty("param", {"name": "vx_language", "expr": "application.lang"})
                out.empty("param", {"name": "vx_carry", "expr": "vx_data()"})
                for given in self.inputs:
                    out.empty("param", {"name": given.name, "expr": given.value})
                with out.element("filled"):
                    with out.element("if", {"cond": "vx_result.vx_chosen"}):
                        out.choose_language("vx_spoken(vx_result.vx_chosen)")
                    for kept in self.outputs:
                        out.assign(kept.variable, f"vx_result.{kept.name}")
                    out.leave_by("vx_result.vx_port", [each.id for each in self.results], otherwise="next")
