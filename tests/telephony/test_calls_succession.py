"""Another telephone takes the place of the one that talks to us: INVITE with Replaces, and REFER in any call.

Whoever was joined to it, the dialog on it, the call's data and its record go on as if nothing had happened.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from call_control import journey, running_call
from call_documents import LOOP_MENU, acd_document, agent_at, bridge_document, caller, served
from centre import sip_port
from conftest import nothing_left
from peer import Peer, field_of, tag_of, until

from vxmlplat.acd import AgentState
from vxmlplat.server.assembly import Assembly
from vxmlplat.store.agents import Agent

pytestmark = pytest.mark.asyncio(loop_scope="session")
TONES = CALLER, AGENT, OTHER = (400, 700, 1100)


def replacing(platform: Assembly, talking: Peer, **options: Any) -> Peer:
    """A telephone that calls to take the place of another, as the last step of an attended transfer."""
    replaces = f"{talking.call_id};to-tag={tag_of(talking._remote)};from-tag={talking._tag}"
    port = sip_port(platform)
    return Peer(
        f"sip:vxmlplat@127.0.0.1:{port}",
        ("127.0.0.1", port),
        user="1002",
        headers=(f"Replaces: {replaces}", "Require: replaces"),
        **options,
    )


def reports(peer: Peer) -> list[str]:
    """What we told about a transfer, in order."""
    return [
        text.partition("\r\n\r\n")[2].strip().removeprefix("SIP/2.0 ")[:3]
        for text in peer.received
        if text.startswith("NOTIFY")
    ]


async def test_a_telephone_takes_the_agents_place(shared: Assembly) -> None:
    async with (
        Peer() as agent,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")) as results,
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("ACK")
        call = running_call(shared)
        peer.talk(CALLER)
        agent.talk(AGENT)
        await peer.hears_only(AGENT, of=TONES)
        async with replacing(shared, agent) as other:
            assert await other.call() == 200
            other.talk(OTHER)
            await agent.got("BYE")
            await peer.hears_only(OTHER, of=TONES)
            await other.hears_only(CALLER, of=TONES)
            await until(lambda: shared.acd.agent("1001").state is AgentState.READY)  # no after-call work here
            assert running_call(shared) == call
            await other.hangup()
            assert await results.next() == "far_end_disconnect"
        await nothing_left(shared)
        record, steps = await journey(shared, call)
        assert (record.outcome, record.data) == ("end", {"topic": "roads"})
        assert (steps[0].from_node, steps[-1].to_node) == ("", "")


async def test_a_colleague_who_takes_over_is_the_agent_of_the_call(shared: Assembly) -> None:
    async with (
        Peer() as agent,
        Peer(user="1002") as other,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")),
        caller(shared, "queue") as peer,
    ):
        await shared.store.agents.put(Agent(id="1002", name="Two", address=other.uri), {"other": 1})
        await shared.acd.reload()
        await shared.acd.set_state("1002", AgentState.NOT_READY, "lunch")
        assert await peer.call() == 200
        await agent.got("ACK")
        await asyncio.sleep(0.2)
        await agent.refer(other.uri)
        await other.got("ACK")
        await until(lambda: shared.acd.agent("1002").state is AgentState.TALKING)
        await until(lambda: shared.acd.agent("1001").state is AgentState.READY)
        assert shared.acd.agent("1002").call == running_call(shared)
        await peer.hangup()
        await until(lambda: shared.acd.agent("1002").state is AgentState.NOT_READY)
        assert shared.acd.agent("1002").reason == "lunch"
        await nothing_left(shared)


@pytest.mark.parametrize("offer", [True, False])
async def test_a_telephone_takes_the_callers_place_in_a_dialog(shared: Assembly, offer: bool) -> None:
    async with served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call() == 200
        call = running_call(shared)
        await peer.hears_voice()
        await peer.press("1")
        assert await results.next() == "1"
        async with replacing(shared, peer) as other:
            assert await other.call(offer=offer) == 200
            await peer.got("BYE")
            await other.hears_voice()
            await other.press("2")
            assert await results.next() == "2"
            assert running_call(shared) == call
            assert shared.admission.in_use == 1
            await other.hangup()
        await nothing_left(shared)
        record, _ = await journey(shared, call)
        assert (record.ani, record.outcome, record.hangup_by) == ("13800138000", "hangup", "caller")


async def test_a_telephone_takes_the_callers_place_in_a_talk(shared: Assembly) -> None:
    async with (
        Peer() as far,
        served(shared, "out", bridge_document(far.uri)) as results,
        caller(shared, "out") as peer,
    ):
        assert await peer.call() == 200
        await far.got("ACK")
        async with replacing(shared, peer) as other:
            assert await other.call() == 200
            far.talk(AGENT)
            other.talk(OTHER)
            await far.hears_only(OTHER, of=TONES)
            await other.hears_only(AGENT, of=TONES)
            await far.hangup()
            assert await results.next() == "far_end_disconnect"
        await nothing_left(shared)


async def test_a_take_over_that_cannot_be_heard_changes_nothing(shared: Assembly) -> None:
    async with served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call() == 200
        async with replacing(shared, peer, formats=("18 G729/8000",)) as other:
            assert await other.call() == 488
        await peer.hears_voice()
        await peer.press("2")
        assert await results.next() == "2"
        await peer.hangup()
        await nothing_left(shared)


async def test_a_call_that_rings_at_one_telephone_is_taken_at_another(shared: Assembly) -> None:
    async with (
        Peer(answers="ring") as far,
        served(shared, "out", bridge_document(far.uri)) as results,
        caller(shared, "out") as peer,
    ):
        assert await peer.call() == 200
        await far.got("INVITE")
        await asyncio.sleep(0.1)
        far._remote = field_of(far._invite, "From")
        async with replacing(shared, far) as other:
            assert await other.call() == 200
            await far.got("CANCEL")
            other.talk(OTHER)
            await peer.hears_only(OTHER, of=TONES)
            await other.hangup()
            assert await results.next() == "far_end_disconnect"
        await nothing_left(shared)


# ---------------------------------------------------------------------- REFER outside of a bridge


async def test_a_caller_hands_the_dialog_on(shared: Assembly) -> None:
    async with (
        Peer(user="1002", answers="ring") as other,
        served(shared, "menu", LOOP_MENU) as results,
        caller(shared) as peer,
    ):
        assert await peer.call() == 200
        call = running_call(shared)
        await asyncio.sleep(0.1)
        assert (await peer.refer(other.uri)).startswith("SIP/2.0 202")
        await other.got("INVITE")
        assert (await peer.refer(other.uri)).startswith("SIP/2.0 491"), "one at a time"
        await peer.press("1")
        assert await results.next() == "1", "the dialog goes on while it rings"
        other.pick_up()
        await peer.got("BYE")
        assert reports(peer) == ["100", "180", "200"]
        await other.hears_voice()
        await other.press("2")
        assert await results.next() == "2"
        assert running_call(shared) == call
        assert shared.admission.in_use == 1
        await other.hangup()
        await nothing_left(shared)
        record, _ = await journey(shared, call)
        assert (record.outcome, record.hangup_by) == ("hangup", "caller")


async def test_an_attended_transfer_names_the_call_to_be_taken_over(shared: Assembly) -> None:
    async with (
        Peer(user="1002") as other,
        served(shared, "menu", LOOP_MENU) as results,
        caller(shared) as peer,
    ):
        assert await peer.call() == 200
        await peer.hold()
        await peer.refer(f"{other.uri}?Replaces=consult%40pbx%3Bto-tag%3Dt1%3Bfrom-tag%3Df1")
        assert field_of(await other.got("INVITE"), "Replaces") == "consult@pbx;to-tag=t1;from-tag=f1"
        await other.hears_voice()
        await other.press("2")
        assert await results.next() == "2"
        await other.hangup()
        await nothing_left(shared)


async def test_a_transfer_that_nobody_takes_leaves_the_dialog_where_it_was(shared: Assembly) -> None:
    async with (
        Peer(user="1002", answers=486) as other,
        served(shared, "menu", LOOP_MENU) as results,
        caller(shared) as peer,
    ):
        assert await peer.call() == 200
        await peer.refer(other.uri)
        await until(lambda: "486" in reports(peer))
        await peer.refer("tel:+4930123456")  # there is no trunk to call it over
        await until(lambda: "404" in reports(peer))
        await peer.press("2")
        assert await results.next() == "2"
        await peer.hangup()
        await nothing_left(shared)


@pytest.mark.parametrize("answers", [True, False])
async def test_who_leaves_before_the_other_has_answered(shared: Assembly, answers: bool) -> None:
    async with (
        Peer(user="1002", answers="ring") as other,
        served(shared, "menu", LOOP_MENU) as results,
        caller(shared) as peer,
    ):
        assert await peer.call() == 200
        call = running_call(shared)
        await peer.refer(other.uri)
        await other.got("INVITE")
        await peer.hangup()
        if answers:
            other.pick_up()
            await other.hears_voice()
            await other.press("2")
            assert await results.next() == "2"
            await other.hangup()
        else:
            other._reply(other._invite, 480)
        await nothing_left(shared)
        record, _ = await journey(shared, call)
        assert (record.outcome, record.hangup_by) == ("hangup", "caller")


async def test_the_dialog_ends_while_the_other_rings(shared: Assembly) -> None:
    async with (
        Peer(user="1002", answers="ring") as other,
        served(shared, "menu", LOOP_MENU),
        caller(shared) as peer,
    ):
        assert await peer.call() == 200
        await peer.refer(other.uri)
        await other.got("INVITE")
        await peer.press("9")
        await peer.got("BYE")
        await other.got("CANCEL")
        await nothing_left(shared)


async def test_a_telephone_with_two_calls_joins_them(shared: Assembly) -> None:
    """An agent asks a colleague over a second call of his through the platform, then leaves both."""
    async with (
        Peer() as agent,
        Peer(user="1002") as colleague,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")),
        served(shared, "colleague", bridge_document(colleague.uri)),
        caller(shared, "queue") as peer,
        caller(shared, "colleague") as second,
    ):
        assert await peer.call() == 200
        await agent.got("ACK")
        await agent.hold()
        assert await second.call() == 200
        await colleague.got("ACK")
        replaces = f"{second.call_id}%3Bto-tag%3D{tag_of(second._remote)}%3Bfrom-tag%3D{second._tag}"
        await agent.refer(f"{second._contact}?Replaces={replaces}")
        await agent.got("BYE")
        await second.got("BYE")
        peer.talk(CALLER)
        colleague.talk(OTHER)
        await peer.hears_only(OTHER, of=TONES)
        await colleague.hears_only(CALLER, of=TONES)
        await peer.hangup()
        await colleague.got("BYE")
        await nothing_left(shared)
