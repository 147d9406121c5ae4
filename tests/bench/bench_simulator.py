"""How long the debugger takes for a step, and for a step back, in calls of several lengths (CPU time).

A step is measured from the order to the message that the call stands still again: what an author waits for,
without the way to the browser. A step back repeats the call from the last checkpoint. Checkpoints are made
while the call stands still, so a step back is measured a moment after the one before, as an author clicks;
"at once" is measured with no moment between. The target: 50 ms a step, in calls of 1,000 steps.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import time

from vxmlplat.flows.compiler import compile_flow
from vxmlplat.flows.reading import read_flow
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.session import SessionStart

PLACE = "http://simulator.invalid/published/bench/1/"
VARIABLES = 30
LENGTHS = (10, 100, 1000)
BACK = 20
AT_FIRST = 3.0
"""Seconds from the arrival at a breakpoint to the first step back: steps at full speed leave no moment."""
MOMENT = 0.4
"""Seconds between two clicks."""


def flow() -> dict[str, object]:
    """A loop of four nodes that says something and changes variables, and asks the caller now and then."""
    words = [{"kind": "text", "text": {"en-US": "Round"}}, {"kind": "value", "expr": "v0"}]
    key = [{"key": "1", "label": {"en-US": "On"}}]
    nodes = [
        {"id": "start", "type": "start", "fields": {}},
        {
            "id": "count",
            "type": "set",
            "fields": {"assignments": [{"variable": "v0", "value": "v0 + 1"}]},
        },
        {"id": "say", "type": "play", "fields": {"prompt": words}},
        {"id": "ask", "type": "menu", "fields": {"prompt": words, "choices": key}},
    ]
    edges = [
        ("start", "next", "count"),
        ("count", "next", "say"),
        ("say", "next", "ask"),
        ("ask", "1", "count"),
        ("ask", "noinput", "count"),
        ("ask", "nomatch", "count"),
    ]
    return {
        "schema": 1,
        "id": "bench",
        "name": {"en-US": "Bench"},
        "languages": ["en-US"],
        "variables": [{"name": f"v{n}", "type": "number", "initial": n} for n in range(VARIABLES)],
        "nodes": [node | {"position": {"x": 0, "y": 0}} for node in nodes],
        "edges": [{"from": source, "port": port, "to": to} for source, port, to in edges],
    }


class Bench:
    """A call that is stepped through; whoever asks gets a key."""

    def __init__(self) -> None:
        read = read_flow(flow()).flow
        assert read is not None
        resources = {
            PLACE + name: text_resource(PLACE + name, text)
            for name, text in compile_flow(read).documents.items()
        }
        self.session = SimulatorSession(SessionStart(PLACE + "flow.vxml"), resources, stay=True)
        self._events = self.session.events()

    async def paused(self) -> None:
        """Read on until the call stands still."""
        async for message in self._events:
            if message["type"] == "waiting":
                self.session.feed({"dtmf": "1"})
            elif message["type"] == "state" and message["paused"] is not None:
                return

    async def to_the_end(self) -> None:
        """Let the call go on to where nothing is known of what the caller does."""
        self.session.resume()
        async for message in self._events:
            if message["type"] == "waiting":
                return

    async def timed(self, doing: str, to: int | None = None) -> float:
        """Milliseconds of a step, or a step back."""
        began = time.process_time()
        if doing == "back":
            await self.session.back(to)
        else:
            self.session.step()
        await self.paused()
        return (time.process_time() - began) * 1000


def told(times: list[float]) -> str:
    """Median and worst of them."""
    return f"{statistics.median(times):.1f} ms, worst {max(times):.1f} ms"


async def main() -> None:
    """Print the figures."""
    bench = Bench()
    bench.session.pause(at_start=True)
    bench.session.start()
    await bench.paused()
    done = 0
    for length in LENGTHS:
        steps = []
        while done < length:
            steps.append(await bench.timed("step"))
            done += 1
        print(f"{length:5} steps: step {told(steps)};", end=" ")
        await asyncio.sleep(AT_FIRST)
        back = []
        times = min(BACK, length // 3)
        for _ in range(times):
            await asyncio.sleep(MOMENT)
            back.append(await bench.timed("back"))
        print(f"back {told(back)};", end=" ")
        at_once = [await bench.timed("back") for _ in range(times // 2)]
        print(f"at once {told(at_once)};", end=" ")
        await asyncio.sleep(AT_FIRST)
        far = []
        for _ in range(BACK):
            await bench.to_the_end()
            await asyncio.sleep(MOMENT)
            far.append(await bench.timed("back", random.randint(1, length * 2 // 3)))
        await bench.to_the_end()
        bench.session.feed({"dtmf": "1"})
        print(f"to any step {told(far)};", end=" ")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"memory {memory} MB")
    await bench.session.stop()


if __name__ == "__main__":
    asyncio.run(main())
