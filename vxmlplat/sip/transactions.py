"""The transaction layer: matching of messages to transactions (RFC 3261 §17.1.3, §17.2.3) and the table of
both kinds."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from vxmlplat.sip import trace
from vxmlplat.sip.client_transaction import ClientTransaction, InviteClient, NonInviteClient
from vxmlplat.sip.errors import MessageError, RequestFailed, TransportError
from vxmlplat.sip.message import Request, Response, parse
from vxmlplat.sip.responses import response_to
from vxmlplat.sip.server_transaction import InviteServer, NonInviteServer, ServerTransaction
from vxmlplat.sip.settings import Limits
from vxmlplat.sip.settings import Timers as TimerSettings
from vxmlplat.sip.timers import Timers
from vxmlplat.sip.transport import Flow, via_value
from vxmlplat.sip.validity import check_response

_log = logging.getLogger(__name__)
COOKIE = "z9hG4bK"
_random_base = secrets.token_hex(6)
_counter = 0


def new_branch() -> str:
    """A branch that no other transaction has (§8.1.1.7)."""
    global _counter  # a counter is cheaper than randomness and as unique
    _counter += 1
    return f"{COOKIE}{_random_base}{_counter:x}"


class Core(Protocol):
    """What the transaction layer calls: the user agent."""

    def on_request(self, transaction: ServerTransaction, request: Request) -> None:
        """A new request other than ACK."""

    def on_ack(self, request: Request, flow: Flow) -> None:
        """An ACK that belongs to a 2xx, or to nothing."""

    def on_cancel(self, invite: InviteServer, request: Request) -> None:
        """A CANCEL for an INVITE that is still open; it has been answered with 200 already."""

    def on_stray_response(self, response: Response, flow: Flow) -> None:
        """A response without a transaction: a late 2xx, or noise."""

    def count_refusal(self, word: str) -> None:
        """Something was turned away."""

    async def flow_for_large(self, flow: Flow) -> Flow:
        """The flow for a request that is too large for a datagram."""

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Run something beside."""


