"""Auto-menu: a menu whose choices come from data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.dtmf import write_key_grammar
from vxmlplat.flows.fields import AuthorText, Expression, OptionalVariable, titled
from vxmlplat.flows.listening import Helping
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT, NO_INPUT, NO_MATCH, port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.texts import bilingual, in_language
from vxmlplat.flows.xml_writer import escape_text

_KEYS = [str(number) for number in range(1, 10)]
Path = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


@node_type(
    "auto_menu",
    title=("Menu from data", "动态菜单"),
    summary=("A menu whose choices come from a list in a variable.", "选项来自变量列表的菜单（Auto-Menu）。"),
    category="interaction",
    icon="auto-menu",
    ports=(NEXT, port("empty", "no", "Nothing to choose", "无可选项"), NO_INPUT, NO_MATCH),
    listens=True,
)
class AutoMenu(Helping):
    """The first nine entries of the list get the keys 1 to 9."""

    items: Expression = titled(
        "List",
        "列表",
        widget="expression",
        help_=(
            "A variable or expression that holds a list, for example orders of a web request.",
            "保存列表的变量或表达式，例如网络请求得到的 orders。",
        ),
    )
    label_path: Path = titled(
        "Its label",
        "名称路径",
        "label",
        help_=(
            "Which member of an entry is said, for example name or product.title.",
            "播报条目中的哪个成员，例如 name 或 product.title。",
        ),
    )
    value_path: Path = titled(
        "Its value", "取值路径", "", help_=("Empty: the whole entry.", "留空表示整个条目。")
    )
    item_text: AuthorText = titled(
        "Said for each",
        "每项提示",
        bilingual("For {label}, press {key}.", "{label}请按{key}。"),
        widget="texts",
        help_=("{label} and {key} stand for the entry's.", "{label} 和 {key} 表示条目的名称和按键。"),
    )
    variable: OptionalVariable = titled("Keep the value in", "取值存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """List, variable, and a text for each choice."""
        yield from super().check(at)
        yield from at.expression(self.items, "items")
        yield from at.text(self.item_text, "item_text")
        yield from at.variable(self.variable, "variable")

    def choice_keys(self) -> frozenset[str]:
        """All that may become a choice."""
        return frozenset(_KEYS)

    def compile(self, out: NodeWriter) -> None:
        """A key beyond the list is a wrong key; the list is read anew whenever the caller comes here."""
        choices = f"vx_choices({self.items}, {out.value(self.label_path)}, {out.value(self.value_path)})"
        with out.form():
            out.empty("var", {"name": "vx_items", "expr": choices})
            out.remember()
            with out.element("block", {"cond": "vx_items.length == 0"}):
                out.leave("empty")
            with self.listening(out, "vx_key"):
                write_key_grammar(out, _KEYS)
                with out.element("filled"), out.element("if", {"cond": "vx_key > vx_items.length"}):
                    out.empty("assign", {"name": "vx_key", "expr": "undefined"})
                    out.empty("throw", {"event": "nomatch"})
                    out.branch("else")
                    out.assign(self.variable, "vx_items[vx_key - 1].value")
                    out.leave("next")

    def write_prompt(self, out: NodeWriter) -> None:
        """The prompt, then each choice (``<foreach>``, VoiceXML 2.1 §6)."""
        super().write_prompt(out)
        languages = out.flow.languages
        several = len(languages) > 1
        for language in languages:
            text = in_language(self.item_text, language) or next(
                iter(self.item_text.values()), "{label} {key}"
            )
            said = (
                escape_text(text)
                .replace("{label}", '<value expr="vx_item.label"/>')
                .replace("{key}", '<value expr="vx_item.key"/>')
            )
            attributes = {
                "cond": f"application.lang == '{language}'" if several else None,
                "xml:lang": language if several else None,
                "bargein": None if self.bargein else "false",
            }
            out.markup("prompt", f'<foreach item="vx_item" array="vx_items">{said} </foreach>', attributes)
