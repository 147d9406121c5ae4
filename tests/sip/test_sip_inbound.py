"""Inbound calls against a scripted peer: the ten probes of the field, then the races."""

from __future__ import annotations

import asyncio

import pytest

from vxmlplat.sip.errors import LegStateError, RequestFailed, SipError
from vxmlplat.sip.events import Cancelled, Confirmed, Ended
from vxmlplat.sip.message import Request, Response


async def answering(
    leg,
    sdp="v=0\r\no=- 5 5 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
):
    await leg.answer(sdp)


async def ringing(leg):
    await leg.ring()


def drain(leg):
    found = []
    leg.on_event = found.append
    leg.on_event = None
    return found


async def call(world, sdp, handler=answering, **options):
    agent = await world.agent(handler=handler)
    peer = world.peer()
    peer.send(peer.request("INVITE", branch="b1", body=sdp, **options))
    await world.run()
    return agent, peer


async def answered(world, sdp, **options):
    agent, peer = await call(world, sdp, **options)
    tag = peer.responses(200)[0].to.tag
    peer.send(peer.request("ACK", to_tag=tag))
    await world.run()
    peer.clear()
    return agent, peer, tag, world.legs[0]


async def test_probe_1_invite_is_answered_once(world, sdp):
    _, peer = await call(world, sdp)
    assert peer.statuses() == [200]
    assert len(world.legs) == 1
    assert world.legs[0].remote_sdp == sdp
    assert world.legs[0].remote_name == "Anna"


async def test_probe_2_retransmitted_invite_makes_no_second_call_and_200_repeats(world, sdp):
    _, peer = await call(world, sdp)
    peer.send(peer.request("INVITE", branch="b1", body=sdp))
    await world.run(0.1)
    assert len(world.legs) == 1
    assert set(peer.statuses()) == {200}
    await world.run(1.5)  # T1, then 2*T1
    assert peer.statuses().count(200) == 3
    assert len({r.to.tag for r in peer.responses(200)}) == 1


async def test_probe_3_and_4_ringing_is_repeated_with_the_same_tag(world, sdp):
    _, peer = await call(world, sdp, ringing)
    assert peer.statuses() == [180]
    peer.send(peer.request("INVITE", branch="b1", body=sdp))
    await world.run()
    assert peer.statuses() == [180, 180]
    assert len(world.legs) == 1
    assert len({r.to.tag for r in peer.responses(180)}) == 1


async def test_probe_5_refusal_repeats_until_ack_by_timer_g(world, sdp):
    async def busy(leg):
        leg.reject(486)

    agent, peer = await call(world, sdp, busy)
    await world.run(3.6)
    assert peer.statuses() == [486] * 4  # at 0, 0.5, 1.5, 3.5
    tag = peer.responses(486)[0].to.tag
    peer.send(peer.request("ACK", branch="b1", to_tag=tag))
    await world.run(10)
    assert peer.statuses() == [486] * 4
    assert agent.counters.legs == 0
    world.back_at_base()


async def test_refusal_never_acknowledged_ends_by_timer_h(world, sdp):
    async def busy(leg):
        leg.reject(486, retry_after=30)

    _, peer = await call(world, sdp, busy)
    await world.run(33)
    assert peer.statuses().count(486) == 11
    assert peer.responses(486)[0].get("Retry-After") == "30"
    world.back_at_base()


async def test_probe_6_keys_by_info(world, sdp):
    _, peer, tag, leg = await answered(world, sdp)
    drain(leg)
    peer.send(
        peer.request(
            "INFO", 2, to_tag=tag, kind="application/dtmf-relay", body="Signal=5\r\nDuration=160\r\n"
        )
    )
    peer.send(peer.request("INFO", 3, to_tag=tag, kind="application/dtmf", body="#"))
    peer.send(peer.request("INFO", 4, to_tag=tag, kind="application/dtmf-relay", body="Signal=11\r\n"))
    peer.send(peer.request("INFO", 5, to_tag=tag, kind="application/dtmf-relay", body="Signal=x\r\n"))
    peer.send(peer.request("INFO", 6, to_tag=tag, kind="text/html", body="<b>"))
    await world.run()
    assert peer.statuses() == [200, 200, 200, 400, 415]
    assert [(e.digits, e.duration) for e in drain(leg)] == [("5", 160), ("#", 250), ("#", 250)]


