"""What goes over the wire, message by message, against ``golden/*.txt``: a change of the wire is a change of
these files.

Tags, branches, Call-IDs and other random parts are replaced by names. ``GOLDEN=write pytest
tests/sip/test_sip_golden.py`` writes the files anew.
"""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

from vxmlplat.sip.events import Referred
from vxmlplat.sip.settings import Credentials, Timers, Trunk

FOLDER = Path(__file__).parent / "golden"
RANDOM = (
    (re.compile(r"tag=[0-9a-f]{12}"), "tag=OURS"),
    (re.compile(r"branch=z9hG4bK[0-9a-f]{12,}"), "branch=OURS"),
    (re.compile(r"[0-9a-f]{24}@"), "CALL@"),
    (re.compile(r"RSeq: [0-9]+"), "RSeq: N"),
    (re.compile(r'cnonce="[0-9a-f]+"'), 'cnonce="C"'),
    (re.compile(r'response="[0-9a-f]+"'), 'response="R"'),
)


def check(world, name, start=0):
    """All that the agent sent since ``start``, against the file of that name."""
    ours = world.agents[0].addresses[0][1]
    texts = [data.decode() for _, source, _, data in world.wire.log[start:] if source[0] == ours]
    text = "\n----\n".join(t.replace("\r\n", "\n") for t in texts)
    for pattern, replacement in RANDOM:
        text = pattern.sub(replacement, text)
    path = FOLDER / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


async def test_call_in(world, sdp):
    async def handler(leg):
        await leg.ring(sdp, reliable=True)
        await leg.answer(sdp, user_to_user=b"ticket 7", headers=[("X-Flow", "hotline")])

    await world.agent(handler=handler, timers=Timers())
    peer = world.peer()
    peer.send(
        peer.request(
            "INVITE",
            branch="b1",
            body=sdp,
            extra="Supported: 100rel, timer\r\nRecord-Route: <sip:192.0.2.50;lr>\r\n",
        )
    )
    await world.run()
    first = peer.responses(183)[0]
    peer.send(peer.request("PRACK", 2, to_tag=first.to.tag, extra=f"RAck: {first.get('RSeq')} 1 INVITE\r\n"))
    await world.run()
    peer.send(peer.request("ACK", 1, to_tag=first.to.tag))
    peer.send(peer.request("OPTIONS", 3, to_tag=first.to.tag))
    peer.send(peer.request("BYE", 4, to_tag=first.to.tag))
    await world.run()
    check(world, "call_in")


async def test_refusals(world, sdp):
    async def handler(leg):
        leg.reject(486, retry_after=20)

    await world.agent(handler=handler)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp, extra="Require: x\r\n"))
    peer.send(peer.request("INVITE", body=sdp, call_id="c2"))
    peer.send(peer.request("INVITE", body=sdp, call_id="c3", drop=("Contact",)))
    peer.send(peer.request("PUBLISH", call_id="c4"))
    peer.send(peer.request("BYE", call_id="c5", to_tag="none"))
    await world.run()
    check(world, "refusals")


async def test_call_out(world, sdp, sdp2):
    trunk = Trunk("carrier", host="192.0.2.7", port=5070, credentials=Credentials("me", "pw"))
    agent = await world.agent(timers=Timers(), trunks=(trunk,))
    peer = world.peer()
    leg = world.call(
        agent,
        "+8613800000000",
        trunk="carrier",
        user_to_user=b"ticket 7",
        from_uri="sip:12319@calls.example",
        from_name='City "Hotline"',
        asserted_identity="sip:12319@calls.example",
    )
    await world.run()
    invite = peer.requests("INVITE")[0]
    peer.reply(invite, 401, extra='WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n')
    await world.run()
    peer.reply(
        peer.requests("INVITE")[1],
        200,
        body=sdp,
        extra="Session-Expires: 1800;refresher=uac\r\nAllow: UPDATE\r\n",
    )
    await world.run()
    changing = asyncio.ensure_future(leg.reinvite(sdp2))
    await world.run()
    peer.reply(peer.requests("INVITE")[2], 200, body=sdp)
    await world.run()
    assert changing.done()
    referring = asyncio.ensure_future(leg.refer("sip:200@acd.example", user_to_user=b"ticket 7"))
    await world.run()
    peer.reply(peer.requests("REFER")[0], 202)
    await world.run()
    assert referring.done()
    hangup = asyncio.ensure_future(leg.hangup(cause=16, reason="done"))
    await world.run()
    peer.reply(peer.requests("BYE")[0], 200)
    await world.run()
    assert hangup.done()
    check(world, "call_out")


async def test_cancelled_call_out(world):
    agent = await world.agent()
    peer = world.peer()
    leg = world.call(agent)
    await world.run()
    peer.reply(peer.requests("INVITE")[0], 180)
    await world.run()
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run()
    peer.reply(peer.requests("CANCEL")[0], 200)
    peer.reply(peer.requests("INVITE")[0], 487)
    await world.run()
    assert hangup.done()
    check(world, "call_out_cancelled")


async def test_transfer_reports(world, sdp):
    async def handler(leg):
        leg.on_event = lambda e: (e.accept(), e.notify(200)) if isinstance(e, Referred) else None
        await leg.answer(sdp)

    await world.agent(handler=handler)
    peer = world.peer()
    peer.on_message = lambda m: peer.reply(m, 200) if getattr(m, "method", "") == "NOTIFY" else None
    peer.send(peer.request("INVITE", body=sdp))
    await world.run()
    tag = peer.responses(200)[0].to.tag
    peer.send(peer.request("ACK", to_tag=tag))
    peer.send(peer.request("REFER", 2, to_tag=tag, extra="Refer-To: <sip:300@192.0.2.9>\r\n"))
    await world.run()
    check(world, "transfer_reports")
