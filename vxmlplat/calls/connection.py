"""What CCXML joins: connections (call legs), conferences, and the places of dialogs that have no leg."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from vxmlplat.calls.dialog import Dialog
from vxmlplat.calls.line import Line
from vxmlplat.calls.telephone import Call
from vxmlplat.media.channel import Conference, MediaChannel
from vxmlplat.media.errors import MediaError
from vxmlplat.sip.leg import Leg


@dataclass(eq=False, slots=True)
class Connection:
    """One leg of a session.

    ``leg`` is there from the start for a call that came in; ``line`` once it is answered, or before that when
    the caller is to hear something (``opening`` it). ``licence`` gives the port back. ``dialling`` is the
    task that places a call, ``accepting`` whether one that came in is being answered, ``answered`` whether it
    was.
    ``dialog`` runs on it now. ``outcome`` is how the last dialog ended: the call's outcome in the record.
    """

    id: str
    call: Call
    licence: Callable[[], None]
    leg: Leg | None = None
    line: Line | None = None
    dialling: asyncio.Task[None] | None = None
    dialog: Dialog | None = None
    outcome: str = ""
    opening: asyncio.Future[None] | None = None
    accepting: bool = False
    answered: bool = False
    over: bool = False

    @property
    def channel(self) -> MediaChannel:
        """Its audio; raises MediaError while there is none."""
        if self.line is None or self.over:
            raise MediaError("the connection is not connected")
        return self.line.channel


@dataclass(eq=False, slots=True)
class Place:
    """Where a dialog that was started on a conference is heard.

    The dialog has a ``line`` without a leg; a second ``channel``, tied to the line's by a loop of RTP on this
    host, takes part in conferences and joins as a caller's does.
    """

    line: Line
    channel: MediaChannel
    call: Call
    dialog: Dialog | None = None


@dataclass(eq=False, slots=True)
class Mixer:
    """A conference of the media plane, and under which identifiers sessions know it."""

    conference: Conference
    name: str | None
    ids: set[str] = field(default_factory=set)


Party: TypeAlias = Connection | Place
"""Has one channel, so it hears one other endpoint at most."""
Endpoint: TypeAlias = Connection | Place | Mixer
