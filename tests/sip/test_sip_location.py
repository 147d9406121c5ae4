"""Where a SIP URI leads (RFC 3263), and what a call does when the first server is dead."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sip.name_server import NameServer
from vxmlplat.clock import SystemClock, VirtualClock
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.events import Answered, Ended, Failed
from vxmlplat.sip.location import Locator, in_order
from vxmlplat.sip.names import Rule, Service
from vxmlplat.sip.settings import Listen, Timers, Trunk, UserAgentConfig
from vxmlplat.sip.uri import parse_uri

ALL = ("udp", "tcp", "tls")


@pytest.fixture
def names(world):
    names = world.names
    names.hosts.update({f"{n}.example": [f"192.0.2.{n}"] for n in range(1, 5)})
    return names


@pytest.fixture
def locate(names):
    locator = Locator(names, VirtualClock(), random.Random(1))

    async def find(uri, able=ALL):
        return [tuple(endpoint) for endpoint in await locator.locate(parse_uri(uri), able)]

    return find


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("sip:a@192.0.2.1", ("udp", "192.0.2.1", 5060)),
        ("sip:a@192.0.2.1:5070;transport=tcp", ("tcp", "192.0.2.1", 5070)),
        ("sips:a@192.0.2.1", ("tls", "192.0.2.1", 5061)),
        ("sips:a@192.0.2.1;transport=tcp", ("tls", "192.0.2.1", 5061)),
        ("sip:a@[2001:db8::1]", ("udp", "2001:db8::1", 5060)),
        ("sip:a@x.example;maddr=192.0.2.3", ("udp", "192.0.2.3", 5060)),
        ("sip:a@1.example:5070", ("udp", "192.0.2.1", 5070)),
        ("sips:a@1.example:5070", ("tls", "192.0.2.1", 5070)),
        ("sip:a@1.example", ("udp", "192.0.2.1", 5060)),
        ("sips:a@1.example", ("tls", "192.0.2.1", 5061)),
        ("sip:a@1.example;transport=tcp", ("tcp", "192.0.2.1", 5060)),
    ],
)
async def test_without_records(locate, uri, found):
    assert await locate(uri) == [found]


async def test_a_port_or_a_number_asks_for_no_records(locate, names):
    await locate("sip:a@1.example:5060")
    await locate("sip:a@192.0.2.1")
    assert names.asked == []


async def test_naptr_chooses_among_what_we_can(locate, names):
    names.naptr["d.example"] = [
        Rule(10, 50, "SIP+D2T", "tcp.d.example"),
        Rule(10, 10, "SIPS+D2T", "tls.d.example"),
        Rule(5, 1, "SIP+D2W", "ws.d.example"),
        Rule(20, 10, "SIP+D2U", "udp.d.example"),
    ]
    names.srv["tls.d.example"] = [Service(1, 1, 5081, "1.example")]
    names.srv["tcp.d.example"] = [Service(1, 1, 5080, "2.example")]
    names.srv["udp.d.example"] = [Service(1, 1, 5082, "3.example")]
    assert await locate("sip:a@d.example") == [
        ("tls", "192.0.2.1", 5081),
        ("tcp", "192.0.2.2", 5080),
        ("udp", "192.0.2.3", 5082),
    ]
    assert await locate("sip:a@d.example", ("tcp",)) == [("tcp", "192.0.2.2", 5080)]
    assert await locate("sips:a@d.example") == [("tls", "192.0.2.1", 5081)]


async def test_services_without_naptr(locate, names):
    names.srv["_sip._tcp.d.example"] = [Service(2, 1, 5070, "2.example"), Service(1, 1, 5071, "1.example")]
    names.srv["_sips._tcp.d.example"] = [Service(1, 1, 5061, "3.example")]
    tcp = [("tcp", "192.0.2.1", 5071), ("tcp", "192.0.2.2", 5070)]
    assert await locate("sip:a@d.example") == [*tcp, ("tls", "192.0.2.3", 5061)]
    assert await locate("sip:a@d.example;transport=tcp") == tcp
    assert await locate("sips:a@d.example") == [("tls", "192.0.2.3", 5061)]


async def test_a_server_without_address_is_passed_over(locate, names):
    names.srv["_sip._udp.d.example"] = [Service(1, 1, 5060, "gone.example"), Service(2, 1, 5060, "1.example")]
    assert await locate("sip:a@d.example") == [("udp", "192.0.2.1", 5060)]


async def test_service_that_is_not_offered(locate, names):
    names.hosts["d.example"] = ["192.0.2.9"]
    names.srv["_sip._udp.d.example"] = [Service(0, 0, 0, "")]
    with pytest.raises(TransportError, match=r"no server of d\.example"):
        await locate("sip:a@d.example;transport=udp")


async def test_transports_that_cannot_be(locate):
    with pytest.raises(TransportError, match=r"sctp is not known"):
        await locate("sip:a@1.example;transport=sctp")
    with pytest.raises(TransportError, match="not reached over UDP"):
        await locate("sips:a@1.example;transport=udp")


async def test_a_server_that_failed_comes_last_for_a_while(names):
    clock = VirtualClock()
    locator = Locator(names, clock)
    names.hosts["d.example"] = ["192.0.2.1", "192.0.2.2"]
    uri = parse_uri("sip:a@d.example")
    first, second = await locator.locate(uri, ALL)
    locator.failed(first)
    assert await locator.locate(uri, ALL) == [second, first]
    await clock.advance(61)
    assert await locator.locate(uri, ALL) == [first, second]


def test_weights_share_the_calls():
    chance = random.Random(7)
    services = [Service(1, weight, 5060, str(weight)) for weight in (70, 20, 10, 0)] + [Service(2, 9, 1, "b")]
    orders = [in_order(services, chance) for _ in range(4000)]
    firsts = Counter(order[0].target for order in orders)
    assert {target: round(count / 40) for target, count in firsts.items()} == {
        "70": pytest.approx(70, abs=4),
        "20": pytest.approx(20, abs=4),
        "10": pytest.approx(10, abs=4),
        "0": pytest.approx(1, abs=1),
    }
    assert {order[-1].target for order in orders} == {"b"}


def test_equal_weights_of_nothing_share_too():
    chance = random.Random(7)
    services = [Service(1, 0, 5060, target) for target in "ab"]
    firsts = Counter(in_order(services, chance)[0].target for _ in range(1000))
    assert firsts["a"] == pytest.approx(500, abs=80)


@given(
    st.lists(st.builds(Service, st.integers(0, 3), st.integers(0, 65535), st.just(1), st.text())),
    st.integers(),
)
def test_every_server_is_tried_once_and_by_priority(services, seed):
    order = in_order(services, random.Random(seed))
    assert Counter(order) == Counter(services)
    assert [s.priority for s in order] == sorted(s.priority for s in services)


# ---- calls


def drain(leg):
    found = []
    leg.on_event = found.append
    leg.on_event = None
    return found


@pytest.fixture
def two_servers(world, names):
    names.srv["_sip._udp.carrier.example"] = [
        Service(1, 1, 5070, "1.example"),
        Service(2, 1, 5070, "2.example"),
    ]
    names.hosts.update({"1.example": ["192.0.2.71"], "2.example": ["192.0.2.72"]})
    return world.peer("192.0.2.71"), world.peer("192.0.2.72")


async def test_dead_server_costs_one_call_four_seconds(world, sdp, two_servers):
    dead, alive = two_servers
    agent = await world.agent(trunks=(Trunk("carrier", host="carrier.example"),))
    leg = world.call(agent, "100", trunk="carrier")
    await world.run(3.9)
    assert dead.requests("INVITE")
    assert not alive.requests()
    await world.run(0.2)
    (invite,) = alive.requests("INVITE")
    assert invite.uri == "sip:100@carrier.example"
    assert invite.cseq[0] == 2
    alive.reply(invite, 200, body=sdp)
    await world.run()
    assert isinstance(drain(leg)[-1], Answered)
    tried = len(dead.requests("INVITE"))
    second = world.call(agent, "101", trunk="carrier")
    await world.run()
    assert len(alive.requests("INVITE")) == 2
    assert len(dead.requests("INVITE")) == tried
    alive.reply(alive.requests("INVITE")[1], 486)
    await world.run()
    assert drain(second)[-1].status == 486
    await world.run(40)


async def test_late_answer_of_a_server_that_was_passed_over_is_ended(world, sdp, two_servers):
    slow, quick = two_servers
    agent = await world.agent()
    leg = world.call(agent, "sip:100@carrier.example")
    await world.run(4.1)
    slow.reply(slow.requests("INVITE")[0], 180)
    await world.run()
    assert len(slow.requests("CANCEL")) == 1
    slow.reply(slow.requests("INVITE")[0], 200, to_tag="slow", body=sdp)
    quick.reply(quick.requests("INVITE")[0], 200, body=sdp)
    await world.run()
    assert len(slow.requests("ACK")) == len(slow.requests("BYE")) == 1
    assert not quick.requests("BYE")
    assert leg.state == "confirmed"
    assert [type(event) for event in drain(leg)] == [Answered]


async def test_hangup_while_the_second_server_is_tried_takes_back_both(world, two_servers):
    slow, quick = two_servers
    agent = await world.agent()
    leg = world.call(agent, "sip:100@carrier.example")
    await world.run(4.1)
    quick.reply(quick.requests("INVITE")[0], 180)
    await world.run()
    agent.spawn(leg.hangup(), "test")
    await world.run()
    quick.reply(quick.requests("CANCEL")[0], 200)
    quick.reply(quick.requests("INVITE")[0], 487)
    slow.reply(slow.requests("INVITE")[0], 180)
    await world.run()
    assert len(slow.requests("CANCEL")) == 1
    assert drain(leg)[-1] == Ended("local", "X")
    await world.run(70)
    world.back_at_base()


async def test_busy_server_with_retry_after_comes_last(world, two_servers):
    first, second = two_servers
    agent = await world.agent()
    leg = world.call(agent, "sip:100@carrier.example")
    await world.run()
    first.reply(first.requests("INVITE")[0], 503, extra="Retry-After: 30\r\n")
    await world.run()
    second.reply(second.requests("INVITE")[0], 486)
    await world.run()
    assert drain(leg)[-1].status == 486
    world.call(agent, "sip:101@carrier.example")
    await world.run()
    assert [len(peer.requests("INVITE")) for peer in two_servers] == [1, 2]
    second.reply(second.requests("INVITE")[1], 486)
    await world.run(31)
    world.call(agent, "sip:102@carrier.example")
    await world.run()
    assert len({invite.call_id for invite in first.requests("INVITE")}) == 2


async def test_only_server_gets_all_the_time_there_is(world, names):
    names.hosts["pbx.example"] = ["192.0.2.71"]
    peer = world.peer("192.0.2.71", 5060)
    agent = await world.agent()
    leg = world.call(agent, "sip:100@pbx.example")
    await world.run(31)
    assert len(peer.requests("INVITE")) == 6
    assert leg.state == "trying"
    await world.run(2)
    assert drain(leg)[-1].status == 408


async def test_trunk_by_domain_over_real_names_and_sockets():
    """NAPTR to TCP, SRV to a server that refuses and to one that answers."""
    async with NameServer() as server:

        async def answer(leg):
            await leg.answer("v=0 answer")

        called = UserAgent(UserAgentConfig(listen=(Listen("tcp", port=0),)), SystemClock())
        called.on_invite = answer
        await called.start()
        port = called.addresses[0][2]
        server.add("carrier.example", "NAPTR", '1 1 "s" "SIP+D2T" "" _sip._tcp.carrier.example.')
        server.add(
            "_sip._tcp.carrier.example",
            "SRV",
            "1 0 1 dead.carrier.example.",
            f"2 0 {port} sbc.carrier.example.",
        )
        server.add("dead.carrier.example", "A", "127.0.0.1")
        server.add("sbc.carrier.example", "A", "127.0.0.1")
        config = UserAgentConfig(
            listen=(Listen("udp", port=0),),
            trunks=(Trunk("carrier", host="carrier.example"),),
            nameservers=(server.address,),
            timers=Timers(session_expires=0),
        )
        caller = UserAgent(config, SystemClock())
        await caller.start()
        try:
            for _ in range(2):
                leg = caller.invite(OutboundCall("100", trunk="carrier", sdp="v=0 offer"))
                assert isinstance(await leg.next_event(), Answered)
                assert leg.peer == ("127.0.0.1", port)
                await leg.hangup()
            assert len([kind for _, kind in server.asked if kind == "NAPTR"]) == 1
            leg = caller.invite(OutboundCall("sip:1@nowhere.example", sdp="v=0 offer"))
            failed = await leg.next_event()
            assert isinstance(failed, Failed)
            assert "nowhere.example" in failed.reason
        finally:
            await caller.stop()
            await called.stop()
