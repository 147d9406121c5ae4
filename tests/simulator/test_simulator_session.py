"""The designer's simulator: steps, waiting, typed inputs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vxmlplat.simulator.inputs import InputError
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.session import SessionStart

MAIN = "http://draft.example/main.vxml"
DOCUMENT = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<form id="welcome"><block>Welcome.<log label="vxmlplat.port" expr="'next'"/><goto next="#ask"/></block></form>
<form id="ask"><field name="f"><option dtmf="1" value="one">first</option></field><record name="r"/>
<transfer name="t" dest="tel:1" bridge="true"/></form></vxml>"""


def simulator() -> SimulatorSession:
    return SimulatorSession(SessionStart(MAIN), {MAIN: text_resource(MAIN, DOCUMENT)})


async def collect(session: SimulatorSession, actions: dict[str, Any]) -> list[dict[str, Any]]:
    """All events; whenever the simulator waits, the caller does what belongs to it."""
    found = []
    session.start()
    async for event in session.events():
        found.append(event)
        if event["type"] == "waiting":
            session.feed(actions[event["for"]])
    return found


async def test_a_call_step_by_step() -> None:
    session = simulator()
    actions = {
        "input": {"type": "input", "dtmf": "1"},
        "record": {"record": 2.0, "end": "#"},
        "transfer": {"transfer": "far_end_disconnect", "after": 3},
    }
    found = await asyncio.wait_for(collect(session, actions), 10)
    assert [event["for"] for event in found if event["type"] == "waiting"] == ["input", "record", "transfer"]
    steps = [
        (event["from"], event["port"], event["to"], event["reason"])
        for event in found
        if event["type"] == "step"
    ]
    assert steps == [
        ("", "", "welcome", "entry"),
        ("welcome", "next", "ask", "goto"),
        ("ask", "", "", "end"),
    ]
    assert found[-1] == {
        "type": "event",
        "t": 5.0,
        "event": "exit",
        "reason": "end",
        "value": None,
        "namelist": None,
    }
    assert session.end is not None


async def test_stopping_ends_the_events() -> None:
    session = simulator()
    session.start()
    async for event in session.events():
        if event["type"] == "waiting":
            await session.stop()
    assert session.end is None


async def test_an_input_that_is_none_is_refused_and_the_call_goes_on() -> None:
    session = simulator()
    with pytest.raises(InputError, match="no key"):
        session.feed({"dtmf": "q"})
    with pytest.raises(InputError, match="exactly one"):
        session.feed({"type": "input"})
    session.feed({"hangup": True})
    session.start()
    found = [event async for event in session.events()]
    assert found[-1]["reason"] == "hangup"


async def test_a_document_that_is_missing_is_a_badfetch() -> None:
    session = SimulatorSession(SessionStart(MAIN), {})
    session.start()
    found = [event async for event in session.events()]
    assert found[-1]["error"] == "error.badfetch.http.404"
