"""What a session holds: connections, dialogs, conferences and bridges, and the objects that scripts see of
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vxmlplat.ccxml.events import CONNECTION_STATES, DIALOG_STATES, Event
from vxmlplat.ccxml.platform import Kind
from vxmlplat.ccxml.requests import DialogPrepare
from vxmlplat.ecma import UNDEFINED, LazyEngine, LiveObject

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session

OVER = frozenset({"DISCONNECTED", "FAILED"})
REMEMBERED = 1000
"""So many objects that are over stay visible to a session's scripts."""


@dataclass(slots=True)
class Dialog:
    """A dialog: its state, how it was prepared or started, and what it is on."""

    state: str
    made_by: DialogPrepare
    connectionid: str | None
    conferenceid: str | None
    mediadirection: str

    @property
    def hears(self) -> bool:
        """Whether it runs and listens to where it runs."""
        return self.state == "STARTED" and self.mediadirection != "dialogtransmit"

    @property
    def speaks(self) -> bool:
        """Whether it runs and is heard where it runs."""
        return self.state == "STARTED" and self.mediadirection != "dialogreceive"

    @property
    def place(self) -> dict[str, str | None]:
        """Its connection and conference, as its object and its events tell them."""
        return {"connectionid": self.connectionid, "conferenceid": self.conferenceid}


@dataclass(slots=True)
class Conference:
    """A conference: its name, and whether conference.created was received."""

    confname: str | None
    created: bool = False


