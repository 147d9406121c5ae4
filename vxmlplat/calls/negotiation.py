"""What a line offers and accepts of audio, and what was agreed in the words of the media plane.

The SIP stack knows no audio and the media plane no signalling; here the one's words become the other's.
"""

from __future__ import annotations

import secrets
import socket
from base64 import b64encode

from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.remote import Direction, RemoteMedia, SrtpKeys
from vxmlplat.sip import sdp
from vxmlplat.sip.payload_types import G722, OPUS, PCMA, PCMU

CODECS = {codec.name: codec for codec in (PCMU, PCMA, G722, OPUS)}
#: SRTP suites, best first, with the bytes of key and salt (RFC 4568 §6.2, RFC 7714)
_SUITES = {"AEAD_AES_256_GCM": 44, "AES_CM_128_HMAC_SHA1_80": 30, "AES_CM_128_HMAC_SHA1_32": 30}


def capabilities(channel: MediaChannel, codecs: tuple[str, ...], srtp: str) -> sdp.Capabilities:
    """What a channel can do, as one leg is told; every leg gets keys of its own.

    ``srtp``: ``off``, ``accept`` or ``require``.
    """
    return sdp.Capabilities(
        channel.local_address,
        channel.local_port,
        tuple(CODECS[name] for name in codecs),
        rtcp_port=channel.local_port + 1,
        session_id=secrets.randbits(40),
        crypto=() if srtp == "off" else _own_keys(),
        require_crypto=srtp == "require",
    )


def remote_media(agreed: sdp.Negotiated) -> RemoteMedia:
    """The far end of a channel, as offer and answer have settled it."""
    srtp = None
    if agreed.crypto is not None and agreed.local_crypto is not None:
        srtp = SrtpKeys(agreed.crypto.suite, agreed.local_crypto.inline, agreed.crypto.inline)
    return RemoteMedia(
        agreed.remote_address,
        agreed.remote_port,
        agreed.codec.name,
        agreed.payload_type,
        agreed.dtmf_payload_type,
        agreed.ptime,
        Direction(agreed.direction),
        srtp,
        agreed.remote_rtcp_port,
        agreed.rtcp_mux,
        receive_payload_type=agreed.receive_payload_type,
        dtmf_receive_payload_type=agreed.dtmf_receive_payload_type,
        dtmf_clock_rate=agreed.dtmf_clock_rate,
    )


def facing(peer: str) -> str:
    """The local address from which packets to ``peer`` would leave; loopback when there is no route."""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((peer, 9))
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
        return str(probe.getsockname()[0])


def _own_keys() -> tuple[sdp.Crypto, ...]:
    """Fresh SRTP keys of ours, one for each suite."""
    return tuple(
        sdp.Crypto(tag, suite, b64encode(secrets.token_bytes(size)).decode())
        for tag, (suite, size) in enumerate(_SUITES.items(), 1)
    )
