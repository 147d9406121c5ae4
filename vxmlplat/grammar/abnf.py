"""The ABNF form of a grammar (SRGS 1.0 §2 to §4, appendix D): text to :class:`GrammarDocument`.

One pass by hand: a recursive descent, whose depth is bounded, over the scanner of
:mod:`~vxmlplat.grammar.abnf_scanner`. Tokens that are not quoted may hold anything but the characters the
form reserves, which is a little more than the specification's Nmtoken (``o'clock``); ``* + ?`` are refused
as §2.5 wants.
"""

from __future__ import annotations

import re

from vxmlplat.grammar.abnf_scanner import Scanner
from vxmlplat.grammar.document_checks import absolute_uri, check_document, resolve_reference
from vxmlplat.grammar.errors import GrammarLimitError
from vxmlplat.grammar.limits import DEFAULT_LIMITS, Limits
from vxmlplat.grammar.model import (
    Alternatives,
    Choice,
    Expansion,
    GrammarDocument,
    Lexicon,
    MediaType,
    Meta,
    Mode,
    Repeat,
    Rule,
    RuleReference,
    Sequence,
    Special,
    SpecialRule,
    Tag,
    Token,
)

RESERVED = r';=|*+?<>()\[\]{}!"$/~'
"""Characters that end an unquoted token; a quoted one may hold all but the quote."""

