"""Reading the items of forms, and what they share with menus (VoiceXML 2.0 §2.3, §2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from vxmlplat.documents.markup import Element
from vxmlplat.vxml import model, values
from vxmlplat.vxml.model import FormItem, GrammarRef, Phrase
from vxmlplat.vxml.read_executable import (
    HANDLERS,
    names_of,
    read_body,
    read_catch,
    read_target,
    read_throwing,
)
from vxmlplat.vxml.read_speech import IMPLICIT, ImplicitPrompt, read_fetch, read_prompt

GivenMode = Literal["dtmf", "voice"] | None
BuiltinMode = Literal["dtmf", "voice"]
Scope = Literal["dialog", "document"]
Kind = Literal["blind", "bridge", "consultation"]


@dataclass
class DialogReading:
    """What reading a dialog has to know, and the filled actions that it gathers."""

    lang: str | None
    base: str
    filled: list[model.Filled] = field(default_factory=list)
    unnamed: int = 0

    def name_of(self, element: Element) -> tuple[str, bool]:
        """The name of an item, and whether the author gave it."""
        name = element.get("name")
        if name:
            return name, True
        self.unnamed += 1
        return f"{element.name} {self.unnamed}", False  # a blank: no document can name it


ItemReader = Callable[["Parts", DialogReading, dict[str, Any]], FormItem]
ITEM_READERS: dict[str, ItemReader] = {}


def item(name: str) -> Callable[[ItemReader], ItemReader]:
    """Register how an item of a form is read; the reader gets what all items have as keywords."""

    def register(reader: ItemReader) -> ItemReader:
        if name in ITEM_READERS:
            raise ValueError(f"<{name}> is registered twice")
        ITEM_READERS[name] = reader
        return reader

    return register


def read_item(element: Element, reading: DialogReading) -> FormItem:
    """An item of a form."""
    name, named = reading.name_of(element)
    common: dict[str, Any] = {
        "line": element.line,
        "name": name,
        "named": named,
        "expr": element.get("expr"),
        "cond": element.get("cond"),
    }
    if element.name == "block":
        return ITEM_READERS["block"](Parts(element), reading, common)
    parts = read_parts(element)
    common |= {"prompts": parts.prompts, "catches": parts.catches, "properties": parts.properties}
    for child in parts.others.get("filled", ()):
        reading.filled.append(
            model.Filled(line=child.line, mode="all", names=(name,), body=read_body(child), owner=name)
        )
    return ITEM_READERS[element.name](parts, reading, common)


@dataclass(slots=True)
class Parts:
    """The children of an item or a menu: prompts, handlers and properties read, the others by name."""

    element: Element
    prompts: tuple[model.PromptNode, ...] = ()
    catches: tuple[model.Catch, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    others: dict[str, list[Element]] = field(default_factory=dict)


def read_parts(element: Element) -> Parts:
    """Sort the children of an item or a menu."""
    parts = Parts(element)
    prompts: list[model.PromptNode] = []
    catches: list[model.Catch] = []
    implicit = ImplicitPrompt()
    for child in element.children:
        if isinstance(child, str):
            if implicit.content or not child.isspace():
                implicit.content.append(model.TextRun(child))
            continue
        name = child.name
        if name in IMPLICIT:
            implicit.element(child)
            continue
        if implicit.content:
            prompts.append(implicit.take(element.line))
        if name == "prompt":
            prompts.append(read_prompt(child))
        elif name in HANDLERS:
            catches.append(read_catch(child))
        elif name == "property":
            parts.properties[child.attributes["name"]] = child.attributes["value"]
        else:
            parts.others.setdefault(name, []).append(child)
    if implicit.content:
        prompts.append(implicit.take(element.line))
    parts.prompts, parts.catches = tuple(prompts), tuple(catches)
    return parts


def read_grammar(element: Element, reading: DialogReading) -> GrammarRef:
    """``<grammar>`` (§3.1.1)."""
    get = element.attributes.get
    source: Element | str | None = None
    if "src" not in element.attributes and "srcexpr" not in element.attributes:
        is_xml = any(not isinstance(child, str) for child in element.children)
        source = element if is_xml else element.text()
    return GrammarRef(
        line=element.line,
        source=source,
        src=get("src"),
        srcexpr=get("srcexpr"),
        type=get("type"),
        mode=cast(GivenMode, get("mode")),
        scope=get("scope"),
        weight=float(get("weight") or 1.0),
        lang=get("xml:lang") or reading.lang,
        base=get("xml:base"),
        fetch=read_fetch(element),
    )


def read_grammars(grammars: Iterable[Element], reading: DialogReading) -> tuple[GrammarRef | Phrase, ...]:
    """The ``<grammar>`` elements of an element."""
    return tuple([read_grammar(child, reading) for child in grammars])


def read_link(element: Element, reading: DialogReading) -> model.Link:
    """``<link>`` (§2.5); its ``dtmf`` is one more grammar."""
    grammars = read_grammars(element.elements("grammar"), reading)
    keys = element.get("dtmf")
    if keys:
        grammars = (*grammars, Phrase(line=element.line, keys=keys))
    return model.Link(
        line=element.line, grammars=grammars, target=read_target(element), throwing=read_throwing(element)
    )


def read_links(links: Iterable[Element], reading: DialogReading) -> tuple[model.Link, ...]:
    """The ``<link>`` elements of an element."""
    return tuple([read_link(child, reading) for child in links])


def _flag(element: Element, name: str, default: bool) -> bool:
    given = values.boolean(element.get(name) or "")
    return default if given is None else given


def _time(element: Element, name: str) -> float | None:
    given = element.get(name)
    return None if given is None else values.seconds(given)


def spoken_text(element: Element) -> str:
    """The words of a choice or option: all text but that of its grammars."""
    parts = [
        child if isinstance(child, str) else spoken_text(child)
        for child in element.children
        if isinstance(child, str) or child.name not in ("grammar", "desc")
    ]
    return " ".join("".join(parts).split())


@item("block")
def _block(parts: Parts, _: DialogReading, common: dict[str, Any]) -> FormItem:
    return model.Block(**common, body=read_body(parts.element))


@item("initial")
def _initial(parts: Parts, reading: DialogReading, common: dict[str, Any]) -> FormItem:
    return model.Initial(**common, links=read_links(parts.others.get("link", ()), reading))


@item("field")
def _field(parts: Parts, reading: DialogReading, common: dict[str, Any]) -> FormItem:
    element = parts.element
    grammars = list(read_grammars(parts.others.get("grammar", ()), reading))
    builtin = element.get("type")
    if builtin:
        for mode, path in (("dtmf", "dtmf"), ("voice", "grammar")):
            grammars.append(
                GrammarRef(
                    line=element.line,
                    src=f"builtin:{path}/{builtin}",
                    mode=cast(BuiltinMode, mode),
                    lang=reading.lang,
                )
            )
    options: list[model.Option] = []
    for child in parts.others.get("option", ()):
        text, keys = spoken_text(child), "".join((child.get("dtmf") or "").split()) or None
        value = child.get("value") or text or keys
        approximate = child.get("accept") == "approximate"
        if text:
            lang = child.get("xml:lang") or reading.lang
            grammars.append(
                Phrase(line=child.line, text=text, approximate=approximate, value=value, lang=lang)
            )
        if keys:
            grammars.append(Phrase(line=child.line, keys=keys, value=value))
        options.append(model.Option(text=text, keys=keys))
    slot = element.get("slot") or common["name"]
    return model.Field(
        **common,
        slot=tuple(slot.split(".")),
        modal=_flag(element, "modal", False),
        grammars=tuple(grammars),
        links=read_links(parts.others.get("link", ()), reading),
        options=tuple(options),
        type=builtin,
    )


@item("record")
def _record(parts: Parts, reading: DialogReading, common: dict[str, Any]) -> FormItem:
    element = parts.element
    return model.Record(
        **common,
        modal=_flag(element, "modal", True),
        beep=_flag(element, "beep", False),
        maxtime=_time(element, "maxtime"),
        finalsilence=_time(element, "finalsilence"),
        dtmfterm=_flag(element, "dtmfterm", True),
        type=element.get("type"),
        dest=element.get("dest"),
        destexpr=element.get("destexpr"),
        grammars=read_grammars(parts.others.get("grammar", ()), reading),
        links=read_links(parts.others.get("link", ()), reading),
    )


@item("transfer")
def _transfer(parts: Parts, reading: DialogReading, common: dict[str, Any]) -> FormItem:
    element = parts.element
    kind = element.get("type") or ("bridge" if _flag(element, "bridge", False) else "blind")
    return model.Transfer(
        **common,
        dest=element.get("dest"),
        destexpr=element.get("destexpr"),
        kind=cast(Kind, kind),
        connecttimeout=_time(element, "connecttimeout"),
        maxtime=_time(element, "maxtime"),
        transferaudio=element.get("transferaudio"),
        aai=element.get("aai"),
        aaiexpr=element.get("aaiexpr"),
        grammars=read_grammars(parts.others.get("grammar", ()), reading),
        links=read_links(parts.others.get("link", ()), reading),
    )


def _params(parts: Parts) -> tuple[model.Param, ...]:
    return tuple(
        model.Param(
            line=child.line,
            name=child.attributes["name"],
            value=child.get("value"),
            expr=child.get("expr"),
            valuetype=child.get("valuetype") or "data",
            type=child.get("type"),
        )
        for child in parts.others.get("param", ())
    )


@item("subdialog")
def _subdialog(parts: Parts, _: DialogReading, common: dict[str, Any]) -> FormItem:
    element = parts.element
    return model.Subdialog(
        **common,
        src=element.get("src"),
        srcexpr=element.get("srcexpr"),
        names=names_of(element),
        method=(element.get("method") or "get").lower(),
        enctype=element.get("enctype") or "application/x-www-form-urlencoded",
        params=_params(parts),
        fetch=read_fetch(element),
    )


@item("object")
def _object(parts: Parts, _: DialogReading, common: dict[str, Any]) -> FormItem:
    element = parts.element
    return model.ObjectItem(
        **common, classid=element.get("classid"), attributes=element.attributes, params=_params(parts)
    )
