"""Two lines that hear each other, until one of them or the time ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from vxmlplat.calls.line import Line
from vxmlplat.clock import Clock
from vxmlplat.media.errors import MediaError
from vxmlplat.vxml.platform import Heard

BridgeEnd = Literal["caller", "far", "maxtime", "keys"]


@dataclass(frozen=True, slots=True)
class Bridged:
    """How a bridge ended, and how many seconds it lasted."""

    end: BridgeEnd
    seconds: float
    heard: Heard | None = None


async def bridge(
    caller: Line,
    far: Line,
    clock: Clock,
    *,
    maxtime: float | None = None,
    on_key: Callable[[str], Heard | None] | None = None,
) -> Bridged:
    """Join the two and return when it is over. The far line is hung up then; the caller's stays.

    ``on_key`` is asked at each key of the caller; a reading ends the bridge. Cancelled, it hangs up the far
    line too.
    """
    matched: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()

    def key(pressed: str) -> None:
        heard = on_key(pressed) if on_key is not None else None
        if heard is not None and not matched.done():
            matched.set_result(heard)

    before, caller.on_key = caller.on_key, key
    began = clock.now()
    timer = asyncio.create_task(clock.sleep(maxtime)) if maxtime else None
    try:
        caller.channel.music()
        caller.channel.stop_all()
        caller.channel.bridge(far.channel)
        waits: set[asyncio.Future[Any]] = {caller.ended, far.ended, matched}
        if timer is not None:
            waits.add(timer)
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        far_left = far.ended.done()
    finally:
        seconds = clock.now() - began
        caller.on_key = before
        if timer is not None:
            timer.cancel()
        if not caller.ended.done():
            try:
                caller.channel.unbridge()
            except MediaError:  # the media process died; the line's own end follows
                pass
        await asyncio.shield(far.hangup())
    if caller.ended.done():
        return Bridged("caller", seconds)
    if matched.done():
        return Bridged("keys", seconds, matched.result())
    return Bridged("far" if far_left else "maxtime", seconds)
