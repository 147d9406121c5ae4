"""The simulator's worlds: what an author sees beside what the caller hears, and calls in real time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vxmlplat.simulator.caller import Caller
from vxmlplat.simulator.inputs import Input
from vxmlplat.simulator.simulated_clock import PacedClock
from vxmlplat.simulator.speaking_time import speaking_time
from vxmlplat.simulator.telling import Telling
from vxmlplat.simulator.watching import Watch
from vxmlplat.simulator.world import Fetch, SimulatedWorld, keys_of, modes_of, said_of
from vxmlplat.vxml.collector import Collector, collecting, recognise_text
from vxmlplat.vxml.platform import (
    CollectRequest,
    CollectResult,
    Hangup,
    MarkPassed,
    Match,
    NoInput,
    Played,
    Prompt,
    RecordRequest,
    RecordResult,
    Step,
    TransferRequest,
    TransferResult,
)


class WatchedWorld(Telling, SimulatedWorld):
    """A world in virtual time that tells more: steps, grammars, prompts piece by piece."""

    def __init__(self, caller: Caller, watch: Watch, fetch: Fetch) -> None:
        super().__init__(caller, watch.emit, fetch)
        self.watch = watch

    def breadcrumb(self, step: Step) -> None:
        """Report a step."""
        self.watch.breadcrumb(step)

    async def collect(self, request: CollectRequest) -> CollectResult:
        """As the simulated world does, its grammars known."""
        self.grammars = request.grammars
        return await super().collect(request)

    async def record(self, request: RecordRequest) -> RecordResult:
        """As the simulated world does, its grammars known."""
        self.grammars = request.grammars
        return await super().record(request)


class TypedWorld(WatchedWorld):
    """Virtual time: prompts take none, and nobody waits for silence. Every action is one of the record."""

    def __init__(self, caller: Caller, watch: Watch, fetch: Fetch) -> None:
        super().__init__(caller, watch, fetch)
        watch.on_taken = lambda action: watch.stamp("input", **action)


class PacedWorld(WatchedWorld):
    """Real time: prompts take as long as they are, and silence runs out by the clock.

    What an author names in seconds (a recording, a talk after a transfer) still passes at once.
    """

    def __init__(self, caller: Caller, watch: Watch, fetch: Fetch, clock: PacedClock) -> None:
        super().__init__(caller, watch, fetch)
        self.clock = clock
        self._caller = caller

    async def play(self, prompts: Sequence[Prompt]) -> Played:
        """Say the prompts one after the other; keys pressed meanwhile are typed ahead."""
        mark: MarkPassed | None = None
        for prompt in prompts:
            name = self.say_prompt(prompt)
            ends = self.clock.now() + speaking_time(prompt)
            while (action := await self._caller.next_before("input", ends, quiet=True)) is not None:
                if "hangup" in action:
                    self.watch.stamp("input", hangup=True)
                    return Played(mark, hangup=True)
                if "dtmf" in action and prompt.bargein:
                    self._typed += keys_of(action)
            if name is not None:
                mark = MarkPassed(name, 0.0)
        return Played(mark)

    async def collect(self, request: CollectRequest) -> CollectResult:
        """Say the prompts and listen, by the clock."""
        self.grammars = request.grammars
        turn = _Turn(self, request)
        self.emit("listen", modes=modes_of(request.grammars), timeout=request.timing.timeout)
        result = await turn.run(self._caller)
        self.watch.stamp("input", **turn.recorded(result))
        return result

    def take_typed(self) -> str:
        """The keys typed ahead."""
        return self._take_typed()

    def type_ahead(self, keys: str) -> None:
        """Keys for the next wait."""
        self._typed += keys

    def tell_timer(self, collector: Collector) -> None:
        """The page may count down."""
        if collector.deadline is not None:
            seconds = round(collector.deadline - self.clock.now(), 3)
            self.watch.stamp("timer", kind="keys" if collector.keys else "noinput", seconds=seconds)

    async def record(self, request: RecordRequest) -> RecordResult:
        """Say the prompts, then record; silence until the timeout is no input."""
        self.grammars = request.grammars
        if (await self.play(request.prompts)).hangup:
            return Hangup()
        self._typed = ""
        self.emit("listen", modes=modes_of(request.grammars), timeout=request.timing.timeout)
        deadline = self.clock.now() + request.timing.timeout
        self.watch.stamp("timer", kind="noinput", seconds=request.timing.timeout)
        while True:
            action = await self._caller.next_before("record", deadline)
            if action is None or "noinput" in action:
                self.clock.jump(deadline - self.clock.now())
                self.watch.stamp("input", noinput=True)
                return NoInput()
            self.watch.stamp("input", **action)
            if "hangup" in action:
                return Hangup()
            result = self._record(request, action)
            if result is not None:
                return result

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Say the prompts in their time, then meet what somebody says."""
        if (await self.play(request.prompts)).hangup:
            return TransferResult("hangup")
        self.watch.on_taken = lambda action: self.watch.stamp("input", **action)
        try:
            return await super().transfer(replace(request, prompts=()))
        finally:
            self.watch.on_taken = None


