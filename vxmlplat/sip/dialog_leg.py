"""The requests of ours within a dialog (RFC 3261 §12.2.1): their way, their challenges, their
acknowledgement."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from vxmlplat.sip.client_authorization import ClientAuthorization
from vxmlplat.sip.dialog import Dialog
from vxmlplat.sip.errors import LegStateError, MessageError, RequestFailed, SipError
from vxmlplat.sip.evented_leg import EventedLeg
from vxmlplat.sip.fields import clean_headers
from vxmlplat.sip.leg import HeaderFields
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.transport import Flow

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent


class DialogLeg(EventedLeg):
    """The half of a leg that sends requests."""

    def __init__(self, agent: UserAgent) -> None:
        super().__init__()
        self.agent = agent
        self.dialog: Dialog | None = None
        self.authorization = ClientAuthorization(None)

    def lost(self, why: str) -> None:
        """The peer answers no more."""
        raise NotImplementedError

    def contact(self, flow: Flow) -> str:
        """Our Contact towards this flow."""
        return self.agent.router.contact(flow, secure=self.request_uri.startswith("sips:"))

    async def request(
        self,
        method: str,
        *,
        headers: HeaderFields = (),
        body: bytes = b"",
        content_type: str = "application/sdp",
    ) -> Response:
        """Send a request in the dialog and return its final response, answering one challenge.

        Raises RequestFailed when nobody answers (408) or it cannot be sent (503); both end the leg
        (§12.2.1.2).
        """
        for attempt in (1, 2, 3):
            dialog = self.dialog
            if dialog is None or (self.state == "ended" and method != "BYE"):
                raise LegStateError("the call is over")
            try:
                flow = await self.agent.router.reach(dialog.next_hop(), dialog.flow)
            except (SipError, MessageError) as error:
                raise RequestFailed(503, str(error)) from error
            request = dialog.request(method, self.contact(flow))
            request.fields.extend(clean_headers(headers))
            if body:
                request.fields.append(("Content-Type", content_type))
                request.body = body
            self.authorization.apply(request)
            response = await self.transact(request, flow)
            if attempt < 3 and self.authorization.challenged(request, response):
                continue
            if response.status in {408, 481} and method != "BYE":
                self.lost(f"{method} answered {response.status}")
            return response
        raise AssertionError("the last attempt returns")

    async def transact(self, request: Request, flow: Flow) -> Response:
        """Send one request; a 2xx to INVITE is acknowledged here, repetitions too."""
        result: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def on_response(response: Response) -> None:
            if response.status >= 200 and request.method == "INVITE" and response.status < 300:
                self.acknowledge_reinvite(request, flow)
            if response.status >= 200 and not result.done():
                result.set_result(response)

        def on_failure(status: int, reason: str) -> None:
            if not result.done():
                result.set_exception(RequestFailed(status, reason))

        self.agent.transactions.request(request, flow, on_response, on_failure)
        try:
            return await result
        except RequestFailed as failure:
            if request.method != "BYE":
                self.lost(f"{request.method}: {failure}")
            raise

    def acknowledge_reinvite(self, request: Request, flow: Flow) -> None:
        """Send the ACK for a 2xx to a re-INVITE."""
        assert self.dialog is not None, "a re-INVITE has a dialog"
        self.send_ack(self.dialog, request.cseq[0], flow)

    def send_ack(self, dialog: Dialog, cseq: int, flow: Flow, sdp: str | None = None) -> bytes | None:
        """Acknowledge a 2xx; returns what was sent, for its repetitions."""
        ack = dialog.request("ACK", self.contact(flow), cseq=cseq)
        self.authorization.repeat(ack)
        if sdp:
            ack.add("Content-Type", "application/sdp")
            ack.body = sdp.encode()
        return self.agent.send_stateless(ack, flow)
