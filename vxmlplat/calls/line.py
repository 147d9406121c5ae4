"""A line: one SIP leg and its media channel, as one thing that rings, speaks, hears keys and ends.

The SIP stack knows no audio and the media plane no signalling; here the one's negotiated address is handed to
the other.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vxmlplat.calls.errors import CallFailed
from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import ChannelLost, ChannelStatistics, KeyPressed, MediaEvent, MediaTimeout
from vxmlplat.media.plane import MediaPlane
from vxmlplat.media.remote import Direction, RemoteMedia, SrtpKeys
from vxmlplat.sip import sdp
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import (
    Answered,
    Confirmed,
    Ended,
    Failed,
    InfoKeys,
    LegEvent,
    Progress,
    Referred,
    Reinvite,
)
from vxmlplat.sip.leg import Leg

log = logging.getLogger(__name__)

CODECS = {codec.name: codec for codec in (sdp.PCMU, sdp.PCMA, sdp.G722, sdp.OPUS)}
#: statuses of a failed call, by the word that flows and CCXML use
_FAILURES = {486: "busy", 600: "busy", 408: "no_answer", 480: "no_answer", 487: "no_answer", 603: "refused"}
#: SRTP suites, best first, with the bytes of key and salt (RFC 4568 §6.2, RFC 7714)
_SUITES = {"AEAD_AES_256_GCM": 44, "AES_CM_128_HMAC_SHA1_80": 30, "AES_CM_128_HMAC_SHA1_32": 30}
#: seconds after which a caller who is turned away because there is no audio may try again
_RETRY_AFTER = 5
#: seconds that a far end that did not answer in time has to acknowledge our CANCEL; its call is over anyway
_CANCELLING = 0.5


class Line:
    """One leg with its audio.

    ``on_key(key)`` hears keys from RTP and INFO alike, ``on_media`` every other media event, ``on_ended`` the
    end, once.
    ``on_referred`` is asked when the peer wants a transfer (REFER); without it a transfer is declined.
    ``on_leg`` hears what remains of the leg's events (progress of our own transfers).
    """

    def __init__(
        self, leg: Leg | None, channel: MediaChannel, codecs: tuple[str, ...], srtp: str = "off"
    ) -> None:
        self.channel = channel
        self.on_key: Callable[[str], None] | None = None
        self.on_media: Callable[[MediaEvent], None] | None = None
        self.on_ended: Callable[[Ended], None] | None = None
        self.on_leg: Callable[[LegEvent], None] | None = None
        self.on_referred: Callable[[Referred], None] | None = None
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self.statistics: ChannelStatistics | None = None
        self.connected = False
        self._leg = leg
        self._closing: asyncio.Task[None] | None = None
        self._parting: asyncio.Task[None] | None = None
        self._capabilities = sdp.Capabilities(
            channel.local_address,
            channel.local_port,
            tuple(CODECS[name] for name in codecs),
            rtcp_port=channel.local_port + 1,
            session_id=secrets.randbits(40),
            crypto=() if srtp == "off" else _own_keys(),
            require_crypto=srtp == "require",
        )
        channel.on_event = self._media_event

    @property
    def has_leg(self) -> bool:
        """False for the line of a dialog that speaks to a conference, and before a call is placed."""
        return self._leg is not None

    @property
    def leg(self) -> Leg:
        """The SIP leg."""
        assert self._leg is not None, "an outbound line has its leg once it is placed"
        return self._leg

    @property
    def _offered(self) -> sdp.Capabilities:
        """What our own offers say: plain audio, or encrypted audio only; a peer that wants the other offers
        it."""
        ours = self._capabilities
        return ours if ours.require_crypto else replace(ours, crypto=())

    # ------------------------------------------------------------------ calls in

    @classmethod
    async def inbound(
        cls, leg: Leg, plane: MediaPlane, *, address: str, codecs: tuple[str, ...], srtp: str = "accept"
    ) -> Line:
        """A line for a call that came in;

        nothing is answered yet. Raises MediaError when there is no channel for it.
        """
        channel = await plane.open_channel(address or facing(leg.peer[0]), _ignore)
        line = cls(leg, channel, codecs, srtp)
        leg.on_event = line._leg_event
        return line

    async def answer(self, *, user_to_user: bytes | None = None) -> None:
        """Answer the call. Audio is ready before the 200 goes out, so that the first word is heard whole.

        Raises SdpError and its family when there is no common codec; the caller then rejects with 488.
        """
        offer = self.leg.remote_sdp
        if offer is not None:
            text, agreed = sdp.negotiate(offer, self._capabilities)
            self._connect(agreed)
            await self.leg.answer(text, user_to_user=user_to_user)
        else:
            answer = await self.leg.answer(sdp.offer(self._offered), user_to_user=user_to_user)
            if answer is not None:
                self._connect(sdp.accept(answer, self._offered))
        self.connected = True

    # ------------------------------------------------------------------ calls out

    @classmethod
    async def outbound(
        cls,
        call: OutboundCall,
        agent: UserAgent,
        plane: MediaPlane,
        *,
        address: str,
        codecs: tuple[str, ...],
        srtp: str = "accept",
        on_ringing: Callable[[Progress], None] | None = None,
        on_early: Callable[[Line], None] | None = None,
    ) -> Line:
        """Place a call and return when it is answered. ``address`` is the local one of its audio.

        ``on_early`` is given the line when the far end is heard before the answer. Raises CallFailed, and
        MediaError when there is no channel for it; cancelled, it takes the call back.
        """
        channel = await plane.open_channel(address, _ignore)
        line = cls(None, channel, codecs, srtp)
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def settle(event: LegEvent) -> None:
            match event:
                case Progress():
                    if on_ringing is not None:
                        on_ringing(event)
                    if event.sdp is not None and line._accept(event.sdp) and on_early is not None:
                        on_early(line)
                case Answered():
                    usable = event.sdp is None or line._accept(event.sdp)
                    line.connected = usable
                    if answered.done():
                        return
                    if usable:
                        answered.set_result(None)
                    else:  # nobody would hear anything: the call is ended by whoever waits for it
                        answered.set_exception(CallFailed(488, "refused", "no common codec"))
                case Failed():
                    if not answered.done():
                        reason = _FAILURES.get(
                            event.status, "unreachable" if event.status >= 400 else "refused"
                        )
                        answered.set_exception(CallFailed(event.status, reason, event.reason))
                case _:
                    line._leg_event(event)

        try:
            leg = agent.invite(replace(call, sdp=sdp.offer(line._offered)))
        except BaseException:
            await line._close()
            raise
        line._leg = leg
        leg.on_event = settle
        enough = asyncio.ensure_future(agent.clock.sleep(call.timeout + _CANCELLING))
        try:
            either: set[asyncio.Future[Any]] = {answered, line.ended, enough}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if answered.done():
                answered.result()
            elif line.ended.done():  # our own audio went away while it rang
                raise CallFailed(503, "unreachable", line.ended.result().reason)
            else:  # the far end does not even answer our CANCEL
                raise CallFailed(408, "no_answer")
        except BaseException:
            # The caller gave up, or the far end refused: either way nothing of the call may stay.
            if not answered.cancel():
                answered.exception()  # it is seen, whichever of the two is told
            await asyncio.shield(line.hangup())
            raise
        finally:
            enough.cancel()
        leg.on_event = line._leg_event
        return line

    def _accept(self, answer: str) -> bool:
        """Take up the peer's answer to our offer; False when it cannot be used."""
        try:
            self._connect(sdp.accept(answer, self._offered))
        except (SipError, MediaError) as error:
            log.warning("leg %s: unusable answer: %s", self._leg and self._leg.id, error)
            return False
        return True

    # ------------------------------------------------------------------ while it lasts

    def _connect(self, agreed: sdp.Negotiated) -> None:
        srtp = None
        if agreed.crypto is not None and agreed.local_crypto is not None:
            srtp = SrtpKeys(agreed.crypto.suite, agreed.local_crypto.inline, agreed.crypto.inline)
        self.channel.connect(
            RemoteMedia(
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
            )
        )

    def _leg_event(self, event: LegEvent) -> None:
        match event:
            case Reinvite():
                self._reinvited(event)
            case InfoKeys():
                for key in event.digits:
                    self._key(key)
            case Confirmed():
                if event.sdp is not None:
                    self._accept(event.sdp)
            case Referred():
                if self.on_referred is None:
                    log.info("leg %s: a transfer is declined: nobody could follow it", self.leg.id)
                    event.reject(603)
                else:
                    self.on_referred(event)
            case Ended() | Failed():
                self._over(event if isinstance(event, Ended) else Ended("error", event.reason))
        if self.on_leg is not None:
            self.on_leg(event)

    def _reinvited(self, event: Reinvite) -> None:
        """Hold, resume, another codec or address: whatever the peer wants is answered; audio follows."""
        self._capabilities = replace(self._capabilities, version=self._capabilities.version + 1)
        if event.offer is None:
            event.answer(sdp.offer(self._offered))
            return
        try:
            text, agreed = sdp.negotiate(event.offer, self._capabilities)
            self._connect(agreed)
        except (SipError, MediaError) as error:
            log.info("leg %s: re-INVITE refused: %s", self.leg.id, error)
            event.reject(488)
            return
        event.answer(text)

    def _media_event(self, event: MediaEvent) -> None:
        match event:
            case KeyPressed():
                self._key(event.key)
            case ChannelLost():
                # The media process died. The call ends in order: a caller who hears nothing would hang on for
                # ever.
                self._end(Ended("error", "media lost"))
            case MediaTimeout():
                log.info(
                    "leg %s: no audio from the peer for %.0f s", self._leg and self._leg.id, event.seconds
                )
        if self.on_media is not None:
            self.on_media(event)

    def _key(self, key: str) -> None:
        if self.on_key is not None:
            self.on_key(key)

    def _over(self, event: Ended) -> None:
        if self.ended.done():
            return
        self.connected = False
        self.ended.set_result(event)
        self._closing = asyncio.create_task(self._close())
        if self.on_ended is not None:
            self.on_ended(event)

    def _end(self, event: Ended, user_to_user: bytes | None = None) -> None:
        """Over for whoever uses the line at once; the peer may take its time to agree (RFC 3261 §15)."""
        if self._leg is not None and not self.ended.done():
            self._parting = asyncio.create_task(self._part(self._leg, event, user_to_user))
        self._over(event)

    async def _part(self, leg: Leg, event: Ended, user_to_user: bytes | None) -> None:
        try:
            if event.by == "error" and leg.direction == "in" and leg.state in ("trying", "ringing"):
                leg.reject(503, retry_after=_RETRY_AFTER)
            else:
                await leg.hangup(user_to_user=user_to_user, reason=event.reason)
        except SipError as error:  # the peer ended it in the same moment
            log.debug("leg %s: %s", leg.id, error)

    async def hangup(self, *, user_to_user: bytes | None = None, reason: str = "") -> None:
        """End the call in whatever state it is; returns when its audio is released. Harmless when it is over.

        The far end is told at the same time; one that never answers is waited for by the SIP stack alone.
        """
        self._end(Ended("local", reason), user_to_user)
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            self.statistics = await self.channel.close()
        except MediaError as error:
            log.info("media channel %d: %s", self.channel.id, error)


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


def _ignore(event: MediaEvent) -> None:
    """Before a line owns its channel nothing can happen on it."""
