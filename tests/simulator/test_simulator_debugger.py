"""The simulator's debugger: breakpoints, steps, variables by hand, and back again."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vxmlplat.documents import FetchRequest, Resource
from vxmlplat.simulator.debugger import Breakpoint, DebugError, read_breakpoints
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.session import SessionStart

PLACE = "http://draft.example/published/f/1/"
MAIN = PLACE + "main.vxml"
KEY = '<grammar version="1.0" mode="dtmf" root="k"><rule id="k"><one-of><item>1</item><item>2</item></one-of></rule></grammar>'
ROOT = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<var name="count" expr="0"/><var name="path" expr="[]"/><var name="chance" expr="0"/><var name="made" expr="''"/>
</vxml>"""
DOCUMENT = f"""<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US" application="root.vxml">
<form id="menu"><block><assign name="application.count" expr="application.count + 1"/></block>
<field name="key">{KEY}<prompt>Press one or two</prompt><filled>
<assign name="application.path" expr="application.path.concat([key])"/>
<log label="vxmlplat.port" expr="key"/><goto expr="key == '1' ? '#ask' : '#dice'"/></filled>
<noinput><log label="vxmlplat.port" expr="'noinput'"/><goto next="#menu"/></noinput>
<nomatch><reprompt/></nomatch></field></form>
<form id="dice"><block><assign name="application.chance" expr="Math.random()"/>
<assign name="application.made" expr="new Date().toISOString()"/>
<log label="vxmlplat.port" expr="'next'"/><goto next="#menu"/></block></form>
<form id="ask"><block><data name="answer" src="http://elsewhere.example/answer"/>
<assign name="application.chance" expr="answer.documentElement.firstChild.data"/>
<log label="vxmlplat.port" expr="'next'"/><goto next="#ask.part"/></block></form>
<form id="ask.part"><record name="voice"/><block><log label="vxmlplat.port" expr="'next'"/>
<goto next="#menu"/></block></form></vxml>"""
PAGES = {MAIN: DOCUMENT, PLACE + "root.vxml": ROOT}


class Web:
    """Never answers the same twice."""

    def __init__(self) -> None:
        self.asked = 0

    async def fetch(self, request: FetchRequest, _: Any = None) -> Resource:
        self.asked += 1
        return text_resource(request.uri, f"<answer>{self.asked}</answer>")


class Page:
    """The author's page, as far as it remembers: what it was told, cut where it was told to forget."""

    def __init__(self) -> None:
        self.web = Web()
        self.session = SimulatorSession(
            SessionStart(MAIN),
            {uri: text_resource(uri, text) for uri, text in PAGES.items()},
            fetcher=self.web,  # type: ignore[arg-type]  # all that is asked of it
            stay=True,
        )
        self.messages: list[dict[str, Any]] = []
        self.variables: dict[tuple[str, str], Any] = {}
        self.paused: str | None = None
        self.at = ""
        self.ahead = 0

    async def until(self, *kinds: str) -> dict[str, Any]:
        """Read on to a message of one of these types."""
        async with asyncio.timeout(10):
            async for message in self.session.events():
                self._take(message)
                if message["type"] in kinds or message.get("event") in kinds:
                    return message
        raise AssertionError("the events have ended")

    async def settled(self) -> None:
        """Read on until the call stands still, waits or is over."""
        while True:
            message = await self.until("state", "waiting", "exit")
            if message["type"] != "state" or message["paused"] is not None:
                return

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "rewound":
            steps = [n for n, one in enumerate(self.messages) if one["type"] == "step" and one["to"]]
            del self.messages[steps[message["step"] - 1] + 1 :]
            self.variables.clear()
        elif message["type"] == "variables":
            for one in message["gone"]:
                self.variables.pop((one["scope"], one["name"]), None)
            for one in message["changed"]:
                self.variables[one["scope"], one["name"]] = one["value"]
            self.messages.append(message)
        elif message["type"] == "state":
            self.paused, self.at, self.ahead = message["paused"], message["node"], message["ahead"]
        else:
            self.messages.append(message)

    def state(self) -> str:
        """All that can be seen: where the call is, its variables, everything that was told."""
        told = [one for one in self.messages if one["type"] in ("step", "event", "caller", "input")]
        seen = sorted((*place, json.dumps(value)) for place, value in self.variables.items())
        return json.dumps([self.at, self.paused is not None, seen, told], sort_keys=True)

    @property
    def nodes(self) -> list[str]:
        return [one["to"] for one in self.messages if one["type"] == "step" and one["to"]]


