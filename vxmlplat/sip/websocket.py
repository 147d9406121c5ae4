"""SIP over WebSocket (RFC 7118), the server's side: the web server mounts it, this module knows no web
framework.

The web server accepts the WebSocket with the subprotocol :data:`SUBPROTOCOL`, then awaits
:func:`serve_websocket` with an iterator over what the browser sends and a coroutine function that sends. One
SIP message is one WebSocket message; the connection is the browser's only address, so requests to it go over
the same connection (RFC 5626).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from vxmlplat.sip import trace
from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.transport import Flow

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent

_log = logging.getLogger(__name__)
SUBPROTOCOL = "sip"
MAX_QUEUED = 256
"""Messages that may wait for a browser that does not read; beyond, the connection is given up."""


class WebSocketFlow(Flow):
    """One WebSocket connection of a browser."""

    reliable = True

    def __init__(self, remote: tuple[str, int], local: tuple[str, int], secure: bool) -> None:
        self.transport = "wss" if secure else "ws"
        self.remote = remote
        self._local = local
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._open = True

    @property
    def local(self) -> tuple[str, int]:
        """Our address as the browser should know it."""
        return self._local

    @property
    def alive(self) -> bool:
        """Whether the connection stands."""
        return self._open

    def send(self, data: bytes) -> None:
        """Queue one message. Raises TransportError when the connection is gone or the browser does not
        read."""
        if not self._open:
            raise TransportError("the WebSocket is closed")
        if self.queue.qsize() >= MAX_QUEUED:
            self.close()
            raise TransportError("the browser does not read what it is sent")
        trace.sent(data, self)
        self.queue.put_nowait(data)

    def close(self) -> None:
        """Send what is queued, then close."""
        if self._open:
            self._open = False
            self.queue.put_nowait(None)


async def serve_websocket(
    agent: UserAgent,
    remote: tuple[str, int],
    incoming: AsyncIterator[str | bytes],
    send: Callable[[str], Awaitable[None]],
    *,
    secure: bool,
) -> None:
    """Serve one connection until the browser or the agent closes it; returns then.

    ``remote`` is the browser's address and port, ``incoming`` ends when the connection does, ``send`` sends
    one text message and raises when it cannot. ``secure`` says whether the browser came over TLS.
    """
    flow = WebSocketFlow(remote, agent.network.local_address("wss" if secure else "ws", remote[0]), secure)
    writer = asyncio.get_running_loop().create_task(_write(flow, send), name="sip websocket")
    reader = asyncio.get_running_loop().create_task(_read(agent, flow, incoming), name="sip websocket")
    agent.websockets.add(flow)
    try:
        await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        agent.websockets.discard(flow)
        flow.close()
        reader.cancel()
        writer.cancel()
        await asyncio.gather(reader, writer, return_exceptions=True)
        agent.flow_lost(flow)


async def _write(flow: WebSocketFlow, send: Callable[[str], Awaitable[None]]) -> None:
    while (data := await flow.queue.get()) is not None:
        try:
            await send(data.decode("utf-8", "replace"))
        except (OSError, RuntimeError) as error:  # what web servers raise for a connection that is gone
            _log.info("WebSocket of %s port %s: %s", *flow.remote, error)
            return


async def _read(agent: UserAgent, flow: WebSocketFlow, incoming: AsyncIterator[str | bytes]) -> None:
    async for message in incoming:
        data = message.encode("utf-8", "surrogateescape") if isinstance(message, str) else message
        if data.strip() == b"" and data:
            flow.send(b"\r\n")  # keep-alive (RFC 7118 §6)
        else:
            agent.transactions.receive(data, flow)
