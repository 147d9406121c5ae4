"""RTCP: sender and receiver reports, source description, goodbye (RFC 3550 §6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from vxmlplat.media.errors import PacketError

_SENDER_REPORT, _RECEIVER_REPORT, _DESCRIPTION, _GOODBYE = 200, 201, 202, 203
_HEADER = struct.Struct("!BBH")
_SENDER = struct.Struct("!IIIIII")
_BLOCK = struct.Struct("!IIIIII")
_NTP_EPOCH = 2_208_988_800


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """One receiver's account of one source. ``lost`` may be negative; delays are in 65536ths of a second."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int

    def pack(self) -> bytes:
        """The block's 24 bytes."""
        lost = max(-0x800000, min(0x7FFFFF, self.lost)) & 0xFFFFFF
        return _BLOCK.pack(
            self.ssrc,
            self.fraction_lost << 24 | lost,
            self.highest,
            min(self.jitter, 0xFFFFFFFF),
            self.last_report,
            min(self.delay, 0xFFFFFFFF),
        )


@dataclass(frozen=True, slots=True)
class SenderInfo:
    """A sender's clock and counts: ``ntp`` is 64 bits of NTP time."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Report:
    """A sender report, or, without ``sender``, a receiver report."""

    ssrc: int
    sender: SenderInfo | None = None
    blocks: tuple[ReportBlock, ...] = ()

    def pack(self) -> bytes:
        """The packet's bytes."""
        body = self.ssrc.to_bytes(4, "big")
        if self.sender is not None:
            info = self.sender
            body = _SENDER.pack(
                self.ssrc,
                info.ntp >> 32,
                info.ntp & 0xFFFFFFFF,
                info.timestamp,
                info.packets & 0xFFFFFFFF,
                info.octets & 0xFFFFFFFF,
            )
        body += b"".join(block.pack() for block in self.blocks)
        kind = _SENDER_REPORT if self.sender is not None else _RECEIVER_REPORT
        return _HEADER.pack(0x80 | len(self.blocks), kind, len(body) // 4) + body


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The sources that leave."""

    ssrcs: tuple[int, ...]

    def pack(self) -> bytes:
        """The packet's bytes."""
        body = b"".join(ssrc.to_bytes(4, "big") for ssrc in self.ssrcs)
        return _HEADER.pack(0x80 | len(self.ssrcs), _GOODBYE, len(self.ssrcs)) + body


def description(ssrc: int, name: str) -> bytes:
    """A source description with the canonical name (§6.5.1)."""
    text = name.encode()[:255]
    chunk = ssrc.to_bytes(4, "big") + bytes([1, len(text)]) + text
    chunk += bytes(4 - len(chunk) % 4)
    return _HEADER.pack(0x81, _DESCRIPTION, len(chunk) // 4) + chunk


def parse(data: bytes) -> list[Report | Goodbye]:
    """The reports and goodbyes of a compound packet, everything else passed over; PacketError when it is
    none.
    """
    found: list[Report | Goodbye] = []
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise PacketError("truncated RTCP")
        first, kind, words = _HEADER.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or not 192 <= kind <= 223 or end > len(data):
            raise PacketError("no RTCP packet")
        if at == 0 and kind not in (_SENDER_REPORT, _RECEIVER_REPORT):
            raise PacketError("a compound RTCP packet begins with a report")
        count = first & 0x1F
        if kind in (_SENDER_REPORT, _RECEIVER_REPORT):
            found.append(_parse_report(data[at + 4 : end], kind, count))
        elif kind == _GOODBYE:
            if 4 * count > end - at - 4:
                raise PacketError("RTCP goodbye with too few sources")
            sources = struct.unpack_from(f"!{count}I", data, at + 4)
            found.append(Goodbye(tuple(sources)))
        at = end
    if not found:
        raise PacketError("no RTCP packet")
    return found


def _parse_report(body: bytes, kind: int, count: int) -> Report:
    start = _SENDER.size if kind == _SENDER_REPORT else 4
    if len(body) < start + count * _BLOCK.size:
        raise PacketError("RTCP report with too few blocks")
    sender = None
    if kind == _SENDER_REPORT:
        ssrc, high, low, timestamp, packets, octets = _SENDER.unpack_from(body)
        sender = SenderInfo(high << 32 | low, timestamp, packets, octets)
    else:
        ssrc = int.from_bytes(body[:4], "big")
    blocks = []
    for index in range(count):
        source, loss, highest, jitter, last, delay = _BLOCK.unpack_from(body, start + index * _BLOCK.size)
        lost = loss & 0xFFFFFF
        lost -= 0x1000000 if lost & 0x800000 else 0
        blocks.append(ReportBlock(source, loss >> 24, lost, highest, jitter, last, delay))
    return Report(ssrc, sender, tuple(blocks))


def ntp_time(unix_seconds: float) -> int:
    """64 bits of NTP time."""
    return int((unix_seconds + _NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def middle(ntp: int) -> int:
    """The middle 32 bits of an NTP time: what LSR holds."""
    return ntp >> 16 & 0xFFFFFFFF


def round_trip(now: int, block: ReportBlock) -> float | None:
    """Seconds there and back, from the middle of the NTP time now; None when the far end had no report
    of ours yet.
    """
    if not block.last_report:
        return None
    delay = (now - block.last_report - block.delay) & 0xFFFFFFFF
    return delay / 65536 if delay < 0x80000000 else 0.0
