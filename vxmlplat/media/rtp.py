"""RTP packets (RFC 3550 §5.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from vxmlplat.media.errors import PacketError

HEADER = struct.Struct("!BBHII")
HEADER_SIZE = HEADER.size
WORDS = struct.Struct("!HHII")
"""The same twelve bytes with the first two as one number, for the loop."""

USUAL = 0x8000
"""That number's first byte, and a clear marker bit: no padding, no extension, no CSRC."""

_EXTENSION = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet: its header's fields and its payload, without padding, CSRCs and header extension."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def pack(self) -> bytes:
        """The packet's bytes."""
        second = self.payload_type | (0x80 if self.marker else 0)
        return HEADER.pack(0x80, second, self.sequence, self.timestamp, self.ssrc) + self.payload


def parse(data: bytes) -> RtpPacket:
    """The packet in these bytes; PacketError when they are none."""
    if len(data) < HEADER_SIZE:
        raise PacketError(f"{len(data)} bytes are too few for RTP")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise PacketError(f"RTP version {first >> 6}")
    start, end = HEADER_SIZE + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if start + 4 > end:
            raise PacketError("truncated RTP header extension")
        start += 4 + 4 * _EXTENSION.unpack_from(data, start)[1]
    if first & 0x20:
        padding = data[-1]
        if padding == 0:
            raise PacketError("RTP padding of no bytes")
        end -= padding
    if start > end:
        raise PacketError("RTP header longer than the packet")
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80))


def is_rtcp(data: bytes) -> bool:
    """Whether a packet on a shared port is RTCP (RFC 5761 §4)."""
    return len(data) >= 2 and 192 <= data[1] <= 223


def after(later: int, earlier: int, bits: int = 32) -> int:
    """How far ``later`` is after ``earlier`` on a counter that wraps; negative when it is before."""
    half = 1 << (bits - 1)
    return ((later - earlier + half) & ((1 << bits) - 1)) - half
