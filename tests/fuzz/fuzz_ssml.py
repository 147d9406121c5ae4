"""Fuzz prompts: SSML of all kinds is rendered into segments.

python tests/fuzz/fuzz_ssml.py [--seconds N] [--seed N]
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_vxml import element
from fuzzing import fuzz_main

from vxmlplat.simulator.inputs import ListedInputs
from vxmlplat.simulator.site import MemorySite, text_resource
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.session import Session, SessionStart

MAIN = "http://fuzz.example/main.vxml"
LIBRARY = Library()


def one(rng: random.Random) -> tuple[bytes, Any]:
    """A document of one prompt, run to its end."""
    prompt = element("prompt", rng, 6)
    text = (
        '<?xml version="1.0"?><vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">'
        f"<var name='a' expr='1'/><form><catch><exit/></catch><block>{prompt}</block></form></vxml>"
    )

    def run() -> None:
        site = MemorySite({MAIN: text_resource(MAIN, text)})
        world = SimulatedWorld(ListedInputs(()), lambda _: None, site.fetch)
        end = asyncio.run(Session(world, SessionStart(MAIN), LIBRARY).run())
        assert end.reason in ("end", "exit", "error"), end

    return text.encode("utf-8", "replace"), run


if __name__ == "__main__":
    sys.exit(fuzz_main("prompts", one))
