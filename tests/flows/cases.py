"""One case or more for each node type: fields as the designer saves them, in a small flow around the node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vxmlplat.flows import Flow, node_types, read_flow


def text(chinese: str, english: str, **more: Any) -> dict[str, Any]:
    return {"kind": "text", "text": {"zh-CN": chinese, "en-US": english}, **more}


PROMPT = [text("您好。", "Hello.")]
VARIABLES = [
    {"name": "v", "type": "string", "initial": "", "report": True, "data": True},
    {"name": "secret", "type": "string", "initial": "", "report": True, "masked": True},
    {"name": "n", "type": "number", "initial": 0},
    {"name": "rows", "type": "object"},
]

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "vxml": (
        "vxml",
        {
            "source": "<form>\n  <block>Hello. <goto next='#done'/></block>\n</form>",
            "exits": [{"id": "done", "label": "Done"}],
        },
    ),
    "vxml_document": (
        "vxml_document",
        {
            "source": "<var name='asked'/>\n<link next='#person' dtmf='*'/>\n<script src='a.js'/>",
            "exits": [{"id": "person", "label": {"zh-CN": "人工", "en-US": "Person"}}],
            "base": "https://example.com/app/main.vxml",
        },
    ),
    "start": ("start", {}),
    "play": ("play", {"prompt": PROMPT}),
    "play_pieces": (
        "play",
        {
            "prompt": [
                {"kind": "audio", "prompt": "欢迎 1", "text": {"zh-CN": "欢迎", "en-US": "Welcome"}},
                {"kind": "value", "expr": "n", "as": "currency", "currency": "CNY"},
                {"kind": "value", "expr": "v", "as": "digits"},
                text("好", "fine", every_language=True),
                {
                    "kind": "address",
                    "src": "https://example.com/a.wav",
                    "text": {"zh-CN": "声", "en-US": "sound"},
                },
            ],
            "bargein": False,
        },
    ),
    "menu": (
        "menu",
        {
            "prompt": PROMPT,
            "choices": [
                {"key": "1", "label": {"zh-CN": "一", "en-US": "One"}, "value": "one"},
                {"key": "12"},
                {"key": "#"},
            ],
            "variable": "v",
            "noinput_prompt": PROMPT,
            "help_prompt": [text("按键选择。", "Choose by a key.")],
            "help_key": "8",
        },
    ),
    "digits": ("digits", {"prompt": PROMPT, "variable": "secret", "minimum": 4, "maximum": 6}),
    "digits_fixed": (
        "digits",
        {"prompt": PROMPT, "variable": "v", "minimum": 4, "maximum": 4, "terminator": "", "tries": 1},
    ),
    "condition": (
        "condition",
        {"branches": [{"id": "a", "when": "n < 1 && v != ''"}, {"id": "b", "when": "n > 5"}]},
    ),
    "set": (
        "set",
        {"assignments": [{"variable": "n", "value": "n + 1"}, {"variable": "secret", "value": "'x'"}]},
    ),
    "web_request": (
        "web_request",
        {
            "method": "POST",
            "url": "https://example.com/t/{id}",
            "arguments": [{"name": "id", "value": "v"}],
            "headers": [{"name": "X-Key", "value": "'k'"}],
            "results": [{"variable": "v", "path": "ticket.state"}],
            "status_variable": "n",
        },
    ),
    "business_hours": (
        "business_hours",
        {
            "week": [{"days": ["mon", "fri"], "from": "09:00", "to": "17:30"}],
            "holidays": [{"from": "2026-10-01", "to": "2026-10-07", "title": "国庆节"}],
        },
    ),
    "record": ("record", {"prompt": PROMPT, "mailbox": "office", "variable": "v"}),
    "queue": ("queue", {"prompt": PROMPT, "queue": "repairs", "maximum": 3600, "duration_variable": "n"}),
    "transfer_bridge": ("transfer", {"destination": "'tel:+861012345678'"}),
    "transfer_blind": (
        "transfer",
        {"destination": "'sip:acd@example.com'", "mode": "blind", "send_data": False},
    ),
    "sub_flow": (
        "sub_flow",
        {
            "flow": "verify",
            "inputs": [{"name": "number", "value": "v"}],
            "outputs": [{"name": "name", "variable": "v"}],
            "results": [{"id": "failed", "label": "Failed"}],
        },
    ),
    "return": ("return", {"result": "failed"}),
    "hangup": ("hangup", {"prompt": PROMPT}),
    "language": ("language", {"language": "en-US"}),
    "survey": ("survey", {"prompt": PROMPT, "thanks": PROMPT, "variable": "v"}),
    "say": ("say", {"before": PROMPT, "value": "n", "as": "currency"}),
    "ask": (
        "ask",
        {
            "prompt": PROMPT,
            "answers": [
                {
                    "id": "lamp",
                    "key": "1",
                    "phrases": {"zh-CN": "路灯\n路灯坏了", "en-US": "street lamp\nlamp"},
                },
                {"id": "other", "key": "2"},
            ],
            "variable": "v",
        },
    ),
    "auto_menu": ("auto_menu", {"prompt": PROMPT, "items": "rows", "label_path": "name", "variable": "v"}),
    "database_query": (
        "database_query",
        {
            "sql": "SELECT name FROM t WHERE id = :id AND note <> ':x'",
            "parameters": [{"name": "id", "value": "v"}],
            "results": [{"variable": "v", "path": "name"}],
            "rows_variable": "rows",
        },
    ),
    "sms": ("sms", {"text": {"zh-CN": "工单{v}已受理", "en-US": "Ticket {v} received"}, "when": "hangup"}),
    "email": (
        "email",
        {
            "to": "'office@example.com'",
            "subject": {"zh-CN": "来电", "en-US": "Call"},
            "text": {"zh-CN": "号码{v}", "en-US": "Number {v}"},
        },
    ),
    "caller_list": ("caller_list", {"list": "vip", "variable": "rows"}),
    "split": (
        "split",
        {"shares": [{"id": "a", "percent": 30}, {"id": "b", "percent": 45}, {"id": "c", "percent": 25}]},
    ),
    "callback": ("callback", {"queue": "repairs", "note": "v"}),
    "wait": ("wait", {"time": 2.5, "prompt": PROMPT}),
    "loop": ("loop", {"times": "3", "variable": "n"}),
    "on_event": ("on_event", {"event": "error", "variable": "v"}),
    "vxml_page": (
        "vxml_page",
        {
            "url": "https://example.com/page.vxml",
            "inputs": [{"name": "number", "value": "v"}],
            "outputs": [{"name": "name", "variable": "v"}],
        },
    ),
}


def target_of(port: str) -> str:
    """The node to which the port of a case leads."""
    return "to_" + port.replace("#", "hash").replace("*", "star")


def flow_around(
    node_type: str,
    fields: Mapping[str, Any],
    *,
    languages: Sequence[str] = ("zh-CN", "en-US"),
    unconnected: Sequence[str] = (),
    **more: Any,
) -> Flow:
    """start → node → one hang-up for each port; the start alone for the type ``start``."""
    node = {"id": "node", "type": node_type, "fields": dict(fields)}
    nodes: list[dict[str, Any]] = [node]
    edges = []
    if node_type != "start":
        nodes.insert(0, {"id": "begin", "type": "start"})
        if not node_types()[node_type].entry:
            edges.append({"from": "begin", "port": "next", "to": "node"})
        else:
            edges.append({"from": "begin", "port": "next", "to": "over"})
            nodes.append({"id": "over", "type": "hangup"})
    made = node_types()[node_type].fields.model_validate(dict(fields))
    for port in made.ports():
        if port.id not in unconnected:
            nodes.append({"id": target_of(port.id), "type": "hangup"})
            edges.append({"from": "node", "port": port.id, "to": target_of(port.id)})
    raw = {
        "schema": 1,
        "id": "case",
        "name": {"en-US": "Case"},
        "languages": list(languages),
        "variables": VARIABLES,
        "nodes": nodes,
        "edges": edges,
        **more,
    }
    reading = read_flow(raw)
    assert reading.flow is not None, [found.as_json() for found in reading.problems]
    return reading.flow


def case_flow(name: str, **more: Any) -> Flow:
    """The flow of a case."""
    node_type, fields = CASES[name]
    return flow_around(node_type, fields, **more)
