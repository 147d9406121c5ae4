"""A VoiceXML session: one caller, from the start document to the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from vxmlplat.ecma import UNDEFINED, Engine, EnginePool, LazyEngine, LazyScope, ScriptLimitExceeded
from vxmlplat.vxml import model
from vxmlplat.vxml.context import Context
from vxmlplat.vxml.errors import LimitReached, Thrown
from vxmlplat.vxml.events import HANGUP, Event
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.limits import DEFAULT_LIMITS, SessionLimits
from vxmlplat.vxml.loading import load_document
from vxmlplat.vxml.outcomes import Enter, Exit, Return, Throw
from vxmlplat.vxml.platform import Match, NoMatch, Platform, Prompt, Recorded, Recording, Step

if TYPE_CHECKING:
    from vxmlplat.documents import FilePart
    from vxmlplat.vxml.observer import Observer

Result = TypeVar("Result")
RECORDING_SCHEME = "recording:"
CALLER_ACTED = (Match, NoMatch, Recorded)
REAL_WAIT = 0.05
"""Seconds from which a wait counts as one: a document that listens for no time at all, or whose transfers
fail at once,
is in a loop as well."""


@dataclass(frozen=True, slots=True)
class SessionStart:
    """How a session begins.

    ``uri`` is the absolute address of the start document; its fragment names the dialog. ``local``,
    ``remote``, ``originator``, ``protocol_name``, ``protocol_version``, ``aai`` and ``redirect`` become
    ``session.connection`` (VoiceXML 2.0 §5.1.4): a redirect is a mapping with ``uri``, ``pi``, ``si``,
    ``reason``. ``variables`` are further variables of the session scope. ``method`` and ``fields`` fetch
    the start document. ``properties`` lie below those of the documents.
    """

    uri: str
    session_id: str = ""
    local: str | None = None
    remote: str | None = None
    originator: str = "remote"
    protocol_name: str | None = None
    protocol_version: str | None = None
    aai: str | None = None
    redirect: Sequence[Mapping[str, str]] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    method: str = "get"
    fields: Sequence[tuple[str, str | FilePart]] = ()
    maxage: int | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """How a session ended.

    ``reason``: ``exit`` (the document said so), ``end`` (nothing was left to do), ``disconnect`` (the
    document hung up), ``hangup`` (the caller did), ``transfer`` (the caller was handed on), ``error``.
    ``value`` and ``namelist`` are those of ``<exit>``; ``error`` the event that ended the session;
    ``disconnect`` the values of ``<disconnect namelist>``. ``loaded`` is False when the start document
    could not be loaded.
    """

    reason: str
    value: Any = None
    namelist: Mapping[str, Any] | None = None
    error: Event | None = None
    disconnect: Mapping[str, Any] = field(default_factory=dict)
    loaded: bool = True


@dataclass
class Trail:
    """Where the caller is, for breadcrumbs; what the document said about the next step."""

    document: str = ""
    dialog: str = ""
    port: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


class Session:
    """One session. Make it, await :meth:`run` once; cancel that task to tear the session down.

    A session belongs to one event loop; :meth:`hangup` and :meth:`post_event` are called from it.
    """

    def __init__(
        self,
        platform: Platform,
        start: SessionStart,
        library: Library | None = None,
        limits: SessionLimits = DEFAULT_LIMITS,
        *,
        engine: Engine | None = None,
    ) -> None:
        """``engine``: a script engine of the caller's own, for one who looks inside; all variables are in it
        from the beginning, and no other session gets it. Else there is one from the first script on that
        needs it.
        """
        self.platform = platform
        self.start = start
        self.library = library or Library()
        self.limits = limits
        self.id = start.session_id or secrets.token_hex(8)
        shared = limits.script == self.library.script_limits
        engines = self.library.engines if shared else EnginePool(limits.script, spare=0)
        self.engine = LazyEngine(engines, engine=engine)
        self.scope = _session_scope(self.engine, start, self.id)
        self.trail = Trail()
        self.left: str | None = None
        """Why nobody is on the line any more: hangup, disconnect or transfer."""
        self.disconnect_values: Mapping[str, Any] = {}
        self.observer: Observer | None = None
        """Who looks on; see :mod:`vxmlplat.vxml.observer`."""
        self._queue: list[Prompt] = []
        self._timeout: float | None = None
        self._recordings: dict[str, Recording] = {}
        self._kept = 0
        self._pending: list[Event] = []
        self._waiting: asyncio.Task[Any] | None = None
        self._rounds = self._steps = self._documents = 0

    # ------------------------------------------------------------------------------------------ life

    async def run(self) -> SessionEnd:
        """Run to the end.

        Whatever a document does wrong ends here as a :class:`SessionEnd`, never as an exception. A session
        that is cancelled, or whose world fails, leaves its last step behind too.
        """
        end = SessionEnd("error")
        try:
            end = await self._run()
        except asyncio.CancelledError:
            end = SessionEnd(self.left or "hangup")
            raise
        except (LimitReached, Thrown) as error:
            end = SessionEnd("error", error=error.event)
        except ScriptLimitExceeded as error:
            end = SessionEnd("error", error=Event("error.noresource", str(error)))
        except RecursionError:
            end = SessionEnd("error", error=Event("error.noresource", "the document nests too deeply"))
        finally:
            self.engine.close()
            self._report(self.trail.document or self.start.uri, "", end.reason)
        return end

    async def _run(self) -> SessionEnd:
        context = Context(self)
        start = self.start
        fetch = model.NO_FETCH if start.maxage is None else model.Fetch(maxage=start.maxage)
        try:
            loaded, dialog = await load_document(
                context, start.uri, fetch, method=start.method, fields=start.fields
            )
        except Thrown as error:
            self.platform.thrown(error.event.name, error.event.message or "")
            return SessionEnd("error", error=error.event, loaded=False)
        outcome = await context.run(Enter(loaded, dialog, "entry"))
        if isinstance(outcome, Return):
            outcome = Exit("end")
        try:
            await self.play_queue()
        except Thrown as error:
            self.platform.thrown(error.event.name, error.event.message or "")
        reason = outcome.reason
        if reason == "end" and self.left is not None and outcome.error is None:
            reason = self.left
        if reason == "hangup" and self.left in ("disconnect", "transfer"):
            reason = self.left
        return SessionEnd(
            reason, outcome.value, outcome.namelist, outcome.error, disconnect=self.disconnect_values
        )

    def hangup(self) -> None:
        """The caller has hung up; thrown as ``connection.disconnect.hangup`` wherever the session is."""
        if self.left is None:
            self.left = "hangup"
            self.post_event(HANGUP.name, HANGUP.message)

    def post_event(self, name: str, message: str | None = None) -> None:
        """Throw an event from outside into the session (CCXML ``<send>`` to a dialog), now if it waits."""
        self._pending.append(Event(name, message))
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None  # once: the wait takes the first event, the others stay for later

    def pending_event(self) -> Event | None:
        """The next event from outside that has not been thrown yet."""
        return self._pending.pop(0) if self._pending else None

    def unable_to_wait(self) -> Throw | Exit | None:
        """What happens instead of a wait: an event from outside is thrown first; when nobody is on the
        line any more the
        session ends (§1.5.4)."""
        pending = self.pending_event()
        if pending is not None:
            return Throw(pending)
        return None if self.left is None else Exit(self.left)

    async def wait(self, doing: Awaitable[Result]) -> Result | Event:
        """Await something of the world; an event from outside interrupts it and is the result."""
        if self._pending:
            if asyncio.iscoroutine(doing):
                doing.close()
            return self._pending.pop(0)
        task = asyncio.current_task()
        began = self.platform.clock.now()
        self._waiting = task
        try:
            result = await doing
            if isinstance(result, CALLER_ACTED) or self.platform.clock.now() - began >= REAL_WAIT:
                self._rounds = self._steps = self._documents = 0
            return result
        except asyncio.CancelledError:
            if not self._pending or task is None or task.uncancel() > 0:
                raise
            return self._pending.pop(0)
        finally:
            self._waiting = None

    def caller_left(self) -> None:
        """The world reported the hang-up as the result of a wait; it is thrown by who got it."""
        if self.left is None:
            self.left = "hangup"
        self._pending = [event for event in self._pending if event.name != HANGUP.name]

    # ------------------------------------------------------------------------------------------ prompts

    def queue(self, prompt: Prompt, timeout: float | None) -> None:
        """Put a prompt in the queue; the timeout of the last one counts (§4.1.7)."""
        if self.left is not None:
            return
        if len(self._queue) >= self.limits.prompts:
            raise LimitReached(f"more than {self.limits.prompts} prompts are queued without ever listening")
        if prompt.segments:
            self._queue.append(prompt)
        if timeout is not None:
            self._timeout = timeout

    def take_queue(self) -> tuple[tuple[Prompt, ...], float | None]:
        """Empty the queue into a wait: the prompts, and the timeout that the last of them asked for."""
        prompts, timeout = tuple(self._queue), self._timeout
        self._queue.clear()
        self._timeout = None
        if any(not prompt.bargein for prompt in prompts):
            self.platform.flush_input()  # §4.1.8
        return prompts, timeout

    async def play_queue(self) -> None:
        """Play what is queued to its end, nothing listening."""
        prompts, _ = self.take_queue()
        if not prompts or self.left is not None:
            return
        played = await self.platform.play(prompts)
        if played.hangup:
            self.hangup()

    # ------------------------------------------------------------------------------------------ recordings

    def keep(self, recording: Recording) -> str:
        """Hold a recording under an address that scripts, ``<audio>`` and ``<submit>`` understand."""
        while len(self._recordings) >= self.limits.recordings:
            del self._recordings[next(iter(self._recordings))]
        # An address means something to this session alone; that it can be foretold lets a run be repeated.
        self._kept += 1
        address = f"{RECORDING_SCHEME}{self.id}.{self._kept}"
        self._recordings[address] = recording
        return address

    def recording(self, address: str) -> Recording | None:
        """The recording at an address that :meth:`keep` gave."""
        return self._recordings.get(address) if address.startswith(RECORDING_SCHEME) else None

    # ------------------------------------------------------------------------------------------ limits

    def spend_round(self) -> None:
        """One more round of the form interpretation loop without listening."""
        self._rounds += 1
        if self._rounds > self.limits.rounds:
            raise LimitReached(f"the document went round {self.limits.rounds} times without ever listening")

    def spend_steps(self, count: int) -> None:
        """So many more elements of executable content."""
        self._steps += count
        if self._steps > self.limits.steps:
            raise LimitReached(f"more than {self.limits.steps} elements were executed without ever listening")

    def spend_document(self) -> None:
        """One more document fetched."""
        self._documents += 1
        if self._documents > self.limits.documents:
            raise LimitReached(
                f"more than {self.limits.documents} documents were fetched without ever listening"
            )

    # ------------------------------------------------------------------------------------------ breadcrumbs

    def step(self, document: str, dialog: str, reason: str) -> None:
        """The caller enters a dialog."""
        trail = self.trail
        self._report(document, dialog, reason if trail.document else "entry")
        trail.document, trail.dialog = document, dialog

    def whereabouts(self) -> Trail:
        """The dialog that the caller is in."""
        return Trail(self.trail.document, self.trail.dialog)

    def _report(self, document: str, target: str, reason: str) -> None:
        trail = self.trail
        self.platform.breadcrumb(
            Step(self.id, document, trail.dialog, target, reason, trail.port, dict(trail.fields))
        )
        trail.port = None
        trail.fields.clear()


def _session_scope(engine: LazyEngine, start: SessionStart, session_id: str) -> LazyScope:
    """``session`` and its ``connection`` (§5.1.4): documents read it and cannot change it."""
    told = engine.scope()
    told.fill(
        {
            "local": {"uri": start.local},
            "remote": {"uri": start.remote},
            "protocol": {"name": start.protocol_name, "version": start.protocol_version},
            "redirect": [dict(redirect) for redirect in start.redirect],
            "aai": start.aai,
        }
    )
    # The originator is the very object of one side: documents compare them with ==.
    aai = "" if start.aai is None else "aai: aai, "
    side = "local" if start.originator == "local" else "remote"
    connection = engine.chain(told).reference(
        f"{{local: local, remote: remote, protocol: protocol, redirect: redirect, {aai}originator: {side}}}"
    )
    scope = engine.scope("session")
    scope.set("connection", connection, read_only=True)
    scope.fill({"sessionid": session_id, **start.variables}, read_only=True)
    return scope


__all__ = ["UNDEFINED", "Session", "SessionEnd", "SessionStart"]
