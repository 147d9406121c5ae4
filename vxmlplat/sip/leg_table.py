"""Who is on the line: legs by id, by dialog and by the INVITE that began them."""

from __future__ import annotations

from collections import deque

from vxmlplat.sip.dialog import Dialog, DialogKey
from vxmlplat.sip.inbound import InboundLeg
from vxmlplat.sip.message import Request
from vxmlplat.sip.replaces import parse_replaces
from vxmlplat.sip.session import Session

_REMEMBERED = 1000
"""Calls that are over and whose identity is kept, for who asks to take one over."""


class LegTable:
    """All legs of one user agent. What is added is forgotten as a whole, so that no index keeps a dead
    call."""

    def __init__(self) -> None:
        self.legs: dict[str, Session] = {}
        self.dialogs: dict[DialogKey, Session] = {}
        self.invites: dict[tuple[str, str, int], InboundLeg] = {}
        self._over: deque[DialogKey] = deque(maxlen=_REMEMBERED)

    def add(self, leg: Session) -> None:
        """Keep a leg."""
        self.legs[leg.id] = leg

    def add_inbound(self, leg: InboundLeg) -> None:
        """Keep an inbound leg under its INVITE and its dialog too."""
        self.add(leg)
        self.invites[self._key(leg.invite)] = leg
        assert leg.dialog is not None, "an inbound leg has its dialog from the start"
        self.bind(leg.dialog, leg)

    def bind(self, dialog: Dialog, leg: Session) -> None:
        """Requests within the dialog go to this leg from now on."""
        self.dialogs[dialog.key] = leg

    def unbind(self, dialog: Dialog) -> None:
        """No more."""
        self.dialogs.pop(dialog.key, None)

    def within(self, request: Request) -> Session | None:
        """The leg in whose dialog a request of the peer is, by the three parts of its identity (RFC 3261
        §12)."""
        return self.dialogs.get((request.call_id, request.to.tag or "", request.from_.tag or ""))

    def begun_by(self, invite: Request) -> InboundLeg | None:
        """The leg that this INVITE, or another copy of it that came another way, began (§8.2.2.2)."""
        return self.invites.get(self._key(invite))

    def replaced_by(self, replaces: str) -> Session | None:
        """The leg that a Replaces value names. Raises MessageError for one that cannot be read."""
        wanted = parse_replaces(replaces)
        return self.dialogs.get((wanted.call_id, wanted.to_tag, wanted.from_tag))

    def was_here(self, dialog: DialogKey) -> bool:
        """Whether there was such a call until lately."""
        return dialog in self._over

    def on_trunk(self, name: str) -> int:
        """How many legs a trunk carries."""
        return sum(1 for leg in self.legs.values() if leg.trunk == name)

    def forget(self, leg: Session) -> None:
        """The leg has ended."""
        if leg.dialog is not None:
            self.unbind(leg.dialog)
            self._over.append(leg.dialog.key)
        self.legs.pop(leg.id, None)
        if isinstance(leg, InboundLeg):
            self.invites.pop(self._key(leg.invite), None)

    @staticmethod
    def _key(invite: Request) -> tuple[str, str, int]:
        return invite.call_id, invite.from_.tag or "", invite.cseq[0]
