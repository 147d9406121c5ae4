"""Call control: what CCXML sessions ask for and are told (``ccxml.platform.Platform``).

What a session asks for is done by the handlers of ``control_calls``, ``control_dialogs`` and
``control_mixing``, over the tables of the ``exchange``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from vxmlplat.analytics.recorder import Recorder
from vxmlplat.calls import control_calls, control_mixing  # noqa: F401  they register themselves
from vxmlplat.calls.admission import Admission
from vxmlplat.calls.control_dialogs import terminate
from vxmlplat.calls.dialog import Dialog
from vxmlplat.calls.exchange import Exchange
from vxmlplat.calls.requests import HANDLERS
from vxmlplat.calls.telephone import World
from vxmlplat.ccxml.platform import Outcome
from vxmlplat.ccxml.requests import CreateCall, CreateConference, DialogPrepare, Request
from vxmlplat.ccxml.session import Session
from vxmlplat.media.plane import MediaPlane

log = logging.getLogger(__name__)

#: requests that make something for a session
MAKING = (CreateCall, CreateConference, DialogPrepare)


class SessionEnded(Protocol):
    """Who wants to know that a session is over."""

    def __call__(self, session: Session, outcome: Outcome) -> None:
        """It is."""
        ...


class CallControl(Exchange):
    """The telephones, dialogs and mixers of all CCXML sessions."""

    def __init__(
        self,
        world: World,
        plane: MediaPlane,
        admission: Admission,
        recorder: Recorder,
        on_session_end: SessionEnded,
    ) -> None:
        super().__init__(world, plane, admission, recorder)
        self._on_session_end = on_session_end

    def request(self, session: Session, request: Request) -> None:
        """Begin what is asked for; the answer is an event."""
        self.spawn(self._do(session, request))

    async def _do(self, session: Session, request: Request) -> None:
        if session.over and isinstance(request, MAKING):
            return  # nobody would own what is made
        try:
            await HANDLERS[type(request)](self, request)
        except Exception:
            # A request that breaks is answered as a failure, so that the document can go on; the operator
            # sees why.
            log.exception("<%s> broke", request.element)
            connection = self.connections.get(getattr(request, "connectionid", ""))
            if request.element in ("accept", "reject", "createcall") and connection is not None:
                await self.hang_up(connection, "internal error")
            else:
                self.failed(request)

    def show(self, session: Session, element: str, attributes: Mapping[str, Any]) -> None:
        """An element that needs no telephone."""
        log.debug("session %s: <%s>", session.id, element)

    def log(self, session: Session, label: str, text: str) -> None:
        """``<log>``; what callers keyed in may stand in it, so it is not written down whole."""
        log.info("session %s: <log %s> of %d characters", session.id, label or "without label", len(text))

    def problem(self, session: Session, text: str) -> None:
        """An error of the document, for the operator."""
        log.warning("session %s: %s", session.id, text)

    def ended(
        self,
        session: Session,
        outcome: Outcome,
        connections: list[str],
        dialogs: list[str],
        conferences: list[str],
    ) -> None:
        """Release everything that the session still held."""
        if outcome.reason == "error":
            log.error("session %s ended with %s: %s", session.id, outcome.error, outcome.message)
        for dialog in dialogs:
            held = self.dialogs.pop(dialog, None)
            if isinstance(held, Dialog):
                self.spawn(terminate(self, held))
        for identifier in connections:
            connection = self.connections.get(identifier)
            if connection is not None:
                self.spawn(self.hang_up(connection))
        for identifier in conferences:
            self.leave_mixer(identifier)
        self._on_session_end(session, outcome)

    async def stop(self) -> None:
        """Hang up on everybody and wait until nothing is left."""
        for connection in list(self.connections.values()):
            self.spawn(self.hang_up(connection, "platform stops"))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
