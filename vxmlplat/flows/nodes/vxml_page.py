"""VoiceXML page: hand-written VoiceXML within a flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from vxmlplat.flows.fields import Expression, Part, VariableName, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, NEXT, Port
from vxmlplat.flows.problems import Problem


class Given(Part):
    """A value for a variable of the page's first dialog."""

    name: VariableName = titled("Name", "名称")
    value: Expression = titled("Value", "值", widget="expression")


class Kept(Part):
    """A value that the page returns."""

    name: VariableName = titled("Name", "名称")
    variable: VariableName = titled("Keep in", "存入变量", widget="variable")


@node_type(
    "vxml_page",
    title=("VoiceXML page", "VoiceXML 页面"),
    summary=("Runs a hand-written VoiceXML document.", "执行手写的 VoiceXML 文档。"),
    category="integration",
    icon="page",
    ports=(NEXT, ERROR),
    listens=True,
)
class VxmlPage(NodeFields):
    """Called, the page comes back by ``<return>``; gone to, it has the call from there on."""

    url: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^\S+$")] = titled(
        "Address",
        "地址",
        help_=("http or https; or a path of this platform.", "http 或 https 地址，或本平台内的路径。"),
    )
    mode: Literal["call", "go"] = titled(
        "How",
        "方式",
        "call",
        options={"call": ("Call it and come back", "调用并返回"), "go": ("Go there for good", "转入不返回")},
    )
    inputs: Annotated[list[Given], Field(max_length=50)] = titled("Inputs", "输入", [])
    outputs: Annotated[list[Kept], Field(max_length=50)] = titled("Outputs", "输出", [])

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """A web address, expressions, variables."""
        if not self.url.lower().startswith(("http://", "https://", "../", "/")):
            yield at.problem(
                "error",
                "page.address",
                ("The address is none of the web.", "该地址不是网络地址。"),
                ("Begin it with https:// or http://.", "请以 https:// 或 http:// 开头。"),
                field="url",
            )
        yield from at.unique((each.name for each in self.inputs), "inputs", "name")
        for index, given in enumerate(self.inputs):
            yield from at.expression(given.value, f"inputs.{index}.value")
        for index, kept in enumerate(self.outputs):
            yield from at.variable(kept.variable, f"outputs.{index}.variable")

    def ports(self) -> list[Port]:
        """A page that has the call for good leaves by no port but an error."""
        return [each for each in super().ports() if each.id != "next" or self.mode == "call"]

    def compile(self, out: NodeWriter) -> None:
        """``<subdialog>`` or ``<goto>``."""
        with out.form():
            out.catch("error", "error")
            if self.mode == "go":
                with out.element("block"):
                    out.empty("goto", {"next": self.url})
                return
            out.remember()
            with out.element("subdialog", {"name": "vx_result", "src": self.url}):
                for given in self.inputs:
                    out.empty("param", {"name": given.name, "expr": given.value})
                with out.element("filled"):
                    for kept in self.outputs:
                        out.assign(kept.variable, f"vx_result.{kept.name}")
                    out.leave("next")
