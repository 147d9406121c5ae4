"""A line: one SIP leg and its media channel, as one thing that rings, speaks, hears keys and ends.

The SIP stack knows no audio and the media plane no signalling; here the one's negotiated address is handed to
the other.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace

from vxmlplat.calls.errors import CallFailed
from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import ChannelLost, ChannelStatistics, KeyPressed, MediaEvent, MediaTimeout
from vxmlplat.media.plane import MediaPlane
from vxmlplat.media.remote import Direction, RemoteMedia, SrtpKeys
from vxmlplat.sip import sdp
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Answered, Confirmed, Ended, Failed, InfoKeys, LegEvent, Progress, Reinvite
from vxmlplat.sip.leg import Leg

log = logging.getLogger(__name__)

CODECS = {codec.name: codec for codec in (sdp.PCMU, sdp.PCMA, sdp.G722, sdp.OPUS)}
#: statuses of a failed call, by the word that flows and CCXML use
_FAILURES = {486: "busy", 600: "busy", 408: "no_answer", 480: "no_answer", 487: "no_answer", 603: "refused"}


class Line:
    """One leg with its audio.

    ``on_key(key)`` hears keys from RTP and INFO alike, ``on_media`` every other media event, ``on_ended`` the
    end, once.
    ``on_leg`` hears what remains of the leg's events (transfer requests, progress).
    """

    def __init__(self, leg: Leg | None, channel: MediaChannel, codecs: tuple[str, ...]) -> None:
        self.channel = channel
        self.on_key: Callable[[str], None] | None = None
        self.on_media: Callable[[MediaEvent], None] | None = None
        self.on_ended: Callable[[Ended], None] | None = None
        self.on_leg: Callable[[LegEvent], None] | None = None
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self.statistics: ChannelStatistics | None = None
        self.connected = False
        self._leg = leg
        self._closing: asyncio.Task[None] | None = None
        self._capabilities = sdp.Capabilities(
            channel.local_address,
            channel.local_port,
            tuple(CODECS[name] for name in codecs),
            rtcp_port=channel.local_port + 1,
            session_id=secrets.randbits(40),
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

    # ------------------------------------------------------------------ calls in

    @classmethod
    async def inbound(cls, leg: Leg, plane: MediaPlane, *, address: str, codecs: tuple[str, ...]) -> Line:
        """A line for a call that came in;

        nothing is answered yet. Raises MediaError when there is no channel for it.
        """
        channel = await plane.open_channel(address or facing(leg.peer[0]), _ignore)
        line = cls(leg, channel, codecs)
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
            answer = await self.leg.answer(sdp.offer(self._capabilities), user_to_user=user_to_user)
            if answer is not None:
                self._connect(sdp.accept(answer, self._capabilities))
        self.connected = True

    async def early_media(self) -> None:
        """183 with audio before the answer: announcements that nobody pays for."""
        if self.leg.remote_sdp is None:
            await self.leg.ring()
            return
        text, agreed = sdp.negotiate(self.leg.remote_sdp, self._capabilities)
        self._connect(agreed)
        await self.leg.ring(text, status=183)

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
        on_ringing: Callable[[Progress], None] | None = None,
    ) -> Line:
        """Place a call and return when it is answered.

        Raises CallFailed; cancelled, it takes the call back.
        """
        host = call.target.partition("@")[2] or call.target
        channel = await plane.open_channel(address or facing(host_of(host)), _ignore)
        line = cls(None, channel, codecs)
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def settle(event: LegEvent) -> None:
            match event:
                case Progress():
                    if event.sdp is not None:
                        line._accept(event.sdp)
                    if on_ringing is not None:
                        on_ringing(event)
                case Answered():
                    if event.sdp is not None:
                        line._accept(event.sdp)
                    line.connected = True
                    if not answered.done():
                        answered.set_result(None)
                case Failed():
                    if not answered.done():
                        reason = _FAILURES.get(
                            event.status, "unreachable" if event.status >= 400 else "refused"
                        )
                        answered.set_exception(CallFailed(event.status, reason, event.reason))
                case _:
                    line._leg_event(event)

        try:
            leg = agent.invite(replace(call, sdp=sdp.offer(line._capabilities)))
        except BaseException:
            await line._close()
            raise
        line._leg = leg
        leg.on_event = settle
        try:
            await answered
        except BaseException:
            # The caller gave up, or the far end refused: either way nothing of the call may stay.
            await asyncio.shield(line.hangup())
            raise
        leg.on_event = line._leg_event
        return line

    def _accept(self, answer: str) -> None:
        try:
            self._connect(sdp.accept(answer, self._capabilities))
        except SipError as error:
            log.warning("leg %s: unusable answer: %s", self._leg and self._leg.id, error)

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
            case Ended() | Failed():
                self._over(event if isinstance(event, Ended) else Ended("error", event.reason))
        if self.on_leg is not None:
            self.on_leg(event)

    def _reinvited(self, event: Reinvite) -> None:
        """Hold, resume, another codec or address: whatever the peer wants is answered; audio follows."""
        self._capabilities = replace(self._capabilities, version=self._capabilities.version + 1)
        if event.offer is None:
            event.answer(sdp.offer(self._capabilities))
            return
        try:
            text, agreed = sdp.negotiate(event.offer, self._capabilities)
        except SipError as error:
            log.info("leg %s: re-INVITE refused: %s", self.leg.id, error)
            event.reject(488)
            return
        self._connect(agreed)
        event.answer(text)

    def _media_event(self, event: MediaEvent) -> None:
        match event:
            case KeyPressed():
                self._key(event.key)
            case ChannelLost():
                # The media process died. The call ends in order: a caller who hears nothing would hang on for
                # ever.
                self._closing = self._closing or asyncio.create_task(self.hangup(reason="media lost"))
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

    async def hangup(self, *, user_to_user: bytes | None = None, reason: str = "") -> None:
        """End the call in whatever state it is and release its audio. Harmless when it is over."""
        if self._leg is not None:
            await self._leg.hangup(user_to_user=user_to_user, reason=reason)
        self._over(Ended("local", reason))
        if self._closing is not None and self._closing is not asyncio.current_task():
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


def host_of(host_and_more: str) -> str:
    """The host of what follows the ``@`` of a SIP URI."""
    plain = host_and_more.partition(";")[0].partition("?")[0]
    if plain.startswith("["):
        return plain[1:].partition("]")[0]
    return plain.partition(":")[0]


def _ignore(event: MediaEvent) -> None:
    """Before a line owns its channel nothing can happen on it."""
