"""How long the debugger takes for a step, and for a step back, in calls of several lengths (CPU time).

A step is measured from the order to the message that the call stands still again: what an author waits for,
without the way to the browser. A step back repeats the call from its beginning. The target: 50 ms a step.
"""

from __future__ import annotations

import asyncio
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

    async def timed(self, doing: str) -> float:
        """Milliseconds of a step, or a step back."""
        began = time.process_time()
        if doing == "back":
            await self.session.back()
        else:
            self.session.step()
        await self.paused()
        return (time.process_time() - began) * 1000


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
        steps.sort()
        back = [await bench.timed("back") for _ in range(5)]
        again = [await bench.timed("step") for _ in range(5)]
        p95 = steps[int(len(steps) * 0.95)]
        print(f"{length:5} steps: step {statistics.median(steps):6.2f} ms, p95 {p95:6.2f} ms;", end=" ")
        print(f"back {statistics.median(back):7.1f} ms, and on again {statistics.median(again):6.2f} ms")
    await bench.session.stop()


if __name__ == "__main__":
    asyncio.run(main())
