"""A place in a test's file: a value with its line, read as what is meant there.

Only plain YAML is read: mappings, lists, scalars. Anchors and aliases are refused, so that a small file
cannot become a large one, and ``1``, ``007``, ``12:30`` stay what was typed wherever a text is meant.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from vxmlplat.flows.texts import bilingual
from vxmlplat.simulator.conversation_test import JSON, ConversationTestError

MAX_DEPTH = 20

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where PyYAML was built with it: most of the time of a short test would go into reading it."""


@dataclass(frozen=True)
class Place:
    """A place in a file: where errors are reported."""

    file: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return int(self.node.start_mark.line) + 1

    def wrong(self, english: str, chinese: str) -> ConversationTestError:
        """The error that something is wrong here."""
        return ConversationTestError(self.file, self.line, bilingual(english, chinese))

    def to(self, node: yaml.Node) -> Place:
        """Another place of the same file."""
        return Place(self.file, node)

    # ------------------------------------------------------------------------------- kinds of values

    def members(self, what: str) -> dict[str, Place]:
        """A mapping's members by name."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"{what} is written as `name: value` lines", "此处应写成 `name: value` 的形式")
        found: dict[str, Place] = {}
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.to(key).wrong("a name is a plain word", "名称应为普通文字")
            if key.value in found:
                raise self.to(key).wrong(f"{key.value!r} stands here twice", f"{key.value!r} 重复出现")
            found[key.value] = self.to(value)
        return found

    def items(self, what: str) -> list[Place]:
        """A list's elements."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong(
                f"{what} is a list, each element after a dash", "此处应为列表，每个元素前加短横线"
            )
        return [self.to(item) for item in self.node.value]

    def text(self, what: str) -> str:
        """A scalar as it was typed."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong(f"{what} is a text", "此处应为文本")
        if self.node.tag == "tag:yaml.org,2002:null":
            raise self.wrong(
                f"{what} is empty; a text that begins with # or * stands in quotation marks",
                "此处为空；以 # 或 * 开头的文本须加引号",
            )
        return str(self.node.value)

    def number(self, what: str) -> float:
        """A finite number of 0 or more."""
        try:
            number = float(self.text(what))
        except ValueError:
            number = -1.0
        if not math.isfinite(number) or not 0 <= number < 1e6:
            raise self.wrong(f"{what} is a number of 0 or more", "此处应为不小于 0 的数字")
        return number

    def value(self, depth: int = 0) -> JSON:
        """Any value, as JSON has it."""
        if depth > MAX_DEPTH:
            raise self.wrong("the value is nested too deeply", "值嵌套过深")
        if isinstance(self.node, yaml.MappingNode):
            return {name: at.value(depth + 1) for name, at in self.members("a value").items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [item.value(depth + 1) for item in self.items("a value")]
        assert isinstance(self.node, yaml.ScalarNode)
        return scalar_value(self.node)


def scalar_value(node: yaml.ScalarNode) -> JSON:
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


def only(members: Mapping[str, Place], allowed: Sequence[str], what: str) -> None:
    """Refuse members that are not allowed, each at its line."""
    for name, at in members.items():
        if name not in allowed:
            raise at.wrong(
                f"{what} has no member {name!r}; allowed: {', '.join(allowed)}",
                f"此处不能有 {name!r}；可用：{'、'.join(allowed)}",
            )


def plain_yaml(text: str, file: str) -> Place | None:
    """The file's outermost value, None for an empty file; raises ``ConversationTestError``."""
    try:
        _refuse_anchors(text, file)
        node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "this is no YAML"
        alias = "alias" in str(error)
        message = bilingual(
            problem + ("; keys such as * and # stand in quotation marks" if alias else ""),
            f"不是有效的 YAML：{problem}" + ("；* 和 # 等按键须加引号" if alias else ""),
        )
        last = text.count("\n") + 1  # a fault of the end is said to lie behind it
        raise ConversationTestError(file, min(mark.line + 1, last) if mark else 1, message) from error
    except RecursionError as error:
        raise ConversationTestError(
            file, 1, bilingual("the file is nested too deeply", "文件嵌套过深")
        ) from error
    return None if node is None else Place(file, node)


def _refuse_anchors(text: str, file: str) -> None:
    for event in yaml.parse(text, Loader=_LOADER):
        if getattr(event, "anchor", None) is not None:
            mark = event.start_mark
            problem = bilingual(
                "anchors and aliases are not read; keys such as * and # stand in quotation marks",
                "不支持锚点和别名；* 和 # 等按键须加引号",
            )
            raise ConversationTestError(file, mark.line + 1 if mark else 1, problem)
