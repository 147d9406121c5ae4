"""Grammars made from a phrase: menu choices and options (VoiceXML 2.0 §2.2.5, §2.3.1.3)."""

from __future__ import annotations

from typing import Literal

from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.model import JsonValue

Accept = Literal["exact", "approximate"]


def phrase_grammar(
    text: str,
    *,
    accept: Accept = "exact",
    language: str | None = None,
    value: JsonValue = None,
    uri: str = "phrase:",
) -> Grammar | None:
    """A voice grammar of one phrase; None when the text holds no word.

    ``approximate`` takes any subphrase: one or more words of the phrase in their order. ``value`` is the interpretation;
    None stands for the words said.
    """
    raise NotImplementedError


def keys_grammar(keys: str, *, value: JsonValue = None, uri: str = "keys:") -> Grammar:
    """A DTMF grammar of one key sequence; blanks in it do not count. ``value`` as in :func:`phrase_grammar`.

    Raises ``GrammarSyntaxError`` for anything that is no key.
    """
    raise NotImplementedError
