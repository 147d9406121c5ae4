"""Outbound calls against a scripted peer: progress, forks, PRACK, redirection, challenges, CANCEL races."""

from __future__ import annotations

import asyncio

import pytest

from vxmlplat.errors import ConfigurationError
from vxmlplat.sip.agent import OutboundCall
from vxmlplat.sip.digest import DigestServer, Secret
from vxmlplat.sip.errors import RequestFailed, SipError
from vxmlplat.sip.events import Answered, Ended, Failed, Progress
from vxmlplat.sip.names import Service
from vxmlplat.sip.settings import Credentials, Timers, Trunk


def drain(leg):
    found = []
    leg.on_event = found.append
    leg.on_event = None
    return found


async def placed(world, **options):
    agent = await world.agent()
    peer = world.peer()
    leg = world.call(agent, **options)
    await world.run()
    return agent, peer, leg, peer.requests("INVITE")[0]


async def answered(world, sdp, **options):
    agent, peer, leg, invite = await placed(world, **options)
    peer.reply(invite, 200, body=sdp)
    await world.run()
    peer.clear()
    return agent, peer, leg


def bye_from(peer, invite, cseq=1, to_tag="pt"):
    us = invite.from_
    return (
        f"BYE {invite.get('Contact')[1:-1]} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKbye{cseq};rport\r\n"
        f"From: <sip:bob@192.0.2.7>;tag={to_tag}\r\nTo: <{us.uri}>;tag={us.tag}\r\n"
        f"Call-ID: {invite.call_id}\r\n"
        f"CSeq: {cseq} BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )


async def test_probe_9_invite_repeats_by_timer_a_and_fails_by_timer_b(world):
    _, peer, leg, invite = await placed(world)
    await world.run(2.2)
    assert len(peer.requests("INVITE")) == 3
    assert invite.get("Max-Forwards") == "70"
    await world.run(31)
    assert drain(leg) == [Failed(408, "Request Timeout")]
    world.back_at_base()


async def test_ring_then_answer_then_bye_from_peer(world, sdp):
    _, peer, leg, invite = await placed(world, user_to_user=b"\x00data", headers=[("x-flow", "hotline")])
    assert invite.get("User-to-User") == "0064617461;encoding=hex"
    assert invite.get("X-Flow") == "hotline"
    peer.reply(invite, 100)
    peer.reply(invite, 180)
    await world.run()
    assert leg.state == "ringing"
    peer.reply(invite, 200, body=sdp, extra="User-to-User: 6f6b;encoding=hex\r\n")
    await world.run()
    ack = peer.requests("ACK")[0]
    assert ack.cseq == (1, "ACK")
    assert ack.via.branch != invite.via.branch
    assert ack.uri == "sip:bob@192.0.2.7:5070"
    progress, answer = drain(leg)
    assert isinstance(progress, Progress)
    assert (answer.status, answer.sdp, answer.user_to_user) == (200, sdp, b"ok")
    peer.send(bye_from(peer, invite))
    await world.run()
    assert peer.statuses() == [200]
    assert drain(leg)[-1].by == "remote"
    await world.run(40)
    world.back_at_base()


async def test_repeated_200_is_acknowledged_again(world, sdp):
    _, peer, _, invite = await placed(world)
    for _ in range(3):
        peer.reply(invite, 200, body=sdp)
    await world.run()
    acks = peer.requests("ACK")
    assert len(acks) == 3
    assert len({a.via.branch for a in acks}) == 1


async def test_refusal_is_acknowledged_in_the_transaction(world):
    _, peer, leg, invite = await placed(world)
    peer.reply(invite, 486, extra='Retry-After: 20 (lunch)\r\nReason: Q.850;cause=17;text="busy"\r\n')
    await world.run()
    ack = peer.requests("ACK")[0]
    assert ack.via.branch == invite.via.branch
    assert ack.to.tag == "pt"
    failed = drain(leg)[-1]
    assert (failed.status, failed.retry_after, failed.cause) == (486, 20, 17)
    peer.reply(invite, 486)
    await world.run()
    assert len(peer.requests("ACK")) == 2
    await world.run(33)
    world.back_at_base()


async def test_hangup_while_ringing_sends_cancel(world):
    _, peer, leg, invite = await placed(world)
    peer.reply(invite, 180)
    await world.run()
    hangup = asyncio.ensure_future(leg.hangup(cause=31))
    await world.run()
    cancel = peer.requests("CANCEL")[0]
    assert cancel.via.branch == invite.via.branch
    assert cancel.cseq == (1, "CANCEL")
    assert cancel.get("Reason") == "Q.850;cause=31"
    peer.reply(cancel, 200)
    peer.reply(invite, 487)
    await world.run()
    assert hangup.done()
    assert drain(leg)[-1].by == "local"
    await world.run(33)
    world.back_at_base()


async def test_cancel_waits_for_a_provisional_response(world):
    _, peer, leg, invite = await placed(world)
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run(0.4)
    assert not peer.requests("CANCEL")
    peer.reply(invite, 100)
    await world.run()
    assert len(peer.requests("CANCEL")) == 1
    peer.reply(invite, 487)
    await world.run()
    assert hangup.done()


async def test_200_to_a_cancelled_invite_is_acknowledged_and_ended(world, sdp):
    _agent, peer, leg, invite = await placed(world)
    peer.reply(invite, 180)
    await world.run()
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run()
    peer.reply(invite, 200, body=sdp)
    await world.run()
    assert len(peer.requests("ACK")) == 1
    bye = peer.requests("BYE")[0]
    peer.reply(bye, 200)
    peer.reply(peer.requests("CANCEL")[0], 481)
    await world.run()
    assert hangup.done()
    assert [type(e) for e in drain(leg)] == [Progress, Ended]
    await world.run(40)
    world.back_at_base()


async def test_peer_ignores_cancel(world):
    _, peer, leg, invite = await placed(world)
    peer.reply(invite, 180)
    await world.run()
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run(33)
    assert hangup.done()
    await world.run(33)
    world.back_at_base()


async def test_nobody_answers_in_time(world):
    _, peer, leg, invite = await placed(world, timeout=10)
    peer.reply(invite, 180)
    await world.run(10.1)
    assert len(peer.requests("CANCEL")) == 1
    peer.reply(invite, 487)
    await world.run()
    assert drain(leg)[-1] == Failed(408, "No Answer")


async def test_fork_second_answer_is_ended(world, sdp):
    agent, peer, leg, invite = await placed(world)
    peer.reply(invite, 180, to_tag="one")
    peer.reply(invite, 180, to_tag="two")
    peer.reply(invite, 200, to_tag="two", body=sdp)
    peer.reply(invite, 200, to_tag="one", body=sdp)
    await world.run()
    assert [a.to.tag for a in peer.requests("ACK")] == ["two", "one"]
    bye = peer.requests("BYE")[0]
    assert bye.to.tag == "one"
    assert leg.state == "confirmed"
    assert [type(e) for e in drain(leg)].count(Answered) == 1
    assert agent.counters.dialogs == 1


async def test_prack_of_reliable_progress(world, sdp):
    _, peer, leg, invite = await placed(world)
    assert "100rel" in (invite.get("Supported") or "")
    peer.reply(invite, 183, body=sdp, extra="Require: 100rel\r\nRSeq: 7\r\n")
    peer.reply(invite, 183, body=sdp, extra="Require: 100rel\r\nRSeq: 7\r\n")
    peer.reply(invite, 183, body=sdp, extra="Require: 100rel\r\nRSeq: 9\r\n")
    await world.run()
    pracks = peer.requests("PRACK")
    assert [p.get("RAck") for p in pracks] == ["7 1 INVITE"]
    assert pracks[0].cseq == (2, "PRACK")
    peer.reply(pracks[0], 200)
    peer.reply(invite, 200)
    await world.run()
    assert peer.requests("ACK")[0].cseq == (1, "ACK")
    assert [type(e) for e in drain(leg)] == [Progress, Answered]
    assert leg.remote_sdp == sdp
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run()
    assert peer.requests("BYE")[0].cseq == (3, "BYE")
    peer.reply(peer.requests("BYE")[0], 200)
    await world.run()
    assert hangup.done()


async def test_redirection_is_followed_by_q(world, sdp):
    _agent, peer, leg, invite = await placed(world)
    one, two = world.peer("192.0.2.8"), world.peer("192.0.2.9")
    peer.reply(
        invite,
        302,
        contact=False,
        extra="Contact: <sip:x@192.0.2.8:5070>;q=0.3, <sip:y@192.0.2.9:5070>;q=0.9\r\n",
    )
    await world.run()
    assert not one.requests()
    two.reply(two.requests("INVITE")[0], 486)
    await world.run()
    second = one.requests("INVITE")[0]
    assert second.cseq[0] == 3
    assert second.call_id == invite.call_id
    one.reply(second, 200, body=sdp)
    await world.run()
    assert leg.state == "confirmed"


async def test_redirection_loop_ends(world):
    _, peer, leg, invite = await placed(world)
    peer.reply(invite, 302, contact=False, extra="Contact: <sip:bob@192.0.2.7:5070>\r\n")
    await world.run()
    assert drain(leg)[-1].status == 302


async def test_challenge_is_answered_and_kept_for_the_dialog(world, sdp):
    agent = await world.agent(
        trunks=(Trunk("carrier", host="192.0.2.7", port=5070, credentials=Credentials("me", "secret")),)
    )
    peer = world.peer()
    leg = world.call(agent, "+8613800000000", trunk="carrier")
    await world.run()
    invite = peer.requests("INVITE")[0]
    assert invite.uri == "sip:+8613800000000@192.0.2.7:5070"
    server = DigestServer("carrier", lambda user: Secret("secret") if user == "me" else None, world.clock)
    values = server.challenges()
    peer.reply(invite, 407, extra="".join(f"Proxy-Authenticate: {v}\r\n" for v in values))
    await world.run()
    second = peer.requests("INVITE")[1]
    assert second.cseq[0] == 2
    header = second.all("Proxy-Authorization")
    assert "SHA-256" in header[0]
    assert server.check(header, "INVITE", second.uri).outcome == "ok"
    peer.reply(second, 200, body=sdp)
    await world.run()
    assert peer.requests("ACK")[-1].get("Proxy-Authorization") == header[0]
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run()
    bye = peer.requests("BYE")[0]
    assert server.check(bye.all("Proxy-Authorization"), "BYE", bye.uri).outcome == "ok"
    peer.reply(bye, 200)
    await world.run()
    assert hangup.done()


async def test_wrong_password_is_not_tried_for_ever(world):
    _agent, peer, leg, _invite = await placed(world, credentials=Credentials("me", "wrong"))
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
    for n in range(3):
        sent = peer.requests("INVITE")
        if n < len(sent):
            peer.reply(sent[n], 401, extra=challenge)
            await world.run()
    assert len(peer.requests("INVITE")) == 2
    assert drain(leg)[-1].status == 401


async def test_interval_too_small_is_raised(world, sdp):
    agent = await world.agent(timers=Timers(session_expires=90))
    peer = world.peer()
    world.call(agent)
    await world.run()
    peer.reply(peer.requests("INVITE")[0], 422, extra="Min-SE: 1200\r\n")
    await world.run()
    second = peer.requests("INVITE")[1]
    assert second.get("Session-Expires") == "1200"
    assert second.get("Min-SE") == "1200"


async def test_offer_of_the_peer_is_answered_in_the_ack(world, sdp, sdp2):
    _agent, peer, leg, invite = await placed(world, sdp=None)
    assert not invite.body
    peer.reply(invite, 200, body=sdp2)
    await world.run()
    assert not peer.requests("ACK")
    assert drain(leg)[-1].sdp == sdp2
    await leg.acknowledge(sdp)
    await world.run()
    assert peer.requests("ACK")[0].sdp == sdp
    peer.reply(invite, 200, body=sdp2)
    await world.run()
    assert len(peer.requests("ACK")) == 2


async def test_transport_failure_tries_the_next_way_and_then_fails(world):
    agent = await world.agent()
    leg = world.call(agent, "sip:x@192.0.2.9:1")
    await world.run(0.1)
    assert drain(leg)[-1].status == 503
    world.back_at_base()


async def test_second_address_of_a_name_is_tried(world, sdp):
    world.names.srv["_sip._udp.pbx.example"] = [
        Service(1, 0, 1, "one.example"),
        Service(2, 0, 5070, "two.example"),
    ]
    world.names.hosts.update({"one.example": ["192.0.2.9"], "two.example": ["192.0.2.7"]})
    agent = await world.agent()
    peer = world.peer()
    leg = world.call(agent, "sip:bob@pbx.example")
    await world.run(0.1)
    peer.reply(peer.requests("INVITE")[0], 200, body=sdp)
    await world.run()
    assert leg.state == "confirmed"


async def test_hangup_while_a_connection_is_made_sends_nothing(world):
    agent, peer = await world.agent(), world.peer()
    connected = asyncio.Event()
    connect = agent.network.flow

    async def slowly(endpoint, name=None):
        await connected.wait()
        return await connect(endpoint, name)

    agent.network.flow = slowly
    leg = world.call(agent)
    await world.run()
    agent.spawn(leg.hangup(), "test")
    await world.run()
    assert isinstance(drain(leg)[-1], Ended)
    connected.set()
    await world.run(40)
    assert peer.received == []
    world.back_at_base()


async def test_embedded_header_fields_of_the_target(world):
    _, _, _, invite = await placed(
        world, target="sip:bob@192.0.2.7:5070?User-to-User=6869%3Bencoding%3Dhex&Route=%3Csip:evil%3E"
    )
    assert invite.uri == "sip:bob@192.0.2.7:5070"
    assert invite.get("User-to-User") == "6869;encoding=hex"
    assert invite.get("Route") is None


async def test_proxy(world):
    agent = await world.agent()
    proxy = world.peer("192.0.2.50")
    world.call(agent, "sip:bob@example.com", proxy="sip:192.0.2.50:5070")
    await world.run()
    invite = proxy.requests("INVITE")[0]
    assert invite.uri == "sip:bob@example.com"
    assert invite.get("Route") == "<sip:192.0.2.50:5070;lr>"


async def test_keys_by_info_and_refusal(world, sdp):
    _, peer, leg = await answered(world, sdp)
    sending = asyncio.ensure_future(leg.send_info("1#"))
    await world.run()
    first = peer.requests("INFO")[0]
    assert first.body == b"Signal=1\r\nDuration=160\r\n"
    peer.reply(first, 200)
    await world.run()
    peer.reply(peer.requests("INFO")[1], 415)
    await world.run()
    with pytest.raises(RequestFailed):
        sending.result()


async def test_header_injection_is_refused(world):
    agent = await world.agent()
    with pytest.raises(SipError):
        agent.invite(OutboundCall("sip:x@192.0.2.7", headers=[("X-A", "b\r\nX-C: d")]))
    with pytest.raises(SipError):
        agent.invite(OutboundCall("sip:x@192.0.2.7\r\nX: y"))
    with pytest.raises(SipError):
        agent.invite(OutboundCall("sip:x@192.0.2.7", from_uri="sip:a@b>\r\nEvil: 1"))
    with pytest.raises(ConfigurationError):
        agent.invite(OutboundCall("123", trunk="none"))
    assert agent.counters.legs == 0


async def test_response_with_two_vias_is_dropped(world, sdp):
    _, peer, leg, invite = await placed(world)
    invite.fields.append(("Via", "SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKother"))
    peer.reply(invite, 200, body=sdp)
    await world.run()
    assert leg.state == "trying"


async def test_stop_leaves_nothing(world, sdp):
    agent, peer, _leg = await answered(world, sdp)
    stopping = asyncio.ensure_future(agent.stop())
    await world.run(0.1)
    assert len(peer.requests("BYE")) == 1
    await world.run(3)
    assert stopping.done()
    world.back_at_base()


async def test_hangup_before_the_held_ack_acknowledges_first(world, sdp2):
    _, peer, leg, invite = await placed(world, sdp=None)
    peer.reply(invite, 200, body=sdp2)
    await world.run()
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run()
    assert [r.method for r in peer.requests()] == ["INVITE", "ACK", "BYE"]
    peer.reply(peer.requests("BYE")[0], 200)
    await world.run()
    assert hangup.done()


async def test_proxy_and_peer_both_challenge(world, sdp):
    _, peer, leg, invite = await placed(world, credentials=Credentials("me", "pw"))
    peer.reply(invite, 407, extra='Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"\r\n')
    await world.run()
    peer.reply(
        peer.requests("INVITE")[1], 401, extra='WWW-Authenticate: Digest realm="u", nonce="2", qop="auth"\r\n'
    )
    await world.run()
    third = peer.requests("INVITE")[2]
    assert 'realm="p"' in third.get("Proxy-Authorization")
    assert "nc=00000002" in third.get("Proxy-Authorization")
    assert 'realm="u"' in third.get("Authorization")
    peer.reply(third, 200, body=sdp)
    await world.run()
    assert leg.state == "confirmed"


async def test_only_keys_are_sent_as_keys(world, sdp):
    _, peer, leg = await answered(world, sdp)
    with pytest.raises(SipError):
        await leg.send_info("1\r\nX")
    assert not peer.requests("INFO")