@pytest.fixture
def page() -> Page:
    return Page()


async def test_a_call_stops_at_a_node_and_goes_on(page: Page) -> None:
    page.session.set_breakpoints([Breakpoint("f", "dice")])
    page.session.start()
    await page.settled()
    assert page.paused is None
    page.session.feed({"dtmf": "2"})
    await page.settled()
    assert (page.paused, page.at, page.nodes) == ("breakpoint", "dice", ["menu", "dice"])
    assert page.variables["application", "chance"] == 0
    page.session.resume()
    await page.settled()
    assert page.nodes == ["menu", "dice", "menu"]
    assert 0 < page.variables["application", "chance"] < 1
    assert page.variables["application", "made"].startswith("2026-01-05T09:00:00")
    await page.session.stop()


async def test_a_condition_decides_and_its_errors_are_told(page: Page) -> None:
    points = [Breakpoint("f", "dice", "application.path.length == 2"), Breakpoint("f", "menu", "nowhere.x")]
    page.session.set_breakpoints([*points, Breakpoint("f", "ask", "1 +")])
    page.session.start()
    faults = [await page.until("breakpoint"), await page.until("breakpoint")]
    assert [one["node"] for one in faults] == ["ask", "menu"]
    assert "nowhere" in faults[1]["error"]
    await page.settled()
    for _ in range(2):
        assert page.paused is None
        page.session.feed({"dtmf": "2"})
        await page.settled()
    assert (page.paused, page.at) == ("breakpoint", "dice")
    await page.session.stop()


async def test_a_condition_can_neither_change_nor_stop_the_call(page: Page) -> None:
    conditions = ["(application.count = 77, false)", "(function () { while (true) {} })()"]
    page.session.set_breakpoints(
        [Breakpoint("f", "dice", conditions[0]), Breakpoint("f", "menu", conditions[1])]
    )
    page.session.start()
    await page.settled()
    page.session.feed({"dtmf": "2"})
    await page.settled()
    assert page.nodes == ["menu", "dice", "menu"]
    assert page.variables["application", "count"] == 2
    await page.session.stop()


async def test_run_to_step_and_pause(page: Page) -> None:
    page.session.pause(at_start=True)
    page.session.start()
    await page.settled()
    assert (page.paused, page.at) == ("start", "menu")
    assert not any(one.get("event") == "prompt" for one in page.messages)
    page.session.feed({"dtmf": "2"})
    page.session.step()
    await page.settled()
    assert (page.paused, page.at) == ("step", "dice")
    page.session.run_to("f", "nowhere")
    page.session.run_to("f", "menu")
    await page.settled()
    assert (page.paused, page.at) == ("run_to", "menu")
    page.session.resume()
    await page.settled()
    page.session.pause()
    await page.settled()
    assert (page.paused, page.at) == ("pause", "menu")
    page.session.feed({"dtmf": "1"})
    await asyncio.sleep(0.02)
    assert page.nodes == ["menu", "dice", "menu"]
    page.session.resume()
    await page.until("step")
    assert page.nodes[-1] == "ask"
    await page.session.stop()


async def test_a_variable_set_by_hand_is_set_again_after_stepping_back(page: Page) -> None:
    page.session.pause(at_start=True)
    page.session.start()
    await page.settled()
    page.session.assign("application.count", "40 + 1")
    page.session.assign("application.path", "['by hand']")
    page.session.step()
    await page.settled()
    page.session.feed({"dtmf": "2"})
    await page.settled()
    page.session.step()
    await page.settled()
    assert page.variables["application", "path"] == ["by hand", "2"]
    before = page.state()
    await page.session.back()
    await page.settled()
    assert (page.paused, page.at) == ("back", "dice")
    assert page.variables["application", "count"] == 42
    page.session.step()
    await page.settled()
    assert page.state() == before
    await page.session.stop()


