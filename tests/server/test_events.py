from __future__ import annotations

import asyncio

import pytest

from vxmlplat.server.events import EventBus, FlowChanged, NumbersChanged


async def test_who_made_a_change_goes_on_when_it_has_taken_effect() -> None:
    bus = EventBus()
    heard: list[object] = []

    async def reload(event: FlowChanged) -> None:
        await asyncio.sleep(0)
        heard.append(event)

    bus.subscribe(FlowChanged, reload)
    end = bus.subscribe(FlowChanged, heard.append)
    await bus.publish(FlowChanged("f", 1))
    assert heard == [FlowChanged("f", 1)] * 2
    await bus.publish(NumbersChanged())
    end()
    end()
    await bus.publish(FlowChanged("f", 2))
    assert heard[2:] == [FlowChanged("f", 2)]


async def test_a_listener_that_fails_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    bus = EventBus()
    heard: list[NumbersChanged] = []

    async def fail(event: NumbersChanged) -> None:
        raise RuntimeError("deaf")

    bus.subscribe(NumbersChanged, fail)
    bus.subscribe(NumbersChanged, heard.append)
    await bus.publish(NumbersChanged())
    assert heard == [NumbersChanged()]
    assert "deaf" in caplog.text
