"""What changed, told to whom it concerns at once: the next call sees it.

The wiring of the platform subscribes the parts that keep copies (numbers, published flows, queues); the
designer's live view listens too.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FlowChanged:
    """Another version of a flow is the current one (published, promoted, rolled back), or the one on test, or
    the flow is gone (None).
    """

    flow: str
    version: int | None
    by: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class FlowSaved:
    """A flow's draft has a new revision."""

    flow: str
    revision: int
    by: str


@dataclass(frozen=True, slots=True)
class NumbersChanged:
    """The table of dialled numbers is another."""


@dataclass(frozen=True, slots=True)
class PromptsChanged:
    """A prompt of the library was stored or removed."""

    language: str
    name: str


@dataclass(frozen=True, slots=True)
class QueuesChanged:
    """A queue was stored or removed."""

    queue: str


@dataclass(frozen=True, slots=True)
class AgentsChanged:
    """An agent was stored or removed."""

    agent: str


@dataclass(frozen=True, slots=True)
class CallDataChanged:
    """A call's data was changed from outside the call."""

    call: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """A setting was stored or removed."""

    name: str


Event = TypeVar("Event")


Handler = Callable[[Event], Awaitable[None] | None]


class EventBus:
    """Hands events to whoever subscribed to their class, in order of subscription."""

    def __init__(self) -> None:
        self._handlers: dict[type[Any], list[Handler[Any]]] = {}

    def subscribe(self, kind: type[Event], handler: Handler[Event]) -> Callable[[], None]:
        """Call ``handler`` with each event of the class from now on; returns the way to end it.

        A coroutine function is waited for: whoever made the change is answered when it has taken effect.
        """
        handlers = self._handlers.setdefault(kind, [])
        handlers.append(handler)

        def unsubscribe() -> None:
            if handler in handlers:
                handlers.remove(handler)

        return unsubscribe

    async def publish(self, event: object) -> None:
        """Tell everybody; a handler that fails is logged and does not keep the others from hearing."""
        for handler in list(self._handlers.get(type(event), ())):
            try:
                done = handler(event)
                if done is not None:
                    await done
            except Exception:
                log.exception("a listener failed on %r", event)
