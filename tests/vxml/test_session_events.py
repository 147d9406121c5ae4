"""What comes from outside while a session waits: hang-up, events of CCXML, cancellation."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vxmlplat.documents import FetchRequest, Resource
from vxmlplat.simulator.inputs import TypedInputs
from vxmlplat.simulator.site import MemorySite, text_resource
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.platform import Step
from vxmlplat.vxml.session import Session, SessionStart

MAIN = "http://site.example/main.vxml"
FIELD = (
    '<field name="f"><grammar version="1.0" mode="dtmf" root="d"><rule id="d">1</rule></grammar>'
    "<prompt>key</prompt></field>"
)


class Call:
    """A session whose caller acts when the test says so."""

    def __init__(self, body: str, start: SessionStart | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.waiting = asyncio.Event()
        self.inputs = TypedInputs(lambda _: self.waiting.set())
        text = f'<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">{body}</vxml>'
        site = MemorySite({MAIN: text_resource(MAIN, text)})
        self.steps: list[Step] = []
        world = SimulatedWorld(self.inputs, self.events.append, site.fetch)
        world.breadcrumb = self.steps.append  # type: ignore[method-assign]  # a world that keeps steps
        self.session = Session(world, start or SessionStart(MAIN))
        self.task = asyncio.create_task(self.session.run())

    async def until_waiting(self) -> None:
        await asyncio.wait_for(self.waiting.wait(), 5)
        self.waiting.clear()

    def of(self, kind: str, member: str) -> list[Any]:
        return [event[member] for event in self.events if event["event"] == kind]


async def test_a_hangup_interrupts_the_wait_and_its_handler_runs() -> None:
    call = Call(
        f"<catch event='connection.disconnect.hangup'><log>bye</log><exit/></catch><form>{FIELD}</form>"
    )
    await call.until_waiting()
    call.session.hangup()
    call.session.hangup()
    end = await asyncio.wait_for(call.task, 5)
    assert call.of("log", "text") == ["bye"]
    assert call.of("throw", "name") == ["connection.disconnect.hangup"]
    assert end.reason == "exit"


async def test_an_unhandled_hangup_ends_the_session() -> None:
    call = Call(f"<form>{FIELD}</form>")
    await call.until_waiting()
    call.session.hangup()
    assert (await asyncio.wait_for(call.task, 5)).reason == "hangup"


async def test_an_event_from_outside_is_thrown_and_the_dialog_goes_on() -> None:
    call = Call(
        f"<form><catch event='agent'><log expr='_event + _message'/></catch>{FIELD}<block>done</block></form>"
    )
    await call.until_waiting()
    call.session.post_event("agent.ready", "4711")
    await call.until_waiting()
    call.inputs.put({"dtmf": "1"})
    end = await asyncio.wait_for(call.task, 5)
    assert call.of("log", "text") == ["agent.ready4711"]
    assert call.of("prompt", "text") == ["key", "done"]
    assert end.reason == "end"


async def test_events_from_outside_keep_their_order() -> None:
    call = Call(f"<form><catch event='e'><log expr='_event'/></catch>{FIELD}</form>")
    await call.until_waiting()
    for number in range(5):
        call.session.post_event(f"e.{number}")
    await call.until_waiting()
    call.inputs.put({"hangup": True})
    await asyncio.wait_for(call.task, 5)
    assert call.of("log", "text") == [f"e.{number}" for number in range(5)]


async def test_cancelling_tears_the_session_down() -> None:
    call = Call(f"<catch><log>handled</log></catch><form>{FIELD}</form>")
    await call.until_waiting()
    call.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.task
    assert call.of("log", "text") == []
    assert [(step.target, step.reason) for step in call.steps] == [("form 1", "entry"), ("", "hangup")]


async def test_the_connection_is_known_and_cannot_be_changed() -> None:
    start = SessionStart(
        MAIN,
        session_id="call-1",
        local="tel:12319",
        remote="tel:+8613800000000",
        protocol_name="sip",
        aai="vip=1",
        redirect=[{"uri": "tel:1", "reason": "busy"}],
        variables={"ccxml": {"values": {"a": 1}}},
    )
    call = Call(
        "<form><block><log expr=\"session.connection.local.uri + ' ' + session.connection.originator.uri + ' ' +"
        " session.connection.aai + ' ' + session.connection.redirect[0].reason + ' ' + session.ccxml.values.a\"/>"
        "<assign name='session.connection.aai' expr='1'/></block></form>",
        start,
    )
    end = await asyncio.wait_for(call.task, 5)
    assert call.of("log", "text") == ["tel:12319 tel:+8613800000000 vip=1 busy 1"]
    assert end.error is not None
    assert end.error.name == "error.semantic"


async def test_a_hangup_during_a_fetch_is_thrown_when_the_fetch_is_over() -> None:
    fetching, go_on = asyncio.Event(), asyncio.Event()
    events: list[dict[str, Any]] = []
    text = (
        '<vxml version="2.1"><form><catch event="connection.disconnect.hangup"><log>gone</log><exit/></catch>'
        '<block><data name="d" src="slow.xml"/></block><block><log>on</log></block></form></vxml>'
    )

    async def fetch(request: FetchRequest) -> Resource:
        if request.uri.endswith("slow.xml"):
            fetching.set()
            await go_on.wait()
            return text_resource(request.uri, "<a/>")
        return text_resource(MAIN, text)

    world = SimulatedWorld(TypedInputs(lambda _: None), events.append, fetch)
    session = Session(world, SessionStart(MAIN))
    task = asyncio.create_task(session.run())
    await asyncio.wait_for(fetching.wait(), 5)
    session.hangup()
    go_on.set()
    await asyncio.wait_for(task, 5)
    assert [event["text"] for event in events if event["event"] == "log"] == ["gone"]


async def test_a_hangup_while_a_prompt_is_fetched_is_thrown_before_the_wait() -> None:
    fetching, go_on = asyncio.Event(), asyncio.Event()
    events: list[dict[str, Any]] = []
    text = (
        '<vxml version="2.1"><form><catch event="connection.disconnect.hangup"><log>gone</log><exit/></catch>'
        f"{FIELD.replace('key', '<audio src=' + chr(34) + 'a.wav' + chr(34) + '/>')}</form></vxml>"
    )

    async def fetch(request: FetchRequest) -> Resource:
        if request.uri.endswith("a.wav"):
            fetching.set()
            await go_on.wait()
            return Resource(request.uri, "audio/x-wav", None, b"")
        return text_resource(MAIN, text)

    world = SimulatedWorld(TypedInputs(lambda _: None), events.append, fetch)
    session = Session(world, SessionStart(MAIN))
    task = asyncio.create_task(session.run())
    await asyncio.wait_for(fetching.wait(), 5)
    session.hangup()
    go_on.set()
    await asyncio.wait_for(task, 5)
    assert [event["text"] for event in events if event["event"] == "log"] == ["gone"]
