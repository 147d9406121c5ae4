"""The elements of VoiceXML 2.1, section by section: see :mod:`vxmlplat.vxml.schema` for the parts."""

from __future__ import annotations

from vxmlplat.vxml.schema import (
    AUDIO,
    EVENT,
    EXECUTABLE,
    FETCH,
    FETCH_DOCUMENT,
    HANDLERS,
    ITEM,
    RULES,
    SEND,
    SPEECH,
    anything,
    boolean,
    counter,
    define,
    expression,
    keys,
    natural,
    one_of,
    time,
    weight,
)

__all__ = ["RULES"]

# --- documents and dialogs (§1.5, §2.1, §2.2)
define(
    "vxml",
    {"version": one_of("2.0", "2.1"), "application": anything},
    required=["version"],
    children=HANDLERS | {"data", "form", "link", "menu", "meta", "metadata", "property", "script", "var"},
)
define("meta", {"name": anything, "http-equiv": anything, "content": anything}, required=["content"])
define("metadata", opaque=True, text=True)
define("property", {"name": anything, "value": anything}, required=["name", "value"])
define(
    "form",
    {"id": anything, "scope": one_of("dialog", "document")},
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
        "id": anything,
        "scope": one_of("dialog", "document"),
        "dtmf": boolean,
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
        "dtmf": keys,
        "accept": one_of("exact", "approximate"),
        "next": anything,
        "expr": expression,
    },
    exactly_one=("next", "expr", "event", "eventexpr"),
    at_most_one=[("message", "messageexpr")],
    children=SPEECH | {"grammar"},
    text=True,
)
define(
    "link",
    {**EVENT, **FETCH_DOCUMENT, "dtmf": keys, "next": anything, "expr": expression},
    exactly_one=("next", "expr", "event", "eventexpr"),
    at_most_one=[("message", "messageexpr")],
    children=["grammar"],
)
define(
    "grammar",
    {
        **FETCH,
        "version": one_of("1.0", "1.1"),
        "root": anything,
        "tag-format": anything,
        "src": anything,
        "srcexpr": expression,
        "type": anything,
        "mode": one_of("voice", "dtmf"),
        "scope": one_of("dialog", "document"),
        "weight": weight,
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
    {**ITEM, "type": anything, "slot": anything, "modal": boolean},
    children=HANDLERS | AUDIO | {"filled", "grammar", "link", "option", "prompt", "property"},
    text=True,
)
define(
    "option",
    {"dtmf": keys, "accept": one_of("exact", "approximate"), "value": anything},
    children=SPEECH,
    text=True,
)
define(
    "record",
    {
        **ITEM,
        "modal": boolean,
        "beep": boolean,
        "maxtime": time,
        "finalsilence": time,
        "dtmfterm": boolean,
        "type": anything,
        "dest": anything,
        "destexpr": expression,
    },
    children=HANDLERS | AUDIO | {"filled", "grammar", "link", "prompt", "property"},
    text=True,
)
define(
    "transfer",
    {
        **ITEM,
        "dest": anything,
        "destexpr": expression,
        "bridge": boolean,
        "type": one_of("blind", "bridge", "consultation"),
        "connecttimeout": time,
        "maxtime": time,
        "transferaudio": anything,
        "aai": anything,
        "aaiexpr": expression,
    },
    exactly_one=("dest", "destexpr"),
    at_most_one=[("bridge", "type"), ("aai", "aaiexpr")],
    children=HANDLERS | AUDIO | {"filled", "grammar", "link", "prompt", "property"},
    text=True,
)
define(
    "subdialog",
    {**ITEM, **SEND, **FETCH_DOCUMENT, "src": anything, "srcexpr": expression},
    exactly_one=("src", "srcexpr"),
    children=HANDLERS | AUDIO | {"filled", "param", "prompt", "property"},
    text=True,
)
define(
    "object",
    {
        **ITEM,
        **FETCH,
        "classid": anything,
        "codebase": anything,
        "codetype": anything,
        "data": anything,
        "type": anything,
        "archive": anything,
    },
    children=HANDLERS | AUDIO | {"filled", "param", "prompt", "property"},
    text=True,
)
define(
    "param",
    {
        "name": anything,
        "value": anything,
        "expr": expression,
        "valuetype": one_of("data", "ref"),
        "type": anything,
    },
    required=["name"],
    exactly_one=("value", "expr"),
)
define("filled", {"mode": one_of("all", "any"), "namelist": anything}, children=EXECUTABLE, text=True)

# --- event handlers (§5.2)
define(
    "catch",
    {"event": anything, "count": counter, "cond": expression},
    children=EXECUTABLE,
    text=True,
)
for _shorthand in ("help", "noinput", "nomatch", "error"):
    define(_shorthand, {"count": counter, "cond": expression}, children=EXECUTABLE, text=True)

# --- executable content (§5.3)
define("var", {"name": anything, "expr": expression}, required=["name"])
define("assign", {"name": anything, "expr": expression}, required=["name", "expr"])
define("clear", {"namelist": anything})
define(
    "script",
    {**FETCH, "src": anything, "srcexpr": expression, "charset": anything},
    at_most_one=[("src", "srcexpr")],
    text=True,
)
define(
    "data",
    {**SEND, **FETCH_DOCUMENT, "name": anything, "src": anything, "srcexpr": expression},
    exactly_one=("src", "srcexpr"),
)
define("if", {"cond": expression}, required=["cond"], children=EXECUTABLE | {"elseif", "else"}, text=True)
define("elseif", {"cond": expression}, required=["cond"])
define("else")
define(
    "foreach",
    {"item": anything, "array": expression},
    required=["item", "array"],
    children=EXECUTABLE | SPEECH,
    text=True,
)
define("log", {"label": anything, "expr": expression}, children=["value"], text=True)
define("reprompt")
define("throw", EVENT, exactly_one=("event", "eventexpr"), at_most_one=[("message", "messageexpr")])
define(
    "goto",
    {
        **FETCH_DOCUMENT,
        "next": anything,
        "expr": expression,
        "nextitem": anything,
        "expritem": expression,
    },
    exactly_one=("next", "expr", "nextitem", "expritem"),
)
define(
    "submit", {**FETCH_DOCUMENT, **SEND, "next": anything, "expr": expression}, exactly_one=("next", "expr")
)
define("exit", {"expr": expression, "namelist": anything}, at_most_one=[("expr", "namelist")])
define(
    "return",
    {**EVENT, "namelist": anything},
    at_most_one=[("namelist", "event", "eventexpr"), ("message", "messageexpr")],
)
define("disconnect", {"namelist": anything})

# --- prompts (§4.1, SSML 1.0)
define(
    "prompt",
    {
        "bargein": boolean,
        "bargeintype": one_of("speech", "hotword"),
        "cond": expression,
        "count": counter,
        "timeout": time,
        "version": anything,
    },
    children=SPEECH,
    text=True,
)
define(
    "audio",
    {**FETCH, "src": anything, "expr": expression},
    exactly_one=("src", "expr"),
    children=SPEECH,
    text=True,
)
define("value", {"expr": expression, "class": anything, "mode": anything}, required=["expr"])
define("enumerate", children=SPEECH, text=True)
define("desc", text=True)
define("mark", {"name": anything, "nameexpr": expression}, exactly_one=("name", "nameexpr"))
define(
    "break",
    {
        "time": time,
        "strength": one_of("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        "size": one_of("none", "small", "medium", "large"),
    },
)
define("lexicon", {"uri": anything, "type": anything, **FETCH}, required=["uri"])
define(
    "emphasis",
    {"level": one_of("strong", "moderate", "none", "reduced")},
    children=SPEECH,
    text=True,
)
define(
    "prosody",
    {
        "rate": anything,
        "pitch": anything,
        "range": anything,
        "contour": anything,
        "volume": anything,
        "duration": time,
    },
    children=SPEECH,
    text=True,
)
define(
    "voice",
    {
        "gender": one_of("male", "female", "neutral"),
        "age": natural,
        "variant": counter,
        "name": anything,
        "category": anything,
        "languages": anything,
        "required": anything,
        "ordering": anything,
        "onvoicefailure": anything,
    },
    children=SPEECH,
    text=True,
)
define(
    "say-as",
    {"interpret-as": anything, "type": anything, "format": anything, "detail": anything},
    exactly_one=("interpret-as", "type"),
    children=SPEECH,
    text=True,
)
define("sub", {"alias": anything}, required=["alias"], children=SPEECH, text=True)
define(
    "phoneme",
    {"ph": anything, "alphabet": anything, "type": anything},
    required=["ph"],
    children=["value"],
    text=True,
)
for _name in ("p", "s", "paragraph", "sentence", "token", "w", "lang", "lookup"):
    define(_name, {"ref": anything, "role": anything, "onlangfailure": anything}, children=SPEECH, text=True)
