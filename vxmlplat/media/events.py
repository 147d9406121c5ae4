"""What the media plane tells: typed values with media time.

``channel`` is :attr:`MediaChannel.id`; ``at`` is the moment in seconds of the monotonic clock, the same in
both processes (``SystemClock.now()``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class KeySource(StrEnum):
    """How a key came."""

    RFC4733 = "rfc4733"
    INBAND = "inband"


class PlayEnd(StrEnum):
    """Why a play ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    KEY = "key"
    SPEECH = "speech"
    REPLACED = "replaced"
    FAILED = "failed"


class RecordEnd(StrEnum):
    """Why a recording ended."""

    MAX_TIME = "max-time"
    SILENCE = "silence"
    NO_INPUT = "no-input"
    KEY = "key"
    STOPPED = "stopped"
    HANGUP = "hang-up"
    FAILED = "failed"


class ToneKind(StrEnum):
    """What a call-progress detector heard."""

    BUSY = "busy"
    FAX = "fax"
    ANSWERING_MACHINE = "answering-machine"
    HUMAN = "human"
    BEEP = "beep"


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key has gone down; told at once, so that prompts stop. ``duration`` is what is known of it so far,
    in seconds.
    """

    channel: int
    at: float
    key: str
    duration: float
    source: KeySource


@dataclass(frozen=True, slots=True)
class KeyReleased:
    """The key is up again (or its last packet was lost); ``duration`` in seconds."""

    channel: int
    at: float
    key: str
    duration: float
    source: KeySource


@dataclass(frozen=True, slots=True)
class PlayDone:
    """A play ended. ``played`` is seconds of audio heard; ``mark`` the last mark passed and ``mark_age`` the
    seconds since (VoiceXML 2.1 §4: ``markname``, ``marktime``). ``error`` says what failed.
    """

    channel: int
    at: float
    play: int
    reason: PlayEnd
    played: float
    mark: str | None = None
    mark_age: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class MarkReached:
    """A play has passed a mark."""

    channel: int
    at: float
    play: int
    name: str


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak about ``speech_onset_ms`` ago."""

    channel: int
    at: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The caller has been silent for ``speech_end_ms``; ``duration`` is the speech's, in seconds."""

    channel: int
    at: float
    duration: float


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """A recording is complete on disk. ``duration`` is seconds, ``size`` bytes of the file, ``key`` the key
    that ended it.
    """

    channel: int
    at: float
    recording: int
    path: str
    reason: RecordEnd
    duration: float
    size: int
    key: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class MediaTimeout:
    """Nothing has been heard from the far end for ``seconds``; told once until packets come again."""

    channel: int
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class ToneDetected:
    """A call-progress detector has made up its mind."""

    channel: int
    at: float
    kind: ToneKind


@dataclass(frozen=True, slots=True)
class DtmfSent:
    """The keys handed to :meth:`MediaChannel.send_keys` have been sent."""

    channel: int
    at: float
    keys: str


@dataclass(frozen=True, slots=True)
class ChannelLost:
    """The media process died, and this channel with it."""

    channel: int
    at: float


MediaEvent: TypeAlias = (
    KeyPressed
    | KeyReleased
    | PlayDone
    | MarkReached
    | SpeechStarted
    | SpeechEnded
    | RecordingEnded
    | MediaTimeout
    | ToneDetected
    | DtmfSent
    | ChannelLost
)


@dataclass(frozen=True, slots=True)
class ChannelStatistics:
    """A channel's account: packets and bytes of RTP payload, loss, jitter and delay (RFC 3550 §6.4).

    ``lost`` is packets that never came, ``late`` those that came too late to be heard, ``concealed`` frames
    made up for either. ``jitter`` and ``round_trip`` are seconds (``round_trip`` None until RTCP has told
    it); ``remote_lost`` and ``remote_jitter`` are the far end's own account of what we sent. ``strangers``
    counts packets from other sources, ``rejected`` those that failed authentication or were no RTP.
    """

    sent: int = 0
    received: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    reordered: int = 0
    concealed: int = 0
    jitter: float = 0.0
    round_trip: float | None = None
    remote_lost: int | None = None
    remote_jitter: float | None = None
    strangers: int = 0
    rejected: int = 0
    send_errors: int = 0


@dataclass(frozen=True, slots=True)
class PlaneStatistics:
    """The media process as its last heartbeat described it.

    ``cpu`` is seconds of CPU since its start; ``late_ms`` the worst lateness of a slot since the last
    heartbeat; ``restarts`` how often it has died, ``recovery`` how many seconds after its last death another
    one took orders. ``busy`` is the share of its time in which it worked, 0.0 to 1.0: near 1.0 packets are
    late.
    """

    channels: int = 0
    cpu: float = 0.0
    late_ms: float = 0.0
    prompt_bytes: int = 0
    prompts: int = 0
    busy: float = 0.0
    restarts: int = 0
    recovery: float = 0.0
