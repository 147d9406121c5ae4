import asyncio
from pathlib import Path

import pytest

from vxmlplat.clock import VirtualClock
from vxmlplat.documents import Resource
from vxmlplat.speech.clips import AudioFile, MarkPoint, Pause
from vxmlplat.speech.engine import Utterance
from vxmlplat.speech.errors import NoResource, NotAudio, UnsupportedLanguage
from vxmlplat.speech.renderer import SEEN_FOR, Renderer, sentences
from vxmlplat.speech.settings import SpeechConfig
from vxmlplat.speech.voice import Voice
from vxmlplat.speech.workers import Workers
from vxmlplat.vxml.platform import Audio, Break, Mark, Prompt, SayAs, Text
from vxmlplat.vxml.platform import Voice as Manner

PROMPTS = Path(__file__).parents[2] / "prompts"


class FakeWorkers(Workers):
    """Engines without processes: writes what it was asked to say."""

    def __init__(self, **languages: str) -> None:
        super().__init__()
        self.languages = languages
        self.asked: list[tuple[str, Utterance]] = []
        self.decoded = 0

    async def load(self, engine: str) -> frozenset[str]:
        if self.languages[engine] == "":
            raise NoResource("no model")
        return frozenset(self.languages[engine].split())

    async def synthesise(self, engine: str, utterance: Utterance, path: Path) -> None:
        await asyncio.sleep(0)
        self.asked.append((engine, utterance))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(utterance.text, encoding="utf-8")

    async def convert(self, data: bytes, media_type: str, path: Path) -> None:
        self.decoded += 1
        if data == b"noise":
            raise NotAudio("no audio")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


async def voice(tmp_path: Path, **languages: str) -> tuple[Voice, FakeWorkers]:
    workers = FakeWorkers(**(languages or {"hibari": "en", "piper": "", "espeak": "*"}))
    speaker = Voice(SpeechConfig(tmp_path, (PROMPTS,)), workers)
    await speaker.start()
    return speaker, workers


async def test_the_same_bytes_are_decoded_once_and_again_when_the_file_is_gone(tmp_path: Path) -> None:
    speaker, workers = await voice(tmp_path)
    data, other = b"RIFF 1", b"RIFF 2"
    first = await speaker.decode(data, "audio/x-wav")
    assert await speaker.decode(data, "audio/x-wav") == first
    assert await speaker.decode(bytes(bytearray(data)), "audio/x-wav") == first
    assert workers.decoded == 1
    assert await speaker.decode(other, "audio/x-wav") != first
    assert await speaker.decode(data, "audio/basic") != first
    first.unlink()
    assert await speaker.decode(data, "audio/x-wav") == first
    assert first.read_bytes() == data


async def test_an_utterance_is_synthesised_once_however_many_want_it(tmp_path: Path) -> None:
    speaker, workers = await voice(tmp_path)
    first = await asyncio.gather(*(speaker.speak(Utterance("Hello.", "en-US")) for _ in range(10)))
    again = await speaker.speak(Utterance("Hello.", "en-US"))
    assert set(first) == {again}
    assert len(workers.asked) == 1


async def test_what_is_gone_from_the_cache_is_spoken_again(tmp_path: Path) -> None:
    speaker, workers = await voice(tmp_path)
    clock = VirtualClock()
    renderer = Renderer(speaker, clock)
    prompt = Prompt((Text("One. Two.", "en-US"),), "en-US")
    first = await renderer.clips(prompt)
    assert await renderer.clips(prompt) == first
    assert len(workers.asked) == 2
    assert isinstance(first[1], AudioFile)
    first[1].path.unlink()
    assert await renderer.clips(prompt) == first  # it was there a moment ago, and is not asked for again
    assert len(workers.asked) == 2
    clock.jump(SEEN_FOR)
    assert await renderer.clips(prompt) == first
    assert first[1].path.exists()
    assert [utterance.text for _, utterance in workers.asked] == ["One.", "Two.", "Two."]


