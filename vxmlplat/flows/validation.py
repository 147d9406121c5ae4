"""What pydantic finds wrong, as problems that an author understands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from vxmlplat.flows.problems import Problem, problem

_MENDING = ("Correct the value in the property panel.", "请在属性面板中更正该值。")


def _say(kind: str, context: dict[str, Any], fallback: str) -> tuple[str, str]:
    """The message for one of pydantic's error types."""
    known = {
        "missing": ("A value is needed here.", "此处必须填写。"),
        "string_pattern_mismatch": (
            f"The value is not of the form {context.get('pattern', '')}.",
            f"该值不符合格式 {context.get('pattern', '')}。",
        ),
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
            f"The number must be more than {context.get('gt')}.",
            f"数值必须大于 {context.get('gt')}。",
        ),
        "literal_error": (
            f"It must be one of {context.get('expected')}.",
            f"必须是下列之一：{context.get('expected')}。",
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
    """``choices.2.key`` for pydantic's location; the names of union members that it puts in between are
    left out."""
    steps = [str(step) for step in location if not (isinstance(step, str) and _is_union_member(step))]
    return ".".join(steps) or None


def _is_union_member(step: str) -> bool:
    return step in ("text-piece", "str") or "[" in step


def shape_problems(error: ValidationError, *, node: str | None = None) -> Iterator[Problem]:
    """One problem for each thing that pydantic found."""
    seen: set[str | None] = set()
    for found in error.errors(include_url=False, include_input=False):
        path = field_path(found["loc"])
        if path in seen:
            continue
        seen.add(path)
        yield problem(
            "error",
            "field.invalid" if found["type"] != "missing" else "field.missing",
            _say(found["type"], found.get("ctx", {}), found["msg"]),
            _MENDING,
            node=node,
            field=path,
        )
