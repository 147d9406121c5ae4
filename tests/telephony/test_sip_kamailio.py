"""The user agent as an operator connects it to a provider, a real registrar and proxy between: Kamailio."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.sip.name_server import NameServer
from tests.telephony.kamailio import Kamailio
from tests.telephony.peer import until
from vxmlplat.clock import SystemClock
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.events import Answered, Confirmed, Ended, Failed, ReferProgress, Referred
from vxmlplat.sip.probe import Probe
from vxmlplat.sip.registration import Registration, RegistrationSettings
from vxmlplat.sip.sdp import Capabilities, negotiate, offer
from vxmlplat.sip.settings import Credentials, Listen, Trunk, UserAgentConfig

pytestmark = pytest.mark.needs("kamailio")
OURS = Capabilities("127.0.0.1", 40_000, session_id=1)


class Carrier:
    """A provider with its DNS, and who is connected to it."""

    def __init__(self, stack: AsyncExitStack, kamailio: Kamailio, dns: NameServer) -> None:
        self.stack = stack
        self.kamailio = kamailio
        self.dns = dns

    async def connect(self, number: str, *, register: bool = True) -> UserAgent:
        """A user agent that knows the provider by its domain alone."""
        credentials = Credentials(number, self.kamailio.password)
        config = UserAgentConfig(
            listen=(Listen("udp", port=0), Listen("tcp", port=0)),
            trunks=(Trunk("carrier", ("127.0.0.1",), "carrier.example", credentials=credentials),),
            nameservers=(self.dns.address,),
        )
        agent = UserAgent(config, SystemClock())
        agent.heard = []

        async def answer(leg) -> None:
            agent.heard.append(leg)
            await leg.ring()
            await leg.answer(negotiate(leg.remote_sdp, OURS)[0])

        agent.on_invite = answer
        await agent.start()
        self.stack.push_async_callback(agent.stop)
        if register:
            account = RegistrationSettings(
                "sip:carrier.example", f"sip:{number}@carrier.example", credentials, contact_user=number
            )
            agent.registration = Registration(agent, account)
            agent.registration.start()
            self.stack.push_async_callback(agent.registration.stop)
            await until(lambda: agent.registration.state in {"registered", "failed"}, 10)
            assert agent.registration.state == "registered", agent.registration.problem
        return agent

    async def call(self, caller: UserAgent, number: str, **options):
        leg = caller.invite(
            OutboundCall(
                number, trunk="carrier", from_uri="sip:100@carrier.example", sdp=offer(OURS), **options
            )
        )
        while not isinstance(event := await asyncio.wait_for(leg.next_event(), 10), Answered | Failed):
            pass
        return leg, event


@pytest.fixture(params=["udp-MD5", "tcp-SHA-256"])
async def carrier(program, tmp_path, request):
    transport, _, algorithm = request.param.partition("-")
    async with (
        NameServer() as dns,
        Kamailio(program("kamailio"), tmp_path, algorithm) as kamailio,
        AsyncExitStack() as stack,
    ):
        service = f"_sip._{transport}.carrier.example"
        dns.add(
            "carrier.example",
            "NAPTR",
            f'1 1 "s" "{"SIP+D2U" if transport == "udp" else "SIP+D2T"}" "" {service}.',
        )
        dns.add(service, "SRV", f"1 1 {kamailio.port} edge.carrier.example.")
        dns.add("edge.carrier.example", "A", "127.0.0.1")
        yield Carrier(stack, kamailio, dns)


async def ended(leg):
    async with asyncio.timeout(10):
        while not isinstance(event := await leg.next_event(), Ended):
            pass
    return event


async def test_calls_between_two_who_are_registered(carrier):
    one, two = await carrier.connect("100"), await carrier.connect("200")
    leg, event = await carrier.call(one, "200", user_to_user=b"ticket=7")
    assert isinstance(event, Answered)
    (far,) = two.heard
    assert far.request_uri.startswith("sip:200@127.0.0.1:")
    assert far.user_to_user == b"ticket=7"
    assert far.trunk == "carrier"
    assert isinstance(await asyncio.wait_for(far.next_event(), 10), Confirmed)
    await far.hangup()  # along the route that the proxy recorded
    assert (await ended(leg)).by == "remote"
    leg, event = await carrier.call(two, "100")
    await leg.hangup()
    assert (await ended(one.heard[0])).by == "remote"


async def test_refusals_are_told_apart(carrier):
    one = await carrier.connect("100")
    _, nobody = await carrier.call(one, "999")
    assert (nobody.status, nobody.reason) == (404, "Not Found")
    _, stranger = await carrier.call(one, "100", credentials=Credentials("100", "wrong"))
    assert stranger.status == 407


async def test_registration_is_taken_back_and_wrong_passwords_are_told(carrier):
    one, two = await carrier.connect("100"), await carrier.connect("200")
    await two.registration.stop()
    _, gone = await carrier.call(one, "200")
    assert gone.status == 404
    account = RegistrationSettings(
        "sip:carrier.example", "sip:100@carrier.example", Credentials("100", "wrong")
    )
    refused = Registration(one, account)
    refused.start()
    await until(lambda: refused.state == "failed", 10)
    assert refused.problem.startswith("401")
    await refused.stop()


async def test_transfer_through_the_proxy(carrier):
    one, two = await carrier.connect("100"), await carrier.connect("200")
    leg, _ = await carrier.call(one, "200")
    far = two.heard[0]
    assert isinstance(await asyncio.wait_for(far.next_event(), 10), Confirmed)
    asking = asyncio.ensure_future(leg.refer("sip:300@carrier.example", user_to_user=b"ticket=7"))
    asked = await asyncio.wait_for(far.next_event(), 10)
    assert isinstance(asked, Referred)
    assert (asked.target, asked.user_to_user) == ("sip:300@carrier.example", b"ticket=7")
    asked.accept()
    asked.notify(200)
    await asking
    progress = [await asyncio.wait_for(leg.next_event(), 10) for _ in range(2)]
    assert progress == [ReferProgress(100, "Trying", False), ReferProgress(200, "OK", True)]
    await leg.hangup()


async def test_provider_is_asked_whether_it_is_alive(carrier):
    one = await carrier.connect("100", register=False)
    probe = Probe(one, "sip:carrier.example", 5)
    probe.start()
    await until(lambda: probe.state != "trying", 10)
    assert (probe.state, probe.problem) == ("answers", "")
    await probe.stop()
