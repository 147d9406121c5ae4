"""Reading a flow file: every fault becomes a problem with node and field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from vxmlplat.flows.migrations import migrate
from vxmlplat.flows.problems import Problem, problem
from vxmlplat.flows.schema import MAX_FILE_BYTES, Edge, Flow, Navigation, Node, Position, Variable
from vxmlplat.flows.validation import shape_problems

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold, and so no compiled flow."""

_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class FlowReading:
    """A flow, or None with the problems that say why not. Warnings may come with a flow."""

    flow: Flow | None
    problems: tuple[Problem, ...] = ()


def read_flow(source: bytes | str | Mapping[str, Any]) -> FlowReading:
    """Read a flow from a file's content or from its JSON; never raises for what stands in it."""
    if isinstance(source, (bytes, str)):
        raw, found = _parse(source)
        if found is not None:
            return FlowReading(None, (found,))
    else:
        raw = dict(source)
    if not isinstance(raw, dict):
        return FlowReading(None, (_broken("A flow is a JSON object.", "流程应为一个 JSON 对象。"),))
    found = _hostile_text(raw)
    if found is not None:
        return FlowReading(None, (found,))
    raw, found = migrate(raw)
    if found is not None:
        return FlowReading(None, (found,))
    try:
        flow = Flow.model_validate(raw)
    except ValidationError as error:
        return FlowReading(None, tuple(_placed(each, raw) for each in shape_problems(error)))
    return FlowReading(flow, tuple(_unknown_members(raw)))


def _broken(english: str, chinese: str) -> Problem:
    return problem(
        "error",
        "flow.unreadable",
        (english, chinese),
        ("Export the flow again from the designer.", "请从设计器重新导出该流程。"),
    )


def _parse(source: bytes | str) -> tuple[Any, Problem | None]:
    if len(source) > MAX_FILE_BYTES:
        mebibytes = MAX_FILE_BYTES // 2**20
        return None, _broken(f"The file is larger than {mebibytes} MiB.", f"文件大于 {mebibytes} MiB。")
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        return json.loads(text), None
    except UnicodeDecodeError as error:
        return None, _broken(
            f"The file is not UTF-8 (byte {error.start}).", f"文件不是 UTF-8 编码（第 {error.start} 字节）。"
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return None, _broken(
            f"The file is not JSON: {error.msg} ({place}).",
            f"文件不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列。",
        )
    except (RecursionError, ValueError):
        return None, _broken(
            "The file is nested too deeply or holds an absurd number.", "文件嵌套过深或包含异常数值。"
        )


def _hostile_text(raw: dict[str, Any]) -> Problem | None:
    """The first text that could not stand in an XML document, or nesting without end."""
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(raw, ())]
    while stack:
        value, path = stack.pop()
        if isinstance(value, str):
            if _NOT_XML.search(value):
                return _placed(
                    problem(
                        "error",
                        "text.control",
                        ("The text holds a control character.", "文本包含控制字符。"),
                        ("Delete the character and type the text again.", "请删除该字符并重新输入。"),
                        field=".".join(map(str, path)),
                    ),
                    raw,
                )
        elif isinstance(value, (dict, list)):
            if len(path) > _MAX_DEPTH:
                return _broken("The file is nested too deeply.", "文件嵌套过深。")
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in items:
                if isinstance(key, str) and _NOT_XML.search(key):
                    return _broken("A name holds a control character.", "名称包含控制字符。")
                stack.append((item, (*path, key)))
    return None


def _placed(found: Problem, raw: Mapping[str, Any]) -> Problem:
    """A problem of the file moved to its node: ``nodes.3.fields.x`` becomes node, field ``x``."""
    path = (found.field or "").split(".")
    if len(path) < 2 or path[0] not in ("nodes", "edges") or not path[1].isdigit():
        return found
    listed = raw.get(path[0])
    index = int(path[1])
    element = listed[index] if isinstance(listed, list) and index < len(listed) else None
    if not isinstance(element, dict):
        return found
    rest = path[2:]
    if path[0] == "nodes":
        node = element.get("id")
        if rest and rest[0] == "fields":
            rest = rest[1:]
        place = {"node": node, "port": None, "field": ".".join(rest) or None}
    else:
        port = element.get("port")
        place = {
            "node": element.get("from"),
            "port": port if isinstance(port, str) else None,
            "field": found.field,
        }
    if not isinstance(place["node"], str):
        return found
    return replace(found, node=place["node"], port=place["port"], field=place["field"])


def _unknown_members(raw: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _unknown(Flow, raw, "")
    navigation = raw.get("navigation")
    if isinstance(navigation, Mapping):
        yield from _unknown(Navigation, navigation, "navigation.")
    for index, variable in enumerate(raw.get("variables", ())):
        yield from _unknown(Variable, variable, f"variables.{index}.")
    for node in raw["nodes"]:
        yield from _unknown(Node, node, "", node["id"])
        yield from _unknown(Position, node.get("position", {}), "position.", node["id"])
    for index, edge in enumerate(raw.get("edges", ())):
        yield from _unknown(Edge, edge, f"edges.{index}.")


def _unknown(
    model: type[BaseModel], raw: Mapping[str, Any], prefix: str, node: str | None = None
) -> Iterator[Problem]:
    for name in raw.keys() - _members(model):
        yield problem(
            "warning",
            "flow.member.unknown",
            (f"The member {name!r} is not known and is ignored.", f"成员 {name!r} 未知，已忽略。"),
            ("Delete it, or correct its name.", "请删除或更正其名称。"),
            node=node,
            field=f"{prefix}{name}",
        )


_MEMBERS: dict[type[BaseModel], frozenset[str]] = {}


def _members(model: type[BaseModel]) -> frozenset[str]:
    if model not in _MEMBERS:
        _MEMBERS[model] = frozenset(info.alias or name for name, info in model.model_fields.items())
    return _MEMBERS[model]
