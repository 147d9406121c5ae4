"""Form items and menus as nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from vxmlplat.documents.markup import Element
from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.importing.actions import actions
from vxmlplat.flows.importing.draft import NodeDraft, Target
from vxmlplat.flows.importing.listening import HANDLERS, prompted, retried
from vxmlplat.flows.importing.prompts import SPEAKING, Spoken
from vxmlplat.flows.importing.report import StaysCode
from vxmlplat.flows.importing.scope import PLATFORM, Scope, attributes_only, seconds_of

Item = Callable[[Element, Scope, Target, Sequence[Element]], Target]
"""Element, scope, what comes after, the form's handlers; gives the first node."""

ITEMS: dict[str, Item] = {}


def item(name: str) -> Callable[[Item], Item]:
    """Register the conversion of a form item; a name twice is a ValueError."""

    def register(convert: Item) -> Item:
        if name in ITEMS:
            raise ValueError(f"<{name}> is converted already")
        ITEMS[name] = convert
        return convert

    return register


def properties_of(element: Element) -> dict[str, str]:
    """The properties that stand in an element; raises :class:`StaysCode` for those that nodes do not know."""
    found = {each.get("name") or "": each.get("value") or "" for each in element.elements("property")}
    for name in found:
        if name not in PLATFORM:
            raise StaysCode(f"it sets the property {name}", f"它设置了属性 {name}")
    return found


def _handlers(element: Element, outer: Sequence[Element] = ()) -> list[Element]:
    own = [child for child in element.elements() if child.name in HANDLERS]
    if own and outer:
        raise StaysCode("form and field handle events both", "表单与字段都处理事件")
    return own or list(outer)


# ----------------------------------------------------------------------------------------------------- blocks


@item("block")
def _block(element: Element, scope: Scope, after: Target, outer: Sequence[Element]) -> Target:
    attributes_only(element)
    return actions(element.children, scope, after)


# ----------------------------------------------------------------------------------------------------- digits

_DIGITS = re.compile(r"(?:builtin:(?P<mode>dtmf|grammar)/)?digits(?:\?(?P<parameters>.*))?")


@item("field")
def _field(element: Element, scope: Scope, after: Target, outer: Sequence[Element]) -> Target:
    """A field of digits; any other grammar is the code's own."""
    attributes_only(element, "name", "type", "modal")
    scope = scope.inside(properties_of(element))
    if scope.links:
        raise StaysCode("links listen beside its field", "字段之外还有链接在监听")
    handlers = _handlers(element, outer)
    fields = _digits(element, scope)
    variable = scope.input_variable(element.get("name"))
    fields |= {"variable": variable, **prompted(element, scope, "grammar", "filled")}
    tried, ways = retried(handlers, scope, after)
    ways["next"] = _filled(element, scope, after)
    return NodeDraft("digits", fields | tried, ways)


def _filled(element: Element, scope: Scope, after: Target) -> Target:
    filled = list(element.elements("filled"))
    for each in filled:
        attributes_only(each)
    target = after
    for each in reversed(filled):
        target = actions(each.children, scope, target)
    return target


def _digits(element: Element, scope: Scope) -> dict[str, Any]:
    sources = [element.get("type") or ""] if element.get("type") else []
    for grammar in element.elements("grammar"):
        attributes_only(grammar, "src", "mode", "type")
        sources.append(grammar.get("src") or "")
    found = [_DIGITS.fullmatch(source) for source in sources]
    if not found or any(each is None for each in found):
        raise StaysCode("its field listens for more than digits", "字段接收的不只是数字")
    matches = [each for each in found if each is not None]
    parameters = {each["parameters"] or "" for each in matches}
    modes = {each["mode"] for each in matches}
    if len(parameters) != 1 or (None in modes and len(matches) > 1):
        raise StaysCode("its field has several grammars", "字段有多个语法")
    if "keys" not in {"keys" if mode in ("dtmf", None) else "speech" for mode in modes}:
        raise StaysCode("its field listens for speech only", "字段只接收语音")
    fields: dict[str, Any] = {**_bounds(parameters.pop())}
    terminator = scope.setting("termchar").strip()
    if terminator not in ("#", "*", ""):
        raise StaysCode(f"{terminator} ends its input", f"以 {terminator} 结束输入")
    fields |= {
        "terminator": terminator,
        "interdigit": scope.seconds("interdigittimeout"),
        "end_wait": scope.seconds("termtimeout"),
    }
    if scope.hears_speech and modes & {"grammar", None}:
        fields["spoken"] = True
    return fields


def _bounds(parameters: str) -> dict[str, int]:
    bounds = {"minimum": 1, "maximum": 64}
    names = {"minlength": ("minimum",), "maxlength": ("maximum",), "length": ("minimum", "maximum")}
    for parameter in filter(None, re.split("[;&]", parameters)):
        name, _, value = parameter.partition("=")
        if name not in names or not value.isdecimal() or not 1 <= int(value) <= 64:
            raise StaysCode(f"its digits are asked for with {parameter}", f"数字参数 {parameter} 无法表达")
        bounds |= dict.fromkeys(names[name], int(value))
    return bounds


# ----------------------------------------------------------------------------------------- other hands, pages


