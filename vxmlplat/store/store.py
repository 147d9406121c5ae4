"""The store as one thing: the database and a repository for each family of tables."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from vxmlplat.store.agents import AgentRepository
from vxmlplat.store.audit import AuditRepository
from vxmlplat.store.callbacks import CallbackRepository
from vxmlplat.store.caller_lists import CallerListRepository
from vxmlplat.store.calls import CallRepository
from vxmlplat.store.conversation_tests import ConversationTestRepository
from vxmlplat.store.database import Database
from vxmlplat.store.flows import FlowRepository
from vxmlplat.store.migrate import upgrade
from vxmlplat.store.numbers import NumberRepository
from vxmlplat.store.outbox import OutboxRepository
from vxmlplat.store.prompts import PromptRepository
from vxmlplat.store.queues import QueueRepository
from vxmlplat.store.recordings import RecordingRepository
from vxmlplat.store.settings import SettingRepository
from vxmlplat.store.users import UserRepository


class Store:
    """Everything that the platform remembers, apart from the audio of recordings."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users = UserRepository(database)
        self.audit = AuditRepository(database)
        self.flows = FlowRepository(database)
        self.numbers = NumberRepository(database)
        self.prompts = PromptRepository(database)
        self.conversation_tests = ConversationTestRepository(database)
        self.queues = QueueRepository(database)
        self.agents = AgentRepository(database)
        self.calls = CallRepository(database)
        self.recordings = RecordingRepository(database)
        self.caller_lists = CallerListRepository(database)
        self.callbacks = CallbackRepository(database)
        self.settings = SettingRepository(database)
        self.outbox = OutboxRepository(database)

    @classmethod
    async def open(cls, url: str) -> Store:
        """Connect, bring the schema to this version, and return the store.

        Raises :class:`~vxmlplat.store.errors.SchemaError` for a database of a newer platform and
        :class:`~vxmlplat.store.errors.UnavailableError` for one that does not answer.
        """
        database = Database(url)
        try:
            await upgrade(database)
        except BaseException:
            await database.close()
            raise
        return cls(database)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        """Put everything that this task changes inside the block into one transaction."""
        async with self.database.write():
            yield

    async def close(self) -> None:
        """Close the connections."""
        await self.database.close()
