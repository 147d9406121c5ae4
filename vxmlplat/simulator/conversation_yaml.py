"""Conversation tests as YAML files, read with line numbers and written for people.

Only plain YAML is read: mappings, lists, scalars. Anchors and aliases are refused, so that a small file
cannot become a large one, and ``1``, ``007``, ``12:30`` stay what was typed wherever a text is meant.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from vxmlplat.simulator.conversation_test import (
    ANY_LANGUAGE,
    COMPARISONS,
    DEFAULT_MOMENT,
    ENDS,
    JSON,
    PLACEHOLDER,
    TRANSFERS,
    ConversationTest,
    ConversationTestError,
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

MAX_BYTES = 256 * 1024
MAX_STEPS = 1_000
MAX_DEPTH = 20

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where PyYAML was built with it: most of the time of a short test would go into reading it."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_NAME = re.compile(r"[^\x00-\x1f/]{1,120}")
_KEYS = re.compile(rf"[0-9*#A-Da-d{re.escape(PLACEHOLDER)} ]+")
_MEMBERS = ("name", "flow", "at", "caller", "called", "data", "services", "note", "steps")


@dataclass(frozen=True)
class _At:
    """A place in a file: where errors are reported."""

    file: str
    node: yaml.Node

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    def wrong(self, problem: str) -> ConversationTestError:
        return ConversationTestError(self.file, self.line, problem)

    def to(self, node: yaml.Node) -> _At:
        return _At(self.file, node)

    # ------------------------------------------------------------------------------- kinds of values

    def members(self, what: str) -> dict[str, _At]:
        """A mapping's members by name."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"{what} is written as `name: value` lines")
        found: dict[str, _At] = {}
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.to(key).wrong("a name is a plain word")
            if key.value in found:
                raise self.to(key).wrong(f"{key.value!r} stands here twice")
            found[key.value] = self.to(value)
        return found

    def items(self, what: str) -> list[_At]:
        """A list's elements."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong(f"{what} is a list, each element after a dash")
        return [self.to(item) for item in self.node.value]

    def text(self, what: str) -> str:
        """A scalar as it was typed."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong(f"{what} is a text")
        if self.node.tag == "tag:yaml.org,2002:null":
            raise self.wrong(f"{what} is empty; a text that begins with # or * stands in quotation marks")
        return str(self.node.value)

    def number(self, what: str) -> float:
        try:
            number = float(self.text(what))
        except ValueError:
            number = -1.0
        if not math.isfinite(number) or not 0 <= number < 1e6:
            raise self.wrong(f"{what} is a number of 0 or more")
        return number

    def value(self, depth: int = 0) -> JSON:
        """Any value, as JSON has it."""
        if depth > MAX_DEPTH:
            raise self.wrong("the value is nested too deeply")
        if isinstance(self.node, yaml.MappingNode):
            return {name: at.value(depth + 1) for name, at in self.members("a value").items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [item.value(depth + 1) for item in self.items("a value")]
        assert isinstance(self.node, yaml.ScalarNode)
        return _scalar(self.node)


def _scalar(node: yaml.ScalarNode) -> JSON:
    """JSON's own scalars; whatever else YAML would make of a word (dates, yes, 12:30) stays a text."""
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~"):
        return None
    try:
        value = json.loads(text, parse_constant=lambda _: text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, (bool, int, float)) or value is None else text


def read_test(text: str, file: str = "test", *, name: str = "") -> ConversationTest:
    """The test in a file's text; raises :class:`ConversationTestError`.

    ``name`` is what a test is called that does not say so itself.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise ConversationTestError(file, 1, f"a test has at most {MAX_BYTES // 1024} KiB")
    try:
        node = _plain(text, file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "this is no YAML"
        hint = "; keys such as * and # stand in quotation marks" if "alias" in str(error) else ""
        last = text.count("\n") + 1  # a fault of the end is said to lie behind it
        raise ConversationTestError(
            file, min(mark.line + 1, last) if mark else 1, f"{problem}{hint}"
        ) from error
    except RecursionError as error:
        raise ConversationTestError(file, 1, "the file is nested too deeply") from error
    if node is None:
        raise ConversationTestError(file, 1, "the file is empty")
    return _test(_At(file, node), name)


def _plain(text: str, file: str) -> yaml.Node | None:
    for event in yaml.parse(text, Loader=_LOADER):
        if getattr(event, "anchor", None) is not None:
            mark = event.start_mark
            problem = "anchors and aliases are not read; keys such as * and # stand in quotation marks"
            raise ConversationTestError(file, mark.line + 1 if mark else 1, problem)
    node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return node


def _test(at: _At, name: str) -> ConversationTest:
    members = at.members("a test")
    _only(members, _MEMBERS, "a test")
    called = members["name"].text("name") if "name" in members else name
    if _NAME.fullmatch(called) is None:
        raise members.get("name", at).wrong("name is a line of at most 120 characters without a slash")
    for needed in ("flow", "steps"):
        if needed not in members:
            raise at.wrong(f"{needed} is missing; a test has {', '.join(_MEMBERS)}")
    steps = members["steps"].items("steps")
    if len(steps) > MAX_STEPS:
        raise steps[MAX_STEPS].wrong(f"a test has at most {MAX_STEPS} steps")
    services = members["services"].members("services") if "services" in members else {}
    data = members["data"].value() if "data" in members else {}
    if not isinstance(data, dict):
        raise members["data"].wrong("data is written as `name: value` lines")
    return ConversationTest(
        name=called,
        flow=members["flow"].text("flow"),
        steps=tuple(_step(step) for step in steps),
        at=_moment(members["at"]) if "at" in members else DEFAULT_MOMENT,
        caller=members["caller"].text("caller") if "caller" in members else "",
        called=members["called"].text("called") if "called" in members else "",
        data=data,
        services={service: _answers(mock) for service, mock in services.items()},
        note=members["note"].text("note") if "note" in members else "",
        file=at.file,
    )


def _only(members: Mapping[str, _At], allowed: Sequence[str], what: str) -> None:
    for name, at in members.items():
        if name not in allowed:
            raise at.wrong(f"{what} has no member {name!r}; allowed: {', '.join(allowed)}")


def _moment(at: _At) -> datetime:
    text = at.text("at")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise at.wrong(f"at: {text!r} is no time such as 2026-01-05T10:00:00+08:00") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------------ services


def _answers(at: _At) -> tuple[MockAnswer, ...]:
    """One answer, or several that come one after the other."""
    if isinstance(at.node, yaml.SequenceNode):
        answers = tuple(_answer(item) for item in at.items("answers"))
        if not answers:
            raise at.wrong("give at least one answer")
        return answers
    return (_answer(at),)


def _answer(at: _At) -> MockAnswer:
    allowed = ("answer", "status", "port")
    if isinstance(at.node, yaml.ScalarNode):
        if at.node.value != "fails":
            raise at.wrong(f"a service `fails`, or has {', '.join(allowed)}")
        return MockAnswer(status=0)
    members = at.members("a service's answer")
    _only(members, allowed, "a service's answer")
    status = int(members["status"].number("status")) if "status" in members else 200
    if status and not 100 <= status <= 599:
        raise members["status"].wrong("status is an HTTP status from 100 to 599, or 0 for no answer")
    return MockAnswer(
        members["answer"].value() if "answer" in members else None,
        status,
        members["port"].text("port") if "port" in members else "",
    )


# --------------------------------------------------------------------------------------------------- steps


def _hears(at: _At, _: Mapping[str, _At]) -> Hears:
    if isinstance(at.node, yaml.ScalarNode):
        return Hears({ANY_LANGUAGE: at.text("hears")})
    members = at.members("what is heard")
    for comparison in COMPARISONS:
        if comparison in members:
            _only(members, (comparison,), "what is heard")
            text = _texts(members[comparison], comparison)
            if comparison == "pattern":
                _compiles(members[comparison], text)
            return Hears(text, comparison)
    if not members or not all(_LANGUAGE.fullmatch(name) for name in members):
        raise at.wrong(f"hears takes a text, texts by language, or one of {', '.join(COMPARISONS)}")
    return Hears(_texts(at, "hears"))


def _texts(at: _At, what: str) -> dict[str, str]:
    if isinstance(at.node, yaml.ScalarNode):
        return {ANY_LANGUAGE: at.text(what)}
    texts = {language: text.text(what) for language, text in at.members(what).items()}
    for language in texts:
        if _LANGUAGE.fullmatch(language) is None:
            raise at.wrong(f"{language!r} is no language such as en-US or zh-CN")
    return texts


def _compiles(at: _At, texts: Mapping[str, str]) -> None:
    for text in texts.values():
        if len(text) > 500:
            raise at.wrong("a pattern has at most 500 characters")
        try:
            re.compile(text)
        except re.error as error:
            raise at.wrong(f"the pattern {text!r} is no regular expression: {error}") from error


def _presses(at: _At, _: Mapping[str, _At]) -> Does:
    keys = at.text("presses")
    if _KEYS.fullmatch(keys) is None:
        raise at.wrong(
            f"{keys!r} holds something that is no key; keys are 0 to 9, *, #, A to D, and ? for unknown"
        )
    return Does({"dtmf": keys})


def _says(at: _At, rest: Mapping[str, _At]) -> Does:
    action: dict[str, JSON] = {"say": at.text("says")}
    if "confidence" in rest:
        action["confidence"] = rest["confidence"].number("confidence")
    return Does(action)


def _waits(at: _At, _: Mapping[str, _At]) -> Does:
    return Does({"noinput": True})


def _hangs_up(at: _At, _: Mapping[str, _At]) -> Does:
    return Does({"hangup": True})


def _records(at: _At, rest: Mapping[str, _At]) -> Does:
    action: dict[str, JSON] = {"record": at.number("records")}
    if "ended_by" in rest:
        ended = rest["ended_by"].text("ended_by")
        if ended not in ("silence", "hangup", *"0123456789*#"):
            raise rest["ended_by"].wrong("ended_by is a key in quotation marks, silence or hangup")
        action["end"] = ended
    return Does(action)


def _transfer(at: _At, rest: Mapping[str, _At]) -> Does:
    outcome = at.text("transfer")
    if outcome not in TRANSFERS:
        raise at.wrong(f"transfer is one of {', '.join(TRANSFERS)}")
    action: dict[str, JSON] = {"transfer": outcome}
    if "after" in rest:
        action["after"] = rest["after"].number("after")
    return Does(action)


def _node(at: _At, _: Mapping[str, _At]) -> Entered:
    return Entered(at.text("node"))


def _variables(at: _At, _: Mapping[str, _At]) -> Holds:
    return Holds({name: value.value() for name, value in at.members("variables").items()})


def _handed(at: _At, rest: Mapping[str, _At]) -> Handed:
    data = {name: value.value() for name, value in at.members("handed").items()}
    return Handed(data, rest["to"].text("to") if "to" in rest else "")


def _ends(at: _At, _: Mapping[str, _At]) -> Ends:
    reason = at.text("ends")
    if reason not in ENDS:
        raise at.wrong(f"ends is one of {', '.join(ENDS)}")
    return Ends(reason)


_Reader = Callable[[_At, Mapping[str, _At]], What]
STEPS: dict[str, tuple[_Reader, tuple[str, ...]]] = {
    "hears": (_hears, ()),
    "presses": (_presses, ()),
    "says": (_says, ("confidence",)),
    "waits": (_waits, ()),
    "hangs up": (_hangs_up, ()),
    "records": (_records, ("ended_by",)),
    "transfer": (_transfer, ("after",)),
    "node": (_node, ()),
    "variables": (_variables, ()),
    "handed": (_handed, ("to",)),
    "ends": (_ends, ()),
}
"""Kinds of steps: how each is read, and the further members that it may have beside ``note``."""

_WITHOUT_VALUE = ("waits", "hangs up")


def _step(at: _At) -> Line:
    if isinstance(at.node, yaml.ScalarNode) and at.node.value in _WITHOUT_VALUE:
        return Line(STEPS[at.node.value][0](at, {}), line=at.line)
    if not isinstance(at.node, yaml.MappingNode):
        raise at.wrong(f"a step is one of {', '.join(STEPS)}")
    members = at.members("a step")
    kinds = [name for name in members if name in STEPS]
    if len(kinds) != 1:
        found = ", ".join(members) or "nothing"
        raise at.wrong(f"a step has exactly one of {', '.join(STEPS)}; here stands {found}")
    read, further = STEPS[kinds[0]]
    _only(members, (kinds[0], *further, "note"), f"the step {kinds[0]!r}")
    what = read(members[kinds[0]], members)
    return Line(what, members["note"].text("note") if "note" in members else "", at.line)


# ------------------------------------------------------------------------------------------------- writing


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


class _Dumper(yaml.SafeDumper):
    """Writes lists a step in, as people do, and no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, data: str) -> yaml.Node:
        """A text that :func:`_scalar` would take for a number stands in quotation marks, as in YAML's own."""
        node = self.represent_scalar("tag:yaml.org,2002:str", data)
        plain = yaml.ScalarNode(node.tag, data)
        if _scalar(plain) != data:
            node.style = "'"
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
_FURTHER = {"confidence": "confidence", "end": "ended_by", "after": "after"}


def _does_data(does: Does) -> JSON:
    if does.kind == "noinput":
        return "waits"
    if does.kind == "hangup":
        return "hangs up"
    written = {_ACTIONS[does.kind]: does.action[does.kind]}
    return written | {_FURTHER[name]: value for name, value in does.action.items() if name in _FURTHER}
