"""Who hangs up cuts no change in two."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from vxmlplat.store.finishing import to_its_end
from vxmlplat.store.outbox import OutgoingMessage
from vxmlplat.store.store import Store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def message(number: int) -> OutgoingMessage:
    return OutgoingMessage(id=str(number), kind="sms", recipient="1", text="x", created=NOW)


async def test_changes_whose_waiters_are_cancelled_are_kept_and_hold_no_lock(store: Store) -> None:
    waiters = []
    for number in range(20):
        waiter = asyncio.create_task(to_its_end(store.outbox.add(message(number))))
        waiters.append(waiter)
        for _ in range(number + 1):  # each is cancelled a little later in its work
            await asyncio.sleep(0)
        waiter.cancel()
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    async with asyncio.timeout(5):
        await store.outbox.add(message(99))  # comes after them in the queue of writers
    found = {one.id for one in await store.outbox.latest()}
    assert found == {str(number) for number in range(20)} | {"99"}


async def test_what_went_wrong_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        await to_its_end(fails())
    waiter = asyncio.create_task(to_its_end(fails()))
    await asyncio.sleep(0)
    waiter.cancel()
    with caplog.at_level(logging.ERROR):
        await asyncio.gather(waiter, return_exceptions=True)
        for _ in range(3):
            await asyncio.sleep(0)
    assert "no room" in caplog.text
