"""The port between the VoiceXML interpreter and its world.

The interpreter decides *what* happens next; the world makes it audible. :class:`Platform` is all that an
interpreter asks of a world: fetch, play, collect, record, transfer, disconnect, and notes for logs and
analytics. The telephone, the simulator and the tests implement it. Every coroutine may be cancelled at any
moment (the call is torn down, or an external event interrupts a wait): the world then stops what it plays,
keeps keys typed ahead, and returns to rest.

The world may report that the caller has hung up in two ways: as the result of the coroutine that is waiting
(:class:`Hangup`, ``hangup=True``), or at any time through ``Session.hangup()``. Either is enough; both are
harmless.

What a world cannot do for a document (a language that no engine speaks, no free recogniser) it says by
raising :class:`~vxmlplat.vxml.errors.Thrown` with the VoiceXML event that the specification names.

Times are seconds, as floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from vxmlplat.clock import Clock
from vxmlplat.vxml.inputs import (
    JSON,
    ActiveGrammar,
    CollectRequest,
    CollectResult,
    Hangup,
    Heard,
    Match,
    MaxSpeechTimeout,
    Mode,
    NoInput,
    NoMatch,
    Recognition,
    Recording,
    Timing,
)
from vxmlplat.vxml.prompts import (
    PLAIN_VOICE,
    Audio,
    Boundary,
    Break,
    Mark,
    MarkPassed,
    Phoneme,
    Played,
    Prompt,
    SayAs,
    Segment,
    Text,
    Voice,
)

if TYPE_CHECKING:
    from vxmlplat.documents import FetchRequest, Resource

__all__ = [
    "JSON",
    "PLAIN_VOICE",
    "ActiveGrammar",
    "Audio",
    "Boundary",
    "Break",
    "CollectRequest",
    "CollectResult",
    "FetchAudio",
    "Hangup",
    "Heard",
    "Mark",
    "MarkPassed",
    "Match",
    "MaxSpeechTimeout",
    "Mode",
    "NoInput",
    "NoMatch",
    "Phoneme",
    "Platform",
    "Played",
    "Prompt",
    "Recognition",
    "RecordRequest",
    "RecordResult",
    "Recorded",
    "Recording",
    "SayAs",
    "Segment",
    "Step",
    "Text",
    "Timing",
    "TransferOutcome",
    "TransferRequest",
    "TransferResult",
    "Voice",
]


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """Play ``prompts``, beep, record (VoiceXML 2.0 §2.3.6).

    Recording starts after the prompts and the beep, on speech, or at once where the world does not detect
    speech. ``timing.timeout`` of silence gives :class:`NoInput`. A key that ``grammars`` match, or any key
    while ``dtmfterm``, ends it. ``maxtime`` and ``finalsilence`` are seconds, ``None`` for the world's own.
    """

    prompts: tuple[Prompt, ...]
    grammars: tuple[ActiveGrammar, ...]
    timing: Timing
    recognition: Recognition
    lang: str
    beep: bool = False
    maxtime: float | None = None
    finalsilence: float | None = None
    dtmfterm: bool = True
    media_type: str | None = None
    modes: frozenset[Mode] = frozenset(("dtmf", "voice"))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that came to its end.

    ``termchar``: the key that ended it by ``dtmfterm``. ``heard``: the reading of the grammar that ended it.
    ``hangup``: the caller ended it by leaving; what was said until then is kept.
    """

    recording: Recording
    maxtime: bool = False
    termchar: str | None = None
    heard: Heard | None = None
    hangup: bool = False
    mark: MarkPassed | None = None


