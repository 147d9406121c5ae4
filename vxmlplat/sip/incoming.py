"""An INVITE at the door: policy, limits, Replaces; what passes becomes a leg and is handed to the
platform."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vxmlplat.sip.errors import MessageError, RequestFailed
from vxmlplat.sip.inbound import InboundLeg
from vxmlplat.sip.leg import Leg
from vxmlplat.sip.message import Request
from vxmlplat.sip.replaces import parse_replaces
from vxmlplat.sip.server_transaction import InviteServer
from vxmlplat.sip.settings import Trunk
from vxmlplat.sip.validity import Refusal, check_extensions

if TYPE_CHECKING:
    from vxmlplat.sip.agent import InviteHandler, UserAgent

_log = logging.getLogger(__name__)


class Incoming:
    """Admits new calls, the cheapest checks first."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent
        self.admitted = 0

    def receive(self, transaction: InviteServer, request: Request) -> None:
        """A new INVITE. Raises Refusal or MessageError for one that is turned away."""
        agent = self._agent
        admission = agent.policy(request, transaction.flow)
        if admission.outcome == "challenge":
            agent.count_refusal("challenge")
            raise Refusal(401, "", [("WWW-Authenticate", value) for value in admission.challenge])
        if admission.outcome == "forbid":
            agent.count_refusal("policy")
            raise Refusal(403, "")
        if agent.table.begun_by(request) is not None:
            raise Refusal(482, "")
        check_extensions(request)
        handler = agent.on_invite
        if agent.draining or handler is None:
            self._busy("draining")
        elif self._full(admission.trunk):
            self._busy("limit")
        else:
            _ = (
                request.sdp
            )  # a multipart body that cannot be read is refused before anybody hears of the call
            leg = InboundLeg(
                agent,
                transaction,
                request,
                trunk=admission.trunk,
                trusted=admission.trusted,
                replaces=self._replaced(request),
            )
            leg.session_timer.check(request)
            agent.table.add_inbound(leg)
            self.admitted += 1
            agent.spawn(self._hand_over(leg, handler), f"sip call {leg.id}")

    def _busy(self, word: str) -> None:
        self._agent.count_refusal(word)
        raise Refusal(503, "", [("Retry-After", str(self._agent.config.limits.retry_after))])

    def _full(self, trunk: Trunk | None) -> bool:
        table = self._agent.table
        if len(table.legs) >= self._agent.config.limits.legs:
            return True
        return (
            trunk is not None
            and trunk.max_calls is not None
            and table.on_trunk(trunk.name) >= trunk.max_calls
        )

    def _replaced(self, request: Request) -> Leg | None:
        """The leg that the caller asks to take over (RFC 3891 §3)."""
        values = request.all("Replaces")
        if not values:
            return None
        if len(values) > 1:
            raise MessageError("Multiple Replaces Headers")
        if request.get("Join") is not None:
            raise MessageError("Replaces Beside Join")
        wanted = parse_replaces(values[0])
        table, dialog = self._agent.table, (wanted.call_id, wanted.to_tag, wanted.from_tag)
        leg = table.dialogs.get(dialog)
        if leg is None and table.was_here(dialog):
            raise Refusal(603, "")
        early = leg is not None and leg.state in {"trying", "ringing"}
        if leg is None or (early and leg.direction == "in"):
            # An early dialog can be replaced by the side that began it only.
            raise Refusal(481, "")
        if wanted.early_only and not early:
            raise Refusal(486, "")
        return leg

    async def _hand_over(self, leg: InboundLeg, handler: InviteHandler) -> None:
        try:
            await handler(leg)
        except RequestFailed as failure:
            _log.info("call %s: %s", leg.id, failure)
        except Exception:  # noqa: BLE001 - whatever the platform does wrong costs this call only
            _log.exception("call %s failed", leg.id)
            leg.give_up(500, "")
