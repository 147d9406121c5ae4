"""What a node's own checks may ask, and how they say what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vxmlplat.documents.markup import Element
from vxmlplat.flows.catalogue import Catalogue
from vxmlplat.flows.expression_check import engine_fault
from vxmlplat.flows.expressions import GLOBAL_NAMES, Fault, name_tokens
from vxmlplat.flows.hand_written import MarkupCheck, MarkupFault, as_document, placed
from vxmlplat.flows.problems import Problem, Severity, problem
from vxmlplat.flows.schema import AudioPiece, Flow, PromptPiece, TextPiece, ValuePiece, Variable
from vxmlplat.flows.texts import Text, in_language

ExpressionCheck = Callable[[str], Fault | None]
"""Says what is wrong with an ECMAScript expression, in English and Chinese, or None."""


@dataclass(frozen=True)
class NodeCheck:
    """The flow around one node; its methods yield the problems of common kinds of fields."""

    flow: Flow
    node_id: str
    catalogue: Catalogue
    variables: Mapping[str, Variable]
    node_ids: frozenset[str]
    expression_check: ExpressionCheck = engine_fault
    local_names: frozenset[str] = field(default=frozenset())
    """Names that the flow's hand-written part declares."""
    markup_check: MarkupCheck | None = None

    def problem(
        self,
        severity: Severity,
        code: str,
        message: tuple[str, str],
        fix: tuple[str, str],
        *,
        field: str | None = None,
        port: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> Problem:
        """A problem of this node."""
        return problem(severity, code, message, fix, node=self.node_id, field=field, port=port, detail=detail)

    def expression(self, expression: str, field: str, *, also: Iterable[str] = ()) -> Iterator[Problem]:
        """An expression must parse and read names that exist; ``also`` are names known in this place only."""
        fault = self.expression_check(expression)
        if fault is not None:
            yield self.problem(
                "error",
                "expression.syntax",
                (
                    f"The expression {_short(expression)} cannot be understood: {fault.english}.",
                    f"无法理解表达式 {_short(expression)}：{fault.chinese}。",
                ),
                ("Correct the expression; texts stand in quotation marks.", "请更正表达式；文本须加引号。"),
                field=field,
                detail={"column": fault.start + 1, "length": fault.length},
            )
            return
        known = GLOBAL_NAMES | self.variables.keys() | self.local_names | frozenset(also)
        unknown = {
            token.text: token for token in reversed(name_tokens(expression)) if token.text not in known
        }
        for name, token in sorted(unknown.items()):
            yield self.problem(
                "warning",
                "expression.name",
                (f"There is no variable {name!r}.", f"没有变量 {name!r}。"),
                (
                    "Declare it in the flow's variables, or put quotation marks around a text.",
                    "请在流程变量中声明；若为文本请加引号。",
                ),
                field=field,
                detail={"name": name, "column": token.start + 1, "length": len(name)},
            )

    def variable(self, name: str, field: str) -> Iterator[Problem]:
        """A variable that is written must be declared; the empty name is none."""
        if name and name not in self.variables:
            yield self.problem(
                "error",
                "variable.unknown",
                (f"There is no variable {name!r}.", f"没有变量 {name!r}。"),
                (
                    "Declare it in the flow's variables, or choose another.",
                    "请在流程变量中声明，或另选一个变量。",
                ),
                field=field,
                detail={"name": name},
            )

    def prompt(self, prompt: Iterable[PromptPiece], field: str, *, needed: bool = True) -> Iterator[Problem]:
        """A prompt must say something, in every language of the flow."""
        empty = True
        for index, piece in enumerate(prompt):
            empty = False
            at = f"{field}.{index}"
            if isinstance(piece, TextPiece):
                yield from self.text(piece.text, f"{at}.text")
            elif isinstance(piece, ValuePiece):
                yield from self.expression(piece.expr, f"{at}.expr")
            elif isinstance(piece, AudioPiece):
                yield from self._audio(piece, at)
        if empty and needed:
            yield self.problem(
                "error",
                "prompt.empty",
                ("The prompt says nothing.", "提示音为空。"),
                ("Add a text or a recording.", "请添加文本或录音。"),
                field=field,
            )

    def text(self, text: Text, field: str) -> Iterator[Problem]:
        """A spoken text should be there in every language of the flow, and must be in one."""
        missing = [tag for tag in self.flow.languages if not (in_language(text, tag) or "").strip()]
        if not missing:
            return
        every = len(missing) == len(self.flow.languages)
        names = ", ".join(missing)
        yield self.problem(
            "error" if every else "warning",
            "text.missing",
            (f"The text is missing in {names}.", f"缺少以下语言的文本：{names}。"),
            ("Write the text in each language of the flow.", "请为流程的每种语言填写文本。"),
            field=field,
            detail={"names": missing},
        )

    def _audio(self, piece: AudioPiece, field: str) -> Iterator[Problem]:
        if self.catalogue.prompts is None:
            return
        for tag in self.flow.languages:
            if piece.prompt not in self.catalogue.prompts.get(tag, ()) and not in_language(piece.text, tag):
                yield self.problem(
                    "warning",
                    "prompt.unknown",
                    (
                        f"There is no recording {piece.prompt!r} in {tag}.",
                        f"{tag} 没有录音 {piece.prompt!r}。",
                    ),
                    (
                        "Upload or record it in the prompt library, or write a text to be spoken instead.",
                        "请在语音库中上传或录制，或填写替代文本。",
                    ),
                    field=f"{field}.prompt",
                    detail={"name": piece.prompt, "names": [tag]},
                )

    def node(self, node_id: str, field: str) -> Iterator[Problem]:
        """A node that a field names must exist."""
        if node_id not in self.node_ids:
            yield self.problem(
                "error",
                "node.missing",
                (f"There is no node {node_id!r}.", f"没有节点 {node_id!r}。"),
                ("Choose a node of this flow.", "请选择本流程中的节点。"),
                field=field,
            )

    def markup(self, fault: MarkupFault, field: str) -> Problem:
        """A fault of hand-written markup."""
        return self.problem(
            "error",
            "vxml.invalid",
            (f"Line {fault.line}: {fault.message}.", f"第 {fault.line} 行：{fault.message}。"),
            ("Correct the code.", "请更正代码。"),
            field=field,
            detail={"line": fault.line, "column": fault.column},
        )

    def voicexml_faults(self, source: str) -> Iterator[MarkupFault]:
        """What breaks the rules of VoiceXML in a fragment, where there is somebody to judge it."""
        if self.markup_check is None:
            return
        for fault in self.markup_check(as_document(source)):
            yield placed(fault.line, fault.column, fault.message)

    @staticmethod
    def place_of(element: Element) -> dict[str, int]:
        """Line and column of an element of a fragment, for a problem's detail."""
        found = placed(element.line, element.column, "")
        return {"line": found.line, "column": found.column, "length": len(element.name) + 1}

    def queue(self, queue: str, field: str) -> Iterator[Problem]:
        """A queue must exist, where the catalogue knows the queues."""
        if self.catalogue.queues is not None and queue not in self.catalogue.queues:
            yield self.problem(
                "error",
                "queue.unknown",
                (f"There is no queue {queue!r}.", f"没有队列 {queue!r}。"),
                ("Add the queue, or choose another.", "请添加该队列，或另选一个。"),
                field=field,
            )

    def unique(self, values: Iterable[str], field: str, member: str) -> Iterator[Problem]:
        """The values of one member of a list's rows must differ from each other."""
        seen: set[str] = set()
        for index, value in enumerate(values):
            if value in seen:
                yield self.problem(
                    "error",
                    "row.duplicate",
                    (f"{value!r} is there twice.", f"{value!r} 重复。"),
                    ("Give each row a value of its own.", "请为每一行设置不同的值。"),
                    field=f"{field}.{index}.{member}",
                )
            seen.add(value)


def _short(expression: str) -> str:
    return expression if len(expression) <= 60 else expression[:57] + "…"