class _Turn:
    """One wait for the caller in real time."""

    def __init__(self, world: PacedWorld, request: CollectRequest) -> None:
        self._world = world
        self._request = request
        self._collector = collecting(request.grammars, request.timing, request.recognition, request.modes)
        self._keys = ""
        self._said: Input | None = None
        self._mark: str | None = None
        self._marked = 0.0

    async def run(self, caller: Caller) -> CollectResult:
        collector, clock = self._collector, self._world.clock
        self._press(self._world.take_typed())
        for prompt in self._request.prompts:
            if self._settled() or collector.keys:
                break
            collector.prompt_started(prompt)
            mark = self._world.say_prompt(prompt)
            ends = clock.now() + speaking_time(prompt)
            while not self._settled() and not collector.stop_prompts:
                deadline = ends if collector.deadline is None else min(ends, collector.deadline)
                action = await caller.next_before("input", deadline)
                if action is not None:
                    self._act(action)
                    continue
                collector.time_reached(clock.now())
                if clock.now() >= ends:
                    break
            if mark is not None:
                self._mark, self._marked = mark, clock.now()
            if collector.stop_prompts:
                break
        if not self._settled():
            collector.prompts_finished(clock.now())
        while not self._settled():
            self._world.tell_timer(collector)
            action = await caller.next_before("input", collector.deadline)
            if action is None:
                collector.time_reached(max(clock.now(), collector.deadline or 0.0))
            else:
                self._act(action)
        passed = None if self._mark is None else MarkPassed(self._mark, clock.now() - self._marked)
        return collector.result_with(passed)

    def _settled(self) -> bool:
        return self._collector.result is not None

    def _act(self, action: Input) -> None:
        collector, clock = self._collector, self._world.clock
        if "hangup" in action:
            collector.hangup()
        elif "dtmf" in action:
            self._press(keys_of(action))
        elif "noinput" in action:
            if not collector.keys:
                collector.prompts_finished(clock.now())
            if collector.deadline is not None:
                clock.jump(collector.deadline - clock.now())
                collector.time_reached(clock.now())
        elif "say" in action and collector.hears_speech:
            self._said = action
            collector.speech_began(clock.now())
            collector.speech_ended(clock.now(), recognise_text(self._request.grammars, said_of(action)))

    def _press(self, keys: str) -> None:
        for number, key in enumerate(keys):
            if self._settled():
                self._world.type_ahead(keys[number:])
                return
            if self._collector.key(self._world.clock.now(), key):
                self._keys += key
            if self._settled() and self._collector.leftover:
                self._world.type_ahead(self._collector.leftover)
                self._keys = self._keys[:-1]

    def recorded(self, result: CollectResult) -> Input:
        """The turn as one action, as a test writes it."""
        if isinstance(result, Hangup):
            return {"hangup": True}
        if self._said is not None and isinstance(result, Match) and result.nbest[0].mode == "voice":
            return self._said
        if self._keys:
            return {"dtmf": self._keys}
        return self._said if self._said is not None else {"noinput": True}
