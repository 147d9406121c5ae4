"""The table of what CCXML sessions may ask for, and who does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from vxmlplat.calls.exchange import Exchange
from vxmlplat.ccxml.requests import Request

R = TypeVar("R", bound=Request)
Handler = Callable[[Exchange, Any], Awaitable[None]]
HANDLERS: dict[type[Request], Handler] = {}


def handles(kind: type[R]) -> Callable[[Callable[[Exchange, R], Awaitable[None]]], Handler]:
    """Register the coroutine that does requests of this type; its answers are events that it posts."""

    def register(handler: Callable[[Exchange, R], Awaitable[None]]) -> Handler:
        if kind in HANDLERS:
            raise ValueError(f"{kind.__name__} has two handlers")
        HANDLERS[kind] = handler
        return handler

    return register
