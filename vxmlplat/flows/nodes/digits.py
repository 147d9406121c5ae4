"""Collect digits: a number that the caller types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from vxmlplat.flows.dtmf import write_navigation_by_star
from vxmlplat.flows.fields import Duration, VariableName, titled
from vxmlplat.flows.listening import Listening, seconds
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT, NO_INPUT, NO_MATCH
from vxmlplat.flows.problems import Problem


@node_type(
    "digits",
    title=("Collect digits", "收号"),
    summary=("Takes a number that the caller types.", "收取主叫输入的号码。"),
    category="interaction",
    icon="digits",
    ports=(NEXT, NO_INPUT, NO_MATCH),
    listens=True,
)
class Digits(Listening):
    """A field that keeps all digits for itself: navigation works after a star."""

    variable: VariableName = titled("Keep in", "存入变量", widget="variable")
    minimum: Annotated[int, Field(ge=1, le=64)] = titled("At least", "最少位数", 1)
    maximum: Annotated[int, Field(ge=1, le=64)] = titled("At most", "最多位数", 20)
    terminator: Literal["#", "*", ""] = titled(
        "Ended by",
        "结束键",
        "#",
        options={"#": ("#", "#"), "*": ("*", "*"), "": ("nothing", "无")},
        help_=(
            "The caller may press it early; it is no part of the number.",
            "主叫可提前按此键结束，不计入号码。",
        ),
    )
    interdigit: Duration = titled(
        "Between two keys",
        "位间超时",
        3.0,
        widget="duration",
        help_=(
            "After so much silence the number counts as complete.",
            "两次按键间静默超过此时间，即视为输入完毕。",
        ),
    )
    end_wait: Duration = titled(
        "Wait for the end key",
        "等待结束键",
        1.0,
        widget="duration",
        advanced=True,
        help_=(
            "After the last digit; the key then belongs to the number and not to what follows.",
            "收满位数后等待结束键的时间，避免该键被下一步误收。",
        ),
    )
    spoken: bool = titled("Digits may be spoken too", "也可以说出数字", False, advanced=True)

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The bounds and the variable."""
        yield from super().check(at)
        yield from at.variable(self.variable, "variable")
        if self.minimum > self.maximum:
            yield at.problem(
                "error",
                "digits.bounds",
                ("At least is more than at most.", "最少位数大于最多位数。"),
                ("Make “at most” the greater one.", "请增大最多位数。"),
                field="maximum",
            )

    def compile(self, out: NodeWriter) -> None:
        """The builtin grammar for digits, in a modal field."""
        length = (
            f"length={self.minimum}"
            if self.minimum == self.maximum
            else f"minlength={self.minimum};maxlength={self.maximum}"
        )
        with out.listening_form(), self.listening(out, "vx_digits", modal=True):
            out.property("interdigittimeout", seconds(self.interdigit))
            out.property("termchar", self.terminator)
            if self.terminator:
                out.property("termtimeout", seconds(self.end_wait))
            if self.spoken:
                out.property("inputmodes", "dtmf voice")
                out.empty("grammar", {"mode": "voice", "src": f"builtin:grammar/digits?{length}"})
            out.empty("grammar", {"mode": "dtmf", "src": f"builtin:dtmf/digits?{length}"})
            by_star = self.terminator != "*" and write_navigation_by_star(out)
            with out.element("filled"):
                if by_star:
                    self._navigate(out)
                out.assign(self.variable, "vx_digits")
                out.leave("next")

    @staticmethod
    def _navigate(out: NodeWriter) -> None:
        """A navigation key is no number: empty the field and throw what the key asks for."""
        with out.element("if", {"cond": "vx_digits.indexOf('vxmlplat.') == 0"}):
            out.empty("var", {"name": "vx_event", "expr": "vx_digits"})
            out.empty("clear", {"namelist": "vx_digits"})
            out.empty("throw", {"eventexpr": "vx_event"})
