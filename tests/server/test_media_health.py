"""What an operator is told of the media process, before and after it has died."""

import asyncio
import os
import signal

from vxmlplat.clock import SystemClock
from vxmlplat.media import MediaConfig, MediaPlane
from vxmlplat.server.media_health import media_gauges, media_health


async def test_deaths_and_recovery_are_told() -> None:
    plane = MediaPlane(MediaConfig(first_port=30000, last_port=30998), SystemClock())
    gauges = media_gauges(plane)
    assert media_health(plane).state == "failed"
    await plane.start()
    try:
        assert (media_health(plane).state, media_health(plane).message) == ("ok", "")
        assert gauges["vxmlplat_media_restarts"]() == 0
        assert plane._process is not None
        died = asyncio.Event()
        plane.on_death = lambda reason: died.set()
        os.kill(plane._process.pid, signal.SIGKILL)
        await died.wait()
        down = media_health(plane)
        assert (down.state, down.message) == ("failed", "the media process is down; it has died once")
        channel = await plane.open_channel("127.0.0.1", lambda event: None)
        again = media_health(plane)
        assert again.state == "ok"
        assert again.message.startswith("it has died once; the last time another took calls ")
        assert gauges["vxmlplat_media_restarts"]() == 1
        assert gauges["vxmlplat_media_recovery_seconds"]() == plane.statistics.recovery > 0
        await channel.close()
    finally:
        await plane.stop()
