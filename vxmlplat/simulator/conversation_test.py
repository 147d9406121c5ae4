"""A conversation test: a telephone call written down, what the caller hears and does and what must hold then.

The values of this module are what a file (:mod:`vxmlplat.simulator.conversation_yaml`) says, and what the
runner (:mod:`vxmlplat.simulator.conversation_run`) acts out; docs/conversation-tests.md has the whole form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from vxmlplat.errors import VxmlplatError
from vxmlplat.flows.texts import Text

JSON = Any
"""A value as JSON has it."""

ANY_LANGUAGE = ""
PLACEHOLDER = "?"
"""Stands for a key that is not known: a replayed call's digits were masked."""

DEFAULT_MOMENT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
"""When a test's call begins unless it says so: a Monday, ten o'clock in Shanghai."""

Comparison = Literal["exactly", "contains", "pattern", "recording"]
COMPARISONS: tuple[Comparison, ...] = ("exactly", "contains", "pattern", "recording")

ENDS = ("exit", "end", "disconnect", "hangup", "transfer", "error")
"""How a call may end: as ``SessionEnd.reason`` has it."""

TRANSFERS = (
    "answered",
    "busy",
    "noanswer",
    "network_busy",
    "near_end_disconnect",
    "far_end_disconnect",
    "network_disconnect",
    "unknown",
)
"""What may become of a transfer."""


class ConversationTestError(VxmlplatError):
    """A test's file is not written as it should be; the message names file, line and what is allowed."""

    def __init__(self, file: str, line: int, message: Text) -> None:
        super().__init__(f"{file}:{line}: {message['en-US']}")
        self.file = file
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Hears:
    """The caller hears a prompt: ``text`` by language, or under :data:`ANY_LANGUAGE` whatever the language.

    For the comparison ``recording`` the text is the name of a prompt of the library.
    """

    text: Mapping[str, str]
    comparison: Comparison = "exactly"


@dataclass(frozen=True, slots=True)
class Does:
    """The caller, or whoever the caller is connected to, does something.

    ``action`` is an input of the simulator (docs/api.md, "Simulator").
    """

    action: Mapping[str, JSON]

    @property
    def kind(self) -> str:
        """``dtmf``, ``say``, ``noinput``, ``hangup``, ``record`` or ``transfer``."""
        return next(iter(self.action))

    @property
    def is_placeholder(self) -> bool:
        """Whether somebody has to fill in the keys first."""
        return PLACEHOLDER in str(self.action.get("dtmf", ""))


@dataclass(frozen=True, slots=True)
class Entered:
    """The caller has come to a node since the caller's last action."""

    node: str


@dataclass(frozen=True, slots=True)
class Holds:
    """Variables of the flow hold these values."""

    variables: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Handed:
    """A transfer was asked for: to this queue (or other destination), with at least these data."""

    data: Mapping[str, JSON]
    to: str = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """The call has ended in this way, one of :data:`ENDS`."""

    reason: str


What = Hears | Does | Entered | Holds | Handed | Ends


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation. ``line``: where it stands in its file, 0 where there is none."""

    what: What
    note: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class MockAnswer:
    """What a mocked service answers.

    ``status`` 0: it does not answer at all. ``port``: the port of a service of the platform
    (docs/services.md); for a web address it follows from the status.
    """

    value: JSON = None
    status: int = 200
    port: str = ""

    @property
    def fails(self) -> bool:
        """Whether nothing comes back."""
        return self.status == 0


@dataclass(frozen=True, slots=True)
class ConversationTest:
    """A test. ``services``: name of a service or beginning of a web address → answers, the last one for ever.

    ``flow`` is the id of a flow, or a path as its file names it. ``data`` is what the call brings along
    (随路数据).
    """

    name: str
    flow: str
    steps: tuple[Line, ...]
    at: datetime = DEFAULT_MOMENT
    caller: str = ""
    called: str = ""
    data: Mapping[str, JSON] = field(default_factory=dict)
    services: Mapping[str, tuple[MockAnswer, ...]] = field(default_factory=dict)
    note: str = ""
    file: str = field(default="", compare=False)
