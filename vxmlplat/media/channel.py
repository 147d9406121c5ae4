"""A channel as the rest of the platform sees it: one RTP stream each way, and what can be done with it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from vxmlplat.media import codecs
from vxmlplat.media.clips import Clip
from vxmlplat.media.errors import ChannelClosed, UnknownCodec
from vxmlplat.media.events import ChannelStatistics, MediaEvent
from vxmlplat.media.remote import RemoteMedia, pack_remote
from vxmlplat.media.srtp import check as check_keys
from vxmlplat.media.tap import AudioTap
from vxmlplat.media.wire import Message, pack_clips

log = logging.getLogger(__name__)

EventHandler: TypeAlias = Callable[[MediaEvent], None]
StopKeys: TypeAlias = bool | Collection[str]
"""True: any key; False: none; or the keys themselves."""

KEYS = "0123456789*#ABCD"


class RecordedAudio(StrEnum):
    """Which side of the channel a recording holds."""

    RECEIVED = "received"
    SENT = "sent"
    STEREO = "stereo"
    MIX = "mix"


class ConferenceMode(StrEnum):
    """What a member of a conference hears, and who hears them.

    ``TALK``: hears all, heard by all. ``LISTEN``: hears all, heard by nobody (a supervisor). ``WHISPER``:
    hears all, heard by one member only. ``MUTE``: as ``LISTEN``, for a talker whose microphone is off.
    ``SPEAK``: heard by all, hears nobody (an announcer).
    """

    TALK = "talk"
    LISTEN = "listen"
    WHISPER = "whisper"
    MUTE = "mute"
    SPEAK = "speak"


class Connection(Protocol):
    """What a channel needs of its plane."""

    def post(self, message: Message) -> None:
        """Hand a message to the media process with the next batch."""
        ...

    def next_id(self) -> int:
        """A number never used before by this plane."""
        ...

    async def ask(self, name: str, *fields: object) -> tuple[object, ...]:
        """Send a request and wait for its answer; MediaProcessDied when the process ends first."""
        ...

    def forget(self, channel: MediaChannel) -> None:
        """Drop a channel that is closed."""
        ...


class Conference:
    """A mixing point for any number of channels; made by :meth:`MediaPlane.create_conference`."""

    def __init__(self, connection: Connection, conference_id: int) -> None:
        self._connection = connection
        self.id = conference_id

    def play(self, clips: Sequence[Clip], *, loop: bool = False, gain_db: float = 0.0) -> None:
        """Let every member hear these clips over the talk; replaces what it was playing."""
        self._connection.post(("conference-play", self.id, pack_clips(clips), loop, gain_db))

    def stop(self) -> None:
        """Stop what :meth:`play` began."""
        self._connection.post(("conference-play", self.id, (), False, 0.0))

    def close(self) -> None:
        """End the conference; its members stay open channels."""
        self._connection.post(("conference-close", self.id))


class MediaChannel:
    """One call's audio. Made by :meth:`MediaPlane.open_channel`.

    The commands return at once; what comes of them is told to ``on_event``. A command on a channel that is
    closed or lost raises ChannelClosed.
    """

    def __init__(
        self,
        connection: Connection,
        channel_id: int,
        local_address: str,
        local_port: int,
        on_event: EventHandler,
    ) -> None:
        self._connection = connection
        self.id = channel_id
        self.local_address = local_address
        self.local_port = local_port
        self.on_event = on_event
        self.closed = False
        self._taps: list[AudioTap] = []

    def connect(self, remote: RemoteMedia) -> None:
        """Send to and listen to this far end; again after a re-INVITE that changed anything. Unknown codecs
        raise.
        """
        if not codecs.known(remote.codec):
            raise UnknownCodec(f"no codec {remote.codec!r}; known: {', '.join(sorted(codecs.CODECS))}")
        if remote.srtp is not None:
            check_keys(remote.srtp)
        self._post("connect", pack_remote(remote))

    def play(
        self,
        clips: Sequence[Clip],
        *,
        loop: bool = False,
        gain_db: float = 0.0,
        stop_on_key: StopKeys = False,
        stop_on_speech: bool = False,
    ) -> int:
        """Play clips one after the other, without a gap; returns the play's id, which PlayDone will name.

        A play in progress is replaced. ``stop_on_key`` and ``stop_on_speech`` (which needs
        :meth:`listen_for_speech`) let the media process fall silent by itself, within the 5 ms slot in which
        it notices.
        """
        play = self._connection.next_id()
        self._post("play", play, pack_clips(clips), loop, gain_db, _keys(stop_on_key), stop_on_speech)
        return play

    def stop(self, play: int) -> None:
        """Stop this play; nothing happens when it is over already."""
        self._post("stop", play)

    def stop_all(self) -> None:
        """Stop the play and the music."""
        self._post("stop", 0)

    def music(self, clips: Sequence[Clip] = (), *, gain_db: float = 0.0) -> None:
        """Loop these clips whenever no play is running; none turns the music off."""
        self._post("music", pack_clips(clips), gain_db)

    def record(
        self,
        path: Path,
        *,
        max_seconds: float | None = None,
        final_silence: float | None = None,
        initial_silence: float | None = None,
        beep: bool = False,
        stop_on_key: StopKeys = False,
        audio: RecordedAudio = RecordedAudio.RECEIVED,
    ) -> int:
        """Record to a WAV file (16-bit, 8 kHz) as the call goes; returns the id that RecordingEnded will
        name.

        ``final_silence`` ends it after so many seconds without speech once there was some,
        ``initial_silence`` when none comes at all. Several recordings may run at once.
        """
        recording = self._connection.next_id()
        self._post(
            "record",
            recording,
            str(path),
            max_seconds,
            final_silence,
            initial_silence,
            beep,
            _keys(stop_on_key),
            audio.value,
        )
        return recording

    def stop_recording(self, recording: int) -> None:
        """End a recording; RecordingEnded follows when the file is complete."""
        self._post("record-stop", recording)

    def send_keys(self, keys: str, *, ms: int = 100, pause_ms: int = 80) -> None:
        """Send keys (0-9 * # A-D; a comma waits two seconds): RFC 4733 when negotiated, tones in the audio
        otherwise.
        """
        unknown = set(keys) - set(KEYS) - {","}
        if unknown:
            raise ValueError(f"not telephone keys: {''.join(sorted(unknown))!r}")
        self._post("send-keys", keys, ms, pause_ms)

    def listen_for_speech(self, on: bool = True) -> None:
        """Tell SpeechStarted and SpeechEnded, or stop telling."""
        self._post("speech", on)

    def detect_inband_keys(self, on: bool | None = None) -> None:
        """Hear keys in the audio too; None: exactly when no RFC 4733 payload type is negotiated (the
        default).
        """
        self._post("inband", on)

    def detect_tones(self, on: bool = True) -> None:
        """Tell ToneDetected for busy, fax and answering machine or human: for calls that we placed."""
        self._post("tones", on)

    def bridge(self, other: MediaChannel, *, half: bool = False, forward_keys: bool = True) -> None:
        """Let the two hear each other (``half``: only this one hears the other), leaving what they were
        joined to.
        """
        self._post("bridge", other.id, half, forward_keys)

    def unbridge(self) -> None:
        """Leave the bridge or conference."""
        self._post("leave")

    def join(
        self,
        conference: Conference,
        mode: ConferenceMode = ConferenceMode.TALK,
        *,
        whisper_to: MediaChannel | None = None,
        gain_db: float = 0.0,
    ) -> None:
        """Enter a conference, or change how this channel takes part; ``gain_db`` is how loud the others hear
        it.
        """
        if (mode is ConferenceMode.WHISPER) != (whisper_to is not None):
            raise ValueError("whisper_to goes with ConferenceMode.WHISPER, and only with it")
        self._post("join", conference.id, mode.value, whisper_to.id if whisper_to else 0, gain_db)

    def leave(self) -> None:
        """Leave the conference or bridge."""
        self._post("leave")

    def tap(self, seconds: float = 4.0, *, sent: bool = False) -> AudioTap:
        """The caller's audio (or, ``sent``, what the caller hears) through a ring of so many seconds in
        shared memory.
        """
        self._check()
        tap = AudioTap.create(seconds)
        self._taps.append(tap)
        self._post("tap", tap.name, sent)
        return tap

    async def statistics(self) -> ChannelStatistics:
        """The account so far."""
        self._check()
        return ChannelStatistics(*await self._connection.ask("statistics", self.id))  # type: ignore[arg-type]  # fields in order

    async def close(self) -> ChannelStatistics:
        """End plays, recordings (their events come before this returns), joins and the sockets; the final
        account.
        """
        self._check()
        self.closed = True
        try:
            fields = await self._connection.ask("close", self.id)
        finally:
            self._drop()
        return ChannelStatistics(*fields)  # type: ignore[arg-type]  # fields in order

    def lost(self) -> None:
        """Called by the plane when the media process has died."""
        self.closed = True
        self._drop()

    def _drop(self) -> None:
        self._connection.forget(self)
        while self._taps:
            self._taps.pop().close()

    def _check(self) -> None:
        if self.closed:
            raise ChannelClosed(f"media channel {self.id} is closed")

    def _post(self, name: str, *fields: object) -> None:
        self._check()
        self._connection.post((name, self.id, *fields))


def _keys(keys: StopKeys) -> str:
    """Keys as the media process knows them: a string of keys, all of them, or none."""
    if keys is True:
        return KEYS
    return "".join(keys) if keys else ""
