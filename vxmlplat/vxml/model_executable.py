"""Executable content, as nodes of the model (VoiceXML 2.0 §5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from vxmlplat.vxml.model_speech import NO_FETCH, Fetch, PromptNode, TextRun, Value


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Var:
    """``<var>``; also a variable of a form or a document."""

    line: int
    name: str
    expr: str | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Assign:
    """``<assign>``."""

    line: int
    name: str
    expr: str


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Clear:
    """``<clear>``; None clears all form items."""

    line: int
    names: tuple[str, ...] | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Script:
    """``<script>``, inline (``text``) or external."""

    line: int
    text: str | None
    src: str | None
    srcexpr: str | None
    charset: str | None
    fetch: Fetch


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Data:
    """``<data>`` (VoiceXML 2.1 §5)."""

    line: int
    name: str | None
    src: str | None
    srcexpr: str | None
    names: tuple[str, ...]
    method: str
    enctype: str
    fetch: Fetch


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class If:
    """``<if>`` with its ``<elseif>`` and ``<else>``: conditions (None: else) and what to execute."""

    line: int
    branches: tuple[tuple[str | None, tuple[Executable, ...]], ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Foreach:
    """``<foreach>`` in executable content (VoiceXML 2.1 §6)."""

    line: int
    item: str
    array: str
    body: tuple[Executable, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Log:
    """``<log>``."""

    line: int
    label: str | None
    expr: str | None
    content: tuple[TextRun | Value, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Reprompt:
    """``<reprompt>``."""

    line: int


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Throwing:
    """``<throw>``, and the event of a link, choice or return."""

    line: int
    event: str | None = None
    eventexpr: str | None = None
    message: str | None = None
    messageexpr: str | None = None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Target:
    """Where a ``<goto>``, ``<link>`` or ``<choice>`` leads to."""

    line: int
    next: str | None = None
    expr: str | None = None
    fetch: Fetch = NO_FETCH


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Goto:
    """``<goto>``: to a document or dialog (``target``), or to an item of this form."""

    line: int
    target: Target | None
    nextitem: str | None
    expritem: str | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Submit:
    """``<submit>``; ``names`` None sends all input items of the form that have names."""

    line: int
    target: Target
    names: tuple[str, ...] | None
    method: str
    enctype: str


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class ExitNode:
    """``<exit>``."""

    line: int
    expr: str | None
    names: tuple[str, ...] | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class ReturnNode:
    """``<return>``."""

    line: int
    names: tuple[str, ...]
    throwing: Throwing | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Disconnect:
    """``<disconnect>``."""

    line: int
    names: tuple[str, ...]


Executable = (
    Var | Assign | Clear | Script | Data | If | Foreach | Log | Reprompt | Throwing | Goto | Submit
    | ExitNode | ReturnNode | Disconnect | PromptNode
)  # fmt: skip
