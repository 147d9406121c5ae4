"""Changes that go on when nobody waits for them any more.

A caller who hangs up cancels what his call is doing. A transaction that is cut in two by that keeps its lock
until its connection has been thrown away, and everybody else waits meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

_running: set[asyncio.Task[Any]] = set()


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Await the work; when the waiter is cancelled, the work runs on by itself, and its error is logged."""
    task = asyncio.ensure_future(work)
    _running.add(task)  # the loop itself holds tasks only weakly
    task.add_done_callback(_running.discard)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_told)
        raise


def _told(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a change that nobody waited for any more failed: %s", error, exc_info=error)
