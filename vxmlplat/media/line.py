"""One channel inside the media process: what it is joined to, who listens to it, and its parts.

The parts are the concepts: :class:`.Stream` what the loop touches in every turn, :class:`.Player` what the
caller hears, :class:`.Sender` and :class:`.Receiver` the packets out of the ordinary, :class:`.KeyInput` the
keys. The line itself knows which way it has to be served.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from vxmlplat.media.codecs import Codec, Encoder, codec
from vxmlplat.media.events import MediaTimeout
from vxmlplat.media.host import Host
from vxmlplat.media.key_input import KeyInput
from vxmlplat.media.network import Ports
from vxmlplat.media.player import Player
from vxmlplat.media.receiver import Receiver
from vxmlplat.media.remote import RemoteMedia
from vxmlplat.media.sender import Sender
from vxmlplat.media.stream import Stream

if TYPE_CHECKING:
    from vxmlplat.media.joining import Membership
    from vxmlplat.media.key_sender import KeySender
    from vxmlplat.media.recorder import Recording
    from vxmlplat.media.srtp import SrtpSession
    from vxmlplat.media.tap import Tap


class Line:
    """A channel's state; see the module's docstring.

    ``special``: more goes into a packet than the next 160 bytes of the cursor. ``decoded``: the caller's
    audio is needed as samples.
    """

    def __init__(self, number: int, ports: Ports, host: Host) -> None:
        self.number = number
        self.ports = ports
        self.host = host
        self.slot = -1
        self.special = self.decoded = False

        self.remote: RemoteMedia | None = None
        self.connected = self.receives = False
        self.payload_type = self.receive_type = 0
        self.event_type = self.event_receive_type = self.comfort_type = -1
        self.event_rate = 8000
        self.codec: Codec = codec("PCMU")
        self.encoder: Encoder = self.codec.encoder()
        self.srtp: SrtpSession | None = None

        self.stream = Stream(self)
        self.player = Player(number, self.stream, self.codec, host, self._turned)
        self.sender = Sender(self)
        self.receiver = Receiver(self)
        self.keys = KeyInput(self)
        self.keys_out: KeySender | None = None

        self.inband = False
        self.inband_wanted: bool | None = None
        self.speech = self.tones = False
        self.ears: dict[str, Any] = {}
        self.recordings: list[Recording] = []
        self.taps: list[Tap] = []
        self.membership: Membership | None = None

        self.heard_at = host.now()
        self.heard_count = self.connect_count = 0
        self.quiet_told = False
        self.chores = secrets.randbelow(5)
        self.control_address: Any = None
        self.round_trip: float | None = None
        self.remote_report: tuple[int, int] | None = None
        self.rtcp_heard: tuple[int, float] | None = None
        self.strangers = 0
        self.suspects: dict[Any, tuple[int, int, int]] = {}

    def use_codec(self, chosen: Codec) -> None:
        """Another codec from now on; what plays is translated by who knows its clips."""
        self.codec = chosen
        self.encoder = chosen.encoder()
        self.player.use(chosen)
        self.receiver.use_codec()
        for recording in self.recordings:
            recording.use(chosen)

    def settle_inband(self) -> None:
        """Whether keys are looked for in the audio: as wished, or when they cannot come any other way."""
        wanted = self.inband_wanted
        self.inband = wanted if wanted is not None else self.connected and self.event_type < 0

    @property
    def plain(self) -> bool:
        """Whether the loop may send straight from the cursor, with nobody to hear what comes in."""
        return self.membership is None and not (self.special or self.recordings or self.taps or self.decoded)

    @property
    def speaks_alone(self) -> bool:
        """Whether what it sends is its player's audio, and nobody keeps account of it by turns."""
        return self.membership is None and self.keys_out is None and not (self.recordings or self.taps)

    @property
    def idle(self) -> bool:
        """Whether it has nothing to send."""
        return self.membership is None and self.keys_out is None and self.player.silent

    def sort(self) -> None:
        """See anew which way the line is served."""
        self.special = bool(
            self.keys_out is not None
            or self.srtp is not None
            or self.sender.frames_per_packet > 1
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

    def clear(self) -> None:
        """The line is over: let go of its parts, which know it. Nothing collects circles while lines are up;
        every call would stay in memory for hours.
        """
        self.keys_out = None
        self.player.clear()
        self.stream.close()
        del self.player, self.sender, self.receiver, self.keys

    def _turned(self) -> None:
        if self.membership is not None:
            self.host.sort(self)  # its room may have to mix now, or no longer

    def notice_silence(self, now: float) -> None:
        """Called once a second: tell once when the far end has been silent for too long."""
        received = self.stream.received
        if received != self.heard_count:
            self.heard_count, self.heard_at, self.quiet_told = received, now, False
            return
        limit = self.host.config.media_timeout
        if not limit or not self.connected or not self.receives or self.quiet_told:
            return
        if now - self.heard_at >= limit:
            self.quiet_told = True
            self.host.emit(MediaTimeout(self.number, now, now - self.heard_at))
