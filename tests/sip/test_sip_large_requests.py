"""Requests that are too large for a datagram (RFC 3261 §18.1.1), on real sockets."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from ports import free_port

from vxmlplat.clock import SystemClock
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.events import Answered
from vxmlplat.sip.settings import Limits, Listen, UserAgentConfig

LARGE = [("X-Data", "x" * 1200)]


class Two:
    def __init__(self, stack: AsyncExitStack) -> None:
        self.stack = stack
        self.legs = []

    async def add(self, *transports: str, **options) -> UserAgent:
        port = free_port()
        listen = tuple(Listen(transport, port=port) for transport in transports)
        agent = UserAgent(UserAgentConfig(listen=listen, **options), SystemClock())

        async def answer(leg):
            self.legs.append(leg)
            await leg.answer("v=0 answer")

        agent.on_invite = answer
        await agent.start()
        self.stack.push_async_callback(agent.stop)
        return agent

    async def call(self, caller: UserAgent, called: UserAgent, headers=()):
        target = f"sip:x@127.0.0.1:{called.addresses[0][2]}"
        leg = caller.invite(OutboundCall(target, sdp="v=0 offer", headers=headers))
        assert isinstance(await asyncio.wait_for(leg.next_event(), 10), Answered)
        return leg, self.legs[-1]


@pytest.fixture
async def two():
    async with AsyncExitStack() as stack:
        yield Two(stack)


async def test_large_invite_goes_over_tcp_and_the_rest_of_the_call_as_before(two):
    caller, called = await two.add("udp", "tcp"), await two.add("udp", "tcp")
    leg, far = await two.call(caller, called, LARGE)
    assert (far.invite.via.transport, far.transaction.flow.transport) == ("TCP", "tcp")
    assert "transport=tcp" not in far.invite.get("Contact")
    small, near = await two.call(caller, called)
    assert near.invite.via.transport == "UDP"
    await leg.hangup()
    await small.hangup()
    assert called.counters.legs == 0


async def test_large_request_within_a_call(two):
    caller, called = await two.add("udp", "tcp"), await two.add("udp", "tcp")
    leg, far = await two.call(caller, called)
    over = []
    receive = far.receive
    far.receive = lambda transaction, request: (
        over.append(request.via.transport),
        receive(transaction, request),
    )
    await leg.request("MESSAGE", body=b"x" * 1500, content_type="text/plain")
    await leg.request("MESSAGE", body=b"x", content_type="text/plain")
    assert over == ["TCP", "UDP"]


async def test_peer_without_tcp_gets_a_datagram_and_is_not_asked_again(two, caplog):
    caller, called = await two.add("udp", "tcp"), await two.add("udp")
    caplog.set_level("INFO", "vxmlplat.sip.routing")
    for _ in range(2):
        leg, far = await two.call(caller, called, LARGE)
        assert far.invite.via.transport == "UDP"
        assert dict(far.headers)["X-Data"] == "x" * 1200
        await leg.hangup()
    assert len([text for text in caplog.messages if "large requests go to 127.0.0.1" in text]) == 1


async def test_who_listens_for_datagrams_only_sends_them(two):
    caller, called = await two.add("udp"), await two.add("udp", "tcp")
    _, far = await two.call(caller, called, LARGE)
    assert far.invite.via.transport == "UDP"


async def test_bound_is_a_setting(two):
    caller = await two.add("udp", "tcp", limits=Limits(datagram_bytes=65_535))
    _, far = await two.call(caller, await two.add("udp", "tcp"), LARGE)
    assert far.invite.via.transport == "UDP"


async def test_call_that_is_given_up_while_the_connection_is_made_sends_nothing(two):
    caller, called = await two.add("udp", "tcp"), await two.add("udp", "tcp")
    target = f"sip:x@127.0.0.1:{called.addresses[0][2]}"
    leg = caller.invite(OutboundCall(target, sdp="v=0 offer", headers=LARGE))
    hanging = asyncio.ensure_future(leg.hangup())
    await asyncio.wait_for(hanging, 10)
    assert caller.counters.legs == 0
