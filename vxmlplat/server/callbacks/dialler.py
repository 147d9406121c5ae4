"""The dialler: callbacks that are due are placed as calls, a few at a time, and tried again by outcome."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from vxmlplat.calls.placing import CallOrder, PlacedCall
from vxmlplat.ccxml.errors import CcxmlError
from vxmlplat.clock import Clock
from vxmlplat.config import CallbackSettings
from vxmlplat.documents import DocumentError
from vxmlplat.server.callbacks.document import NO_AGENT, REPORTED
from vxmlplat.server.services import Health
from vxmlplat.store.callbacks import Callback, CallbackRepository
from vxmlplat.store.errors import StoreError

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""
POLL = 1.0
"""Seconds between two questions how a call gets on."""
LEASE = timedelta(minutes=30)
"""A callback whose dialler has died is due again after this."""
LONGEST_CALL = LEASE.total_seconds() * 0.9
"""Seconds after which a call that still goes on counts as answered."""

UNPLACED = "unplaced"
"""The call could not even be begun: a document of the operator's is not there."""

AGAIN_AFTER: Mapping[str, timedelta] = {
    "busy": timedelta(minutes=5),
    "no_answer": timedelta(minutes=30),
    "cancelled": timedelta(minutes=15),
    "machine": timedelta(hours=1),
    "refused": timedelta(hours=1),
    "unreachable": timedelta(minutes=15),
    "noport": timedelta(minutes=1),
    UNPLACED: timedelta(minutes=5),
    "error": timedelta(minutes=15),
    NO_AGENT: timedelta(minutes=10),
}
"""Results after which the caller is called again, and when. All other results end a callback."""

OUR_OWN = frozenset(("noport", UNPLACED))
"""Results that are no try: nothing has rung."""

ANSWERED = "answered"
GIVEN_UP = "given_up"
EXPIRED = "expired"
NOT_ALLOWED = "not_allowed"


class Placing(Protocol):
    """Places calls, and tells how they get on: :class:`~vxmlplat.calls.placing.PlacedCalls`."""

    async def place(self, order: CallOrder) -> PlacedCall:
        """Begin a call. Raises DocumentError and CcxmlError."""
        ...

    def get(self, identifier: str) -> PlacedCall | None:
        """How it gets on."""
        ...


