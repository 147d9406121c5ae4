"""A world of text and virtual time for the VoiceXML interpreter: what ``vxmlplat run`` and the
designer's simulator hear.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from vxmlplat.clock import VirtualClock
from vxmlplat.documents import FetchRequest, Resource
from vxmlplat.simulator.inputs import Input, InputSource
from vxmlplat.simulator.reporting import Reporting
from vxmlplat.vxml.collector import Collector, KeyMatching, collecting, recognise_text
from vxmlplat.vxml.platform import (
    ActiveGrammar,
    CollectRequest,
    CollectResult,
    FetchAudio,
    Hangup,
    Heard,
    MarkPassed,
    Match,
    NoInput,
    NoMatch,
    Played,
    Prompt,
    Recorded,
    Recording,
    RecordRequest,
    RecordResult,
    Step,
    TransferOutcome,
    TransferRequest,
    TransferResult,
)

Event = dict[str, Any]
Fetch = Callable[[FetchRequest], Awaitable[Resource]]
TRANSFER_SCHEMES = frozenset({"tel", "sip", "sips", "acd", "fax", "modem"})
CONNECTED = frozenset({"near_end_disconnect", "far_end_disconnect", "network_disconnect"})
OUTCOMES = CONNECTED | {"busy", "noanswer", "network_busy", "unknown"}
SAMPLES_A_SECOND = 8000
LONGEST_RECORDING = 3600.0


class SimulatedWorld(Reporting):
    """A :class:`~vxmlplat.vxml.platform.Platform` without a telephone.

    Prompts take no time; keys, silence and speech come from ``inputs``; every event goes to ``emit`` as
    the object that
    ``vxmlplat run`` prints.
    """

    def __init__(self, inputs: InputSource, emit: Callable[[Event], None], fetch: Fetch) -> None:
        self.clock = VirtualClock()
        self._inputs = inputs
        self._emit = emit
        self._fetch = fetch
        self._typed = ""
        self._quiet_until = 0.0

    def emit(self, event: str, **members: Any) -> None:
        """Report an event at the present moment."""
        self._emit({"t": round(self.clock.now(), 6), "event": event, **members})

    # ---------------------------------------------------------------------------- port: plain calls

    def flush_input(self) -> None:
        """Keys typed ahead are forgotten."""
        self._typed = ""

    def breadcrumb(self, step: Step) -> None:
        """Steps are of no interest to ``vxmlplat run``."""

    # ----------------------------------------------------------------------------- port: coroutines

    async def fetch(self, request: FetchRequest, audio: FetchAudio | None = None) -> Resource:
        """Fetch; the audio that would play meanwhile is not heard, for no virtual time passes."""
        return await self._fetch(request)

    async def play(self, prompts: Sequence[Prompt]) -> Played:
        """Say the prompts; keys pressed during them are typed ahead."""
        mark = self._say(prompts)
        upcoming = self._inputs.peek()
        if upcoming is not None and upcoming.get("during") == "prompt" and "dtmf" in upcoming:
            await self._inputs.next("input")
            if all(prompt.bargein for prompt in prompts):
                self._typed += keys_of(upcoming)
        return Played(None if mark is None else MarkPassed(mark, 0.0))

    async def collect(self, request: CollectRequest) -> CollectResult:
        """Say the prompts, then take actions until the collector has a result."""
        collector = collecting(request.grammars, request.timing, request.recognition, request.modes)
        mark = self._say(request.prompts)
        self.emit("listen", modes=modes_of(request.grammars), timeout=request.timing.timeout)
        began = self.clock.now()
        if self._typed:
            self._type(collector, self._take_typed())
            if collector.result is None and collector.keys:
                self._run_down(collector)
        if collector.result is None:
            await self._during(collector, request, began)
        if collector.result is None:
            collector.prompts_finished(self.clock.now())
        else:
            mark = None  # the prompts were cut off at once
        while collector.result is None:
            if self._quiet_until > self.clock.now():
                self._pass_to(collector, self._quiet_until)
                continue
            await self._act(collector, request, await self._inputs.next("input"), began)
        result = collector.result_with(self._passed(mark, began))
        if request.record_utterance and isinstance(result, (Match, NoMatch)) and not collector.keys:
            words = result.nbest[0].utterance if result.nbest else ""
            result = replace(result, recording=_recording(max(0.3, len(words) / 12)))
        return result

    async def record(self, request: RecordRequest) -> RecordResult:
        """Say the prompts, then record what the next action says."""
        mark = self._say(request.prompts)
        modes = modes_of(request.grammars)
        self.emit("listen", modes=modes, timeout=request.timing.timeout)
        began = self.clock.now()
        self._typed = ""
        while True:
            action = await self._inputs.next("record")
            if action.get("during") == "prompt":
                continue
            if "hangup" in action:
                return Hangup()
            if "noinput" in action:
                self.clock.jump(request.timing.timeout)
                return NoInput(self._passed(mark, began))
            result = self._record(request, action)
            if result is not None:
                return result

    def _record(self, request: RecordRequest, action: Input) -> Recorded | None:
        seconds = float(action.get("record", 1.0 if "say" in action else 0.0))
        longest = min(
            request.maxtime if request.maxtime is not None else LONGEST_RECORDING, LONGEST_RECORDING
        )
        maxtime = seconds > longest
        seconds = min(seconds, longest)
        self.clock.jump(seconds)
        heard: Heard | None = None
        termchar: str | None = None
        end = str(action.get("end", "silence"))
        if "dtmf" in action:
            end = keys_of(action)[:1] or "silence"
        if "say" in action:
            readings = recognise_text(request.grammars, said_of(action))
            heard = readings[0] if readings else None
        if not maxtime and end not in ("silence", "hangup"):
            heard, termchar = _key_in_recording(request, end)
            if heard is None and termchar is None:
                if "dtmf" in action:
                    return None  # a key that ends nothing
                end = "silence"
        if end == "silence" and not maxtime and "say" not in action:
            self.clock.jump(request.finalsilence or 0.0)
        self.emit("record", seconds=seconds, termchar=termchar)
        return Recorded(
            _recording(seconds),
            maxtime=maxtime,
            termchar=termchar,
            heard=heard,
            hangup=end == "hangup" and not maxtime,
        )

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Say the prompts, then meet what the next action says."""
        self._say(request.prompts)
        scheme, colon, rest = request.dest.partition(":")
        if not colon or scheme.lower() not in TRANSFER_SCHEMES:
            return TransferResult(
                "error", error="error.unsupported.uri", message=f"{request.dest}: unknown scheme"
            )
        if not rest.strip():
            return TransferResult("error", error="error.connection.baddestination", message=request.dest)
        result: TransferResult | None = None
        while result is None:
            action = await self._inputs.next("transfer")
            result = self._transfer(request, action)
        self.emit(
            "transfer",
            dest=request.dest,
            type=request.kind,
            aai=request.aai,
            result=transfer_word(result),
        )
        return result

    def _transfer(self, request: TransferRequest, action: Input) -> TransferResult | None:
        """What an action leads to; None when the transfer does not notice it."""
        result, seconds = transfer_met(request, action)
        self.clock.jump(seconds)
        return result

    async def disconnect(self, namelist: Mapping[str, Any]) -> None:
        """The document hangs up."""

    # ------------------------------------------------------------------------------------------ saying

    def _say(self, prompts: Sequence[Prompt]) -> str | None:
        """Report the prompts; returns the last mark."""
        mark: str | None = None
        for prompt in prompts:
            mark = self.say_prompt(prompt) or mark
        return mark

    def _passed(self, mark: str | None, ended: float) -> MarkPassed | None:
        return None if mark is None else MarkPassed(mark, self.clock.now() - ended)

    # ------------------------------------------------------------------------------------------ acting

    async def _during(self, collector: Collector, request: CollectRequest, began: float) -> None:
        """Actions that come while the first prompt plays."""
        prompts = request.prompts
        while prompts and collector.result is None:
            upcoming = self._inputs.peek()
            if upcoming is None or upcoming.get("during") != "prompt":
                return
            action = await self._inputs.next("input")
            collector.prompt_started(prompts[0])
            if "say" in action:
                self._speak(collector, request, action, began)
            elif "dtmf" in action and self._type(collector, keys_of(action)):
                self._rest(action)
                if collector.keys:
                    self._run_down(collector)

    async def _act(self, collector: Collector, request: CollectRequest, action: Input, began: float) -> None:
        if "hangup" in action:
            collector.hangup()
        elif "noinput" in action:
            self._run_down(collector)
        elif "dtmf" in action:
            if not self._type(collector, keys_of(action)):
                return  # nothing listens to keys: the wait goes on
            self._rest(action)
            if collector.result is None and "then" not in action:
                self._run_down(collector)
        elif "say" in action:
            self._speak(collector, request, action, began)
        elif "record" in action:
            collector.speech_began(self.clock.now())
            self.clock.jump(float(action["record"]))
            collector.speech_ended(self.clock.now(), ())

    def _speak(self, collector: Collector, request: CollectRequest, action: Input, began: float) -> None:
        at = began + float(action.get("at", 0.0))
        if at > self.clock.now():
            self._pass_to(collector, at)
        if collector.result is not None or not collector.hears_speech:
            return
        readings = recognise_text(request.grammars, said_of(action))
        collector.speech_began(self.clock.now())
        collector.speech_ended(self.clock.now(), readings)

    def _type(self, collector: Collector, keys: str) -> bool:
        """Press keys in quick succession; those beyond a match are typed ahead. False: nothing
        listens to them.
        """
        for number, key in enumerate(keys):
            if not collector.key(self.clock.now(), key):
                return number > 0
            if collector.result is not None:
                if isinstance(collector.result, Match):
                    self._typed = collector.leftover + keys[number + 1 :]
                break
        return True

    def _take_typed(self) -> str:
        typed, self._typed = self._typed, ""
        return typed

    def _rest(self, action: Input) -> None:
        if "then" in action:
            self._quiet_until = self.clock.now() + float(action["then"])

    def _run_down(self, collector: Collector) -> None:
        """Silence until the collector decides."""
        if not collector.keys and collector.deadline is None and collector.result is None:
            collector.prompts_finished(self.clock.now())
        if collector.deadline is not None:
            self._pass_to(collector, collector.deadline)

    def _pass_to(self, collector: Collector, moment: float) -> None:
        """Let time pass to a moment, or to the collector's deadline if that is earlier."""
        if collector.deadline is not None:
            moment = min(moment, collector.deadline)
        self.clock.jump(moment - self.clock.now())
        collector.time_reached(moment)


