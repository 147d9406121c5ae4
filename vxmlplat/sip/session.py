"""What inbound and outbound legs share: events, requests within the dialog, hanging up, being hung up on."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from vxmlplat.sip import identity, uui
from vxmlplat.sip.accepted import AcceptedInvite
from vxmlplat.sip.dialog_leg import DialogLeg
from vxmlplat.sip.errors import LegStateError, MessageError, RequestFailed, SipError, TransportError
from vxmlplat.sip.events import Ended, Failed, TextMessage
from vxmlplat.sip.fields import clean_headers
from vxmlplat.sip.keys import read_keys
from vxmlplat.sip.leg import HeaderFields, Leg
from vxmlplat.sip.message import Message, Request, Response
from vxmlplat.sip.renegotiation import Renegotiation
from vxmlplat.sip.responses import response_to
from vxmlplat.sip.server_transaction import ServerTransaction
from vxmlplat.sip.session_timer import SessionTimer
from vxmlplat.sip.transfer import Transfers
from vxmlplat.sip.validity import ALLOW, Refusal, check_extensions

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent

_log = logging.getLogger(__name__)


class Session(DialogLeg):
    """One INVITE dialog."""

    def __init__(self, agent: UserAgent, call_id: str) -> None:
        super().__init__(agent)
        self.id = secrets.token_hex(8)
        self.call_id = call_id
        self.state = "trying"
        self.local_name = self.remote_name = None
        self.headers = ()
        self.user_to_user = self.asserted_identity = self.trunk = None
        self.redirected_by = ()
        self.remote_sdp = self.local_sdp = None
        self.replaces = None
        self.peer = ("", 0)
        self.peer_allows: frozenset[str] = frozenset()
        self.accepted: AcceptedInvite | None = None
        self.renegotiation = Renegotiation(self)
        self.session_timer = SessionTimer(self)
        self.transfers = Transfers(self)
        self._over: asyncio.Event | None = None
        self._hanging_up = False

    def end(self, event: Ended | Failed) -> None:
        """The leg is over; the first call counts."""
        if self.state == "ended":
            return
        self.state = "ended"
        if self.accepted is not None:
            self.accepted.stop()
        self.renegotiation.close()
        self.session_timer.stop()
        self.transfers.close()
        self._released()
        self.agent.leg_ended(self)
        self.emit(event)
        if self._over is not None:
            self._over.set()
        self.wake()

    def _released(self) -> None:
        """What a kind of leg lets go of at its end."""

    async def ended(self) -> None:
        """Wait for the end."""
        if self.state != "ended":
            self._over = self._over or asyncio.Event()
            await self._over.wait()

    # ---- requests of the peer

    def receive(self, transaction: ServerTransaction, request: Request) -> None:
        """A request within the dialog."""
        dialog = self.dialog
        if dialog is None:
            self.reply(transaction, 481)
            return
        number = request.cseq[0]
        if number <= dialog.remote_cseq:
            # §12.2.2; an equal number in another transaction is a merged or replayed request.
            self.reply(transaction, 500, "CSeq Out Of Order")
            return
        dialog.remote_cseq = number
        try:
            check_extensions(request)
            handler = _HANDLERS.get(request.method)
            if handler is None:
                self.reply(transaction, 405, headers=[("Allow", ALLOW)])
            else:
                handler(self, transaction, request)
        except Refusal as refusal:
            self.reply(transaction, refusal.status, refusal.reason, headers=refusal.headers)
        except MessageError as error:
            self.reply(transaction, error.status, error.reason)

    def reply(
        self,
        transaction: ServerTransaction,
        status: int,
        reason: str = "",
        *,
        headers: HeaderFields = (),
        body: bytes = b"",
        content_type: str = "application/sdp",
    ) -> Response:
        """Answer a request within the dialog."""
        response = response_to(
            transaction.request,
            transaction.flow,
            status,
            reason,
            headers=headers,
            body=body,
            content_type=content_type,
            to_tag=transaction.to_tag,
        )
        transaction.respond(response)
        return response

    def _bye(self, transaction: ServerTransaction, request: Request) -> None:
        self.reply(transaction, 200)
        cause, text = identity.reason_of(request)
        self._refuse_open_invite()
        self.end(
            Ended(
                "local" if self._hanging_up else "remote",
                text,
                cause,
                uui.read(request),
                tuple(request.fields),
            )
        )

    def _refuse_open_invite(self) -> None:
        """A BYE ends the INVITE that is still open, if any (§15.1.2)."""
        self.renegotiation.refuse(487)

    def _info(self, transaction: ServerTransaction, request: Request) -> None:
        if request.get("Info-Package") is not None:
            raise Refusal(469, "Bad Info Package", [("Recv-Info", "")])
        kind = request.content_type
        if not request.body:
            self.reply(transaction, 200)
        elif kind in {"application/dtmf-relay", "application/dtmf"}:
            keys = read_keys(kind, request.body)
            if keys is None:
                raise MessageError("Malformed Key Signal")
            self.reply(transaction, 200)
            self.emit(keys)
        else:
            raise Refusal(
                415, "Unsupported Media Type", [("Accept", "application/dtmf-relay, application/dtmf")]
            )

    def _message(self, transaction: ServerTransaction, request: Request) -> None:
        self.reply(transaction, 200)
        self.emit(TextMessage(request.content_type, request.body))

    def _options(self, transaction: ServerTransaction, request: Request) -> None:
        self.agent.answer_options(transaction, request)

    def _prack(self, transaction: ServerTransaction, request: Request) -> None:
        self.reply(transaction, 481)

    def acknowledged(self, request: Request) -> None:
        """An ACK for a 2xx of this dialog."""
        number = request.cseq[0]
        for accepted in (self.accepted, self.renegotiation.accepted):
            if accepted is not None and accepted.cseq == number:
                accepted.acknowledge(request)
                return

    # ---- the end

    def lost(self, why: str) -> None:
        """The peer answers no more: end the leg and say BYE to whom it may concern (§12.2.1.2).

        Before the answer the INVITE decides about the call, whatever became of a PRACK or UPDATE.
        """
        if self.state in {"answered", "confirmed"}:
            self.spawn(self._say_bye(()))
            self.end(Ended("timeout", why))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something of this call in a task that the agent knows."""
        self.agent.spawn(work, f"sip call {self.id}")

    async def _say_bye(self, headers: HeaderFields) -> None:
        try:
            await self.request("BYE", headers=headers)
        except (SipError, TransportError) as error:
            _log.info("call %s: BYE not answered: %s", self.id, error)

    # ---- what the owner asks for

    def closing_headers(
        self, user_to_user: bytes | None, headers: HeaderFields, cause: int | None, reason: str
    ) -> list[tuple[str, str]]:
        """Header fields of a BYE, CANCEL or refusal."""
        fields = list(headers)
        if cause is not None:
            text = f';text="{re.sub(chr(34), "", reason)}"' if reason else ""
            fields.append(("Reason", f"Q.850;cause={cause}{text}"))
        if user_to_user is not None:
            fields.append((uui.HEADER, uui.encode(user_to_user)))
        return clean_headers(fields)

    async def hangup(
        self,
        *,
        user_to_user: bytes | None = None,
        headers: HeaderFields = (),
        cause: int | None = None,
        reason: str = "",
    ) -> None:
        """End the call in whatever state it is."""
        if self.state == "ended":
            return
        if self._hanging_up:
            await self.ended()
            return
        fields = self.closing_headers(user_to_user, headers, cause, reason)
        self._hanging_up = True
        if self.state in {"trying", "ringing"}:
            await self._abandon(fields)
            return
        self.session_timer.stop()
        if self.accepted is not None and self.accepted.waiting:
            # §15: no BYE before the ACK, or before the wait for it is over. The leg may end meanwhile by
            # itself.
            self._bye_after_ack = fields
            await self.ended()
            return
        await self._part(fields)

    _bye_after_ack: HeaderFields | None = None

    async def _part(self, fields: HeaderFields) -> None:
        await self._say_bye(fields)
        self.end(Ended("local"))

    def replaced(self) -> None:
        """Another call took this one over: end it at once, whenever the peer agrees (RFC 3891 §3)."""
        if self.state in {"trying", "ringing"}:
            self._give_way()
        elif self.state != "ended":
            self.spawn(self._say_bye(()))
        self.end(Ended("replaced"))

    def _give_way(self) -> None:
        """Stop ringing at the peer: only a call of ours is replaced before its answer."""
        raise LegStateError("a call that rings here is not replaced")

    async def _abandon(self, fields: HeaderFields) -> None:
        """Hang up before the answer."""
        raise NotImplementedError

    async def reinvite(self, sdp: str) -> str | None:
        """Change the session by re-INVITE; returns the peer's answer."""
        return await self.renegotiation.change("INVITE", sdp)

    async def update(self, sdp: str | None = None) -> str | None:
        """Change the session by UPDATE; returns the peer's answer."""
        return await self.renegotiation.change("UPDATE", sdp)

    async def refer(
        self,
        target: str,
        *,
        user_to_user: bytes | None = None,
        replaces: Leg | None = None,
        referred_by: str | None = None,
        headers: HeaderFields = (),
    ) -> None:
        """Ask the peer to call somebody."""
        self.must_be("answered", "confirmed")
        await self.transfers.refer(target, user_to_user, replaces, referred_by, headers)

    async def send_info(self, digits: str, *, duration: int = 160) -> None:
        """Send keys by INFO, one request a key."""
        if not re.fullmatch(r"[0-9A-Da-d*#]*", digits):
            raise SipError("keys are 0 to 9, *, # and A to D")
        for digit in digits:
            body = f"Signal={digit}\r\nDuration={duration}\r\n".encode()
            response = await self.request("INFO", body=body, content_type="application/dtmf-relay")
            if response.status >= 300:
                raise RequestFailed(response.status, response.reason)

    @property
    def agreed_early(self) -> bool:
        """Whether offer and answer were exchanged before the call is answered: then UPDATE may change it."""
        return self.local_sdp is not None and self.remote_sdp is not None

    def must_be(self, *states: str) -> None:
        """Raise LegStateError unless the leg is in one of these states."""
        if self.state not in states:
            raise LegStateError(f"the call is {self.state}, not {' or '.join(states)}")

    def must_be_live(self) -> None:
        """Refuse what only an answered call can serve (481 otherwise)."""
        if self.state not in {"answered", "confirmed"}:
            raise Refusal(481, "Call Not Answered")

    def learn(self, message: Message) -> None:
        """Keep what a message says of the peer."""
        allow = message.tokens("Allow")
        if allow:
            self.peer_allows = allow

    @property
    def replaces_value(self) -> str:
        """What a Replaces field says to take over the far end of this leg (RFC 3891 §6.1)."""
        if self.dialog is None:
            raise LegStateError("the call has no dialog yet")
        _, local_tag, remote_tag = self.dialog.key
        return f"{self.call_id};to-tag={remote_tag};from-tag={local_tag}"


_HANDLERS: dict[str, Callable[[Session, ServerTransaction, Request], None]] = {
    "BYE": Session._bye,
    "INFO": Session._info,
    "MESSAGE": Session._message,
    "OPTIONS": Session._options,
    "PRACK": lambda session, transaction, request: session._prack(transaction, request),
    "INVITE": lambda session, transaction, request: session.renegotiation.receive(transaction, request),
    "UPDATE": lambda session, transaction, request: session.renegotiation.receive(transaction, request),
    "REFER": lambda session, transaction, request: session.transfers.receive_refer(transaction, request),
    "NOTIFY": lambda session, transaction, request: session.transfers.receive_notify(transaction, request),
}
