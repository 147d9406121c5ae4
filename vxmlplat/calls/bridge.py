"""Two lines that hear each other, until one of them or the time ends it.

Either line may change hands meanwhile (``calls.succession``); the bridge does not notice, save that the
caller hears it ring where the one has left before the other has answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from vxmlplat.calls.line import Line
from vxmlplat.clock import Clock
from vxmlplat.media.clips import Clip, Tone
from vxmlplat.media.errors import MediaError
from vxmlplat.sip.events import Referred
from vxmlplat.vxml.platform import Heard

log = logging.getLogger(__name__)

BridgeEnd = Literal["caller", "far", "maxtime", "keys"]
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
    on_referred: Callable[[Referred], None] | None = None,
    on_succeeded: Callable[[str], None] | None = None,
) -> Bridged:
    """Join the two and return when it is over. The far line is hung up then; the caller's stays.

    ``on_key`` is asked at each key of the caller; a reading ends the bridge. ``on_referred`` is asked when
    the far end wants to hand the caller on, ``on_succeeded`` is told to whom it did. Cancelled, it hangs up
    the far line too.
    """
    far.on_referred = on_referred
    return await _Bridge(caller, far, clock, on_key, on_succeeded).run(maxtime)


class _Bridge:
    def __init__(
        self,
        caller: Line,
        far: Line,
        clock: Clock,
        on_key: Callable[[str], Heard | None] | None,
        on_succeeded: Callable[[str], None] | None,
    ) -> None:
        self._caller = caller
        self._far = far
        self._clock = clock
        self._on_key = on_key
        self._on_succeeded = on_succeeded
        self._matched: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()

    async def run(self, maxtime: float | None) -> Bridged:
        caller, far, began = self._caller, self._far, self._clock.now()
        before, caller.on_key = caller.on_key, self._key
        far.on_vacant, far.on_succeeded = self._ring_back, self._succeeded
        timer = asyncio.create_task(self._clock.sleep(maxtime)) if maxtime else None
        try:
            self._join()
            waits: set[asyncio.Future[Any]] = {caller.ended, far.ended, self._matched}
            if timer is not None:
                waits.add(timer)
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            far_left = far.ended.done()
        finally:
            seconds = self._clock.now() - began
            caller.on_key = before
            far.on_referred = far.on_vacant = far.on_succeeded = None
            if timer is not None:
                timer.cancel()
            self._leave()
            await asyncio.shield(far.hangup())
        if caller.ended.done():
            return Bridged("caller", seconds)
        if self._matched.done():
            return Bridged("keys", seconds, self._matched.result())
        if far_left:
            return Bridged("far", seconds, user_to_user=far.ended.result().user_to_user)
        return Bridged("maxtime", seconds)

    def _key(self, pressed: str) -> None:
        heard = self._on_key(pressed) if self._on_key is not None else None
        if heard is not None and not self._matched.done():
            self._matched.set_result(heard)

    def _join(self) -> None:
        try:
            self._caller.channel.music()
            self._caller.channel.stop_all()
            self._caller.channel.bridge(self._far.channel)
        except MediaError as error:  # one of the two ended in this moment, and is noticed as such
            log.debug("not joined: %s", error)

    def _leave(self) -> None:
        if not self._caller.ended.done():
            try:
                self._caller.channel.unbridge()
                self._caller.channel.music()
            except MediaError as error:  # the media process died; the line's own end follows
                log.debug("not parted: %s", error)

    def _ring_back(self) -> None:
        """Who hands the caller on has left; until the other answers the caller hears it ring."""
        try:
            self._caller.channel.unbridge()
            self._caller.channel.music(RING_BACK)
        except MediaError as error:  # the caller leaves in this moment
            log.debug("no ring-back: %s", error)

    def _succeeded(self, address: str) -> None:
        self._join()
        if self._on_succeeded is not None:
            self._on_succeeded(address)
