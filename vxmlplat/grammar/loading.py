"""From bytes to a usable grammar: parse, fetch what it refers to, link.

Fetching belongs to the caller, who hands in a coroutine function ``fetch(uri)``. The three steps can also
be taken one by one: :func:`parse_grammar`, ``document.external_references``, :func:`link`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urldefrag

from vxmlplat.documents.markup import Element
from vxmlplat.grammar.abnf import parse_abnf
from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.grammar.builtins.values import BUILTIN_FORMAT
from vxmlplat.grammar.encodings import decode_abnf
from vxmlplat.grammar.errors import (
    GrammarLimitError,
    GrammarReferenceError,
    UnsupportedBuiltinError,
    UnsupportedFormatError,
)
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.limits import DEFAULT_LIMITS, Limits
from vxmlplat.grammar.model import GrammarDocument, MediaType, Mode, RuleReference
from vxmlplat.grammar.srgs_xml import grammar_of_element, parse_srgs_xml


@dataclass(frozen=True, slots=True)
class FetchedGrammar:
    """What a fetch brought: the URI after redirects, the bytes, and what the server said of them."""

    uri: str
    data: bytes
    media_type: str | None = None
    charset: str | None = None


Fetch: TypeAlias = Callable[[str], Awaitable[FetchedGrammar]]
"""Fetches a grammar by absolute URI without fragment; what it raises passes through to the caller of
``load``.
"""

_MEDIA_TYPES: dict[str, MediaType] = {
    "application/srgs+xml": MediaType.XML,
    "application/grammar+xml": MediaType.XML,
    "application/x-grammar+xml": MediaType.XML,
    "text/grammar-xml": MediaType.XML,
    "application/srgs": MediaType.ABNF,
    "application/grammar": MediaType.ABNF,
    "application/x-abnf": MediaType.ABNF,
}
_TELLS_NOTHING = frozenset(
    {"", "text/plain", "text/xml", "application/xml", "application/octet-stream", "binary/octet-stream"}
)
"""Media types of servers that do not know the file: the URI's ending and the text decide."""

_ENDINGS: dict[str, MediaType] = {
    ".grxml": MediaType.XML,
    ".srgs": MediaType.XML,
    ".xml": MediaType.XML,
    ".gram": MediaType.ABNF,
    ".abnf": MediaType.ABNF,
}


def form_of(media_type: str | None, uri: str, data: bytes | str) -> MediaType:
    """Which of the two forms a grammar has: by media type, else by the URI's ending, else by its first
    characters.

    Raises ``UnsupportedFormatError`` for a media type that is neither.
    """
    declared = (media_type or "").split(";")[0].strip().lower()
    if declared in _MEDIA_TYPES:
        return _MEDIA_TYPES[declared]
    if declared not in _TELLS_NOTHING:
        raise UnsupportedFormatError(
            f"{declared!r} is no media type of a grammar that is understood", uri=uri
        )
    if declared.endswith("/xml"):
        return MediaType.XML
    path = uri.partition("?")[0].partition("#")[0].lower()
    for ending, form in _ENDINGS.items():
        if path.endswith(ending):
            return form
    start = data[:64].lstrip() if isinstance(data, str) else data[:64].replace(b"\0", b"").lstrip()
    abnf = "#ABNF" in start[:12] if isinstance(start, str) else b"#ABNF" in start[:12]
    return MediaType.ABNF if abnf else MediaType.XML