async def test_probe_7_other_methods_outside_a_dialog(world):
    await world.agent()
    peer = world.peer()
    for n, method in enumerate(
        ["MESSAGE", "REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "FOO", "OPTIONS", "REFER", "BYE"]
    ):
        peer.send(peer.request(method, call_id=f"m{n}"))
    await world.run()
    assert peer.statuses() == [405, 405, 489, 481, 405, 501, 200, 603, 481]
    assert "INVITE" in (peer.responses(405)[0].get("Allow") or "")
    assert "MESSAGE" not in (peer.responses(405)[0].get("Allow") or "")  # it is refused by this very response
    assert peer.responses(489)[0].get("Allow-Events") == "refer"
    assert "timer" in (peer.responses(200)[0].get("Supported") or "")


async def test_probe_8_bye_repeats_until_answered_and_the_call_is_forgotten(world, sdp):
    agent, peer, _, leg = await answered(world, sdp)
    hangup = asyncio.ensure_future(leg.hangup(cause=16, reason="done", user_to_user=b"bye"))
    await world.run(1.6)
    assert len(peer.requests("BYE")) == 3  # at 0, 0.5, 1.5
    bye = peer.requests("BYE")[0]
    assert bye.get("Reason") == 'Q.850;cause=16;text="done"'
    assert bye.get("User-to-User") == "627965;encoding=hex"
    peer.reply(bye, 200)
    await world.run()
    assert hangup.done()
    assert drain(leg)[-1] == Ended("local")
    assert agent.counters.legs == 0
    await world.run(40)
    world.back_at_base()


async def test_bye_never_answered_ends_after_64_t1(world, sdp):
    agent, _peer, _, leg = await answered(world, sdp)
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run(31)
    assert not hangup.done()
    await world.run(2)
    assert hangup.done()
    assert agent.counters.legs == 0


async def test_probe_10_required_extension_unknown_is_420_and_uui_is_read(world, sdp):
    agent = await world.agent(handler=answering)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp, extra="Require: replaces, foo\r\n"))
    await world.run()
    assert peer.statuses() == [420]
    assert peer.responses(420)[0].get("Unsupported") == "foo"
    assert not world.legs
    peer.send(
        peer.request("INVITE", call_id="c2", body=sdp, extra="User-to-User: 48656c6c6f;encoding=hex\r\n")
    )
    await world.run()
    assert world.legs[0].user_to_user == b"Hello"
    assert agent.counters.calls_in == 1


async def test_ack_missing_gives_bye_after_64_t1(world, sdp):
    _agent, peer = await call(world, sdp)
    await world.run(31.8)
    assert peer.statuses().count(200) == 11
    assert not peer.requests("BYE")
    await world.run(0.4)
    assert len(peer.requests("BYE")) == 1
    ended = drain(world.legs[0])[-1]
    assert isinstance(ended, Ended)
    assert (ended.by, ended.reason) == ("timeout", "no ACK")
    await world.run(70)
    world.back_at_base()


async def test_hangup_before_ack_waits_for_the_ack(world, sdp):
    _, peer = await call(world, sdp)
    leg = world.legs[0]
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run(1)
    assert not peer.requests("BYE")
    peer.send(peer.request("ACK", to_tag=peer.responses(200)[0].to.tag))
    await world.run()
    assert len(peer.requests("BYE")) == 1
    peer.reply(peer.requests("BYE")[0], 200)
    await world.run()
    assert hangup.done()


async def test_cancel_while_ringing(world, sdp):
    agent, peer = await call(world, sdp, ringing)
    peer.send(
        peer.request(
            "CANCEL",
            branch="b1",
            extra='Reason: Q.850;cause=16;text="gone"\r\nUser-to-User: 6869;encoding=hex\r\n',
        )
    )
    await world.run()
    assert peer.statuses() == [180, 200, 487]
    assert len({r.to.tag for r in peer.received}) == 1
    cancelled, ended = drain(world.legs[0])
    assert cancelled == Cancelled("gone")
    assert (ended.by, ended.cause, ended.user_to_user) == ("remote", 16, b"hi")
    with pytest.raises(LegStateError):
        await world.legs[0].answer(sdp)
    peer.send(peer.request("ACK", branch="b1", to_tag=peer.responses(487)[0].to.tag))
    await world.run(40)
    world.back_at_base()
    assert agent.counters.calls_in == 1


