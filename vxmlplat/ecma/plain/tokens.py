"""From text to tokens, of those that plain sources are made of (ECMA-262 §12)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vxmlplat.ecma.plain.numbers import number

LONGEST_SOURCE = 20_000

Kind = Literal["name", "number", "text", "mark", "end"]


class NotPlain(Exception):
    """The source is not plain. Stays inside of this package."""


@dataclass(frozen=True, slots=True)
class Token:
    """A name or mark as it is written, or the value of a literal; whether a line ended before it."""

    kind: Kind
    value: str | float
    after_line: bool


TOKEN = re.compile(
    r"""(?P<blank>(?:[ \t\r\n]+|//[^\r\n\u2028\u2029]*|/\*.*?\*/)+)
    | (?P<name>[A-Za-z_$][\w$]*)
    | (?P<number>(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w$.])
    | (?P<text>'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
    |
    (?P<mark>===?|!==?|[<>]=?(?![<>])|&&(?!=)|\|\|(?!=)|\?(?!\?|\.\D)|\+(?![+=])|-(?![-=])|[*%](?![*=])|/(?!=)
        |=(?!>)|[!:.,;()\[\]{}])
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([^xu0-9\r\n\u2028\u2029]))", re.DOTALL)
SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def tokens(source: str) -> list[Token]:
    """The tokens of a source, an end behind them. Raises :class:`NotPlain`."""
    if len(source) > LONGEST_SOURCE or "\0" in source:
        raise NotPlain
    found: list[Token] = []
    position, after_line = 0, False
    while position < len(source):
        match = TOKEN.match(source, position)
        if match is None:
            raise NotPlain
        position = match.end()
        kind, text = match.lastgroup, match[0]
        if kind == "blank":
            after_line = after_line or "\n" in text or "\r" in text
            continue
        if kind == "name":
            token = Token("name", text, after_line)
        elif kind == "number":
            token = Token("number", number(float(text)), after_line)
        elif kind == "text":
            token = Token("text", _unescaped(text[1:-1]), after_line)
        else:
            token = Token("mark", text, after_line)
        found.append(token)
        after_line = False
    found.append(Token("end", "", after_line))
    return found


def _unescaped(text: str) -> str:
    if "\\" in text:
        rest = ESCAPE.sub("", text)
        if "\\" in rest:
            raise NotPlain  # octal, beyond the BMP, or continued on the next line
        text = ESCAPE.sub(lambda found: _character(*found.groups()), text)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise NotPlain
    return text


def _character(two: str | None, four: str | None, one: str | None) -> str:
    if one is not None:
        return SINGLE.get(one, one)
    return chr(int(two or four or "", 16))
