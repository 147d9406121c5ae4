"""Changing a session that stands: re-INVITE (RFC 3261 §14) and UPDATE (RFC 3311), both ways, glare
included."""

from __future__ import annotations

import asyncio
import random
import re
from typing import TYPE_CHECKING

from vxmlplat.sip.accepted import AcceptedInvite
from vxmlplat.sip.errors import LegStateError, RequestFailed
from vxmlplat.sip.events import Confirmed, Reinvite
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.responses import response_to
from vxmlplat.sip.server_transaction import ServerTransaction
from vxmlplat.sip.timers import Timer
from vxmlplat.sip.validity import ALLOW, SUPPORTED

if TYPE_CHECKING:
    from vxmlplat.sip.session import Session

_ORIGIN = re.compile(r"^o=([^\r\n]*)", re.M)


class Renegotiation:
    """At most one change is under way in each direction; a second one is told to come back (§14.1, §14.2)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ours = False
        self._theirs: ServerTransaction | None = None
        self._patience: Timer | None = None
        self._turn: asyncio.Lock | None = None
        self.accepted: AcceptedInvite | None = None

    @property
    def busy(self) -> bool:
        """Whether a change is under way."""
        return self._ours or self._theirs is not None or (self.accepted is not None and self.accepted.waiting)

    # ---- the peer asks

    def receive(self, transaction: ServerTransaction, request: Request) -> None:
        """A re-INVITE or UPDATE of the peer."""
        session = self._session
        offer = request.sdp
        session.session_timer.check(request)
        if request.method == "UPDATE" and offer is None:
            self._accept(transaction, None)
            return
        if self._ours:
            session.reply(transaction, 491)
            return
        early = session.state in {"trying", "ringing"}
        if self._theirs is not None or (early and (request.method == "INVITE" or not session.agreed_early)):
            wait = str(random.randint(0, 10))  # noqa: S311 - spreads retries, no secret
            session.reply(transaction, 500, headers=[("Retry-After", wait)])
            return
        if offer is not None and _same_version(offer, session.remote_sdp) and session.local_sdp is not None:
            self._accept(transaction, session.local_sdp)
            return
        self._theirs = transaction
        self._patience = session.agent.timers.after(
            session.agent.config.timers.reinvite_answer, lambda: self._reject(transaction, 488, "")
        )
        session.emit(
            Reinvite(
                offer,
                "INVITE" if request.method == "INVITE" else "UPDATE",
                lambda sdp: self._answer(transaction, sdp),
                lambda status, reason: self._reject(transaction, status, reason),
            )
        )

    def _settle(self, transaction: ServerTransaction) -> None:
        if self._theirs is not transaction:
            raise LegStateError("this change was answered before, or the call is over")
        self._theirs = None
        if self._patience is not None:
            self._patience.cancel()

    def _answer(self, transaction: ServerTransaction, sdp: str) -> None:
        self._settle(transaction)
        offer = transaction.request.sdp
        if offer is not None:
            self._session.remote_sdp = offer
        self._session.local_sdp = sdp
        self._accept(transaction, sdp)

    def _reject(self, transaction: ServerTransaction, status: int, reason: str) -> None:
        self._settle(transaction)
        self._session.reply(transaction, status, reason)

    def refuse(self, status: int) -> None:
        """Refuse a change that is still open."""
        if self._theirs is not None:
            self._reject(self._theirs, status, "")

    def cancelled(self, transaction: ServerTransaction) -> bool:
        """The peer took its re-INVITE back."""
        if self._theirs is transaction:
            self._reject(transaction, 487, "")
            return True
        return False

    def _accept(self, transaction: ServerTransaction, sdp: str | None) -> None:
        session, request = self._session, transaction.request
        assert session.dialog is not None, "a request within the dialog"
        session.dialog.refresh_target(request)
        session.dialog.flow = transaction.flow
        session.learn(request)
        headers = [("Contact", session.contact(transaction.flow)), ("Allow", ALLOW), ("Supported", SUPPORTED)]
        headers += session.session_timer.answer(request)
        body = sdp.encode() if sdp else b""
        if request.method == "UPDATE":
            session.reply(transaction, 200, headers=headers, body=body)
            return
        response = response_to(
            request, transaction.flow, 200, headers=headers, body=body, to_tag=transaction.to_tag
        )
        late = request.sdp is None
        if self.accepted is not None:
            # Who goes on to the next change has had our 200, though the ACK for it was lost.
            self.accepted.stop()

        def on_ack(ack: Request) -> None:
            if late and ack.sdp is not None:
                session.remote_sdp = ack.sdp
                session.emit(Confirmed(ack.sdp))

        self.accepted = AcceptedInvite(
            session.agent.timers,
            session.agent.config.timers,
            transaction,
            response,
            on_ack,
            lambda: session.lost("no ACK for the 200 to a re-INVITE"),
        )

    # ---- we ask

    async def change(self, method: str, sdp: str | None) -> str | None:
        """Send a re-INVITE or UPDATE and return the peer's answer; 491 and 422 are retried.

        Raises RequestFailed when it is refused, LegStateError when there is nothing to change.
        """
        session = self._session
        if method == "INVITE":
            session.must_be("answered", "confirmed")
        else:
            session.must_be("ringing", "answered", "confirmed")
        self._turn = self._turn or asyncio.Lock()
        async with self._turn:
            while self._theirs is not None or (session.accepted is not None and session.accepted.waiting):
                await session.agent.clock.sleep(0.1)
                if session.state == "ended":
                    raise LegStateError("the call is over")
            response = await self._try(method, sdp)
        if response.status >= 300:
            raise RequestFailed(response.status, response.reason)
        assert session.dialog is not None, "the request was answered within it"
        session.dialog.refresh_target(response)
        session.learn(response)
        session.session_timer.agreed(response)
        answer = response.sdp
        if sdp is not None:
            session.local_sdp = sdp
            if answer is not None:
                session.remote_sdp = answer
        return answer

    async def _try(self, method: str, sdp: str | None) -> Response:
        session = self._session
        for attempt in range(5):
            self._ours = sdp is not None
            headers = [("Allow", ALLOW), ("Supported", SUPPORTED), *session.session_timer.request()]
            try:
                response = await session.request(method, headers=headers, body=sdp.encode() if sdp else b"")
            finally:
                self._ours = False
            if response.status == 491 and attempt < 4:
                # §14.1: the owner of the Call-ID waits longer, so that the two do not meet again.
                low, high = (2.1, 4.0) if session.direction == "out" else (0.0, 2.0)
                await session.agent.clock.sleep(random.uniform(low, high))  # noqa: S311 - no secret
            elif response.status == 422 and attempt < 4:
                session.session_timer.raise_minimum(response)
            else:
                return response
        return response

    def close(self) -> None:
        """The leg is over: an open change of the peer's is refused with 487."""
        if self._theirs is not None:
            self._reject(self._theirs, 487, "")
        if self.accepted is not None:
            self.accepted.stop()


def _same_version(offer: str, known: str | None) -> bool:
    """Whether a description repeats one we have: an equal origin line means no change (RFC 3264 §8)."""
    if known is None:
        return False
    new, old = _ORIGIN.search(offer), _ORIGIN.search(known)
    return new is not None and old is not None and new[1].strip() == old[1].strip()
