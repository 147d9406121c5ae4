"""Reading executable content (VoiceXML 2.0 §5.3) and event handlers (§5.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from vxmlplat.documents.markup import Element
from vxmlplat.vxml import model
from vxmlplat.vxml.model import Executable
from vxmlplat.vxml.read_speech import IMPLICIT, SPEECH_READERS, ImplicitPrompt, read_fetch, read_prompt

ExecutableReader = Callable[[Element], Executable]
EXECUTABLE_READERS: dict[str, ExecutableReader] = {}

HANDLERS = frozenset({"catch", "help", "noinput", "nomatch", "error"})


Reader = TypeVar("Reader", bound=ExecutableReader)


def executable(name: str) -> Callable[[Reader], Reader]:
    """Register how an element of executable content is read."""

    def register(reader: Reader) -> Reader:
        if name in EXECUTABLE_READERS:
            raise ValueError(f"<{name}> is registered twice")
        EXECUTABLE_READERS[name] = reader
        return reader

    return register


def read_body(element: Element) -> tuple[Executable, ...]:
    """The executable content of an element."""
    return _read_run(element.children, element.line)


def _read_run(children: list[Element | str], line: int) -> tuple[Executable, ...]:
    body: list[Executable] = []
    implicit = ImplicitPrompt()
    for child in children:
        if isinstance(child, str):
            if implicit.content or not child.isspace():
                implicit.content.append(model.TextRun(child))
            continue
        reader = EXECUTABLE_READERS.get(child.name)
        if child.name in IMPLICIT or reader is None:
            if child.name in SPEECH_READERS:
                implicit.element(child)
            continue
        if implicit.content:
            body.append(implicit.take(line))
        body.append(reader(child))
    if implicit.content:
        body.append(implicit.take(line))
    return tuple(body)


def names_of(element: Element) -> tuple[str, ...]:
    """The names of a ``namelist``."""
    return tuple((element.get("namelist") or "").split())


def read_throwing(element: Element) -> model.Throwing | None:
    """The event of a throw, link, choice or return; None when it names none."""
    get = element.attributes.get
    if "event" not in element.attributes and "eventexpr" not in element.attributes:
        return None
    return model.Throwing(
        line=element.line,
        event=get("event"),
        eventexpr=get("eventexpr"),
        message=get("message"),
        messageexpr=get("messageexpr"),
    )


def read_target(element: Element) -> model.Target | None:
    """Where ``next`` or ``expr`` leads; None when neither is there."""
    get = element.attributes.get
    if "next" not in element.attributes and "expr" not in element.attributes:
        return None
    return model.Target(line=element.line, next=get("next"), expr=get("expr"), fetch=read_fetch(element))


@executable("var")
def read_var(element: Element) -> model.Var:
    """``<var>``."""
    return model.Var(line=element.line, name=element.attributes["name"], expr=element.get("expr"))


@executable("assign")
def _assign(element: Element) -> Executable:
    return model.Assign(line=element.line, name=element.attributes["name"], expr=element.attributes["expr"])


@executable("clear")
def _clear(element: Element) -> Executable:
    return model.Clear(line=element.line, names=names_of(element) or None)


@executable("script")
def read_script(element: Element) -> model.Script:
    """``<script>``."""
    external = "src" in element.attributes or "srcexpr" in element.attributes
    return model.Script(
        line=element.line,
        text=None if external else element.full_text(),
        src=element.get("src"),
        srcexpr=element.get("srcexpr"),
        charset=element.get("charset"),
        fetch=read_fetch(element),
    )


@executable("data")
def read_data(element: Element) -> model.Data:
    """``<data>``."""
    return model.Data(
        line=element.line,
        name=element.get("name"),
        src=element.get("src"),
        srcexpr=element.get("srcexpr"),
        names=names_of(element),
        method=(element.get("method") or "get").lower(),
        enctype=element.get("enctype") or "application/x-www-form-urlencoded",
        fetch=read_fetch(element),
    )


@executable("if")
def _if(element: Element) -> Executable:
    branches: list[tuple[str | None, tuple[Executable, ...]]] = []
    cond: str | None = element.attributes["cond"]
    run: list[Element | str] = []
    for child in element.children:
        if not isinstance(child, str) and child.name in ("elseif", "else"):
            branches.append((cond, _read_run(run, element.line)))
            cond, run = child.get("cond"), []
        else:
            run.append(child)
    branches.append((cond, _read_run(run, element.line)))
    return model.If(line=element.line, branches=tuple(branches))


@executable("foreach")
def _foreach(element: Element) -> Executable:
    return model.Foreach(
        line=element.line,
        item=element.attributes["item"],
        array=element.attributes["array"],
        body=read_body(element),
    )


@executable("log")
def _log(element: Element) -> Executable:
    content: list[model.TextRun | model.Value] = []
    for child in element.children:
        if isinstance(child, str):
            content.append(model.TextRun(child))
        else:
            content.append(model.Value(line=child.line, expr=child.attributes["expr"]))
    return model.Log(
        line=element.line, label=element.get("label"), expr=element.get("expr"), content=tuple(content)
    )


@executable("prompt")
def _prompt(element: Element) -> Executable:
    return read_prompt(element)


@executable("reprompt")
def _reprompt(element: Element) -> Executable:
    return model.Reprompt(line=element.line)


@executable("throw")
def _throw(element: Element) -> Executable:
    return read_throwing(element) or model.Throwing(line=element.line)


@executable("goto")
def _goto(element: Element) -> Executable:
    return model.Goto(
        line=element.line,
        target=read_target(element),
        nextitem=element.get("nextitem"),
        expritem=element.get("expritem"),
    )


@executable("submit")
def _submit(element: Element) -> Executable:
    return model.Submit(
        line=element.line,
        target=read_target(element) or model.Target(line=element.line),
        names=names_of(element) if "namelist" in element.attributes else None,
        method=(element.get("method") or "get").lower(),
        enctype=element.get("enctype") or "application/x-www-form-urlencoded",
    )


@executable("exit")
def _exit(element: Element) -> Executable:
    names = names_of(element) if "namelist" in element.attributes else None
    return model.ExitNode(line=element.line, expr=element.get("expr"), names=names)


@executable("return")
def _return(element: Element) -> Executable:
    return model.ReturnNode(line=element.line, names=names_of(element), throwing=read_throwing(element))


@executable("disconnect")
def _disconnect(element: Element) -> Executable:
    return model.Disconnect(line=element.line, names=names_of(element))


def read_catch(element: Element) -> model.Catch:
    """``<catch>`` or a shorthand (§5.2.2, §5.2.3)."""
    events = tuple((element.get("event") or "").split()) if element.name == "catch" else (element.name,)
    return model.Catch(
        line=element.line,
        events=events,
        count=int(element.get("count") or 1),
        cond=element.get("cond"),
        body=read_body(element),
    )