async def test_cancel_after_the_answer_changes_nothing(world, sdp):
    _, peer = await call(world, sdp)
    peer.send(peer.request("CANCEL", branch="b1"))
    await world.run()
    assert peer.statuses() == [200, 200]
    assert world.legs[0].state == "answered"


async def test_cancel_of_nothing_is_481(world):
    await world.agent()
    peer = world.peer()
    peer.send(peer.request("CANCEL", branch="zz"))
    await world.run()
    assert peer.statuses() == [481]


async def test_cancel_from_another_address_is_refused(world, sdp):
    _, peer = await call(world, sdp, ringing)
    stranger = world.peer("203.0.113.9", 5099)
    stranger.send(peer.request("CANCEL", branch="b1"))
    await world.run()
    assert world.legs[0].state == "ringing"


async def test_bye_of_the_peer_ends_the_leg_with_its_data(world, sdp):
    _, peer, tag, leg = await answered(world, sdp)
    assert drain(leg) == [Confirmed(None)]
    peer.send(
        peer.request(
            "BYE",
            2,
            to_tag=tag,
            extra='Reason: SIP;cause=200;text="ok"\r\nUser-to-User: "plain";encoding=text\r\n',
        )
    )
    await world.run()
    assert peer.statuses() == [200]
    ended = drain(leg)[-1]
    assert (ended.by, ended.reason, ended.user_to_user) == ("remote", "ok", b"plain")
    await world.run(33)
    world.back_at_base()


@pytest.mark.parametrize(
    ("change", "status"),
    [({"to_tag": "wrong"}, 481), ({"from_tag": "wrong"}, 481), ({"call_id": "other"}, 481)],
)
async def test_spoofed_bye_does_not_end_the_call(world, sdp, change, status):
    _, peer, tag, leg = await answered(world, sdp)
    peer.send(peer.request("BYE", 2, **{"to_tag": tag, **change}))
    await world.run()
    assert peer.statuses() == [status]
    assert leg.state == "confirmed"


async def test_old_cseq_is_refused(world, sdp):
    _, peer, tag, leg = await answered(world, sdp)
    peer.send(peer.request("BYE", 1, to_tag=tag))
    await world.run()
    assert peer.statuses() == [500]
    assert leg.state == "confirmed"


async def test_merged_request_is_482(world, sdp):
    _, peer = await call(world, sdp, ringing)
    peer.send(peer.request("INVITE", branch="b2", body=sdp))
    await world.run()
    assert peer.statuses() == [180, 482]
    assert len(world.legs) == 1


async def test_late_offer_gives_the_answer_of_the_ack(world, sdp, sdp2):
    got = []

    async def late(leg):
        got.append(await leg.answer(sdp))

    _, peer = await call(world, "", late)
    assert peer.responses(200)[0].sdp == sdp
    assert not got
    peer.send(peer.request("ACK", to_tag=peer.responses(200)[0].to.tag, body=sdp2))
    await world.run()
    assert got == [sdp2]
    assert world.legs[0].remote_sdp == sdp2


async def test_reliable_provisional_waits_for_prack(world, sdp):
    steps = []

    async def early(leg):
        await leg.ring(sdp, reliable=True)
        steps.append("pracked")
        await leg.answer(sdp)

    _, peer = await call(world, sdp, early, extra="Supported: 100rel\r\n")
    await world.run(1.6)
    assert peer.statuses() == [183] * 3
    first = peer.responses(183)[0]
    assert first.get("Require") == "100rel"
    assert first.sdp == sdp
    rseq = int(first.get("RSeq"))
    peer.send(peer.request("PRACK", 2, to_tag=first.to.tag, extra=f"RAck: {rseq + 1} 1 INVITE\r\n"))
    await world.run()
    assert peer.statuses()[-1] == 481
    assert not steps
    peer.send(peer.request("PRACK", 3, to_tag=first.to.tag, extra=f"RAck: {rseq} 1 INVITE\r\n"))
    await world.run()
    assert steps == ["pracked"]
    assert sorted(peer.statuses()[-2:]) == [200, 200]
    answer = next(r for r in peer.responses(200) if r.cseq[1] == "INVITE")
    assert answer.sdp is None  # the answer went out reliably before (RFC 6337 §3.1.1)


