"""All CCXML sessions of a process: who owns what, who has something to do, what is on its way."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

from vxmlplat.ccxml import exec_calls, exec_data, exec_dialogs, exec_documents, exec_events, exec_mixing
from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.loading import load_document
from vxmlplat.ccxml.platform import Outcome, Platform
from vxmlplat.ccxml.session import Session, SessionLimits
from vxmlplat.ccxml.timers import Timers
from vxmlplat.clock import Clock
from vxmlplat.documents import CookieJar, Fetcher, FetchRequest, ParsedCache
from vxmlplat.ecma import EnginePool

ELEMENT_FAMILIES = (exec_calls, exec_data, exec_dialogs, exec_documents, exec_events, exec_mixing)
"""Importing them fills the registry of elements."""

OWNED_BY = {
    "connection": ("connectionid", "dialogid", "conferenceid", "id1"),
    "dialog": ("dialogid", "connectionid", "conferenceid", "id1"),
    "conference": ("conferenceid", "id1", "dialogid", "connectionid"),
}
"""Which member of an event names the object whose owner gets it, by what the event's name begins with."""

log = logging.getLogger(__name__)

Job = Coroutine[Any, Any, None]


@lru_cache(maxsize=1024)
def _deciding(name: str) -> tuple[str, ...]:
    """The members of an event of that name that decide whose it is, the first first."""
    family = name.removeprefix("error.").partition(".")[0]
    return OWNED_BY.get(family, OWNED_BY["connection"])


class Sessions:
    """The sessions of a process, over one platform.

    ``addresses`` are what ``session.ioprocessors`` tells beside ``ccxml`` (``basichttp``,
    ``createsession``). ``spawn`` runs what must wait for the network; without one each job is an asyncio
    task. Timers are driven by the clock unless ``timers`` are given that are not.
    """

    def __init__(
        self,
        platform: Platform,
        fetcher: Fetcher,
        clock: Clock,
        *,
        addresses: Mapping[str, str] | None = None,
        limits: SessionLimits | None = None,
        timers: Timers | None = None,
        spawn: Callable[[Job], object] | None = None,
    ) -> None:
        self.platform = platform
        self.fetcher = fetcher
        self.clock = clock
        self.addresses = dict(addresses or {})
        self.limits = limits or SessionLimits()
        self.timers = timers or Timers(clock)
        self.documents = ParsedCache()
        self.engines = EnginePool(self.limits.script)
        self.owners: dict[str, Session] = {}
        """The session to which a connection, dialog or conference belongs."""
        self._askers: WeakValueDictionary[frozenset[object], Session] = WeakValueDictionary()
        self._sessions: dict[str, Session] = {}
        self._ready: deque[Session] = deque()
        self._running = False
        self._jobs: set[asyncio.Task[None]] = set()
        self._spawn = spawn or self._spawn_task

    async def start(
        self, request: FetchRequest, values: Mapping[str, Any] | None = None, parent: Session | None = None
    ) -> Session:
        """Load a document and begin a session with it.

        ``values`` become ``session.values``. Raises :class:`~vxmlplat.documents.FetchError` and
        :class:`~vxmlplat.ccxml.errors.InvalidDocument`; an error in the document-level elements shows as the
        session's outcome.
        """
        cookies = CookieJar(self.clock)
        document = await load_document(self.fetcher, self.documents, request, cookies)
        session = Session(self.platform.new_id("session"), self, parent, cookies)
        self._sessions[session.id] = session
        session.begin(document, values or {})
        self.run()
        return session

    def __len__(self) -> int:
        return len(self._sessions)

    def adopt(self, session: Session) -> None:
        """Take in a session that was made with an identifier given before (``<createccxml>``)."""
        self._sessions[session.id] = session

    def find(self, identifier: object) -> Session | None:
        """The living session of that identifier."""
        return self._sessions.get(identifier) if isinstance(identifier, str) else None

    def post(self, event: Event) -> bool:
        """Post an event to the session that owns the object it names; False when nobody does.

        What a dialog or a conference tells goes to its owner even when the event names a connection too: that
        may have been moved to another session. A join of objects of two sessions is told to both, what became
        of it otherwise to the one that asked.
        """
        owners = self._owners(event)
        for owner in owners:
            owner.post(event if owner is owners[0] else replace(event, fields=dict(event.fields)))
        return bool(owners)

    def _owners(self, event: Event) -> list[Session]:
        fields, name = event.fields, event.name.lower()
        if "id2" in fields:
            first, second = (self.owners.get(fields.get(side, "")) for side in ("id1", "id2"))
            if first is not second:
                asker = self._askers.pop(frozenset((fields.get("id1"), fields["id2"])), None)
                if name in ("conference.joined", "conference.unjoined"):
                    return [owner for owner in (first, second) if owner is not None]
                if asker is not None and not asker.over:
                    return [asker]
        for member in _deciding(name):
            owner = self.owners.get(fields.get(member, ""))
            if owner is not None:
                return [owner]
        return []

    def note_asker(self, session: Session, id1: str, id2: str) -> None:
        """Remember who asked for a join of objects of two sessions."""
        if self.owners.get(id1) is not self.owners.get(id2):
            self._askers[frozenset((id1, id2))] = session

    def schedule(self, session: Session) -> None:
        """Note that a session has events to process."""
        if not session.scheduled:
            session.scheduled = True
            self._ready.append(session)

    def run(self) -> None:
        """Process events, each session one in turn, until nobody has any; does nothing within itself."""
        if self._running:
            return
        self._running = True
        try:
            while self._ready:
                session = self._ready.popleft()
                session.scheduled = False
                if session.queue:
                    self._step(session)
                    if session.queue:
                        self.schedule(session)
                if session.over:
                    session.scripting.close()
        finally:
            self._running = False

    def _step(self, session: Session) -> None:
        try:
            session.step()
        except Exception:  # a fault of ours or of the platform ends one session, not all of them
            log.exception("session %s: a fault while it processed an event", session.id)
            session.end(Outcome("error", error="error.internal", message="a fault of the platform"))

    def spawn(self, job: Job) -> None:
        """Begin what must wait for the network."""
        self._spawn(job)

    def ended(self, session: Session, outcome: Outcome) -> None:
        """Forget a session that ended and let the platform release what it held."""
        self._sessions.pop(session.id, None)
        connections, dialogs, conferences = session.objects.live()
        session.objects.release()
        self.platform.ended(session, outcome, connections, dialogs, conferences)

    async def close(self) -> None:
        """End all sessions and wait for what is on its way."""
        for session in list(self._sessions.values()):
            session.end(Outcome("end"))
        self.timers.close()
        for job in list(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def _spawn_task(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._job_done)

    def _job_done(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("a fetch of a session failed in a way that nobody expected", exc_info=fault)
