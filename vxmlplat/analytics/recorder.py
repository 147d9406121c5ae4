"""Writing down what calls do, off the calls' path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vxmlplat.analytics.step import CallEnd, CallStart, Step
from vxmlplat.clock import Clock
from vxmlplat.store.database import Database


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """How the recorder gathers: a batch is written when it is ``batch`` records or ``every`` seconds old."""

    batch: int = 500
    every: float = 0.5
    limit: int = 200_000
    """Records kept while the database does not answer; beyond that steps are dropped and counted."""
    retry: float = 1.0
    """Seconds before a failed batch is tried again."""


@dataclass(slots=True)
class RecorderCounts:
    """What became of the records, since the start."""

    accepted: int = 0
    written: int = 0
    waiting: int = 0
    dropped: int = 0
    rejected: int = 0
    gaps: int = 0
    failures: int = 0
    lost_calls: int = 0


class Recorder:
    """Takes the records of calls and writes them in batches; no method of a call's path waits or raises.

    ``server`` names this node: its calls that have no end are closed with the reason ``lost`` at the next
    start.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        server: str = "local",
        settings: RecorderSettings | None = None,
    ) -> None:
        self.counts = RecorderCounts()

    def call_started(self, call: CallStart) -> None:
        """A call begins; to be told before its first step."""

    def call_answered(self, call: str, answered: datetime) -> None:
        """The call was answered."""

    def step(self, step: Step) -> None:
        """A caller moved."""

    def dialog_ended(self, call: str, session: str, reason: str, time: datetime) -> None:
        """A dialog ended: whatever node it was still in is left with this reason."""

    def call_ended(self, end: CallEnd) -> None:
        """A call ended: whatever nodes it was still in are left with the outcome for a reason."""

    async def start(self) -> None:
        """Close the calls that an earlier life of this node left open, and begin to write."""

    async def flush(self) -> None:
        """Return when everything accepted so far is written."""

    async def stop(self) -> None:
        """Write what is left and end; what cannot be written within a few tries is counted and logged."""
