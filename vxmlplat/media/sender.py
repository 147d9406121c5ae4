"""Packets beside the loop's straight way: other sizes and kinds, several frames in one, SRTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.media import rtp
from vxmlplat.media.stream import discard

if TYPE_CHECKING:
    from vxmlplat.media.line import Line

_HESITATION_TURNS = 5
"""Turns for which a line that has sent nothing yet waits for its first audio before it sends silence."""


class Sender:
    """One line's way out, and its account.

    ``frames_per_packet`` is more than 1 when the far end wishes longer packets. ``errors`` counts packets
    that the system did not take.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._stream = line.stream
        self._first = line.stream.sequence
        self._held = line.stream.sequence
        self._other_bytes = 0
        self._waiting: list[bytes] = []
        self._hesitations = 0
        self.frames_per_packet = 1
        self.on = False
        self.errors = 0

    @property
    def sent(self) -> int:
        """Packets sent."""
        return self._stream.sequence - self._first

    @property
    def sent_bytes(self) -> int:
        """Bytes of their payloads."""
        return max(0, self.sent * self._usual_bytes + self._other_bytes)

    @property
    def _usual_bytes(self) -> int:
        codec = self._line.codec
        return codec.frame_bytes or len(codec.silence)

    def turn(self, on: bool) -> None:
        """Send, or hold: what is not sent leaves no gap for the far end to count as loss."""
        if on and not self.on:
            self._stream.sequence = self._held
            self._stream.send = self._line.ports.media.send if self.sent else self._hesitate
        elif self.on and not on:
            self._held = self._stream.sequence
            self._stream.send = discard
        self.on = on

    def _hesitate(self, packet: bytes) -> int:
        """Before the first packet: silence can wait for a moment. Where a packet lies in time is for the far
        end to remember, so the first word comes at once if it is the first packet.
        """
        stream = self._stream
        if self._hesitations < _HESITATION_TURNS and self._line.idle:
            self._hesitations += 1
            stream.sequence -= 1
            return len(packet)
        stream.send = self._line.ports.media.send
        return stream.send(packet)

    def begin_at_once(self) -> None:
        """Send the first packet now and not in the line's turn, if nothing has been sent before.

        The second one follows in the turn, less than 20 ms later: the far end has it early, never late.
        """
        line = self._line
        if not self.on or self.sent or self.frames_per_packet > 1 or not line.speaks_alone:
            return
        self.frame(self._stream.next_frame())

    def begin(self, frames_per_packet: int) -> None:
        """A new agreement on how long packets are."""
        self.frames_per_packet = frames_per_packet
        self._waiting.clear()

    def packet(self, payload: bytes, kind: int, stamp: int, *, marker: bool = False) -> None:
        """Send one packet of any payload type."""
        stream = self._stream
        packet = (
            rtp.HEADER.pack(
                0x80,
                kind | (0x80 if marker else 0),
                stream.sequence & 0xFFFF,
                stamp & 0xFFFFFFFF,
                stream.ssrc,
            )
            + payload
        )
        stream.sequence += 1
        self._other_bytes += len(payload) - self._usual_bytes
        if self._line.srtp is not None:
            packet = self._line.srtp.protect(packet)
        try:
            stream.send(packet)
        except OSError:
            self.errors += 1

    def frame(self, payload: bytes) -> None:
        """Send 20 ms, alone or in one packet with those after it; b"" is a hole that the far end conceals."""
        line, stream = self._line, self._stream
        ticks = line.codec.frame_ticks
        if self.frames_per_packet > 1:
            self._waiting.append(payload or line.codec.silence)
            if len(self._waiting) == self.frames_per_packet:
                start = stream.stamp - ticks * (self.frames_per_packet - 1)
                self.packet(b"".join(self._waiting), line.payload_type, start)
                self._waiting.clear()
        elif payload:
            self.packet(payload, line.payload_type, stream.stamp)
        else:
            self.skip()
        stream.stamp += ticks

    def skip(self) -> None:
        """Leave a hole in the stream, which the far end counts as a loss and we do not count as sent."""
        self._stream.sequence += 1
        self._first += 1
