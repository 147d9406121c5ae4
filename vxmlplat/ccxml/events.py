"""Events: values with the dotted names of the Recommendation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session

EVENT_NAME = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*")

OF_EVENTS = frozenset({"name", "eventid", "eventsource", "eventsourcetype", "sendid", "values"})
OF_OBJECTS = frozenset({"connectionid", "dialogid", "conferenceid", "connection", "dialog", "conference"})
"""Members of ``event$`` that only the platform gives; a sender's go in ``event$.values`` alone."""

LONGEST_REASON = 1000
"""Characters of ``event$.reason``. It quotes what the document gave: one that gives the last reason would
otherwise have it quoted, and its quotes escaped, again and again.
"""

CONNECTION_STATES = {
    "connection.alerting": "ALERTING",
    "connection.progressing": "PROGRESSING",
    "connection.connected": "CONNECTED",
    "connection.disconnected": "DISCONNECTED",
    "connection.failed": "FAILED",
}
"""What a connection's state becomes when such an event is taken from the queue (§10.2)."""

DIALOG_STATES = {
    "dialog.prepared": "PREPARED",
    "dialog.started": "STARTED",
    "dialog.exit": "TERMINATED",
    "error.dialog.notprepared": "TERMINATED",
    "error.dialog.notstarted": "TERMINATED",
}


@dataclass(slots=True)
class Event:
    """An event on its way to a session.

    ``fields`` are the members of ``event$`` beside its name: JSON values. ``connectionid``, ``dialogid``
    and ``conferenceid`` among them name the object that the event is about; ``about`` holds properties that
    this object takes on with the event (``local``, ``remote``, ``protocol``, …).
    """

    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    moved: bool = False
    """Whether ``<move>`` brought it: what it tells has changed its object already."""
    sender: Session | None = None
    """Which session sent it, if one did."""


def shortened(reason: str) -> str:
    """What an event tells of the cause of an error."""
    return reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 1] + "…"


def source_of(fields: Mapping[str, Any]) -> str | None:
    """What an event came from: of a dialog on a connection it is the dialog."""
    identifier = fields.get("dialogid") or fields.get("conferenceid") or fields.get("connectionid")
    return str(identifier) if identifier else None


@lru_cache(maxsize=4096)
def pattern(text: str) -> re.Pattern[str]:
    """The pattern of a transition's ``event``, in lower case: ``*`` stands for any characters (§9.2.2)."""
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)


def plain_members(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a sender that may be members of ``event$`` itself, as older documents expect them."""
    return {name: value for name, value in values.items() if name not in OF_EVENTS and name not in OF_OBJECTS}
