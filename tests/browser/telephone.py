"""A telephone in a process of its own, beside a browser whose loop holds the test's thread.

    python telephone.py ADDRESS PORT KEY

Calls, listens, presses the key, listens again, and hangs up; exit status 0 when voice was heard both times.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "telephony"))


async def dial(address: str, port: int, key: str) -> None:
    """Call and press the key into the prompt."""
    from probe import Probe

    async with Probe(address, ("127.0.0.1", port)) as call:
        if await call.call(20) != 200:
            raise SystemExit(f"{address} answered with {call.status}")
        await call.hears_voice(20)
        call.talk()
        pressed = await call.press(key)
        await call.hears_voice(20, after=pressed + 0.1)


if __name__ == "__main__":
    asyncio.run(dial(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
