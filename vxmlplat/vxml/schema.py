"""The rules of VoiceXML 2.1's elements as a table: attributes, values, what may stand in what.

Sources: the schema of VoiceXML 2.1 and the sections of VoiceXML 2.0 and 2.1 on each element; SSML 1.0 and
1.1 for what may stand in a prompt. Content of ``<grammar>`` and ``<metadata>`` is not ours to judge here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vxmlplat.vxml import values

Check = Callable[[str], str | None] | None
"""Looks at an attribute's value; returns what it should have been, or None when it is well. None takes
anything."""

_anything: Check = None


def _expression(value: str) -> str | None:
    return None if value.strip() else "an ECMAScript expression"


def _boolean(value: str) -> str | None:
    return None if values.boolean(value) is not None else '"true" or "false"'


def _time(value: str) -> str | None:
    return None if values.seconds(value) is not None else 'a time such as "2s", "1.5s" or "500ms"'


def _natural(value: str) -> str | None:
    return None if values.natural(value) is not None else "a whole number of 0 or more"


def _counter(value: str) -> str | None:
    return None if values.natural(value) else "a whole number of 1 or more"


def _weight(value: str) -> str | None:
    try:
        fine = float(value) > 0
    except ValueError:
        fine = False
    return None if fine else "a number above 0"


def _item_name(value: str) -> str | None:
    if values.is_variable_name(value) and not value.endswith("$") and value not in values.SCOPES:
        return None
    return "a variable name: letters, digits and _, no reserved word, no scope prefix, no $ at its end"


def _keys(value: str) -> str | None:
    keys = "".join(value.split())
    return (
        None
        if keys and all(key in "0123456789*#ABCDabcd" for key in keys)
        else "keys out of 0-9, *, # and A-D"
    )


def one_of(*choices: str) -> Check:
    """A check that takes these values only."""
    told = " or ".join(f'"{choice}"' for choice in choices)
    allowed = frozenset(choices)
    return lambda value: None if value in allowed else told


@dataclass(frozen=True, slots=True)
class ElementRule:
    """The rules of one element.

    ``exactly_one`` and ``at_most_one`` are groups of attributes that exclude each other. ``text``: whether
    characters other than white space may stand in it. ``opaque``: content that this table does not describe.
    """

    attributes: dict[str, Check]
    required: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    children: frozenset[str] = frozenset()
    text: bool = False
    opaque: bool = False

    demands: bool = False
    """Whether some attribute must be there, or some exclude each other."""


RULES: dict[str, ElementRule] = {}

FETCH: dict[str, Check] = {
    "fetchhint": one_of("prefetch", "safe", "stream"),
    "fetchtimeout": _time,
    "maxage": _natural,
    "maxstale": _natural,
}
FETCH_DOCUMENT: dict[str, Check] = {**FETCH, "fetchaudio": _anything}
SEND: dict[str, Check] = {
    "namelist": _anything,
    "method": one_of("get", "post", "GET", "POST"),
    "enctype": one_of("application/x-www-form-urlencoded", "multipart/form-data"),
}
EVENT: dict[str, Check] = {
    "event": _anything,
    "eventexpr": _expression,
    "message": _anything,
    "messageexpr": _expression,
}
ITEM: dict[str, Check] = {"name": _item_name, "expr": _expression, "cond": _expression}

MARKUP = frozenset(
    "break emphasis mark phoneme prosody say-as voice sub p s paragraph sentence lexicon"
    " meta metadata token w lang desc lookup".split()
)
SPEECH = MARKUP | {"audio", "value", "enumerate", "foreach"}
AUDIO = frozenset({"audio", "value", "enumerate"})
HANDLERS = frozenset({"catch", "help", "noinput", "nomatch", "error"})
EXECUTABLE = AUDIO | frozenset(
    "var assign clear script data if foreach log prompt reprompt"
    " throw goto submit exit return disconnect".split()
)


def define(
    name: str,
    attributes: dict[str, Check] | None = None,
    *,
    required: Iterable[str] = (),
    exactly_one: tuple[str, ...] = (),
    at_most_one: Iterable[tuple[str, ...]] = (),
    children: Iterable[str] = (),
    text: bool = False,
    opaque: bool = False,
) -> None:
    """Add an element to the table; twice is a mistake."""
    if name in RULES:
        raise ValueError(f"the element {name} is defined twice")
    RULES[name] = ElementRule(
        attributes or {},
        tuple(required),
        (exactly_one,) if exactly_one else (),
        tuple(at_most_one),
        frozenset(children),
        text,
        opaque,
        demands=bool(required or exactly_one or at_most_one),
    )


# --- documents and dialogs (§1.5, §2.1, §2.2)
define(
    "vxml",
    {"version": one_of("2.0", "2.1"), "application": _anything},
    required=["version"],
    children=HANDLERS | {"data", "form", "link", "menu", "meta", "metadata", "property", "script", "var"},
)
define("meta", {"name": _anything, "http-equiv": _anything, "content": _anything}, required=["content"])
define("metadata", opaque=True, text=True)
define("property", {"name": _anything, "value": _anything}, required=["name", "value"])
define(
    "form",
    {"id": _anything, "scope": one_of("dialog", "document")},
    children=HANDLERS
    | {
        "block",
        "data",
        "field",
        "filled",
        "grammar",
        "initial",
        "link",
        "object",
        "property",
        "record",
        "script",
    }
    | {"subdialog", "transfer", "var"},
)
define(
    "menu",
    {
        "id": _anything,
        "scope": one_of("dialog", "document"),
        "dtmf": _boolean,
        "accept": one_of("exact", "approximate"),
    },
    children=HANDLERS | AUDIO | {"choice", "prompt", "property", "script"},
    text=True,
)
define(
    "choice",
    {
        **EVENT,
        **FETCH_DOCUMENT,
        "dtmf": _keys,
        "accept": one_of("exact", "approximate"),
        "next": _anything,
        "expr": _expression,
    },
    exactly_one=("next", "expr", "event", "eventexpr"),
    at_most_one=[("message", "messageexpr")],
    children=SPEECH | {"grammar"},
    text=True,
)
define(
    "link",
    {**EVENT, **FETCH_DOCUMENT, "dtmf": _keys, "next": _anything, "expr": _expression},
    exactly_one=("next", "expr", "event", "eventexpr"),
    at_most_one=[("message", "messageexpr")],
    children=["grammar"],
)
define(
    "grammar",
    {
        **FETCH,
        "version": one_of("1.0", "1.1"),
        "root": _anything,
        "tag-format": _anything,
        "src": _anything,
        "srcexpr": _expression,
        "type": _anything,
        "mode": one_of("voice", "dtmf"),
        "scope": one_of("dialog", "document"),
        "weight": _weight,
    },
    at_most_one=[("src", "srcexpr")],
    opaque=True,
    text=True,
)

# --- form items (§2.3, §2.4)
define("block", ITEM, children=EXECUTABLE, text=True)
define("initial", ITEM, children=HANDLERS | AUDIO | {"link", "prompt", "property"}, text=True)
define(
    "field",
    {**ITEM, "type": _anything, "slot": _anything, "modal": _boolean},
    children=HANDLERS | AUDIO | {"filled", "grammar", "link", "option", "prompt", "property"},
    text=True,
)
define(
    "option",
    {"dtmf": _keys, "accept": one_of("exact", "approximate"), "value": _anything},
    children=SPEECH,
    text=True,
)
define(
    "record",
    {
        **ITEM,
        "modal": _boolean,
        "beep": _boolean,
        "maxtime": _time,
        "finalsilence": _time,
        "dtmfterm": _boolean,
        "type": _anything,
        "dest": _anything,
        "destexpr": _expression,
    },
    children=HANDLERS | AUDIO | {"filled", "grammar", "link", "prompt", "property"},
    text=True,
)
define(
    "transfer",
    {
        **ITEM,
        "dest": _anything,
        "destexpr": _expression,
        "bridge": _boolean,
        "type": one_of("blind", "bridge", "consultation"),
        "connecttimeout": _time,
        "maxtime": _time,
        "transferaudio": _anything,
        "aai": _anything,
        "aaiexpr": _expression,
    },
    exactly_one=("dest", "destexpr"),
    at_most_one=[("bridge", "type"), ("aai", "aaiexpr")],
    children=HANDLERS | AUDIO | {"filled", "grammar", "link", "prompt", "property"},
    text=True,
)
define(
    "subdialog",
    {**ITEM, **SEND, **FETCH_DOCUMENT, "src": _anything, "srcexpr": _expression},
    exactly_one=("src", "srcexpr"),
    children=HANDLERS | AUDIO | {"filled", "param", "prompt", "property"},
    text=True,
)
define(
    "object",
    {
        **ITEM,
        **FETCH,
        "classid": _anything,
        "codebase": _anything,
        "codetype": _anything,
        "data": _anything,
        "type": _anything,
        "archive": _anything,
    },
    children=HANDLERS | AUDIO | {"filled", "param", "prompt", "property"},
    text=True,
)
define(
    "param",
    {
        "name": _anything,
        "value": _anything,
        "expr": _expression,
        "valuetype": one_of("data", "ref"),
        "type": _anything,
    },
    required=["name"],
    exactly_one=("value", "expr"),
)
define("filled", {"mode": one_of("all", "any"), "namelist": _anything}, children=EXECUTABLE, text=True)

# --- event handlers (§5.2)
define(
    "catch",
    {"event": _anything, "count": _counter, "cond": _expression},
    children=EXECUTABLE,
    text=True,
)
for _shorthand in ("help", "noinput", "nomatch", "error"):
    define(_shorthand, {"count": _counter, "cond": _expression}, children=EXECUTABLE, text=True)

# --- executable content (§5.3)
define("var", {"name": _anything, "expr": _expression}, required=["name"])
define("assign", {"name": _anything, "expr": _expression}, required=["name", "expr"])
define("clear", {"namelist": _anything})
define(
    "script",
    {**FETCH, "src": _anything, "srcexpr": _expression, "charset": _anything},
    at_most_one=[("src", "srcexpr")],
    text=True,
)
define(
    "data",
    {**SEND, **FETCH_DOCUMENT, "name": _anything, "src": _anything, "srcexpr": _expression},
    exactly_one=("src", "srcexpr"),
)
define("if", {"cond": _expression}, required=["cond"], children=EXECUTABLE | {"elseif", "else"}, text=True)
define("elseif", {"cond": _expression}, required=["cond"])
define("else")
define(
    "foreach",
    {"item": _anything, "array": _expression},
    required=["item", "array"],
    children=EXECUTABLE | SPEECH,
    text=True,
)
define("log", {"label": _anything, "expr": _expression}, children=["value"], text=True)
define("reprompt")
define("throw", EVENT, exactly_one=("event", "eventexpr"), at_most_one=[("message", "messageexpr")])
define(
    "goto",
    {
        **FETCH_DOCUMENT,
        "next": _anything,
        "expr": _expression,
        "nextitem": _anything,
        "expritem": _expression,
    },
    exactly_one=("next", "expr", "nextitem", "expritem"),
)
define(
    "submit", {**FETCH_DOCUMENT, **SEND, "next": _anything, "expr": _expression}, exactly_one=("next", "expr")
)
define("exit", {"expr": _expression, "namelist": _anything}, at_most_one=[("expr", "namelist")])
define(
    "return",
    {**EVENT, "namelist": _anything},
    at_most_one=[("namelist", "event", "eventexpr"), ("message", "messageexpr")],
)
define("disconnect", {"namelist": _anything})

# --- prompts (§4.1, SSML 1.0)
define(
    "prompt",
    {
        "bargein": _boolean,
        "bargeintype": one_of("speech", "hotword"),
        "cond": _expression,
        "count": _counter,
        "timeout": _time,
        "version": _anything,
    },
    children=SPEECH,
    text=True,
)
define(
    "audio",
    {**FETCH, "src": _anything, "expr": _expression},
    exactly_one=("src", "expr"),
    children=SPEECH,
    text=True,
)
define("value", {"expr": _expression, "class": _anything, "mode": _anything}, required=["expr"])
define("enumerate", children=SPEECH, text=True)
define("desc", text=True)
define("mark", {"name": _anything, "nameexpr": _expression}, exactly_one=("name", "nameexpr"))
define(
    "break",
    {
        "time": _time,
        "strength": one_of("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        "size": one_of("none", "small", "medium", "large"),
    },
)
define("lexicon", {"uri": _anything, "type": _anything, **FETCH}, required=["uri"])
define(
    "emphasis",
    {"level": one_of("strong", "moderate", "none", "reduced")},
    children=SPEECH,
    text=True,
)
define(
    "prosody",
    {
        "rate": _anything,
        "pitch": _anything,
        "range": _anything,
        "contour": _anything,
        "volume": _anything,
        "duration": _time,
    },
    children=SPEECH,
    text=True,
)
define(
    "voice",
    {
        "gender": one_of("male", "female", "neutral"),
        "age": _natural,
        "variant": _counter,
        "name": _anything,
        "category": _anything,
        "languages": _anything,
        "required": _anything,
        "ordering": _anything,
        "onvoicefailure": _anything,
    },
    children=SPEECH,
    text=True,
)
define(
    "say-as",
    {"interpret-as": _anything, "type": _anything, "format": _anything, "detail": _anything},
    exactly_one=("interpret-as", "type"),
    children=SPEECH,
    text=True,
)
define("sub", {"alias": _anything}, required=["alias"], children=SPEECH, text=True)
define(
    "phoneme",
    {"ph": _anything, "alphabet": _anything, "type": _anything},
    required=["ph"],
    children=["value"],
    text=True,
)
for _name in ("p", "s", "paragraph", "sentence", "token", "w", "lang", "lookup"):
    define(
        _name, {"ref": _anything, "role": _anything, "onlangfailure": _anything}, children=SPEECH, text=True
    )
