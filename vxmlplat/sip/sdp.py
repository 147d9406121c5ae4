"""Session descriptions (RFC 8866) and offer/answer (RFC 3264) as pure functions. Codecs are names here, no media code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]


@dataclass(frozen=True, slots=True)
class Codec:
    """An audio codec by its RTP name (``PCMU``), clock rate, channels and, if fixed, its payload type."""

    name: str
    rate: int = 8000
    channels: int = 1
    payload_type: int | None = None
    fmtp: str | None = None


PCMU = Codec("PCMU", payload_type=0)
PCMA = Codec("PCMA", payload_type=8)
G722 = Codec("G722", payload_type=9)
OPUS = Codec("opus", 48000, 2, 111)


@dataclass(frozen=True, slots=True)
class Crypto:
    """One SDES line (RFC 4568): tag, suite and the key parameters as they stand after ``inline:``."""

    tag: int
    suite: str
    inline: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Our side of an offer or answer: address and port of the media channel and what it can do, best codec first.

    ``crypto`` is our key for SDES; ``require_crypto`` refuses plain RTP. ``version`` counts up with every change of one session.
    """

    address: str
    port: int
    codecs: tuple[Codec, ...] = (PCMU, PCMA)
    dtmf: bool = True
    dtmf_payload_type: int = 101
    ptime: int = 20
    direction: Direction = "sendrecv"
    rtcp_port: int | None = None
    crypto: Crypto | None = None
    require_crypto: bool = False
    session_id: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What both sides agreed on, seen from ours.

    ``payload_type`` is what we send with, ``receive_payload_type`` what the peer sends with (they may differ); the same for DTMF, None when the
    peer has no telephone-event. ``direction`` is ours. ``crypto`` is the peer's key, ``local_crypto`` ours.
    """

    remote_address: str
    remote_port: int
    codec: Codec
    payload_type: int
    receive_payload_type: int
    dtmf_payload_type: int | None
    dtmf_receive_payload_type: int | None
    ptime: int
    direction: Direction
    remote_rtcp_port: int
    rtcp_mux: bool
    crypto: Crypto | None
    local_crypto: Crypto | None


def offer(capabilities: Capabilities) -> str:
    """Our offer."""
    raise NotImplementedError


def negotiate(offer_text: str, capabilities: Capabilities) -> tuple[str, Negotiated]:
    """Our answer to the peer's offer, and what it means. Raises NotAcceptable (488) or SdpError (400)."""
    raise NotImplementedError


def accept(answer_text: str, offered: Capabilities) -> Negotiated:
    """What the peer's answer to our offer means. Raises NotAcceptable or SdpError."""
    raise NotImplementedError
