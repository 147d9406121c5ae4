"""What a session asks of the platform: one type an element. Each is answered by events posted to the session.

Every request names the element's evaluated attributes in ``attributes`` (what the offline run prints); the
fields are what a telephone needs, checked and converted. ``hints`` is whatever value the document gave, or
None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Root of the requests."""

    element: ClassVar[str]
    attributes: Mapping[str, Any]
    hints: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Request):
    """Answer an alerting call: ``connection.connected``, or ``connection.failed``."""

    element = "accept"
    connectionid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Request):
    """Refuse an alerting call: ``connection.failed``."""

    element = "reject"
    connectionid: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(Request):
    """Send a call elsewhere: ``connection.redirected``, or ``error.connection``."""

    element = "redirect"
    connectionid: str
    dest: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCall(Request):
    """Place a call under the new identifier ``connectionid``.

    ``connection.progressing`` and ``connection.connected``, or ``connection.failed``. ``timeout`` in
    seconds, None for the platform's own. ``joinid`` names an endpoint of the session to bridge with at
    once: ``joindirection`` is ``both``, ``receive`` or ``send`` as seen from the new call.
    """

    element = "createcall"
    connectionid: str
    dest: str
    callerid: str | None
    aai: str | None
    timeout: float | None
    joinid: str | None
    joindirection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect(Request):
    """Hang up: ``connection.disconnected``."""

    element = "disconnect"
    connectionid: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Request):
    """Join two calls inside the network (a transfer with replacement) and leave them.

    ``connection.merged`` for each, or ``connection.merge.failed`` with both identifiers.
    """

    element = "merge"
    connectionid1: str
    connectionid2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateConference(Request):
    """Open a conference under the new identifier, or find the one named ``confname``.

    ``conference.created``, or ``error.conference.create``.
    """

    element = "createconference"
    conferenceid: str
    confname: str | None
    reservedtalkers: int | None
    reservedlisteners: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyConference(Request):
    """Close a conference: ``conference.destroyed``, or ``error.conference.destroy``."""

    element = "destroyconference"
    conferenceid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Request):
    """Bridge two endpoints (connections, conferences, dialogs).

    ``conference.joined``, or ``error.conference.join``.

    ``duplex`` ``full``: both hear each other; ``half``: ``id1`` hears ``id2`` and not the other way round.
    ``entertone`` and ``exittone`` are an address of a sound, ``'true'`` or ``'false'``.
    """

    element = "join"
    id1: str
    id2: str
    duplex: str
    entertone: str | None
    exittone: str | None
    autoinputgain: bool | None
    autooutputgain: bool | None
    dtmfclamp: bool | None
    toneclamp: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjoin(Request):
    """Take a bridge apart: ``conference.unjoined``, or ``error.conference.unjoin``."""

    element = "unjoin"
    id1: str
    id2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogPrepare(Request):
    """Make a dialog ready: ``dialog.prepared``, or ``error.dialog.notprepared``.

    ``src`` is absolute. ``namelist`` goes to the server with the request for the document, by ``method`` in
    ``enctype``; ``parameters`` are for the dialog (``session.connection.ccxml.values``). ``mediadirection``
    is ``both``, ``dialogtransmit`` or ``dialogreceive``.
    """

    element = "dialogprepare"
    dialogid: str
    connectionid: str | None
    conferenceid: str | None
    src: str
    type: str
    namelist: Mapping[str, Any]
    parameters: Mapping[str, Any]
    mediadirection: str
    maxage: float | None
    maxstale: float | None
    method: str
    enctype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogStart(DialogPrepare):
    """Start a dialog: ``dialog.started`` and later ``dialog.exit``, or ``error.dialog.notstarted``.

    ``prepared`` says that the platform got a :class:`DialogPrepare` for this ``dialogid`` before; the other
    fields then repeat it, with the connection or conference that is known now.
    """

    element = "dialogstart"
    prepared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogTerminate(Request):
    """End a dialog: ``dialog.exit``. ``immediate``: do not let it clean up, and return no values."""

    element = "dialogterminate"
    dialogid: str
    immediate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogSend(Request):
    """An event for a running dialog (``<send targettype="dialog">``); its delay has passed already."""

    element = "send"
    dialogid: str
    name: str
    values: Mapping[str, Any]
    content: str
    """Inline XML, empty with a name."""
