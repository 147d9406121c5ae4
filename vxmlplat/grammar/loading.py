"""From bytes to a usable grammar: parse, fetch what it refers to, link.

Fetching belongs to the caller, who hands in a coroutine function ``fetch(uri)``. The three steps can also be taken one
by one: :func:`parse_grammar`, ``document.external_references``, :func:`link`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.limits import DEFAULT_LIMITS, Limits
from vxmlplat.grammar.model import GrammarDocument, Mode


@dataclass(frozen=True, slots=True)
class FetchedGrammar:
    """What a fetch brought: the URI after redirects, the bytes, and what the server said of them."""

    uri: str
    data: bytes
    media_type: str | None = None
    charset: str | None = None


Fetch: TypeAlias = Callable[[str], Awaitable[FetchedGrammar]]
"""Fetches a grammar by absolute URI (no fragment); whatever it raises passes through to the caller of ``load``."""


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

    The form is that of ``media_type``; without one (or with ``text/plain`` and the like) that of the URI's ending, and
    last that of the text. ``charset`` is what the transport declared. ``inline`` is for a grammar inside a VoiceXML
    document: ``language`` and ``mode`` then are defaults, version and namespace may be missing. Raises
    ``GrammarSyntaxError``, ``UnsupportedFormatError``, ``GrammarLimitError``.
    """
    raise NotImplementedError


def link(
    document: GrammarDocument,
    others: Mapping[str, GrammarDocument],
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> Grammar:
    """Bind every reference and compile. ``others`` maps the absolute URIs referred to, at any depth, to documents.

    ``builtin:`` URIs need no entry. Raises ``GrammarReferenceError``.
    """
    raise NotImplementedError


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
    ``media_type`` is the type that the document declared, used where the server gave none (VoiceXML 2.0 §3.1.1.4);
    ``language`` is that of the referring document, for builtins.
    """
    raise NotImplementedError


async def load_inline(
    source: str,
    uri: str,
    fetch: Fetch,
    *,
    media_type: str | None = None,
    language: str | None = None,
    mode: Mode | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Grammar:
    """The grammar whose text stands inside the VoiceXML document at ``uri``: a ``<grammar>`` element or ABNF text."""
    raise NotImplementedError