async def test_variables_are_set_only_while_the_call_stands_still(page: Page) -> None:
    page.session.pause(at_start=True)
    page.session.start()
    with pytest.raises(DebugError, match="stands still"):
        page.session.assign("application.count", "1")
    await page.settled()
    for target, expression in (
        ("application.nothing", "1"),
        ("session.sessionid", "1"),
        ("1x", "1"),
        ("count", "("),
    ):
        with pytest.raises(DebugError):
            page.session.assign(target, expression)
    assert page.session.evaluate("application.count + 1") == 1
    page.session.resume()
    await page.until("waiting")
    # While the caller is waited for, nothing else moves.
    page.session.assign("application.count", "9")
    await page.until("variables")
    assert page.variables["application", "count"] == 9
    await page.session.stop()


async def test_back_from_the_end_of_the_call(page: Page) -> None:
    page.session.start()
    for action in ({"dtmf": "2"}, {"hangup": True}):
        await page.settled()
        page.session.feed(action)
    await page.until("exit")
    assert page.session.end is not None
    await page.session.back()
    await page.settled()
    assert (page.paused, page.at, page.ahead) == ("back", "menu", 1)
    assert page.session.end is None
    # Something else is done this time: what lay ahead is forgotten.
    page.session.feed({"dtmf": "2"})
    page.session.resume()
    await page.settled()
    assert page.nodes == ["menu", "dice", "menu", "dice", "menu"]
    assert page.ahead == 0
    with pytest.raises(DebugError, match="no step"):
        await page.session.back(99)
    await page.session.stop()


async def test_what_the_web_answered_is_answered_again(page: Page) -> None:
    page.session.start()
    for action in ({"dtmf": "1"}, {"record": 1.0}):
        await page.settled()
        page.session.feed(action)
    await page.settled()
    assert page.variables["application", "chance"] == "1"
    await page.session.back(2)
    await page.settled()
    page.session.resume()
    await page.settled()
    assert (page.variables["application", "chance"], page.web.asked) == ("1", 1)
    # Gone there again by another way, it is asked anew.
    await page.session.back(1)
    await page.settled()
    page.session.forget_ahead()
    await page.until("state")
    page.session.resume()
    await page.settled()
    page.session.feed({"dtmf": "1"})
    await page.settled()
    assert page.web.asked == 2
    await page.session.stop()


ACTIONS: list[Mapping[str, Any]] = [
    {"dtmf": "1"},
    {"dtmf": "2"},
    {"dtmf": "7"},
    {"dtmf": "12"},
    {"noinput": True},
    {"record": 2.0, "end": "#"},
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(st.sampled_from(ACTIONS), st.integers(0, 9)), max_size=12),
    st.integers(1, 12),
)
def test_stepping_back_and_forward_again_gives_the_same_state(doings: list[Any], back: int) -> None:
    """A number among the doings is a value that the author gives a variable before the step."""
    asyncio.run(_back_and_forward(doings, back))


async def _back_and_forward(doings: list[Any], back: int) -> None:
    page = Page()
    page.session.pause(at_start=True)
    page.session.start()
    await page.settled()
    for doing in doings:
        if isinstance(doing, int):
            page.session.assign("application.count", str(doing))
            continue
        page.session.feed(doing)
        page.session.step()
        await page.settled()
    if page.paused is None:  # it waits inside a node: go on to the next one
        page.session.feed({"dtmf": "2"})
        await page.settled()
    if page.paused is None:
        await page.session.stop()
        return
    states = page.state()
    here = len(page.nodes)
    steps = min(back, here - 1)
    for _ in range(steps):
        await page.session.back()
        await page.settled()
        assert page.paused == "back"
    assert len(page.nodes) == here - steps
    for _ in range(steps):
        page.session.step()
        await page.settled()
    assert page.state() == states
    await page.session.stop()


@pytest.mark.parametrize(
    "written", [7, "menu", [7], [{}], [{"node": 1}], [{"node": "a", "condition": "x" * 3000}]]
)
def test_breakpoints_that_are_none_are_refused(written: Any) -> None:
    with pytest.raises(DebugError):
        read_breakpoints(written, "f")


def test_breakpoints_are_of_the_draft_unless_said_otherwise() -> None:
    written = [{"node": "a"}, {"node": "b", "flow": "other", "condition": " x > 1 "}]
    assert read_breakpoints(written, "f") == (Breakpoint("f", "a"), Breakpoint("other", "b", "x > 1"))
