"""Menu: the caller chooses by keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.dtmf import write_key_grammar
from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.fields import OptionalVariable, Part, PortTitle, ShortText, titled
from vxmlplat.flows.listening import Helping
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NO_INPUT, NO_MATCH, PortsFrom
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import KEYS


class Choice(Part):
    """One key of a menu."""

    key: Annotated[str, Field(pattern=KEYS)] = titled("Key", "按键", widget="keys")
    label: PortTitle = titled("Label", "名称", "")
    value: ShortText = titled(
        "Value",
        "取值",
        "",
        help_=("What the variable below gets; the key, when empty.", "存入下方变量的值；留空则存入按键。"),
    )


@node_type(
    "menu",
    title=("Menu", "菜单"),
    summary=("Asks the caller to choose by a key.", "请主叫按键选择。"),
    category="interaction",
    icon="menu",
    ports=(NO_INPUT, NO_MATCH),
    ports_from=PortsFrom("choices", id="key", title="label", kind="key"),
    listens=True,
)
class Menu(Helping):
    """A field with one grammar of all keys."""

    choices: Annotated[list[Choice], Field(min_length=1, max_length=100)] = titled("Choices", "选项")
    variable: OptionalVariable = titled(
        "Keep the choice in",
        "选择存入变量",
        "",
        widget="variable",
        help_=("The choice's value, or its key where it has none.", "存入选项的取值；未填取值时存入按键。"),
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Keys differ."""
        yield from super().check(at)
        yield from at.variable(self.variable, "variable")
        yield from at.unique((choice.key for choice in self.choices), "choices", "key")

    def choice_keys(self) -> frozenset[str]:
        """The choices' keys."""
        return frozenset(choice.key for choice in self.choices)

    def compile(self, out: NodeWriter) -> None:
        """The field's value is the key, which is also the port."""
        keys = [choice.key for choice in self.choices]
        values = {choice.key: string_literal(choice.value or choice.key) for choice in self.choices}
        with out.listening_form(), self.listening(out, "vx_key"):
            write_key_grammar(out, keys)
            with out.element("filled"), out.element("if", {"cond": f"vx_key == {string_literal(keys[0])}"}):
                out.assign(self.variable, values[keys[0]])
                out.leave(keys[0])
                for key in keys[1:]:
                    out.branch("elseif", {"cond": f"vx_key == {string_literal(key)}"})
                    out.assign(self.variable, values[key])
                    out.leave(key)
