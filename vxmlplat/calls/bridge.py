"""Two lines that hear each other, until one of them or the time ends it.

The far end may hand the caller on to another telephone (REFER, also attended: RFC 3891); the bridge then goes
on with that one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from vxmlplat.calls.errors import CallError, CallFailed
from vxmlplat.calls.line import Line
from vxmlplat.clock import Clock
from vxmlplat.media.clips import Clip, Tone
from vxmlplat.media.errors import MediaError
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Referred
from vxmlplat.vxml.platform import Heard

log = logging.getLogger(__name__)

BridgeEnd = Literal["caller", "far", "maxtime", "keys"]
HandOn = Callable[[Referred], Awaitable[Line]]
"""Places the call that a REFER asks for. Raises CallError."""
#: what a caller hears while a far end rings, where the network sends nothing
RING_BACK: tuple[Clip, ...] = (Tone((425.0,), 1000, pause_ms=4000),)


@dataclass(frozen=True, slots=True)
class Bridged:
    """How a bridge ended, and how many seconds it lasted; ``user_to_user`` is what the far end's BYE
    carried."""

    end: BridgeEnd
    seconds: float
    heard: Heard | None = None
    user_to_user: bytes | None = None


async def bridge(
    caller: Line,
    far: Line,
    clock: Clock,
    *,
    maxtime: float | None = None,
    on_key: Callable[[str], Heard | None] | None = None,
    hand_on: HandOn | None = None,
) -> Bridged:
    """Join the two and return when it is over. The far line is hung up then; the caller's stays.

    ``on_key`` is asked at each key of the caller; a reading ends the bridge. ``hand_on`` lets the far end
    transfer the caller. Cancelled, it hangs up the far line too.
    """
    return await _Bridge(caller, far, clock, on_key, hand_on).run(maxtime)


class _Bridge:
    def __init__(
        self,
        caller: Line,
        far: Line,
        clock: Clock,
        on_key: Callable[[str], Heard | None] | None,
        hand_on: HandOn | None,
    ) -> None:
        self._caller = caller
        self._far = far
        self._clock = clock
        self._on_key = on_key
        self._hand_on = hand_on
        self._matched: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._handing_on: asyncio.Task[None] | None = None

    async def run(self, maxtime: float | None) -> Bridged:
        caller, began = self._caller, self._clock.now()
        before, caller.on_key = caller.on_key, self._key
        timer = asyncio.create_task(self._clock.sleep(maxtime)) if maxtime else None
        try:
            self._join(self._far)
            await self._until(timer)
            far_left = self._far.ended.done()
        finally:
            seconds = self._clock.now() - began
            caller.on_key = before
            self._far.on_referred = None
            for task in (timer, self._handing_on):
                if task is not None:
                    task.cancel()
            self._leave()
            await asyncio.shield(self._ended())
        if caller.ended.done():
            return Bridged("caller", seconds)
        if self._matched.done():
            return Bridged("keys", seconds, self._matched.result())
        if far_left:
            return Bridged("far", seconds, user_to_user=self._far.ended.result().user_to_user)
        return Bridged("maxtime", seconds)

    async def _until(self, timer: asyncio.Task[None] | None) -> None:
        """Return when there is a reason to end."""
        while True:
            waits: set[asyncio.Future[Any]] = {self._caller.ended, self._matched, self._changed}
            if self._handing_on is None or self._handing_on.done():
                waits.add(self._far.ended)  # who hands the caller on may leave before the other has answered
            if timer is not None:
                waits.add(timer)
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if done != {self._changed}:
                return
            self._changed = asyncio.get_running_loop().create_future()

    def _key(self, pressed: str) -> None:
        heard = self._on_key(pressed) if self._on_key is not None else None
        if heard is not None and not self._matched.done():
            self._matched.set_result(heard)

    def _join(self, far: Line) -> None:
        self._far = far
        far.on_referred = self._referred if self._hand_on is not None else None
        try:
            self._caller.channel.music()
            self._caller.channel.stop_all()
            self._caller.channel.bridge(far.channel)
        except MediaError as error:  # one of the two ended in this moment, and is noticed as such
            log.debug("not joined: %s", error)

    def _leave(self) -> None:
        if not self._caller.ended.done():
            try:
                self._caller.channel.unbridge()
                self._caller.channel.music()
            except MediaError as error:  # the media process died; the line's own end follows
                log.debug("not parted: %s", error)

    async def _ended(self) -> None:
        if self._handing_on is not None:
            await asyncio.gather(self._handing_on, return_exceptions=True)
        await self._far.hangup()

    # ------------------------------------------------------------------ the far end hands the caller on

    def _referred(self, request: Referred) -> None:
        if self._handing_on is not None and not self._handing_on.done():
            request.reject(491)
            return
        request.accept()
        self._handing_on = asyncio.create_task(self._hand_over(request))
        self._look_again()
        self._handing_on.add_done_callback(lambda _: self._look_again())

    def _look_again(self) -> None:
        if not self._changed.done():
            self._changed.set_result(None)

    async def _hand_over(self, request: Referred) -> None:
        assert self._hand_on is not None
        former = self._far
        former.ended.add_done_callback(self._ring_back)
        try:
            far = await self._hand_on(request)
        except CallError as error:
            log.info("the caller could not be handed on to %s: %s", request.target, error)
            _report(request, error.status if isinstance(error, CallFailed) else 404)
            return
        finally:
            former.ended.remove_done_callback(self._ring_back)
        self._join(far)
        _report(request, 200)
        former.on_referred = None
        await former.hangup()

    def _ring_back(self, _: object) -> None:
        """Who handed the caller on has left; until the other answers the caller hears it ring."""
        if not self._caller.channel.closed:
            self._caller.channel.music(RING_BACK)


def _report(request: Referred, status: int) -> None:
    try:
        request.notify(status)
    except SipError as error:  # whoever asked has left
        log.debug("transfer not reported: %s", error)
