"""REFER out and in, NOTIFY, Replaces."""

from __future__ import annotations

import asyncio

import pytest

from vxmlplat.sip.errors import LegStateError, RequestFailed
from vxmlplat.sip.events import Ended, ReferProgress


def drain(leg):
    found = []
    leg.on_event = found.append
    leg.on_event = None
    return found


async def established(world, sdp, call_id="c1", peer=None, agent=None):
    async def handler(leg):
        await leg.answer(sdp)

    if agent is None:
        agent = await world.agent(handler=handler)
    peer = peer or world.peer()
    peer.send(peer.request("INVITE", body=sdp, call_id=call_id))
    await world.run()
    tag = peer.responses(200)[-1].to.tag
    peer.send(peer.request("ACK", to_tag=tag, call_id=call_id))
    await world.run()
    leg = world.legs[-1]
    drain(leg)
    peer.clear()
    return agent, peer, tag, leg


def notify(peer, tag, cseq, status, state="active", event="refer"):
    return peer.request(
        "NOTIFY",
        cseq,
        to_tag=tag,
        kind="message/sipfrag;version=2.0",
        body=f"SIP/2.0 {status} Text\r\n",
        extra=f"Event: {event}\r\nSubscription-State: {state}\r\n",
    )


async def test_transfer_with_data_and_progress(world, sdp):
    _, peer, tag, leg = await established(world, sdp)
    referring = asyncio.ensure_future(leg.refer("sip:200@acd.example", user_to_user=b"id=7"))
    await world.run()
    refer = peer.requests("REFER")[0]
    assert refer.get("Refer-To") == "<sip:200@acd.example?User-to-User=69643d37%3Bencoding%3Dhex>"
    assert refer.get("Referred-By") == "<sip:100@192.0.2.1>"
    # The first report may overtake the 202.
    peer.send(notify(peer, tag, 2, 100))
    peer.reply(refer, 202)
    await world.run()
    assert referring.done()
    peer.send(notify(peer, tag, 3, 180))
    peer.send(notify(peer, tag, 4, 200, "terminated;reason=noresource"))
    await world.run()
    assert peer.statuses() == [200, 200, 200]
    assert drain(leg) == [
        ReferProgress(100, "Text", False),
        ReferProgress(180, "Text", False),
        ReferProgress(200, "Text", True),
    ]


async def test_notify_without_a_transfer_is_refused(world, sdp):
    _, peer, tag, leg = await established(world, sdp)
    peer.send(notify(peer, tag, 2, 200))
    peer.send(notify(peer, tag, 3, 200, event="presence"))
    await world.run()
    assert peer.statuses() == [481, 489]
    assert drain(leg) == []


async def test_transfer_refused(world, sdp):
    _, peer, _, leg = await established(world, sdp)
    referring = asyncio.ensure_future(leg.refer("sip:200@acd.example"))
    await world.run()
    peer.reply(peer.requests("REFER")[0], 603)
    await world.run()
    with pytest.raises(RequestFailed):
        referring.result()
    assert leg.state == "confirmed"


async def test_attended_transfer_names_the_other_dialog(world, sdp):
    agent, peer, _, leg = await established(world, sdp)
    _, _, tag2, other = await established(world, sdp, "c2", peer, agent)
    referring = asyncio.ensure_future(leg.refer("sip:bob@192.0.2.8", replaces=other))
    await world.run()
    to = peer.requests("REFER")[0].get("Refer-To")
    assert to == f"<sip:bob@192.0.2.8?Replaces=c2%3Bto-tag%3Dft%3Bfrom-tag%3D{tag2}>"
    peer.reply(peer.requests("REFER")[0], 202)
    await world.run()
    assert referring.done()


async def test_peer_transfers_us(world, sdp):
    _, peer, tag, leg = await established(world, sdp)
    peer.send(
        peer.request(
            "REFER",
            2,
            to_tag=tag,
            extra="Refer-To: <sip:300@192.0.2.9?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2"
            "&User-to-User=6869%3Bencoding%3Dhex&Subject=a>\r\n"
            "Referred-By: <sip:anna@192.0.2.7>\r\n",
        )
    )
    await world.run()
    (event,) = drain(leg)
    assert (event.target, event.replaces, event.user_to_user, event.referred_by, event.headers) == (
        "sip:300@192.0.2.9",
        "x;to-tag=1;from-tag=2",
        b"hi",
        "sip:anna@192.0.2.7",
        (("Subject", "a"),),
    )
    assert event.replaced_leg is None
    event.accept()
    event.notify(180)
    event.notify(200)
    await world.run()
    assert peer.statuses() == [202]
    sent = peer.requests("NOTIFY")
    assert [n.body for n in sent] == [b"SIP/2.0 100 Trying\r\n"]  # the next one waits for its answer
    peer.on_message = lambda m: peer.reply(m, 200) if getattr(m, "method", "") == "NOTIFY" else None
    peer.reply(sent[0], 200)
    await world.run()
    sent = peer.requests("NOTIFY")
    assert [n.body.split(b" ")[1] for n in sent] == [b"100", b"180", b"200"]
    assert [n.get("Subscription-State").split(";")[0] for n in sent] == ["active", "active", "terminated"]
    assert {n.get("Event") for n in sent} == {"refer;id=2"}
    with pytest.raises(LegStateError):
        event.accept()


async def test_peer_transfer_refused_or_ignored(world, sdp):
    _, peer, tag, leg = await established(world, sdp)
    peer.send(peer.request("REFER", 2, to_tag=tag, extra="Refer-To: <tel:123>\r\n"))
    await world.run()
    drain(leg)[0].reject(403)
    await world.run()
    peer.send(peer.request("REFER", 3, to_tag=tag, extra="Refer-To: <sip:a@b>\r\n"))
    await world.run(10.1)
    peer.send(peer.request("REFER", 4, to_tag=tag))
    await world.run()
    assert peer.statuses()[0] == 403
    assert peer.statuses()[-2:] == [603, 400]