class Objects:
    """The Connection, Dialog and Conference objects of a session (CCXML 1.0 §7.4, §10.2, §10.3)."""

    def __init__(self, session: Session, engine: LazyEngine, owners: dict[str, Session]) -> None:
        self._session = session
        self._engine = engine
        self._owners = owners
        self._owned: set[str] = set()
        self._shown: dict[Kind, dict[str, LiveObject]] = {"connection": {}, "dialog": {}, "conference": {}}
        self.lists: dict[str, LiveObject] = {kind + "s": engine.live() for kind in self._shown}
        """``session.connections``, ``session.dialogs``, ``session.conferences``: objects by identifier."""
        self.connections: dict[str, str] = {}
        """The state of each connection."""
        self.dialogs: dict[str, Dialog] = {}
        self.conferences: dict[str, Conference] = {}
        self._gone: list[str] = []
        """Conferences whose end is told by the event that is being processed."""
        self._heard: dict[str, list[str]] = {}
        """What an endpoint hears: the sources of its audio. Only a conference hears more than one (§10.4)."""
        self._half: dict[frozenset[str], str] = {}
        """Of a root session: who alone hears the other, of two that are asked to be joined half."""

    def of_event(self, fields: Mapping[str, Any]) -> dict[str, LiveObject]:
        """The objects that an event is about, by the names of the members of ``event$`` that show them."""
        found: dict[str, LiveObject] = {}
        for kind, shown in self._shown.items():
            identifier = fields.get(kind + "id")
            if isinstance(identifier, str) and identifier in shown:
                found[kind] = shown[identifier]
        return found

    def live(self) -> tuple[list[str], list[str], list[str]]:
        """Connections, dialogs and conferences that are not over."""
        return (
            [identifier for identifier, state in self.connections.items() if state not in OVER],
            [identifier for identifier, dialog in self.dialogs.items() if dialog.state != "TERMINATED"],
            list(self.conferences),
        )

    def kind_of(self, identifier: object) -> Kind | None:
        """What of this session the identifier names."""
        if identifier in self.connections:
            return "connection"
        if identifier in self.dialogs:
            return "dialog"
        return "conference" if identifier in self.conferences else None

    def bridged(self, identifier: str) -> bool:
        """Whether the object is joined with another."""
        return any(identifier == sink or identifier in heard for sink, heard in self._heard.items())

    def note_join(self, hearer: str, other: str, *, full: bool) -> None:
        """Remember how two are asked to be joined; without ``full`` only ``hearer`` hears the other."""
        half = self._session.root.objects._half
        if full:
            half.pop(frozenset((hearer, other)), None)
        else:
            half[frozenset((hearer, other))] = hearer

    def claim(self, identifier: str) -> None:
        """Own a call that is about to alert here, unless another session owns it."""
        if identifier not in self._owners:
            self._own(identifier)

    def release(self) -> None:
        """Own nothing any more: the session is over."""
        for identifier in list(self._owned):
            self._disown(identifier)

    def set_connection(self, identifier: str, state: str | None, about: Mapping[str, Any]) -> None:
        """Make or change a connection."""
        shown = dict(about)
        if identifier not in self.connections:
            self._own(identifier)
            shown = {
                "connectionid": identifier,
                "objecttype": "connection",
                "protocol": {"name": "sip"},
                "originator": "local" if state == "IDLE" else "remote",
                "outputs": [],
            } | shown
        if state:
            shown["state"] = self.connections[identifier] = state
        self.show("connection", identifier, shown)
        if state in OVER and len(self.connections) > REMEMBERED:
            self._forget_some("connection", [key for key, one in self.connections.items() if one in OVER])

    def add_dialog(self, identifier: str, dialog: Dialog, about: Mapping[str, Any]) -> None:
        """Take in a dialog."""
        self.dialogs[identifier] = dialog
        self._own(identifier)
        self.show("dialog", identifier, about)

    def add_conference(self, identifier: str, conference: Conference) -> None:
        """Take in a conference; scripts see it once it was created (§10.3)."""
        self.conferences[identifier] = conference
        self._own(identifier)
        if conference.created:
            self._show_conference(identifier, conference, {})

    def drop_gone(self) -> None:
        """Forget the objects of conferences whose end was told by the event that was processed now."""
        for identifier in self._gone:
            self._hide("conference", identifier)
        self._gone.clear()

    def _show_conference(self, identifier: str, conference: Conference, about: Mapping[str, Any]) -> None:
        own = {"conferenceid": identifier, "objecttype": "conference", "confname": conference.confname}
        self.show("conference", identifier, {**own, **about})

    def show(self, kind: Kind, identifier: str, about: Mapping[str, Any]) -> None:
        """Set properties that scripts see; None is a property that the object does not have now."""
        about = {name: UNDEFINED if value is None else value for name, value in about.items()}
        shown = self._shown[kind].get(identifier)
        if shown is None:
            shown = self._shown[kind][identifier] = self._engine.live(about)
            self.lists[kind + "s"].update({identifier: shown})
        else:
            shown.update(about)

    def _hide(self, kind: Kind, identifier: str) -> None:
        if self._shown[kind].pop(identifier, None) is not None:
            self.lists[kind + "s"].remove(identifier)

    def drop(self, kind: Kind, identifier: str) -> None:
        """Take an object out of the session: it was moved away, or is long over."""
        if kind == "connection":
            self.connections.pop(identifier, None)
        elif kind == "dialog":
            self.dialogs.pop(identifier, None)
        else:
            self.conferences.pop(identifier, None)
        self._hide(kind, identifier)
        self._disown(identifier)

    def hand_over(self, identifier: str, other: Objects) -> None:
        """Move an object to another session."""
        kind = self.kind_of(identifier)
        if kind is None:
            return
        shown = self._shown[kind].get(identifier)
        about = dict(shown.members) if shown is not None else {}
        if kind == "connection":
            state = self.connections[identifier]
            self.drop(kind, identifier)
            other.set_connection(identifier, state, about)
        elif kind == "dialog":
            dialog = self.dialogs[identifier]
            self.drop(kind, identifier)
            other.add_dialog(identifier, dialog, about)
        else:
            conference = self.conferences[identifier]
            self.drop(kind, identifier)
            other.add_conference(identifier, conference)

    def follow(self, event: Event, name: str) -> None:
        """Bring the objects up to date with an event, before a transition is selected (§9.1).

        ``name`` is the event's name in lower case.
        """
        if event.moved:
            return
        fields = event.fields
        connection = fields.get("connectionid")
        if connection is not None and (connection in self.connections or name == "connection.alerting"):
            state = CONNECTION_STATES.get(name)
            if state or event.about:
                self.set_connection(connection, state, event.about)
        dialogid = fields.get("dialogid")
        dialog = self.dialogs.get(dialogid) if dialogid is not None else None
        if dialog is not None:
            for member, value in dialog.place.items():
                if value is not None:
                    fields.setdefault(member, value)
        if dialogid is not None and dialog is not None and (name in DIALOG_STATES or event.about):
            dialog.state = DIALOG_STATES.get(name, dialog.state)
            self.show("dialog", dialogid, {**event.about, "state": dialog.state})
            if dialog.connectionid is not None and name in DIALOG_STATES:
                self._run_on(dialog.connectionid, dialogid, dialog)
            if len(self.dialogs) > REMEMBERED:
                self._forget_some(
                    "dialog", [key for key, one in self.dialogs.items() if one.state == "TERMINATED"]
                )
        conferenceid = fields.get("conferenceid")
        conference = self.conferences.get(conferenceid) if conferenceid is not None else None
        if conferenceid is not None and conference is not None:
            if name == "conference.created":
                conference.created = True
                self._show_conference(conferenceid, conference, event.about)
            elif name in ("conference.destroyed", "error.conference.create"):
                del self.conferences[conferenceid]
                self._disown(conferenceid)
                self._gone.append(conferenceid)
        if name in ("conference.joined", "conference.unjoined"):
            self._bridge(str(fields.get("id1")), str(fields.get("id2")), joined=name == "conference.joined")

    def _bridge(self, id1: str, id2: str, *, joined: bool) -> None:
        """Let the properties of the endpoints tell who hears whom after a join or its end (§10.4.3)."""
        half = self._session.root.objects._half
        hearer = half.get(frozenset((id1, id2)))
        if not joined:
            half.pop(frozenset((id1, id2)), None)
        changed = {id1, id2}
        for sink, source in ((id1, id2), (id2, id1)):
            before = self._heard.pop(sink, [])
            after = [one for one in before if one != source]
            if joined and hearer in (None, sink):
                after = [*after, source] if self._mixes(sink) else [source]
            if after:
                self._heard[sink] = after
            changed |= set(before) ^ set(after)
        for identifier in changed:
            self._show_media(identifier)

    def _mixes(self, identifier: str) -> bool:
        """Whether it is a conference, be it another session's of the family."""
        owner = self._owners.get(identifier)
        return owner is not None and identifier in owner.objects.conferences

    def _run_on(self, connection: str, dialogid: str, dialog: Dialog) -> None:
        """A dialog began or ended on a connection: it is joined with it as long as it runs (§7.2.2)."""
        shown = self._shown["connection"].get(connection)
        if shown is not None:
            if dialog.state == "STARTED":
                shown.update({"dialogid": dialogid})
            elif dialog.state == "TERMINATED" and shown.members.get("dialogid") == dialogid:
                shown.update({"dialogid": UNDEFINED})
            self._show_media(connection)
        self._show_media(dialogid)

    def _show_media(self, identifier: str) -> None:
        kind = self.kind_of(identifier)
        if kind is None:
            return
        heard = list(self._heard.get(identifier, ()))
        outputs = sorted(sink for sink, sources in self._heard.items() if identifier in sources)
        if kind == "dialog":
            own = self.dialogs[identifier]
            heard += [own.connectionid] if own.hears and own.connectionid else []
            outputs += [own.connectionid] if own.speaks and own.connectionid else []
        elif kind == "connection":
            dialogid = str(self._shown[kind][identifier].members.get("dialogid"))
            running = self.dialogs.get(dialogid)
            if running is not None and running.connectionid == identifier:
                heard[:0] = [dialogid] if running.speaks else []
                outputs += [dialogid] if running.hears else []
        self.show(kind, identifier, {"input": heard[0] if heard else None, "outputs": outputs})

    def _own(self, identifier: str) -> None:
        self._owned.add(identifier)
        self._owners[identifier] = self._session

    def _disown(self, identifier: str) -> None:
        self._owned.discard(identifier)
        if self._owners.get(identifier) is self._session:
            del self._owners[identifier]

    def _forget_some(self, kind: Kind, over: list[str]) -> None:
        for identifier in over[: max(0, len(over) - REMEMBERED)]:
            self.drop(kind, identifier)
