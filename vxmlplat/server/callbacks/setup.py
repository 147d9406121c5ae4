"""The dialler as the platform runs it: its calls, its documents, and the agents that it waits for."""

from __future__ import annotations

from vxmlplat.acd import Acd
from vxmlplat.clock import Clock
from vxmlplat.config import Settings
from vxmlplat.flows import FIRST_DOCUMENT
from vxmlplat.server.callbacks.dialler import Dialler, Placing
from vxmlplat.server.callbacks.document import address
from vxmlplat.server.published import PUBLISHED
from vxmlplat.store.callbacks import Callback
from vxmlplat.store.store import Store


def dialler(
    settings: Settings, store: Store, calls: Placing, acd: Acd, clock: Clock, base_uri: str
) -> Dialler:
    """A dialler that is not started. ``base_uri``: where the platform's own documents lie."""
    flow = settings.callbacks.flow

    async def dialog(callback: Callback) -> str:
        if not flow:
            return base_uri + address(callback)
        version = (await store.flows.current(flow)).version
        return f"{base_uri}{PUBLISHED}{flow}/{version}/{FIRST_DOCUMENT}"

    def ready(queue: str) -> int:
        return sum(one.agents_ready for one in acd.live().queues if one.queue == queue)

    return Dialler(
        store.callbacks,
        calls,
        settings.callbacks,
        clock,
        dialog=dialog,
        ready=ready,
        way_out=bool(settings.sip.outbound_trunk),
    )
