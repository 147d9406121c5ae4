"""Messages that callers left, and other recordings of calls."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError


class Recording(Table, table=True):
    """A recording; ``path`` is relative to the directory of recordings.

    ``started`` is when its sound begins, by which a replay finds its place in the call; ``created`` when it
    was stored. Of recordings that are older than the column nobody knows it: :meth:`began` reckons.
    """

    __tablename__ = "recordings"

    id: str = Field(primary_key=True, max_length=64)
    call: str = Field(default="", max_length=64, index=True)
    mailbox: str = Field(default="", max_length=64, index=True)
    path: str = Field(max_length=500)
    media_type: str = Field(default="audio/wav", max_length=100)
    duration: float = 0.0
    size: int = 0
    created: datetime = moment(index=True)
    started: datetime | None = moment(default=None, nullable=True)

    def began(self) -> datetime:
        """When its sound begins; reckoned from its end where nobody has written it down."""
        return self.started or self.created - timedelta(seconds=self.duration)


class RecordingRepository:
    """Recordings; the audio lies in files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, recording: Recording) -> None:
        """Store a recording whose file is written."""
        async with self._database.write() as session:
            session.add(recording)

    async def latest(
        self, *, mailbox: str | None = None, call: str | None = None, limit: int = 100
    ) -> list[Recording]:
        """The newest first, of one mailbox or one call if named."""
        async with self._database.read() as session:
            question = (
                select(Recording).order_by(col(Recording.created).desc(), col(Recording.id)).limit(limit)
            )
            if mailbox is not None:
                question = question.where(Recording.mailbox == mailbox)
            if call is not None:
                question = question.where(Recording.call == call)
            return list((await session.exec(question)).all())

    async def get(self, recording: str) -> Recording:
        """One recording."""
        async with self._database.read() as session:
            found = await session.get(Recording, recording)
        if found is None:
            raise NotFoundError("recording", recording)
        return found

    async def replace_file(self, recording: str, path: str, media_type: str, size: int) -> None:
        """The same sound is in another file from now on. NotFoundError when there is no such recording."""
        async with self._database.write() as session:
            found = await session.get(Recording, recording)
            if found is None:
                raise NotFoundError("recording", recording)
            found.path, found.media_type, found.size = path, media_type, size
