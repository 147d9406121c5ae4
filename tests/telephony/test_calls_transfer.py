"""Transfers over real SIP legs: by REFER, by joining, with consultation, and those that an agent asks for."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from call_documents import acd_document, agent_at, bridge_document, caller, keys, served
from conftest import nothing_left
from peer import Peer, field_of, until

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")
TONES = CALLER, FAR, OTHER = (400, 700, 1100)


def data_of(message: str) -> dict:
    """The call's data in a request's User-to-User, or in its Refer-To."""
    text = field_of(message, "User-to-User") or field_of(message, "Refer-To").partition("User-to-User=")[2]
    return json.loads(bytes.fromhex(text.replace("%3B", ";").partition(";")[0].partition(">")[0]))


async def test_a_blind_transfer_by_refer_carries_the_data(shared: Assembly) -> None:
    document = bridge_document("sip:queue@acd.example", "blind", aai='{"topic":"roads"}')
    async with served(shared, "out", document) as results, caller(shared, "out", refer_status=202) as peer:
        assert await peer.call() == 200
        refer = await peer.got("REFER")
        assert field_of(refer, "Refer-To").startswith("<sip:queue@acd.example?")
        assert data_of(refer)["topic"] == "roads"
        assert await results.next() == "connection.disconnect.transfer"
        assert await asyncio.wait_for(peer.ended, 5) == "remote"
        await nothing_left(shared)


@pytest.mark.parametrize(("status", "what"), [(486, "busy"), (404, "error.connection.baddestination")])
async def test_a_blind_transfer_that_fails_comes_back(shared: Assembly, status: int, what: str) -> None:
    document = bridge_document("sip:queue@acd.example", "blind")
    async with (
        served(shared, "out", document) as results,
        caller(shared, "out", refer_status=202, refer_result=status) as peer,
    ):
        assert await peer.call() == 200
        assert await results.next() == what
        await nothing_left(shared)


async def test_where_refer_is_refused_the_lines_are_joined(shared: Assembly) -> None:
    async with Peer(bye_headers=('User-to-User: "grade=5"',)) as far:
        document = bridge_document(far.uri, "blind", aai='{"topic":"roads"}')
        async with served(shared, "out", document) as results, caller(shared, "out") as peer:
            assert await peer.call() == 200
            await far.got("ACK")
            assert data_of(far.received[0])["topic"] == "roads"
            peer.talk(CALLER)
            far.talk(FAR)
            await peer.hears_only(FAR, of=TONES)
            await far.hears_only(CALLER, of=TONES)
            await far.hangup()
            assert await results.next() == "connection.disconnect.transfer"
            call = data_of(far.received[0])["call"]
            await nothing_left(shared)
            assert (await kept(shared, call)) == {"topic": "roads", "aai": "grade=5"}


async def kept(platform: Assembly, call: str) -> dict:
    """The call's data as an ACD fetches it."""
    assert platform.password is not None
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", platform.password)}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{platform.base_uri}/api/calls/{call}/data") as answer,
    ):
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_large_data_is_fetched_by_the_id_that_travels(shared: Assembly) -> None:
    large = {"history": "é" * 3000, "note": "x" * 2000}
    async with Peer() as far:
        document = bridge_document(far.uri, aai=json.dumps(large))
        async with served(shared, "out", document), caller(shared, "out") as peer:
            assert await peer.call() == 200
            await far.got("ACK")
            data = data_of(far.received[0])
            assert list(data) == ["call"]
            assert await kept(shared, data["call"]) == large
        await nothing_left(shared)


async def test_a_consultation_that_the_callers_side_can_finish(shared: Assembly) -> None:
    async with Peer() as far:
        document = bridge_document(far.uri, "consultation")
        async with (
            served(shared, "out", document) as results,
            caller(shared, "out", refer_status=202) as peer,
        ):
            assert await peer.call() == 200
            refer = await peer.got("REFER")
            assert f"Replaces={far.call_id.replace('@', '%40')}" in refer
            assert await results.next() == "connection.disconnect.transfer"
            await nothing_left(shared)


