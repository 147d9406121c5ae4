"""How a request reaches a server: the port between the fetcher and the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from vxmlplat.documents.errors import DocumentError


@dataclass(frozen=True, slots=True)
class RawResponse:
    """An answer as it came: header names in lower case, a header that came twice joined by a comma.

    ``set_cookies`` holds each Set-Cookie header by itself.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    set_cookies: tuple[str, ...] = ()


class TransportError(DocumentError):
    """The request got no whole answer. ``reason`` is one of FetchError's reasons."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Transport(Protocol):
    """Sends one request over HTTP; redirects, cookies, caching and the time limit are the fetcher's."""

    async def send(
        self, method: str, uri: str, headers: Mapping[str, str], body: bytes | None, max_bytes: int
    ) -> RawResponse:
        """The server's answer. Raises :class:`TransportError`; nothing is left open when it is cancelled."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def gather_headers(pairs: list[tuple[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Headers as :class:`RawResponse` holds them, and the Set-Cookie ones apart."""
    headers: dict[str, str] = {}
    cookies = []
    for name, value in pairs:
        key = name.lower()
        if key == "set-cookie":
            cookies.append(value)
        elif key in headers:
            headers[key] += ", " + value
        else:
            headers[key] = value
    return headers, tuple(cookies)