def transfer_met(request: TransferRequest, action: Input) -> tuple[TransferResult | None, float]:
    """What an action leads to, None when the transfer does not notice it; and the seconds that it takes."""
    after = float(action.get("after", 0.0))
    if "hangup" in action:
        return TransferResult("hangup"), 0.0
    met = action.get("transfer")
    if met is None:
        heard = _heard_in_bridge(request, action)
        return (None if heard is None else TransferResult("near_end_disconnect", heard=heard)), 0.0
    if met == "answered" and request.kind != "bridge":
        return TransferResult("transferred"), after
    outcome = met if met in OUTCOMES else "far_end_disconnect" if met == "answered" else "unknown"
    if outcome in CONNECTED and request.maxtime is not None and after > request.maxtime:
        outcome, after = "maxtime_disconnect", request.maxtime
    connected = outcome in CONNECTED or outcome == "maxtime_disconnect"
    return TransferResult(cast(TransferOutcome, outcome), seconds=after if connected else 0.0), after


def _heard_in_bridge(request: TransferRequest, action: Input) -> Heard | None:
    if "say" in action:
        readings = recognise_text(request.grammars, said_of(action))
        return readings[0] if readings else None
    matching = KeyMatching(request.grammars)
    if "dtmf" not in action or not matching.listens:
        return None
    for key in keys_of(action):
        matching.feed(key)
    return matching.heard()


