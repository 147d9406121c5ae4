"""Conversation tests written down as YAML files, the way people write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml

from vxmlplat.simulator.conversation_place import plain_yaml, scalar_value
from vxmlplat.simulator.conversation_test import (
    ANY_LANGUAGE,
    JSON,
    ConversationTest,
    Does,
    Ends,
    Entered,
    Handed,
    Hears,
    Holds,
    Line,
    MockAnswer,
    What,
)
from vxmlplat.simulator.conversation_yaml import read_test


def as_data(test: ConversationTest) -> dict[str, JSON]:
    """The test as plain data, in the members and the order of a file."""
    data: dict[str, JSON] = {"name": test.name, "flow": test.flow}
    if test.note:
        data["note"] = test.note
    data["at"] = test.at.isoformat()
    data |= {name: value for name in ("caller", "called") if (value := getattr(test, name))}
    if test.data:
        data["data"] = dict(test.data)
    if test.services:
        data["services"] = {name: _answers_data(answers) for name, answers in test.services.items()}
    data["steps"] = [_step_data(step) for step in test.steps]
    return data


def write_test(test: ConversationTest) -> str:
    """The text of the test's file; reading it gives the test again."""
    return write_data(as_data(test))


def write_data(data: Mapping[str, JSON]) -> str:
    """Plain data of a test's members as the text of a file."""
    return yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def renamed(text: str, name: str) -> str:
    """The file's text with another name in it and everything else, comments too, as it was.

    Raises ``ConversationTestError`` where the text cannot be read or the name is none.
    """
    test = read_test(text, name=name)
    at = plain_yaml(text, "test")
    assert at is not None
    assert isinstance(at.node, yaml.MappingNode)
    if at.node.flow_style:
        return write_test(replace(test, name=name))
    line = yaml.dump({"name": name}, Dumper=_Dumper, allow_unicode=True, width=10_000)
    begin = end = at.node.start_mark.index
    for key, value in at.node.value:
        if key.value == "name":
            begin, end = key.start_mark.index, value.end_mark.index
            if value.style not in ("|", ">"):  # these end with their line, others before its end
                line = line.removesuffix("\n")
    changed = text[:begin] + line + text[end:]
    read_test(changed, name=name)
    return changed


class _Dumper(yaml.SafeDumper):
    """Writes lists a step in, as people do, long texts as blocks, and no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, data: str) -> yaml.Node:
        """A text that is read as a number stands in quotation marks, one of several lines as a block."""
        node = self.represent_scalar("tag:yaml.org,2002:str", data)
        plain = yaml.ScalarNode(node.tag, data)
        if scalar_value(plain) != data:
            node.style = "'"
        elif "\n" in data.strip("\n"):
            node.style = "|"  # where that cannot be (a blank at a line's end), the writer takes another
        return node


_Dumper.add_representer(str, _Dumper.text)


def _answers_data(answers: Sequence[MockAnswer]) -> JSON:
    written = [_answer_data(answer) for answer in answers]
    return written[0] if len(written) == 1 else written


def _answer_data(answer: MockAnswer) -> JSON:
    if answer.fails:
        return "fails"
    data: dict[str, JSON] = {}
    if answer.port:
        data["port"] = answer.port
    if answer.status != 200:
        data["status"] = answer.status
    if answer.value is not None:
        data["answer"] = answer.value
    return data


def _step_data(step: Line) -> JSON:
    data = _what_data(step.what)
    if step.note:
        return {**data, "note": step.note} if isinstance(data, dict) else {data: None, "note": step.note}
    return data


def _what_data(what: What) -> JSON:
    if isinstance(what, Hears):
        text: JSON = what.text.get(ANY_LANGUAGE) if ANY_LANGUAGE in what.text else dict(what.text)
        return {"hears": text if what.comparison == "exactly" else {what.comparison: text}}
    if isinstance(what, Entered):
        return {"node": what.node}
    if isinstance(what, Holds):
        return {"variables": dict(what.variables)}
    if isinstance(what, Handed):
        return {"handed": dict(what.data), **({"to": what.to} if what.to else {})}
    if isinstance(what, Ends):
        return {"ends": what.reason}
    return _does_data(what)


_ACTIONS = {"dtmf": "presses", "say": "says", "record": "records", "transfer": "transfer"}
_FURTHER = {"confidence": "confidence", "end": "ended_by", "after": "after", "during": "during"}


def _does_data(does: Does) -> JSON:
    if does.kind == "noinput":
        return "waits"
    if does.kind == "hangup":
        return "hangs up"
    written = {_ACTIONS[does.kind]: does.action[does.kind]}
    return written | {_FURTHER[name]: value for name, value in does.action.items() if name in _FURTHER}
