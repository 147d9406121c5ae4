"""Database query: rows out of a database that the operator has configured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.ecmascript import object_literal
from vxmlplat.flows.fields import Duration, Expression, LongText, OptionalVariable, Part, VariableName, titled
from vxmlplat.flows.listening import seconds
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import ResourceName

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::", re.S)
_PARAMETER = re.compile(r":([A-Za-z][A-Za-z0-9_]*)")


class Parameter(Part):
    """A value for ``:name`` in the statement; it is bound by the database, never pasted into the text."""

    name: VariableName = titled("Name", "名称")
    value: Expression = titled("Value", "值", widget="expression")


class Column(Part):
    """A value kept from the answer."""

    variable: VariableName = titled("Variable", "变量", widget="variable")
    path: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")] = titled(
        "Path", "路径", "", help_=("A column of the first row, or as in 2.name.", "首行的列名，或如 2.name。")
    )


@node_type(
    "database_query",
    title=("Database query", "数据库查询"),
    summary=("Runs a statement of SQL with bound parameters.", "执行带绑定参数的 SQL 语句。"),
    category="integration",
    icon="database",
    ports=(port("rows", "yes", "Found", "有结果"), port("empty", "no", "Nothing found", "无结果"), ERROR),
)
class DatabaseQuery(NodeFields):
    """The flow knows a database by name only; its address and password are the operator's."""

    database: ResourceName = titled(
        "Database",
        "数据库",
        "main",
        help_=("The name of a connection that the operator has set up.", "由运维人员配置的数据库连接名称。"),
    )
    sql: Annotated[LongText, Field(min_length=1)] = titled(
        "Statement", "语句", widget="sql",
        help_=("Values stand as :name.", "值以 :名称 的形式书写。"),
    )  # fmt: skip
    parameters: Annotated[list[Parameter], Field(max_length=50)] = titled("Parameters", "参数", [])
    results: Annotated[list[Column], Field(max_length=50)] = titled("Keep", "保存", [])
    rows_variable: OptionalVariable = titled(
        "Keep all rows in",
        "全部结果存入",
        "",
        widget="variable",
        help_=("As a list, for example for a menu from data.", "以列表形式保存，例如供动态菜单使用。"),
    )
    limit: Annotated[int, Field(ge=1, le=1000)] = titled("Rows at most", "最多行数", 100)
    timeout: Annotated[Duration, Field(gt=0, le=60)] = titled("Time limit", "超时", 5.0, widget="duration")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Every parameter of the statement has a value, and the other way round."""
        yield from at.unique((each.name for each in self.parameters), "parameters", "name")
        named = set(_PARAMETER.findall(_QUOTED.sub(" ", self.sql)))
        given = {each.name for each in self.parameters}
        for name in sorted(named - given):
            yield at.problem(
                "error",
                "database.parameter",
                (f"The statement's parameter :{name} has no value.", f"语句中的参数 :{name} 没有值。"),
                ("Add a row for it.", "请为其添加一行。"),
                field="parameters",
                detail={"name": name},
            )
        for index, each in enumerate(self.parameters):
            yield from at.expression(each.value, f"parameters.{index}.value")
            if each.name not in named:
                yield at.problem(
                    "error",
                    "database.parameter.unused",
                    (f"The statement has no parameter :{each.name}.", f"语句中没有参数 :{each.name}。"),
                    ("Delete the row, or use it in the statement.", "请删除该行，或在语句中使用。"),
                    field=f"parameters.{index}.name",
                )
        for index, kept in enumerate(self.results):
            yield from at.variable(kept.variable, f"results.{index}.variable")
        yield from at.variable(self.rows_variable, "rows_variable")

    def compile(self, out: NodeWriter) -> None:
        """``<data>`` on ``database-query``."""
        members = {
            "database": out.value(self.database),
            "sql": out.value(self.sql),
            "parameters": object_literal({each.name: each.value for each in self.parameters}),
            "limit": out.value(self.limit),
            "timeout": out.value(self.timeout),
        }
        with out.form():
            out.catch("error", "error")
            with out.element("block"):
                out.ask("database-query", members, timeout=seconds(self.timeout + 2))
                out.assign(self.rows_variable, "vx_answer.value.rows")
                with out.element("if", {"cond": "vx_answer.port == 'rows'"}):
                    for kept in self.results:
                        path = (
                            kept.path if re.match(r"\d+(\.|$)", kept.path) else f"0.{kept.path}".rstrip(".")
                        )
                        out.assign(kept.variable, f"vx_pick(vx_answer.value.rows, {out.value(path)})")
                    out.leave("rows")
                    out.branch("else")
                    out.leave("empty")
