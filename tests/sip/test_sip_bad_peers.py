"""Peers that lie, flood, or stop in the middle: each costs its own call only, and nothing stays behind."""

from __future__ import annotations

import asyncio

import pytest

from vxmlplat.clock import SystemClock
from vxmlplat.sip.agent import UserAgent
from vxmlplat.sip.events import Ended, Reinvite
from vxmlplat.sip.message import parse
from vxmlplat.sip.settings import Limits, Listen, UserAgentConfig
from vxmlplat.sip.stream import MAX_HEAD


def drain(leg):
    found = []
    leg.on_event = found.append
    leg.on_event = None
    return found


async def answering(leg):
    await leg.answer("v=0 answer")


async def in_call(world, sdp):
    agent = await world.agent(handler=answering)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp))
    await world.run()
    tag = peer.responses(200)[0].to.tag
    peer.send(peer.request("ACK", to_tag=tag))
    await world.run()
    drain(world.legs[0])
    return agent, peer, tag, world.legs[0]


SPOOFED = {
    "BYE": {},
    "REFER": {"extra": "Refer-To: <sip:thief@203.0.113.66>\r\n"},
    "NOTIFY": {
        "extra": "Event: refer\r\nSubscription-State: terminated\r\n",
        "body": "SIP/2.0 200 OK\r\n",
        "kind": "message/sipfrag",
    },
    "INFO": {"body": "Signal=5\r\nDuration=160\r\n", "kind": "application/dtmf-relay"},
    "MESSAGE": {"body": "hello", "kind": "text/plain"},
    "UPDATE": {"body": "v=0 theirs"},
    "INVITE": {"body": "v=0 theirs"},
    "CANCEL": {},
    "ACK": {},
}


@pytest.mark.parametrize("method", SPOOFED)
@pytest.mark.parametrize("wrong", [{"to_tag": "x"}, {"from_tag": "x"}, {"call_id": "x"}])
async def test_a_third_party_that_does_not_know_the_tags_changes_nothing(world, sdp, method, wrong):
    _, peer, tag, leg = await in_call(world, sdp)
    thief = world.peer("203.0.113.66")
    request = {"to_tag": tag, "call_id": "c1", "from_tag": "ft", **SPOOFED[method], **wrong}
    thief.send(thief.request(method, 1 if method in {"CANCEL", "ACK"} else 7, **request))
    await world.run()
    assert thief.statuses() == ([] if method == "ACK" else [481])
    assert leg.state == "confirmed"
    assert drain(leg) == []
    # The number of the spoofed request was not taken over: the real peer goes on counting.
    peer.clear()
    peer.send(peer.request("BYE", 2, to_tag=tag))
    await world.run()
    assert peer.statuses() == [200]


async def test_a_third_party_cannot_cancel_a_call_that_rings(world, sdp):
    async def ring(leg):
        await leg.ring()

    await world.agent(handler=ring)
    peer = world.peer()
    peer.send(peer.request("INVITE", branch="b1", body=sdp))
    await world.run()
    thief = world.peer("203.0.113.66")
    # It guesses everything but the address.
    thief.send(peer.request("CANCEL", branch="b1"))
    await world.run()
    assert world.legs[0].state == "ringing"
    assert 487 not in peer.statuses()


async def test_callers_who_never_acknowledge_are_all_given_up(world, sdp):
    agent = await world.agent(handler=answering)
    peer = world.peer()
    for n in range(50):
        peer.send(peer.request("INVITE", body=sdp, call_id=f"n{n}"))
    await world.run()
    assert agent.counters.legs == 50
    await world.run(33)
    assert agent.counters.legs == 0
    assert {bye.call_id for bye in peer.requests("BYE")} == {f"n{n}" for n in range(50)}
    assert {drain(leg)[-1] for leg in world.legs} == {Ended("timeout", "no ACK")}
    await world.run(70)  # and the BYEs are never answered either
    world.back_at_base()


async def test_called_who_vanishes_in_a_re_invite_loses_the_call_only(world, sdp):
    agent, _, _, leg = await in_call(world, sdp)
    changing = asyncio.ensure_future(leg.reinvite("v=0 hold"))
    await world.run(33)
    assert changing.done()
    assert changing.exception() is not None
    assert leg.state == "ended"
    await world.run(70)
    assert agent.counters.legs == 0
    world.back_at_base()


async def test_register_flood_from_everywhere_is_bounded_and_callers_get_in(world, sdp):
    limits = Limits(
        others_per_second=50, others_per_second_per_source=10, sources=100, server_transactions=500
    )
    agent = await world.agent(handler=answering, limits=limits)
    for n in range(2000):
        thief = world.peer(f"198.51.{n // 250}.{n % 250}")
        thief.send(thief.request("REGISTER", call_id=f"r{n}", uri="sip:192.0.2.1"))
        del world.wire.ends[thief.at]
    await world.run()
    assert agent.counters.server_transactions <= 2 * 50
    assert len(agent._other_gate._sources) == 100
    assert agent.counters.refused["flood"] == 1900
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp))
    await world.run()
    assert peer.statuses() == [200]
    await world.run(120)
    world.back_at_base()


