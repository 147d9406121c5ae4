"""Documents for tests of calls, served to the platform from this process, and who calls them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from xml.sax.saxutils import quoteattr

from aiohttp import web
from centre import sip_port
from conftest import put_number
from peer import Peer

from vxmlplat.acd import AgentState
from vxmlplat.server.assembly import Assembly
from vxmlplat.store.agents import Agent
from vxmlplat.store.queues import Queue

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
VXML = "application/voicexml+xml"
LONG = "Please press one, or nine, or keep listening to this rather long prompt that goes on and on."


def vxml(body: str) -> str:
    """A document with this body, in English."""
    return (
        '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">'
        f'<property name="timeout" value="5s"/>{body}</vxml>'
    )


def keys(*items: str) -> str:
    """A grammar of these keys."""
    rule = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<grammar version="1.0" root="r" mode="dtmf" xmlns="http://www.w3.org/2001/06/grammar">'
        f'<rule id="r"><one-of>{rule}</one-of></rule></grammar>'
    )


#: speaks and waits for a key, which it tells (``result``); again until 9
LOOP_MENU = vxml(
    f'<form id="menu"><field name="what">{keys("1", "2", "9")}<prompt>{LONG}</prompt>'
    '<filled><if cond="what==\'9\'"><exit/></if><data name="d" src="result" namelist="what"/>'
    '<clear namelist="what"/></filled><noinput><reprompt/></noinput></field></form>'
)
#: how a dialog tells what became of it, also after it has lost its caller
_TELL = '<submit next="result" namelist="what"/>'
_EVENTS = (
    f'<catch event="connection.disconnect error.connection"><var name="what" expr="_event"/>{_TELL}</catch>'
)


def bridge_document(dest: str, kind: str = "bridge", grammar: str = "", **attributes: str) -> str:
    """Transfers to an address and tells what became of it."""
    more = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return vxml(
        f'<form>{_EVENTS}<transfer name="t" type="{kind}" dest={quoteattr(dest)}{more}>{grammar}</transfer>'
        f'<block><var name="what" expr="t"/>{_TELL}</block></form>'
    )


def acd_document(queue: str, aai: str = '{"topic":"roads"}') -> str:
    """Waits in a queue, then tells how that ended."""
    return bridge_document(f"acd:{queue}", aai=aai)


def record_document(after: str = "") -> str:
    """Records a message, does what ``after`` says, then ends."""
    return vxml(
        '<form><record name="message" beep="false" maxtime="10s" finalsilence="2s" dtmfterm="true" '
        f'type="audio/x-wav"><filled>{after}</filled></record></form>'
    )


class Results:
    """What the documents of one number told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()

    async def next(self, seconds: float = 6.0) -> str:
        """The next thing that a document tells."""
        return await asyncio.wait_for(self.told.get(), seconds)


@asynccontextmanager
async def served(platform: Assembly, number: str, document: str | Handler) -> AsyncIterator[Results]:
    """A number that this document answers."""
    results = Results()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/result":
            results.told.put_nowait(request.query["what"])
            return web.Response(text=vxml("<form/>"), content_type=VXML)
        if isinstance(document, str):
            return web.Response(text=document, content_type=VXML)
        return await document(request)

    app = web.Application()
    app.router.add_route("*", "/{name}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await put_number(platform, number, document=f"http://127.0.0.1:{runner.addresses[0][1]}/{number}.vxml")
    try:
        yield results
    finally:
        await runner.cleanup()


@asynccontextmanager
async def agent_at(platform: Assembly, address: str) -> AsyncIterator[None]:
    """An agent at this address (empty: where the telephone has registered), ready for the queue ``help``."""
    await platform.store.queues.put(Queue(id="help", name={"en-US": "Help"}, skills={"help": 1}, wrap_up=0))
    await platform.store.agents.put(Agent(id="1001", name="One", address=address), {"help": 1})
    await platform.acd.reload()
    await platform.acd.set_state("1001", AgentState.READY)
    try:
        yield
    finally:
        await platform.acd.set_state("1001", AgentState.SIGNED_OUT)


def caller(platform: Assembly, number: str = "menu", **options: Any) -> Peer:
    """A telephone that calls this number."""
    port = sip_port(platform)
    return Peer(f"sip:{number}@127.0.0.1:{port}", ("127.0.0.1", port), user="13800138000", **options)
