"""Speech in a wait, in virtual time: what the media process tells, what a recogniser answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from paper import PaperChannel, hang_up, paper_line, paper_telephone, prompt, request

from vxmlplat.calls.line import Line
from vxmlplat.calls.telephone import Telephone
from vxmlplat.clock import VirtualClock, settle
from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.media.tap import AudioTap
from vxmlplat.speech.errors import NoResource, SpeechError
from vxmlplat.vxml.collector import recognise_text
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.platform import (
    ActiveGrammar,
    CollectRequest,
    CollectResult,
    Hangup,
    Heard,
    Match,
    MaxSpeechTimeout,
    NoInput,
    NoMatch,
    Timing,
)

VOICE = ActiveGrammar(builtin_grammar("builtin:grammar/digits?length=1", "en-US"), "voice", 1)


@dataclass
class Recogniser:
    """Understands what the test says was said, after so many seconds."""

    clock: VirtualClock
    words: list[str] = field(default_factory=list)
    seconds: float = 0.2
    refuses: SpeechError | None = None
    open: int = 0

    async def listen(self, request: CollectRequest, audio: str) -> Recogniser:
        if self.refuses is not None:
            raise self.refuses
        AudioTap.attach(audio).close()  # it is there
        self.request = request
        self.open += 1
        return self

    async def understood(self) -> list[Heard]:
        await self.clock.sleep(self.seconds)
        if not self.words:
            raise SpeechError("the engine has died")
        return recognise_text(self.request.grammars, [(self.words.pop(0), 0.9)])

    def close(self) -> None:
        self.open -= 1


class Talker:
    """A caller who talks to a telephone with a recogniser."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.recogniser = Recogniser(self.clock)
        self.line: Line
        self.channel: PaperChannel
        self.channels: list[PaperChannel] = []
        self.telephone: Telephone

    def listen(self, *prompts, keys=True, **timing) -> asyncio.Task[CollectResult]:
        self.line, self.channel = paper_line(self.clock)
        self.channels.append(self.channel)
        self.telephone = paper_telephone(self.clock, self.line, recogniser=self.recogniser)
        asked = request(*prompts, digits="digits?length=1", timing=Timing(timeout=5.0, **timing))
        grammars = (*asked.grammars, VOICE) if keys else (VOICE,)
        return asyncio.create_task(self.telephone.collect(replace(asked, grammars=grammars)))

    async def say(self, words: str, seconds: float = 1.0) -> None:
        self.recogniser.words.append(words)
        self.channel.begin_to_speak()
        await self.clock.advance(seconds)
        self.channel.fall_silent()
        await self.clock.advance(0.01)

    def over(self) -> None:
        """Nothing is left of the wait."""
        assert self.recogniser.open == 0
        assert not self.channel.listens


@pytest.fixture
def talker() -> Iterator[Talker]:
    talker = Talker()
    yield talker
    for channel in talker.channels:
        channel._drop()  # the caller's audio


async def test_speech_stops_the_prompt_at_once_and_is_understood(talker: Talker) -> None:
    task = talker.listen(prompt(10), prompt(10))
    await talker.clock.advance(3)
    assert talker.channel.now_playing == ["10", "10"]
    talker.recogniser.words.append("seven")
    talker.channel.begin_to_speak()
    await settle()
    assert talker.channel.now_playing == []
    await talker.clock.advance(7)  # longer than the timeout: who talks is not silent
    talker.channel.fall_silent()
    await talker.clock.advance(0.3)
    result = await task
    assert isinstance(result, Match)
    assert (result.nbest[0].interpretation, result.nbest[0].mode) == ("7", "voice")
    talker.over()


async def test_what_is_not_understood_is_no_match(talker: Talker) -> None:
    task = talker.listen(prompt(10))
    await talker.clock.advance(1)
    await talker.say("gibberish")
    await talker.clock.advance(0.3)
    assert isinstance(await task, NoMatch)
    talker.over()


async def test_a_recogniser_that_fails_in_the_middle_has_not_understood(talker: Talker) -> None:
    task = talker.listen()
    await talker.clock.advance(1)
    talker.channel.begin_to_speak()
    talker.channel.fall_silent()
    await talker.clock.advance(0.3)
    assert isinstance(await task, NoMatch)
    talker.over()


async def test_a_hotword_prompt_goes_on_until_something_is_understood(talker: Talker) -> None:
    task = talker.listen(prompt(30, bargeintype="hotword"))
    await talker.clock.advance(1)
    talker.recogniser.seconds = 3
    await talker.say("gibberish")
    await talker.say("four")  # while the first is still looked at
    assert talker.channel.now_playing == ["30"]
    await talker.clock.advance(6.5)
    result = await task
    assert isinstance(result, Match)
    assert result.nbest[0].interpretation == "4"
    assert talker.channel.now_playing == []
    talker.over()


async def test_a_prompt_that_may_not_be_interrupted_is_not(talker: Talker) -> None:
    task = talker.listen(prompt(4, bargein=False))
    await talker.clock.advance(1)
    await talker.say("four")
    assert talker.channel.now_playing == ["4"]
    await talker.clock.advance(8)
    assert isinstance(await task, NoInput)
    talker.over()


async def test_who_talks_for_too_long_is_told_so(talker: Talker) -> None:
    task = talker.listen(prompt(4), maxspeech=8.0)
    await talker.clock.advance(1)
    talker.channel.begin_to_speak()
    await talker.clock.advance(8.1)
    assert isinstance(await task, MaxSpeechTimeout)
    talker.over()


async def test_a_key_counts_beside_speech_and_a_hangup_ends_all(talker: Talker) -> None:
    task = talker.listen(prompt(4))
    await talker.clock.advance(1)
    talker.channel.press("3")
    await settle()
    result = await task
    assert isinstance(result, Match)
    assert result.nbest[0].mode == "dtmf"
    talker.over()
    task = talker.listen(prompt(4))
    await talker.clock.advance(1)
    talker.channel.begin_to_speak()
    hang_up(talker.line)
    assert isinstance(await task, Hangup)
    assert talker.recogniser.open == 0


async def test_without_a_free_recogniser_keys_do_and_speech_alone_cannot(talker: Talker) -> None:
    talker.recogniser.refuses = NoResource("all are busy")
    task = talker.listen(prompt(4))
    await talker.clock.advance(1)
    assert not talker.channel.listens
    talker.channel.press("3")
    await settle()
    assert isinstance(await task, Match)
    with pytest.raises(Thrown, match="all are busy") as thrown:
        await talker.listen(prompt(4), keys=False)
    assert thrown.value.event.name == "error.noresource"


async def test_without_any_recogniser_nobody_listens_for_speech() -> None:
    clock = VirtualClock()
    line, channel = paper_line(clock)
    asked = request(prompt(4), digits="digits?length=1")
    task = asyncio.create_task(
        paper_telephone(clock, line).collect(replace(asked, grammars=(*asked.grammars, VOICE)))
    )
    await clock.advance(1)
    assert not channel.listens
    assert channel.now_playing == ["4"]
    channel.press("3")
    await settle()
    assert isinstance(await task, Match)