async def test_replaces_takes_a_call_over(world, sdp):
    _agent, peer, tag, leg = await established(world, sdp)
    other = world.peer("192.0.2.8", 5080)
    other.send(
        other.request(
            "INVITE",
            body=sdp,
            call_id="new",
            extra=f"Replaces: c1;to-tag={tag};from-tag=ft\r\nRequire: replaces\r\n",
        )
    )
    await world.run()
    new = world.legs[-1]
    assert new.replaces is leg
    assert other.statuses() == [200]
    assert drain(leg)[-1] == Ended("replaced")
    assert new.state == "answered"
    bye = peer.requests("BYE")[0]
    await world.run(0.6)
    assert len(peer.requests("BYE")) == 2  # it is said again until it is heard
    peer.reply(bye, 200)
    await world.run(6)
    assert len(peer.requests("BYE")) == 2
    assert (leg.state, new.replaces) == ("ended", leg)


async def test_call_that_rings_at_the_peer_is_taken_over_with_cancel(world, sdp):
    """RFC 3891 §3: an early dialog that we began; the answer that crosses the CANCEL is ended with BYE."""
    agent = await world.agent(handler=lambda leg: leg.answer(sdp))
    peer, other = world.peer(), world.peer("192.0.2.8", 5080)
    ringing = world.call(agent)
    await world.run()
    peer.reply(peer.requests("INVITE")[0], 180)
    await world.run()
    ours = peer.requests("INVITE")[0].from_.tag
    extra = f"Replaces: {ringing.call_id};to-tag={ours};from-tag=pt;early-only\r\n"
    other.send(other.request("INVITE", body=sdp, call_id="new", extra=extra))
    await world.run()
    assert other.statuses() == [200]
    assert drain(ringing)[-1] == Ended("replaced")
    assert len(peer.requests("CANCEL")) == 1
    peer.reply(peer.requests("INVITE")[0], 200, body=sdp)
    await world.run()
    assert len(peer.requests("ACK")) == len(peer.requests("BYE")) == 1


async def test_call_that_rings_at_us_is_not_taken_over(world, sdp):
    async def ring(leg):
        await leg.ring()

    await world.agent(handler=ring)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp))
    await world.run()
    tag = peer.responses(180)[0].to.tag
    extra = f"Replaces: c1;to-tag={tag};from-tag=ft\r\n"
    peer.send(peer.request("INVITE", body=sdp, call_id="new", extra=extra))
    await world.run()
    assert peer.statuses() == [180, 481]
    assert world.legs[0].state == "ringing"


async def test_call_that_is_over_is_not_taken_over(world, sdp):
    _, peer, tag, _ = await established(world, sdp)
    peer.send(peer.request("BYE", 2, to_tag=tag))
    await world.run()
    extra = f"Replaces: c1;to-tag={tag};from-tag=ft\r\n"
    peer.send(peer.request("INVITE", body=sdp, call_id="new", extra=extra))
    await world.run()
    assert peer.statuses() == [200, 603]


async def test_take_over_that_is_refused_changes_nothing(world, sdp):
    async def refuse(leg):
        await leg.answer(sdp) if leg.replaces is None else leg.reject(488)

    await world.agent(handler=refuse)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp))
    await world.run()
    tag = peer.responses(200)[0].to.tag
    peer.send(peer.request("ACK", to_tag=tag))
    peer.send(
        peer.request("INVITE", body=sdp, call_id="new", extra=f"Replaces: c1;to-tag={tag};from-tag=ft\r\n")
    )
    await world.run()
    assert peer.statuses() == [200, 488]
    assert [leg.state for leg in world.legs] == ["confirmed", "ended"]
    assert not peer.requests("BYE")


async def test_telephone_with_two_calls_asks_to_be_taken_out_of_both(world, sdp):
    agent, peer, tag, leg = await established(world, sdp)
    second = world.call(agent)
    await world.run()
    peer.reply(peer.requests("INVITE")[0], 200, body=sdp)
    await world.run()
    ours = peer.requests("INVITE")[0].from_.tag
    replaces = f"{second.call_id}%3Bto-tag%3D{ours}%3Bfrom-tag%3Dpt"
    peer.send(
        peer.request("REFER", 2, to_tag=tag, extra=f"Refer-To: <sip:me@192.0.2.1?Replaces={replaces}>\r\n")
    )
    await world.run()
    asked = drain(leg)[-1]
    assert asked.replaced_leg is second
    peer.send(peer.request("BYE", 3, to_tag=tag))
    await world.run()
    with pytest.raises(LegStateError):
        asked.accept()


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("c1;to-tag=nope;from-tag=ft", 481),
        ("c1;to-tag={tag};from-tag=ft;early-only", 486),
        ("c1;to-tag={tag}", 400),
        ("c1;to-tag={tag};from-tag=ft\r\nReplaces: c1;to-tag=a;from-tag=b", 400),
        ("c1;to-tag={tag};from-tag=ft\r\nJoin: c1;to-tag=a;from-tag=b", 400),
    ],
)
async def test_replaces_refused(world, sdp, value, status):
    _, peer, tag, leg = await established(world, sdp)
    extra = f"Replaces: {value.format(tag=tag)}\r\n"
    peer.send(peer.request("INVITE", body=sdp, call_id="new", extra=extra))
    await world.run()
    assert peer.statuses() == [status]
    assert leg.state == "confirmed"