async def test_prack_never_comes(world, sdp):
    failures = []

    async def early(leg):
        try:
            await leg.ring(reliable=True)
        except RequestFailed as failure:
            failures.append(failure.status)

    _, peer = await call(world, sdp, early, extra="Require: 100rel\r\n")
    await world.run(33)
    assert failures == [504]
    assert peer.statuses()[-1] == 504


async def test_trying_is_sent_after_200_ms_of_silence(world, sdp):
    async def slow(leg):
        await world.clock.sleep(1)
        await leg.answer(sdp)

    _, peer = await call(world, sdp, slow)
    assert peer.statuses() == []
    await world.run(0.25)
    assert peer.statuses() == [100]
    await world.run(1)
    assert peer.statuses() == [100, 200]


async def test_handler_that_fails_costs_its_call_only(world, sdp, caplog):
    async def broken(leg):
        raise RuntimeError("boom")

    agent, peer = await call(world, sdp, broken)
    assert peer.statuses() == [500]
    assert agent.counters.legs == 0
    assert "boom" in caplog.text


async def test_expired_invitation(world, sdp):
    _, peer = await call(world, sdp, ringing, extra="Expires: 5\r\n")
    await world.run(5.1)
    assert peer.statuses() == [180, 487]
    assert drain(world.legs[0])[-1].by == "timeout"


async def test_record_route_is_followed_and_answers_go_where_they_must(world, sdp):
    route = "Record-Route: <sip:192.0.2.50:5050;lr>\r\nRecord-Route: <sip:192.0.2.51;lr>\r\n"
    proxy = world.peer("192.0.2.50", 5050)
    _, peer = await call(world, sdp, extra=route)
    ok = peer.responses(200)[0]
    assert ok.all("Record-Route") == ["<sip:192.0.2.50:5050;lr>", "<sip:192.0.2.51;lr>"]
    peer.send(peer.request("ACK", to_tag=ok.to.tag))
    await world.run()
    hangup = asyncio.ensure_future(world.legs[0].hangup())
    await world.run()
    bye = proxy.requests("BYE")[0]
    assert bye.all("Route") == ["<sip:192.0.2.50:5050;lr>", "<sip:192.0.2.51;lr>"]
    assert bye.uri == "sip:anna@192.0.2.7:5070"
    proxy.reply(bye, 200)
    await world.run()
    assert hangup.done()


async def test_strict_router(world, sdp):
    proxy = world.peer("192.0.2.50", 5060)
    _, peer = await call(world, sdp, extra="Record-Route: <sip:192.0.2.50>\r\n")
    peer.send(peer.request("ACK", to_tag=peer.responses(200)[0].to.tag))
    await world.run()
    hangup = asyncio.ensure_future(world.legs[0].hangup())
    await world.run()
    bye = proxy.requests("BYE")[0]
    assert bye.uri == "sip:192.0.2.50"
    assert bye.all("Route") == ["<sip:anna@192.0.2.7:5070>"]
    proxy.reply(bye, 200)
    await world.run()
    assert hangup.done()


async def test_response_carries_received_and_rport(world, sdp):
    _, peer = await call(world, sdp)
    via = peer.responses(200)[0].via
    assert via.parameter("rport") == "5070"
    assert via.parameter("received") == "192.0.2.7"


async def test_without_rport_the_answer_goes_to_the_port_of_via(world, sdp):
    await world.agent(handler=ringing)
    peer = world.peer()
    other = world.peer("192.0.2.7", 6000)
    data = peer.request("INVITE", body=sdp).replace(b"192.0.2.7:5070;branch", b"10.0.0.9:6000;branch")
    peer.send(data.replace(b";rport", b""))
    await world.run()
    assert other.statuses() == [180]
    assert other.responses(180)[0].via.parameter("received") == "192.0.2.7"


async def test_redirect(world, sdp):
    async def elsewhere(leg):
        leg.redirect(["sip:200@192.0.2.9"])

    _, peer = await call(world, sdp, elsewhere)
    assert peer.statuses() == [302]
    assert peer.responses(302)[0].get("Contact") == "<sip:200@192.0.2.9>"


