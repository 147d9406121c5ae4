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
from vxmlplat.sip.dialog import Dialog, DialogKey
from vxmlplat.sip.errors import ConfigurationProblem, MessageError, RequestFailed, SipError, TransportError
from vxmlplat.sip.events import Ended
from vxmlplat.sip.flood import FloodGate
from vxmlplat.sip.inbound import InboundLeg
from vxmlplat.sip.leg import HeaderFields, Leg
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.network import Network, Resolver, resolve_addresses
from vxmlplat.sip.outbound import OutboundLeg
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.responses import response_to
from vxmlplat.sip.routing import natted, target_uri
from vxmlplat.sip.server_transaction import InviteServer, ServerTransaction
from vxmlplat.sip.session import Session
from vxmlplat.sip.settings import TransportName, Trunk, UserAgentConfig
from vxmlplat.sip.timers import Timers
from vxmlplat.sip.transactions import Transactions, new_branch
from vxmlplat.sip.transport import Endpoint, Flow, bracketed
from vxmlplat.sip.uri import SipUri, parse_uri
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
Way = tuple[str, Callable[[], Awaitable[Flow]]]
"""A Request-URI and how to get a flow there."""


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
    it raises or returns without having answered, ringed or refused, the call is refused with 500 or 480.
    ``registrar`` serves telephones; ``policy`` replaces the rules of :mod:`~vxmlplat.sip.access`.
    """

    def __init__(
        self,
        config: UserAgentConfig,
        clock: Clock,
        *,
        registrar: Registrar | None = None,
        policy: AccessPolicy | None = None,
        resolver: Resolver = resolve_addresses,
        network: type[Network] = Network,
    ) -> None:
        self.config = config
        self.clock = clock
        self.on_invite: InviteHandler | None = None
        self.registrar = registrar
        self.timers = Timers(clock)
        self.transactions = Transactions(self, self.timers, config.timers, config.limits)
        self.network = network(config, self.transactions.receive, self.flow_lost, resolver)
        self.domain = config.domain or bracketed(config.listen[0].advertise or config.listen[0].host)
        self.policy = policy or DefaultPolicy(config, clock, self.domain, registrar)
        self._flood = FloodGate(config.limits, clock)
        self._legs: dict[str, Session] = {}
        self._dialogs: dict[DialogKey, Session] = {}
        self._invites: dict[tuple[str, str, int], InboundLeg] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.websockets: set[WebSocketFlow] = set()
        self._draining = False
        self._empty: asyncio.Event | None = None
        self._counted = Counters()

    # ---- life

    async def start(self) -> None:
        """Bind all listening points. Raises ConfigurationError naming the address that cannot be bound."""
        await self.network.open()

    async def drain(self) -> None:
        """Refuse new calls with 503 and return when the last leg has ended."""
        self._draining = True
        while self._legs:
            self._empty = asyncio.Event()
            await self._empty.wait()

    async def stop(self) -> None:
        """Hang up what is left, close all sockets; nothing stays behind."""
        self._draining = True
        legs = list(self._legs.values())
        if legs:
            hangups = [asyncio.ensure_future(leg.hangup()) for leg in legs]
            self.timers.after(2.0, lambda: _cancel(hangups))
            await asyncio.gather(*hangups, return_exceptions=True)
        for leg in list(self._legs.values()):
            leg.end(Ended("local", "the user agent stops"))
        self.timers.close()
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
            len(self._legs),
            len(self._dialogs),
            len(self.transactions.client),
            len(self.transactions.server),
            counted.calls_in,
            counted.calls_out,
            dict(counted.refused),
        )

    @property
    def addresses(self) -> list[tuple[TransportName, str, int]]:
        """Where the user agent listens, with the real ports."""
        return list(self.network.addresses)

    def leg(self, id_: str) -> Leg | None:
        """A leg by its id."""
        return self._legs.get(id_)

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
        self._legs[leg.id] = leg
        self._counted.calls_out += 1
        self.spawn(leg.place(), f"sip call {leg.id}")
        return leg

    def trunk(self, name: str | None) -> Trunk | None:
        """A trunk by name. Raises ConfigurationProblem for one that is not configured."""
        if name is None:
            return None
        for trunk in self.config.trunks:
            if trunk.name == name:
                return trunk
        raise ConfigurationProblem(
            f"there is no trunk {name!r}; configured: {[t.name for t in self.config.trunks]}"
        )

    def target_uri(self, target: str, trunk: Trunk | None) -> str:
        """The Request-URI of a target. Raises MessageError."""
        return target_uri(target, trunk)

    async def ways_to(self, uri: SipUri, call: OutboundCall) -> list[Way]:
        """The ways to a target, best first: a registered telephone's own flow, a proxy, a trunk, or its
        address."""
        plain = str(uri.plain())
        if self.registrar is not None and call.proxy is None and call.trunk is None:
            bindings = self.registrar.contacts(str(uri.plain()))
            if bindings:
                return [(b.uri, self._flow_getter(b.flow, b.uri)) for b in bindings]
        trunk = self.trunk(call.trunk)
        hop = uri
        proxy = call.proxy or (self.config.outbound_proxy if trunk is None else None)
        if proxy is not None:
            hop = parse_uri(proxy)
        elif trunk is not None and trunk.host is not None:
            port = f":{trunk.port}" if trunk.port else ""
            hop = parse_uri(f"sip:{bracketed(trunk.host)}{port};transport={trunk.transport}")
        name = hop.address
        return [(plain, self._connector(e, name)) for e in await self.network.endpoints(hop)]

    def _connector(self, endpoint: Endpoint, name: str) -> Callable[[], Awaitable[Flow]]:
        return lambda: self.network.flow(endpoint, name)

    def _flow_getter(self, flow: Flow, uri: str) -> Callable[[], Awaitable[Flow]]:
        async def get() -> Flow:
            if flow.alive:
                return flow
            return await self.reach(parse_uri(uri), None)

        return get

    # ---- ways to a peer

    def contact(self, flow: Flow) -> str:
        """Our Contact towards a flow."""
        host, port = flow.local
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"<sip:{bracketed(host)}:{port}{transport}>"

    def reach_now(self, dialog: Dialog, known: Flow) -> Flow:
        """The flow for an ACK, which cannot wait: the dialog's next hop when it is known without looking it
        up."""
        try:
            hop = dialog.next_hop()
        except MessageError:
            return known
        return self._known_way(hop, known) or known

    async def reach(self, hop: SipUri, known: Flow | None) -> Flow:
        """The flow to a next hop; the known one where it serves. Raises TransportError."""
        if known is not None:
            way = self._known_way(hop, known)
            if way is not None:
                return way
        failure: SipError = TransportError(f"no way to {hop}")
        for endpoint in await self.network.endpoints(hop):
            try:
                return await self.network.flow(endpoint, hop.address)
            except SipError as error:
                failure = error
        raise failure

    def _known_way(self, hop: SipUri, known: Flow) -> Flow | None:
        if known.reliable:
            # A connection is kept as long as it stands (RFC 5626 §4.3); the peer may listen nowhere else.
            return known if known.alive else None
        transport = (hop.parameter("transport") or "udp").lower()
        if hop.secure or transport != "udp" or not known.alive:
            return None
        host = hop.parameter("maddr") or hop.address
        address = (host, hop.port or 5060)
        if known.remote == address or natted(host, known.remote[0]):
            return known
        if host.replace(".", "").isdigit() or ":" in host:
            return known.to(address) if (":" in host) == (":" in known.remote[0]) else None
        return None

    def send_stateless(self, request: Request, flow: Flow) -> bytes | None:
        """Send a request that has no transaction (an ACK for a 2xx); returns its bytes."""
        host, port = flow.local
        via = f"SIP/2.0/{flow.via_transport} {bracketed(host)}:{port};branch={new_branch()};rport"
        request.fields.insert(0, ("Via", via))
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
            flow = await self.reach(dialog.next_hop(), dialog.flow)
        except SipError as error:
            _log.info("unwanted branch not ended: %s", error)
            return
        self.transactions.request(
            dialog.request("BYE", self.contact(flow)), flow, lambda _: None, lambda *_: None
        )

    # ---- the table of dialogs

    def bind(self, dialog: Dialog, leg: Session) -> None:
        """Requests within the dialog go to this leg from now on."""
        self._dialogs[dialog.key] = leg

    def unbind(self, dialog: Dialog) -> None:
        """No more."""
        self._dialogs.pop(dialog.key, None)

    def leg_ended(self, leg: Session) -> None:
        """Forget a leg."""
        if leg.dialog is not None:
            self.unbind(leg.dialog)
        self._legs.pop(leg.id, None)
        if isinstance(leg, InboundLeg):
            invite = leg.invite
            self._invites.pop((invite.call_id, invite.from_.tag or "", invite.cseq[0]), None)
        if not self._legs and self._empty is not None:
            self._empty.set()

    def replace(self, leg: Leg) -> None:
        """Another call took this leg over (RFC 3891 §3): end it."""
        if isinstance(leg, Session) and leg.state != "ended":
            self.spawn(leg.replaced(), f"sip call {leg.id}")

    # ---- what the transaction layer hands up

    def count_refusal(self, word: str) -> None:
        """Something was turned away."""
        self._counted.refused[word] = self._counted.refused.get(word, 0) + 1

    def on_request(self, transaction: ServerTransaction, request: Request) -> None:
        """A new request other than ACK."""
        try:
            check_form(request)
            self._dispatch(transaction, request)
        except Refusal as refusal:
            self._respond(transaction, refusal.status, refusal.reason, refusal.headers)
        except MessageError as error:
            self.count_refusal("malformed")
            self._respond(transaction, error.status, error.reason)
        except Exception:  # noqa: BLE001 - a fault in serving one request must not stop the socket's reading
            _log.exception("request %s failed", request)
            self._respond(transaction, 500)

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
        tag = request.to.tag
        if tag is not None:
            leg = self._dialogs.get((request.call_id, tag, request.from_.tag or ""))
            if leg is not None:
                leg.receive(transaction, request)
                return
            if method != "OPTIONS":
                raise Refusal(481, "Call/Transaction Does Not Exist")
        if method not in METHODS:
            if method == "REGISTER" and self.registrar is not None:
                self._register(transaction, request, self.registrar)
                return
            if method == "SUBSCRIBE":
                raise Refusal(489, "Bad Event")
            status = 405 if method in RECOGNISED else 501
            raise Refusal(status, "", [("Allow", self._allow())])
        if method == "INVITE" and isinstance(transaction, InviteServer):
            self._inbound(transaction, request)
        elif method == "OPTIONS":
            check_extensions(request)
            self.answer_options(transaction, request)
        elif method in {"BYE", "PRACK", "UPDATE", "INFO", "CANCEL"}:
            raise Refusal(481, "Call/Transaction Does Not Exist")
        elif method == "NOTIFY":
            raise Refusal(481, "Subscription Does Not Exist")
        elif method == "REFER":
            raise Refusal(603, "Decline")
        else:
            raise Refusal(405, "", [("Allow", self._allow())])

    def _allow(self) -> str:
        return f"{ALLOW}, REGISTER" if self.registrar is not None else ALLOW

    def answer_options(self, transaction: ServerTransaction, request: Request) -> None:
        """What we can do (§11.2); a full or draining platform says so, which a dispatcher in front
        understands."""
        headers = [
            ("Allow", self._allow()),
            ("Accept", "application/sdp, application/dtmf-relay, application/dtmf, message/sipfrag"),
            ("Supported", SUPPORTED),
            ("Contact", self.contact(transaction.flow)),
        ]
        if self._draining:
            headers.append(("Retry-After", str(self.config.limits.retry_after)))
        self._respond(transaction, 503 if self._draining else 200, headers=headers)

    def _register(self, transaction: ServerTransaction, request: Request, registrar: Registrar) -> None:
        if not self._flood.admits(transaction.source[0]):
            self.count_refusal("flood")
            raise Refusal(503, "", [("Retry-After", str(self.config.limits.retry_after))])
        check_extensions(request)
        outcome = registrar.register(request, transaction.flow)
        self._respond(transaction, outcome.status, outcome.reason, outcome.headers)

    def _inbound(self, transaction: InviteServer, request: Request) -> None:
        busy = [("Retry-After", str(self.config.limits.retry_after))]
        if not self._flood.admits(transaction.source[0]):
            self.count_refusal("flood")
            raise Refusal(503, "", busy)
        admission = self.policy(request, transaction.flow)
        if admission.outcome == "challenge":
            self.count_refusal("challenge")
            raise Refusal(401, "", [("WWW-Authenticate", value) for value in admission.challenge])
        if admission.outcome == "forbid":
            self.count_refusal("policy")
            raise Refusal(403, "")
        key = (request.call_id, request.from_.tag or "", request.cseq[0])
        if key in self._invites:
            raise Refusal(482, "Loop Detected")  # a merged request (§8.2.2.2)
        check_extensions(request)
        if self._draining or self.on_invite is None:
            self.count_refusal("draining")
            raise Refusal(503, "", busy)
        if len(self._legs) >= self.config.limits.legs:
            self.count_refusal("limit")
            raise Refusal(503, "", busy)
        trunk = admission.trunk
        if trunk is not None and trunk.max_calls is not None and self._calls_of(trunk) >= trunk.max_calls:
            self.count_refusal("limit")
            raise Refusal(503, "", busy)
        _ = request.sdp  # a multipart body that cannot be read is refused before anybody hears of the call
        replaced = self._replaced(request)
        leg = InboundLeg(
            self, transaction, request, trunk=trunk, trusted=admission.trusted, replaces=replaced
        )
        leg.session_timer.check(request)
        assert leg.dialog is not None, "an inbound leg has its dialog from the start"
        self._legs[leg.id] = leg
        self._invites[key] = leg
        self.bind(leg.dialog, leg)
        self._counted.calls_in += 1
        self.spawn(self._hand_over(leg, self.on_invite), f"sip call {leg.id}")

    def _calls_of(self, trunk: Trunk) -> int:
        return sum(1 for leg in self._legs.values() if leg.trunk == trunk.name)

    def _replaced(self, request: Request) -> Leg | None:
        from vxmlplat.sip.replaces import parse_replaces

        values = request.all("Replaces")
        if not values:
            return None
        if len(values) > 1:
            raise MessageError("Multiple Replaces Headers")
        wanted = parse_replaces(values[0])
        leg = self._dialogs.get((wanted.call_id, wanted.to_tag, wanted.from_tag))
        if leg is None:
            raise Refusal(481, "Call/Transaction Does Not Exist")
        if leg.direction == "in" and leg.state in {"trying", "ringing"}:
            raise Refusal(
                481, "Call/Transaction Does Not Exist"
            )  # RFC 3891 §3: an early dialog we did not start
        if wanted.early_only and leg.state not in {"trying", "ringing"}:
            raise Refusal(486, "Busy Here")
        return leg

    async def _hand_over(self, leg: InboundLeg, handler: InviteHandler) -> None:
        try:
            await handler(leg)
        except RequestFailed as failure:
            _log.info("call %s: %s", leg.id, failure)
        except Exception:  # noqa: BLE001 - whatever the platform does wrong costs this call only
            _log.exception("call %s failed", leg.id)
            leg.give_up(500, "")

    def on_cancel(self, invite: InviteServer, request: Request) -> None:
        """A CANCEL for an INVITE that is still open."""
        original = invite.request
        key = (original.call_id, original.from_.tag or "", original.cseq[0])
        leg = self._invites.get(key)
        if leg is not None and leg.transaction is invite:
            leg.cancelled(request)
            return
        tag = original.to.tag
        if tag is not None:
            session = self._dialogs.get((original.call_id, tag, original.from_.tag or ""))
            if session is not None:
                session.renegotiation.cancelled(invite)

    def on_ack(self, request: Request, flow: Flow) -> None:
        """An ACK that belongs to a 2xx, or to nothing."""
        try:
            leg = self._dialogs.get((request.call_id, request.to.tag or "", request.from_.tag or ""))
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
