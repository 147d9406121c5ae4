"""What a fetch brings back."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from vxmlplat.documents.charsets import decode_text

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Resource:
    """A fetched resource.

    ``uri`` is the absolute address that answered, after redirects and without a fragment: the base of
    relative addresses inside it. ``content_type`` is the bare media type in lower case
    (``application/voicexml+xml``), empty when the server named none; ``charset`` the charset parameter of
    the Content-Type, if any. Header names are in lower case. ``body`` of a resource that came from the
    cache unchanged is the same object as before.
    """

    uri: str
    content_type: str
    charset: str | None
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    from_cache: bool = False

    def text(self) -> str:
        """The body as text, by byte order mark, charset parameter or UTF-8, in this order."""
        return decode_text(self.body, self.charset)

    @property
    def identity(self) -> Hashable:
        """Equal for two resources only when what is parsed out of them is equal too."""
        return (self.uri, self.charset, self.body)


class ParsedCache:
    """Models made of resources, kept until many newer ones have come: parsed once, not per call.

    A model is found by the resource's address and bytes, so that a changed document can never meet an old
    model. Each parse function has models of its own.
    """

    def __init__(self, capacity: int = 500) -> None:
        self._capacity = capacity
        self._models: dict[Hashable, object] = {}

    def get(self, resource: Resource, parse: Callable[[Resource], Parsed]) -> Parsed:
        """The model of the resource, parsed now if it is not known. What ``parse`` raises is raised."""
        key = (parse, resource.identity)
        model = self._models.pop(key, None)
        if model is None:
            model = parse(resource)
            while len(self._models) >= self._capacity:
                del self._models[next(iter(self._models))]
        self._models[key] = model
        return model  # type: ignore[return-value]  # the key names the function that made it
