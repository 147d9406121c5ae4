"""A draft tried out by speaking: the telephone platform of real calls, on a real media channel, whose far end
is a web page.

Nothing else is as in a call that somebody dialled: the draft is not published, the platform's services store
and send nothing, a transfer asks the page how it goes, and no figure counts it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from vxmlplat.calls.line import Line
from vxmlplat.calls.telephone import Call, Telephone, World
from vxmlplat.calls.trail import Trail
from vxmlplat.clock import Clock
from vxmlplat.documents import Fetcher, FetchError, FetchRequest, Resource
from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.events import MediaEvent
from vxmlplat.media.plane import MediaPlane
from vxmlplat.server.voice_bridge import LOOPBACK, VoiceBridge
from vxmlplat.simulator.debug_controls import DebugControls
from vxmlplat.simulator.debugger import Breakpoint, DebugError, Debugger
from vxmlplat.simulator.faults import FaultyServices
from vxmlplat.simulator.inputs import Input, check_input
from vxmlplat.simulator.journal import Journal
from vxmlplat.simulator.simulated_clock import PacedClock
from vxmlplat.simulator.telling import Telling
from vxmlplat.simulator.watching import Event, Watch
from vxmlplat.simulator.world import keys_of, modes_of, transfer_met, transfer_word
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.platform import (
    CollectRequest,
    CollectResult,
    FetchAudio,
    Heard,
    Match,
    NoInput,
    NoMatch,
    Played,
    Prompt,
    Recorded,
    RecordRequest,
    RecordResult,
    Step,
    TransferRequest,
    TransferResult,
)
from vxmlplat.vxml.session import Session, SessionEnd, SessionStart

log = logging.getLogger(__name__)

MOST_CALLS = 4
"""Spoken calls to drafts at once: each takes a media channel, and authors are few."""
MOST_EVENTS = 10_000
FRAMES_HELD = 50
"""Frames that wait for a page that is slow; beyond a second nobody wants to hear them any more."""


class VoiceCalls:
    """Where spoken calls to drafts are placed: the platform's own world and media plane."""

    def __init__(self, world: World, plane: MediaPlane) -> None:
        self._world = world
        self._plane = plane
        self.running = 0

    async def open(self, start: SessionStart, fetcher: Fetcher, clock: PacedClock, base: str) -> VoiceCall:
        """A call that is set up, and not begun. Raises :class:`DebugError` when there are too many, and
        ``MediaError`` when there is no channel for it.
        """
        if self.running >= MOST_CALLS:
            raise DebugError("simulator.voice_busy", f"{MOST_CALLS} spoken calls to drafts are up already")
        self.running += 1
        try:
            channel = await self._plane.open_channel(LOOPBACK, _ignore)
        except BaseException:
            self.running -= 1
            raise
        # No address is the platform's own: its services are not told of a call that nobody dialled.
        config = replace(self._world.config, base_uri="")
        world = replace(self._world, clock=clock, fetcher=fetcher, config=config)
        return VoiceCall(self, world, channel, start, clock, base)

    def over(self) -> None:
        """One is over."""
        self.running -= 1


