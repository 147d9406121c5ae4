"""Conversation tests as YAML files, read with line numbers (docs/conversation-tests.md).

:mod:`vxmlplat.simulator.conversation_writing` writes them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import yaml

from vxmlplat.flows.texts import bilingual
from vxmlplat.simulator.conversation_place import Place, only, plain_yaml
from vxmlplat.simulator.conversation_steps import read_step
from vxmlplat.simulator.conversation_test import (
    DEFAULT_MOMENT,
    ConversationTest,
    ConversationTestError,
    MockAnswer,
)

MAX_BYTES = 256 * 1024
MAX_STEPS = 1_000

_NAME = re.compile(r"[^\x00-\x1f/]{1,120}")
_MEMBERS = ("name", "flow", "at", "caller", "called", "data", "services", "note", "steps")


def read_test(text: str, file: str = "test", *, name: str = "") -> ConversationTest:
    """The test in a file's text; raises :class:`ConversationTestError`.

    ``name`` is what a test is called that does not say so itself.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise ConversationTestError(
            file,
            1,
            bilingual(f"a test has at most {MAX_BYTES // 1024} KiB", f"测试最多 {MAX_BYTES // 1024} KiB"),
        )
    at = plain_yaml(text, file)
    if at is None:
        raise ConversationTestError(file, 1, bilingual("the file is empty", "文件为空"))
    return _test(at, name)


def _test(at: Place, name: str) -> ConversationTest:
    members = at.members("a test")
    only(members, _MEMBERS, "a test")
    called = members["name"].text("name") if "name" in members else name
    if _NAME.fullmatch(called) is None:
        raise members.get("name", at).wrong(
            "name is a line of at most 120 characters without a slash",
            "name 应为一行，最多 120 个字符，不含斜杠",
        )
    for needed in ("flow", "steps"):
        if needed not in members:
            raise at.wrong(
                f"{needed} is missing; a test has {', '.join(_MEMBERS)}",
                f"缺少 {needed}；测试包含 {'、'.join(_MEMBERS)}",
            )
    steps = members["steps"].items("steps")
    if len(steps) > MAX_STEPS:
        raise steps[MAX_STEPS].wrong(f"a test has at most {MAX_STEPS} steps", f"测试最多 {MAX_STEPS} 个步骤")
    services = members["services"].members("services") if "services" in members else {}
    data = members["data"].value() if "data" in members else {}
    if not isinstance(data, dict):
        raise members["data"].wrong(
            "data is written as `name: value` lines", "data 应写成 `name: value` 的形式"
        )
    return ConversationTest(
        name=called,
        flow=members["flow"].text("flow"),
        steps=tuple(read_step(step) for step in steps),
        at=_moment(members["at"]) if "at" in members else DEFAULT_MOMENT,
        caller=members["caller"].text("caller") if "caller" in members else "",
        called=members["called"].text("called") if "called" in members else "",
        data=data,
        services={service: _answers(mock) for service, mock in services.items()},
        note=members["note"].text("note") if "note" in members else "",
        file=at.file,
    )


def _moment(at: Place) -> datetime:
    text = at.text("at")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise at.wrong(
            f"at: {text!r} is no time such as 2026-01-05T10:00:00+08:00",
            f"at：{text!r} 不是 2026-01-05T10:00:00+08:00 这样的时间",
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _answers(at: Place) -> tuple[MockAnswer, ...]:
    """One answer, or several that come one after the other."""
    if isinstance(at.node, yaml.SequenceNode):
        answers = tuple(_answer(item) for item in at.items("answers"))
        if not answers:
            raise at.wrong("give at least one answer", "至少写一个应答")
        return answers
    return (_answer(at),)


def _answer(at: Place) -> MockAnswer:
    allowed = ("answer", "status", "port")
    if isinstance(at.node, yaml.ScalarNode):
        if at.node.value != "fails":
            raise at.wrong(
                f"a service `fails`, or has {', '.join(allowed)}",
                f"服务写作 `fails`，或包含 {'、'.join(allowed)}",
            )
        return MockAnswer(status=0)
    members = at.members("a service's answer")
    only(members, allowed, "a service's answer")
    status = int(members["status"].number("status")) if "status" in members else 200
    if status and not 100 <= status <= 599:
        raise members["status"].wrong(
            "status is an HTTP status from 100 to 599, or 0 for no answer",
            "status 应为 100 至 599 的 HTTP 状态码，0 表示没有应答",
        )
    return MockAnswer(
        members["answer"].value() if "answer" in members else None,
        status,
        members["port"].text("port") if "port" in members else "",
    )
