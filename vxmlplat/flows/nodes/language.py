"""Language: in which language the call goes on."""

from __future__ import annotations

from collections.abc import Iterator

from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.fields import titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Language as LanguageTag


@node_type(
    "language",
    title=("Language", "语言"),
    summary=("The call goes on in this language.", "呼叫以此语言继续。"),
    category="logic",
    icon="language",
    ports=(NEXT,),
)
class Language(NodeFields):
    """Sets ``application.lang``, by which every prompt is chosen; in a sub-flow, for the calling flow too."""

    language: LanguageTag = titled(
        "Language",
        "语言",
        help_=("A language of the flow, as in zh-CN.", "流程的语言之一，例如 zh-CN。"),
        widget="language",
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The flow has the language."""
        if self.language not in at.flow.languages:
            yield at.problem(
                "error",
                "language.unknown",
                (f"The flow does not speak {self.language}.", f"流程不含语言 {self.language}。"),
                ("Add the language to the flow, or choose another.", "请在流程中添加该语言，或另选一种。"),
                field="language",
                detail={"name": self.language},
            )

    def compile(self, out: NodeWriter) -> None:
        """One assignment."""
        with out.form(), out.element("block"):
            out.choose_language(string_literal(self.language))
            out.log("vxmlplat.field", string_literal(f"language={self.language}"))
            out.leave("next")