class VoiceCall(DebugControls):
    """One spoken call. It has the face of :class:`~vxmlplat.simulator.session.SimulatorSession`, without a
    way back: sound that was heard is heard. While it stands still, the caller hears silence.

    :meth:`sound` gives the frames that the page is to play; the page's own go to :meth:`speak`.
    """

    def __init__(
        self,
        calls: VoiceCalls,
        world: World,
        channel: MediaChannel,
        start: SessionStart,
        clock: PacedClock,
        base: str,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._sound: asyncio.Queue[bytes] = asyncio.Queue(FRAMES_HELD)
        self._debugger = Debugger(self._unjudged, self._state)
        self._watch = Watch(self._put, clock, self._debugger, Journal(), seed=secrets.randbits(32))
        self._services = FaultyServices(base, clock.wall)
        self._line = Line(None, channel, ("PCMU",))
        self._telephone = _Telephone(self._line, world, self._watch, self._services)
        self._session = Session(self._telephone, start, Library(), engine=self._watch.engine)
        self._watch.attach(self._session)
        self._bridge: VoiceBridge | None = None
        self._task: asyncio.Task[None] | None = None
        self._hanging_up: asyncio.Future[None] | None = None
        self._parting: asyncio.Future[None] | None = None
        self.end: SessionEnd | None = None
        """How the call ended; None while it runs."""

    @property
    def clock(self) -> PacedClock:
        """The call's time."""
        return self._clock

    # ------------------------------------------------------------------------------------------ the call

    async def begin(self, real: Clock) -> None:
        """Pick up: sound flows, and the flow begins. ``real`` paces the keys."""
        self._bridge = await VoiceBridge.open(real, self._hear)
        self._bridge.call(self._line.channel)
        self._clock.go()
        self._line.ended.add_done_callback(self._left)
        self._task = asyncio.create_task(self._run(), name="spoken call to a draft")

    def _left(self, _: object) -> None:
        self._debugger.release()
        self._session.hangup()

    def _hear(self, frame: bytes) -> None:
        if self._sound.full():
            self._sound.get_nowait()
        self._sound.put_nowait(frame)

    async def _run(self) -> None:
        try:
            end = await self._session.run()
            self.end = end
            error = {"error": end.error.name, "message": end.error.message} if end.error else {}
            self._telephone.emit("exit", reason=end.reason, value=end.value, namelist=end.namelist, **error)
        finally:
            # Whoever stops the call in this very moment must not keep it from letting go.
            self._parting = asyncio.ensure_future(self._let_go())
            await asyncio.shield(self._parting)

    async def _let_go(self) -> None:
        self._line.ended.remove_done_callback(self._left)
        self._telephone.release()
        await self._line.hangup()
        if self._bridge is not None:
            await self._bridge.close()
        self._calls.over()
        self._events.put_nowait(None)

    def speak(self, sound: bytes) -> None:
        """The page's microphone."""
        if self._bridge is not None:
            self._bridge.speak(sound)

    async def sound(self) -> AsyncIterator[bytes]:
        """What the caller hears, frame by frame, for as long as anybody asks."""
        while True:
            yield await self._sound.get()

    def feed(self, action: Any) -> None:
        """The caller presses keys or hangs up, or somebody says how a transfer goes; words are spoken.

        Raises ``InputError``.
        """
        if isinstance(action, dict):
            action = {name: value for name, value in action.items() if name != "type"}
        checked = check_input(action, "input")
        if "hangup" in checked:
            self._watch.stamp("caller", hangup=True)
            self._watch.stamp("input", hangup=True)
            self._hanging_up = asyncio.ensure_future(self._line.hangup())
        elif "dtmf" in checked and self._bridge is not None:
            self._watch.stamp("caller", dtmf=keys_of(checked))
            self._bridge.press(keys_of(checked))
        elif "transfer" in checked:
            self._telephone.decide(checked)

    async def events(self) -> AsyncIterator[Event]:
        """What happens, in order, until the call is over."""
        while True:
            event = await self._events.get()
            if event is None:
                return
            yield event

    async def stop(self) -> None:
        """End the call, whatever it is doing, and let go of everything."""
        self._watch.muted = True
        if self._task is None:
            await self._let_go()
            return
        self._task.cancel()
        for failure in await asyncio.gather(self._task, return_exceptions=True):
            if isinstance(failure, Exception):
                log.error("a spoken call to a draft broke", exc_info=failure)
        if self._parting is not None:
            await self._parting

    # ------------------------------------------------------------------------------------------ debugging

    @property
    def _watching(self) -> Watch:
        return self._watch

    def forget_ahead(self) -> None:
        """Nothing lies ahead of a spoken call."""

    async def back(self, step: int | None = None) -> None:
        """A spoken call cannot be stepped back. Raises :class:`DebugError`."""
        raise DebugError("debugger.spoken", "a spoken call cannot be stepped back; call by text")

    def _state(self) -> None:
        watch = self._watch
        watch.stamp(
            "state",
            paused=self._debugger.paused,
            flow=watch.flow,
            node=watch.node,
            step=watch.steps,
            ahead=0,
        )

    def _unjudged(self, breakpoint: Breakpoint, error: str) -> None:
        self._put(breakpoint.unjudged(error))

    def _put(self, event: Event) -> None:
        if self._events.qsize() < MOST_EVENTS:
            self._events.put_nowait(event)


class _Telephone(Telling, Telephone):
    """The telephone of real calls, which tells its page what happens."""

    def __init__(self, line: Line, world: World, watch: Watch, services: FaultyServices) -> None:
        call = Call("rehearsal", "", "")
        super().__init__(line, call, world, Trail(call.id, call.id, world.clock, lambda step: None))
        self.watch = watch
        self._services = services
        self._deciding: asyncio.Future[Input] | None = None

    async def fetch(self, request: FetchRequest, audio: FetchAudio | None = None) -> Resource:
        """As in a call, but for services that are to fail; what was answered is told."""
        try:
            given = await self._given(request, audio)
        except FetchError as error:
            self.answered(request, error, self._services.base)
            raise
        self.answered(request, given, self._services.base)
        return given

    async def _given(self, request: FetchRequest, audio: FetchAudio | None) -> Resource:
        waits: list[float] = []
        try:
            answer = await self._services.answer(request, self.watch.node, waits.append)
        finally:
            await self.clock.sleep(sum(waits))
        return answer if answer is not None else await super().fetch(request, audio)

    async def play(self, prompts: Sequence[Prompt]) -> Played:
        """Play, and tell what is heard."""
        self._tell(prompts)
        return await super().play(prompts)

    async def collect(self, request: CollectRequest) -> CollectResult:
        """Listen, and tell what for."""
        self.grammars = request.grammars
        self._tell(request.prompts)
        self.emit("listen", modes=modes_of(request.grammars), timeout=request.timing.timeout)
        await self.watch.waits()
        self.watch.wants("input")
        result = await super().collect(request)
        self._did(result)
        return result

    async def record(self, request: RecordRequest) -> RecordResult:
        """Record, and tell for how long."""
        self.grammars = request.grammars
        self._tell(request.prompts)
        self.emit("listen", modes=modes_of(request.grammars), timeout=request.timing.timeout)
        await self.watch.waits()
        self.watch.wants("record")
        result = await super().record(request)
        if isinstance(result, Recorded):
            seconds = round(result.recording.seconds, 2)
            self.emit("record", seconds=seconds, termchar=result.termchar)
        self._did(result)
        return result

    def _did(self, result: CollectResult | RecordResult) -> None:
        """The wait is over: what the caller did in it, as a test writes it. A hang-up was told before."""
        self.watch.waiting = False
        did = _recorded(result)
        if did is not None:
            self.watch.stamp("input", **did)

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Nobody is rung: the page says how it goes."""
        if (await self.play(request.prompts)).hangup:
            return TransferResult("hangup")
        self.flush_input()
        result: TransferResult | None = None
        while result is None:
            await self.watch.waits()
            self.watch.wants("transfer")
            action = await self._decided()
            self.watch.waiting = False
            if "hangup" not in action:
                self.watch.took(action)
                self.watch.stamp("input", **action)
            result, _ = transfer_met(request, action)
        self.emit(
            "transfer",
            dest=request.dest,
            type=request.kind,
            aai=request.aai,
            result=transfer_word(result),
        )
        return result

    async def _decided(self) -> Input:
        self._deciding = asyncio.get_running_loop().create_future()
        either: set[asyncio.Future[Any]] = {self._deciding, self.line.ended}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return self._deciding.result() if self._deciding.done() else {"hangup": True}

    def decide(self, action: Input) -> None:
        """How the transfer goes that is waited for."""
        if self._deciding is not None and not self._deciding.done():
            self._deciding.set_result(action)

    def _tell(self, prompts: Sequence[Prompt]) -> None:
        for prompt in prompts:
            self.say_prompt(prompt)

    def breadcrumb(self, step: Step) -> None:
        """A step, for the page alone."""
        self.watch.breadcrumb(step)

    def accepted(self, heard: Heard) -> None:
        """An input that was taken."""
        Telling.accepted(self, heard)


def _recorded(result: CollectResult | RecordResult) -> dict[str, Any] | None:
    match result:
        case Recorded():
            end = {"end": result.termchar} if result.termchar else {}
            return {"record": round(result.recording.seconds, 2), **end}
        case NoInput():
            return {"noinput": True}
        case Match() | NoMatch() if result.nbest:
            best = result.nbest[0]
            said = best.utterance
            return {"dtmf": "".join(said.split())} if best.mode == "dtmf" else {"say": said}
    return None


def _ignore(event: MediaEvent) -> None:
    """Before a line owns its channel nothing can happen on it."""
