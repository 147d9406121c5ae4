"""What must hold of a grammar document whatever its form; both parsers end here."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urljoin

from vxmlplat.grammar.errors import GrammarError, GrammarReferenceError, GrammarSyntaxError
from vxmlplat.grammar.model import (
    Alternatives,
    Expansion,
    GrammarDocument,
    Mode,
    Position,
    Repeat,
    RuleReference,
    Sequence,
    SpecialRule,
    Token,
)

KEY_NAMES = {"star": "*", "pound": "#"}
"""Names of keys that a DTMF token may use for the sign (SRGS 1.0 appendix E)."""

_KEYS = re.compile(r"[0-9A-Da-d*#]")


def key_of(token: str) -> str | None:
    """The key that a token of a DTMF grammar stands for, or None (SRGS 1.0 appendix E)."""
    named = KEY_NAMES.get(token.lower())
    if named:
        return named
    return token.upper() if _KEYS.fullmatch(token) else None


def absolute_uri(base: str, written: str, uri: str, position: Position | None = None) -> str:
    """A URI made absolute; ``uri`` and ``position`` say where it stands. Raises ``GrammarSyntaxError``."""
    try:
        return urljoin(base, written)
    except ValueError as error:
        raise _error(f"{written!r} is no URI: {error}", uri, position) from None


def resolve_reference(
    base: str,
    written: str,
    media_type: str | None,
    language: str | None,
    position: Position | None,
    uri: str,
) -> RuleReference:
    """A reference by URI: local when it is a fragment alone, else absolute. Raises ``GrammarSyntaxError``."""
    try:
        address, fragment = urldefrag(written)
    except ValueError as error:
        raise _error(f"{written!r} is no URI: {error}", uri, position) from None
    if not address and not fragment:
        raise _error("a reference needs a URI", uri, position)
    if fragment in tuple(SpecialRule):
        raise _error(f"the special rule {fragment} cannot be referred to by URI", uri, position)
    absolute = absolute_uri(base, address, uri, position) if address else None
    return RuleReference(fragment or None, absolute, written, media_type, language, position)


def check_document(document: GrammarDocument) -> None:
    """Check the declarations and local references against each other (SRGS 1.0 §3.1, §4.5 to §4.7).

    Raises ``GrammarSyntaxError`` or ``GrammarReferenceError`` with the place where one is known.
    """
    if not document.rules:
        raise _error("a grammar needs at least one rule", document.uri, None)
    if document.mode is Mode.VOICE and not document.language:
        raise _error("a voice grammar must declare its language", document.uri, None)
    if document.root is not None and document.root not in document.rules:
        raise GrammarReferenceError(f"the root rule {document.root!r} is not defined", uri=document.uri)
    for reference in document.references:
        if reference.uri is None and reference.rule not in document.rules:
            place = reference.position
            raise GrammarReferenceError(
                f"rule {reference.rule!r} is not defined",
                uri=document.uri,
                line=place.line if place else None,
                column=place.column if place else None,
            )
    if document.mode is Mode.DTMF:
        for rule in document.rules.values():
            _check_keys(rule.expansion, document.uri, rule.position)


def _check_keys(expansion: Expansion, uri: str, position: Position | None) -> None:
    stack: list[Expansion] = [expansion]
    while stack:
        match stack.pop():
            case Token(text):
                wrong = next((word for word in text.split() if key_of(word) is None), None)
                if wrong is not None:
                    raise _error(
                        f"{wrong!r} is no key of a DTMF grammar: 0-9, *, #, A-D, star or pound", uri, position
                    )
            case Sequence(parts):
                stack.extend(parts)
            case Alternatives(choices):
                stack.extend(choice.expansion for choice in choices)
            case Repeat(inner):
                stack.append(inner)
            case _:
                pass


def _error(message: str, uri: str, position: Position | None) -> GrammarError:
    return GrammarSyntaxError(
        message,
        uri=uri,
        line=position.line if position else None,
        column=position.column if position else None,
    )