def keys_of(action: Input) -> str:
    """The keys of an action, without blanks."""
    return "".join(str(action["dtmf"]).split()).upper()


def said_of(action: Input) -> list[tuple[str, float]]:
    """The words of an action with their confidences, best first."""
    said = [(str(action["say"]), float(action.get("confidence", 1.0)))]
    said += [(str(one["say"]), float(one.get("confidence", 1.0))) for one in action.get("nbest", [])]
    return said


def modes_of(grammars: Sequence[ActiveGrammar]) -> list[Literal["dtmf", "voice"]]:
    """Whether keys, words or both are listened to."""
    active = {one.mode for one in grammars}
    return [mode for mode in ("dtmf", "voice") if mode in active]


def _key_in_recording(request: RecordRequest, key: str) -> tuple[Heard | None, str | None]:
    """What a key does to a recording: the reading of a grammar that takes it, or the key that ends it."""
    matching = KeyMatching(request.grammars if "dtmf" in request.modes else ())
    if matching.listens:
        matching.feed(key)
        heard = matching.heard()
        if heard is not None:
            return heard, key if request.dtmfterm else None
    return None, key if request.dtmfterm else None


def transfer_word(result: TransferResult) -> str:
    """The result as events name it."""
    return "answered" if result.outcome == "transferred" else result.outcome


def _recording(seconds: float) -> Recording:
    """Silence as long as the caller spoke: 8 kHz µ-law in a WAV file."""
    samples = int(seconds * SAMPLES_A_SECOND)
    data = b"\xff" * samples
    form = struct.pack("<HHIIHH", 7, 1, SAMPLES_A_SECOND, SAMPLES_A_SECOND, 1, 8)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", samples) + data
    wav = b"RIFF" + struct.pack("<I", len(body)) + body
    return Recording(Resource("recording:", "audio/x-wav", None, wav), seconds)
