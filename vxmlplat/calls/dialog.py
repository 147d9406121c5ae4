"""A dialog: one VoiceXML session on a line (CCXML 1.0 §7 calls it so)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from vxmlplat.analytics.step import Step as Breadcrumb
from vxmlplat.calls.line import Line
from vxmlplat.calls.telephone import Call, Telephone, World
from vxmlplat.calls.trail import Trail
from vxmlplat.ccxml.requests import DialogPrepare
from vxmlplat.vxml.events import Event
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.session import Session, SessionEnd, SessionStart

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A dialog that was made ready."""

    request: DialogPrepare


class Dialog:
    """Runs a VoiceXML session until it ends; ``on_end`` is told how, once, unless it was terminated."""

    def __init__(
        self,
        identifier: str,
        line: Line,
        call: Call,
        world: World,
        library: Library,
        record: Callable[[Breadcrumb], None],
        *,
        request: DialogPrepare,
        on_end: Callable[[Dialog, SessionEnd], None],
    ) -> None:
        self.id = identifier
        self.line = line
        self._on_end = on_end
        session = f"{call.id}.{identifier}"
        trail = Trail(call.id, session, world.clock, record)
        self._telephone = Telephone(line, call, world, trail)
        start = SessionStart(
            request.src,
            session_id=session,
            aai=call.aai or None,
            variables={"values": dict(request.parameters)},
            method=request.method.lower(),
            fields=[(name, _text(value)) for name, value in request.namelist.items()],
            maxage=None if request.maxage is None else int(request.maxage),
        )
        if line.has_leg:
            leg = line.leg
            start = replace(
                start,
                local=leg.request_uri if leg.direction == "in" else leg.local_uri,
                remote=leg.asserted_identity or leg.remote_uri,
                originator="remote" if leg.direction == "in" else "local",
                protocol_name="sip",
                protocol_version="2.0",
                redirect=[{"uri": by, "pi": "", "si": "", "reason": "unknown"} for by in leg.redirected_by],
            )
        self.session = Session(self._telephone, start, library)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin. The caller's hang-up reaches the document as its event."""
        self.line.ended.add_done_callback(self._left)
        self._task = asyncio.create_task(self._run(), name=f"dialog {self.session.id}")

    def _left(self, _: object) -> None:
        if not self._telephone.recording:  # what was said before the hang-up is not to be lost
            self.session.hangup()

    async def _run(self) -> None:
        try:
            end = await self.session.run()
        except Exception as error:  # whatever breaks in one dialog ends that dialog, in order, and is seen
            log.exception("dialog %s broke", self.session.id)
            end = SessionEnd("error", error=Event("error.internal", str(error)))
        finally:
            self.line.ended.remove_done_callback(self._left)
            self._telephone.release()
        if end.error is not None:
            log.warning("dialog %s ended with %s: %s", self.session.id, end.error.name, end.error.message)
        self._on_end(self, end)

    def send(self, name: str, message: str | None = None) -> None:
        """An event from outside (CCXML ``<send>`` to a dialog)."""
        self.session.post_event(name, message)

    async def done(self) -> None:
        """Return when the session has ended, however it does."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def terminate(self) -> None:
        """Stop at once; ``on_end`` is not told."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._telephone.silence()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
