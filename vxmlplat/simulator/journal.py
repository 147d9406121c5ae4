"""What made a simulated call go the way it went, so that it can be gone again.

Three things come from outside a call: what the caller does, what the web answers, and what the author
changes by hand. The journal keeps them in order. Rewound, it gives them again; what lies ahead is forgotten
as soon as somebody does something new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What the web answered; ``t`` is when."""

    request: FetchRequest
    given: Resource | FetchError
    t: float


@dataclass(frozen=True, slots=True)
class Change:
    """A variable was set by hand."""

    at: Moment
    target: str
    value: Value


class Journal:
    """The journal of one call, through all its repetitions."""

    def __init__(self) -> None:
        self._actions: list[Action] = []
        self._changes: list[Change] = []
        self._answers: list[Answer] = []
        self._ahead: list[Answer] = []
        self.taken = 0
        """Actions that this run has taken."""
        self._changed = 0

    @property
    def ahead(self) -> int:
        """How many things the caller did that lie ahead."""
        return sum(action.done is not None for action in self._actions[self.taken :])

    def rewind(self) -> None:
        """Back to the beginning."""
        self.taken = self._changed = 0
        self._ahead = list(self._answers)

    def forget_ahead(self) -> None:
        """Drop everything that lies ahead."""
        del self._actions[self.taken :]
        del self._changes[self._changed :]
        ahead = {id(answer) for answer in self._ahead}
        self._answers = [answer for answer in self._answers if id(answer) not in ahead]
        self._ahead = []

    # ------------------------------------------------------------------------------------------ actions

    def next_action(self) -> Action | None:
        """The action that comes next, if one is known; :meth:`take` takes it."""
        return self._actions[self.taken] if self.taken < len(self._actions) else None

    def take(self) -> None:
        """The next action has been taken."""
        self.taken += 1

    def add_action(self, done: Input | None, t: float) -> None:
        """Something new was done; it is taken."""
        self.forget_ahead()
        self._actions.append(Action(done, t))
        self.taken += 1

    # ------------------------------------------------------------------------------------------ answers

    def answer(self, request: FetchRequest) -> Answer | None:
        """What was answered to this request the last time."""
        for index, answer in enumerate(self._ahead):
            if answer.request == request:
                return self._ahead.pop(index)
        return None

    def add_answer(self, request: FetchRequest, given: Resource | FetchError, t: float) -> None:
        """The web has answered."""
        self._answers.append(Answer(request, given, t))

    # ------------------------------------------------------------------------------------------ changes

    def changes(self, at: Moment) -> Sequence[Change]:
        """What was changed by hand at this very moment, the last time; it counts as done again."""
        first = self._changed
        while self._changed < len(self._changes) and self._changes[self._changed].at == at:
            self._changed += 1
        return self._changes[first : self._changed]

    def add_change(self, change: Change) -> None:
        """A variable was set by hand, now."""
        self.forget_ahead()
        self._changes.append(change)
        self._changed += 1
