"""Survey: the caller rates the service by one key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.dtmf import write_key_grammar
from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.fields import OptionalVariable, titled
from vxmlplat.flows.listening import Helping
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT, NO_INPUT, NO_MATCH
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt

Digit = Annotated[int, Field(ge=0, le=9)]


@node_type(
    "survey",
    title=("Survey", "满意度调查"),
    summary=("Asks for a rating by one key and keeps it for the reports.", "请主叫按键评分，并计入报表。"),
    category="interaction",
    icon="survey",
    ports=(NEXT, NO_INPUT, NO_MATCH),
    listens=True,
)
class Survey(Helping):
    """A rating is a business field of the step, whatever variable it is kept in besides."""

    question: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")] = titled(
        "Name in reports",
        "报表中的名称",
        "satisfaction",
        help_=("Ratings with the same name are counted together.", "同名的评分合并统计。"),
    )
    lowest: Digit = titled("Lowest rating", "最低分", 1)
    highest: Digit = titled("Highest rating", "最高分", 5)
    variable: OptionalVariable = titled("Keep in", "存入变量", "", widget="variable")
    thanks: Prompt = titled("Thanks", "致谢语", [], widget="prompt")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Bounds, variable, prompts."""
        yield from super().check(at)
        yield from at.prompt(self.thanks, "thanks", needed=False)
        yield from at.variable(self.variable, "variable")
        if self.lowest >= self.highest:
            yield at.problem(
                "error",
                "survey.bounds",
                ("The lowest rating is not below the highest.", "最低分不低于最高分。"),
                ("Change one of the two.", "请修改其中之一。"),
                field="highest",
            )

    def choice_keys(self) -> frozenset[str]:
        """The ratings."""
        return frozenset(str(rating) for rating in range(self.lowest, self.highest + 1))

    def compile(self, out: NodeWriter) -> None:
        """A field with one key for each rating."""
        with out.listening_form(), self.listening(out, "vx_rating"):
            write_key_grammar(out, [str(rating) for rating in range(self.lowest, self.highest + 1)])
            with out.element("filled"):
                out.log("vxmlplat.field", f"{string_literal(self.question + '=')} + vx_rating")
                out.assign(self.variable, "vx_rating")
                out.prompt(self.thanks)
                out.leave("next")
