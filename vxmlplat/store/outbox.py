"""Messages to be sent after or during a call: SMS and e-mail wait here until a gateway took them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Field, col, select

from vxmlplat.store.calls import CallRecord
from vxmlplat.store.columns import Table, moment
from vxmlplat.store.database import Database


class OutgoingMessage(Table, table=True):
    """A message; ``sent`` is empty while it waits, ``error`` says why the last try failed."""

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


class OutboxRepository:
    """Messages that wait, and what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, message: OutgoingMessage) -> None:
        """Keep a message to be sent."""
        async with self._database.write() as session:
            session.add(message)

    async def waiting(self, limit: int = 100) -> list[OutgoingMessage]:
        """The oldest messages that are to be sent now; one that is held back waits for its call's end."""
        async with self._database.read() as session:
            running = (
                select(CallRecord.id)
                .where(CallRecord.id == OutgoingMessage.call, col(CallRecord.ended).is_(None))
                .correlate(OutgoingMessage)
            )
            question = (
                select(OutgoingMessage)
                .where(col(OutgoingMessage.sent).is_(None))
                .where(or_(col(OutgoingMessage.after_call).is_(False), ~running.exists()))
                .order_by(col(OutgoingMessage.created), col(OutgoingMessage.id))
                .limit(limit)
            )
            return list((await session.exec(question)).all())

    async def mark(self, message: str, *, sent: datetime | None, error: str = "") -> None:
        """Write down that a message was sent, or why it could not be."""
        async with self._database.write() as session:
            change = update(OutgoingMessage).where(col(OutgoingMessage.id) == message)
            await session.exec(change.values(sent=sent, error=error[:500]))