class Transactions:
    """All transactions of one user agent."""

    def __init__(self, core: Core, timers: Timers, settings: TimerSettings, limits: Limits) -> None:
        self.core = core
        self.timers = timers
        self.settings = settings
        self.limits = limits
        self.server: dict[tuple[str, ...], ServerTransaction] = {}
        self.client: dict[tuple[str, str], ClientTransaction] = {}

    def receive(self, data: bytes, flow: Flow) -> None:
        """Everything that comes from the network; never raises because of what it says."""
        if len(data) <= 4 and not data.strip(b"\r\n\0"):
            return  # a keep-alive (RFC 5626 §4.4.1) or an empty datagram
        trace.received(data, flow)
        try:
            if len(data) > self.limits.message_bytes:
                raise MessageError("Message Too Large", 513)
            message = parse(data, max_fields=self.limits.header_fields)
            if isinstance(message, Request):
                self._receive_request(message, flow)
            else:
                self._receive_response(message, flow)
        except MessageError as error:
            self.core.count_refusal("malformed")
            _log.info("unusable message from %s port %s: %s", *flow.remote, error.reason)
        except TransportError as error:
            _log.info("cannot answer %s port %s: %s", *flow.remote, error)

    def _receive_request(self, request: Request, flow: Flow) -> None:
        try:
            via = request.via
            key = server_key(request)
        except MessageError as error:
            # No transaction can be told apart; the sender hears of it once, where it sent from.
            if request.method != "ACK":
                fault = request.fault or error
                flow.send(response_to(request, flow, fault.status, fault.reason).encode())
            raise
        transaction = self.server.get(key)
        if transaction is not None:
            if request.method == "ACK":
                if isinstance(transaction, InviteServer) and transaction.acknowledge(request):
                    return
                self.core.on_ack(request, flow)
            else:
                transaction.retransmitted()
            return
        if request.method == "ACK":
            self.core.on_ack(request, flow)
            return
        if len(self.server) >= self.limits.server_transactions:
            self.core.count_refusal("limit")
            reply_flow(flow, request).send(
                response_to(
                    request, flow, 503, headers=[("Retry-After", str(self.limits.retry_after))]
                ).encode()
            )
            return
        kind = InviteServer if request.method == "INVITE" else NonInviteServer
        transaction = kind(self, key, request, flow, reply_flow(flow, request))
        self.server[key] = transaction
        if request.method == "CANCEL" and request.fault is None:
            self._cancel(transaction, request, via.branch)
            return
        self.core.on_request(transaction, request)

    def _cancel(self, transaction: ServerTransaction, request: Request, branch: str) -> None:
        invite = self.server.get(server_key(request, "INVITE"))
        if not isinstance(invite, InviteServer) or invite.source[0] != transaction.source[0]:
            transaction.respond(response_to(request, transaction.flow, 481))
            return
        transaction.respond(response_to(request, transaction.flow, 200, to_tag=invite.to_tag))
        if invite.open:
            self.core.on_cancel(invite, request)

    def _receive_response(self, response: Response, flow: Flow) -> None:
        check_response(response)
        transaction = self.client.get((response.via.branch, response.cseq[1]))
        if transaction is None:
            self.core.on_stray_response(response, flow)
        else:
            transaction.receive(response)

    def request(
        self,
        request: Request,
        flow: Flow,
        on_response: Callable[[Response], None],
        on_failure: Callable[[int, str], None],
    ) -> ClientTransaction:
        """Send a request in a new transaction, adding its Via.

        ``on_failure`` gets 408 for no answer and 503 for a transport that failed (§8.1.3.1), and nothing
        comes after it.
        """
        branch = new_branch()
        request.fields.insert(0, ("Via", via_value(flow, branch)))
        kind = InviteClient if request.method == "INVITE" else NonInviteClient
        transaction = kind(self, (branch, request.method), request, flow, on_response, on_failure)
        self.client[transaction.key] = transaction
        if transaction.size > self.limits.datagram_bytes and not flow.reliable:
            self.core.spawn(self._start_large(transaction), "sip large request")
        else:
            transaction.start()
        return transaction

    async def answer_to(self, request: Request, flow: Flow) -> Response:
        """Send a request other than INVITE and return its final response. Raises RequestFailed: 408 for none,
        503 for a transport that failed."""
        result: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def on_response(response: Response) -> None:
            if response.status >= 200 and not result.done():
                result.set_result(response)

        def on_failure(status: int, reason: str) -> None:
            if not result.done():
                result.set_exception(RequestFailed(status, reason))

        self.request(request, flow, on_response, on_failure)
        return await result

    async def _start_large(self, transaction: ClientTransaction) -> None:
        flow = await self.core.flow_for_large(transaction.flow)
        if transaction.state != "terminated":
            if flow is not transaction.flow:
                transaction.move(flow)
            transaction.start()

    def cancel(self, invite: ClientTransaction, headers: list[tuple[str, str]]) -> None:
        """Send a CANCEL for an INVITE that is in progress (§9.1); what becomes of it shows at the INVITE."""
        copied = [
            f for f in invite.request.fields[1:] if f[0] in {"From", "To", "Call-ID", "Route", "Max-Forwards"}
        ]
        fields = [invite.request.fields[0], *copied, ("CSeq", f"{invite.request.cseq[0]} CANCEL"), *headers]
        request = Request("CANCEL", invite.request.uri, fields)
        key = (invite.key[0], "CANCEL")
        transaction = NonInviteClient(self, key, request, invite.flow, lambda _: None, lambda *_: None)
        self.client[key] = transaction
        transaction.start()

    def flow_lost(self, flow: Flow) -> None:
        """A connection broke: its client transactions fail (§18.4)."""
        for transaction in [t for t in self.client.values() if t.flow is flow]:
            transaction.fail(503, "Connection Lost")

    def close(self) -> None:
        """Forget everything, telling nobody."""
        self.server.clear()
        self.client.clear()


def server_key(request: Request, method: str | None = None) -> tuple[str, ...]:
    """What identifies the server transaction of a request (§17.2.3); ACK matches its INVITE."""
    via = request.via
    method = method or request.method
    if method == "ACK":
        method = "INVITE"
    branch = via.branch
    if branch.startswith(COOKIE) and len(branch) > len(COOKIE):
        return branch, via.sent_by, method
    # A peer of RFC 2543: the whole top Via with the identity of the call takes the branch's place. The To tag
    # cannot take part, since the ACK has one that the INVITE had not.
    number, _ = request.cseq
    return request.get("Via") or "", request.call_id, request.from_.tag or "", str(number), method


def reply_flow(flow: Flow, request: Request) -> Flow:
    """Where responses to a request go (§18.2.2, RFC 3581 §4)."""
    if flow.reliable:
        return flow
    via = request.via
    if via.parameter("rport") is not None:
        return flow
    return flow.to((flow.remote[0], via.port or 5060))
