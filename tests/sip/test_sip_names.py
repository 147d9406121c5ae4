"""Names against a real name server on loopback; what is kept is kept on the clock that is handed in."""

from __future__ import annotations

import asyncio

import pytest

from tests.sip.name_server import NameServer
from vxmlplat.clock import VirtualClock
from vxmlplat.errors import ConfigurationError
from vxmlplat.sip import names as names_module
from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.names import DnsNames, Rule, Service


@pytest.fixture
async def server():
    async with NameServer() as server:
        yield server


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def names(server, clock, tmp_path):
    return DnsNames(clock, [server.address], hosts=tmp_path / "none")


async def test_records_are_read(server, names):
    server.add(
        "pbx.example",
        "NAPTR",
        '10 20 "s" "SIP+D2T" "" _sip._tcp.pbx.example.',
        '5 1 "u" "E2U+sip" "!^.*$!sip:x@y!" .',
    )
    server.add("_sip._tcp.pbx.example", "SRV", "1 2 5070 One.pbx.example.", "2 0 5060 .")
    server.add("one.pbx.example", "A", "192.0.2.1", "192.0.2.2")
    server.add("one.pbx.example", "AAAA", "2001:db8::1")
    assert list(await names.rules("pbx.example")) == [Rule(10, 20, "SIP+D2T", "_sip._tcp.pbx.example")]
    assert sorted(await names.services("_sip._tcp.pbx.example")) == [
        Service(1, 2, 5070, "one.pbx.example"),
        Service(2, 0, 5060, ""),
    ]
    *four, six = await names.addresses("one.pbx.example")
    assert (sorted(four), six) == (["192.0.2.1", "192.0.2.2"], "2001:db8::1")


async def test_answer_is_kept_as_long_as_it_may_be(server, names, clock):
    server.add("_sip._udp.a.example", "SRV", "1 1 5060 b.example.", ttl=30)
    for _ in range(3):
        await names.services("_sip._udp.a.example")
    assert len(server.asked) == 1
    await clock.advance(29)
    await names.services("_sip._udp.A.example.")
    assert len(server.asked) == 1
    server.add("_sip._udp.a.example", "SRV", "1 1 5062 b.example.", ttl=30)
    await clock.advance(2)
    (service,) = await names.services("_sip._udp.a.example")
    assert (service.port, len(server.asked)) == (5062, 2)


@pytest.mark.parametrize("known", [True, False])
async def test_nothing_is_kept_too(server, names, clock, known):
    if known:
        server.names.add("a.example")
    assert list(await names.services("a.example")) == []
    assert list(await names.services("a.example")) == []
    assert len(server.asked) == 1
    await clock.advance(21)  # the SOA record of the server says 20
    assert list(await names.services("a.example")) == []
    assert len(server.asked) == 2


async def test_many_who_ask_at_once_are_one_question(server, names):
    server.add("a.example", "A", "192.0.2.1")
    answers = await asyncio.gather(*(names.addresses("a.example") for _ in range(50)))
    assert {tuple(answer) for answer in answers} == {("192.0.2.1",)}
    assert sorted(server.asked) == [("a.example", "A"), ("a.example", "AAAA")]


async def test_one_who_gives_up_does_not_spoil_it_for_the_others(server, names):
    server.add("_sip._udp.a.example", "SRV", "1 1 5060 b.example.")
    first = asyncio.ensure_future(names.services("_sip._udp.a.example"))
    second = asyncio.ensure_future(names.services("_sip._udp.a.example"))
    await asyncio.sleep(0)
    first.cancel()
    assert len(await second) == 1


async def test_servers_that_fail_are_not_asked_by_every_call(server, names, clock, caplog):
    server.broken = True
    for _ in range(3):
        with pytest.raises(TransportError, match=r"no name server answers for _sip\._udp\.a\.example"):
            await names.services("_sip._udp.a.example")
    assert len([text for text in caplog.messages if "_sip._udp.a.example" in text]) == 1
    server.broken = False
    server.add("_sip._udp.a.example", "SRV", "1 1 5060 b.example.")
    await clock.advance(6)
    assert len(await names.services("_sip._udp.a.example")) == 1


async def test_what_was_known_serves_while_the_servers_fail(server, names, clock):
    server.add("_sip._udp.a.example", "SRV", "1 1 5060 b.example.", ttl=10)
    before = await names.services("_sip._udp.a.example")
    server.broken = True
    await clock.advance(100)
    assert await names.services("_sip._udp.a.example") == before
    await clock.advance(6)
    assert await names.services("_sip._udp.a.example") == before


async def test_server_that_never_answers_costs_the_patience_only(server, names, monkeypatch):
    monkeypatch.setattr(names_module, "PATIENCE", 0.2)
    server.silent.add("a.example")
    with pytest.raises(TransportError):
        await names.services("a.example")


async def test_own_table_comes_first(server, clock, tmp_path):
    table = tmp_path / "hosts"
    table.write_text("# ours\n192.0.2.9 pbx.example pbx # the switch\n2001:db8::9 pbx\nnonsense here\n")
    names = DnsNames(clock, [server.address], hosts=table)
    server.add("pbx.example", "A", "192.0.2.1")
    assert list(await names.addresses("PBX.example")) == ["192.0.2.9"]
    assert list(await names.addresses("pbx")) == ["192.0.2.9", "2001:db8::9"]
    assert server.asked == []
    table.write_text("")
    assert await names.addresses("pbx.example") == ["192.0.2.1"]


async def test_unknown_host(server, names):
    with pytest.raises(TransportError, match=r"nobody\.invalid has no address"):
        await names.addresses("nobody.invalid")


async def test_what_is_kept_is_bounded(server, names, monkeypatch):
    monkeypatch.setattr(names_module, "MOST_KEPT", 5)
    for n in range(20):
        await names.services(f"n{n}.example")
    assert len(names._kept) == 5


@pytest.mark.parametrize("text", ["ns.example", "10.0.0.1:x", "[::1]:99999", "300.1.1.1"])
def test_server_must_be_an_address(clock, text):
    with pytest.raises(ConfigurationError, match="name server"):
        DnsNames(clock, [text])


def test_server_with_port_and_without(clock):
    DnsNames(clock, ["10.0.0.53", "10.0.0.53:5353", "::1", "[::1]:5353"])
