"""A line: one SIP leg and its media channel, as one thing that rings, speaks, hears keys and ends.

The channel is the line's for life. The leg may change: another telephone takes over (``calls.succession``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vxmlplat.calls.errors import CallFailed, failure_word
from vxmlplat.calls.negotiation import capabilities, remote_media
from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import (
    ChannelLost,
    ChannelStatistics,
    KeyPressed,
    MediaEvent,
    MediaTimeout,
    ToneDetected,
    ToneKind,
)
from vxmlplat.media.tap import AudioTap
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
    TextMessage,
)
from vxmlplat.sip.leg import Leg

log = logging.getLogger(__name__)

#: seconds after which a caller who is turned away because there is no audio may try again
_RETRY_AFTER = 5
#: seconds that a far end that did not answer in time has to acknowledge our CANCEL; its call is over anyway
_CANCELLING = 0.5


class Line:
    """One leg with its audio.

    ``on_key(key)`` hears keys from RTP and INFO alike, ``on_tone`` who has answered (a human, a machine, a
    fax: see :meth:`detect_tones`), ``on_media`` every other media event, ``on_ended`` the end, once.
    ``on_referred`` is asked when the peer wants a transfer (REFER); without it a transfer is declined.
    ``on_message`` is given what the peer writes (MESSAGE).
    ``on_leg`` hears what remains of the leg's events (progress of our own transfers).

    While another telephone is to take over, the former may leave before that: ``on_vacant`` is told.
    ``on_succeeded`` is given the address of the other when that has the line.
    """

    def __init__(
        self, leg: Leg | None, channel: MediaChannel, codecs: tuple[str, ...], srtp: str = "off"
    ) -> None:
        self.channel = channel
        self.codecs = codecs
        self.srtp = srtp
        self.on_key: Callable[[str], None] | None = None
        self.on_tone: Callable[[ToneKind], None] | None = None
        self.on_media: Callable[[MediaEvent], None] | None = None
        self.on_ended: Callable[[Ended], None] | None = None
        self.on_leg: Callable[[LegEvent], None] | None = None
        self.on_referred: Callable[[Referred], None] | None = None
        self.on_message: Callable[[TextMessage], None] | None = None
        self.on_vacant: Callable[[], None] | None = None
        self.on_succeeded: Callable[[str], None] | None = None
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self.statistics: ChannelStatistics | None = None
        self.connected = False
        self._leg = leg
        self._early: str | None = None
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaits_successor = False
        self._former_end: Ended | None = None
        self._closing: asyncio.Task[None] | None = None
        self._parting: asyncio.Task[None] | None = None
        self._capabilities = capabilities(channel, codecs, srtp)
        self._tap: AudioTap | None = None
        self._listen()

    def _listen(self) -> None:
        """Hear what happens on the channel and, once there is one, on the leg."""
        self.channel.on_event = self._media_event
        if self._leg is not None:
            self._leg.on_event = self._leg_event

    @property
    def has_leg(self) -> bool:
        """False for the line of a dialog that speaks to a conference, and before a call is placed."""
        return self._leg is not None

    @property
    def leg(self) -> Leg:
        """The SIP leg."""
        assert self._leg is not None, "an outbound line has its leg once it is placed"
        return self._leg

    def tap(self) -> AudioTap:
        """The caller's audio in shared memory, from the first time this is asked for.

        MediaError when the call is over.
        """
        if self._tap is None:
            self._tap = self.channel.tap()
        return self._tap

    @property
    def _offered(self) -> sdp.Capabilities:
        """What our own offers say: plain audio, or encrypted audio only; a peer that wants the other offers
        it."""
        ours = self._capabilities
        return ours if ours.require_crypto else replace(ours, crypto=())

    # ------------------------------------------------------------------ calls in

    async def speak_early(self) -> None:
        """Let the caller hear us before the call is answered (183, RFC 3960), and wait for the PRACK where
        the caller wants to send one.

        Raises SipError when there is no codec in common, or the caller has left.
        """
        offer = self.leg.remote_sdp
        assert offer is not None, "whoever asks for early media has looked"
        text, agreed = sdp.negotiate(offer, self._capabilities)
        self._connect(agreed)
        await self.leg.ring(text)
        self._early = text

    async def answer(self, *, user_to_user: bytes | None = None) -> None:
        """Answer the call. Audio is ready before the 200 goes out, so that the first word is heard whole.

        Raises SdpError and its family when there is no common codec; the caller then rejects with 488.
        """
        offer = self.leg.remote_sdp
        if self._early is not None:
            await self.leg.answer(self._early, user_to_user=user_to_user)
        elif offer is not None:
            text, agreed = sdp.negotiate(offer, self._capabilities)
            self._connect(agreed)
            await self.leg.answer(text, user_to_user=user_to_user)
        else:
            answer = await self.leg.answer(sdp.offer(self._offered), user_to_user=user_to_user)
            if answer is not None:
                self._connect(sdp.accept(answer, self._offered))
        self.connected = True

    # ------------------------------------------------------------------ calls out

    async def dial(
        self,
        call: OutboundCall,
        agent: UserAgent,
        *,
        on_ringing: Callable[[Progress], None] | None = None,
        on_early: Callable[[Line], None] | None = None,
    ) -> None:
        """Place a call and return when it is answered; ``on_early``: the far end is heard before that.

        Raises CallFailed, after which the line is over; cancelled, it takes the call back.
        """
        answered = self._answered

        def settle(event: LegEvent) -> None:
            match event:
                case Progress():
                    if on_ringing is not None:
                        on_ringing(event)
                    if event.sdp is not None and self._accept(event.sdp) and on_early is not None:
                        on_early(self)
                case Answered():
                    usable = event.sdp is None or self._accept(event.sdp)
                    self.connected = usable
                    if answered.done():
                        return
                    if usable:
                        answered.set_result(None)
                    else:  # nobody would hear anything: the call is ended by whoever waits for it
                        answered.set_exception(CallFailed(488, "refused", "no common codec"))
                case Failed() if not self._awaits_successor:
                    if not answered.done():
                        failure = CallFailed(event.status, failure_word(event.status), event.reason)
                        answered.set_exception(failure)
                case _:
                    self._leg_event(event)

        try:
            self._leg = agent.invite(replace(call, sdp=sdp.offer(self._offered)))
        except BaseException:
            await self._close()
            raise
        self._leg.on_event = settle
        enough = asyncio.ensure_future(agent.clock.sleep(call.timeout + _CANCELLING))
        try:
            either: set[asyncio.Future[Any]] = {answered, self.ended, enough}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if answered.done():
                answered.result()
            elif self.ended.done():  # our own audio went away while it rang
                raise CallFailed(503, "unreachable", self.ended.result().reason)
            else:  # the far end does not even answer our CANCEL
                raise CallFailed(408, "no_answer")
        except BaseException:
            # The caller gave up, or the far end refused: either way nothing of the call may stay.
            if not answered.cancel():
                answered.exception()  # it is seen, whichever of the two is told
            await asyncio.shield(self.hangup())
            raise
        finally:
            enough.cancel()
        self._listen()

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
        self.channel.connect(remote_media(agreed))

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
            case TextMessage():
                if self.on_message is not None:
                    self.on_message(event)
            case Referred():
                if self.on_referred is None:
                    log.info("leg %s: a transfer is declined: nobody could follow it", self.leg.id)
                    event.reject(603)
                else:
                    self.on_referred(event)
            case Ended() | Failed():
                end = event if isinstance(event, Ended) else Ended("error", event.reason)
                if self._awaits_successor:
                    self._vacated(end)
                else:
                    self._over(end)
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
            case ToneDetected():
                if self.on_tone is not None:
                    self.on_tone(event.kind)
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

    # ------------------------------------------------------------------ another telephone takes over

    def await_successor(self) -> bool:
        """From now on the line outlives its leg, until it is told who came; False while another is awaited
        or when the line is over.
        """
        if self._awaits_successor or self.ended.done():
            return False
        self._awaits_successor = True
        return True

    def _vacated(self, end: Ended) -> None:
        self._former_end = end
        if self.on_vacant is not None and end.by != "replaced":  # then the other is here already
            self.on_vacant()

    def succeeded_by(self, successor: Successor) -> Leg:
        """Another telephone has answered: it has the line's audio from now on. The former leg, which may go.

        Whoever is joined to the line, listens on it or speaks on it notices nothing.
        """
        former, self._leg = self.leg, successor.leg
        former.on_event = lambda event: None
        self._capabilities = successor._capabilities
        self._awaits_successor, self._former_end = False, None
        if successor.agreed is not None:
            self._connect(successor.agreed)
        self.connected = True
        self._listen()
        if not self._answered.done():
            self._answered.set_result(None)  # a call of ours that rang elsewhere
        if self.on_succeeded is not None and not self.ended.done():
            self.on_succeeded(successor.address or successor.leg.remote_uri)
        return former

    def stay(self) -> None:
        """Nobody came: the line goes on as it was, or ends when its own telephone has left meanwhile."""
        self._awaits_successor = False
        end, self._former_end = self._former_end, None
        if end is not None:
            self._over(end)

    # ------------------------------------------------------------------ the end

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
            if leg.direction == "in" and leg.state in ("trying", "ringing"):
                broken = event.by == "error"
                later = _RETRY_AFTER if broken else None
                leg.reject(503 if broken else 480, retry_after=later, user_to_user=user_to_user)
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


class Successor(Line):
    """Who is to take a line's place: a leg that rings and is answered as any other.

    The audio is the line's own until the successor has answered, and after that as well
    (:meth:`Line.succeeded_by`). ``address`` is what was called, empty when it has called us.
    """

    def __init__(self, line: Line, leg: Leg | None = None) -> None:
        self.address = ""
        self.agreed: sdp.Negotiated | None = None
        super().__init__(leg, line.channel, line.codecs, line.srtp)

    def _listen(self) -> None:
        """What happens on the channel is the line's."""
        if self._leg is not None:
            self._leg.on_event = self._leg_event

    def _connect(self, agreed: sdp.Negotiated) -> None:
        self.agreed = agreed

    async def _close(self) -> None:
        """The channel stays the line's."""