def parse_grammar(
    data: bytes | str,
    uri: str,
    media_type: str | None = None,
    *,
    charset: str | None = None,
    language: str | None = None,
    mode: Mode | None = None,
    inline: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> GrammarDocument:
    """Parse one grammar document of either form.

    The form is that of ``media_type``; without one (or with ``text/plain`` and the like) that of the URI's
    ending, and last that of the text. ``charset`` is what the transport declared. ``inline`` is for a
    grammar inside a VoiceXML document: ``language`` and ``mode`` then are defaults, version and namespace
    may be missing. Raises ``GrammarSyntaxError``, ``GrammarReferenceError``, ``UnsupportedFormatError``,
    ``GrammarLimitError``.
    """
    if form_of(media_type, "" if inline else uri, data) is MediaType.XML:
        return parse_srgs_xml(
            data, uri, charset=charset, language=language, mode=mode, inline=inline, limits=limits
        )
    text = data if isinstance(data, str) else decode_abnf(data, uri, charset)
    return parse_abnf(text, uri, language=language, mode=mode, inline=inline, limits=limits)


def link(
    document: GrammarDocument,
    others: Mapping[str, GrammarDocument],
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> Grammar:
    """Bind every reference and compile.

    ``others`` maps the absolute URIs referred to, at any depth, to documents; one that was redirected
    stands under the URI that was asked for. ``builtin:`` URIs need no entry. Raises
    ``GrammarReferenceError`` for a rule that is not there or private, and for a grammar without root, of
    another mode or of another media type than declared.
    """
    known = dict(others)
    known.setdefault(document.uri, document)
    reached = {document.uri: document}
    agenda = [document]
    while agenda:
        source = agenda.pop()
        for reference in source.external_references:
            assert reference.uri is not None
            if reference.uri not in known and reference.uri.startswith("builtin:"):
                known[reference.uri] = _builtin_document(reference, source)
            if reference.uri not in known:
                raise _reference_error(reference, source, "this grammar was not fetched")
            target = known[reference.uri]
            _check_reference(reference, source, target)
            if reference.uri not in reached:
                reached[reference.uri] = target
                agenda.append(target)
    return Grammar(document, reached, limits=limits)


def _builtin_document(reference: RuleReference, source: GrammarDocument) -> GrammarDocument:
    assert reference.uri is not None
    try:
        return builtin_grammar(reference.uri, reference.language or source.language).document
    except UnsupportedBuiltinError as error:
        raise _reference_error(reference, source, error.message) from None


def _check_reference(reference: RuleReference, source: GrammarDocument, target: GrammarDocument) -> None:
    if target.mode is not source.mode:
        raise _reference_error(
            reference, source, f"a {source.mode} grammar cannot refer to a {target.mode} grammar"
        )
    declared = (reference.media_type or "").split(";")[0].strip().lower()
    is_document = target.tag_format != BUILTIN_FORMAT  # a builtin has no form of its own
    if declared and declared not in _TELLS_NOTHING and is_document:
        form = _MEDIA_TYPES.get(declared)
        if form is None:
            raise _reference_error(reference, source, f"{declared!r} is no media type of a grammar")
        if form is not target.media_type:
            raise _reference_error(
                reference, source, f"declared as {declared}, but the grammar is {target.media_type}"
            )
    if reference.rule is None:
        if target.root is None:
            raise _reference_error(reference, source, "the grammar declares no root rule")
    elif reference.rule not in target.rules:
        raise _reference_error(reference, source, f"the grammar has no rule {reference.rule!r}")
    elif not target.rules[reference.rule].public and target is not source:
        raise _reference_error(reference, source, f"rule {reference.rule!r} of the grammar is private")


def _reference_error(
    reference: RuleReference, source: GrammarDocument, message: str
) -> GrammarReferenceError:
    place = reference.position
    return GrammarReferenceError(
        f"{reference.written or reference.uri}: {message}",
        uri=source.uri,
        line=place.line if place else None,
        column=place.column if place else None,
    )


async def load(
    uri: str,
    fetch: Fetch,
    *,
    media_type: str | None = None,
    language: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Grammar:
    """Fetch, parse and link the grammar at an absolute URI; a ``builtin:`` URI needs no fetch.

    A fragment is ignored: the rule that it names is activated by the caller (``ActiveGrammar.rules``).
    ``media_type`` is the type that the document declared, used where the server's tells nothing (VoiceXML 2.0
    §3.1.1.4); ``language`` is that of the referring document, for builtins.
    """
    if uri.startswith("builtin:"):
        return builtin_grammar(uri, language)  # "#" in it is a key, no fragment
    document = await _fetched(urldefrag(uri)[0], fetch, media_type, limits)
    return await _load_others(document, fetch, limits)


async def load_inline(
    source: str | Element,
    uri: str,
    fetch: Fetch,
    *,
    media_type: str | None = None,
    language: str | None = None,
    mode: Mode | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Grammar:
    """The grammar that stands inside the VoiceXML document at ``uri``.

    ``source`` is the ``<grammar>`` element, or the text of an ABNF (or XML) grammar. ``language`` and
    ``mode`` apply where the grammar declares none.
    """
    if isinstance(source, Element):
        document = grammar_of_element(source, uri, language=language, mode=mode, inline=True, limits=limits)
    else:
        document = parse_grammar(
            source, uri, media_type, language=language, mode=mode, inline=True, limits=limits
        )
    return await _load_others(document, fetch, limits)


async def _fetched(uri: str, fetch: Fetch, media_type: str | None, limits: Limits) -> GrammarDocument:
    fetched = await fetch(uri)
    declared = fetched.media_type or ""
    if declared.split(";")[0].strip().lower() in _TELLS_NOTHING:
        declared = media_type or declared
    return parse_grammar(fetched.data, fetched.uri or uri, declared, charset=fetched.charset, limits=limits)


async def _load_others(document: GrammarDocument, fetch: Fetch, limits: Limits) -> Grammar:
    others: dict[str, GrammarDocument] = {document.uri: document}
    agenda = [document]
    while agenda:
        source = agenda.pop()
        for reference in source.external_references:
            uri = reference.uri
            assert uri is not None
            if uri in others or uri.startswith("builtin:"):
                continue
            if len(others) >= limits.documents:
                raise GrammarLimitError(f"refers to more than {limits.documents} grammars", uri=document.uri)
            others[uri] = await _fetched(uri, fetch, None, limits)
            agenda.append(others[uri])
    return link(document, others, limits=limits)
