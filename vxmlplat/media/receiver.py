"""Packets that the loop's straight way does not know: the first one, keys, comfort noise, disorder, SRTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vxmlplat.media import rtp
from vxmlplat.media.errors import PacketError
from vxmlplat.media.jitter import JitterBuffer
from vxmlplat.media.network import drain
from vxmlplat.media.reception import Reception
from vxmlplat.media.stream import hear_nothing

if TYPE_CHECKING:
    from vxmlplat.media.codecs import Decoder
    from vxmlplat.media.line import Line

_MOST_EARLY = 500
"""Packets that a socket's buffer can have gathered before it is connected, and some."""


class Receiver:
    """One line's way in, and its account.

    ``comfort_level`` is the noise in -dBov that the far end asks for while it is silent (RFC 3389), None
    while it speaks. ``rejected`` counts what was no packet of this stream.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._stream = line.stream
        self.reception = Reception(line.stream)
        self.decoder: Decoder = line.codec.decoder()
        self.comfort_level: int | None = None
        self.rejected = 0
        self._candidate = (-1, 0)
        self._odd_bytes = 0
        self._late = self._concealed = 0

    @property
    def received_bytes(self) -> int:
        """Bytes of all payloads."""
        return self._stream.received * 160 + self._odd_bytes

    @property
    def late(self) -> int:
        """Packets that came too late to be heard."""
        jitter = self._stream.jitter
        return self._late + (jitter.late if jitter is not None else 0)

    @property
    def concealed(self) -> int:
        """Frames made up for those that were missing."""
        jitter = self._stream.jitter
        return self._concealed + (jitter.concealed if jitter is not None else 0)

    def listen(self) -> None:
        """Read the socket, connected now, from now on. Of what came to it from anybody before, only the far
        end's own packets count.
        """
        if self._stream.receive is not hear_nothing:
            return
        line, sock = self._line, self._line.ports.media
        self._stream.receive = sock.recv_into
        peer = sock.getpeername()

        def early(packet: bytes, source: Any) -> None:
            if source == peer:
                self.take(packet, line.host.now())
            else:
                line.strangers += 1

        drain(sock, early, _MOST_EARLY)

    def use_codec(self) -> None:
        """The line's codec is another one."""
        self.decoder = self._line.codec.decoder()
        self.buffer(self._stream.jitter is not None)

    def buffer(self, on: bool) -> None:
        """Put an empty jitter buffer in place of the one there was, or none."""
        self._late, self._concealed = self.late, self.concealed
        config, codec = self._line.host.config, self._line.codec
        self._stream.jitter = (
            JitterBuffer(
                codec.frame_ticks,
                codec.frame_bytes,
                max(1, config.jitter_initial_ms // 20),
                max(2, config.jitter_max_ms // 20),
            )
            if on
            else None
        )

    def take(self, packet: bytes, now: float) -> None:
        """Any packet."""
        line = self._line
        if line.remote is not None and line.remote.rtcp_mux and rtp.is_rtcp(packet):
            line.host.take_control(line, packet)
            return
        try:
            if line.srtp is not None:
                packet = line.srtp.unprotect(packet)
            received = rtp.parse(packet)
        except PacketError:
            self._refuse()
            return
        kind = received.payload_type
        if kind not in (line.receive_type, line.event_receive_type, line.comfort_type):
            self._refuse()
            return
        if received.ssrc != self._stream.far_ssrc and not self._follow(received, now):
            return
        if not self.reception.take(received.sequence):
            return
        self._odd_bytes += len(received.payload) - 160
        if kind == line.event_receive_type:
            self._look_behind()
            line.keys.take(received, now)
        elif kind == line.comfort_type:
            self.comfort_level = received.payload[0] & 0x7F if received.payload else 127
        elif self._stream.jitter is not None and line.receives:
            self.comfort_level = None
            self._stream.jitter.put(received.timestamp, received.payload)

    def _refuse(self) -> None:
        self.rejected += 1
        self._look_behind()

    def _look_behind(self) -> None:
        """This packet may have come beside the audio, as the keys of many telephones do: what came after it
        must not wait for a turn of its own.
        """
        self._stream.watchful = self._stream.watchful or 1

    def _follow(self, packet: rtp.RtpPacket, now: float) -> bool:
        """Whether a packet of another source begins a new stream.

        While there is a stream, it takes two in a row: one alone is a broken packet, and must not cost the
        stream its buffer. Keys come under a source of their own from some gateways; they are heard without
        being followed.
        """
        if packet.payload_type == self._line.event_receive_type and self._stream.far_ssrc >= 0:
            self._look_behind()
            self._line.keys.take(packet, now)
            return False
        expected, self._candidate = self._candidate, (packet.ssrc, (packet.sequence + 1) & 0xFFFF)
        if self._stream.far_ssrc >= 0 and expected != (packet.ssrc, packet.sequence):
            self._refuse()
            return False
        self._new_source(packet)
        return True

    def _new_source(self, packet: rtp.RtpPacket) -> None:
        self.reception.begin(packet.ssrc, packet.sequence)
        self.decoder = self._line.codec.decoder()
        if self._stream.jitter is not None:
            self.buffer(True)

    def measure_next(self) -> None:
        """See when the next packet really came. A turn is too coarse a clock for the jitter, and the system's
        stamp with every packet too dear: once a second is enough.
        """
        if self._stream.receive is not hear_nothing:
            self._stream.receive = self._receive_measured

    def _receive_measured(self, buffer: bytearray) -> int:
        line, stream = self._line, self._stream
        stream.receive = line.ports.media.recv_into
        size, at = line.host.network.receive_stamped(line.ports.media, buffer)
        if at is not None and size >= rtp.HEADER_SIZE:
            kind, _, stamp, ssrc = rtp.WORDS.unpack_from(buffer)
            if ssrc == stream.far_ssrc and kind & 0x7F == line.receive_type:
                self.reception.delay(int(at * line.codec.clock_rate), stamp)
        return size
