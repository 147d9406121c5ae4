"""Calls whose end was never written: the process died while they ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from vxmlplat.analytics.journey import Journey, Move
from vxmlplat.analytics.step import CallStart
from vxmlplat.store.calls import CallRecord
from vxmlplat.store.database import Database
from vxmlplat.store.steps import StepRecord


@dataclass(frozen=True, slots=True)
class LostCall:
    """A call as its steps tell of it, and the last moment it was heard of."""

    journey: Journey
    last_seen: datetime


async def lost_calls(database: Database, server: str) -> list[LostCall]:
    """The calls of a node that have no end, oldest first."""
    async with database.read() as session:
        question = (
            select(CallRecord)
            .where(CallRecord.server == server, col(CallRecord.ended).is_(None))
            .order_by(col(CallRecord.started), col(CallRecord.id))
        )
        calls = (await session.exec(question)).all()
        found = []
        for call in calls:
            walked = select(StepRecord).where(StepRecord.call == call.id).order_by(col(StepRecord.n))
            found.append(_retraced(call, list((await session.exec(walked)).all())))
    return found


def _retraced(call: CallRecord, steps: list[StepRecord]) -> LostCall:
    start = CallStart(call.id, call.started, call.ani, call.dnis, call.direction, call.data)
    journey = Journey(start, flow=call.flow, version=call.version, answered=call.answered)
    for step in steps:
        move = Move(
            (step.session, step.flow, step.version), step.from_node, step.port, step.to_node, step.reason
        )
        missing = journey.gap(move)
        if missing is not None:
            journey.apply(missing)
        journey.apply(move)
        journey.n = step.n
    moments = [call.started, call.answered or call.started, *(step.time for step in steps)]
    return LostCall(journey, max(moments))
