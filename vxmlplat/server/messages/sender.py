"""The outbox is emptied: each message goes to its gateway, again and again with longer waits, for a day."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from vxmlplat.clock import Clock
from vxmlplat.server.messages.gateway import Gateway, GatewayError, RefusedMessageError
from vxmlplat.server.services import Health
from vxmlplat.store.errors import StoreError
from vxmlplat.store.outbox import OutboxRepository, OutgoingMessage

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks into the outbox."""
FIRST_WAIT, LONGEST_WAIT = 10.0, 1800.0
"""Seconds before the second try; doubled after each, up to the longest."""
GIVE_UP = timedelta(days=1)
AT_ONCE = 8
"""How many messages are on their way at the same time."""


class Sender:
    """Looks into the outbox and sends what is due.

    A message of a kind that has no gateway waits until there is one: nothing is lost, and the operator sees
    it in :meth:`health`.
    """

    def __init__(self, outbox: OutboxRepository, gateways: Mapping[str, Gateway], clock: Clock) -> None:
        self._outbox = outbox
        self._gateways = dict(gateways)
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._problems: dict[str, str] = {}

    async def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what is on its way is cut off and tried again at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except StoreError as error:  # the store comes back; the health check of the store tells
                log.warning("the outbox cannot be read: %s", error)
            await self._clock.sleep(EVERY)

    async def look(self) -> None:
        """Send what is due now, and come back when each was tried once."""
        due = await self._outbox.waiting(self._clock.wall())
        async with asyncio.TaskGroup() as sending:
            for message in due:
                if message.kind in self._gateways:
                    sending.create_task(self._send(message))

    async def _send(self, message: OutgoingMessage) -> None:
        async with self._slots:
            try:
                await self._gateways[message.kind].send(message)
            except GatewayError as error:
                await self._failed(message, error)
            else:
                self._problems.pop(message.kind, None)
                await self._outbox.delivered(message.id, self._clock.wall())

    async def _failed(self, message: OutgoingMessage, error: GatewayError) -> None:
        now = self._clock.wall()
        final = isinstance(error, RefusedMessageError) or now - message.created >= GIVE_UP
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**message.tries)
        again = None if final else now + timedelta(seconds=wait)
        if not isinstance(error, RefusedMessageError):
            self._problems[message.kind] = str(error)
        how = "given up" if final else f"tried again in {wait:g} s"
        log.warning("call %s: %s %s %s: %s", message.call or "-", message.kind, message.id, how, error)
        await self._outbox.failed(message.id, str(error), again, now)

    async def health(self) -> Health:
        """``degraded`` while a gateway does not take messages, or messages wait for want of one."""
        waiting = Counter(message.kind for message in await self._outbox.waiting(limit=1000))
        without = [
            f"{count} {kind} wait, no gateway is set up (messages.{kind})"
            for kind, count in sorted(waiting.items())
            if kind not in self._gateways
        ]
        failing = [f"{kind}: {problem}" for kind, problem in sorted(self._problems.items())]
        told = "; ".join(failing + without)
        return Health("degraded" if told else "ok", told or f"{waiting.total()} wait")
