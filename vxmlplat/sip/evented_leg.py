"""How a leg hands its events to its owner: at once to a listener, else kept until they are asked for."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable

from vxmlplat.sip.errors import LegStateError
from vxmlplat.sip.events import Ended, Failed, LegEvent
from vxmlplat.sip.leg import Leg

_log = logging.getLogger(__name__)


class EventedLeg(Leg):
    """The half of a leg that deals in events."""

    def __init__(self) -> None:
        self._listener: Callable[[LegEvent], None] | None = None
        self._backlog: deque[LegEvent] = deque()
        self._news: asyncio.Event | None = None

    @property
    def on_event(self) -> Callable[[LegEvent], None] | None:
        """Who gets the events."""
        return self._listener

    @on_event.setter
    def on_event(self, listener: Callable[[LegEvent], None] | None) -> None:
        self._listener = listener
        while listener is not None and self._backlog and self._listener is listener:
            listener(self._backlog.popleft())

    async def next_event(self) -> LegEvent:
        """The next event, waiting for it."""
        while not self._backlog:
            if self.state == "ended":
                raise LegStateError("the leg has ended and all its events were read")
            self._news = self._news or asyncio.Event()
            self._news.clear()
            await self._news.wait()
        return self._backlog.popleft()

    async def events(self) -> AsyncIterator[LegEvent]:
        """All events up to and including the last."""
        while True:
            event = await self.next_event()
            yield event
            if isinstance(event, Ended | Failed):
                return

    def emit(self, event: LegEvent) -> None:
        """Hand an event to the owner."""
        if self._listener is None:
            self._backlog.append(event)
            if self._news is not None:
                self._news.set()
            return
        try:
            self._listener(event)
        except Exception:  # noqa: BLE001 - a fault in the owner of one call must not reach the transaction layer
            _log.exception("call %s: the listener failed on %s", self.id, type(event).__name__)

    def wake(self) -> None:
        """Let whoever waits for an event look at the state again."""
        if self._news is not None:
            self._news.set()
