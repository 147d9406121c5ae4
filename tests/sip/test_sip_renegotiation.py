"""Changing a call that stands: re-INVITE, UPDATE, glare, refresh, session timers."""

from __future__ import annotations

import asyncio

import pytest

from vxmlplat.sip.errors import RequestFailed
from vxmlplat.sip.events import Confirmed, Ended, Reinvite
from vxmlplat.sip.settings import Timers


def drain(leg):
    found = []
    leg.on_event = found.append
    leg.on_event = None
    return found


async def established(world, sdp, *, extra="", **options):
    async def handler(leg):
        await leg.answer(sdp)

    agent = await world.agent(handler=handler, **options)
    peer = world.peer()
    peer.send(peer.request("INVITE", branch="b1", body=sdp, extra=extra))
    await world.run()
    tag = peer.responses(200)[0].to.tag
    answer = peer.responses(200)[0]
    peer.send(peer.request("ACK", to_tag=tag))
    await world.run()
    leg = world.legs[0]
    drain(leg)
    peer.clear()
    return agent, peer, tag, leg, answer


async def test_hold_is_told_and_answered(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    leg.on_event = lambda e: e.answer("v=0 answer") if isinstance(e, Reinvite) else None
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2))
    await world.run()
    assert peer.statuses() == [200]
    assert peer.responses(200)[0].body == b"v=0 answer"
    assert leg.remote_sdp == sdp2
    await world.run(0.6)
    assert peer.statuses() == [200, 200]  # repeated until its ACK
    peer.send(peer.request("ACK", 2, to_tag=tag))
    await world.run(5)
    assert peer.statuses() == [200, 200]


async def test_refused_change_leaves_the_session(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2))
    await world.run()
    (event,) = drain(leg)
    event.reject(488)
    await world.run()
    assert peer.statuses() == [488]
    assert leg.state == "confirmed"
    assert leg.remote_sdp == sdp


async def test_change_that_nobody_answers_is_refused_after_ten_seconds(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2))
    await world.run(10.1)
    assert peer.statuses()[-1] == 488
    assert leg.state == "confirmed"


async def test_second_change_while_one_is_open_is_told_to_come_back(world, sdp, sdp2):
    _, peer, tag, _, _ = await established(world, sdp)
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2))
    peer.send(peer.request("INVITE", 3, to_tag=tag, body=sdp2))
    await world.run()
    assert peer.statuses() == [500]
    assert 0 <= int(peer.responses(500)[0].get("Retry-After")) <= 10


async def test_cancelled_change(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2, branch="re"))
    await world.run()
    peer.send(peer.request("CANCEL", 2, to_tag=tag, branch="re"))
    await world.run()
    assert peer.statuses() == [200, 487]
    assert leg.state == "confirmed"


async def test_bye_while_a_change_is_open(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2, branch="re"))
    await world.run()
    peer.send(peer.request("BYE", 3, to_tag=tag))
    await world.run()
    assert sorted(peer.statuses()) == [200, 487]
    assert leg.state == "ended"


async def test_refresh_with_the_same_description_needs_nobody(world, sdp):
    _, peer, tag, leg, _ = await established(world, sdp)
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp))
    await world.run()
    assert peer.responses(200)[0].sdp == sdp
    assert drain(leg) == []


