"""Fetch: from an address to a :class:`Resource`, with caching, cookies and limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from vxmlplat.clock import Clock
from vxmlplat.documents.cookies import CookieJar
from vxmlplat.documents.request import FetchRequest
from vxmlplat.documents.resource import Resource


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """A request that the platform itself answers. ``body`` is as it would have been sent over HTTP."""

    method: str
    uri: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RouteResponse:
    """The answer to a :class:`RouteRequest`; cached and checked as one that came over HTTP."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


RouteHandler = Callable[[RouteRequest], Awaitable[RouteResponse]]


class Fetcher:
    """Fetches for all sessions of a process; the cache is shared (RFC 9111), cookies are a session's own.

    ``aiohttp`` is imported on the first HTTP fetch that needs it.
    """

    def __init__(self, clock: Clock) -> None:
        raise NotImplementedError

    def mount(self, prefix: str, handler: RouteHandler) -> None:
        """Let the platform itself answer addresses that begin with ``prefix``
        (``http://host:port/services/``).
        """
        raise NotImplementedError

    async def fetch(self, request: FetchRequest, cookies: CookieJar | None = None) -> Resource:
        """Fetch. Raises :class:`FetchError`; any status but 2xx after redirects is an error."""
        raise NotImplementedError

    async def prefetch(self, request: FetchRequest, cookies: CookieJar | None = None) -> None:
        """Bring a GET into the cache ahead of its use (``fetchhint="prefetch"``); errors are kept silent
        until then.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of connections."""
        raise NotImplementedError
