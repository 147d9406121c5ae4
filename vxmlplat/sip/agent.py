"""The user agent: listens, places calls, hands inbound calls to the platform."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from vxmlplat.clock import Clock
from vxmlplat.sip.access import AccessPolicy, DefaultPolicy
from vxmlplat.sip.call import OutboundCall
from vxmlplat.sip.dialog import Dialog
from vxmlplat.sip.errors import MessageError, SipError, TransportError
from vxmlplat.sip.events import Ended
from vxmlplat.sip.flood import FloodGate
from vxmlplat.sip.incoming import Incoming
from vxmlplat.sip.keep_alive import KeepAlive
from vxmlplat.sip.leg import HeaderFields, Leg
from vxmlplat.sip.leg_table import LegTable
from vxmlplat.sip.location import Locator
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.names import DnsNames, Names
from vxmlplat.sip.network import Network
from vxmlplat.sip.outbound import OutboundLeg
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.responses import response_to
from vxmlplat.sip.routing import Router
from vxmlplat.sip.server_transaction import InviteServer, ServerTransaction
from vxmlplat.sip.session import Session
from vxmlplat.sip.settings import TransportName, UserAgentConfig
from vxmlplat.sip.timers import Timers
from vxmlplat.sip.transactions import Transactions, new_branch
from vxmlplat.sip.transport import Flow, bracketed, via_value
from vxmlplat.sip.validity import (
    ALLOW,
    METHODS,
    RECOGNISED,
    SUPPORTED,
    Refusal,
    check_extensions,
    check_form,
)
from vxmlplat.sip.websocket import WebSocketFlow

__all__ = ["Counters", "InviteHandler", "OutboundCall", "UserAgent"]
_log = logging.getLogger(__name__)
InviteHandler = Callable[[Leg], Awaitable[None]]


@dataclass(slots=True)
class Counters:
    """What the user agent holds and has done. The first four return to zero when all calls are over."""

    legs: int = 0
    dialogs: int = 0
    client_transactions: int = 0
    server_transactions: int = 0
    calls_in: int = 0
    calls_out: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """Refusals by word: ``policy``, ``flood``, ``limit``, ``malformed``, ``draining``, ``stray``."""


class UserAgent:
    """The platform's SIP side: one for a process.

    ``on_invite`` is called in a task of its own with every inbound call that passed policy and limits; when
    it raises before it has answered or refused, the call is refused with 500.
    ``registrar`` serves telephones; ``policy`` replaces the rules of :mod:`~vxmlplat.sip.access`; ``names``
    replaces the DNS.
    """

    def __init__(
        self,
        config: UserAgentConfig,
        clock: Clock,
        *,
        registrar: Registrar | None = None,
        policy: AccessPolicy | None = None,
        names: Names | None = None,
        network: type[Network] = Network,
    ) -> None:
        self.config = config
        self.clock = clock
        self.on_invite: InviteHandler | None = None
        self.registrar = registrar
        self.timers = Timers(clock)
        self.transactions = Transactions(self, self.timers, config.timers, config.limits)
        self.locator = Locator(names or DnsNames(clock, config.nameservers), clock)
        self.network = network(config, self.transactions.receive, self.flow_lost, self.locator)
        self.router = Router(config, self.network, registrar, clock)
        self.domain = config.domain or bracketed(config.listen[0].advertise or config.listen[0].host)
        self.policy = policy or DefaultPolicy(config, clock, self.domain, registrar)
        limits = config.limits
        self._invite_gate = FloodGate(
            limits.invites_per_second,
            limits.invites_per_second_per_source,
            limits.invites_burst,
            limits.sources,
            clock,
        )
        self._other_gate = FloodGate(
            limits.others_per_second,
            limits.others_per_second_per_source,
            2 * limits.others_per_second,
            limits.sources,
            clock,
        )
        self.table = LegTable()
        self._incoming = Incoming(self)
        self._keep_alive = KeepAlive(
            self.timers,
            config.timers.keep_alive,
            registrar.flows if registrar is not None else tuple,
            self.send_again,
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self.websockets: set[WebSocketFlow] = set()
        self.draining = False
        self._empty: asyncio.Event | None = None
        self._counted = Counters()

    # ---- life

    async def start(self) -> None:
        """Bind all listening points. Raises ConfigurationError naming the address that cannot be bound."""
        await self.network.open()
        if self.registrar is not None:
            self._keep_alive.start()

    async def drain(self) -> None:
        """Refuse new calls with 503 and return when the last leg has ended."""
        self.draining = True
        while self.table.legs:
            self._empty = self._empty or asyncio.Event()
            self._empty.clear()
            await self._empty.wait()

    async def stop(self) -> None:
        """Hang up what is left, close all sockets; nothing stays behind."""
        self.draining = True
        self._keep_alive.stop()
        legs = list(self.table.legs.values())
        if legs:
            hangups = [asyncio.ensure_future(leg.hangup()) for leg in legs]
            self.timers.after(2.0, lambda: _cancel(hangups))
            await asyncio.gather(*hangups, return_exceptions=True)
        for leg in list(self.table.legs.values()):
            leg.end(Ended("local", "the user agent stops"))
        await self.timers.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in list(self.websockets):
            socket.close()
        self.transactions.close()
        await self.network.close()

    @property
    def counters(self) -> Counters:
        """A snapshot of what is held and done."""
        counted = self._counted
        return Counters(
            len(self.table.legs),
            len(self.table.dialogs),
            len(self.transactions.client),
            len(self.transactions.server),
            self._incoming.admitted,
            counted.calls_out,
            dict(counted.refused),
        )

    @property
    def addresses(self) -> list[tuple[TransportName, str, int]]:
        """Where the user agent listens, with the real ports."""
        return list(self.network.addresses)

    def leg(self, id_: str) -> Leg | None:
        """A leg by its id."""
        return self.table.legs.get(id_)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Run something in a task that :meth:`stop` knows; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("%s failed", task.get_name(), exc_info=task.exception())

    # ---- calls out

    def invite(self, call: OutboundCall) -> Leg:
        """Place a call; never blocks and never raises because of the peer: what happens comes as events of
        the leg.

        Raises ConfigurationError for an unknown trunk, SipError for a target or header field that cannot be
        sent.
        """
        leg = OutboundLeg(self, call, f"{secrets.token_hex(12)}@{self.domain}")
        self.table.add(leg)
        self._counted.calls_out += 1
        self.spawn(leg.place(), f"sip call {leg.id}")
        return leg

    # ---- sending outside transactions

    def send_stateless(self, request: Request, flow: Flow) -> bytes | None:
        """Send a request that has no transaction (an ACK for a 2xx); returns its bytes."""
        request.fields.insert(0, ("Via", via_value(flow, new_branch())))
        data = request.encode()
        return data if self.send_again(data, flow) else None

    def send_again(self, data: bytes, flow: Flow) -> bool:
        """Send bytes; False when the flow is gone."""
        try:
            flow.send(data)
        except TransportError as error:
            _log.info("not sent to %s port %s: %s", *flow.remote, error)
            return False
        return True

    async def dispose(self, dialog: Dialog) -> None:
        """End a dialog that nobody wants with a BYE: a late branch of a fork."""
        try:
            flow = await self.router.reach(dialog.next_hop(), dialog.flow)
        except SipError as error:
            _log.info("unwanted branch not ended: %s", error)
            return
        self.transactions.request(
            dialog.request("BYE", self.router.contact(flow)), flow, lambda _: None, lambda *_: None
        )

    # ---- the table of dialogs

    def leg_ended(self, leg: Session) -> None:
        """Forget a leg."""
        self.table.forget(leg)
        if not self.table.legs and self._empty is not None:
            self._empty.set()

    def replace(self, leg: Leg) -> None:
        """Another call took this leg over (RFC 3891 §3): end it."""
        if isinstance(leg, Session):
            leg.replaced()

    # ---- what the transaction layer hands up

    async def flow_for_large(self, flow: Flow) -> Flow:
        """The flow for a request that is too large for a datagram."""
        return await self.router.large(flow)

    def count_refusal(self, word: str) -> None:
        """Something was turned away."""
        self._counted.refused[word] = self._counted.refused.get(word, 0) + 1

    def on_request(self, transaction: ServerTransaction, request: Request) -> None:
        """A new request other than ACK."""
        leg = self._leg_within(request)
        if leg is None and not self._passes(transaction, request):
            return
        try:
            check_form(request)
            if leg is not None:
                leg.receive(transaction, request)
            else:
                self._dispatch(transaction, request)
        except Refusal as refusal:
            self._respond(transaction, refusal.status, refusal.reason, refusal.headers)
        except MessageError as error:
            self.count_refusal("malformed")
            self._respond(transaction, error.status, error.reason)
        except Exception:  # noqa: BLE001 - a fault in serving one request must not stop the socket's reading
            _log.exception("request %s failed", request)
            self._respond(transaction, 500)

    def _leg_within(self, request: Request) -> Session | None:
        try:
            return self.table.within(request)
        except MessageError:
            return None  # malformed: it counts as any other, and is refused later

    def _passes(self, transaction: ServerTransaction, request: Request) -> bool:
        """Whether a request from outside of all calls is within the bounds of its kind.

        What is too much costs as little as can be: no transaction stays, INVITE and REGISTER get a 503 that
        is not repeated, the rest gets nothing.
        """
        gate = self._invite_gate if request.method == "INVITE" else self._other_gate
        if gate.admits(transaction.source[0]):
            return True
        self.count_refusal("flood")
        if request.method in {"INVITE", "REGISTER"}:
            busy = [("Retry-After", str(self.config.limits.retry_after))]
            self.send_again(
                response_to(request, transaction.flow, 503, headers=busy).encode(), transaction.reply
            )
        transaction.terminate()
        return False

    def _respond(
        self, transaction: ServerTransaction, status: int, reason: str = "", headers: HeaderFields = ()
    ) -> None:
        transaction.respond(
            response_to(
                transaction.request,
                transaction.flow,
                status,
                reason,
                headers=headers,
                to_tag=transaction.to_tag,
            )
        )

    def _dispatch(self, transaction: ServerTransaction, request: Request) -> None:
        method = request.method
        if request.to.tag is not None and method != "OPTIONS":
            raise Refusal(481, "Call/Transaction Does Not Exist")
        if method not in METHODS:
            if method == "REGISTER" and self.registrar is not None:
                self._register(transaction, request, self.registrar)
                return
            if method == "SUBSCRIBE":
                raise Refusal(489, "Bad Event", [("Allow-Events", "refer")])
            status = 405 if method in RECOGNISED else 501
            raise Refusal(status, "", [("Allow", self._allow())])
        if method == "INVITE" and isinstance(transaction, InviteServer):
            self._incoming.receive(transaction, request)
        elif method == "OPTIONS":
            check_extensions(request)
            self.answer_options(transaction, request)
        elif method in {"BYE", "PRACK", "UPDATE", "INFO", "CANCEL"}:
            raise Refusal(481, "Call/Transaction Does Not Exist")
        elif method == "NOTIFY":
            raise Refusal(481, "Subscription Does Not Exist")
        elif method == "REFER":
            raise Refusal(603, "Decline")
        else:  # MESSAGE: taken within a call only, where somebody reads it
            raise Refusal(405, "", [("Allow", self._allow().replace(", MESSAGE", ""))])

    def _allow(self) -> str:
        return f"{ALLOW}, REGISTER" if self.registrar is not None else ALLOW

    def answer_options(self, transaction: ServerTransaction, request: Request) -> None:
        """What we can do (§11.2); a platform that drains says so, which a dispatcher in front
        understands."""
        headers = [
            ("Allow", self._allow()),
            ("Accept", "application/sdp, application/dtmf-relay, application/dtmf, message/sipfrag"),
            ("Supported", SUPPORTED),
            ("Contact", self.router.contact(transaction.flow)),
        ]
        if self.draining:
            headers.append(("Retry-After", str(self.config.limits.retry_after)))
        self._respond(transaction, 503 if self.draining else 200, headers=headers)

    def _register(self, transaction: ServerTransaction, request: Request, registrar: Registrar) -> None:
        check_extensions(request, "path")
        outcome = registrar.register(request, transaction.flow)
        self._respond(transaction, outcome.status, outcome.reason, outcome.headers)

    def on_cancel(self, invite: InviteServer, request: Request) -> None:
        """A CANCEL for an INVITE that is still open."""
        leg = self.table.begun_by(invite.request)
        if leg is not None and leg.transaction is invite:
            leg.cancelled(request)
            return
        session = self.table.within(invite.request)
        if session is not None:
            session.renegotiation.cancelled(invite)

    def on_ack(self, request: Request, flow: Flow) -> None:
        """An ACK that belongs to a 2xx, or to nothing."""
        try:
            leg = self.table.within(request)
            if leg is not None:
                leg.acknowledged(request)
        except MessageError as error:
            _log.info("unusable ACK from %s port %s: %s", *flow.remote, error.reason)

    def on_stray_response(self, response: Response, flow: Flow) -> None:
        """A response without a transaction: a late repetition, or noise."""
        self.count_refusal("stray")

    def flow_lost(self, flow: Flow) -> None:
        """A connection broke."""
        self.transactions.flow_lost(flow)
        if self.registrar is not None:
            self.registrar.flow_lost(flow)


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
