"""Fuzz the reading and checking of VoiceXML documents.

    python tests/fuzz/fuzz_vxml.py [--seconds N] [--seed N]

Documents are grown from a grammar of elements (well-formed and mostly sensible) and from mutations of
bytes. A document must be read or refused with :class:`DocumentInvalid`, within a time and memory bound.
Exit status 1 on anything else; the document is then written to standard output.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fuzzing import fuzz_main

from vxmlplat.documents import Resource
from vxmlplat.vxml.errors import DocumentInvalid
from vxmlplat.vxml.reader import read_document
from vxmlplat.vxml.schema_elements import RULES

NAMES = ("a", "b", "x", "dialog.x", "1x", "a b", "", "é", "f$", "application.lastresult$", "class")
EXPRESSIONS = ("1", "a", "a+1", "[1,2,3]", "'#f2'", "nosuch", "({", "'x'", "undefined", "true", "a=2", "this")
URIS = (
    "#f1",
    "#f2",
    "#nosuch",
    "main.vxml",
    "other.vxml#f1",
    "http://[",
    "recording:1",
    "builtin:dtmf/digits",
    "",
)
WORDS = (
    "one",
    "2s",
    "-1",
    "true",
    "dtmf",
    "12#",
    "error.semantic",
    "500ms",
    "all",
    "9" * 50,
    "\u4e2d\u6587",
    "\u0085",
)


ITEMS = frozenset({"block", "initial", "field", "record", "transfer", "subdialog", "object"})
GOOD = {
    "version": ("1.0",),
    "scope": ("dialog", "document"),
    "accept": ("exact", "approximate"),
    "mode": ("all", "any"),
    "method": ("get", "post"),
    "enctype": ("multipart/form-data",),
    "event": ("nomatch", "noinput", "help", "e.a", "error", "exit", "e"),
    "type": ("digits", "boolean", "blind", "bridge", "number?x"),
    "level": ("strong", "none"),
    "gender": ("male",),
    "maxage": ("0", "5"),
    "maxstale": ("0",),
    "fetchtimeout": ("1s",),
    "fetchhint": ("safe",),
    "strength": ("weak",),
    "duration": ("1s",),
    "age": ("5",),
    "variant": ("1",),
    "size": ("none",),
    "weight": ("1",),
    "bargeintype": ("speech", "hotword"),
    "valuetype": ("data",),
    "universals": ("all",),
}


def value_of(attribute: str, rng: random.Random) -> str:
    """A value that may or may not suit the attribute."""
    if rng.random() < 0.02:
        return "".join(rng.choice(WORDS) for _ in range(rng.randrange(4)))
    if attribute in ("name", "item", "namelist", "nextitem"):
        return rng.choice(NAMES)
    if attribute in ("next", "src", "application", "dest", "uri"):
        return rng.choice(URIS)
    if attribute.endswith("expr") or attribute in ("cond", "array"):
        return rng.choice(EXPRESSIONS)
    if attribute in ("bargein", "modal", "beep", "dtmfterm", "bridge"):
        return rng.choice(("true", "false"))
    if attribute in ("timeout", "maxtime", "finalsilence", "connecttimeout", "time"):
        return rng.choice(("1s", "20ms", "0s"))
    if attribute == "count":
        return rng.choice(("1", "2", "3"))
    if attribute == "dtmf":
        return rng.choice("123*#")
    if attribute in GOOD:
        return rng.choice(GOOD[attribute])
    return rng.choice(WORDS)


def escaped(text: str) -> str:
    """Text for an attribute or element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def element(name: str, rng: random.Random, depth: int) -> str:
    """A random element by the table of rules, now and then against it."""
    rule = RULES[name]
    attributes = {one: value_of(one, rng) for one in rule.required}
    for group in rule.exactly_one:
        chosen = rng.choice(group)
        attributes[chosen] = value_of(chosen, rng)
    for one in rule.attributes:
        if rng.random() < 0.12 and not any(one in group for group in (*rule.exactly_one, *rule.at_most_one)):
            attributes[one] = value_of(one, rng)
    if name in ("form", "menu") and rng.random() < 0.8:
        attributes["id"] = rng.choice(("f1", "f2", "f3", "f4", "f5"))
    if name in ITEMS:
        attributes.pop("name", None)
        if rng.random() < 0.5:
            attributes["name"] = f"i{rng.randrange(1000)}"
    if name == "filled":
        attributes = {}
    if name == "grammar":
        attributes.pop("scope", None)
    told = "".join(f' {key}="{escaped(given)}"' for key, given in attributes.items())
    inside = ""
    if name == "grammar":
        inside = "" if {"src", "srcexpr"} & set(attributes) else '<rule id="r">1</rule>'
        told += (
            ' root="r" mode="dtmf"'
            if inside and "mode" not in attributes and "root" not in attributes
            else ""
        )
    elif depth > 0:
        children = sorted(rule.children) if rng.random() < 0.995 else sorted(RULES)
        for _ in range(rng.randrange(5) if children else 0):
            inside += element(rng.choice(children), rng, depth - 1)
            if rule.text and rng.random() < 0.4:
                inside += escaped(rng.choice(WORDS))
    return f"<{name}{told}>{inside}</{name}>"


def document(rng: random.Random) -> bytes:
    """A document of its own, or one with some bytes changed."""
    kinds = ("form", "menu", "form", "var", "catch", "link", "property")
    dialogs = "".join(element(rng.choice(kinds), rng, 4) for _ in range(3))
    head = '<?xml version="1.0"?><vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">'
    data = bytearray((head + dialogs + "</vxml>").encode())
    if rng.random() < 0.3:
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(4)] = bytes(rng.randrange(256) for _ in range(rng.randrange(4)))
    return bytes(data)


def one(rng: random.Random) -> tuple[bytes, object]:
    """Make a document and read it."""
    data = document(rng)

    def read() -> None:
        try:
            read_document(Resource("http://fuzz.example/main.vxml", "", None, data))
        except DocumentInvalid as error:
            str(error)

    return data, read


if __name__ == "__main__":
    sys.exit(fuzz_main("VoiceXML documents", one))
