"""``/api/flows/{flow}/presence``: authors who have the same flow open see each other, over a WebSocket.

Nothing of this is stored: it lasts as long as the pages are open. What counts is guarded elsewhere, by
revisions; here people learn early that they are not alone.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import Field, ValidationError

from vxmlplat.server.bodies import Body
from vxmlplat.server.events import EventBus, FlowChanged, FlowSaved
from vxmlplat.server.identity import identity_of
from vxmlplat.server.resources.live import open_socket
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of

TABLE = RouteTable()

MESSAGE_LIMIT = 16 * 1024
QUEUE_LIMIT = 200
"""Messages that may wait for one page; one that takes none is let go, and comes back when it can."""

Message = dict[str, Any]


class Here(Body):
    """What a page says of its author: the selected nodes, and whether there is unsaved work."""

    type: Literal["here"]
    nodes: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=50)] = ()
    unsaved: bool = False


@dataclass(eq=False)
class Page:
    """A page that has a flow open."""

    user: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    here: Here = field(default_factory=lambda: Here(type="here"))
    outbox: asyncio.Queue[Message | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LIMIT))

    def tell(self, message: Message | None) -> None:
        """Have a message sent; None ends the page's connection."""
        if self.outbox.full():
            while not self.outbox.empty():
                self.outbox.get_nowait()
            message = None
        self.outbox.put_nowait(message)

    def as_json(self) -> Message:
        """Who this is and where, for the others."""
        return {"page": self.id, "user": self.user, "nodes": self.here.nodes, "unsaved": self.here.unsaved}


class Presence:
    """Who has which flow open."""

    def __init__(self, events: EventBus) -> None:
        self._pages: dict[str, list[Page]] = {}
        events.subscribe(FlowSaved, self._saved)
        events.subscribe(FlowChanged, self._changed)

    def enter(self, flow: str, page: Page) -> None:
        """A page opens the flow."""
        self._pages.setdefault(flow, []).append(page)
        page.tell({"type": "hello", "page": page.id})
        self.announce(flow)

    def leave(self, flow: str, page: Page) -> None:
        """The page is closed."""
        pages = self._pages.get(flow, [])
        if page in pages:
            pages.remove(page)
        if not pages:
            self._pages.pop(flow, None)
        self.announce(flow)

    def announce(self, flow: str) -> None:
        """Tell every page of the flow who is there."""
        people = [page.as_json() for page in self._pages.get(flow, ())]
        self._tell(flow, {"type": "people", "people": people})

    def _saved(self, event: FlowSaved) -> None:
        self._tell(event.flow, {"type": "saved", "revision": event.revision, "by": event.by})

    def _changed(self, event: FlowChanged) -> None:
        message = {"type": "published", "version": event.version, "by": event.by, "test": event.test}
        self._tell(event.flow, message)

    def _tell(self, flow: str, message: Message) -> None:
        for page in self._pages.get(flow, ()):
            page.tell(message)


PRESENCE: web.AppKey[Presence] = web.AppKey("presence", Presence)


@TABLE.websocket("/api/flows/{flow}/presence", Role.AUTHOR)
async def presence(request: web.Request) -> web.StreamResponse:
    """Tell the page who else is there and what they do, for as long as it is open."""
    flow = (await services_of(request).store.flows.get(request.match_info["flow"])).id
    everybody = request.app[PRESENCE]
    page = Page(identity_of(request).name)
    socket = await open_socket(request, max_msg_size=MESSAGE_LIMIT)
    sender = asyncio.create_task(_send(socket, page))
    everybody.enter(flow, page)
    try:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            try:
                page.here = Here.model_validate_json(message.data)
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]["msg"].encode()[:100]
                await socket.close(code=WSCloseCode.INVALID_TEXT, message=fault)
                break
            everybody.announce(flow)
    finally:
        everybody.leave(flow, page)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    return socket


async def _send(socket: web.WebSocketResponse, page: Page) -> None:
    while (message := await page.outbox.get()) is not None:
        await socket.send_str(json.dumps(message, ensure_ascii=False))
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
