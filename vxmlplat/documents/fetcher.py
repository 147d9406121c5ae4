"""Fetch: from an address to a :class:`Resource`, with caching, cookies and limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urldefrag, urljoin, urlsplit

from vxmlplat import __version__
from vxmlplat.clock import Clock
from vxmlplat.documents import forms
from vxmlplat.documents.cookies import CookieJar
from vxmlplat.documents.errors import FetchError
from vxmlplat.documents.http_cache import HttpCache
from vxmlplat.documents.local import KnownFiles, read_data
from vxmlplat.documents.request import FetchRequest
from vxmlplat.documents.resource import Resource
from vxmlplat.documents.transport import RawResponse, Transport, TransportError

COMMON = {"User-Agent": f"vxmlplat/{__version__}", "Accept": "*/*"}
"""Headers of every request."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """A request that the platform itself answers. ``body`` is as it would have been sent over HTTP.

    Header names are in lower case.
    """

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


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much a fetch may take: bytes of a body, seconds in all, redirects in a row."""

    bytes: int = 16 << 20
    seconds: float = 30.0
    redirects: int = 10


class Fetcher:
    """Fetches for all sessions of a process; the cache is shared (RFC 9111), cookies are a session's own.

    ``transport`` is how requests leave; without one aiohttp is imported on the first request that needs it.
    """

    def __init__(
        self, clock: Clock, transport: Transport | None = None, limits: FetchLimits = FetchLimits()
    ) -> None:
        self._transport = transport
        self._limits = limits
        self._cache = HttpCache(clock)
        self._files = KnownFiles()
        self._routes: dict[str, RouteHandler] = {}

    @classmethod
    def for_commands(cls, clock: Clock) -> Fetcher:
        """A fetcher that costs no start-up time: for commands that fetch a few documents and end."""
        from vxmlplat.documents.stream_transport import StreamTransport  # not for servers

        return cls(clock, StreamTransport())

    def mount(self, prefix: str, handler: RouteHandler) -> None:
        """Let the platform itself answer addresses that begin with ``prefix`` (``http://host:port/services/``).

        Raises ValueError when the prefix is taken.
        """
        if prefix in self._routes:
            raise ValueError(f"{prefix} is answered already")
        self._routes[prefix] = handler

    async def fetch(self, request: FetchRequest, cookies: CookieJar | None = None) -> Resource:
        """Fetch. Raises :class:`FetchError`; any status but 2xx after redirects is an error."""
        uri = _absolute(request.referrer or "", request.uri)
        if (at_hand := self._at_hand(uri, request, cookies)) is not None:
            return at_hand
        seconds = self._limits.seconds if request.timeout is None else request.timeout
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(uri, request, cookies)
        except TimeoutError:
            raise FetchError(uri, "timeout", f"no answer within {seconds:g} s") from None

    async def prefetch(self, request: FetchRequest, cookies: CookieJar | None = None) -> None:
        """Bring a GET into the cache ahead of its use (``fetchhint="prefetch"``); errors show at its use."""
        try:
            await self.fetch(request, cookies)
        except FetchError:
            return

    async def close(self) -> None:
        """Let go of connections."""
        if self._transport is not None:
            await self._transport.close()

    def _at_hand(self, uri: str, request: FetchRequest, cookies: CookieJar | None) -> Resource | None:
        """What can be had without waiting: a file that is known, or what the cache may give unasked."""
        if request.method.upper() != "GET" or request.fields:
            return None
        if uri.startswith("file:"):
            return self._files.find(uri, self._most(request)) if _local(request) else None
        stored = self._cache.find(uri, COMMON_SELECTING | _lower(request.headers))
        if stored is None:
            return None
        if cookies is not None and ("cookie" in stored.requested_with or stored.response.set_cookies):
            return None  # the session's cookies are looked at on the long way
        if not stored.usable(self._cache.now(), request.maxage, request.maxstale):
            return None
        if stored.resource is None:
            stored.resource = _resource(uri, stored.response, True)
        return stored.resource

    def _most(self, request: FetchRequest) -> int:
        return min(self._limits.bytes, request.max_bytes or self._limits.bytes)

    async def _follow(self, uri: str, request: FetchRequest, cookies: CookieJar | None) -> Resource:
        method, body, content_type = request.method.upper(), request.body, request.content_type
        if method == "GET":
            uri = forms.with_query(uri, request.fields)
        elif body is None:
            body, content_type = forms.encode(request.fields, request.enctype)
        most, local = self._most(request), _local(request)
        for _ in range(self._limits.redirects + 1):
            try:
                scheme, host = urlsplit(uri).scheme, urlsplit(uri).hostname
            except ValueError as error:
                raise FetchError(uri, "protocol", f"this is no address: {error}") from None
            if scheme == "file":
                if not local:
                    raise FetchError(uri, "forbidden", "a document of the web cannot name local files")
                if (known := self._files.find(uri, most)) is not None:
                    return known
                return await asyncio.to_thread(self._files.read, uri, most)
            if scheme == "data":
                return read_data(uri, most)
            if scheme not in ("http", "https") or not host:
                raise FetchError(uri, "scheme", "only http, https, file and data can be fetched")
            headers = {**COMMON, **request.headers}
            if body is not None and content_type:
                headers["Content-Type"] = content_type
            cookie = cookies.header(uri) if cookies else None
            if cookie:
                headers["Cookie"] = cookie
            response, cached = await self._exchange(method, uri, headers, body, most, request)
            if cookies:
                for header in response.set_cookies:
                    cookies.store(uri, header)
            if response.status in REDIRECTS and "location" in response.headers:
                uri = urldefrag(urljoin(uri, response.headers["location"])).url
                local = False
                if response.status == 303 or (response.status in (301, 302) and method == "POST"):
                    method, body = "GET", None
                continue
            if not 200 <= response.status < 300:
                raise FetchError(uri, "status", f"the server answered {response.status}", response.status)
            return _resource(uri, response, cached)
        raise FetchError(uri, "redirects", f"more than {self._limits.redirects} redirects")

    async def _exchange(
        self,
        method: str,
        uri: str,
        headers: dict[str, str],
        body: bytes | None,
        most: int,
        request: FetchRequest,
    ) -> tuple[RawResponse, bool]:
        """One request and its answer, and whether it is the cache's without asking."""
        if method != "GET":
            response = await self._send(method, uri, headers, body, most)
            if response.status < 400:
                self._cache.forget(uri)  # RFC 9111 §4.4
            return response, False
        selecting = _lower(headers)
        stored = self._cache.find(uri, selecting)
        if stored is not None:
            if stored.usable(self._cache.now(), request.maxage, request.maxstale):
                return stored.response, True
            headers |= stored.conditions()
        if request.maxage == 0:
            headers["Cache-Control"] = "max-age=0"
        response = await self._send(method, uri, headers, body, most)
        if response.status == 304 and stored is not None:
            return self._cache.refresh(uri, selecting, stored, response), False
        self._cache.store(uri, selecting, response)
        return response, False

    async def _send(
        self, method: str, uri: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> RawResponse:
        for prefix, handler in self._routes.items():
            if uri.startswith(prefix):
                answer = await handler(RouteRequest(method, uri, _lower(headers), body or b""))
                if len(answer.body) > most:
                    raise FetchError(uri, "size", f"the answer is larger than {most} bytes")
                received = _lower(answer.headers)
                set_cookie = received.pop("set-cookie", None)
                return RawResponse(answer.status, received, answer.body, (set_cookie,) if set_cookie else ())
        if self._transport is None:
            from vxmlplat.documents.aiohttp_transport import AiohttpTransport  # half a second of start-up

            self._transport = AiohttpTransport()
        try:
            return await self._transport.send(method, uri, headers, body, most)
        except TransportError as error:
            raise FetchError(uri, error.reason, error.message) from None


@lru_cache(maxsize=4096)
def _absolute(base: str, reference: str) -> str:
    return urldefrag(urljoin(base, reference)).url


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


COMMON_SELECTING = _lower(COMMON)


def _local(request: FetchRequest) -> bool:
    """Whether a file of this machine may be read."""
    return request.referrer is None or request.referrer.startswith("file:")


def _resource(uri: str, response: RawResponse, cached: bool) -> Resource:
    media_type, _, parameters = response.headers.get("content-type", "").partition(";")
    charset = None
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"') or None
    return Resource(
        uri, media_type.strip().lower(), charset, response.body, response.headers, response.status, cached
    )
