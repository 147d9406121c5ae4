"""Pointing a line at its far end, and taking it away again."""

from __future__ import annotations

import functools
import ipaddress
import logging
from typing import TYPE_CHECKING

from vxmlplat.media.codecs import codec
from vxmlplat.media.remote import Direction, RemoteMedia
from vxmlplat.media.rtp import USUAL
from vxmlplat.media.srtp import SrtpSession

if TYPE_CHECKING:
    from vxmlplat.media.engine import Engine
    from vxmlplat.media.line import Line

log = logging.getLogger(__name__)

_PACKET_TIMES = {20: 1, 40: 2, 60: 3}


def connect_line(engine: Engine, line: Line, remote: RemoteMedia) -> None:
    """Apply what has been negotiated. An address that cannot be reached is logged, and the line keeps
    silent.
    """
    before = line.remote
    line.remote = remote
    chosen = codec(remote.codec)
    if chosen is not line.codec:
        line.use_codec(chosen)
    _set_payload_types(line, remote)
    line.sender.begin(_PACKET_TIMES.get(remote.ptime, 1) if chosen.frame_bytes else 1)
    if remote.srtp is None:
        line.srtp = None
    elif line.srtp is None or line.srtp.keys != remote.srtp:
        line.srtp = SrtpSession(remote.srtp)
    stream = line.stream
    stream.kind = USUAL | line.payload_type
    plainly = line.srtp is None and chosen.frame_bytes == 160 and chosen.clock_rate == 8000
    stream.usual = USUAL | line.receive_type if plainly else -1

    sends = remote.direction in (Direction.SENDRECV, Direction.SENDONLY) and _somewhere(remote)
    line.receives = remote.direction in (Direction.SENDRECV, Direction.RECVONLY)
    if not line.receives:
        stream.usual = -1
    moved = before is None or (before.address, before.port) != (remote.address, remote.port)
    if moved and _somewhere(remote):
        sends = _point(line, remote) and sends
    line.sender.turn(sends)
    line.heard_at, line.quiet_told = engine.now(), False
    line.connected = True
    line.settle_inband()
    engine.sort(line)


def _set_payload_types(line: Line, remote: RemoteMedia) -> None:
    def either(received: int | None, sent: int | None) -> int:
        """What comes in; -1 is a payload type that no packet has."""
        chosen = sent if received is None else received
        return -1 if chosen is None else chosen

    line.payload_type = remote.payload_type
    line.receive_type = either(remote.receive_payload_type, remote.payload_type)
    line.event_type = either(None, remote.dtmf_payload_type)
    line.event_receive_type = either(remote.dtmf_receive_payload_type, remote.dtmf_payload_type)
    line.comfort_type = either(None, remote.comfort_noise_payload_type)
    line.event_rate = remote.dtmf_clock_rate or line.codec.clock_rate
    line.keys.use_clock(line.event_rate)


def _point(line: Line, remote: RemoteMedia) -> bool:
    try:
        line.ports.media.connect((remote.address, remote.port))
    except OSError as error:
        log.warning("media channel %d: no way to %s:%d: %s", line.number, remote.address, remote.port, error)
        return False
    line.control_address = (remote.address, remote.rtcp_port or remote.port + 1)
    line.stream.far_ssrc = -1  # whoever sends from there begins a stream with the first packet
    line.receiver.listen()
    line.connect_count = line.heard_count = line.stream.received
    line.suspects.clear()
    return True


def _somewhere(remote: RemoteMedia) -> bool:
    """Whether there is an address at all: RFC 2543's hold says 0.0.0.0, and port 0 is a refused stream."""
    return remote.port != 0 and not _unspecified(remote.address)


@functools.lru_cache(maxsize=256)
def _unspecified(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_unspecified
    except ValueError:  # a name: connect() will find it or fail
        return False
