"""Documents on their way in: fetched, parsed once, with the scripts that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from vxmlplat.ccxml.errors import InvalidDocument
from vxmlplat.ccxml.events import pattern
from vxmlplat.ccxml.model import Document, Transition
from vxmlplat.ccxml.reader import read_document
from vxmlplat.documents import CookieJar, Fetcher, FetchRequest, ParsedCache
from vxmlplat.documents.charsets import decode_text


@dataclass(frozen=True, slots=True, eq=False)
class LoadedDocument:
    """A document that can be executed, and the sources of its ``<script src>`` by absolute address."""

    document: Document
    scripts: Mapping[str, str]

    def candidates(self, name: str) -> tuple[Transition, ...]:
        """The transitions for an event of that name, in lower case, whatever their state and condition."""
        return matching(self.document, name)


@lru_cache(maxsize=4096)
def matching(document: Document, name: str) -> tuple[Transition, ...]:
    """The transitions of a document whose pattern an event's name fits, in document order (§9.2.2)."""
    return tuple(
        transition
        for transition in document.transitions
        if any(pattern(text).fullmatch(name) for text in transition.events)
    )


async def load_document(
    fetcher: Fetcher, cache: ParsedCache, request: FetchRequest, cookies: CookieJar
) -> LoadedDocument:
    """Fetch a document and its scripts.

    Raises :class:`~vxmlplat.documents.FetchError` and :class:`InvalidDocument`.
    """
    resource = await fetcher.fetch(request, cookies)
    document = cache.get(resource, read_document)
    scripts = {}
    for source in document.scripts:
        fetched = await fetcher.fetch(
            FetchRequest(
                source.address,
                referrer=document.uri,
                timeout=source.timeout,
                maxage=source.maxage,
                maxstale=source.maxstale,
            ),
            cookies,
        )
        scripts[source.address] = decode_text(fetched.body, fetched.charset or source.charset)
    return LoadedDocument(document, scripts)


__all__ = ["InvalidDocument", "LoadedDocument", "load_document"]
