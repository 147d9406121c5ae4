"""The XML form of a grammar (SRGS 1.0 §2 to §4, appendices A to C): element tree to
:class:`GrammarDocument`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

from vxmlplat.documents.errors import MarkupError
from vxmlplat.documents.markup import Element, parse_xml
from vxmlplat.grammar.document_checks import absolute_uri, check_document, resolve_reference
from vxmlplat.grammar.errors import GrammarLimitError, GrammarSyntaxError
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
    Position,
    Repeat,
    Rule,
    RuleReference,
    Sequence,
    Special,
    SpecialRule,
    Tag,
    Token,
)

NAMESPACE = "http://www.w3.org/2001/06/grammar"

_NUMBER = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*")
_REPEAT = re.compile(r"\s*(\d{1,9})\s*(?:(-)\s*(\d{1,9})?\s*)?")
_TEXT = re.compile(r'"([^"]*)"|([^\s"]+)|(")')
_NAME = re.compile(r"[^\W\d][\w.-]*")


def parse_srgs_xml(
    data: bytes | str,
    uri: str,
    *,
    charset: str | None = None,
    language: str | None = None,
    mode: Mode | None = None,
    inline: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> GrammarDocument:
    """Parse an XML grammar; ``uri`` is where it came from, ``charset`` what the transport declared.

    ``inline``: the text of a grammar inside a VoiceXML document, see :func:`grammar_of_element`. Raises
    ``GrammarSyntaxError`` with the position, ``GrammarReferenceError``, ``GrammarLimitError``.
    """
    if len(data) > limits.source * 2:
        raise GrammarLimitError(f"longer than {limits.source} characters", uri=uri)
    try:
        root = parse_xml(data, uri, charset)
    except MarkupError as error:
        raise GrammarSyntaxError(
            error.message, uri=uri, line=error.line or None, column=error.column or None
        ) from None
    return grammar_of_element(root, uri, language=language, mode=mode, inline=inline, limits=limits)


def grammar_of_element(
    root: Element,
    uri: str,
    *,
    language: str | None = None,
    mode: Mode | None = None,
    inline: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> GrammarDocument:
    """The grammar that a ``<grammar>`` element holds.

    With ``inline`` the element stands in a VoiceXML document: its namespace is that document's or SRGS's,
    version and namespace may be missing, and ``language`` and ``mode`` are taken where it declares none
    (VoiceXML 2.0 §3.1.1.4).
    """
    return _Reader(root, uri, inline, limits).document(language, mode)


class _Reader:
    def __init__(self, root: Element, uri: str, inline: bool, limits: Limits) -> None:
        self.root = root
        self.uri = uri
        self.base = uri
        self.inline = inline
        self.namespace = root.namespace if inline else NAMESPACE
        self.limits = limits
        self.nodes = 0
        self.references: list[RuleReference] = []

    def fail(self, element: Element, message: str) -> NoReturn:
        raise GrammarSyntaxError(message, uri=self.uri, line=element.line, column=element.column)

    def own(self, parent: Element) -> Iterator[Element | str]:
        """The children that are the grammar's: an element of another namespace is none of its business."""
        for child in parent.children:
            if isinstance(child, str) or child.namespace in (self.namespace, NAMESPACE):
                yield child

    # -- the document

    def document(self, language: str | None, mode: Mode | None) -> GrammarDocument:
        root = self.root
        if root.name != "grammar":
            self.fail(root, f"the root element must be <grammar>, not <{root.name}>")
        if root.namespace != self.namespace:
            self.fail(root, f"<grammar> must be in the namespace {NAMESPACE}")
        version = root.get("version")
        if version != "1.0" and not (version is None and self.inline):
            self.fail(
                root, "<grammar> must have version='1.0'" if version is None else f"version {version!r}"
            )
        declared_mode = root.get("mode")
        if declared_mode is not None:
            if declared_mode not in tuple(Mode):
                self.fail(root, f"the mode is voice or dtmf, not {declared_mode!r}")
            mode = Mode(declared_mode)
        header, rules = self.header_and_rules()
        metas = tuple(self.meta(element) for element in header if element.name == "meta")
        meta_base = next((meta.content for meta in metas if meta.name == "base" and not meta.http), "")
        self.base = absolute_uri(self.uri, root.get("xml:base", meta_base) or "", self.uri)
        document = GrammarDocument(
            uri=self.uri,
            base=self.base,
            media_type=MediaType.XML,
            mode=mode or Mode.VOICE,
            language=root.get("xml:lang") or language,
            root=root.get("root"),
            tag_format=root.get("tag-format"),
            rules=self.rules(rules),
            tags=tuple(element.full_text() for element in header if element.name == "tag"),
            lexicons=tuple(self.lexicon(element) for element in header if element.name == "lexicon"),
            metas=metas,
            references=tuple(self.references),
        )
        check_document(document)
        return document

    def header_and_rules(self) -> tuple[list[Element], list[Element]]:
        header: list[Element] = []
        rules: list[Element] = []
        for child in self.own(self.root):
            if isinstance(child, str):
                if child.strip():
                    self.fail(self.root, f"text directly in <grammar>: {child.split()[0]!r}")
            elif child.name == "rule":
                rules.append(child)
            elif child.name in ("meta", "metadata", "lexicon", "tag"):
                if rules:
                    self.fail(child, f"<{child.name}> must stand before the rules")
                header.append(child)
            else:
                self.fail(child, f"<{child.name}> cannot stand in <grammar>")
        return header, rules

    def meta(self, element: Element) -> Meta:
        name, http = element.get("name"), element.get("http-equiv")
        content = element.get("content")
        if (name is None) == (http is None) or content is None:
            self.fail(element, "<meta> needs content and either name or http-equiv")
        return Meta(name or http or "", content, http is not None)

    def lexicon(self, element: Element) -> Lexicon:
        written = element.get("uri")
        if not written:
            self.fail(element, "<lexicon> needs a uri")
        return Lexicon(absolute_uri(self.base, written, self.uri), element.get("type"))

    def rules(self, elements: list[Element]) -> dict[str, Rule]:
        if len(elements) > self.limits.rules:
            raise GrammarLimitError(f"more than {self.limits.rules} rules", uri=self.uri)
        rules: dict[str, Rule] = {}
        for element in elements:
            name = element.get("id") or ""
            if not _NAME.fullmatch(name):
                self.fail(element, f"{name!r} is no rule name" if name else "<rule> needs an id")
            if name in tuple(SpecialRule):
                self.fail(element, f"{name} is a special rule and cannot be defined")
            if name in rules:
                self.fail(element, f"rule {name!r} is defined twice")
            scope = element.get("scope", "private")
            if scope not in ("public", "private"):
                self.fail(element, f"the scope is public or private, not {scope!r}")
            examples = tuple(
                " ".join(child.full_text().split())
                for child in self.own(element)
                if isinstance(child, Element) and child.name == "example"
            )
            expansion = self.content(element, None, 0)
            if expansion is None:
                self.fail(element, f"rule {name!r} is empty; <ruleref special='NULL'/> matches nothing said")
            rules[name] = Rule(
                name, expansion, scope == "public", examples, Position(element.line, element.column)
            )
        return rules

    # -- expansions

    def content(self, parent: Element, language: str | None, depth: int) -> Expansion | None:
        """The sequence in a rule or item; None when nothing at all stands there."""
        if depth > self.limits.depth:
            raise GrammarLimitError(
                f"expansions nest deeper than {self.limits.depth}", uri=self.uri, line=parent.line
            )
        parts: list[Expansion] = []
        for child in self.own(parent):
            if isinstance(child, str):
                self.tokens(child, parent, language, parts)
            elif child.name == "token":
                parts.append(self.token(child, language))
            elif child.name == "tag":
                parts.append(Tag(child.full_text()))
            elif child.name == "ruleref":
                parts.append(self.reference(child, language))
            elif child.name == "item":
                parts.append(self.item(child, language, depth))
            elif child.name == "one-of":
                parts.append(self.one_of(child, language, depth))
            elif child.name != "example" or parent.name != "rule":
                self.fail(child, f"<{child.name}> cannot stand in <{parent.name}>")
        self.nodes += len(parts)
        if self.nodes > self.limits.nodes:
            raise GrammarLimitError(f"more than {self.limits.nodes} parts of rules", uri=self.uri)
        if len(parts) == 1:
            return parts[0]
        return Sequence(tuple(parts)) if parts else None

    def tokens(self, text: str, parent: Element, language: str | None, parts: list[Expansion]) -> None:
        if '"' not in text:
            parts.extend(Token(word, language) for word in text.split())
            return
        for quoted, word, lone in _TEXT.findall(text):
            if lone:
                self.fail(parent, "a quote in the text has no end")
            content = word or " ".join(quoted.split())
            if not content:
                self.fail(parent, "a quoted token needs at least one word")
            parts.append(Token(content, language))

    def token(self, element: Element, language: str | None) -> Token:
        inner = next(element.elements(), None)
        if inner is not None:
            self.fail(inner, f"<{inner.name}> cannot stand in <token>")
        text = " ".join(element.text().replace('"', " ").split())
        if not text:
            self.fail(element, "<token> needs a word")
        return Token(text, element.get("xml:lang") or language)

    def item(self, element: Element, language: str | None, depth: int) -> Expansion:
        inner = self.content(element, element.get("xml:lang") or language, depth + 1) or Sequence(())
        written = element.get("repeat")
        if written is None:
            return inner
        found = _REPEAT.fullmatch(written)
        if not found:
            self.fail(element, f"repeat={written!r}: expected n, m-n or m-")
        minimum = int(found[1])
        maximum = (int(found[3]) if found[3] else None) if found[2] else minimum
        if maximum is not None and maximum < minimum:
            self.fail(element, f"repeat={written!r} is an empty range")
        probability = self.number(element, "repeat-prob")
        if probability is not None and probability > 1:
            self.fail(element, "repeat-prob is between 0.0 and 1.0")
        return Repeat(inner, minimum, maximum, probability)

    def one_of(self, element: Element, language: str | None, depth: int) -> Expansion:
        language = element.get("xml:lang") or language
        choices: list[Choice] = []
        for child in self.own(element):
            if isinstance(child, str):
                if child.strip():
                    self.fail(element, f"text directly in <one-of>: {child.split()[0]!r}")
            elif child.name != "item":
                self.fail(child, f"<{child.name}> cannot stand in <one-of>")
            else:
                weight = self.number(child, "weight")
                choices.append(Choice(self.item(child, language, depth + 1), weight))
        if not choices:
            self.fail(element, "<one-of> needs at least one <item>")
        return Alternatives(tuple(choices))

    def number(self, element: Element, name: str) -> float | None:
        written = element.get(name)
        if written is None:
            return None
        if not _NUMBER.fullmatch(written):
            self.fail(element, f"{name}={written!r} is no number")
        return float(written)

    def reference(self, element: Element, language: str | None) -> Expansion:
        special, written = element.get("special"), element.get("uri")
        if (special is None) == (written is None):
            self.fail(element, "<ruleref> needs either uri or special")
        if special is not None:
            if special not in tuple(SpecialRule):
                self.fail(element, f"special is NULL, VOID or GARBAGE, not {special!r}")
            return Special(SpecialRule(special))
        reference = resolve_reference(
            self.base,
            (written or "").strip(),
            element.get("type"),
            element.get("xml:lang") or language,
            Position(element.line, element.column),
            self.uri,
        )
        self.references.append(reference)
        return reference
