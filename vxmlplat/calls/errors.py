"""Errors of the rooms that carry calls."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError

#: statuses of a failed call, by the word that flows and CCXML use
_FAILURES = {
    **dict.fromkeys((486, 600), "busy"),
    **dict.fromkeys((408, 480, 487), "no_answer"),
    **dict.fromkeys((403, 603, 607, 608), "refused"),
    **dict.fromkeys((404, 410, 414, 484, 485, 604), "invalid_number"),
}


def failure_word(status: int) -> str:
    """What became of a call that ended with this SIP status, in one word of ours."""
    return _FAILURES.get(status, "unreachable" if status >= 400 else "refused")


class CallError(VxmlplatError):
    """A call could not do what was asked."""


class CallFailed(CallError):
    """A call that we placed was not answered;

    ``status`` is the SIP status, ``reason`` a word: busy, no_answer, refused, invalid_number, unreachable.
    """

    def __init__(self, status: int, reason: str, text: str = "") -> None:
        super().__init__(f"{status} {text or reason}")
        self.status = status
        self.reason = reason
