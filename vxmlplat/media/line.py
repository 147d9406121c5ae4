"""One channel inside the media process: its streams, its source of audio, its keys.

The fields that the loop touches with every packet come first; the loop reads and moves them itself
(:mod:`.engine`), and calls a method only when something out of the ordinary happens.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vxmlplat.media import rtp, telephone_event
from vxmlplat.media.codecs import Codec, Decoder, Encoder, codec
from vxmlplat.media.errors import PacketError
from vxmlplat.media.events import (
    KeyPressed,
    KeyReleased,
    KeySource,
    MediaEvent,
    MediaTimeout,
    PlayEnd,
    RecordEnd,
)
from vxmlplat.media.host import Host
from vxmlplat.media.jitter import JitterBuffer
from vxmlplat.media.network import Ports
from vxmlplat.media.playback import Playback
from vxmlplat.media.prompts import silence
from vxmlplat.media.reception import Reception
from vxmlplat.media.remote import RemoteMedia

if TYPE_CHECKING:
    from vxmlplat.media.joining import Membership
    from vxmlplat.media.key_sender import KeySender
    from vxmlplat.media.recorder import Recording
    from vxmlplat.media.srtp import SrtpSession
    from vxmlplat.media.tap import Tap

_KEYS_A_SECOND = 25


class Line:
    """A channel's state; see the module's docstring."""

    __slots__ = (
        "at",
        "chores",
        "codec",
        "comfort_level",
        "comfort_type",
        "concealed",
        "connect_count",
        "connected",
        "control_address",
        "data",
        "decoded",
        "decoder",
        "ears",
        "encoder",
        "end",
        "event_type",
        "frames_per_packet",
        "frames_waiting",
        "heard_at",
        "heard_count",
        "held_sequence",
        "host",
        "inband",
        "inband_wanted",
        "jitter",
        "key_input",
        "keys_count",
        "keys_flood",
        "keys_out",
        "keys_second",
        "kind",
        "late",
        "membership",
        "missed",
        "music",
        "number",
        "odd_received",
        "other_bytes",
        "payload_type",
        "play",
        "ports",
        "quiet_told",
        "receive",
        "receives",
        "reception",
        "recordings",
        "rejected",
        "remote",
        "remote_report",
        "round_trip",
        "rtcp_heard",
        "send",
        "send_errors",
        "sends",
        "sequence",
        "silence",
        "slot",
        "source",
        "sources",
        "special",
        "speech",
        "srtp",
        "ssrc",
        "stamp",
        "started",
        "strangers",
        "suspects",
        "taps",
        "tones",
        "usual",
        "watchful",
    )

    def __init__(self, number: int, ports: Ports, host: Host) -> None:
        self.number = number
        self.ports = ports
        self.host = host
        self.receive: Callable[[bytearray], int] = hear_nothing
        self.send: Callable[[bytes], int] = discard
        self.missed = self.watchful = 0
        self.sequence = secrets.randbits(15)
        self.started = self.held_sequence = self.sequence
        self.other_bytes = 0
        self.stamp = secrets.randbits(31)
        self.ssrc = secrets.randbits(32)
        self.payload_type = 0
        self.kind = rtp.USUAL
        self.usual = -1
        self.reception = Reception()
        self.odd_received = 0
        self.late = self.concealed = 0
        self.jitter: JitterBuffer | None = None
        self.data, self.at, self.end = b"", 0, 0
        self.special = False
        """Whether more goes into a packet than the next 160 bytes of the cursor."""
        self.decoded = False
        """Whether the caller's audio is needed as samples."""

        self.slot = -1
        self.connected = False
        self.remote: RemoteMedia | None = None
        self.sends = self.receives = False
        self.event_type = self.comfort_type = -1
        self.comfort_level: int | None = None
        self.frames_per_packet = 1
        self.frames_waiting: list[bytes] = []
        self.codec: Codec = codec("PCMU")
        self.decoder: Decoder = self.codec.decoder()
        self.encoder: Encoder = self.codec.encoder()
        self.srtp: SrtpSession | None = None

        self.silence = self._silence()
        self.source = self.silence
        self.play: Playback | None = None
        self.music: Playback | None = None

        self.key_input = telephone_event.KeyDecoder()
        self.keys_second = self.keys_count = 0
        self.keys_flood = False
        self.keys_out: KeySender | None = None
        self.inband = False
        self.inband_wanted: bool | None = None

        self.ears: dict[str, Any] = {}
        self.speech = False
        self.tones = False
        self.recordings: list[Recording] = []
        self.taps: list[Tap] = []
        self.membership: Membership | None = None

        self.heard_at = host.now()
        self.heard_count = self.connect_count = 0
        self.chores = secrets.randbelow(5)
        self.quiet_told = False
        self.control_address: Any = None
        self.round_trip: float | None = None
        self.remote_report: tuple[int, int] | None = None
        self.rtcp_heard: tuple[int, float] | None = None
        self.strangers = self.rejected = self.send_errors = 0
        self.sources = 0
        self.suspects: dict[Any, tuple[int, int, int]] = {}

    def now(self) -> float:
        """Media time in seconds."""
        return self.host.now()

    def emit(self, event: MediaEvent) -> None:
        """Tell an event."""
        self.host.emit(event)

    def use_codec(self, chosen: Codec) -> None:
        """Another codec from now on; what plays is translated by who knows its clips."""
        self.codec = chosen
        self.decoder, self.encoder = chosen.decoder(), chosen.encoder()
        self.key_input = telephone_event.KeyDecoder(chosen.clock_rate)
        self.silence = self._silence()
        self._turn_to(self.silence)
        self.buffer(self.jitter is not None)
        for recording in self.recordings:
            recording.use(chosen)

    def settle_inband(self) -> None:
        """Whether keys are looked for in the audio: as wished, or when they cannot come any other way."""
        wanted = self.inband_wanted
        self.inband = wanted if wanted is not None else self.connected and self.event_type < 0

    # What is sent.

    @property
    def plain(self) -> bool:
        """Whether the loop may send straight from the cursor, with nobody to hear what comes in."""
        return self.membership is None and not (self.special or self.recordings or self.taps or self.decoded)

    def sort(self) -> None:
        """See anew which way the line is served."""
        self.special = bool(
            self.keys_out is not None
            or self.srtp is not None
            or self.frames_per_packet > 1
            or self.codec.law is None
        )
        self.decoded = bool(
            self.speech
            or self.inband
            or self.tones
            or self.taps
            or any(recording.listens for recording in self.recordings)
            or (self.membership is not None and not self.membership.forwards)
        )

    def cursor_frame(self) -> bytes:
        """The next 20 ms of the source."""
        at = self.at
        if at + 160 <= self.end:
            self.at = at + 160
            return self.data[at : at + 160]
        return self.next_frame()

    def next_frame(self) -> bytes:
        """The next 20 ms of the source, when the cursor alone cannot give it."""
        frame = self.source.next_frame(self)
        while frame is None:
            over = self.source
            if over is self.play:
                self.play = None
                over.done(self, PlayEnd.COMPLETED)
            elif over is self.music:
                self.music = None
            if over is self.source:  # unless the end has started something new
                self._turn_to(self._background())
            frame = self.source.next_frame(self)
        return frame

    def start_play(self, play: Playback) -> None:
        """Let a play take over; it sounds from the moment it is loaded."""
        self.stop_play(PlayEnd.REPLACED)
        self.play = play
        self._turn_to(play if play.loaded else self.silence)

    def loaded(self, play: Playback) -> None:
        """A play or the music has become ready."""
        if play is self.play or (play is self.music and self.play is None):
            self._turn_to(play)

    def stop_play(self, reason: PlayEnd, error: str = "") -> None:
        """End the play, if there is one, and tell why."""
        play = self.play
        if play is None:
            return
        self.play = None
        play.done(self, reason, error)
        self._turn_to(self._background())

    def set_music(self, music: Playback | None) -> None:
        """What is heard while no play runs."""
        was, self.music = self.music, music
        if self.play is None and (self.source is was or self.source is self.silence):
            self._turn_to(self._background())

    def _background(self) -> Playback:
        return self.music if self.music is not None and self.music.loaded else self.silence

    def _turn_to(self, source: Playback) -> None:
        self.source.pause(self)
        self.source = source
        source.resume(self)
        if self.membership is not None:
            self.host.sort(self)  # its room may have to mix now, or no longer

    def _silence(self) -> Playback:
        quiet = Playback(0, self.codec, loop=True)
        quiet.load(silence(self.codec, 1000))
        return quiet

    def send_packet(self, payload: bytes, kind: int, stamp: int, *, marker: bool = False) -> None:
        """Send one packet beside the loop's straight way."""
        packet = (
            rtp.HEADER.pack(
                0x80, kind | (0x80 if marker else 0), self.sequence & 0xFFFF, stamp & 0xFFFFFFFF, self.ssrc
            )
            + payload
        )
        self.sequence += 1
        self.other_bytes += len(payload) - (self.codec.frame_bytes or len(self.codec.silence))
        if self.srtp is not None:
            packet = self.srtp.protect(packet)
        try:
            self.send(packet)
        except OSError:
            self.send_errors += 1

    def send_frame(self, payload: bytes) -> None:
        """Send 20 ms, alone or in one packet with those after it; b"" is a hole that the far end conceals."""
        ticks = self.codec.frame_ticks
        if self.frames_per_packet > 1:
            self.frames_waiting.append(payload or self.codec.silence)
            if len(self.frames_waiting) == self.frames_per_packet:
                start = self.stamp - ticks * (self.frames_per_packet - 1)
                self.send_packet(b"".join(self.frames_waiting), self.payload_type, start)
                self.frames_waiting.clear()
        elif payload:
            self.send_packet(payload, self.payload_type, self.stamp)
        else:
            self.skip()
        self.stamp += ticks

    def skip(self) -> None:
        """Leave a hole in the stream, which the far end counts as a loss and we do not count as sent."""
        self.sequence += 1
        self.started += 1

    # What is received.

    def take(self, packet: bytes, arrival: float) -> None:
        """A packet that the loop's straight way does not know: the first one, a key, comfort noise,
        disorder, SRTP.
        """
        if self.remote is not None and self.remote.rtcp_mux and rtp.is_rtcp(packet):
            self.host.take_control(self, packet)
            return
        try:
            if self.srtp is not None:
                packet = self.srtp.unprotect(packet)
            received = rtp.parse(packet)
        except PacketError:
            self.rejected += 1
            return
        kind, stamp = received.payload_type, received.timestamp
        if kind not in (self.payload_type, self.event_type, self.comfort_type):
            self.rejected += 1
            return
        reception = self.reception
        if received.ssrc != reception.ssrc:
            self._new_source(received)
        if not reception.take(received.sequence):
            return
        self.odd_received += len(received.payload) - 160
        if kind == self.event_type:
            self._take_key(received, arrival)
            return
        if kind == self.comfort_type:
            self.comfort_level = received.payload[0] & 0x7F if received.payload else 127
        elif self.jitter is not None and self.receives:
            self.comfort_level = None
            self.jitter.put(stamp, received.payload)

    def measure(self, arrival: tuple[float, bytes] | None) -> None:
        """Count when a packet came, of which only the header has been looked at, into the jitter."""
        if arrival is None:
            return
        at, header = arrival
        kind, _, stamp, ssrc = rtp.WORDS.unpack(header)
        if kind & 0x7F == self.payload_type and ssrc == self.reception.ssrc:
            self.reception.delay(int(at * self.codec.clock_rate), stamp)

    def _new_source(self, packet: rtp.RtpPacket) -> None:
        self.sources += 1
        self.reception.begin(packet.ssrc, packet.sequence)
        self.decoder = self.codec.decoder()
        self._key_changes(self.key_input.reset(), KeySource.RFC4733)
        if self.jitter is not None:
            self.buffer(True)

    def buffer(self, on: bool) -> None:
        """Put an empty jitter buffer in place of the one there was, or none."""
        if self.jitter is not None:
            self.late += self.jitter.late
            self.concealed += self.jitter.concealed
        config = self.host.config
        self.jitter = (
            JitterBuffer(
                self.codec.frame_ticks,
                self.codec.frame_bytes,
                max(1, config.jitter_initial_ms // 20),
                max(2, config.jitter_max_ms // 20),
            )
            if on
            else None
        )

    def _take_key(self, packet: rtp.RtpPacket, now: float) -> None:
        try:
            event = telephone_event.parse(packet.payload)
        except PacketError:
            self.rejected += 1
            return
        self._key_changes(self.key_input.feed(event, packet.timestamp, packet.marker, now), KeySource.RFC4733)
        if self.key_input.down:
            self.host.watch_key(self)

    def expire_key(self, now: float) -> None:
        """Release a key whose end was lost."""
        self._key_changes(self.key_input.expire(now), KeySource.RFC4733)

    def _key_changes(self, changes: list[telephone_event.KeyChange], source: KeySource) -> None:
        for change in changes:
            if change.pressed:
                self.keys_flood = not self._may_press()
            if self.keys_flood:
                self.rejected += 1
            elif change.pressed:
                self.key_pressed(change.key, change.duration, source)
            else:
                self.key_released(change.key, change.duration, source)

    def _may_press(self) -> bool:
        """Whether this second has not seen more keys than fingers and diallers make."""
        second = int(self.now())
        if second != self.keys_second:
            self.keys_second, self.keys_count = second, 0
        self.keys_count += 1
        return self.keys_count <= _KEYS_A_SECOND

    def key_pressed(self, key: str, duration: float, source: KeySource) -> None:
        """A key went down: tell it, and end what was to end with it."""
        self.emit(KeyPressed(self.number, self.now(), key, duration, source))
        if self.play is not None and key in self.play.stop_keys:
            self.stop_play(PlayEnd.KEY)
        for recording in list(self.recordings):
            if key in recording.stop_keys:
                recording.stop(RecordEnd.KEY, key)

    def key_released(self, key: str, duration: float, source: KeySource) -> None:
        """A key is up again: tell it, and pass it on over a bridge."""
        self.emit(KeyReleased(self.number, self.now(), key, duration, source))
        if self.membership is not None and source is KeySource.RFC4733:
            self.membership.forward_key(key, duration)

    def notice_silence(self, now: float) -> None:
        """Called now and then: tell once when the far end has been silent for too long."""
        if self.reception.received != self.heard_count:
            self.heard_count, self.heard_at, self.quiet_told = self.reception.received, now, False
            return
        limit = self.host.config.media_timeout
        if not limit or not self.connected or not self.receives or self.quiet_told:
            return
        if now - self.heard_at >= limit:
            self.quiet_told = True
            self.emit(MediaTimeout(self.number, now, now - self.heard_at))


def hear_nothing(buffer: bytearray) -> int:
    """Where packets come from while nobody has been agreed on."""
    raise BlockingIOError


def discard(packet: bytes) -> int:
    """Where packets go while there is nobody to send to."""
    return len(packet)
