"""The table of what CCXML sessions may ask for, and who does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from vxmlplat.ccxml.requests import Request

if TYPE_CHECKING:
    from vxmlplat.calls.control import CallControl

R = TypeVar("R", bound=Request)
Handler = Callable[["CallControl", Any], Awaitable[None]]
HANDLERS: dict[type[Request], Handler] = {}


def handles(kind: type[R]) -> Callable[[Callable[[CallControl, R], Awaitable[None]]], Handler]:
    """Register the coroutine that does requests of this type; its answers are events that it posts."""

    def register(handler: Callable[[CallControl, R], Awaitable[None]]) -> Handler:
        if kind in HANDLERS:
            raise ValueError(f"{kind.__name__} has two handlers")
        HANDLERS[kind] = handler
        return handler

    return register