async def test_invite_flood_leaves_nothing_behind(world, sdp):
    limits = Limits(invites_per_second=100, invites_per_second_per_source=20, invites_burst=200, legs=50)
    agent = await world.agent(handler=answering, limits=limits)
    for n in range(600):
        thief = world.peer(f"198.51.100.{n % 100}")
        thief.send(thief.request("INVITE", branch=f"i{n}", body=sdp, call_id=f"i{n}"))
    await world.run()
    assert agent.counters.legs == 50
    assert agent.counters.refused == {"flood": 400, "limit": 150}
    # A call that is up is served all the while.
    leg = next(leg for leg in world.legs if leg.peer[0] == "198.51.100.0")
    peer = world.peer("198.51.100.0")
    tag = leg.dialog.local.tag
    peer.send(peer.request("ACK", call_id="i0", to_tag=tag))
    peer.send(peer.request("INVITE", 2, call_id="i0", to_tag=tag, body="v=0 hold"))
    await world.run()
    assert isinstance(drain(leg)[-1], Reinvite)
    peer.send(peer.request("BYE", 3, call_id="i0", to_tag=tag))
    await world.run(120)
    world.back_at_base()


# ---- streams


@pytest.fixture
async def listening():
    agent = UserAgent(UserAgentConfig(listen=(Listen("tcp", port=0),)), SystemClock())
    agent.on_invite = answering
    await agent.start()
    yield agent
    await agent.stop()


def options(n: int, body: str = "", padding: str = "") -> bytes:
    return (
        "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bKs{n}\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\n"
        f"Call-ID: s{n}\r\nCSeq: {n} OPTIONS\r\nMax-Forwards: 70\r\n{padding}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def connect(agent):
    return await asyncio.open_connection("127.0.0.1", agent.addresses[0][2])


async def answers(reader, count):
    found, buffer = [], b""
    while len(found) < count:
        buffer += await asyncio.wait_for(reader.read(65_536), 5)
        while b"\r\n\r\n" in buffer:
            head, _, buffer = buffer.partition(b"\r\n\r\n")
            found.append(parse(head + b"\r\n\r\n"))
    return found


async def test_stream_in_single_bytes_and_in_lumps(listening):
    reader, writer = await connect(listening)
    for byte in options(1, "body with \r\n\r\n in it"):
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    lump = b"".join(options(n) for n in range(2, 22))
    writer.write(lump[:1000])
    await writer.drain()
    await asyncio.sleep(0.02)
    writer.write(lump[1000:])
    found = await answers(reader, 21)
    assert [message.cseq[0] for message in found] == list(range(1, 22))
    assert {message.status for message in found} == {200}
    writer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"OPTIONS sip:x@y SIP/2.0\r\n" + b"X: " + b"a" * (MAX_HEAD + 10),
        options(1).replace(b"Content-Length: 0", b"Content-Length: 9999999"),
        options(1).replace(b"Content-Length: 0", b"Content-Length: -1"),
        options(1).replace(b"Content-Length: 0\r\n", b""),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 60 + b"\r\n\r\n",
    ],
    ids=["endless header", "endless body", "negative length", "no length", "TLS where none is"],
)
async def test_stream_that_cannot_be_cut_is_closed_and_others_are_served(listening, data):
    reader, writer = await connect(listening)
    good_reader, good_writer = await connect(listening)
    writer.write(data)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    good_writer.write(options(1))
    assert [message.status for message in await answers(good_reader, 1)] == [200]
    good_writer.close()


async def test_too_many_fields_are_refused_and_the_stream_goes_on(listening):
    reader, writer = await connect(listening)
    writer.write(options(1, padding="X-A: b\r\n" * 300) + options(2))
    (message,) = await answers(reader, 1)
    assert (message.status, message.cseq[0]) == (200, 2)
    assert listening.counters.refused["malformed"] == 1
    writer.close()


async def test_connection_that_never_ends_its_message_is_dropped_when_room_is_needed():
    limits = Limits(connections=2, connection_idle=0.0)
    agent = UserAgent(UserAgentConfig(listen=(Listen("tcp", port=0),), limits=limits), SystemClock())
    await agent.start()
    slow = [await connect(agent) for _ in range(2)]
    for _, writer in slow:
        writer.write(b"OPTIONS sip:x@y SIP/2.0\r\nX: ")
    await asyncio.sleep(0.05)
    reader, writer = await connect(agent)
    writer.write(options(1))
    assert [message.status for message in await answers(reader, 1)] == [200]
    assert len(agent.network._connections) == 2
    for _, one in [*slow, (reader, writer)]:
        one.close()
    await agent.stop()