@pytest.mark.parametrize(
    ("answers", "what"), [(486, "busy"), (480, "noanswer"), (403, "error.connection.noauthorization")]
)
async def test_a_consultation_with_nobody_comes_back(shared: Assembly, answers: int, what: str) -> None:
    async with Peer(answers=answers) as far:
        document = bridge_document(far.uri, "consultation")
        async with (
            served(shared, "out", document) as results,
            caller(shared, "out", refer_status=202) as peer,
        ):
            assert await peer.call() == 200
            assert await results.next() == what
            await nothing_left(shared)


async def test_a_consultation_is_joined_where_refer_is_refused(shared: Assembly) -> None:
    async with Peer() as far:
        document = bridge_document(far.uri, "consultation")
        async with served(shared, "out", document) as results, caller(shared, "out") as peer:
            assert await peer.call() == 200
            peer.talk(CALLER)
            await far.got("ACK")
            await far.hears_only(CALLER, of=TONES)
            await far.hangup()
            assert await results.next() == "connection.disconnect.transfer"
            await nothing_left(shared)


async def test_keys_and_time_end_a_bridge(shared: Assembly) -> None:
    async with Peer() as far:
        document = bridge_document(far.uri, grammar=keys("4 2"))
        async with served(shared, "out", document) as results, caller(shared, "out") as peer:
            assert await peer.call() == 200
            await far.got("ACK")
            await peer.keys("742")
            assert await results.next() == "near_end_disconnect"
            await nothing_left(shared)
    async with (
        Peer() as far,
        served(shared, "out", bridge_document(far.uri, maxtime="1s")) as results,
        caller(shared, "out") as peer,
    ):
        assert await peer.call() == 200
        assert await results.next() == "maxtime_disconnect"
        await nothing_left(shared)


async def test_the_caller_hears_it_ring_and_a_key_takes_the_call_back(shared: Assembly) -> None:
    async with Peer(answers="ring") as far:
        document = bridge_document(far.uri, grammar=keys("9"))
        async with served(shared, "out", document) as results, caller(shared, "out") as peer:
            assert await peer.call() == 200
            await peer.hears_voice(4)
            await peer.press("9")
            assert await results.next() == "near_end_disconnect"
            await far.got("CANCEL")
            await nothing_left(shared)


async def test_an_agent_hands_the_caller_on(shared: Assembly) -> None:
    async with (
        Peer() as agent,
        Peer(user="1002") as other,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")) as results,
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("ACK")
        await asyncio.sleep(0.2)
        assert (await agent.refer(other.uri)).startswith("SIP/2.0 202")
        await other.got("ACK")
        assert data_of(other.received[0])["topic"] == "roads"
        peer.talk(CALLER)
        other.talk(OTHER)
        agent.talk(FAR)
        await peer.hears_only(OTHER, of=TONES)
        await other.hears_only(CALLER, of=TONES)
        await agent.got("BYE")
        assert any("SIP/2.0 200" in text for text in agent.received if text.startswith("NOTIFY"))
        await other.hangup()
        assert await results.next() == "far_end_disconnect"
        await nothing_left(shared)


async def test_an_agent_leaves_before_the_other_has_answered(shared: Assembly) -> None:
    async with (
        Peer() as agent,
        Peer(user="1002", answers="ring") as other,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")) as results,
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("ACK")
        await asyncio.sleep(0.2)
        assert (await agent.refer(other.uri)).startswith("SIP/2.0 202")
        await other.got("INVITE")
        await agent.hangup()
        await peer.hears_voice(3)  # it rings
        other.pick_up()
        other.talk(OTHER)
        await peer.hears_only(OTHER, of=TONES)
        await peer.hangup()
        await other.got("BYE")
        assert await results.next() == "connection.disconnect.hangup"
        await nothing_left(shared)


async def test_an_agents_transfer_that_fails_leaves_the_two_talking(shared: Assembly) -> None:
    async with (
        Peer() as agent,
        Peer(user="1002", answers=486) as other,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")),
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("ACK")
        await asyncio.sleep(0.2)
        await agent.refer(other.uri + "?Replaces=abc%3Bto-tag%3D1%3Bfrom-tag%3D2")
        invite = await other.got("INVITE")
        assert field_of(invite, "Replaces") == "abc;to-tag=1;from-tag=2"
        await until(lambda: any("SIP/2.0 486" in text for text in agent.received))
        agent.talk(FAR)
        await peer.hears_only(FAR, of=TONES)
        await peer.hangup()
        await nothing_left(shared)