async def test_answer_twice_is_refused(world, sdp):
    _, _, _, leg = await answered(world, sdp)
    with pytest.raises(LegStateError):
        await leg.answer(sdp)
    with pytest.raises(LegStateError):
        leg.reject(486)


async def test_drain_refuses_new_calls_and_waits_for_old(world, sdp):
    agent, peer, tag, _ = await answered(world, sdp)
    draining = asyncio.ensure_future(agent.drain())
    await world.run()
    peer.send(peer.request("INVITE", call_id="new", body=sdp))
    peer.send(peer.request("OPTIONS", call_id="ping"))
    await world.run()
    assert peer.statuses() == [503, 503]
    assert peer.responses(503)[0].get("Retry-After") == "5"
    assert not draining.done()
    peer.send(peer.request("BYE", 2, to_tag=tag))
    await world.run()
    assert draining.done()


async def test_identities(world, sdp):
    extra = (
        'P-Asserted-Identity: <tel:+8613800000000>, "A" <sip:+8613800000000@carrier.example>\r\n'
        "Diversion: <sip:200@pbx.example>;reason=busy, <sip:100@pbx.example>\r\n"
    )
    await call(world, sdp, extra=extra)
    leg = world.legs[0]
    assert leg.asserted_identity == "sip:+8613800000000@carrier.example"
    assert leg.redirected_by == ("sip:200@pbx.example", "sip:100@pbx.example")


def test_messages_are_what_the_tests_think(sdp):
    assert Request("OPTIONS", "sip:a@b", []).method == "OPTIONS"
    assert Response(200, "OK", []).status == 200


async def test_nothing_that_the_platform_says_can_break_the_message(world, sdp):
    async def refuse(leg):
        leg.reject(486, "Busy\r\nEvil: yes\r\n\r\nbody")

    _, peer = await call(world, sdp, refuse)
    assert peer.statuses() == [486]
    assert peer.responses(486)[0].reason == "Busy Evil: yes body"
    assert peer.responses(486)[0].get("Evil") is None


async def test_hangup_with_headers_that_cannot_be_written_can_be_asked_again(world, sdp):
    _, peer, _, leg = await answered(world, sdp)
    with pytest.raises(SipError):
        await leg.hangup(headers=[("X", "a\r\nb")])
    hangup = asyncio.ensure_future(leg.hangup())
    await world.run()
    peer.reply(peer.requests("BYE")[0], 200)
    await world.run()
    assert hangup.done()


async def test_caller_hangs_up_while_the_ack_with_its_answer_is_awaited(world, sdp):
    failures = []

    async def late(leg):
        try:
            await leg.answer(sdp)
        except RequestFailed as failure:
            failures.append(failure.status)

    _, peer = await call(world, "", late)
    peer.send(peer.request("BYE", 2, to_tag=peer.responses(200)[0].to.tag))
    await world.run()
    assert failures == [487]
    assert world.legs[0].state == "ended"


async def test_history_info_tells_who_redirected(world, sdp):
    extra = (
        "History-Info: <sip:100@pbx.example>;index=1, "
        "<sip:200@pbx.example?Reason=SIP%3Bcause%3D302>;index=1.1,\r\n"
        " <sip:300@192.0.2.1>;index=1.1.1\r\n"
    )
    await call(world, sdp, extra=extra)
    assert world.legs[0].redirected_by == ("sip:200@pbx.example", "sip:100@pbx.example")


async def test_two_may_wait_for_the_drain(world, sdp):
    agent, peer, tag, _ = await answered(world, sdp)
    waiting = [asyncio.ensure_future(agent.drain()) for _ in range(2)]
    await world.run()
    peer.send(peer.request("BYE", 2, to_tag=tag))
    await world.run()
    assert all(w.done() for w in waiting)


async def test_a_number_may_be_dialled_without_a_host(world, sdp):
    """Carriers put tel URIs (RFC 3966) into the Request-URI; To and From are free anyway."""
    await world.agent()
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp, uri="tel:+49-(30)-123.456;phone-context=+49"))
    peer.send(peer.request("INVITE", body=sdp, uri="tel:", call_id="c2"))
    await world.run()
    assert [leg.request_uri for leg in world.legs] == ["tel:+49-(30)-123.456;phone-context=+49"]
    assert peer.statuses() == [400]
