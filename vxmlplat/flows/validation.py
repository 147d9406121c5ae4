"""What pydantic finds wrong, as problems that an author understands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from vxmlplat.flows import schema
from vxmlplat.flows.problems import Problem, problem

_IDENTIFIER = ("It may hold letters, digits, _ and - only.", "只能包含字母、数字、_ 和 -。")
_NAME = (
    "It must begin with a letter and hold letters, digits and _ only.",
    "须以字母开头，只能包含字母、数字和 _。",
)
_KEYS = ("It may hold the keys 0 to 9, *, # and A to D only.", "只能包含按键 0-9、*、# 和 A-D。")
_DAY = ("It must be a day such as 2026-10-01.", "须为日期，例如 2026-10-01。")

_FORMS: dict[str, tuple[str, str]] = {
    schema.NODE_ID: (
        "It must begin with a letter and hold letters, digits, _ and - only.",
        "须以字母开头，只能包含字母、数字、_ 和 -。",
    ),
    schema.FLOW_ID: _IDENTIFIER,
    schema.PORT_ID: (
        "It may hold letters, digits, _, -, * and # only.",
        "只能包含字母、数字、_、-、* 和 #。",
    ),
    schema.VARIABLE_NAME: _NAME,
    schema.OPTIONAL_VARIABLE_NAME: _NAME,
    schema.RESOURCE_NAME: (
        "It may hold letters, digits, ., _ and - only.",
        "只能包含字母、数字、.、_ 和 -。",
    ),
    schema.LANGUAGE_TAG: ("It must be a language tag such as zh-CN.", "须为语言标签，例如 zh-CN。"),
    schema.KEYS: _KEYS,
    schema.OPTIONAL_KEYS: _KEYS,
    schema.NAVIGATION_KEYS: (
        "It may hold up to three of the keys 0 to 9, * and # only.",
        "最多三个按键，只能是 0-9、* 和 #。",
    ),
    schema.DAY: _DAY,
    schema.OPTIONAL_DAY: _DAY,
    schema.TIME_OF_DAY: ("It must be a time of day such as 09:00.", "须为时间，例如 09:00。"),
}
"""What a pattern asks for, in words."""

_OTHER_FORM = ("It holds characters that are not allowed here.", "包含此处不允许的字符。")

_MENDING = ("Correct the value in the property panel.", "请在属性面板中更正该值。")


def _say(kind: str, context: dict[str, Any], fallback: str) -> tuple[str, str]:
    """The message for one of pydantic's error types."""
    expected = str(context.get("expected", ""))
    known = {
        "missing": ("A value is needed here.", "此处必须填写。"),
        "string_pattern_mismatch": _FORMS.get(str(context.get("pattern")), _OTHER_FORM),
        "string_too_long": (
            f"The text is longer than {context.get('max_length')} characters.",
            f"文本超过 {context.get('max_length')} 个字符。",
        ),
        "string_too_short": (
            f"At least {context.get('min_length')} character(s) are needed.",
            f"至少需要 {context.get('min_length')} 个字符。",
        ),
        "too_long": (
            f"There are more than {context.get('max_length')} entries.",
            f"条目超过 {context.get('max_length')} 个。",
        ),
        "too_short": (
            f"At least {context.get('min_length')} entry (entries) must be given.",
            f"至少需要 {context.get('min_length')} 个条目。",
        ),
        "greater_than_equal": (
            f"The number must be {context.get('ge')} or more.",
            f"数值不得小于 {context.get('ge')}。",
        ),
        "less_than_equal": (
            f"The number must be {context.get('le')} or less.",
            f"数值不得大于 {context.get('le')}。",
        ),
        "greater_than": (
            f"The number must be more than {context.get('gt', 0):g}.",
            f"数值必须大于 {context.get('gt', 0):g}。",
        ),
        "literal_error": (
            f"It must be one of {expected}.",
            f"必须是下列之一：{expected.replace(' or ', '、')}。",
        ),
        "union_tag_invalid": (
            f"It must be one of the kinds {context.get('expected_tags')}.",
            f"类型必须是下列之一：{context.get('expected_tags')}。",
        ),
        "union_tag_not_found": ("The kind of the piece is missing.", "缺少片段的类型。"),
    }
    if kind in known:
        return known[kind]
    wanted = {
        "string": ("A text is needed here.", "此处需要文本。"),
        "int": ("A whole number is needed here.", "此处需要整数。"),
        "float": ("A number is needed here.", "此处需要数字。"),
        "bool": ("Yes or no is needed here.", "此处需要“是”或“否”。"),
        "list": ("A list is needed here.", "此处需要列表。"),
        "dict": ("A table of names and values is needed here.", "此处需要名称与值的对照表。"),
        "model": ("A group of values is needed here.", "此处需要一组值。"),
    }
    family = kind.split("_")[0]
    return wanted.get(family, (f"{fallback}.", f"该值无效（{fallback}）。"))


def field_path(location: tuple[int | str, ...]) -> str | None:
    """``choices.2.key`` for pydantic's location, without the union members' names that it puts in between."""
    steps: list[str] = []
    for index, step in enumerate(location):
        last = index == len(location) - 1
        follows_row = index > 0 and isinstance(location[index - 1], int)
        is_piece_kind = step in ("text", "audio", "address", "value") and follows_row and not last
        is_union_member = isinstance(step, str) and ("[" in step or step == "constrained-str")
        if not is_piece_kind and not is_union_member:
            steps.append(str(step))
    return ".".join(steps) or None


def shape_problems(error: ValidationError, *, node: str | None = None) -> Iterator[Problem]:
    """One problem for each thing that pydantic found."""
    seen: set[str | None] = set()
    for found in error.errors(include_url=False):
        path = field_path(found["loc"])
        if path in seen:
            continue
        seen.add(path)
        # An empty field of a form is one that nobody has filled in yet, not one of a wrong form.
        kind = "missing" if found["input"] == "" else found["type"]
        yield problem(
            "error",
            "field.invalid" if kind != "missing" else "field.missing",
            _say(kind, found.get("ctx", {}), found["msg"]),
            _MENDING,
            node=node,
            field=path,
        )
