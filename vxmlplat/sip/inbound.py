"""An inbound call: ringing, answering, refusing; CANCEL and the races around it (RFC 3261 §13.3, §9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from vxmlplat.sip import identity, uui
from vxmlplat.sip.accepted import AcceptedInvite
from vxmlplat.sip.client_authorization import ClientAuthorization
from vxmlplat.sip.dialog import Dialog
from vxmlplat.sip.errors import LegStateError, RequestFailed
from vxmlplat.sip.events import Cancelled, Confirmed, Ended
from vxmlplat.sip.fields import clean_headers, common_headers
from vxmlplat.sip.leg import HeaderFields, Leg
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.reliable import ReliableProvisionals
from vxmlplat.sip.responses import response_to
from vxmlplat.sip.server_transaction import InviteServer, ServerTransaction
from vxmlplat.sip.session import Session
from vxmlplat.sip.settings import Trunk
from vxmlplat.sip.timers import Timer
from vxmlplat.sip.uri import writable_uri

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent


class InboundLeg(Session):
    """The called side of a call."""

    direction: Literal["in", "out"] = "in"

    def __init__(
        self,
        agent: UserAgent,
        transaction: InviteServer,
        request: Request,
        *,
        trunk: Trunk | None = None,
        trusted: bool = False,
        replaces: Leg | None = None,
    ) -> None:
        super().__init__(agent, request.call_id)
        self.transaction = transaction
        self.invite = request
        self.dialog = Dialog.from_request(request, transaction.flow, transaction.to_tag)
        self.local_uri, self.local_name = request.to.uri, request.to.name
        self.remote_uri, self.remote_name = request.from_.uri, request.from_.name
        self.request_uri = request.uri
        self.headers = tuple(request.fields)
        self.user_to_user = uui.read(request)
        self.asserted_identity = identity.asserted_identity(request) if trusted else None
        self.redirected_by = identity.redirected_by(request)
        self.trunk = trunk.name if trunk else None
        self.peer = transaction.source
        self.remote_sdp = request.sdp
        self.replaces = replaces
        if trunk is not None:
            self.authorization = ClientAuthorization(trunk.credentials)
        self.learn(request)
        self._reliable: ReliableProvisionals | None = None
        self._answered_early = False
        self._late_answer: asyncio.Future[str | None] | None = None
        self._expiry: Timer | None = None
        expires = request.get("Expires")
        if expires is not None and int(expires) > 0:
            self._expiry = agent.timers.after(float(expires), lambda: self.give_up(487, "Invitation Expired"))

    @property
    def agreed_early(self) -> bool:
        """Our description was acknowledged (RFC 3262 §5); in an unreliable response it is none yet."""
        return self._answered_early

    # ---- what the owner asks for

    async def ring(
        self, sdp: str | None = None, *, status: int | None = None, reliable: bool | None = None
    ) -> None:
        """Send 180, or 183 with early media."""
        self.must_be("trying", "ringing")
        able = "100rel" in self.invite.tokens("Supported")
        required = "100rel" in self.invite.tokens("Require")
        if reliable and not (able or required):
            reliable = False
        response = self._response(status or (183 if sdp else 180), sdp)
        self.state = "ringing"
        if sdp is not None:
            self.local_sdp = sdp
        if not (required if reliable is None else reliable):
            self.transaction.respond(response)
            return
        self._reliable = self._reliable or ReliableProvisionals(self)
        prack = await self._reliable.send(response)
        if sdp is not None:
            self._answered_early = True
            if self.remote_sdp is None:
                self.remote_sdp = prack.sdp

    async def answer(
        self, sdp: str | None, *, user_to_user: bytes | None = None, headers: HeaderFields = ()
    ) -> str | None:
        """Send 200 and return the peer's description."""
        self.must_be("trying", "ringing")
        fields = clean_headers(headers)
        if self._reliable is not None:
            await self._reliable.settled()
            self.must_be("trying", "ringing")
        late = self.invite.sdp is None and not self._answered_early
        if sdp is not None:
            self.local_sdp = sdp
        response = self._response(200, None if self._answered_early else sdp)
        response.fields += [*self.session_timer.answer(self.invite), *fields]
        if user_to_user is not None:
            response.add(uui.HEADER, uui.encode(user_to_user))
        self._stop_waiting()
        self.state = "answered"
        if late:
            self._late_answer = asyncio.get_running_loop().create_future()
        assert self.dialog is not None, "an inbound leg has its dialog from the start"
        self.dialog.confirmed = True
        self.accepted = AcceptedInvite(
            self.agent.timers,
            self.agent.config.timers,
            self.transaction,
            response,
            self._confirm,
            lambda: self._no_ack(),
        )
        if self.replaces is not None:
            self.agent.replace(self.replaces)
        return await self._late_answer if self._late_answer is not None else self.remote_sdp

    def reject(
        self,
        status: int,
        reason: str = "",
        *,
        headers: HeaderFields = (),
        retry_after: int | None = None,
        user_to_user: bytes | None = None,
    ) -> None:
        """Refuse the call."""
        self.must_be("trying", "ringing")
        if not 300 <= status <= 699:
            raise LegStateError(f"{status} is no refusal")
        fields = self.closing_headers(user_to_user, headers, None, "")
        if retry_after is not None:
            fields.append(("Retry-After", str(retry_after)))
        self._refuse(status, reason, fields)
        self.end(Ended("local", reason))

    def redirect(self, contacts: Sequence[str], *, status: int = 302) -> None:
        """Send the caller elsewhere."""
        self.reject(status, headers=[("Contact", f"<{writable_uri(uri)}>") for uri in contacts])

    async def acknowledge(self, sdp: str | None) -> None:
        """Only an outbound leg acknowledges."""
        raise LegStateError("an inbound call is acknowledged by the caller")

    async def _abandon(self, fields: HeaderFields) -> None:
        self._refuse(603, "", list(fields))
        self.end(Ended("local"))

    # ---- what the peer and the timers do

    def cancelled(self, request: Request) -> None:
        """The caller took the call back before it was answered."""
        if self.state not in {"trying", "ringing"}:
            return
        cause, text = identity.reason_of(request)
        self._refuse(487, "", [])
        self.emit(Cancelled(text))
        self.end(Ended("remote", text, cause, uui.read(request), tuple(request.fields)))

    def give_up(self, status: int, reason: str) -> None:
        """Refuse because a timer ran out."""
        if self.state in {"trying", "ringing"}:
            self._refuse(status, reason, [])
            self.end(Ended("timeout", reason))

    def _refuse_open_invite(self) -> None:
        if self.state in {"trying", "ringing"}:
            self._refuse(487, "", [])
        super()._refuse_open_invite()

    def _prack(self, transaction: ServerTransaction, request: Request) -> None:
        if self._reliable is None or not self._reliable.acknowledge(request):
            self.reply(transaction, 481)
        elif request.body and self.invite.sdp is not None:
            # A new offer in a PRACK: there is no session to change yet (RFC 3262 §5); the caller may ask
            # again later.
            self.reply(transaction, 488)
        else:
            self.reply(transaction, 200)

    def _confirm(self, ack: Request) -> None:
        if self.state != "answered":
            return
        self.state = "confirmed"
        late = self._late_answer
        if late is not None:
            self.remote_sdp = ack.sdp
            if not late.done():
                late.set_result(ack.sdp)
        self.emit(Confirmed(ack.sdp))
        if self._bye_after_ack is not None:
            self.spawn(self._part(self._bye_after_ack))

    def _no_ack(self) -> None:
        if self._bye_after_ack is not None:
            self.spawn(self._part(self._bye_after_ack))
        else:
            self.lost("no ACK")

    def _released(self) -> None:
        self._stop_waiting()
        if self._late_answer is not None and not self._late_answer.done():
            self._late_answer.set_exception(RequestFailed(487, "Call Over"))
            self._late_answer.exception()  # retrieved: nobody may be waiting

    def _stop_waiting(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if self._reliable is not None:
            self._reliable.close()

    # ---- responses

    def _response(self, status: int, sdp: str | None) -> Response:
        headers = [("Contact", self.contact(self.transaction.flow)), *common_headers()]
        return response_to(
            self.invite,
            self.transaction.flow,
            status,
            headers=headers,
            body=sdp.encode() if sdp else b"",
            to_tag=self.transaction.to_tag,
        )

    def _refuse(self, status: int, reason: str, headers: list[tuple[str, str]]) -> None:
        self.transaction.respond(
            response_to(
                self.invite,
                self.transaction.flow,
                status,
                reason,
                headers=headers,
                to_tag=self.transaction.to_tag,
            )
        )
