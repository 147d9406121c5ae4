"""The one root of every error that the platform raises on purpose.

A room derives its own family from :class:`VxmlplatError` (``documents.errors.DocumentError`` and so on). What
a caller
of the room may do about an error is decided once, on its class, by :attr:`VxmlplatError.retryable`.
"""

from __future__ import annotations


class VxmlplatError(Exception):
    """Root of the platform's errors.

    ``retryable`` says whether the same request may succeed a moment later with nothing changed (a busy peer,
    a
    time-out) or will fail the same way for ever (a broken document).
    """

    retryable: bool = False


class ConfigurationError(VxmlplatError):
    """The operator's settings cannot be used; the message names the setting and what it may be."""
