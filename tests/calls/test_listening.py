"""Collecting on a telephone line: barge-in, type-ahead, time-outs, hang-up, in virtual time."""

from __future__ import annotations

import asyncio

import pytest
from paper import PaperChannel, hang_up, paper_line, paper_telephone, prompt, request

from vxmlplat.calls.line import Line
from vxmlplat.calls.telephone import Telephone
from vxmlplat.clock import VirtualClock, settle
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.platform import CollectResult, Hangup, Match, NoInput, NoMatch, Timing


class Caller:
    """A caller in front of a telephone that listens."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.line: Line
        self.channel: PaperChannel
        self.telephone: Telephone

    async def ready(self) -> Caller:
        self.line, self.channel = paper_line(self.clock)
        self.telephone = paper_telephone(self.clock, self.line)
        return self

    def listen(self, *prompts, **options) -> asyncio.Task[CollectResult]:
        return asyncio.create_task(self.telephone.collect(request(*prompts, **options)))

    async def press(self, keys: str, pause: float = 0.1) -> None:
        for key in keys:
            self.channel.press(key)
            await self.clock.advance(pause)


def heard(result: CollectResult) -> str:
    assert isinstance(result, Match), result
    return result.nbest[0].utterance


async def test_a_key_stops_the_prompt_and_counts() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(10), digits="digits?length=2")
    await caller.clock.advance(3)
    assert caller.channel.now_playing == ["10"]
    await caller.press("4")
    assert caller.channel.now_playing == []
    await caller.press("7")
    assert heard(await task) == "47"
    assert caller.clock.now() < 4


async def test_what_was_still_to_be_said_is_dropped_after_a_key() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(4), prompt(6, bargeintype="hotword"), digits="digits?length=2")
    await caller.clock.advance(1)
    await caller.press("1")
    await caller.clock.advance(1)
    assert [m[2] for m in caller.channel.posted if m[0] == "play"] == [("4",)]
    await caller.press("2")
    assert heard(await task) == "12"


async def test_silence_is_measured_from_the_end_of_the_prompt() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(4))
    await caller.clock.advance(8.9)
    assert not task.done()
    await caller.clock.advance(0.2)
    assert isinstance(await task, NoInput)


async def test_a_pause_after_some_keys_ends_the_input() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(1), digits="digits?minlength=2")
    await caller.clock.advance(2)
    await caller.press("123")
    await caller.clock.advance(1.7)
    assert not task.done()
    await caller.clock.advance(0.4)
    assert heard(await task) == "123"


async def test_the_terminating_key_ends_it_at_once() -> None:
    caller = await Caller().ready()
    task = caller.listen()
    await settle()
    await caller.press("123#")
    assert heard(await task) == "123"


async def test_a_prompt_without_barge_in_is_heard_whole_and_its_keys_are_lost() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(3, bargein=False), prompt(5), digits="digits?length=1")
    await caller.clock.advance(1)
    await caller.press("9")
    assert caller.channel.now_playing == ["3"]
    await caller.clock.advance(3)
    await caller.press("4")
    assert heard(await task) == "4"


async def test_a_hotword_prompt_goes_on_until_the_input_is_complete() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(10, bargeintype="hotword"), digits="digits?length=2")
    await caller.clock.advance(1)
    await caller.press("5")
    assert caller.channel.now_playing == ["10"]
    await caller.press("6")
    assert heard(await task) == "56"
    await settle()
    assert caller.channel.now_playing == []


async def test_keys_typed_ahead_are_taken_by_one_wait_after_the_other_without_prompts() -> None:
    caller = await Caller().ready()
    await caller.press("1234")
    first = await caller.listen(prompt(9), digits="digits?length=3")
    assert heard(first) == "123"
    second = caller.listen(prompt(9), digits="digits?length=2")
    await settle()
    await caller.press("5")
    assert heard(await second) == "45"
    assert [m for m in caller.channel.posted if m[0] == "play"] == []


async def test_keys_beyond_an_input_are_for_the_next() -> None:
    caller = await Caller().ready()
    task = caller.listen(digits="digits?length=1")
    await settle()
    for key in "78":
        caller.channel.press(key)
    assert heard(await task) == "7"
    assert list(caller.telephone.typed) == ["8"]
    caller.telephone.flush_input()
    assert not caller.telephone.typed


async def test_a_wrong_key_is_no_match() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(5), digits="boolean", timing=Timing(timeout=5, interdigit=2))
    await caller.clock.advance(1)
    await caller.press("9")
    assert isinstance(await task, NoMatch)


async def test_the_callers_hang_up_ends_the_wait() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(60))
    await caller.clock.advance(2)
    hang_up(caller.line)
    assert isinstance(await task, Hangup)


async def test_a_language_nobody_speaks_is_thrown_into_the_document() -> None:
    caller = await Caller().ready()
    with pytest.raises(Thrown, match=r"error\.unsupported\.language"):
        await caller.listen(prompt(1, lang="tlh"))


async def test_a_cancelled_wait_falls_silent_and_keeps_typing_ahead() -> None:
    caller = await Caller().ready()
    task = caller.listen(prompt(60))
    await caller.clock.advance(2)
    task.cancel()
    await settle()
    assert caller.channel.now_playing == []
    await caller.press("3")
    assert list(caller.telephone.typed) == ["3"]


async def test_a_key_after_a_complete_input_is_for_the_next_wait() -> None:
    caller = await Caller().ready()
    timing = Timing(timeout=5, interdigit=2, term=1.0)
    task = caller.listen(digits="digits?length=2", timing=timing)
    await settle()
    await caller.press("127")
    assert heard(await task) == "12"
    assert list(caller.telephone.typed) == ["7"]