async def test_late_offer_in_a_change(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    peer.send(peer.request("INVITE", 2, to_tag=tag))
    await world.run()
    (event,) = drain(leg)
    assert event.offer is None
    event.answer(sdp2)
    await world.run()
    peer.send(peer.request("ACK", 2, to_tag=tag, body=sdp))
    await world.run()
    assert drain(leg) == [Confirmed(sdp)]


async def test_target_of_the_peer_moves(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    moved = world.peer("192.0.2.8", 5080)
    leg.on_event = lambda e: e.answer(sdp)
    data = peer.request("INVITE", 2, to_tag=tag, body=sdp2).replace(
        b"Contact: <sip:anna@192.0.2.7:5070>", b"Contact: <sip:anna@192.0.2.8:5080>"
    )
    peer.send(data)
    await world.run()
    leg.on_event = None
    peer.send(peer.request("ACK", 2, to_tag=tag))
    await world.run()
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run()
    moved.reply(moved.requests("BYE")[0], 200)
    await world.run()
    assert hangup.done()


async def test_our_change_is_acknowledged_and_gives_the_answer(world, sdp, sdp2):
    _, peer, _, leg, _ = await established(world, sdp)
    changing = asyncio.ensure_future(leg.reinvite(sdp2))
    await world.run()
    invite = peer.requests("INVITE")[0]
    assert invite.sdp == sdp2
    peer.reply(invite, 200, body=sdp2)
    peer.reply(invite, 200, body=sdp2)
    await world.run()
    assert changing.result() == sdp2
    assert len(peer.requests("ACK")) == 2
    assert (leg.local_sdp, leg.remote_sdp) == (sdp2, sdp2)


async def test_glare_both_sides(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    changing = asyncio.ensure_future(leg.reinvite(sdp2))
    await world.run()
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2))
    await world.run()
    assert peer.statuses() == [491]
    peer.reply(peer.requests("INVITE")[0], 491)
    await world.run(2.1)
    again = peer.requests("INVITE")[1]
    assert again.cseq[0] == 2
    peer.reply(again, 200, body=sdp)
    await world.run()
    assert changing.result() == sdp


async def test_our_change_refused(world, sdp, sdp2):
    _, peer, _, leg, _ = await established(world, sdp)
    changing = asyncio.ensure_future(leg.reinvite(sdp2))
    await world.run()
    peer.reply(peer.requests("INVITE")[0], 488)
    await world.run()
    with pytest.raises(RequestFailed):
        changing.result()
    assert leg.state == "confirmed"
    assert leg.local_sdp == sdp


async def test_peer_that_forgot_the_call_ends_it(world, sdp, sdp2):
    _, peer, _, leg, _ = await established(world, sdp)
    changing = asyncio.ensure_future(leg.reinvite(sdp2))
    await world.run()
    peer.reply(peer.requests("INVITE")[0], 481)
    await world.run()
    with pytest.raises(RequestFailed):
        changing.result()
    assert drain(leg)[-1].by == "timeout"


async def test_update_both_ways(world, sdp, sdp2):
    _, peer, tag, leg, _ = await established(world, sdp)
    leg.on_event = lambda e: e.answer(sdp)
    peer.send(peer.request("UPDATE", 2, to_tag=tag, body=sdp2))
    peer.send(peer.request("UPDATE", 3, to_tag=tag))
    await world.run()
    assert [r.sdp for r in peer.responses(200)] == [sdp, None]
    updating = asyncio.ensure_future(leg.update(sdp2))
    await world.run()
    peer.reply(peer.requests("UPDATE")[0], 200, body=sdp)
    await world.run()
    assert updating.result() == sdp


async def test_session_timer_peer_refreshes_and_then_vanishes(world, sdp):
    _, peer, tag, leg, answer = await established(
        world,
        sdp,
        timers=Timers(session_expires=1800),
        extra="Supported: timer\r\nSession-Expires: 300\r\n",
    )
    assert answer.get("Session-Expires") == "300;refresher=uac"
    assert answer.get("Require") == "timer"
    await world.run(200)
    peer.send(
        peer.request(
            "UPDATE", 2, to_tag=tag, extra="Supported: timer\r\nSession-Expires: 300;refresher=uac\r\n"
        )
    )
    await world.run(200)
    assert leg.state == "confirmed"
    await world.run(70)
    assert drain(leg)[-1] == Ended("timeout", "session timer expired")
    assert len(peer.requests("BYE")) >= 1


async def test_session_timer_we_refresh_by_update(world, sdp):
    _, peer, _, leg, answer = await established(
        world,
        sdp,
        timers=Timers(session_expires=600),
        extra="Allow: INVITE, UPDATE\r\n",
    )
    assert answer.get("Session-Expires") == "600;refresher=uas"
    await world.run(300.1)
    update = peer.requests("UPDATE")[0]
    assert update.get("Session-Expires") == "600;refresher=uac"
    peer.reply(update, 200, extra="Session-Expires: 600;refresher=uac\r\n")
    await world.run(301)
    assert len({u.cseq for u in peer.requests("UPDATE")}) == 2
    peer.clear()
    await world.run(33)  # nobody answers this one
    assert leg.state == "ended"


async def test_session_timer_we_refresh_by_reinvite(world, sdp):
    _, peer, _, leg, _ = await established(
        world, sdp, timers=Timers(session_expires=600), extra="Allow: INVITE\r\n"
    )
    await world.run(300.1)
    invite = peer.requests("INVITE")[0]
    assert invite.sdp == sdp
    peer.reply(invite, 200, body=sdp)
    await world.run()
    assert peer.requests("ACK")
    assert leg.state == "confirmed"


async def test_interval_below_the_minimum_is_422(world, sdp):
    async def handler(leg):
        await leg.answer(sdp)

    await world.agent(handler=handler)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp, extra="Supported: timer\r\nSession-Expires: 30\r\n"))
    await world.run()
    assert peer.statuses() == [422]
    assert peer.responses(422)[0].get("Min-SE") == "90"
    assert not world.legs
    await world.run(40)
    world.back_at_base()


async def test_who_changes_again_has_had_the_first_answer(world, sdp, sdp2):
    """The ACK for the first 200 was lost, and the peer goes on: its call is not ended for that ACK."""
    _, peer, tag, leg, _ = await established(world, sdp)
    leg.on_event = lambda e: e.answer("v=0 answer") if isinstance(e, Reinvite) else None
    peer.send(peer.request("INVITE", 2, to_tag=tag, body=sdp2))
    await world.run()
    peer.send(peer.request("INVITE", 3, to_tag=tag, body=sdp))
    await world.run()
    peer.send(peer.request("ACK", 3, to_tag=tag))
    await world.run(40)
    assert leg.state == "confirmed"
    assert peer.requests("BYE") == []
