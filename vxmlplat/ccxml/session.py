"""The event processor of one session (CCXML 1.0 §4, §9.1): a queue of events, transitions, scopes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vxmlplat.ccxml.errors import ElementError
from vxmlplat.ccxml.events import Event, shortened, source_of
from vxmlplat.ccxml.execute import EXECUTORS
from vxmlplat.ccxml.loading import LoadedDocument
from vxmlplat.ccxml.model import Action, Transition
from vxmlplat.ccxml.objects import Objects
from vxmlplat.ccxml.platform import Outcome
from vxmlplat.ccxml.timers import Timer
from vxmlplat.documents import CookieJar
from vxmlplat.ecma import UNDEFINED, LazyEngine, LazyScope, ScriptError, ScriptLimitExceeded, Value
from vxmlplat.ecma import Limits as ScriptLimits

if TYPE_CHECKING:
    from vxmlplat.ccxml.sessions import Sessions

QUALIFIED = re.compile(r"\s*(application|ccxml|transition)\s*\.\s*([A-Za-z_$][\w$]*)\s*")


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """What one session may use before it is ended.

    ``events_in_a_row`` and ``loads_in_a_row`` (documents fetched or sessions created, by all that descend
    from one session) count since something came from outside: a telephone, a dialog, a timer. Events that
    a session sends to others count for it, not for them. ``errors_in_a_row`` counts error events with no
    other between. ``family`` is how many sessions that descend from one may be alive.

    Scripts run in the server's own loop, so while one runs nothing else does: ``script`` limits a single
    evaluation. All evaluations of a family together may take ``cpu_at_once`` seconds of the processor, and
    ``cpu_share`` of the time since its first session began.
    """

    events_in_a_row: int = 20_000
    errors_in_a_row: int = 200
    loads_in_a_row: int = 300
    queue: int = 10_000
    timers: int = 2_000
    family: int = 200
    script: ScriptLimits = field(default_factory=lambda: ScriptLimits(seconds=0.1))
    cpu_at_once: float = 1.0
    cpu_share: float = 0.05


class Session:
    """One CCXML session: made by :meth:`Sessions.start` or ``<createccxml>``.

    It has no task of its own: :meth:`post` puts an event in the queue, and whoever posted first runs all
    sessions that have something to do.
    """

    def __init__(
        self, identifier: str, sessions: Sessions, parent: Session | None, cookies: CookieJar
    ) -> None:
        self.id = identifier
        self.sessions = sessions
        self.parent = parent
        self.cookies = cookies
        self.outcome: Outcome | None = None
        self.queue: deque[Event] = deque()
        self.scheduled = False
        """Whether the sessions' run loop has it in line."""
        self.event: Event | None = None
        """The event that is being processed."""
        self.next_document: LoadedDocument | None = None
        """Where ``<goto>`` leads when the transition is done."""
        self.sends: dict[str, Timer] = {}
        self.fetched: dict[str, LoadedDocument | str | None] = {}
        """By fetchid: a document, the source of a script, or None while it is on its way."""
        self.root: Session = parent.root if parent else self
        self.family = 1
        """Of a root: how many sessions of its making are alive or on their way, itself among them."""
        self.scripting = LazyEngine(sessions.engines, self._spend)
        self._session_scope = self.scripting.scope("session", read_only=True)
        self.chain = self.scripting.chain(self._session_scope, self.scripting.scope("application"))
        self._transition_scope = self.scripting.scope("transition")
        self.objects = Objects(self, self.scripting, sessions.owners)
        self._document: LoadedDocument | None = None
        self._events_in_a_row = self._errors_in_a_row = self._loads_in_a_row = 0
        self._began = sessions.clock.now()
        self._cpu = 0.0
        """Of a root: how many seconds the scripts of its family have taken."""

    # ---- The life of a session

    @property
    def over(self) -> bool:
        """Whether the session has ended."""
        return self.outcome is not None

    @property
    def document(self) -> LoadedDocument:
        """The document that is being executed."""
        assert self._document is not None, "begin() comes first"
        return self._document

    @property
    def full(self) -> bool:
        """Whether no event may be added to the queue."""
        return len(self.queue) >= self.sessions.limits.queue

    def begin(self, document: LoadedDocument, values: Mapping[str, Any]) -> None:
        """Execute the document-level elements of the first document and queue ccxml.loaded."""
        shown: dict[str, Any] = {"id": self.id, "values": dict(values)}
        shown["parentid"] = self.parent.id if self.parent else UNDEFINED
        shown["ioprocessors"] = {"ccxml": self.id, **self.sessions.addresses}
        self._session_scope.fill({**shown, **self.objects.lists})
        self._enter(document)

    def post(self, event: Event) -> bool:
        """Put an event of the outside world in the queue, and process what there is to do.

        An alerting call that nobody owns becomes this session's. False when the session is over: the event is
        dropped, a call is the poster's to refuse.
        """
        if self.over:
            return False
        self.note_outside()
        self.enqueue(event)
        self.sessions.run()
        return True

    def note_outside(self) -> None:
        """Something came from outside: the session does not merely run in circles."""
        self._events_in_a_row = self.root._loads_in_a_row = 0

    def enqueue(self, event: Event) -> None:
        """Put an event in the queue: one that the session or another one raised."""
        if self.over:
            return
        if self.full:
            self.end(Outcome("error", error="error.notallowed", message="the event queue is full"))
            return
        identifier = event.fields.get("connectionid")
        if identifier is not None and event.name == "connection.alerting":
            self.objects.claim(identifier)
        self.queue.append(event)
        self.sessions.schedule(self)

    def end(self, outcome: Outcome) -> None:
        """End the session, hand back what it held, tell its parent; sessions that it made live on (§4)."""
        if self.over:
            return
        self.outcome = outcome
        self.queue.clear()
        for timer in self.sends.values():
            timer.cancel()
        self.root.family -= 1
        self.sessions.ended(self, outcome)
        if self.parent is not None and not self.parent.over:
            values = dict(outcome.namelist)
            fields: dict[str, Any] = {"sessionid": self.id, "reason": outcome.error or outcome.reason}
            fields |= {"values": values, "namelist": values}
            if outcome.value is not None:  # without a value event$.expr is undefined
                fields["expr"] = outcome.value
            self.parent.enqueue(Event("ccxml.exit", fields))

    # ---- Events

    def step(self) -> None:
        """Take one event from the queue and process it."""
        event = self.queue.popleft()
        name = event.name.lower()
        is_error = name.startswith("error.")
        sender = event.sender or self
        sender._events_in_a_row += 1
        self._errors_in_a_row = self._errors_in_a_row + 1 if is_error else 0
        limits = self.sessions.limits
        if name == "ccxml.kill.unconditional":
            self.end(Outcome("kill"))
        elif self._errors_in_a_row > limits.errors_in_a_row:
            self.end(Outcome("error", error=event.name, message="nothing but errors: the document loops"))
        elif sender._events_in_a_row > limits.events_in_a_row:
            sender.end(
                Outcome("error", error="error.notallowed", message="the document loops on its own events")
            )
        else:
            try:
                self._process(event, name)
            except ScriptLimitExceeded as error:
                self.end(Outcome("error", error="error.semantic", message=str(error)))

    def _spend(self, seconds: float) -> None:
        """Count what a script took of the processor."""
        root, limits = self.root, self.sessions.limits
        root._cpu += seconds
        if root._cpu > limits.cpu_at_once + limits.cpu_share * (self.sessions.clock.now() - root._began):
            raise ScriptLimitExceeded("share of the processor")

    def _process(self, event: Event, name: str) -> None:
        self.objects.follow(event, name)
        candidates = self.document.candidates(name)
        if candidates:
            scope = self._enter_transition()
            scope.set("event$", self._members(event))
            self.event = event
            try:
                for transition in candidates:
                    if self._selects(transition):
                        self.run(transition.body)
                        break
                else:
                    candidates = ()
            finally:
                self.event = None
                self.chain.leave()
                if self.scripting.engine is None:
                    scope.clear()
        if not candidates and not self.over:
            if name.startswith("error."):
                self.end(Outcome("error", error=event.name, message=str(event.fields.get("reason", ""))))
            elif name == "ccxml.kill":
                self.end(Outcome("kill"))
        self.objects.drop_gone()
        if self.next_document is not None and not self.over:
            document, self.next_document = self.next_document, None
            self._enter(document)

    def _enter_transition(self) -> LazyScope:
        """The scope of a transition: a new one only where functions could remember the last."""
        if self.scripting.engine is None:
            return self.chain.enter(self._transition_scope)
        return self.chain.enter(self.scripting.scope("transition"))

    def _members(self, event: Event) -> dict[str, Any]:
        """The members of event$ (§9.3); those that the event's maker did not give are made here."""
        fields = event.fields
        source = source_of(fields)
        members: dict[str, Any] = {"name": event.name}
        if "eventid" not in fields:
            members["eventid"] = fields["eventid"] = self.sessions.platform.new_id("event")
        members["eventsource"] = source or self.id
        members["eventsourcetype"] = ("dialog" if "dialogid" in fields else "platform") if source else "ccxml"
        members.update(fields)
        members.update(self.objects.of_event(fields))
        return members

    def _selects(self, transition: Transition) -> bool:
        try:
            if transition.states is not None:
                state = self.chain.string(self.document.document.statevariable)
                if state not in transition.states:
                    return False
            return transition.condition is None or self.chain.condition(transition.condition)
        except ScriptError as error:
            self.raise_error("error.semantic", str(error), "transition", transition.line)
            return False

    # ---- Executing

    def run(self, body: Iterable[Action]) -> bool:
        """Execute actions in order; False when the transition ends there."""
        for action in body:
            try:
                goes_on = EXECUTORS[action.element](self, action)
            except ScriptError as error:
                self.raise_error("error.semantic", str(error), action.element, action.line)
                return False
            except ElementError as error:
                self.raise_error(error.event, error.reason, action.element, action.line, **error.fields)
                goes_on = error.goes_on
            if goes_on is False:
                return False
        return True

    def raise_error(self, name: str, reason: str, element: str, line: int, **fields: object) -> None:
        """Queue an error event and tell the operator where it came from."""
        reason = shortened(reason)
        place = f"{self.document.document.uri}:{line}: <{element}>"
        self.sessions.platform.problem(self, f"{place}: {name}: {reason}")
        self.enqueue(Event(name, {"reason": reason, "tagname": element, **fields}))

    def assign(self, target: str, value: Value) -> None:
        """Set a variable that an element fills (``connectionid="out"``)."""
        if not self._declared_by_name(target, value):
            self.chain.assign_value(target, value)

    def assign_expression(self, target: str, expression: str) -> None:
        """``<assign>`` (§8.2.2)."""
        qualified = QUALIFIED.fullmatch(target)
        if qualified:
            scope = self.scope_named(qualified[1])
            if scope is not None and not scope.has(qualified[2]):
                self.chain.declare(qualified[2], expression, scope)
                return
        self.chain.assign(target, expression)

    def _declared_by_name(self, target: str, value: Value) -> bool:
        """Whether the target named its scope, in which it is then declared: ``application.x``."""
        qualified = QUALIFIED.fullmatch(target)
        scope = self.scope_named(qualified[1]) if qualified else None
        if qualified is None or scope is None or scope.has(qualified[2]):
            return False
        scope.set(qualified[2], value)
        return True

    def scope_named(self, name: str) -> LazyScope | None:
        """The scope of that name: application, ccxml or transition."""
        return next((scope for scope in self.chain.scopes if scope.name == name), None)

    def count_load(self) -> None:
        """Count a document on its way, for all of the family; one that loads for ever is stopped."""
        self.root._loads_in_a_row += 1
        if self.root._loads_in_a_row > self.sessions.limits.loads_in_a_row:
            self.end(Outcome("error", error="error.notallowed", message="the document fetches for ever"))
            raise ElementError("error.notallowed", "too many documents were fetched", goes_on=False)

    # ---- Documents

    def _enter(self, document: LoadedDocument) -> None:
        """Begin to execute a document: a new ccxml scope, the document-level elements, ccxml.loaded."""
        self._document = document
        self.fetched = {}  # what a document fetched lives as long as the document (§6.2.7)
        self._session_scope.set("uri", document.document.uri)
        scope = self.scripting.scope("ccxml")
        if len(self.chain.scopes) == 2:
            self.chain.enter(scope)
        else:
            self.chain.replace(2, scope)
        scope.set("state$", UNDEFINED)
        try:
            for action in document.document.initial:
                EXECUTORS[action.element](self, action)
        except (ScriptError, ElementError) as error:
            self._fail(f"{document.document.uri}:{action.line}: <{action.element}>: {error}")
        except ScriptLimitExceeded as error:
            self._fail(str(error))
        else:
            fields = {"sessionid": self.id} | ({"parentid": self.parent.id} if self.parent else {})
            self.queue.appendleft(Event("ccxml.loaded", fields))
            self.sessions.schedule(self)

    def _fail(self, message: str) -> None:
        """An error before any transition can handle it ends the session (§9.5.2)."""
        self.sessions.platform.problem(self, message)
        self.end(Outcome("error", error="error.semantic", message=message))
