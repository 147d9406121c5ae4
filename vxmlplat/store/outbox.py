"""Messages to be sent after or during a call: SMS and e-mail wait here until a gateway took them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Field, col, select

from vxmlplat.store.calls import CallRecord
from vxmlplat.store.columns import Table, moment
from vxmlplat.store.database import Database


class OutgoingMessage(Table, table=True):
    """A message; it waits while ``sent`` and ``given_up`` are empty. ``error``: why the last try failed."""

    __tablename__ = "outgoing_messages"

    id: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=8)
    recipient: str = Field(max_length=320)
    subject: str = Field(default="", max_length=998)
    text: str
    call: str = Field(default="", max_length=64, index=True)
    after_call: bool = False
    """Held back until the call has ended (挂机短信)."""
    created: datetime = moment()
    sent: datetime | None = moment(default=None, nullable=True, index=True)
    error: str = Field(default="", max_length=500)
    tries: int = 0
    next_try: datetime | None = moment(default=None, nullable=True)
    """Not to be tried again before."""
    given_up: datetime | None = moment(default=None, nullable=True)
    """When the platform stopped trying; ``error`` says why."""


class OutboxRepository:
    """Messages that wait, and what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, message: OutgoingMessage) -> None:
        """Keep a message to be sent."""
        async with self._database.write() as session:
            session.add(message)

    async def waiting(self, now: datetime | None = None, limit: int = 100) -> list[OutgoingMessage]:
        """The oldest messages that are to be sent (to be tried at a moment); one that is held back waits for
        its call's end.
        """
        async with self._database.read() as session:
            running = (
                select(CallRecord.id)
                .where(CallRecord.id == OutgoingMessage.call, col(CallRecord.ended).is_(None))
                .correlate(OutgoingMessage)
            )
            question = (
                select(OutgoingMessage)
                .where(col(OutgoingMessage.sent).is_(None), col(OutgoingMessage.given_up).is_(None))
                .where(or_(col(OutgoingMessage.after_call).is_(False), ~running.exists()))
                .order_by(col(OutgoingMessage.created), col(OutgoingMessage.id))
                .limit(limit)
            )
            if now is not None:
                due = col(OutgoingMessage.next_try)
                question = question.where(or_(due.is_(None), due <= now))
            return list((await session.exec(question)).all())

    async def latest(self, limit: int = 100) -> list[OutgoingMessage]:
        """The newest messages, whatever became of them."""
        async with self._database.read() as session:
            question = select(OutgoingMessage).order_by(
                col(OutgoingMessage.created).desc(), col(OutgoingMessage.id)
            )
            return list((await session.exec(question.limit(limit))).all())

    async def delivered(self, message: str, now: datetime) -> None:
        """Write down that a gateway took a message."""
        await self._change(message, sent=now, error="", next_try=None)

    async def failed(self, message: str, error: str, again: datetime | None, now: datetime) -> None:
        """Write down why a message could not be sent, and when to try again; None gives it up."""
        given_up = now if again is None else None
        await self._change(message, error=error[:500], next_try=again, given_up=given_up)

    async def again(self, message: str) -> bool:
        """Let a message that was given up be tried anew; False when there is none."""
        async with self._database.write() as session:
            found = await session.get(OutgoingMessage, message)
            if found is None or found.given_up is None:
                return False
            found.given_up, found.next_try, found.tries = None, None, 0
            session.add(found)
            return True

    async def _change(self, message: str, **values: datetime | str | None) -> None:
        async with self._database.write() as session:
            change = update(OutgoingMessage).where(col(OutgoingMessage.id) == message)
            await session.exec(change.values(tries=OutgoingMessage.tries + 1, **values))