_HEADER = re.compile(r"\ufeff?#ABNF 1\.0(?: +([A-Za-z][A-Za-z0-9._-]*))?[ \t]*;[ \t]*(\r\n|\n|\r)")
_SCOPE = re.compile(r"(public|private)(?![\w])")
_NAME = re.compile(r"[^\W\d]\w*")
_WORD = re.compile(rf"[^\s{RESERVED}]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_NUMBER = re.compile(r"\d*\.\d+|\d+\.?")
_REPEAT = re.compile(r"<\s*(\d+)\s*(?:(-)\s*(\d+)?\s*)?(?:/\s*(\d*\.\d+|\d+\.?)\s*/\s*)?>")
_URI = re.compile(r"<([^<>\"\s]*)>")
_KEYWORDS = ("language", "mode", "root", "tag-format", "base", "lexicon", "meta", "http-equiv")


def parse_abnf(
    text: str,
    uri: str,
    *,
    language: str | None = None,
    mode: Mode | None = None,
    inline: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> GrammarDocument:
    """Parse the text of an ABNF grammar; ``uri`` is where it came from and what its references are relative
    to.

    ``inline``: the text stands inside a VoiceXML document, so ``language`` and ``mode`` are defaults and
    white space may precede the self-identifying header. Raises ``GrammarSyntaxError`` with the position,
    ``GrammarLimitError``.
    """
    return _Parser(text, uri, limits).document(language, mode, inline)


class _Parser(Scanner):
    def __init__(self, text: str, uri: str, limits: Limits) -> None:
        super().__init__(text, uri)
        self.base = uri
        self.limits = limits
        self.depth = 0
        self.nodes = 0
        self.references: list[RuleReference] = []

    def rule_name(self) -> str:
        self.need("$", "before a rule name")
        found = _NAME.match(self.text, self.at)
        if not found:
            self.fail("expected the name of a rule after '$'")
        self.at = found.end()
        return found[0]

    # -- the document

    def document(self, language: str | None, mode: Mode | None, inline: bool) -> GrammarDocument:
        if len(self.text) > self.limits.source:
            raise GrammarLimitError(f"longer than {self.limits.source} characters", uri=self.uri)
        if inline:
            self.at = len(self.text) - len(self.text.lstrip())
        header = _HEADER.match(self.text, self.at)
        if not header:
            self.fail("the first line must be '#ABNF 1.0;' or '#ABNF 1.0 ENCODING;'")
        self.at = header.end()
        declared: dict[str, str] = {}
        lexicons: list[tuple[str, str | None]] = []
        metas: list[Meta] = []
        tags: list[str] = []
        while (keyword := self.header_keyword()) is not None:
            if keyword == "lexicon":
                written = self.pattern(_URI, "a URI in '<' and '>'")
                lexicons.append((written, self.media_type()))
            elif keyword in ("meta", "http-equiv"):
                name = self.quoted("a name")
                self.need("is", f"in a {keyword} declaration")
                metas.append(Meta(name, self.quoted("a value"), keyword == "http-equiv"))
            elif keyword == "tag":
                tags.append(self.tag())
            else:
                if keyword in declared:
                    self.fail(f"{keyword} is declared twice")
                declared[keyword] = self.declaration(keyword)
            self.need(";", f"after the {keyword} declaration")
        if "mode" in declared:
            mode = Mode(declared["mode"])
        meta_base = next((meta.content for meta in metas if meta.name == "base" and not meta.http), "")
        self.base = absolute_uri(self.uri, declared.get("base", meta_base), self.uri)
        rules = self.rules()
        document = GrammarDocument(
            uri=self.uri,
            base=self.base,
            media_type=MediaType.ABNF,
            mode=mode or Mode.VOICE,
            language=declared.get("language", language),
            root=declared.get("root"),
            tag_format=declared.get("tag-format"),
            rules=rules,
            tags=tuple(tags),
            lexicons=tuple(
                Lexicon(absolute_uri(self.base, written, self.uri), kind) for written, kind in lexicons
            ),
            metas=tuple(metas),
            references=tuple(self.references),
        )
        check_document(document)
        return document

    def header_keyword(self) -> str | None:
        self.blank()
        if self.peek() == "{":
            return "tag"
        for keyword in _KEYWORDS:
            after = self.text[self.at + len(keyword) : self.at + len(keyword) + 1]
            if self.text.startswith(keyword, self.at) and not re.match(r"[\w.-]", after):
                self.at += len(keyword)
                self.examples.clear()
                return keyword
        return None

    def declaration(self, keyword: str) -> str:
        if keyword == "language":
            return self.pattern(_LANGUAGE, "a language such as en-US")
        if keyword == "mode":
            start = self.at
            word = self.pattern(_WORD, "voice or dtmf")
            if word not in tuple(Mode):
                self.fail(f"the mode is voice or dtmf, not {word!r}", start)
            return word
        if keyword == "root":
            return self.rule_name()
        return self.pattern(_URI, "a URI in '<' and '>'")

    def rules(self) -> dict[str, Rule]:
        rules: dict[str, Rule] = {}
        while self.peek():
            examples, self.examples = tuple(self.examples), []
            start = self.at
            public = False
            if found := _SCOPE.match(self.text, self.at):
                public = found[0] == "public"
                self.at = found.end()
            if self.peek() != "$":
                self.fail("expected a rule: [public | private] $NAME = EXPANSION;")
            name_at = self.at
            name = self.rule_name()
            if name in tuple(SpecialRule):
                self.fail(f"${name} is a special rule and cannot be defined", name_at)
            if name in rules:
                self.fail(f"rule ${name} is defined twice", name_at)
            if len(rules) >= self.limits.rules:
                raise GrammarLimitError(f"more than {self.limits.rules} rules", uri=self.uri)
            self.need("=", f"after ${name}")
            expansion = self.alternatives()
            self.need(";", f"after the expansion of ${name}")
            rules[name] = Rule(name, expansion, public, examples, self.position(start))
        return rules

    # -- expansions

    def node(self) -> None:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            raise GrammarLimitError(f"more than {self.limits.nodes} parts of rules", uri=self.uri)

    def alternatives(self) -> Expansion:
        self.depth += 1
        if self.depth > self.limits.depth:
            raise GrammarLimitError(f"expansions nest deeper than {self.limits.depth}", uri=self.uri)
        choices = []
        while True:
            weight = None
            if self.take("/"):
                weight = float(self.pattern(_NUMBER, "a weight"))
                self.need("/", "after a weight")
            choices.append(Choice(self.sequence(), weight))
            if not self.take("|"):
                break
        self.depth -= 1
        if len(choices) == 1 and choices[0].weight is None:
            return choices[0].expansion
        return Alternatives(tuple(choices))

    def sequence(self) -> Expansion:
        parts: list[Expansion] = []
        while (sign := self.peek()) and sign not in ";|)]":
            parts.append(self.part(sign))
        if not parts:
            self.fail("expected a token, a rule or a group; an empty expansion is written $NULL or ()")
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def part(self, sign: str) -> Expansion:
        self.node()
        part: Expansion
        if sign == "(":
            self.at += 1
            if self.take(")"):
                part = Sequence(())
            else:
                part = self.alternatives()
                self.need(")", "at the end of the group")
        elif sign == "[":
            self.at += 1
            part = Repeat(self.alternatives(), 0, 1)
            self.need("]", "at the end of the option")
        elif sign == "{":
            part = Tag(self.tag())
        elif sign == "$":
            part = self.reference()
        elif sign == '"':
            start = self.at
            words = " ".join(self.quoted("a token").split())
            if not words:
                self.fail("a quoted token needs at least one word", start)
            part = Token(words)
        else:
            found = _WORD.match(self.text, self.at)
            if not found:
                self.fail(f"{sign!r} is reserved; a token that holds it must be quoted")
            self.at = found.end()
            part = Token(found[0])
        return self.attachments(part)

    def attachments(self, part: Expansion) -> Expansion:
        """Language and repeat operators apply to the expansion right before them (§2.8)."""
        while True:
            if self.take("!"):
                part = _with_language(part, self.pattern(_LANGUAGE, "a language such as en-US"))
            elif self.peek() == "<":
                found = _REPEAT.match(self.text, self.at)
                if not found:
                    self.fail("expected a repeat: <n>, <m-n>, <m->, each with /probability/ if need be")
                minimum = self.count(found[1])
                maximum = (self.count(found[3]) if found[3] else None) if found[2] else minimum
                if maximum is not None and maximum < minimum:
                    self.fail(f"a repeat from {minimum} to {maximum} times")
                probability = float(found[4]) if found[4] else None
                if probability is not None and probability > 1:
                    self.fail("a repeat probability is between 0.0 and 1.0")
                self.at = found.end()
                part = Repeat(part, minimum, maximum, probability)
            else:
                return part

    def count(self, digits: str) -> int:
        if len(digits) > 9:
            self.fail("a repeat count of ten digits or more")
        return int(digits)

    def tag(self) -> str:
        self.blank()
        opened, closed = ("{!{", "}!}") if self.text.startswith("{!{", self.at) else ("{", "}")
        end = self.text.find(closed, self.at + len(opened))
        if end < 0:
            self.fail(f"this tag has no closing {closed!r}; one that holds '}}' stands in {{!{{ and }}!}}")
        content = self.text[self.at + len(opened) : end]
        self.at = end + len(closed)
        return content

    def reference(self) -> Expansion:
        start = self.at
        place = self.position()
        if self.text.startswith("$<", self.at):
            self.at += 1
            written = self.pattern(_URI, "a URI in '<' and '>'")
            media_type = self.media_type()
            reference = resolve_reference(self.base, written, media_type, None, place, self.uri)
        else:
            name = self.rule_name()
            if name in tuple(SpecialRule):
                return Special(SpecialRule(name))
            reference = RuleReference(name, written=self.text[start : self.at], position=place)
        self.references.append(reference)
        return reference

    def media_type(self) -> str | None:
        return self.pattern(_URI, "a media type in '<' and '>'") if self.take("~") else None


def _with_language(part: Expansion, language: str) -> Expansion:
    """Attach a language to every token of the expansion that has none of its own yet (§2.7)."""
    match part:
        case Token(text, None):
            return Token(text, language)
        case RuleReference(language=None):
            return RuleReference(part.rule, part.uri, part.written, part.media_type, language, part.position)
        case Sequence(parts):
            return Sequence(tuple(_with_language(inner, language) for inner in parts))
        case Alternatives(choices):
            return Alternatives(
                tuple(Choice(_with_language(choice.expansion, language), choice.weight) for choice in choices)
            )
        case Repeat(inner, minimum, maximum, probability):
            return Repeat(_with_language(inner, language), minimum, maximum, probability)
        case _:
            return part
