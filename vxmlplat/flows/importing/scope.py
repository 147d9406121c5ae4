"""What a dialog's conversion knows of the document: names, properties, language, and where dialogs are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vxmlplat.documents.markup import Element
from vxmlplat.flows.expression_check import engine_fault
from vxmlplat.flows.expressions import GLOBAL_NAMES, RESERVED_NAMES, names_read
from vxmlplat.flows.importing.draft import Dialog, FlowDraft, Target
from vxmlplat.flows.importing.report import StaysCode
from vxmlplat.flows.schema import VARIABLE_NAME

PLATFORM = {
    "timeout": "5s",
    "interdigittimeout": "3s",
    "termtimeout": "0s",
    "termchar": "#",
    "inputmodes": "dtmf voice",
    "confidencelevel": "0.5",
}
"""What the platform takes for a property that the document leaves out (VoiceXML 2.0 §6.3)."""

_CODE_ONLY = frozenset({"document", "dialog", "this"})
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?|true|false|'[^'\\\n]*'|\"[^\"\\\n]*\"|[\[{].*[\]}]", re.DOTALL)


@dataclass
class Scope:
    """Handed to every conversion; ``variables`` grow with the fields that become nodes."""

    draft: FlowDraft
    language: str
    known: frozenset[str]
    """Names of the document that are no flow variables: they can be read, not written."""
    variables: dict[str, dict[str, Any]]
    """The flow's variables, as its JSON has them."""
    dialogs: frozenset[str]
    own: frozenset[str] = frozenset()
    """Those variables that the document itself declares."""
    properties: Mapping[str, str] = field(default_factory=dict)
    links: bool = False
    """Whether something listens beside the dialogs' own grammars."""
    self_id: str = ""

    def inside(self, properties: Mapping[str, str]) -> Scope:
        """The scope of an element with properties of its own."""
        return replace(self, properties={**self.properties, **properties})

    def setting(self, name: str) -> str:
        """A property's value in force."""
        return self.properties.get(name, PLATFORM[name])

    def seconds(self, name: str) -> float:
        """A property that is a time."""
        return seconds_of(self.setting(name))

    @property
    def interruptible(self) -> bool:
        """Whether a prompt that does not say can be interrupted."""
        return self.properties.get("bargein", "true") != "false"

    @property
    def hears_speech(self) -> bool:
        """Whether voice grammars are listened to."""
        return "voice" in self.setting("inputmodes").split()

    def expression(self, text: str) -> str:
        """An expression that means the same in a node; raises :class:`StaysCode` for any other."""
        if engine_fault(text) is not None or "function" in text or "=>" in text:
            raise StaysCode(
                f"the expression {_short(text)} is more than a node takes",
                f"节点无法表达表达式 {_short(text)}",
            )
        for name in sorted(names_read(text)):
            if name in _CODE_ONLY or name not in GLOBAL_NAMES | self.known | self.variables.keys():
                raise StaysCode(
                    f"the expression {_short(text)} reads {name}, which only the code knows",
                    f"表达式 {_short(text)} 用到了只有代码内才有的 {name}",
                )
        return text.strip()

    def place(self, address: str | None) -> Target:
        """Where ``next`` leads; raises :class:`StaysCode` where a flow cannot say it."""
        where = (address or "").strip()
        if where.startswith("#") and where[1:] in self.dialogs:
            return Dialog(where[1:])
        if where.lower().startswith(("http://", "https://")):
            return self.draft.page(where)
        raise StaysCode(
            f"it leads to {where or 'an address worked out during the call'}",
            f"它转到{where or '通话中计算出的地址'}",
        )

    def input_variable(self, name: str | None) -> str:
        """The flow variable for an input item's value."""
        if name is None or not re.fullmatch(VARIABLE_NAME, name) or name.startswith("vx_"):
            raise StaysCode(
                "its input item has no name that a variable can have", "输入项没有可用作变量的名称"
            )
        if name in RESERVED_NAMES or name in self.known | self.own:
            raise StaysCode(f"the name {name} means something else already", f"名称 {name} 另有含义")
        self.variables.setdefault(name, {"name": name, "type": "string", "initial": ""})
        return name


def attributes_only(element: Element, *allowed: str) -> None:
    """Raise :class:`StaysCode` for an attribute that a node has no place for."""
    for name in element.attributes:
        if name not in allowed:
            raise StaysCode(f"<{element.name}> has {name}", f"<{element.name}> 使用了 {name} 属性")


def seconds_of(time: str) -> float:
    """A time designation in seconds; raises :class:`StaysCode` for what is none."""
    found = re.fullmatch(r"\+?(\d+(?:\.\d*)?|\.\d+)(ms|s)", time.strip())
    if not found:
        raise StaysCode(f"the time {time} is not plain", f"时间 {time} 不明确")
    return round(float(found[1]) / (1000 if found[2] == "ms" else 1), 3)


def variable_of(element: Element) -> dict[str, Any] | None:
    """A ``<var>`` with a plain value as a flow's variable; None for any other."""
    name, expression = element.get("name") or "", (element.get("expr") or "").strip()
    if not re.fullmatch(VARIABLE_NAME, name) or name in RESERVED_NAMES or name.startswith("vx_"):
        return None
    if not _LITERAL.fullmatch(expression):
        return None
    if expression[0] == "'":
        expression = json.dumps(expression[1:-1], ensure_ascii=False)
    try:
        value = json.loads(expression)
    except ValueError:
        return None
    kinds = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "object"}
    return {"name": name, "type": kinds[type(value)], "initial": value}


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
