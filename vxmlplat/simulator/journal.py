"""What made a simulated call go the way it went, so that it can be gone again.

Three things come from outside a call: what the caller does, what the web answers, and what the author
changes by hand. A call has one record of them, in order, and each run of it reads the record through a
journal of its own, from the beginning. What lies ahead is forgotten as soon as somebody does something new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vxmlplat.documents import FetchError, FetchRequest, Resource
from vxmlplat.ecma import Value
from vxmlplat.simulator.inputs import Input


class Moment(NamedTuple):
    """Where a call stands: nodes entered, actions taken, and whether it waits for the next one."""

    steps: int
    actions: int
    waiting: bool


@dataclass(frozen=True, slots=True)
class Action:
    """The caller did something, or (``done`` None) a moment passed in which nothing was done."""

    done: Input | None
    t: float


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the web answered; ``t`` is when. Each is itself, for the web may answer the same twice."""

    request: FetchRequest
    given: Resource | FetchError
    t: float


@dataclass(frozen=True, slots=True)
class Change:
    """A variable was set by hand."""

    at: Moment
    target: str
    value: Value


@dataclass(slots=True)
class Record:
    """All that came from outside one call, through all its runs.

    ``on_forgotten`` is called when what lies ahead of a run is dropped.
    """

    on_forgotten: Callable[[], None] | None = None
    actions: list[Action] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


class Journal:
    """How one run of a call reads the record, and writes on where that ends."""

    def __init__(self, record: Record | None = None) -> None:
        self.record = record or Record()
        """What other runs of this call read as well."""
        self.taken = 0
        """Actions that this run has taken."""
        self._changed = 0
        self._answered: set[Answer] = set()
        self._first_open = 0

    @property
    def ahead(self) -> int:
        """How many things the caller did that lie ahead."""
        return sum(action.done is not None for action in self.record.actions[self.taken :])

    def forget_ahead(self) -> None:
        """Drop everything that lies ahead of this run. Runs that have come further have lost their way."""
        record = self.record
        del record.actions[self.taken :]
        del record.changes[self._changed :]
        if len(record.answers) > len(self._answered):
            record.answers[:] = [answer for answer in record.answers if answer in self._answered]
        if record.on_forgotten is not None:
            record.on_forgotten()

    # ------------------------------------------------------------------------------------------ actions

    def next_action(self) -> Action | None:
        """The action that comes next, if one is known; :meth:`take` takes it."""
        actions = self.record.actions
        return actions[self.taken] if self.taken < len(actions) else None

    def take(self) -> None:
        """The next action has been taken."""
        self.taken += 1

    def add_action(self, done: Input | None, t: float) -> None:
        """Something new was done; it is taken."""
        self.forget_ahead()
        self.record.actions.append(Action(done, t))
        self.taken += 1

    # ------------------------------------------------------------------------------------------ answers

    def answer(self, request: FetchRequest) -> Answer | None:
        """What was answered to this request the last time."""
        answers = self.record.answers
        while self._first_open < len(answers) and answers[self._first_open] in self._answered:
            self._first_open += 1
        for answer in answers[self._first_open :]:
            if answer.request == request and answer not in self._answered:
                self._answered.add(answer)
                return answer
        return None

    def add_answer(self, request: FetchRequest, given: Resource | FetchError, t: float) -> None:
        """The web has answered."""
        answer = Answer(request, given, t)
        self.record.answers.append(answer)
        self._answered.add(answer)

    # ------------------------------------------------------------------------------------------ changes

    def changes(self, at: Moment) -> Sequence[Change]:
        """What was changed by hand at this very moment, the last time; it counts as done again."""
        changes, first = self.record.changes, self._changed
        while self._changed < len(changes) and changes[self._changed].at == at:
            self._changed += 1
        return changes[first : self._changed]

    def add_change(self, change: Change) -> None:
        """A variable was set by hand, now."""
        self.forget_ahead()
        self.record.changes.append(change)
        self._changed += 1
