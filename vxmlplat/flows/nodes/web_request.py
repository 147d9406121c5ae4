"""Web request: asks an outside web service and keeps what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from vxmlplat.flows.ecmascript import object_literal
from vxmlplat.flows.fields import (
    Duration,
    Expression,
    OptionalExpression,
    OptionalVariable,
    Part,
    VariableName,
    titled,
)
from vxmlplat.flows.listening import seconds
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT, port
from vxmlplat.flows.problems import Problem

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f:]+$")]


class Argument(Part):
    """One value that goes along with the request."""

    name: Name = titled("Name", "名称")
    value: Expression = titled("Value", "值", widget="expression")


class Result(Part):
    """One value taken out of the answer."""

    variable: VariableName = titled("Variable", "变量", widget="variable")
    path: Annotated[str, Field(max_length=200, pattern=r"^([^\x00-\x1f]*)$")] = titled(
        "Path",
        "路径",
        "",
        help_=(
            "Where the value stands in the answer, as in ticket.state or items.0.name; empty: all of it.",
            "值在 JSON 应答中的位置，例如 ticket.state 或 items.0.name；留空表示全部。",
        ),
    )


@node_type(
    "web_request",
    title=("Web request", "网络请求"),
    summary=(
        "Asks a web service and keeps values of its JSON answer.",
        "调用网络服务并保存 JSON 应答中的值。",
    ),
    category="integration",
    icon="web",
    ports=(
        NEXT,
        port("not_found", "no", "Not found (404)", "未找到（404）", required=False),
        port("error", "error", "Failed", "请求失败"),
    ),
)
class WebRequest(NodeFields):
    """The platform's service ``web-request`` speaks HTTP; the document only sees values."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = titled("Method", "方法", "GET")
    url: Annotated[str, Field(min_length=1, max_length=2_000)] = titled(
        "Address",
        "地址",
        help_=(
            "An http or https address; {name} is replaced by the argument of that name, escaped.",
            "http 或 https 地址；{名称} 将替换为同名参数（自动转义）。",
        ),
    )
    arguments: Annotated[list[Argument], Field(max_length=50)] = titled(
        "Arguments",
        "参数",
        [],
        help_=(
            "Those not named in the address go as query (GET, DELETE) or as JSON body.",
            "未出现在地址中的参数，GET、DELETE 以查询串发送，其余以 JSON 正文发送。",
        ),
    )
    headers: Annotated[list[Argument], Field(max_length=20)] = titled("Headers", "请求头", [])
    body: OptionalExpression = titled(
        "Body",
        "正文",
        "",
        widget="expression",
        help_=("A value sent as JSON instead of the arguments.", "以 JSON 发送的值，取代参数。"),
    )
    results: Annotated[list[Result], Field(max_length=50)] = titled("Keep from the answer", "保存应答", [])
    status_variable: OptionalVariable = titled(
        "Keep the status in",
        "状态码存入",
        "",
        widget="variable",
        help_=("The HTTP status of the answer, such as 200.", "应答的 HTTP 状态码，例如 200。"),
    )
    timeout: Duration = titled("Time limit", "超时", 5.0, widget="duration")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Address, expressions and variables."""
        if not self.url.lower().startswith(("http://", "https://")):
            yield at.problem(
                "error",
                "web.address",
                (
                    "The address does not begin with http:// or https://.",
                    "地址须以 http:// 或 https:// 开头。",
                ),
                ("Write the whole address.", "请填写完整地址。"),
                field="url",
            )
        for name in ("arguments", "headers"):
            rows: list[Argument] = getattr(self, name)
            yield from at.unique((row.name for row in rows), name, "name")
            for index, row in enumerate(rows):
                yield from at.expression(row.value, f"{name}.{index}.value")
        if self.body:
            yield from at.expression(self.body, "body")
        for index, result in enumerate(self.results):
            yield from at.variable(result.variable, f"results.{index}.variable")
        yield from at.variable(self.status_variable, "status_variable")

    def compile(self, out: NodeWriter) -> None:
        """``<data>`` on ``web-request``."""
        members = {
            "method": out.value(self.method),
            "url": out.value(self.url),
            "arguments": object_literal({each.name: each.value for each in self.arguments}),
            "headers": object_literal({each.name: each.value for each in self.headers}),
            "timeout": out.value(self.timeout),
        }
        if self.body:
            members["body"] = self.body
        with out.form():
            out.catch("error", "error")
            with out.element("block"):
                out.ask("web-request", members, timeout=seconds(self.timeout + 2))
                out.assign(self.status_variable, "vx_answer.value.status")
                with out.element("if", {"cond": "vx_answer.port == 'next'"}):
                    for result in self.results:
                        out.assign(
                            result.variable, f"vx_pick(vx_answer.value.body, {out.value(result.path)})"
                        )
                    out.leave("next")
                    if out.connected("not_found"):
                        out.branch("elseif", {"cond": "vx_answer.port == 'not_found'"})
                        out.leave("not_found")
                    out.branch("else")
                    out.leave("error")
