"""Writing down what calls do, off the calls' path."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vxmlplat.analytics.journey import Journey, Move
from vxmlplat.analytics.lost import lost_calls
from vxmlplat.analytics.step import LOST, CallEnd, CallStart, Step
from vxmlplat.analytics.writing import Batch, BatchWriter, Row
from vxmlplat.clock import Clock
from vxmlplat.store.database import Database
from vxmlplat.store.errors import UnavailableError

log = logging.getLogger(__name__)

ENDED_KEPT = 10_000
"""Calls remembered after their end, so that a step that comes late is known for one."""


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """How the recorder gathers: a batch is written when it is ``batch`` records or ``every`` seconds old."""

    batch: int = 500
    every: float = 1.0
    limit: int = 200_000
    """Records kept while the database does not answer; beyond that steps are dropped and counted.

    Ends of calls are kept up to twice as many.
    """
    retry: float = 1.0
    """Seconds before a failed batch is tried again."""
    last_tries: int = 5
    """How often a batch is tried at the stop, before it is given up."""


@dataclass(slots=True)
class RecorderCounts:
    """What became of the records, since the start."""

    accepted: int = 0
    written: int = 0
    dropped: int = 0
    """Thrown away because the database was gone for too long."""
    rejected: int = 0
    """Refused by the database."""
    late: int = 0
    """Steps of calls that had ended."""
    gaps: int = 0
    failures: int = 0
    """Batches that had to be tried again."""
    lost_calls: int = 0


@dataclass(frozen=True, slots=True)
class _Record:
    """A row for one of the two tables."""

    row: Row
    is_step: bool


class Recorder:
    """Takes the records of calls and writes them in batches; no method of a call's path waits or raises.

    ``server`` names this node, and only one process may carry the name: its calls that have no end are closed
    with the reason ``lost`` at the next start. The methods are called from the event loop's thread.
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
        self._database = database
        self._clock = clock
        self._server = server
        self._settings = settings or RecorderSettings()
        self._writer = BatchWriter(database, f"{server}/{uuid.uuid4().hex[:12]}"[:64])
        self._batches = 0
        self._queue: deque[_Record] = deque()
        self._open: dict[str, Journey] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._done = 0
        self._flushes: list[tuple[int, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._hurry = asyncio.Event()
        self._stopping = False
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Records that are accepted and not yet written."""
        return len(self._queue)

    @property
    def running(self) -> bool:
        """Whether what is accepted will be written."""
        return self._task is not None and not self._task.done()

    @property
    def failing(self) -> bool:
        """Whether the batch in hand could not be written yet."""
        return self._failing

    def start_of(self, call: str) -> CallStart | None:
        """How a call that is open began."""
        journey = self._open.get(call)
        return None if journey is None else journey.start

    @property
    def open_calls(self) -> int:
        """Calls that began and did not end."""
        return len(self._open)

    # ---------------------------------------------------------------------------------- the calls' path

    def call_started(self, call: CallStart) -> None:
        """A call begins; to be told before its first step."""
        if call.call not in self._open:
            journey = self._open[call.call] = Journey(call)
            self._announce(journey)

    def call_answered(self, call: str, answered: datetime) -> None:
        """The call was answered."""
        journey = self._open.get(call)
        if journey is not None:
            journey.answered = answered
            self._announce(journey)

    def step(self, step: Step) -> None:
        """A caller moved."""
        journey = self._open.get(step.call)
        if journey is None:
            if step.call in self._ended:
                self.counts.late += 1
                return
            journey = self._open[step.call] = Journey(CallStart(step.call, step.time))
        if len(self._queue) >= self._settings.limit:
            self.counts.dropped += 1
            return
        frame = (_clean(step.session, 64), _clean(step.flow, 300), step.version)
        from_node, to_node = _clean(step.from_node, 64), _clean(step.to_node, 64)
        move = Move(frame, from_node, _clean(step.port, 64), to_node, _clean(step.reason, 64))
        gap = journey.gap(move)
        if gap is not None:
            self.counts.gaps += 1
            log.warning("call %s: flow %s: a step to %r is missing", step.call, step.flow, step.from_node)
            self._move(journey, gap, step.time)
        if not journey.flow:
            journey.flow, journey.version = frame[1], frame[2]
            journey.announced = False
        if not journey.announced:
            self._announce(journey)
        self._move(journey, move, step.time, step.fields)

    def dialog_ended(self, call: str, session: str, reason: str, time: datetime) -> None:
        """A dialog ended: whatever node it was still in is left with this reason."""
        journey = self._open.get(call)
        if journey is not None:
            self._leave(journey, journey.leaving(_clean(reason, 64), _clean(session, 64)), time)

    def call_ended(self, end: CallEnd) -> None:
        """A call ended: whatever nodes it was still in are left with the outcome for a reason."""
        journey = self._open.pop(end.call, None)
        if journey is None:
            return
        self._ended[end.call] = None
        if len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)
        leaving = list(journey.leaving(_clean(end.outcome, 64)))
        if len(self._queue) + len(leaving) >= self._settings.limit * 2:
            # Half an end would leave callers in a node for ever; no end is found at the next start.
            self.counts.dropped += len(leaving) + 1
            return
        self._leave(journey, leaving, end.ended)
        row = self._call_row(journey)
        row |= {
            "ended": end.ended,
            "outcome": _clean(end.outcome, 64),
            "hangup_by": _clean(end.hangup_by, 16),
        }
        self._put(_Record(row, is_step=False), self._settings.limit * 2)

    def _announce(self, journey: Journey) -> None:
        journey.announced = self._put(_Record(self._call_row(journey), is_step=False), self._settings.limit)

    def _leave(self, journey: Journey, moves: Iterable[Move], time: datetime) -> None:
        for move in moves:
            self._move(journey, move, time)

    def _move(
        self, journey: Journey, move: Move, time: datetime, fields: Mapping[str, str] | None = None
    ) -> None:
        journey.n += 1
        session, flow, version = move.frame
        row = {
            "call": _clean(journey.start.call, 64),
            "n": journey.n,
            "session": session,
            "time": time,
            "call_started": journey.start.started,
            "flow": flow,
            "version": version,
            "from_node": move.from_node,
            "port": move.port,
            "to_node": move.to_node,
            "reason": move.reason,
            "fields": {_clean(str(k), 200): _clean(str(v), 4000) for k, v in (fields or {}).items()},
        }
        if self._put(_Record(row, is_step=True), self._settings.limit * 2):
            journey.apply(move)

    def _call_row(self, journey: Journey) -> Row:
        start = journey.start
        return {
            "id": _clean(start.call, 64),
            "server": self._server,
            "direction": start.direction,
            "ani": _clean(start.ani, 128),
            "dnis": _clean(start.dnis, 128),
            "started": start.started,
            "answered": journey.answered,
            "ended": None,
            "flow": journey.flow,
            "version": journey.version,
            "outcome": "",
            "hangup_by": "",
            "data": dict(start.data),
        }

    def _put(self, record: _Record, limit: int) -> bool:
        if len(self._queue) >= limit:
            self.counts.dropped += 1
            return False
        self._queue.append(record)
        self.counts.accepted += 1
        self._arrived.set()
        if len(self._queue) >= self._settings.batch:
            self._hurry.set()
        return True

    # ---------------------------------------------------------------------------------- writing

    async def start(self) -> None:
        """Close the calls that an earlier life of this node left open, and begin to write."""
        for lost in await lost_calls(self._database, self._server):
            self.counts.lost_calls += 1
            journey = self._open[lost.journey.start.call] = lost.journey
            journey.announced = True
            self.call_ended(CallEnd(lost.journey.start.call, lost.last_seen, LOST))
        if self.counts.lost_calls:
            log.warning("%d calls of an earlier life had no end; closed as lost", self.counts.lost_calls)
        self._task = asyncio.create_task(self._run(), name="analytics recorder")

    async def flush(self) -> None:
        """Return when everything accepted so far is written; at once when nothing is being written."""
        if not self._queue or not self.running:
            return
        flushed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flushes.append((self._done + len(self._queue), flushed))
        self._hurry.set()
        await flushed

    async def flush_soon(self, patience: float = 1.0) -> None:
        """As :meth:`flush`, for a reader who would rather see a little less than wait for a slow database."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self.flush()

    async def stop(self) -> None:
        """Write what is left and end; what cannot be written within a few tries is counted and logged."""
        if self._task is None:
            return
        self._stopping = True
        self._hurry.set()
        self._arrived.set()
        await self._task
        self._task = None

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            if not self._queue:
                if self._stopping:
                    return
                self._arrived.clear()
                continue
            await self._gather()
            records = [self._queue[n] for n in range(min(len(self._queue), self._settings.batch))]
            await self._write(records)
            for _ in records:
                self._queue.popleft()
            self._done += len(records)
            for target, flushed in list(self._flushes):
                if target <= self._done:
                    self._flushes.remove((target, flushed))
                    if not flushed.done():
                        flushed.set_result(None)

    async def _gather(self) -> None:
        """Wait until the batch is full, old enough, or somebody is in a hurry."""
        if self._stopping or self._flushes or len(self._queue) >= self._settings.batch:
            return
        self._hurry.clear()
        waits = {
            asyncio.ensure_future(self._hurry.wait()),
            asyncio.ensure_future(self._clock.sleep(self._settings.every)),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _write(self, records: list[_Record]) -> None:
        """Write these for certain; halve what the database refuses until the one bad record is found."""
        self._batches += 1
        batch = Batch()
        for record in records:
            if record.is_step:
                batch.steps.append(record.row)
            else:
                batch.calls[record.row["id"]] = record.row
        tries = 0
        while True:
            try:
                if not tries or not await self._writer.has_written(self._batches):
                    await self._writer.write(batch, self._batches, self._clock.wall())
            except (UnavailableError, OSError) as error:
                tries += 1
                self._failing = True
                self.counts.failures += 1
                if self._stopping and tries >= self._settings.last_tries:
                    self.counts.dropped += len(records)
                    log.error("%d records could not be written before the stop: %s", len(records), error)
                    return
                log.warning("records wait (%d): %s", len(self._queue), error)
                await self._clock.sleep(self._settings.retry)
            except Exception as error:  # noqa: BLE001  # whatever a record holds, the others are written
                if len(records) == 1:
                    self.counts.rejected += 1
                    log.error("the database refuses a record of call %s: %s", _call_of(records[0]), error)
                    return
                middle = len(records) // 2
                await self._write(records[:middle])
                await self._write(records[middle:])
                return
            else:
                self._failing = False
                self.counts.written += len(records)
                return


def _call_of(record: _Record) -> object:
    return record.row["call" if record.is_step else "id"]


def _clean(text: str, length: int) -> str:
    """Text that every database takes: no NUL, no half of a surrogate pair, no longer than the column."""
    if text.isascii() and text.isprintable():
        return text[:length]
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")[:length]
