"""Who looks on while a session runs may hold it at every dialog, and read and set its variables."""

from __future__ import annotations

import asyncio
from typing import Any

from vxmlplat.simulator.inputs import ListedInputs
from vxmlplat.simulator.site import MemorySite, text_resource
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.context import Context
from vxmlplat.vxml.session import Session, SessionStart

MAIN = "http://site.example/main.vxml"
DOCUMENT = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<var name="who" expr="'nobody'"/>
<form id="a"><var name="own" expr="1"/><block><prompt><value expr="who"/></prompt></block>
<subdialog name="r" src="#s"/><block><goto next="#b"/></block></form>
<form id="s"><block><return/></block></form>
<form id="b"><record name="r"/><record name="s"/><block><exit namelist="r s"/></block></form></vxml>"""


class Looking:
    """Notes what happens; holds the first dialog until it is let go."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []
        self.go = asyncio.Event()
        self.held = asyncio.Event()

    async def entered(self, context: Context) -> None:
        assert context.dialog is not None
        assert context.dialog_scope is not None
        assert context.dialog_scope.names() == []
        self.seen.append(("entered", context.dialog.id, context.depth))
        if not self.go.is_set():
            self.held.set()
            await self.go.wait()
            context.chain.assign_value("document.who", "somebody")

    def leaving(self, context: Context) -> None:
        assert context.dialog is not None
        assert context.dialog_scope is not None
        self.seen.append(("leaving", context.dialog.id, context.depth))
        if context.dialog.id == "a":
            assert context.dialog_scope.get("own") == 1


async def observed(inputs: list[dict[str, Any]]) -> tuple[Looking, list[dict[str, Any]], Session]:
    told: list[dict[str, Any]] = []
    site = MemorySite({MAIN: text_resource(MAIN, DOCUMENT)})
    world = SimulatedWorld(ListedInputs(inputs), told.append, site.fetch)
    session = Session(world, SessionStart(MAIN, session_id="here"))
    session.observer = looking = Looking()
    running = asyncio.create_task(session.run())
    await looking.held.wait()
    assert told == []
    looking.go.set()
    end = await running
    assert end.namelist is not None
    assert list(end.namelist) == ["r", "s"]
    return looking, told, session


async def test_the_interpreter_stands_still_and_sees_what_was_changed() -> None:
    looking, told, _ = await observed([{"record": 1.0}, {"record": 1.0}])
    assert [event["text"] for event in told if event["event"] == "prompt"] == ["somebody"]
    assert looking.seen == [
        ("entered", "a", 0),
        ("entered", "s", 1),
        ("leaving", "s", 1),
        ("leaving", "a", 0),
        ("entered", "b", 0),
        ("leaving", "b", 0),
    ]


async def test_addresses_of_recordings_are_the_same_in_a_repeated_run() -> None:
    _, _, session = await observed([{"record": 1.0}, {"record": 1.0}])
    assert session.recording("recording:here.1") is not None
    assert session.recording("recording:here.2") is not None