RecordResult = Recorded | NoInput | NoMatch | Match | Hangup


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Connect the caller to ``dest`` (VoiceXML 2.0 §2.3.7, VoiceXML 2.1 §9).

    ``kind``: ``blind`` lets go at once, ``consultation`` after the other side has answered, ``bridge``
    keeps the caller and comes back. ``grammars`` listen to the caller during a bridge; a match ends it
    (``near_end_disconnect``). ``connecttimeout`` and ``maxtime`` are seconds; ``maxtime`` None is without
    limit. ``aai`` travels as User-to-User information.
    """

    prompts: tuple[Prompt, ...]
    dest: str
    kind: Literal["blind", "bridge", "consultation"]
    grammars: tuple[ActiveGrammar, ...]
    timing: Timing
    recognition: Recognition
    lang: str
    aai: str | None = None
    connecttimeout: float = 60.0
    maxtime: float | None = None
    transferaudio: Resource | None = None


TransferOutcome = Literal[
    "busy",
    "noanswer",
    "network_busy",
    "near_end_disconnect",
    "far_end_disconnect",
    "network_disconnect",
    "maxtime_disconnect",
    "unknown",
    "transferred",
    "hangup",
    "error",
]


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What became of a transfer.

    ``transferred``: a blind or consultation transfer took the caller away. ``hangup``: the caller left.
    ``error``: ``error`` names the VoiceXML event (``error.connection.noroute``,
    ``error.unsupported.transfer.blind`` …, VoiceXML 2.0 §2.3.7.3) and ``message`` explains. ``seconds``:
    how long the two were connected. ``heard``: what the caller said or keyed to end a bridge.
    """

    outcome: TransferOutcome
    seconds: float = 0.0
    heard: Heard | None = None
    error: str | None = None
    message: str = ""
    mark: MarkPassed | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The caller entered a dialog, or (``target`` empty) left the session: the breadcrumb of analytics.

    ``session``: the session's id. ``document``: URI of the document that holds ``target``, or of the last
    one at the end. ``source`` and ``target``: ids of forms and menus as written; ``source`` is empty at
    the first step. ``reason``: how ``source`` was left: ``goto``, ``submit``, ``choice``, ``link``,
    ``input`` (a grammar of the target was heard), ``subdialog``, ``return``, ``entry`` (first step), and at
    the end ``exit``, ``end``, ``disconnect``, ``hangup``, ``transfer``, ``error``. ``port`` and ``fields``
    were named by the document through ``<log label="vxmlplat.port">`` and ``<log label="vxmlplat.field">``.
    """

    session: str
    document: str
    source: str
    target: str
    reason: str
    port: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FetchAudio:
    """What the caller hears while a fetch takes long (VoiceXML 2.0 §6.1.1)."""

    resource: Resource
    delay: float = 2.0
    minimum: float = 5.0


class Platform(Protocol):
    """A world for one session."""

    @property
    def clock(self) -> Clock:
        """The session's time."""
        ...

    async def fetch(self, request: FetchRequest, audio: FetchAudio | None = None) -> Resource:
        """Fetch a document, script, grammar, data or audio; raises ``documents.FetchError`` and its family.

        ``audio`` is played meanwhile, from ``audio.delay`` seconds on, at least ``audio.minimum`` long
        once it began.
        """
        ...

    async def play(self, prompts: Sequence[Prompt]) -> Played:
        """Play prompts to their end with nothing listening; keys pressed meanwhile are typed ahead."""
        ...

    async def collect(self, request: CollectRequest) -> CollectResult:
        """Play and listen."""
        ...

    async def record(self, request: RecordRequest) -> RecordResult:
        """Play and record."""
        ...

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Play and transfer."""
        ...

    async def disconnect(self, namelist: Mapping[str, Any]) -> None:
        """Hang up (VoiceXML 2.0 §5.3.11). ``namelist`` goes to whoever started the session (2.1 §10)."""
        ...

    def flush_input(self) -> None:
        """Throw away keys typed ahead (VoiceXML 2.0 §4.1.8)."""
        ...

    def log(self, label: str, text: str) -> None:
        """A ``<log>`` of the document. ``label`` is empty when none was given."""
        ...

    def breadcrumb(self, step: Step) -> None:
        """The caller moved; see :class:`Step`."""
        ...

    def thrown(self, name: str, message: str) -> None:
        """An event was thrown in the document; for traces and the simulator."""
        ...

    def accepted(self, heard: Heard) -> None:
        """An input was accepted and is about to fill the form; for traces and the simulator."""
        ...
