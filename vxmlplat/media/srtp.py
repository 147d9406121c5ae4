"""SRTP with keys from SDES (RFC 3711, RFC 4568), by libsrtp."""

from __future__ import annotations

import base64
import binascii

import pylibsrtp

from vxmlplat.media.errors import MediaError, PacketError
from vxmlplat.media.remote import SrtpKeys

_PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": (pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
    "AES_CM_128_HMAC_SHA1_32": (pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 30),
    "AEAD_AES_128_GCM": (pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    "AEAD_AES_256_GCM": (pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
}


def check(keys: SrtpKeys) -> None:
    """MediaError unless the keys can be used."""
    _material(keys.suite, keys.local_key)
    _material(keys.suite, keys.remote_key)


def _material(suite: str, key: str) -> tuple[int, bytes]:
    if suite not in _PROFILES:
        raise MediaError(f"unknown crypto suite {suite!r}; known: {', '.join(_PROFILES)}")
    profile, size = _PROFILES[suite]
    try:
        material = base64.b64decode(key, validate=True)
    except binascii.Error as error:
        raise MediaError(f"an SDES key that is not base64: {error}") from error
    if len(material) != size:
        raise MediaError(f"an SDES key of {len(material)} bytes; {suite} takes {size}")
    return profile, material


class SrtpSession:
    """Both ways of one stream."""

    def __init__(self, keys: SrtpKeys) -> None:
        self.keys = keys
        self._out = self._session(keys.local_key, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
        self._in = self._session(keys.remote_key, pylibsrtp.Policy.SSRC_ANY_INBOUND)

    def _session(self, key: str, direction: int) -> pylibsrtp.Session:
        profile, material = _material(self.keys.suite, key)
        policy = pylibsrtp.Policy(key=material, ssrc_type=direction, srtp_profile=profile)
        policy.allow_repeat_tx = True
        policy.window_size = 1024
        return pylibsrtp.Session(policy=policy)

    def protect(self, packet: bytes) -> bytes:
        """An RTP packet, encrypted and signed."""
        sealed: bytes = self._out.protect(packet)
        return sealed

    def unprotect(self, packet: bytes) -> bytes:
        """The RTP packet inside; PacketError when it is not authentic or a replay."""
        try:
            opened: bytes = self._in.unprotect(packet)
        except pylibsrtp.Error as error:
            raise PacketError(str(error)) from error
        return opened

    def authentic(self, packet: bytes) -> bool:
        """Whether this comes from who has the keys; leaves the replay window alone."""
        try:
            self._session(self.keys.remote_key, pylibsrtp.Policy.SSRC_ANY_INBOUND).unprotect(packet)
        except pylibsrtp.Error:
            return False
        return True

    def protect_control(self, packet: bytes) -> bytes:
        """An RTCP packet, encrypted and signed."""
        sealed: bytes = self._out.protect_rtcp(packet)
        return sealed

    def unprotect_control(self, packet: bytes) -> bytes:
        """The RTCP packet inside; PacketError when it is not authentic."""
        try:
            opened: bytes = self._in.unprotect_rtcp(packet)
        except pylibsrtp.Error as error:
            raise PacketError(str(error)) from error
        return opened
