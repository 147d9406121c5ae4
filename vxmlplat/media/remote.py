"""The far end of a channel, as offer and answer have settled it."""

from __future__ import annotations

import operator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Direction(StrEnum):
    """Which way audio flows, seen from here (RFC 3264 §5.1)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """SDES keys of both ways (RFC 4568): ``inline`` values, base64 of master key and salt, without lifetime
    and MKI.
    """

    suite: str
    local_key: str
    remote_key: str


@dataclass(frozen=True, slots=True)
class RemoteMedia:
    """Where and how to send, and what to expect.

    ``codec`` is the encoding name of the payload format (``PCMU``, ``PCMA``, ``G722``, ``opus``; case does
    not matter). ``rtcp_port`` None means ``port + 1``; ``rtcp_mux`` sends RTCP on the RTP port (RFC 5761).
    ``comfort_noise_payload_type`` is accepted beside the codec (RFC 3389). ``ptime`` is the peer's wish in
    milliseconds: 20, 40 and 60 are met, any other gets 20.

    The payload types are those that we send with. An answerer may choose others than it was offered
    (RFC 3264 §5.1): ``receive_payload_type`` and ``dtmf_receive_payload_type`` are what the far end sends
    with, None the same. ``dtmf_clock_rate`` is the clock of telephone-event as its rtpmap says; None the
    codec's own, as it should be (RFC 4733 §2.4.1).
    """

    address: str
    port: int
    codec: str = "PCMU"
    payload_type: int = 0
    dtmf_payload_type: int | None = 101
    ptime: int = 20
    direction: Direction = Direction.SENDRECV
    srtp: SrtpKeys | None = None
    rtcp_port: int | None = None
    rtcp_mux: bool = False
    comfort_noise_payload_type: int | None = 13
    receive_payload_type: int | None = None
    dtmf_receive_payload_type: int | None = None
    dtmf_clock_rate: int | None = None


_NAMES = tuple(field.name for field in fields(RemoteMedia))
_DIRECTION, _SRTP = _NAMES.index("direction"), _NAMES.index("srtp")
_values = operator.attrgetter(*_NAMES)
_keys = operator.attrgetter(*(field.name for field in fields(SrtpKeys)))


def pack_remote(remote: RemoteMedia) -> tuple[object, ...]:
    """A far end as plain values, for the wire to the media process."""
    values = list(_values(remote))
    values[_DIRECTION] = remote.direction.value
    values[_SRTP] = _keys(remote.srtp) if remote.srtp is not None else None
    return tuple(values)


def unpack_remote(packed: tuple[Any, ...]) -> RemoteMedia:
    """A far end back from :func:`pack_remote`."""
    values = list(packed)
    values[_DIRECTION] = Direction(values[_DIRECTION])
    values[_SRTP] = SrtpKeys(*values[_SRTP]) if values[_SRTP] is not None else None
    return RemoteMedia(*values)
