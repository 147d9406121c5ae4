"""Reading dialogs: forms and menus (VoiceXML 2.0 §2.1, §2.2)."""

from __future__ import annotations

from typing import Literal, cast

from vxmlplat.documents.markup import Element
from vxmlplat.vxml import model
from vxmlplat.vxml.model import FormItem, GrammarRef, Phrase
from vxmlplat.vxml.read_executable import (
    HANDLERS,
    names_of,
    read_body,
    read_catch,
    read_data,
    read_script,
    read_target,
    read_throwing,
    read_var,
)
from vxmlplat.vxml.read_items import (
    ITEM_READERS,
    DialogReading,
    Scope,
    read_grammar,
    read_grammars,
    read_item,
    read_link,
    read_parts,
    spoken_text,
)


def read_form(element: Element, number: int, lang: str | None, base: str) -> model.Dialog:
    """``<form>``; ``number`` names one without id."""
    reading = DialogReading(lang, base)
    setup: list[model.Var | model.Script | model.Data | FormItem] = []
    catches: list[model.Catch] = []
    properties: dict[str, str] = {}
    grammars: list[GrammarRef | Phrase] = []
    links: list[model.Link] = []
    for child in element.elements():
        name = child.name
        if name == "var":
            setup.append(read_var(child))
        elif name == "script":
            setup.append(read_script(child))
        elif name == "data":
            setup.append(read_data(child))
        elif name in ITEM_READERS:
            setup.append(read_item(child, reading))
        elif name == "filled":
            mode: Literal["all", "any"] = "any" if child.get("mode") == "any" else "all"
            reading.filled.append(
                model.Filled(line=child.line, mode=mode, names=names_of(child) or None, body=read_body(child))
            )
        elif name in HANDLERS:
            catches.append(read_catch(child))
        elif name == "property":
            properties[child.attributes["name"]] = child.attributes["value"]
        elif name == "grammar":
            grammars.append(read_grammar(child, reading))
        elif name == "link":
            links.append(read_link(child, reading))
    items = tuple(one for one in setup if isinstance(one, FormItem))
    return model.Dialog(
        line=element.line,
        id=element.get("id") or f"form {number}",
        named="id" in element.attributes,
        kind="form",
        scope=cast(Scope, element.get("scope") or "dialog"),
        setup=tuple(setup),
        items=items,
        by_name={one.name: one for one in items},
        filled=tuple(reading.filled),
        grammars=tuple(grammars),
        links=tuple(links),
        catches=tuple(catches),
        properties=properties,
    )


def read_menu(element: Element, number: int, lang: str | None, base: str) -> model.Dialog:
    """``<menu>`` (§2.2): a form of one item, whose choices are its grammars."""
    reading = DialogReading(lang, base)
    parts = read_parts(element)
    implicit_keys = iter("123456789" if element.get("dtmf") == "true" else "")
    choices: list[model.Choice] = []
    for child in parts.others.get("choice", ()):
        text = spoken_text(child)
        explicit = child.get("dtmf")
        keys = next(implicit_keys, None) if explicit is None else "".join(explicit.split())
        grammars = read_grammars(child.elements("grammar"), reading)
        if text and not grammars:
            approximate = (child.get("accept") or element.get("accept")) == "approximate"
            lang = child.get("xml:lang") or reading.lang
            grammars = (Phrase(line=child.line, text=text, approximate=approximate, lang=lang),)
        if keys:
            grammars = (*grammars, Phrase(line=child.line, keys=keys))
        choices.append(
            model.Choice(
                line=child.line,
                text=text,
                keys=keys,
                grammars=grammars,
                target=read_target(child),
                throwing=read_throwing(child),
            )
        )
    scripts = tuple(read_script(child) for child in parts.others.get("script", ()))
    menu = model.MenuItem(
        line=element.line,
        name="menu 1",
        named=False,
        expr=None,
        cond=None,
        prompts=parts.prompts,
        choices=tuple(choices),
    )
    return model.Dialog(
        line=element.line,
        id=element.get("id") or f"menu {number}",
        named="id" in element.attributes,
        kind="menu",
        scope=cast(Scope, element.get("scope") or "dialog"),
        setup=(*scripts, menu),
        items=(menu,),
        by_name={menu.name: menu},
        filled=(),
        grammars=(),
        links=(),
        catches=parts.catches,
        properties=parts.properties,
        choices=tuple(choices),
    )
