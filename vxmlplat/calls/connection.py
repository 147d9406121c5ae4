"""A connection: what CCXML 1.0 §10 calls a call leg, over one line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from vxmlplat.calls.dialog import Dialog
from vxmlplat.calls.line import Line
from vxmlplat.calls.telephone import Call
from vxmlplat.media.channel import Conference
from vxmlplat.sip.leg import Leg


@dataclass(eq=False, slots=True)
class Connection:
    """One leg of a session.

    ``leg`` is there from the start for a call that came in; ``line`` once it is answered. ``licence`` gives
    the port back.
    ``dialling`` is the task that places a call. ``dialog`` runs on it now. ``outcome`` is how the last dialog
    ended: the call's outcome
    in the record.
    """

    id: str
    call: Call
    licence: Callable[[], None]
    leg: Leg | None = None
    line: Line | None = None
    dialling: asyncio.Task[None] | None = None
    dialog: Dialog | None = None
    outcome: str = ""
    over: bool = False


@dataclass(eq=False, slots=True)
class Mixer:
    """A conference of the media plane, and under which identifiers sessions know it."""

    conference: Conference
    name: str | None
    ids: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
