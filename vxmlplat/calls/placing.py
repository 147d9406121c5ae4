"""Calls that the platform is asked to place: each is a CCXML session that can be asked about."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vxmlplat.ccxml.platform import Outcome
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.clock import Clock
from vxmlplat.documents import FetchRequest

#: so many calls that were placed are remembered
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class CallOrder:
    """What to call and who speaks.

    ``destination`` is a ``tel:`` or ``sip:`` address, ``dialog`` the address of a VoiceXML document.
    ``ccxml`` is the document that runs the call, empty for the platform's own. ``data`` goes to the dialog
    (随路数据), not to the far end. ``timeout``: seconds of ringing.

    ``detect``: find out whether a human, a machine or a fax has answered before the dialog speaks.
    ``to_machines``: the dialog speaks to an answering machine after its beep; else such a call is ended.
    """

    destination: str
    dialog: str = ""
    ccxml: str = ""
    caller: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 45.0
    detect: bool = False
    to_machines: bool = False


@dataclass(slots=True)
class PlacedCall:
    """How a call that was placed gets on.

    ``state`` is ``calling``, ``ringing``, ``talking`` or ``ended``; ``result``, once it has ended, what the
    session's document said: answered, busy, no_answer, refused, invalid_number, machine, fax, unreachable, …;
    ``error`` when it failed.
    ``call`` is the id of the call in reports and for its data.
    """

    id: str
    order: CallOrder
    started: datetime
    state: str = "calling"
    result: str = ""
    reason: str = ""
    call: str = ""

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "destination": self.order.destination,
            "started": self.started,
            "state": self.state,
            "result": self.result or None,
            "reason": self.reason or None,
            "call": self.call or None,
        }


class PlacedCalls:
    """The calls placed since the platform started, the oldest forgotten."""

    def __init__(self, sessions: Sessions, clock: Clock, document: str) -> None:
        self._sessions = sessions
        self._clock = clock
        self._document = document
        self._calls: OrderedDict[str, PlacedCall] = OrderedDict()

    async def place(self, order: CallOrder) -> PlacedCall:
        """Begin a call. Raises DocumentError and CcxmlError when its CCXML document cannot be used."""
        values = {
            "destination": order.destination,
            "dialog": order.dialog,
            "caller": order.caller,
            "data": dict(order.data),
            "timeout": f"{order.timeout:g}s",
            "detect": order.detect,
            "toMachines": order.to_machines,
        }
        session = await self._sessions.start(FetchRequest(order.ccxml or self._document), values)
        placed = PlacedCall(session.id, order, self._clock.wall())
        self._calls[placed.id] = placed
        while len(self._calls) > REMEMBERED:
            self._calls.popitem(last=False)
        if session.outcome is not None:  # it was over at once
            self.ended(session, session.outcome)
        return placed

    def get(self, identifier: str) -> PlacedCall | None:
        """How a call gets on; None for one that was never placed, or long ago."""
        placed = self._calls.get(identifier)
        session = self._sessions.find(identifier)
        if placed is not None and session is not None and placed.state != "ended":
            states = session.objects.connections
            if states:
                placed.call = placed.call or next(iter(states))
            if "CONNECTED" in states.values():
                placed.state = "talking"
            elif "PROGRESSING" in states.values():
                placed.state = "ringing"
        return placed

    def ended(self, session: Session, outcome: Outcome) -> None:
        """A session is over; nothing is done about one that placed no call for us."""
        placed = self._calls.get(session.id)
        if placed is None or placed.state == "ended":
            return
        placed.state = "ended"
        placed.call = placed.call or next(iter(session.objects.connections), "")
        told = dict(outcome.namelist)
        if outcome.reason == "error":
            placed.result, placed.reason = "error", f"{outcome.error}: {outcome.message}"
        else:
            placed.result = str(outcome.value) if outcome.value is not None else outcome.reason
            placed.reason = str(told.get("reason") or "")
