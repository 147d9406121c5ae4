"""Documents and grammars that were read once, shared by all sessions of a process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from vxmlplat.documents import ParsedCache, Resource
from vxmlplat.ecma import EnginePool
from vxmlplat.ecma import Limits as ScriptLimits
from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.loading import FetchedGrammar, load, load_inline
from vxmlplat.grammar.model import Mode
from vxmlplat.grammar.phrases import keys_grammar, phrase_grammar
from vxmlplat.vxml import model
from vxmlplat.vxml.properties import Properties
from vxmlplat.vxml.reader import read_document

Kept = TypeVar("Kept")
FetchResource = Callable[[str], Awaitable[Resource]]
"""Fetches an absolute URI for the session that asks; raises what its caller is to see."""


@dataclass(frozen=True, slots=True)
class LoadedGrammar:
    """A grammar and what was fetched for it: valid as long as all its parts are still the same."""

    grammar: Grammar
    parts: tuple[tuple[str, Hashable], ...] = ()


class Library:
    """Caches of models. A model is used again only for the same bytes from the same address."""

    def __init__(self, capacity: int = 2_000, script_limits: ScriptLimits | None = None) -> None:
        self.script_limits = script_limits or ScriptLimits()
        self.engines = EnginePool(self.script_limits)
        """Script engines that sessions with these limits take and give back."""
        self._documents = ParsedCache(capacity)
        self._external: dict[Hashable, LoadedGrammar] = {}
        self._inline: dict[Hashable, tuple[object, LoadedGrammar]] = {}
        self._made: dict[Hashable, Grammar | None] = {}
        self._properties: dict[Hashable, Properties] = {}
        self._remembered: dict[Hashable, tuple[tuple[object, ...], Any]] = {}
        self._capacity = capacity

    def document(self, resource: Resource) -> model.Document:
        """The document in a resource. Raises :class:`~vxmlplat.vxml.errors.DocumentInvalid`."""
        return self._documents.get(resource, read_document)

    async def grammar(
        self, uri: str, media_type: str | None, lang: str | None, fetch: FetchResource
    ) -> LoadedGrammar:
        """The external or builtin grammar at an absolute URI without fragment. Raises ``GrammarError``."""
        if uri.startswith("builtin:"):
            return LoadedGrammar(self._builtin(uri, lang))
        key = (uri, media_type, lang)
        known = self._external.get(key)
        if known is not None and await _unchanged(known, fetch):
            return known
        parts: list[tuple[str, Hashable]] = []
        grammar = await load(uri, _recording(fetch, parts), media_type=media_type, language=lang)
        loaded = LoadedGrammar(grammar, tuple(parts))
        self._keep(self._external, key, loaded)
        return loaded

    async def inline(self, ref: model.GrammarRef, base: str, fetch: FetchResource) -> LoadedGrammar:
        """The grammar inside a document; ``base`` is the address that its references start from."""
        key = (id(ref), base)
        known = self._inline.get(key)
        if known is not None and known[0] is ref and await _unchanged(known[1], fetch):
            return known[1]
        source = ref.source
        assert source is not None
        if not isinstance(source, str):
            source = "\n" * (source.line - 1) + source.to_xml()  # messages then name the document's own lines
        parts: list[tuple[str, Hashable]] = []
        grammar = await load_inline(
            source,
            base,
            _recording(fetch, parts),
            media_type=ref.type,
            language=ref.lang,
            mode=Mode(ref.mode) if ref.mode else None,
        )
        loaded = LoadedGrammar(grammar, tuple(parts))
        self._keep(self._inline, key, (ref, loaded))
        return loaded

    def phrase(self, phrase: model.Phrase, lang: str | None) -> Grammar | None:
        """The grammar that the platform makes of a choice's words or keys; None when there are no words."""
        key = (phrase.text, phrase.keys, phrase.approximate, phrase.value, lang)
        if key not in self._made:
            if phrase.keys:
                made: Grammar | None = keys_grammar(phrase.keys, value=phrase.value)
            else:
                accept: Literal["exact", "approximate"] = "approximate" if phrase.approximate else "exact"
                made = phrase_grammar(phrase.text or "", accept=accept, language=lang, value=phrase.value)
            self._keep(self._made, key, made)
        return self._made[key]

    def properties(self, *layers: Mapping[str, str]) -> Properties:
        """The properties of these layers, innermost first: the same object for the same layers."""
        key = tuple(id(layer) if layer else 0 for layer in layers)
        known = self._properties.get(key)
        if known is None:
            known = Properties(*layers)  # it holds the layers, so that no other takes their place in memory
            self._keep(self._properties, key, known)
        return known

    def recall(self, key: Hashable) -> Any:
        """What :meth:`remember` keeps under the key, or None."""
        known = self._remembered.get(key)
        return None if known is None else known[1]

    def remember(self, key: Hashable, nodes: tuple[object, ...], value: Any) -> None:
        """Keep something that follows from nodes of documents alone; the key is made of their identities."""
        self._keep(self._remembered, key, (nodes, value))

    def _builtin(self, uri: str, lang: str | None) -> Grammar:
        key = (uri, lang)
        made = self._made.get(key)
        if made is None:
            made = builtin_grammar(uri, lang)
            self._keep(self._made, key, made)
        return made

    def _keep(self, cache: dict[Hashable, Kept], key: Hashable, value: Kept) -> None:
        while len(cache) >= self._capacity:
            del cache[next(iter(cache))]
        cache[key] = value


async def _unchanged(known: LoadedGrammar, fetch: FetchResource) -> bool:
    for uri, identity in known.parts:
        if (await fetch(uri)).identity != identity:
            return False
    return True


def _recording(
    fetch: FetchResource, parts: list[tuple[str, Hashable]]
) -> Callable[[str], Awaitable[FetchedGrammar]]:
    async def fetch_grammar(uri: str) -> FetchedGrammar:
        resource = await fetch(uri)
        parts.append((uri, resource.identity))
        return FetchedGrammar(resource.uri, resource.body, resource.content_type or None, resource.charset)

    return fetch_grammar
