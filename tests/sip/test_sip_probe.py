"""Trunks' servers are asked whether they are alive, and calls go to those that are."""

from __future__ import annotations

import asyncio

import pytest

from vxmlplat.sip.message import Request
from vxmlplat.sip.probe import Probe
from vxmlplat.sip.settings import Trunk


def alive(peer, status=200):
    def answer(message):
        if isinstance(message, Request) and message.method == "OPTIONS":
            peer.reply(message, status, contact=False)

    peer.on_message = answer


@pytest.fixture
async def two(world):
    world.names.hosts["carrier.example"] = ["192.0.2.71", "192.0.2.72"]
    agent = await world.agent(trunks=(Trunk("carrier", host="carrier.example"),))
    first, second = world.peer("192.0.2.71", 5060), world.peer("192.0.2.72", 5060)
    probe = Probe(agent, "sip:carrier.example", 30)
    probe.start()
    yield agent, first, second, probe
    await probe.stop()


async def test_any_answer_is_a_sign_of_life(world, two):
    _, first, second, probe = two
    alive(first)
    alive(second, 404)
    await world.run()
    assert (probe.state, probe.problem) == ("answers", "")
    (asked,) = first.requests("OPTIONS")
    assert asked.uri == "sip:carrier.example"
    await world.run(30)
    assert len(first.requests("OPTIONS")) == len(second.requests("OPTIONS")) == 2


async def test_silent_server_is_named_and_gets_no_calls_until_it_answers(world, two):
    agent, first, second, probe = two
    alive(second)
    await world.run(33)
    assert probe.state == "answers"
    assert probe.problem == "192.0.2.71 port 5060 over udp: 408 Request Timeout"
    world.call(agent, "100", trunk="carrier")
    await world.run()
    assert not first.requests("INVITE")
    assert second.requests("INVITE")
    alive(first)
    await world.run(65)
    assert probe.problem == ""
    world.call(agent, "101", trunk="carrier")
    await world.run()
    assert first.requests("INVITE")


async def test_server_that_drains_is_not_alive_and_all_may_be_dead(world, two):
    _, first, second, probe = two
    alive(first, 503)
    alive(second, 503)
    await world.run()
    assert probe.state == "failed"
    assert probe.problem.count("503") == 2


async def test_unknown_name(world):
    agent = await world.agent()
    probe = Probe(agent, "sip:nowhere.example", 30)
    probe.start()
    await world.run()
    assert probe.state == "failed"
    assert "nowhere.example" in probe.problem
    await probe.stop()
    assert probe.state == "off"


async def test_our_own_kind_answers(world):
    """One platform asks another, which drains."""
    asked = await world.agent("192.0.2.2")
    agent = await world.agent()
    probe = Probe(agent, "sip:192.0.2.2", 30)
    probe.start()
    await world.run()
    assert probe.state == "answers"
    draining = asyncio.ensure_future(asked.drain())
    await world.run(30)
    assert draining.done()
    assert probe.state == "failed"
    await probe.stop()
