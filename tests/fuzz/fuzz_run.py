"""Fuzz whole applications with random callers, through the code of ``vxmlplat run``.

    python tests/fuzz/fuzz_run.py [--seconds N] [--seed N]

Whatever the document and the caller do, the session must end in order with one ``exit`` event.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_vxml import document
from fuzzing import fuzz_main

from vxmlplat.documents import Resource
from vxmlplat.simulator.inputs import ListedInputs, checked_inputs
from vxmlplat.simulator.run_command import event_line
from vxmlplat.simulator.site import MemorySite
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.limits import SessionLimits
from vxmlplat.vxml.session import Session, SessionStart

MAIN = "http://fuzz.example/main.vxml"
LIMITS = SessionLimits(rounds=300, steps=5_000, documents=20, prompts=200, throws=30, subdialogs=5)
ACTIONS: tuple[dict[str, Any], ...] = (
    {"dtmf": "1"},
    {"dtmf": "12#", "then": 1.0},
    {"dtmf": "3", "during": "prompt"},
    {"say": "one", "confidence": 0.4, "nbest": [{"say": "one two"}]},
    {"noinput": True},
    {"record": 2.0, "end": "#"},
    {"transfer": "busy"},
    {"transfer": "far_end_disconnect", "after": 5},
    {"hangup": True},
)


def one(rng: random.Random) -> tuple[bytes, Any]:
    """A document and a caller."""
    documents = {MAIN: document(rng), "http://fuzz.example/other.vxml": document(rng)}
    actions = [rng.choice(ACTIONS) for _ in range(rng.randrange(8))]
    told = b"\n".join([*documents.values(), json.dumps(actions).encode()])

    def run() -> None:
        site = MemorySite({uri: Resource(uri, "", None, data) for uri, data in documents.items()})
        events: list[dict[str, Any]] = []
        world = SimulatedWorld(ListedInputs(checked_inputs(actions, "inputs")), events.append, site.fetch)
        end = asyncio.run(Session(world, SessionStart(MAIN), Library(), LIMITS).run())
        assert end.reason in ("exit", "end", "disconnect", "hangup", "transfer", "error"), end
        for event in events:
            json.loads(event_line(event))

    return told, run


if __name__ == "__main__":
    sys.exit(fuzz_main("applications", one))
