"""A caller interrupts by talking: whole calls, with a recogniser of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from call_documents import LONG, caller, keys, served, vxml
from test_calls_peers import platform_with

from vxmlplat.media.g711 import MU_LAW
from vxmlplat.media.tap import AudioTap
from vxmlplat.vxml.collector import recognise_text
from vxmlplat.vxml.platform import CollectRequest, Heard

pytestmark = pytest.mark.asyncio(loop_scope="session")

GRAMMAR = (
    '<grammar version="1.0" root="r" mode="voice" xml:lang="en-US" xmlns="http://www.w3.org/2001/06/grammar">'
    '<rule id="r"><one-of><item>long</item><item>short</item></one-of></rule></grammar>'
)
#: asks for a word, which it tells; what is not understood is told as well
MENU = vxml(
    f'<form><field name="what">{GRAMMAR}{keys("9")}<prompt>{LONG}</prompt>'
    '<filled><if cond="what==\'9\'"><exit/></if><data name="d" src="result" namelist="what"/>'
    '<clear namelist="what"/></filled>'
    '<nomatch><assign name="what" expr="\'nomatch\'"/><data name="d" src="result" namelist="what"/>'
    '<clear namelist="what"/><reprompt/></nomatch></field></form>'
)


class Stopwatch:
    """Understands only how long somebody talked: up to a second is ``short``, up to three ``long``."""

    def __init__(self) -> None:
        self.open = 0

    async def listen(self, request: CollectRequest, audio: str) -> Wait:
        self.open += 1
        return Wait(self, request, AudioTap.attach(audio))


class Wait:
    def __init__(self, owner: Stopwatch, request: CollectRequest, audio: AudioTap) -> None:
        self.owner, self.request, self.audio = owner, request, audio

    async def understood(self) -> Sequence[Heard]:
        heard = np.frombuffer(self.audio.read(), "<i2").astype(float)
        whole = heard[: len(heard) // 800 * 800].reshape(-1, 800)
        seconds = 0.1 * np.count_nonzero(np.abs(whole).mean(axis=1) > 300)
        words = "short" if seconds <= 1.0 else "long" if seconds <= 3.0 else "far too long"
        return recognise_text(self.request.grammars, [(words, 0.9)])

    def close(self) -> None:
        self.audio.close()
        self.owner.open -= 1


def talk(seconds: float) -> list[bytes]:
    """A voice, in frames of 20 ms."""
    t = np.arange(round(seconds * 50) * 160) / 8000
    voice = sum(1500 * np.sin(2 * np.pi * 125 * harmonic * t) for harmonic in range(2, 9))
    coded = MU_LAW.encode(voice.astype(np.int16))
    return [coded[start : start + 160] for start in range(0, len(coded), 160)]


async def test_talking_stops_the_prompt_and_is_understood(tmp_path: Path) -> None:
    recogniser = Stopwatch()
    async with platform_with(tmp_path) as platform, served(platform, "menu", MENU) as results:
        object.__setattr__(platform.switchboard.control.world, "recogniser", recogniser)
        async with caller(platform) as peer:
            assert await peer.call() == 200
            peer.talk()
            for seconds, told in ((0.6, "short"), (1.8, "long"), (4.0, "nomatch")):
                await peer.hears_voice()
                await peer.say(talk(seconds))
                peer.talk()
                assert await results.next() == told
            await peer.hears_voice()
            await peer.press("9")
            await peer.ended
    assert recogniser.open == 0


async def test_the_prompt_is_silent_while_the_caller_talks(tmp_path: Path) -> None:
    async with platform_with(tmp_path) as platform, served(platform, "menu", MENU) as results:
        object.__setattr__(platform.switchboard.control.world, "recogniser", Stopwatch())
        async with caller(platform) as peer:
            assert await peer.call() == 200
            peer.talk()
            await peer.hears_voice()
            await peer.say(talk(1.8))
            ended = peer.packets[-1].at
            assert peer.voice_after(ended - 1.2) is None, "the prompt goes on over the caller"
            peer.talk()
            assert await results.next() == "long"


async def test_without_a_recogniser_a_noise_interrupts_nothing(tmp_path: Path) -> None:
    async with (
        platform_with(tmp_path) as platform,
        served(platform, "menu", MENU) as results,
        caller(platform) as peer,
    ):
        assert await peer.call() == 200
        peer.talk()
        await peer.hears_voice()
        await peer.say(talk(1.2))
        assert peer.voice_after(peer.packets[-1].at - 0.5) is not None
        assert results.told.empty()
        await peer.hangup()
