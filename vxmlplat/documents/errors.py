"""What can go wrong between an address and a parsed document."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class DocumentError(VxmlplatError):
    """Root of this room's errors."""


class FetchError(DocumentError):
    """A resource could not be had.

    ``status`` is the HTTP status when a server answered (the interpreters turn it into
    ``error.badfetch.http.404``), else None. ``reason`` is one of ``status``, ``timeout``, ``connect``,
    ``redirects``, ``size``, ``protocol``, ``scheme`` (an address of a kind that cannot be fetched),
    ``forbidden`` (``file:`` from a document of the web) and ``missing`` (no such file).
    """

    def __init__(self, uri: str, reason: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{uri}: {message}")
        self.uri = uri
        self.reason = reason
        self.status = status
        self.message = message
        self.retryable = reason in ("timeout", "connect") or (status is not None and status >= 500)


class MarkupError(DocumentError):
    """An XML document that is not well-formed, or that asks for what is refused.

    ``line`` and ``column`` count from 1; 0 where no place is known.
    """

    def __init__(self, uri: str, line: int, column: int, message: str) -> None:
        super().__init__(f"{uri}:{line}:{column}: {message}" if line else f"{uri}: {message}")
        self.uri = uri
        self.line = line
        self.column = column
        self.message = message