class Dialler:
    """Dials what is due, within the operator's settings.

    ``dialog`` gives the address of the document that speaks to a caller; ``ready`` the number of agents of a
    queue who could take a call now. ``way_out``: whether ``tel:`` destinations lead somewhere.
    """

    def __init__(
        self,
        callbacks: CallbackRepository,
        calls: Placing,
        settings: CallbackSettings,
        clock: Clock,
        *,
        dialog: Callable[[Callback], Awaitable[str]],
        ready: Callable[[str], int],
        way_out: bool,
    ) -> None:
        self._callbacks = callbacks
        self._calls = calls
        self._settings = settings
        self._clock = clock
        self._dialog = dialog
        self._ready = ready
        self.on = settings.dial and (way_out or bool(settings.destination))
        """Whether it dials at all."""
        self._zone = ZoneInfo(settings.timezone)
        self._begun: deque[float] = deque()
        self._dialling: dict[asyncio.Task[None], str] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, where there is a way out."""
        if self.on:
            self._task = asyncio.create_task(self._run(), name="callbacks")

    async def stop(self) -> None:
        """Stop; who is being called is called again when the lease is over, unless the call is answered."""
        tasks = [*self._dialling, *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except StoreError as error:  # the store comes back; the health check of the store tells
                log.warning("the callbacks cannot be read: %s", error)
            await self._clock.sleep(EVERY)

    @property
    def dialling(self) -> int:
        """Calls that are being placed, or talked."""
        return len(self._dialling)

    async def look(self) -> None:
        """Begin to dial what is due, as far as the settings let."""
        now = self._clock.wall()
        if not self._open(now):
            return
        for callback in await self._callbacks.waiting(due=now):
            if not callback.number.startswith(self._settings.prefixes or ("",)):
                log.warning("callback %s: its number has none of callbacks.prefixes", callback.id)
                await self._over(callback, NOT_ALLOWED)
            elif self._expired(callback, now):
                await self._over(callback, EXPIRED if not callback.tries else GIVEN_UP)
            elif self._may_dial(callback.queue) and await self._callbacks.claim(callback, now, LEASE):
                self._begun.append(self._clock.now())
                task = asyncio.create_task(self._dial(callback), name=f"callback {callback.id}")
                self._dialling[task] = callback.queue
                task.add_done_callback(self._done)

    def _open(self, now: datetime) -> bool:
        """Whether people may be rung up at this time of day; hours may go beyond midnight."""
        begin, end = self._settings.hours.split("-")
        time = now.astimezone(self._zone).strftime("%H:%M")
        return begin <= time < end if begin < end else time >= begin or time < end

    def _expired(self, callback: Callback, now: datetime) -> bool:
        too_old = now - callback.created >= timedelta(hours=self._settings.keep_hours)
        return too_old or callback.tries >= self._settings.tries

    def _may_dial(self, queue: str) -> bool:
        settings, now = self._settings, self._clock.now()
        while self._begun and self._begun[0] <= now - 60:
            self._begun.popleft()
        if len(self._dialling) >= settings.at_once or len(self._begun) >= settings.per_minute:
            return False
        calling = Counter(self._dialling.values())[queue]
        return not settings.agents_first or calling < self._ready(queue)

    async def _dial(self, callback: Callback) -> None:
        settings = self._settings
        destination = (settings.destination or "tel:{number}").replace("{number}", callback.number)
        data = {
            **callback.data,
            "callback": callback.id,
            "callback_note": callback.note,
            "queue": callback.queue,
        }
        try:
            order = CallOrder(
                destination,
                await self._dialog(callback),
                caller=settings.caller,
                data=data,
                timeout=settings.ring,
                detect=settings.detect,
            )
            placed = await self._calls.place(order)
        except (DocumentError, CcxmlError, StoreError) as error:
            log.error("callback %s cannot be placed: %s", callback.id, error)
            await self._ended(callback, UNPLACED)
            return
        result = await self._result(placed)
        log.info("callback %s, call %s: %s", callback.id, placed.call or "-", result)
        await self._ended(callback, result)

    async def _result(self, placed: PlacedCall) -> str:
        until = self._clock.now() + LONGEST_CALL
        while placed.state != "ended" and self._clock.now() < until:
            await self._clock.sleep(POLL)
            self._calls.get(placed.id)  # which looks
        return placed.result or ANSWERED

    async def _ended(self, callback: Callback, result: str) -> None:
        if result == ANSWERED:
            told = (await self._callbacks.get(callback.id)).result
            result = told if told in REPORTED else ANSWERED
        again = AGAIN_AFTER.get(result)
        tries = callback.tries + (0 if result in OUR_OWN else 1)
        if again is None:
            await self._over(callback, result)
        elif tries >= self._settings.tries:
            await self._callbacks.note(callback.id, result)
            await self._over(callback, GIVEN_UP)
        else:
            await self._callbacks.put_off(callback.id, result, self._clock.wall() + again, tries)

    async def _over(self, callback: Callback, outcome: str) -> None:
        await self._callbacks.finish(callback.id, outcome, self._clock.wall())

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._dialling[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed: %s", task.get_name(), error, exc_info=error)

    async def health(self) -> Health:
        """``degraded`` while callbacks wait that nobody will dial; the message says how to switch it on."""
        waiting = len(await self._callbacks.waiting())
        if self.on:
            return Health("ok", f"{waiting} wait, {self.dialling} are being called")
        why = (
            "callbacks.dial is off"
            if not self._settings.dial
            else ("there is no way out: set sip.outbound_trunk or callbacks.destination")
        )
        return Health("degraded" if waiting else "ok", f"{waiting} wait; nobody is called back, {why}")
