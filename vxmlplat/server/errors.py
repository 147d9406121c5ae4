"""Errors as the web interface answers them (docs/api.md)."""

from __future__ import annotations

from collections.abc import Mapping

from vxmlplat.errors import VxmlplatError


class ServerError(VxmlplatError):
    """Root of the server's errors."""


class ApiError(ServerError):
    """A request that is refused: ``{"error": {"code", "message", "detail"}}`` with this HTTP status."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        detail: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = dict(detail or {})
        self.headers = dict(headers or {})


class RouteError(ServerError):
    """A route is registered twice, or with a role that nobody can have."""
