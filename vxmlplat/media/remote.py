"""The far end of a channel, as offer and answer have settled it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
