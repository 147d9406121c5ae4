"""A line made of paper: channel and leg that only note what they were told, for tests in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vxmlplat.acd import Acd
from vxmlplat.calls.line import Line
from vxmlplat.calls.settings import CallsConfig
from vxmlplat.calls.telephone import Call, Telephone, World
from vxmlplat.calls.trail import Trail
from vxmlplat.clock import VirtualClock
from vxmlplat.documents import Fetcher
from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.clips import FileClip
from vxmlplat.media.events import (
    ChannelStatistics,
    KeyPressed,
    KeySource,
    PlayDone,
    PlayEnd,
    SpeechEnded,
    SpeechStarted,
)
from vxmlplat.sip.events import Ended
from vxmlplat.speech.clips import AudioFile, Clip
from vxmlplat.speech.errors import UnsupportedLanguage
from vxmlplat.vxml.platform import ActiveGrammar, CollectRequest, Prompt, Recognition, Text, Timing


class PaperChannel(MediaChannel):
    """Plays take as long as their name says (``3.wav``: three seconds) on the test's clock."""

    def __init__(self, clock: VirtualClock, number: int = 1) -> None:
        self.posted: list[tuple[Any, ...]] = []
        self._clock = clock
        self._stopping: dict[int, asyncio.Future[PlayEnd]] = {}
        self._plays: set[asyncio.Task[None]] = set()
        self._next = 100 * number
        self.now_playing: list[str] = []
        super().__init__(self, number, "127.0.0.1", 20000, lambda event: None)  # type: ignore[arg-type]  # its own plane

    def next_id(self) -> int:
        self._next += 1
        return self._next

    def post(self, message: tuple[Any, ...]) -> None:
        self.posted.append(message)

    def forget(self, channel: object) -> None:
        pass

    def play(
        self, clips: Sequence[Any], *, stop_on_key: Any = False, stop_on_speech: bool = False, **_: Any
    ) -> int:
        play = self.next_id()
        names = [clip.path.stem for clip in clips if isinstance(clip, FileClip)]
        self.posted.append(("play", play, tuple(names), stop_on_key))
        task = asyncio.get_running_loop().create_task(self._run(play, names, stop_on_key, stop_on_speech))
        self._plays.add(task)
        task.add_done_callback(self._plays.discard)
        return play

    async def _run(self, play: int, names: list[str], stop_on_key: Any, stop_on_speech: bool) -> None:
        stopping: asyncio.Future[PlayEnd] = asyncio.get_running_loop().create_future()
        self._stopping[play] = stopping
        self._keyed = stopping if stop_on_key else None
        self._spoken_over = stopping if stop_on_speech else None
        self.now_playing = names
        end = asyncio.create_task(self._clock.sleep(sum(float(n) for n in names)))
        await asyncio.wait({end, stopping}, return_when=asyncio.FIRST_COMPLETED)
        end.cancel()
        self.now_playing = []
        reason = stopping.result() if stopping.done() else PlayEnd.COMPLETED
        self.on_event(PlayDone(self.id, self._clock.now(), play, reason, 0.0))

    def stop(self, play: int) -> None:
        self.posted.append(("stop", play))
        if play in self._stopping and not self._stopping[play].done():
            self._stopping[play].set_result(PlayEnd.STOPPED)

    def press(self, key: str) -> None:
        """The caller presses a key."""
        keyed = getattr(self, "_keyed", None)
        if keyed is not None and not keyed.done():
            keyed.set_result(PlayEnd.KEY)
        self.on_event(KeyPressed(self.id, self._clock.now(), key, 0.02, KeySource.RFC4733))

    def begin_to_speak(self) -> None:
        """The caller begins to speak; told by the media process when it was asked to listen."""
        if self.listens:
            self.on_event(SpeechStarted(self.id, self._clock.now()))
            over = getattr(self, "_spoken_over", None)
            if over is not None and not over.done():
                over.set_result(PlayEnd.SPEECH)

    def fall_silent(self) -> None:
        """The caller has spoken."""
        if self.listens:
            self.on_event(SpeechEnded(self.id, self._clock.now(), 1.0))

    @property
    def listens(self) -> bool:
        """Whether it was asked to listen for speech."""
        asked = [message[2] for message in self.posted if message[0] == "speech"]
        return bool(asked) and asked[-1]

    async def close(self) -> ChannelStatistics:
        self.closed = True
        return ChannelStatistics()


class PaperLeg:
    """A SIP leg that is up."""

    def __init__(self) -> None:
        self.id = "leg"
        self.direction = "in"
        self.request_uri = "sip:12319@127.0.0.1"
        self.local_uri = self.request_uri
        self.remote_uri = "sip:13800138000@127.0.0.1"
        self.asserted_identity = None
        self.redirected_by = ()
        self.hung_up = False
        self.on_event: Callable[[Any], None] | None = None

    async def hangup(self, **_: Any) -> None:
        self.hung_up = True


class PaperRenderer:
    """A prompt's text is the seconds that it lasts."""

    async def clips(self, prompt: Prompt) -> list[Clip]:
        if prompt.lang == "tlh":
            raise UnsupportedLanguage("nobody speaks Klingon")
        return [AudioFile(Path(f"/{s.text}.wav")) for s in prompt.segments if isinstance(s, Text)]


def paper_line(clock: VirtualClock, number: int = 1) -> tuple[Line, PaperChannel]:
    """A line that is connected."""
    channel = PaperChannel(clock, number)
    line = Line(PaperLeg(), channel, ("PCMU",))  # type: ignore[arg-type]  # all of a leg that a line uses
    line.connected = True
    return line, channel


def paper_telephone(clock: VirtualClock, line: Line, acd: Acd | None = None, **parts: Any) -> Telephone:
    """A telephone on the line."""

    async def keep(call: str, data: Any) -> None:
        parts.setdefault("kept", []).append((call, dict(data)))

    world = World(
        clock,
        Fetcher(clock),
        parts.get("voice"),  # type: ignore[arg-type]
        PaperRenderer(),  # type: ignore[arg-type]
        parts.get("telephones"),  # type: ignore[arg-type]
        acd,  # type: ignore[arg-type]
        CallsConfig(recordings=Path("/nonexistent")),
        FileClip(Path("/hold.wav")),
        keep,
        parts.get("recogniser"),
    )
    return Telephone(
        line, Call("c1", "13800138000", "12319"), world, Trail("c1", "s1", clock, lambda crumb: None)
    )


def request(*prompts: Prompt, digits: str = "digits", timing: Timing | None = None) -> CollectRequest:
    """Listen for digits with these prompts."""
    grammar = ActiveGrammar(builtin_grammar(f"builtin:dtmf/{digits}", "en-US"), "dtmf", 0)
    return CollectRequest(
        prompts, (grammar,), timing or Timing(timeout=5.0, interdigit=2.0), Recognition(), "en-US"
    )


def prompt(seconds: float, **manner: Any) -> Prompt:
    """A prompt that lasts so long."""
    return Prompt((Text(str(seconds), "en-US"),), manner.pop("lang", "en-US"), **manner)


def hang_up(line: Line) -> None:
    """The caller leaves."""
    line._over(Ended("remote"))
