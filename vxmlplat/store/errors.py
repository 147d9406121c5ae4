"""Why the store did not do what it was asked."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class StoreError(VxmlplatError):
    """Root of the store's errors."""


class NotFoundError(StoreError):
    """Nothing is stored under that name; ``kind`` and ``key`` say what was looked for."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"there is no {kind} {key!r}")
        self.kind = kind
        self.key = key


class ConflictError(StoreError):
    """Somebody else changed it first, or the name is taken, or something still uses it.

    ``code`` is the machine-readable name (``flow.conflict``); ``detail`` carries what the asker needs to go
    on, such as the revision that is stored now.
    """

    def __init__(self, code: str, message: str, **detail: object) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail


class SchemaError(StoreError):
    """The database was written by another version of the platform and cannot be used as it is."""


class UnavailableError(StoreError):
    """The database did not answer or was busy for too long."""

    retryable = True