@item("transfer")
def _transfer(element: Element, scope: Scope, after: Target, outer: Sequence[Element]) -> Target:
    attributes_only(element, "name", "dest", "destexpr", "type", "bridge", "connecttimeout", "maxtime")
    for child in element.elements():
        if child.name not in SPEAKING | {"filled"}:
            raise StaysCode(f"its transfer uses <{child.name}>", f"转接中使用了 <{child.name}>")
    kind = element.get("type") or ("bridge" if element.get("bridge") == "true" else "blind")
    if kind not in ("bridge", "blind"):
        raise StaysCode(f"its transfer is a {kind}", f"转接方式为 {kind}")
    spoken = Spoken()
    for part in element.children:
        if isinstance(part, str) or part.name in SPEAKING:
            spoken.add(part, scope)
    if spoken.bargein is False or spoken.timeout is not None:
        raise StaysCode("its prompt cannot be interrupted", "提示音不可打断")
    destination = element.get("destexpr")
    fields: dict[str, Any] = {
        "prompt": spoken.pieces,
        "destination": scope.expression(destination)
        if destination
        else string_literal((element.get("dest") or "").strip()),
        "mode": kind,
        "wait": seconds_of(element.get("connecttimeout") or "60s"),
        "maximum": seconds_of(element.get("maxtime") or "0s"),
        "send_data": False,
    }
    onward = _filled(element, scope, after)
    return NodeDraft("transfer", fields, {"next": onward, "busy": onward, "noanswer": onward})


@item("subdialog")
def _subdialog(element: Element, scope: Scope, after: Target, outer: Sequence[Element]) -> Target:
    """Another document's dialog; one of the same document stays code, as its form takes the parameters."""
    attributes_only(element, "name", "src")
    source = (element.get("src") or "").strip()
    if urlsplit(source).scheme not in ("http", "https"):
        raise StaysCode("it calls a dialog of the same document", "它调用同一文档中的对话")
    inputs: list[dict[str, str]] = []
    for child in element.elements():
        if child.name == "param":
            attributes_only(child, "name", "expr", "value")
            value = child.get("expr")
            given = scope.expression(value) if value else string_literal(child.get("value") or "")
            inputs.append({"name": child.get("name") or "", "value": given})
        elif child.name != "filled":
            raise StaysCode(f"its call uses <{child.name}>", f"调用中使用了 <{child.name}>")
    fields = {"url": source, "mode": "call", "inputs": inputs, "outputs": []}
    return NodeDraft("vxml_page", fields, {"next": _filled(element, scope, after)})


# ------------------------------------------------------------------------------------------------------ menus


def menu(element: Element, scope: Scope) -> Target:
    """A menu of keys, or of words and keys."""
    attributes_only(element, "id", "dtmf", "accept")
    scope = scope.inside(properties_of(element))
    if scope.links:
        raise StaysCode("links listen beside the menu", "菜单之外还有链接在监听")
    if any(child.first("enumerate") for child in element.iter()):
        raise StaysCode("its prompt counts up the choices", "提示音使用了 <enumerate>")
    choices = _choices(element, scope)
    after = scope.draft.end()
    fields = prompted(element, scope, "choice")
    tried, ways = retried(_handlers(element), scope, after)
    fields |= tried
    spoken = scope.hears_speech and any(words for _, words, _ in choices)
    if spoken and element.get("accept", "exact") != "exact":
        raise StaysCode("parts of a choice's words are enough", "说出选项的一部分即可")
    if not spoken and not all(key for key, _, _ in choices):
        raise StaysCode("a choice has neither key nor words", "有的选项既无按键也无说法")
    if spoken:
        fields |= {
            "answers": [
                {
                    "id": f"answer_{number}",
                    "label": words[:200],
                    "key": key,
                    "phrases": {scope.language: words} if words else {},
                }
                for number, (key, words, _) in enumerate(choices, 1)
            ],
            "confidence": float(scope.setting("confidencelevel")),
        }
        ways |= {f"answer_{number}": target for number, (_, _, target) in enumerate(choices, 1)}
        return NodeDraft("ask", fields, ways)
    fields["choices"] = [{"key": key, "label": words[:200]} for key, words, _ in choices]
    return NodeDraft("menu", fields, ways | {key: target for key, _, target in choices})


def _choices(element: Element, scope: Scope) -> list[tuple[str, str, Target]]:
    """Key, words and target of each choice."""
    numbered = element.get("dtmf") == "true"
    choices: list[tuple[str, str, Target]] = []
    for choice in element.elements("choice"):
        attributes_only(choice, "dtmf", "next", "accept")
        if choice.get("accept", "exact") != "exact" or any(True for _ in choice.elements()):
            raise StaysCode("a choice has a grammar of its own", "选项带有自己的语法")
        key = "".join((choice.get("dtmf") or "").split())
        if not key and numbered:
            automatic = sum(1 for taken, _, _ in choices if taken in "123456789" and taken) + 1
            key = str(automatic) if automatic <= 9 else ""
        if key and not re.fullmatch(r"[0-9*#A-D]{1,8}", key):
            raise StaysCode(f"a choice has the key {key}", f"选项的按键为 {key}")
        words = " ".join(choice.text().split())
        choices.append((key, words, scope.place(choice.get("next"))))
    keys = [key for key, _, _ in choices if key]
    if not choices or len(set(keys)) != len(keys):
        raise StaysCode("two choices share a key", "两个选项按键相同")
    return choices
