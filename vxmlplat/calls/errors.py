"""Errors of the rooms that carry calls."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class CallError(VxmlplatError):
    """A call could not do what was asked."""


class CallFailed(CallError):
    """A call that we placed was not answered;

    ``status`` is the SIP status, ``reason`` a word (busy, no_answer, …).
    """

    def __init__(self, status: int, reason: str, text: str = "") -> None:
        super().__init__(f"{status} {text or reason}")
        self.status = status
        self.reason = reason
