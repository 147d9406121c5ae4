"""The scanner under the parser of the ABNF form: white space, comments, literals, quotes (SRGS 1.0 §1.7)."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NoReturn

from vxmlplat.grammar.errors import GrammarSyntaxError
from vxmlplat.grammar.model import Position

_BLANK = re.compile(r"(?:\s+|//[^\r\n]*|/\*(?!\*(?!/)).*?\*/)+", re.S)
_MAY_BE_BLANK = (
    frozenset("/ \t\r\n\f\v\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000")
    | frozenset(map(chr, range(0x1C, 0x20)))
    | frozenset(map(chr, range(0x2000, 0x200B)))
)
_DOC_COMMENT = re.compile(r"/\*\*(?!/)(.*?)\*/", re.S)
_EXAMPLE = re.compile(r"@example\s+([^\r\n]*)")
_LINE_END = re.compile(r"\r\n|\n|\r")


class Scanner:
    """A text and a place in it. Errors are ``GrammarSyntaxError`` with line and column."""

    def __init__(self, text: str, uri: str) -> None:
        self.text = text
        self.uri = uri
        self.at = 0
        self.lines: list[int] = []
        self.examples: list[str] = []

    def position(self, at: int | None = None) -> Position:
        """Line and column of a place, else of the present one."""
        at = self.at if at is None else at
        if not self.lines:
            self.lines = [0, *(found.end() for found in _LINE_END.finditer(self.text))]
        line = bisect_right(self.lines, at)
        return Position(line, at - self.lines[line - 1] + 1)

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        """Raise ``GrammarSyntaxError`` for a place, else for the present one."""
        place = self.position(at)
        raise GrammarSyntaxError(message, uri=self.uri, line=place.line, column=place.column)

    def blank(self) -> None:
        """Skip white space and comments; keep the examples of documentation comments for the next rule."""
        while self.text[self.at : self.at + 1] in _MAY_BE_BLANK:
            start = self.at
            if found := _BLANK.match(self.text, self.at):
                self.at = found.end()
            if found := _DOC_COMMENT.match(self.text, self.at):
                self.examples += [
                    example.rstrip().removesuffix("*").rstrip() for example in _EXAMPLE.findall(found[1])
                ]
                self.at = found.end()
            if self.at == start:
                if self.text.startswith("/*", self.at):
                    self.fail("this comment has no end")
                break

    def peek(self) -> str:
        """The next character behind white space and comments; empty at the end."""
        self.blank()
        return self.text[self.at : self.at + 1]

    def take(self, literal: str) -> bool:
        """Whether this comes next; it is taken then."""
        self.blank()
        if self.text.startswith(literal, self.at):
            self.at += len(literal)
            return True
        return False

    def need(self, literal: str, where: str) -> None:
        """Take this; what comes instead is an error."""
        if not self.take(literal):
            found = self.text[self.at : self.at + 12].split("\n")[0] or "the end of the text"
            self.fail(f"expected {literal!r} {where}, found {found!r}")

    def pattern(self, pattern: re.Pattern[str], what: str) -> str:
        """Take what a pattern matches: its first group, if it has one."""
        self.blank()
        found = pattern.match(self.text, self.at)
        if not found:
            self.fail(f"expected {what}")
        self.at = found.end()
        return found[1] if pattern.groups else found[0]

    def quoted(self, what: str) -> str:
        """Take a text in single or double quotes."""
        quote = self.peek()
        if quote not in ('"', "'") or not quote:
            self.fail(f"expected {what} in quotes")
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            self.fail("this quote has no end")
        content = self.text[self.at + 1 : end]
        self.at = end + 1
        return content
