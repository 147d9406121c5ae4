"""A VoiceXML document as values: read once, never changed afterwards, shared by every session that runs it.

The classes are not frozen, since that would double the time that reading takes; nothing but the reader
makes them, and nothing changes them. They are equal only to themselves.

One class an element or a family of elements. An expression is a string of ECMAScript; the scopes of a
session keep its compiled form. ``line`` is where the element starts, for messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vxmlplat.documents import Element
from vxmlplat.vxml.model_executable import (
    Assign,
    Clear,
    Data,
    Disconnect,
    Executable,
    ExitNode,
    Foreach,
    Goto,
    If,
    Log,
    Reprompt,
    ReturnNode,
    Script,
    Submit,
    Target,
    Throwing,
    Var,
)
from vxmlplat.vxml.model_speech import (
    NO_FETCH,
    AudioRef,
    EnumerateSpeech,
    Fetch,
    ForeachSpeech,
    LexiconRef,
    MarkRef,
    Markup,
    Pause,
    PromptNode,
    Speech,
    TextRun,
    Value,
)

__all__ = [
    "NO_FETCH",
    "Assign",
    "AudioRef",
    "Block",
    "Catch",
    "Choice",
    "Clear",
    "Data",
    "Dialog",
    "Disconnect",
    "Document",
    "EnumerateSpeech",
    "Executable",
    "ExitNode",
    "Fetch",
    "Field",
    "Filled",
    "Foreach",
    "ForeachSpeech",
    "FormItem",
    "Goto",
    "GrammarRef",
    "If",
    "Initial",
    "LexiconRef",
    "Link",
    "Log",
    "MarkRef",
    "Markup",
    "MenuItem",
    "ObjectItem",
    "Option",
    "Param",
    "Pause",
    "Phrase",
    "PromptNode",
    "Record",
    "Reprompt",
    "ReturnNode",
    "Script",
    "Speech",
    "Subdialog",
    "Submit",
    "Target",
    "TextRun",
    "Throwing",
    "Transfer",
    "Value",
    "Var",
]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class GrammarRef:
    """``<grammar>``, the ``dtmf`` of a choice or link, or a builtin named by the type of a field.

    Exactly one of ``source`` (the inline grammar: its element, or the text of another form), ``src`` and
    ``srcexpr`` is given.
    """

    line: int
    source: Element | str | None = None
    src: str | None = None
    srcexpr: str | None = None
    type: str | None = None
    mode: Literal["dtmf", "voice"] | None = None
    scope: str | None = None
    weight: float = 1.0
    lang: str | None = None
    base: str | None = None
    fetch: Fetch = NO_FETCH


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Phrase:
    """Words or keys that the platform makes a grammar of: the text of a choice or option (§2.2.5), or its
    keys.

    ``value`` is the result; None gives what was said or keyed.
    """

    line: int
    text: str | None = None
    keys: str | None = None
    approximate: bool = False
    value: str | None = None
    lang: str | None = None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Link:
    """``<link>`` (§2.5): grammars that lead to a target or throw an event."""

    line: int
    grammars: tuple[GrammarRef | Phrase, ...]
    target: Target | None
    throwing: Throwing | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Catch:
    """``<catch>`` and its shorthands. No ``events`` takes every event."""

    line: int
    events: tuple[str, ...]
    count: int
    cond: str | None
    body: tuple[Executable, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Filled:
    """``<filled>``. ``names`` None: all input items of the form; for one inside an item, that item."""

    line: int
    mode: Literal["all", "any"]
    names: tuple[str, ...] | None
    body: tuple[Executable, ...]
    owner: str | None = None
    """The item that holds it; None at form level."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class FormItem:
    """What all items of a form have. ``named`` is False where the reader made up the name."""

    line: int
    name: str
    named: bool
    expr: str | None
    cond: str | None
    prompts: tuple[PromptNode, ...] = ()
    catches: tuple[Catch, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    is_input = False
    """Whether the item collects a value: a member of form-level ``<filled>`` and of mixed initiative."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Block(FormItem):
    """``<block>``."""

    body: tuple[Executable, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Initial(FormItem):
    """``<initial>``."""

    links: tuple[Link, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Option:
    """``<option>``: what ``<enumerate>`` speaks of it."""

    text: str
    keys: str | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Field(FormItem):
    """``<field>``. ``slot`` is its path in a form-level result."""

    slot: tuple[str, ...]
    modal: bool
    grammars: tuple[GrammarRef | Phrase, ...]
    links: tuple[Link, ...]
    options: tuple[Option, ...]
    type: str | None

    is_input = True


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Record(FormItem):
    """``<record>``."""

    modal: bool
    beep: bool
    maxtime: float | None
    finalsilence: float | None
    dtmfterm: bool
    type: str | None
    dest: str | None
    destexpr: str | None
    grammars: tuple[GrammarRef | Phrase, ...]
    links: tuple[Link, ...]

    is_input = True


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Transfer(FormItem):
    """``<transfer>``."""

    dest: str | None
    destexpr: str | None
    kind: Literal["blind", "bridge", "consultation"]
    connecttimeout: float | None
    maxtime: float | None
    transferaudio: str | None
    aai: str | None
    aaiexpr: str | None
    grammars: tuple[GrammarRef | Phrase, ...]
    links: tuple[Link, ...]

    is_input = True


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Param:
    """``<param>``. ``value`` or ``expr``."""

    line: int
    name: str
    value: str | None
    expr: str | None
    valuetype: str
    type: str | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Subdialog(FormItem):
    """``<subdialog>``."""

    src: str | None
    srcexpr: str | None
    names: tuple[str, ...]
    method: str
    enctype: str
    params: tuple[Param, ...]
    fetch: Fetch

    is_input = True


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class ObjectItem(FormItem):
    """``<object>``: a platform's extension."""

    classid: str | None
    attributes: Mapping[str, str]
    params: tuple[Param, ...]

    is_input = True


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Choice:
    """``<choice>`` of a menu."""

    line: int
    text: str
    keys: str | None
    grammars: tuple[GrammarRef | Phrase, ...]
    target: Target | None
    throwing: Throwing | None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class MenuItem(FormItem):
    """The one item of a menu (§2.2: a menu is a form with one anonymous field)."""

    choices: tuple[Choice, ...]

    is_input = False


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Dialog:
    """``<form>`` or ``<menu>``: one shape, since a menu behaves as a form (§2.2)."""

    line: int
    id: str
    named: bool
    kind: Literal["form", "menu"]
    scope: Literal["dialog", "document"]
    setup: tuple[Var | Script | Data | FormItem, ...]
    """Variables, scripts, data and items in document order, as form initialisation takes them (§2.1.6.1)."""
    items: tuple[FormItem, ...]
    by_name: Mapping[str, FormItem]
    filled: tuple[Filled, ...]
    """All ``<filled>`` of the dialog in document order, those inside items included."""
    grammars: tuple[GrammarRef | Phrase, ...]
    links: tuple[Link, ...]
    catches: tuple[Catch, ...]
    properties: Mapping[str, str]
    choices: tuple[Choice, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Document:
    """A VoiceXML document that was read and checked.

    ``base`` is the URI that its relative references start from; ``application`` the absolute URI of its
    root document, or None.
    """

    uri: str
    base: str
    version: str
    lang: str | None
    application: str | None
    setup: tuple[Var | Script | Data, ...]
    dialogs: tuple[Dialog, ...]
    by_id: Mapping[str, Dialog]
    links: tuple[Link, ...]
    catches: tuple[Catch, ...]
    properties: Mapping[str, str]
    metadata: Mapping[str, Any] = field(default_factory=dict)