async def test_a_caller_who_leaves_does_not_take_the_synthesis_with_him(tmp_path: Path) -> None:
    speaker, workers = await voice(tmp_path)
    leaving = asyncio.create_task(speaker.speak(Utterance("Hello.", "en-US")))
    staying = asyncio.create_task(speaker.speak(Utterance("Hello.", "en-US")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).exists()
    assert len(workers.asked) == 1


async def test_each_language_goes_to_the_first_engine_that_speaks_it(tmp_path: Path) -> None:
    speaker, workers = await voice(tmp_path)
    await speaker.speak(Utterance("Hello.", "en-US"))
    await speaker.speak(Utterance("你好。", "zh-CN"))
    assert [engine for engine, _ in workers.asked] == ["hibari", "espeak"]
    assert {h.name: h.problem for h in speaker.health()} == {"hibari": "", "piper": "no model", "espeak": ""}


async def test_a_language_nobody_speaks_is_said_to_be_unsupported(tmp_path: Path) -> None:
    speaker, _ = await voice(tmp_path, hibari="en", piper="", espeak="")
    with pytest.raises(UnsupportedLanguage):
        await speaker.speak(Utterance("你好。", "zh-CN"))


async def test_a_prompt_becomes_clips_in_order(tmp_path: Path) -> None:
    speaker, _ = await voice(tmp_path)
    prompt = Prompt(
        (
            Text("Your ticket is ", "en-US"),
            Mark("here"),
            SayAs("42", "en-US", "digits"),
            Break(1.5),
            Text("Bye", "en-US"),
            Text(" now. And thanks!", "en-US"),
        ),
        "en-US",
    )
    clips = await Renderer(speaker).clips(prompt)
    said = [
        c.path.read_text(encoding="utf-8") if c.path.is_relative_to(tmp_path) else c.path.stem
        for c in clips
        if isinstance(c, AudioFile)
    ]
    assert said == ["Your ticket is", "4", "2", "Bye now.", "And thanks!"]
    assert clips[1] == MarkPoint("here")
    assert clips[4] == Pause(1.5)


async def test_audio_that_cannot_be_decoded_gives_way_to_its_alternate(tmp_path: Path) -> None:
    speaker, workers = await voice(tmp_path)
    bad = Audio(
        "http://x/a.wav",
        Resource("http://x/a.wav", "audio/x-wav", None, b"noise"),
        (Text("Sorry.", "en-US"),),
    )
    for _ in range(2):
        (clip,) = await Renderer(speaker).clips(Prompt((bad,), "en-US"))
        assert isinstance(clip, AudioFile)
        assert clip.path.read_text() == "Sorry."
    assert workers.decoded == 1, "the same bytes are refused without another try"


async def test_manner_of_speaking_reaches_the_engine(tmp_path: Path) -> None:
    speaker, workers = await voice(tmp_path)
    renderer = Renderer(speaker)
    await renderer.clips(Prompt((Text("Slowly.", "en-US", Manner(rate=("slow",))),), "en-US"))
    assert workers.asked[-1][1].rate == 0.8
    assert await renderer.clips(Prompt((Text("Hush.", "en-US", Manner(volume=("silent",))),), "en-US")) == []


def test_sentences_keep_figures_whole_and_drop_what_nobody_can_say() -> None:
    assert sentences("Pi is 3.14.  Really?! — … 请按一。再见") == [
        "Pi is 3.14.",
        "Really?!",
        "— … 请按一。",
        "再见",
    ]
    assert sentences(" ... ") == []


async def test_the_real_engines_speak_english_and_mandarin(tmp_path: Path) -> None:
    from vxmlplat.speech.prompt_files import seconds_of

    speaker = Voice(SpeechConfig(tmp_path, engines=("hibari", "espeak")))
    try:
        await speaker.start()
        assert [h.problem for h in speaker.health()] == ["", ""]
        english = await speaker.speak(Utterance("Welcome to the city hotline.", "en-US"))
        chinese = await speaker.speak(Utterance("欢迎致电城市热线。", "zh-CN"))
        assert 1.0 < seconds_of(english.read_bytes()) < 4.0
        assert 1.0 < seconds_of(chinese.read_bytes()) < 5.0
    finally:
        speaker.stop()
