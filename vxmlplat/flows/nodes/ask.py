"""Ask: the caller answers by words or by keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.dtmf import write_key_grammar
from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.fields import AuthorText, OptionalVariable, Part, PortTitle, titled
from vxmlplat.flows.listening import Helping
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NO_INPUT, NO_MATCH, PortsFrom
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import OPTIONAL_KEYS, PortId
from vxmlplat.flows.speech_grammar import phrases_of, write_phrase_grammar


class Answer(Part):
    """One thing that the caller may mean, and how they may say it."""

    id: PortId = titled(
        "Id", "标识", help_=("Names the way out in reports and tests.", "出口的名称，用于报表和测试。")
    )
    label: PortTitle = titled("Label", "名称", "")
    key: Annotated[str, Field(pattern=OPTIONAL_KEYS)] = titled("Key", "按键", "", widget="keys")
    phrases: AuthorText = titled(
        "What they say",
        "说法",
        {},
        widget="texts",
        help_=("One way of saying it a line.", "每行一种说法。"),
    )


@node_type(
    "ask",
    title=("Ask", "语音导航"),
    summary=("Asks a question that the caller answers by words or keys.", "提问，主叫可用语音或按键回答。"),
    category="interaction",
    icon="ask",
    ports=(NO_INPUT, NO_MATCH),
    ports_from=PortsFrom("answers", id="id", title="label", kind="other"),
    listens=True,
)
class Ask(Helping):
    """One field a language, since a recogniser listens in one language at a time."""

    answers: Annotated[list[Answer], Field(min_length=1, max_length=100)] = titled(
        "Answers", "答案", help_=("Each answer has its own way out.", "每个答案各有一个出口。")
    )
    confidence: Annotated[float, Field(ge=0, le=1)] = titled(
        "Confidence needed",
        "置信度",
        0.5,
        advanced=True,
        help_=(
            "0 to 1: what the recogniser is less sure of counts as a wrong answer.",
            "0 到 1；识别置信度低于此值按输入错误处理。",
        ),
    )
    variable: OptionalVariable = titled("Keep what was said in", "原话存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Each answer can be given, and no two in the same way."""
        yield from super().check(at)
        yield from at.variable(self.variable, "variable")
        yield from at.unique(("noinput", "nomatch", *(each.id for each in self.answers)), "answers", "id")
        yield from at.unique((each.key for each in self.answers if each.key), "answers", "key")
        for index, answer in enumerate(self.answers):
            if any(phrases_of(answer.phrases, tag) for tag in at.flow.languages):
                yield from at.text(answer.phrases, f"answers.{index}.phrases")
            elif not answer.key:
                yield at.problem(
                    "error",
                    "ask.silent",
                    ("The answer has neither words nor a key.", "该答案既无说法也无按键。"),
                    ("Write what the caller may say, or choose a key.", "请填写说法或选择按键。"),
                    field=f"answers.{index}.phrases",
                )

    def choice_keys(self) -> frozenset[str]:
        """The answers' keys."""
        return frozenset(answer.key for answer in self.answers if answer.key)

    def compile(self, out: NodeWriter) -> None:
        """For each language a field with its words and the keys."""
        languages = out.flow.languages
        with out.listening_form():
            for number, language in enumerate(languages):
                name = "vx_said" if number == 0 else f"vx_said{number + 1}"
                cond = f"application.lang == {string_literal(language)}" if len(languages) > 1 else None
                with self.listening(out, name, cond=cond, first=number == 0):
                    self._field(out, name, language)

    def _field(self, out: NodeWriter, name: str, language: str) -> None:
        spoken = {each.id: phrases_of(each.phrases, language) for each in self.answers}
        if any(spoken.values()):
            out.property("inputmodes", "dtmf voice")
            out.property("confidencelevel", f"{self.confidence:g}")
            write_phrase_grammar(out, spoken, language)
        keys = {each.key: each.id for each in self.answers if each.key}
        if keys:
            write_key_grammar(out, list(keys), results=list(keys.values()))
        with out.element("filled"):
            out.assign(self.variable, f"{name}$.utterance")
            ids = [each.id for each in self.answers]
            out.leave_by(name, ids, otherwise=ids[-1])
