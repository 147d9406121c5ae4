"""An outbound call: placing, forks, PRACK, redirection, challenges, fail-over, CANCEL races (RFC 3261 §13.2,
§9.1)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from vxmlplat.sip import identity, uui
from vxmlplat.sip.attempt import Attempt, local_refusal
from vxmlplat.sip.call import OutboundCall
from vxmlplat.sip.client_authorization import ClientAuthorization
from vxmlplat.sip.dialog import Dialog
from vxmlplat.sip.errors import LegStateError, SipError
from vxmlplat.sip.events import Answered, Ended, Failed, Progress
from vxmlplat.sip.fields import common_headers
from vxmlplat.sip.grammar import natural
from vxmlplat.sip.leg import HeaderFields
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.placing import call_fields, redirect_targets, worth_another_way
from vxmlplat.sip.responses import new_tag
from vxmlplat.sip.routing import Way, target_uri
from vxmlplat.sip.session import Session
from vxmlplat.sip.status import reason_phrase
from vxmlplat.sip.timers import Timer
from vxmlplat.sip.transport import Flow
from vxmlplat.sip.uri import NameAddr, SipUri, parse_uri, writable_uri

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent

_log = logging.getLogger(__name__)
MAX_FORKS = 20


class _Fork(NamedTuple):
    """A confirmed 2xx: its dialog and the ACK to repeat."""

    dialog: Dialog
    ack: bytes | None
    flow: Flow


class OutboundLeg(Session):
    """The calling side of a call."""

    direction: Literal["in", "out"] = "out"

    def __init__(self, agent: UserAgent, call: OutboundCall, call_id: str) -> None:
        super().__init__(agent, call_id)
        self.call = call
        trunk = agent.config.trunk(call.trunk)
        self.trunk = trunk.name if trunk else None
        self.request_uri = target_uri(call.target, trunk)
        self.remote_uri = self.request_uri.partition("?")[0]
        self.local_uri = writable_uri(call.from_uri or f"sip:{agent.config.user_agent}@{agent.domain}")
        self.local_name = call.from_name
        self.local_sdp = call.sdp
        credentials = call.credentials or (trunk.credentials if trunk else None)
        self.authorization = ClientAuthorization(credentials)
        self._from = NameAddr(self.local_uri, self.local_name, (("tag", new_tag()),))
        self._proxy = call.proxy or (agent.config.outbound_proxy if trunk is None else None)
        # Whoever asked hears at once what cannot be sent.
        call_fields(call, parse_uri(self.request_uri), self._proxy)
        self._cseq = 0
        self._attempt: Attempt | None = None
        self._early: dict[str, Dialog] = {}
        self._rseq: dict[str, int] = {}
        self._forks: dict[tuple[int, str], _Fork] = {}
        self._cancel: list[tuple[str, str]] | None = None
        self._timed_out = False
        self._held_ack: tuple[Dialog, int, Flow] | None = None
        self._timeout: Timer = agent.timers.after(call.timeout, self._no_answer)

    # ---- placing

    async def place(self) -> None:
        """Try the targets in turn until one answers or all have refused."""
        try:
            await self._place()
        except (SipError, OSError) as error:
            self._fail(503, str(error))

    async def _place(self) -> None:
        targets = [self.request_uri]
        tried: set[str] = set()
        redirects = self.call.follow_redirects
        status, reason, last = 480, reason_phrase(480), None
        while targets and self.state != "ended":
            target = targets.pop(0)
            tried.add(target)
            last = await self._try_target(target)
            if last is None:
                return
            status, reason = last.status, last.reason
            if 300 <= status < 400 and redirects > 0:
                redirects -= 1
                targets = [uri for uri in redirect_targets(last) if uri not in tried] + targets
            if self._cancel is not None:
                break
        self._fail(status, reason, last)

    async def _try_target(self, target: str) -> Response | None:
        """All ways to one target; the final refusal, or None when the call was answered or is over."""
        uri = parse_uri(target)
        last: Response | None = None
        ways = await self.agent.router.ways_to(uri, self.call)
        for number, way in enumerate(ways, 1):
            patience = self.agent.config.timers.failover if number < len(ways) else None
            try:
                flow = None if self._given_up else await way.connect()
            except SipError as error:
                last = local_refusal(503, str(error))
            else:
                if flow is None or self._given_up:  # it may have been given up while we connected
                    return local_refusal(487, "Request Terminated")
                last = await self._try_flow(way, uri, flow, patience)
            if last is None or not worth_another_way(last):
                return last
            self._avoid(way, last)
        return last or local_refusal(503, "No Way To Target")

    @property
    def _given_up(self) -> bool:
        return self._cancel is not None or self.state == "ended"

    def _avoid(self, way: Way, refusal: Response) -> None:
        """Other calls try this server last, unless it merely had no room for this one."""
        seconds = identity.retry_after(refusal)
        if way.endpoint is None:
            return
        if refusal.get("Via") is None:
            self.agent.locator.failed(way.endpoint)
        elif seconds:
            self.agent.locator.failed(way.endpoint, seconds)

    async def _try_flow(self, way: Way, uri: SipUri, flow: Flow, patience: float | None) -> Response | None:
        """One destination, answering challenges and a raised session interval."""
        self.peer = flow.remote
        for _ in range(4):
            request = self._build(way, uri, flow)
            self._attempt = Attempt(self.agent, request, flow, self._heard)
            response = await self._attempt.outcome(patience)
            if response is None:
                return None
            if self._cancel is None:
                if self.authorization.challenged(request, response):
                    continue
                if response.status == 422:
                    self.session_timer.raise_minimum(response)
                    continue
            return response
        return local_refusal(403, "Too Many Challenges")

    def _build(self, way: Way, uri: SipUri, flow: Flow) -> Request:
        self._cseq += 1
        fields = [
            ("Max-Forwards", "70"),
            ("From", str(self._from)),
            ("To", f"<{self.remote_uri}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} INVITE"),
            ("Contact", self.contact(flow)),
            *common_headers(),
            *self.session_timer.request(),
            ("User-Agent", self.agent.config.user_agent),
            *(("Route", value) for value in way.route),
            *call_fields(self.call, uri, self._proxy),
        ]
        request = Request("INVITE", way.uri, fields)
        if self.local_sdp:
            request.add("Content-Type", "application/sdp")
            request.body = self.local_sdp.encode()
        self.authorization.apply(request)
        return request

    # ---- responses

    def _heard(self, attempt: Attempt, response: Response) -> None:
        if response.status >= 200:
            self._two_hundred(attempt, response)
        elif response.status > 100 and attempt is self._attempt and self.state in {"trying", "ringing"}:
            self._progress(response, attempt.request, attempt.flow)

    def _progress(self, response: Response, request: Request, flow: Flow) -> None:
        tag = response.to.tag
        if tag is not None:
            dialog = self._early.get(tag)
            if dialog is None:
                if len(self._early) >= MAX_FORKS:
                    return
                dialog = self._early[tag] = Dialog.from_response(request, response, flow)
            if dialog is not self.dialog:
                self._adopt(dialog)
            if "100rel" in response.tokens("Require") and not self._acknowledge_provisional(
                response, tag, dialog
            ):
                return
        self.learn(response)
        self.state = "ringing"
        sdp = response.sdp
        if sdp is not None:
            self.remote_sdp = sdp
        self.emit(Progress(response.status, response.reason, sdp, tuple(response.fields)))

    def _adopt(self, dialog: Dialog) -> None:
        if self.dialog is not None:
            self.agent.table.unbind(self.dialog)
        self.dialog = dialog
        self.agent.table.bind(dialog, self)

    def _acknowledge_provisional(self, response: Response, tag: str, dialog: Dialog) -> bool:
        """PRACK (RFC 3262 §4); False for a repetition or one out of order."""
        rseq = natural(response.get("RSeq"))
        if rseq is None or rseq != self._rseq.get(tag, rseq - 1) + 1:
            return False
        self._rseq[tag] = rseq
        rack = f"{rseq} {response.cseq[0]} INVITE"
        self.spawn(self._prack_provisional(rack, dialog))
        return True

    async def _prack_provisional(self, rack: str, dialog: Dialog) -> None:
        if self.dialog is not dialog:
            return
        try:
            await self.request("PRACK", headers=[("RAck", rack)])
        except SipError as error:
            _log.info("call %s: PRACK: %s", self.id, error)

    def _two_hundred(self, attempt: Attempt, response: Response) -> None:
        request, flow = attempt.request, attempt.flow
        tag = response.to.tag or ""
        branch = request.cseq[0], tag
        fork = self._forks.get(branch)
        if fork is not None:
            if fork.ack is not None:
                self.agent.send_again(fork.ack, fork.flow)
            return
        if len(self._forks) >= MAX_FORKS:
            return
        early = self._early.get(tag)
        dialog = Dialog.from_response(request, response, flow)
        if early is not None:
            dialog.local_cseq = early.local_cseq
            dialog.remote_cseq = early.remote_cseq
        dialog.confirmed = True
        way = self.agent.router.reach_now(dialog, flow)
        ours = attempt is self._attempt and self.state in {"trying", "ringing"}
        wanted = ours and self._cancel is None
        if wanted and self.local_sdp is None and response.sdp is not None:
            self._held_ack = (dialog, request.cseq[0], way)
            ack = None
        else:
            ack = self.send_ack(dialog, request.cseq[0], way)
        self._forks[branch] = _Fork(dialog, ack, way)
        if wanted:
            self._accept(response, dialog)
            return
        # A second branch of a fork, the late answer of a server that we passed over, or an answer that
        # crossed our CANCEL: acknowledged above, and ended (§13.2.2.4, §9.1).
        if ours and self._cancel is not None:
            self._adopt(dialog)
            self.state = "confirmed"
            self.spawn(self._end_crossed())
        else:
            self.spawn(self.agent.dispose(dialog))

    def _accept(self, response: Response, dialog: Dialog) -> None:
        self._timeout.cancel()
        self._adopt(dialog)
        self._early.clear()
        self.learn(response)
        self.state = "confirmed"
        self.headers = tuple(response.fields)
        self.user_to_user = uui.read(response)
        self.remote_name = response.to.name
        sdp = response.sdp
        if sdp is not None:
            self.remote_sdp = sdp
        self.session_timer.agreed(response)
        self.emit(Answered(response.status, sdp, self.user_to_user, self.headers))

    async def acknowledge(self, sdp: str | None) -> None:
        """Send the ACK that was held back for our answer to the peer's offer."""
        if self._held_ack is None:
            raise LegStateError("no acknowledgement waits for an answer")
        dialog, cseq, flow = self._held_ack
        self._held_ack = None
        self.local_sdp = sdp
        ack = self.send_ack(dialog, cseq, flow, sdp)
        self._forks[cseq, dialog.remote.tag or ""] = _Fork(dialog, ack, flow)

    async def _part(self, fields: HeaderFields) -> None:
        if self._held_ack is not None:
            await self.acknowledge(None)
        await super()._part(fields)

    # ---- giving up

    def _no_answer(self) -> None:
        if self.state in {"trying", "ringing"} and self._cancel is None:
            self._timed_out = True
            self._start_cancel([])

    async def _abandon(self, fields: HeaderFields) -> None:
        self._start_cancel(list(fields))
        await self.ended()

    def _give_way(self) -> None:
        self._cancel = []
        if self._attempt is not None:
            self._attempt.cancel([])

    def _start_cancel(self, fields: list[tuple[str, str]]) -> None:
        self._cancel = fields
        if self._attempt is None or not self._attempt.cancel(fields):
            self._fail(487, "Request Terminated")

    async def _end_crossed(self) -> None:
        assert self._cancel is not None, "only after a CANCEL"
        await self._say_bye(self._cancel)
        self._fail(487, "Request Terminated")

    def _fail(self, status: int, reason: str, response: Response | None = None) -> None:
        """The call came to nothing: say why in the words of who ended it."""
        if self._hanging_up:
            self.end(Ended("local", reason))
            return
        if self._timed_out:
            self.end(Failed(408, "No Answer"))
            return
        if response is None:
            self.end(Failed(status, reason))
            return
        cause, _ = identity.reason_of(response)
        self.end(
            Failed(
                status,
                reason,
                tuple(response.fields),
                identity.retry_after(response),
                cause,
                uui.read(response),
            )
        )

    def _released(self) -> None:
        self._timeout.cancel()
        self._early.clear()
        if self._held_ack is not None:
            dialog, cseq, flow = self._held_ack
            self._held_ack = None
            self.send_ack(dialog, cseq, flow)
        if self._attempt is not None:
            self._attempt.settle(None)

    # ---- what only an inbound leg can do

    async def ring(
        self, sdp: str | None = None, *, status: int | None = None, reliable: bool | None = None
    ) -> None:
        """Only an inbound leg rings."""
        raise LegStateError("an outbound call cannot be rung or answered by us")

    async def answer(
        self, sdp: str | None, *, user_to_user: bytes | None = None, headers: HeaderFields = ()
    ) -> str | None:
        """Only an inbound leg answers."""
        raise LegStateError("an outbound call cannot be rung or answered by us")

    def reject(
        self,
        status: int,
        reason: str = "",
        *,
        headers: HeaderFields = (),
        retry_after: int | None = None,
        user_to_user: bytes | None = None,
    ) -> None:
        """Only an inbound leg refuses."""
        raise LegStateError("an outbound call cannot be refused by us")

    def redirect(self, contacts: Sequence[str], *, status: int = 302) -> None:
        """Only an inbound leg redirects."""
        raise LegStateError("an outbound call cannot be refused by us")
