import asyncio

from vxmlplat.clock import SystemClock, VirtualClock


async def test_sleepers_wake_in_order_each_at_its_own_moment() -> None:
    clock, woken = VirtualClock(), []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now()))

    tasks = [
        asyncio.create_task(sleeper(n, s)) for n, s in (("late", 5), ("early", 1), ("same", 1), ("never", 99))
    ]
    await clock.advance(10)
    assert woken == [("early", 1), ("same", 1), ("late", 5)]
    assert clock.now() == 10
    tasks[-1].cancel()


async def test_a_sleeper_that_was_cancelled_does_not_hold_up_time() -> None:
    clock = VirtualClock()
    task = asyncio.create_task(clock.sleep(3))
    await asyncio.sleep(0)
    task.cancel()
    await clock.advance(1)
    assert clock.next_moment() is None


async def test_the_wall_moves_with_the_clock() -> None:
    clock = VirtualClock()
    before = clock.wall()
    await clock.advance(90)
    assert (clock.wall() - before).total_seconds() == 90


async def test_the_machines_clock_goes_forward() -> None:
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)
    assert clock.now() >= before
    assert clock.wall().tzinfo is not None
