"""Grammars made from a phrase: menu choices and options (VoiceXML 2.0 §2.2.5, §2.3.1.3)."""

from __future__ import annotations

from typing import Literal

from vxmlplat.grammar.document_checks import key_of
from vxmlplat.grammar.errors import GrammarSyntaxError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.model import (
    Alternatives,
    Choice,
    Expansion,
    GrammarDocument,
    JsonValue,
    MediaType,
    Mode,
    Repeat,
    Rule,
    Sequence,
    Token,
)
from vxmlplat.grammar.words import normal_words

Accept = Literal["exact", "approximate"]

_LONGEST = 100
"""Words of a phrase beyond which ``approximate`` is taken as ``exact``."""


def phrase_grammar(
    text: str,
    *,
    accept: Accept = "exact",
    language: str | None = None,
    value: JsonValue = None,
    uri: str = "phrase:",
) -> Grammar | None:
    """A voice grammar of one phrase; None when the text holds no word.

    ``approximate`` takes any subphrase: one or more words of the phrase in their order. ``value`` is the
    interpretation; None stands for the words said.
    """
    words = [
        word
        for word in text.split()
        if any(character.isalnum() for word in normal_words(word) for character in word)
    ]
    if not words:
        return None
    tokens = tuple(Token(word) for word in words)
    expansion = _subphrases(tokens) if accept == "approximate" else Sequence(tokens)
    return _constant(expansion, Mode.VOICE, language or "und", value, uri)


def keys_grammar(keys: str, *, value: JsonValue = None, uri: str = "keys:") -> Grammar:
    """A DTMF grammar of one key sequence; blanks in it do not count. ``value`` as in :func:`phrase_grammar`.

    Raises ``GrammarSyntaxError`` for anything that is no key, and for no key at all.
    """
    signs = "".join(keys.split())
    wrong = next((sign for sign in signs if key_of(sign) is None), None)
    if wrong is not None or not signs:
        raise GrammarSyntaxError(f"{keys!r} is no sequence of keys (0-9, *, #, A-D)", uri=uri)
    return _constant(Sequence(tuple(Token(sign.upper()) for sign in signs)), Mode.DTMF, None, value, uri)


def _subphrases(tokens: tuple[Token, ...]) -> Expansion:
    """One or more of the tokens in their order: the first of them, and after it any of the rest."""
    if len(tokens) > _LONGEST:
        return Sequence(tokens)
    return Alternatives(
        tuple(
            Choice(Sequence((token, *(Repeat(later, 0, 1) for later in tokens[index + 1 :]))))
            for index, token in enumerate(tokens)
        )
    )


def _constant(expansion: Expansion, mode: Mode, language: str | None, value: JsonValue, uri: str) -> Grammar:
    document = GrammarDocument(
        uri=uri,
        base=uri,
        media_type=MediaType.XML,
        mode=mode,
        language=language,
        root="phrase",
        tag_format=None,
        rules={"phrase": Rule("phrase", expansion, public=True)},
    )
    return Grammar(document, interpreter=None if value is None else lambda _match: value)
