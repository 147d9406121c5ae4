"""A simulated call in real time: here the real time is virtual, too."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

import asyncio
import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from vxmlplat.clock import VirtualClock, settle
from vxmlplat.documents import Resource
from vxmlplat.simulator.debugger import Breakpoint
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.simulated_clock import PacedClock
from vxmlplat.simulator.site import text_resource
from vxmlplat.simulator.speaking_time import UNKNOWN_AUDIO, audio_time, speaking_time, text_time
from vxmlplat.vxml.platform import Audio, Break, Prompt, Text
from vxmlplat.vxml.session import SessionStart

PLACE = "http://draft.example/published/f/1/"
MAIN = PLACE + "main.vxml"
KEYS = (
    '<grammar version="1.0" mode="dtmf" root="k"><rule id="k"><item repeat="1-3"><one-of><item>1</item>'
    "<item>2</item></one-of></item></rule></grammar>"
)
DOCUMENT = f"""<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<property name="timeout" value="5s"/><property name="interdigittimeout" value="2s"/>
<form id="menu"><field name="key">{KEYS}<prompt>Twenty-eight letters it has.</prompt>
<filled><log expr="key"/><goto next="#next"/></filled><noinput><goto next="#silence"/></noinput></field></form>
<form id="next"><block><prompt bargein="false">Fourteen more.</prompt></block><field name="key">{KEYS}
<filled><log expr="key"/><exit/></filled></field></form>
<form id="silence"><record name="voice"/><block><prompt>Bye.</prompt></block></form></vxml>"""


class Live:
    """A call, and the time that passes for it."""

    def __init__(self) -> None:
        self.time = VirtualClock()
        self.session = SimulatorSession(
            SessionStart(MAIN), {MAIN: text_resource(MAIN, DOCUMENT)}, pace=self.time, stay=True
        )
        self.messages: list[dict[str, Any]] = []
        self._reader: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        self.session.start()
        self._reader = asyncio.create_task(self._read())
        await settle(60)

    async def _read(self) -> None:
        async for message in self.session.events():
            self.messages.append(message)

    async def wait(self, seconds: float) -> None:
        await self.time.advance(seconds)
        await settle(60)

    async def do(self, **action: Any) -> None:
        self.session.feed(action)
        await settle(60)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.messages if kind in (one["type"], one.get("event"))]

    @property
    def nodes(self) -> list[str]:
        return [one["to"] for one in self.of("step") if one["to"]]

    @property
    def record(self) -> list[dict[str, Any]]:
        return [
            {k: v for k, v in one.items() if k not in ("type", "t")}
            for one in self.messages
            if one["type"] == "input"
        ]

    async def end(self) -> None:
        await self.session.stop()
        assert self._reader is not None
        await asyncio.wait_for(self._reader, 5)


async def test_silence_counts_from_the_end_of_the_prompt() -> None:
    live = Live()
    await live.begin()
    await live.wait(1.9)
    assert live.of("timer") == []
    await live.wait(0.2)
    timer = live.of("timer")[0]
    assert (timer["kind"], timer["seconds"], timer["t"]) == ("noinput", 5.0, 2.0)
    await live.wait(4.8)
    assert live.nodes == ["menu"]
    await live.wait(0.2)
    assert live.nodes == ["menu", "silence"]
    assert live.of("step")[1]["t"] == pytest.approx(7.0, abs=0.01)
    assert live.record == [{"noinput": True}]
    await live.end()


async def test_keys_cut_the_prompt_and_wait_for_each_other() -> None:
    live = Live()
    await live.begin()
    await live.wait(0.5)
    await live.do(dtmf="1")
    assert live.of("timer")[0] | {"t": 0} == {"type": "timer", "t": 0, "kind": "keys", "seconds": 2.0}
    await live.wait(1.0)
    await live.do(dtmf="2")
    await live.wait(1.9)
    assert live.nodes == ["menu"]
    await live.wait(0.2)
    assert live.nodes == ["menu", "next"]
    # The keys of one answer are one action of the record, and each one that the caller sees.
    assert live.record == [{"dtmf": "12"}]
    assert [one["dtmf"] for one in live.of("caller")] == ["1", "2"]
    # During a prompt that cannot be cut keys are lost.
    await live.do(dtmf="1")
    await live.wait(1.5)
    assert [one["text"] for one in live.of("log")] == ["12"]
    await live.do(dtmf="222")
    assert [one["text"] for one in live.of("log")] == ["12", "222"]
    await live.end()


async def test_the_caller_hangs_up_in_the_middle_of_a_prompt() -> None:
    live = Live()
    await live.begin()
    await live.wait(1.0)
    await live.do(hangup=True)
    assert live.of("exit")[0]["reason"] == "hangup"
    assert live.record == [{"hangup": True}]
    await live.end()


async def test_time_stands_still_while_the_call_does() -> None:
    live = Live()
    live.session.set_breakpoints([Breakpoint("f", "silence")])
    await live.begin()
    await live.wait(3.0)
    live.session.pause()
    await live.wait(600.0)
    assert live.nodes == ["menu"]
    assert live.session.clock.now() == pytest.approx(3.0)
    live.session.resume()
    await live.wait(3.9)
    assert live.nodes == ["menu"]
    await live.wait(0.2)
    assert live.nodes == ["menu", "silence"]
    assert live.session.paused
    await live.end()


async def test_stepping_back_takes_no_time_and_what_ran_out_runs_out_again() -> None:
    live = Live()
    live.session.set_breakpoints([Breakpoint("f", "silence")])
    await live.begin()
    await live.wait(8.0)
    assert live.nodes == ["menu", "silence"]
    await live.session.back(1)
    await settle(60)
    assert (live.of("rewound")[0]["step"], live.session.clock.now()) == (1, 0.0)
    live.session.step()
    await settle(60)
    assert live.nodes == ["menu", "silence", "silence"]
    assert live.session.clock.now() == pytest.approx(7.0, abs=0.01)
    # A recording that is said in seconds passes at once; silence instead of it does not.
    live.session.resume()
    await live.do(record=3.0)
    assert live.session.clock.now() == pytest.approx(10.0, abs=0.01)
    await live.end()


async def test_silence_at_a_click_is_silence_all_the_same() -> None:
    live = Live()
    await live.begin()
    await live.do(noinput=True)
    assert live.nodes == ["menu", "silence"]
    await live.do(noinput=True)
    assert live.record == [{"noinput": True}, {"noinput": True}]
    await live.end()


def test_a_paced_clock_goes_and_stands() -> None:
    source = VirtualClock()
    clock = PacedClock(source, datetime(2026, 1, 5, 10, 0, tzinfo=UTC))
    source.jump(5)
    assert clock.now() == 0.0
    clock.go()
    clock.go()
    source.jump(2)
    clock.jump(60)
    assert clock.now() == 62.0
    clock.hold()
    source.jump(100)
    assert clock.wall() == datetime(2026, 1, 5, 10, 1, 2, tzinfo=UTC)


def wav(seconds: float, rate: int = 8000) -> bytes:
    data = bytes(int(seconds * rate))
    form = struct.pack("<HHIIHH", 7, 1, rate, rate, 1, 8)
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    body = (
        b"WAVEfmt "
        + struct.pack("<I", len(form))
        + form
        + odd
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_how_long_prompts_take() -> None:
    assert text_time("") == 0
    assert text_time("您好，欢迎致电") > 1.3
    assert text_time("12319") > text_time("abcde") * 3
    assert audio_time(wav(2.5)) == 2.5
    assert audio_time(b"OggS....") == audio_time(b"RIFF\0\0\0\0WAVE") == UNKNOWN_AUDIO
    assert audio_time(wav(1.0)[:-4000]) == 0.5
    audio = Audio("a.wav", Resource("a.wav", "audio/wav", None, wav(1.0)), (Text("never heard", "en-US"),))
    segments = (Break(1.5), Break(None, "none"), audio, Text("x" * 14, "en-US"))
    assert speaking_time(Prompt(segments, "en-US")) == pytest.approx(3.5)
