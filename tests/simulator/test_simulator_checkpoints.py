"""Checkpoints: a step back in a long call repeats only what lies behind the last of them, and nothing else changes."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from vxmlplat.documents import FetchRequest, Resource
from vxmlplat.simulator import checkpoints, watching
from vxmlplat.simulator.journal import Record
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.session import SessionStart

PLACE = "http://draft.example/published/f/1/"
KEY = '<grammar version="1.0" mode="dtmf" root="k"><rule id="k"><one-of><item>1</item><item>2</item></one-of></rule></grammar>'
ROOT = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<var name="count" expr="0"/><var name="chance" expr="0"/><var name="told" expr="''"/></vxml>"""
DOCUMENT = f"""<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US" application="root.vxml">
<form id="count"><block><assign name="application.count" expr="application.count + 1"/>
<assign name="application.chance" expr="Math.random()"/>
<log label="vxmlplat.port" expr="'next'"/><goto expr="application.count % 7 == 0 ? '#look' : application.count % 5 == 0 ? '#ask' : '#count'"/></block></form>
<form id="look"><block><data name="answer" src="http://elsewhere.example/answer"/>
<assign name="application.told" expr="answer.documentElement.firstChild.data"/>
<log label="vxmlplat.port" expr="'next'"/><goto next="#count"/></block></form>
<form id="ask"><field name="key">{KEY}<prompt>One or two</prompt><filled>
<if cond="key == '2'"><assign name="application.count" expr="application.count + 3"/></if>
<log label="vxmlplat.port" expr="key"/><goto next="#count"/></filled></field></form></vxml>"""


class Web:
    """Never answers the same twice."""

    asked = 0

    async def fetch(self, request: FetchRequest, _: Any = None) -> Resource:
        self.asked += 1
        return text_resource(request.uri, f"<answer>{self.asked}</answer>")


class Author:
    """Steps through the call; presses keys by a plan when asked."""

    def __init__(self) -> None:
        self.web = Web()
        pages = {PLACE + "main.vxml": DOCUMENT, PLACE + "root.vxml": ROOT}
        self.session = SimulatorSession(
            SessionStart(PLACE + "main.vxml"),
            {uri: text_resource(uri, text) for uri, text in pages.items()},
            fetcher=self.web,  # type: ignore[arg-type]  # all that is asked of it
            stay=True,
        )
        self.keys = random.Random(7)
        self.at: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self._events = self.session.events()

    async def held(self) -> None:
        async with asyncio.timeout(20):
            async for message in self._events:
                if message["type"] == "waiting":
                    self.session.feed({"dtmf": self.keys.choice("12")})
                elif message["type"] == "state" and message["paused"] is not None:
                    self.at = message
                    return
                elif message["type"] == "variables":
                    self.variables |= {
                        one["name"]: one["value"]
                        for one in message["changed"]
                        if one["scope"] == "application"
                    }

    async def begin(self) -> None:
        self.session.pause(at_start=True)
        self.session.start()
        await self.held()

    async def step(self) -> None:
        self.session.step()
        await self.held()

    async def back(self, step: int | None = None) -> None:
        await self.session.back(step)
        await self.held()

    def state(self) -> list[Any]:
        return [self.at["step"], self.at["node"], *sorted(self.variables.items())]


@pytest.fixture
async def author(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ten steps between two checkpoints, at most eight of them."""
    monkeypatch.setattr(checkpoints, "APART", 10)
    monkeypatch.setattr(checkpoints, "MOST", 8)
    author = Author()
    await author.begin()
    yield author
    await author.session.stop()


class Repeated:
    """Counts the steps that each run repeats before it is seen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by_run: dict[int, int] = {}
        plain = watching.Watch._repeated

        async def counted(watch: watching.Watch) -> None:
            if watch.guide is None:
                self.by_run[id(watch)] = self.by_run.get(id(watch), 0) + 1
            await plain(watch)

        monkeypatch.setattr(watching.Watch, "_repeated", counted)

    def taken(self) -> int:
        """Steps that were repeated while somebody waited, since this was asked last."""
        taken, self.by_run = sum(self.by_run.values()), {}
        return taken


async def _a_moment() -> None:
    """The author thinks: what runs beside comes to its end."""
    for _ in range(400):
        await asyncio.sleep(0)


async def test_a_step_back_repeats_only_what_lies_behind_the_last_checkpoint(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [author.state()]
    for _ in range(64):
        await author.step()
        states.append(author.state())
    asked = author.web.asked
    repeated = Repeated(monkeypatch)
    for back in (1, 1, 1, 12, 1, 30, 1):
        await _a_moment()
        step = author.at["step"] - back
        await author.back(step)
        assert author.state() == states[step - 1]
        assert repeated.taken() <= 10
    assert author.web.asked == asked


async def test_forward_again_is_as_it_was_and_something_new_makes_another_call(author: Author) -> None:
    states = [author.state()]
    for _ in range(45):
        await author.step()
        states.append(author.state())
    await _a_moment()
    await author.back(15)
    for step in range(16, 46):
        await author.step()
        assert author.state() == states[step - 1]
    await _a_moment()
    await author.back(15)
    author.session.assign("application.count", "1000")
    await _a_moment()
    other = [author.state()]
    for _ in range(30):
        await author.step()
        other.append(author.state())
    await _a_moment()
    # Checkpoints of what was forgotten must not come back.
    for step in (44, 31, 21):
        await author.back(step)
        assert author.state() == other[step - 15]
        await _a_moment()


async def test_any_steps_back_and_forward_give_the_states_of_the_first_time(author: Author) -> None:
    chance = random.Random(3)
    states = [author.state()]
    for _ in range(150):  # beyond ten times eight steps the checkpoints stand farther apart
        await author.step()
        states.append(author.state())
    for _ in range(25):
        if chance.random() < 0.6:
            await _a_moment()
        if chance.random() < 0.6:
            await author.back(chance.randint(1, author.at["step"]))
        elif author.at["step"] < len(states):
            await author.step()
        assert author.state() == states[author.at["step"] - 1]


async def test_what_is_said_while_the_call_is_repeated_comes_after_it(author: Author) -> None:
    while author.at["node"] != "ask":
        await author.step()
    asked = author.at["step"]
    await author.step()
    await author.session.back(asked)
    author.session.feed({"dtmf": "1"})  # before the call stands again
    await author.held()
    assert (author.at["step"], author.at["node"], author.at["paused"]) == (asked, "ask", "back")
    author.keys = random.Random(0)
    before = author.variables["count"]
    await author.step()
    assert author.variables["count"] == before
    await author.back()
    author.session.feed({"dtmf": "2"})
    await author.step()
    assert author.variables["count"] == before + 3


async def test_a_repetition_that_loses_its_way_is_dropped_and_asks_nobody(author: Author) -> None:
    for _ in range(30):
        await author.step()
    await _a_moment()
    asked = author.web.asked
    record: Record = author.session._call.record
    record.answers.clear()  # as if the web had been asked something else
    lost = checkpoints.Checkpoint(author.session._begin_behind)
    async with asyncio.timeout(10):
        await lost.move(28)
    assert lost.lost
    assert not lost.reaches(28)
    assert author.web.asked == asked
    lost.run.give_up()
