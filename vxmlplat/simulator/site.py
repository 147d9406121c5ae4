"""Documents that the simulator answers itself: a draft that was never published, or a test's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urljoin

from vxmlplat.documents import FetchError, FetchRequest, Resource

Fetch = Callable[[FetchRequest], Awaitable[Resource]]

MEDIA_TYPES = {
    ".vxml": "application/voicexml+xml",
    ".grxml": "application/srgs+xml",
    ".gram": "application/srgs",
    ".js": "application/javascript",
    ".xml": "application/xml",
    ".wav": "audio/x-wav",
}


class MemorySite:
    """Resources by absolute address; what it lacks goes to ``otherwise``, or is not found.

    ``requests`` keeps what was asked for, newest last, at most :attr:`KEPT`.
    """

    KEPT = 1_000

    def __init__(self, resources: Mapping[str, Resource], otherwise: Fetch | None = None) -> None:
        self._resources = dict(resources)
        self._otherwise = otherwise
        self.requests: list[FetchRequest] = []

    async def fetch(self, request: FetchRequest) -> Resource:
        """Answer a request. Raises ``FetchError`` (404) for what nobody has."""
        address = urljoin(request.referrer, request.uri) if request.referrer else request.uri
        self.requests = [*self.requests[1 - self.KEPT :], request]
        bare = address.partition("#")[0]
        found = self._resources.get(bare) or self._resources.get(bare.partition("?")[0])
        if found is not None:
            if found.status >= 400:
                raise FetchError(
                    bare, "status", f"the simulator was told to answer {found.status}", found.status
                )
            return found
        if self._otherwise is not None:
            return await self._otherwise(request)
        raise FetchError(bare, "status", "the simulator has no such document", 404)


def text_resource(uri: str, text: str) -> Resource:
    """A text as if it had been fetched in UTF-8; its media type follows from the address's ending."""
    ending = "." + uri.rpartition(".")[2].partition("?")[0]
    return Resource(uri, MEDIA_TYPES.get(ending, "text/plain"), "utf-8", text.encode("utf-8"))
