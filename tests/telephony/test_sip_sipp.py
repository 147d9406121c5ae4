"""The user agent against a real peer on real sockets: sipp as caller and as callee."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.telephony.sipp import Sipp
from vxmlplat.clock import SystemClock
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.events import Ended, Failed, InfoKeys, ReferProgress, Reinvite
from vxmlplat.sip.sdp import Capabilities, negotiate, offer
from vxmlplat.sip.settings import Credentials, Listen, Timers, Trunk, UserAgentConfig

pytestmark = pytest.mark.needs("sipp")
OURS = Capabilities("127.0.0.1", 40_000, session_id=1)
FAST = Timers(t1=0.05, t2=0.4, timer_d=1.0, t4=0.5, session_expires=0)


@asynccontextmanager
async def agent(handler=None, **options) -> AsyncIterator[UserAgent]:
    options.setdefault("listen", (Listen("udp", port=0), Listen("tcp", port=0)))
    user_agent = UserAgent(UserAgentConfig(**options), SystemClock())
    user_agent.on_invite = handler
    await user_agent.start()
    try:
        yield user_agent
    finally:
        await user_agent.stop()


def port_of(user_agent: UserAgent, transport: str) -> int:
    return next(port for name, _, port in user_agent.addresses if name == transport)


class Answering:
    """Answers every call by negotiation and every change of it; keeps what it hears."""

    def __init__(self) -> None:
        self.legs = []
        self.heard = []

    async def __call__(self, leg) -> None:
        self.legs.append(leg)
        leg.on_event = lambda event: self.hear(event)
        await leg.ring()
        await leg.answer(negotiate(leg.remote_sdp, OURS)[0])

    def hear(self, event) -> None:
        self.heard.append(event)
        if isinstance(event, Reinvite):
            text, agreed = negotiate(event.offer, OURS)
            self.heard.append(agreed.direction)
            event.answer(text)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_calls_in(program, tmp_path, transport):
    answering = Answering()
    async with agent(answering) as ua:
        options = ["-t", "t1"] if transport == "tcp" else []
        port = port_of(ua, transport)
        async with Sipp(
            program("sipp"), tmp_path, "uac", port, "-r", "50", "-d", "50", *options, calls=50
        ) as sipp:
            await sipp.succeeded()
        assert ua.counters.calls_in == 50
        assert ua.counters.legs == 0
        assert {e.by for e in answering.heard if isinstance(e, Ended)} == {"remote"}


async def test_calls_in_over_ipv6(program, tmp_path):
    async with agent(
        lambda leg: leg.answer(negotiate(leg.remote_sdp, Capabilities("::1", 4000))[0]),
        listen=(Listen("udp", "::1", 0),),
    ) as ua:
        async with Sipp(program("sipp"), tmp_path, "uac", port_of(ua, "udp"), calls=3, host="::1") as sipp:
            await sipp.succeeded()
        assert ua.counters.calls_in == 3


async def test_caller_cancels(program, tmp_path):
    async def ring(leg):
        await leg.ring()

    async with agent(ring) as ua:
        async with Sipp(program("sipp"), tmp_path, "caller_cancels", port_of(ua, "udp")) as sipp:
            await sipp.succeeded()
        assert ua.counters.legs == 0


async def test_caller_holds_and_presses_keys(program, tmp_path):
    answering = Answering()
    async with (
        agent(answering) as ua,
        Sipp(program("sipp"), tmp_path, "caller_holds", port_of(ua, "udp")) as sipp,
    ):
        await sipp.succeeded()
    assert [e for e in answering.heard if isinstance(e, str)] == ["recvonly", "sendrecv"]
    assert InfoKeys("5", 160) in answering.heard


async def test_caller_proves_itself(program, tmp_path):
    trunk = Trunk("pbx", addresses=("127.0.0.1",), challenge=Credentials("pbx", "secret"))
    async with agent(Answering(), trunks=(trunk,), digest_algorithms=("MD5",)) as ua:
        async with Sipp(
            program("sipp"),
            tmp_path,
            "caller_proves_itself",
            port_of(ua, "udp"),
            "-au",
            "pbx",
            "-ap",
            "secret",
        ) as sipp:
            await sipp.succeeded()
        assert ua.counters.calls_in == 1


async def test_caller_never_acknowledges(program, tmp_path):
    answering = Answering()
    async with agent(answering, timers=FAST) as ua:
        async with Sipp(program("sipp"), tmp_path, "caller_never_acknowledges", port_of(ua, "udp")) as sipp:
            await sipp.succeeded()
        assert isinstance(answering.heard[-1], Ended)
        assert answering.heard[-1].by == "timeout"
        assert ua.counters.legs == 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_calls_out(program, tmp_path, transport):
    options = ["-t", "t1"] if transport == "tcp" else []
    async with agent() as ua, Sipp(program("sipp"), tmp_path, "uas", None, *options, calls=20) as sipp:
        if transport == "udp":
            await sipp.listening()
        else:
            await asyncio.sleep(1.0)

        async def one(n):
            leg = ua.invite(
                OutboundCall(f"sip:{n}@127.0.0.1:{sipp.port};transport={transport}", sdp=offer(OURS))
            )
            async for event in leg.events():
                if type(event).__name__ == "Answered":
                    await asyncio.sleep(0.05)
                    await leg.hangup()
            return event

        ends = await asyncio.gather(*(one(n) for n in range(20)))
        assert [type(e) for e in ends] == [Ended] * 20
        await sipp.succeeded()


async def test_called_is_busy(program, tmp_path):
    async with agent() as ua, Sipp(program("sipp"), tmp_path, "called_is_busy") as sipp:
        await sipp.listening()
        leg = ua.invite(OutboundCall(f"sip:x@127.0.0.1:{sipp.port}", sdp=offer(OURS)))
        events = [event async for event in leg.events()]
        assert isinstance(events[-1], Failed)
        assert events[-1].status == 486
        await sipp.succeeded()


async def test_called_is_transferred(program, tmp_path):
    async with agent() as ua, Sipp(program("sipp"), tmp_path, "called_is_transferred") as sipp:
        await sipp.listening()
        leg = ua.invite(OutboundCall(f"sip:x@127.0.0.1:{sipp.port}", sdp=offer(OURS)))
        async for event in leg.events():
            if type(event).__name__ == "Answered":
                await leg.refer("sip:200@127.0.0.1", user_to_user=b"ticket=7")
            elif isinstance(event, ReferProgress):
                assert (event.status, event.final) == (200, True)
                await leg.hangup()
        await sipp.succeeded()


async def test_called_never_answers_bye(program, tmp_path):
    async with agent(timers=FAST) as ua, Sipp(program("sipp"), tmp_path, "called_never_answers_bye") as sipp:
        await sipp.listening()
        leg = ua.invite(OutboundCall(f"sip:x@127.0.0.1:{sipp.port}", sdp=offer(OURS)))
        async for event in leg.events():
            if type(event).__name__ == "Answered":
                await asyncio.wait_for(leg.hangup(), 64 * FAST.t1 + 2)
        await sipp.succeeded()
        assert isinstance(event, Ended)
        assert ua.counters.legs == 0


async def test_called_answers_a_cancelled_call(program, tmp_path):
    async with agent() as ua, Sipp(program("sipp"), tmp_path, "called_answers_cancelled") as sipp:
        await sipp.listening()
        leg = ua.invite(OutboundCall(f"sip:x@127.0.0.1:{sipp.port}", sdp=offer(OURS)))
        assert type(await leg.next_event()).__name__ == "Progress"
        await leg.hangup()
        assert isinstance(await leg.next_event(), Ended)
        await sipp.succeeded()
        assert ua.counters.legs == 0
