"""Filling an empty store with the samples, so that a first start has something to dial."""

from __future__ import annotations

from pathlib import Path

from vxmlplat.server.services import Services


async def seed_samples(services: Services, samples: Path) -> list[str]:
    """Import each ``samples/*/flow.json`` with its ``sample.json`` into a store that has no flows.

    Publishes the flow, maps its numbers, stores its queues and agents (docs/api.md, "Samples"). Returns the
    numbers that can be dialled, none when the store was not empty.
    """
    raise NotImplementedError
