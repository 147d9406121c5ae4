"""The prompt library: one recorded file for each language and name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import defer
from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError


class Prompt(Table, table=True):
    """A prompt: 8 kHz mono WAV. It lives in the database, so that every node plays the same (B4)."""

    __tablename__ = "prompts"

    language: str = Field(primary_key=True, max_length=35)
    name: str = Field(primary_key=True, max_length=64)
    duration: float
    size: int
    digest: str = Field(max_length=64)
    changed: datetime = moment()
    changed_by: str = Field(max_length=64)
    audio: bytes = Field(sa_type=LargeBinary)


class PromptRepository:
    """Prompt files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, language: str | None = None) -> list[Prompt]:
        """The prompts (of one language), without their audio."""
        async with self._database.read() as session:
            question = (
                select(Prompt).order_by(col(Prompt.language), col(Prompt.name)).options(defer(Prompt.audio))  # type: ignore[arg-type]  # SQLModel types a column as its value
            )
            if language is not None:
                question = question.where(Prompt.language == language)
            return list((await session.exec(question)).all())

    async def get(self, language: str, name: str) -> Prompt:
        """One prompt with its audio."""
        async with self._database.read() as session:
            found = await session.get(Prompt, (language, name))
        if found is None:
            raise NotFoundError("prompt", f"{language}/{name}")
        return found

    async def put(self, prompt: Prompt) -> None:
        """Store a prompt, in place of an older one."""
        async with self._database.write() as session:
            await session.merge(prompt)

    async def remove(self, language: str, name: str) -> None:
        """Remove a prompt."""
        async with self._database.write() as session:
            found = await session.get(Prompt, (language, name))
            if found is None:
                raise NotFoundError("prompt", f"{language}/{name}")
            await session.delete(found)
