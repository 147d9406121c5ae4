"""Agents: their telephones, their skills with levels, and the state in which they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError
from vxmlplat.store.queues import add_skills


class Agent(Table, table=True):
    """An agent. The id is also the name of the web user and of the SIP registration (``sip:ID@realm``)."""

    __tablename__ = "agents"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=300)
    """A fixed SIP address (``sip:1001@10.0.0.5``); empty when the telephone registers."""
    ha1: str = Field(default="", max_length=64)
    """RFC 2617 §3.2.2.2: MD5 of ``user:realm:password``; empty when the telephone may not register."""
    ha1_sha256: str = Field(default="", max_length=64)
    """RFC 7616 §3.4.2: the same for SHA-256; empty where the password was set before it was kept."""
    state: str = Field(default="signed_out", max_length=20)
    state_reason: str = Field(default="", max_length=64)
    state_since: datetime | None = moment(default=None, nullable=True)


class AgentSkill(Table, table=True):
    """A skill that an agent has; a higher level is better."""

    __tablename__ = "agent_skills"

    agent: str = Field(primary_key=True, foreign_key="agents.id", ondelete="CASCADE", max_length=64)
    skill: str = Field(primary_key=True, foreign_key="skills.id", max_length=64, index=True)
    level: int = 1


@dataclass(frozen=True, slots=True)
class SkilledAgent:
    """An agent with the level of each skill."""

    agent: Agent
    skills: dict[str, int] = field(default_factory=dict)


class AgentRepository:
    """Agents and their skills."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[SkilledAgent]:
        """Every agent, by id."""
        async with self._database.read() as session:
            agents = (await session.exec(select(Agent).order_by(col(Agent.id)))).all()
            skills: dict[str, dict[str, int]] = {}
            for row in (await session.exec(select(AgentSkill).order_by(col(AgentSkill.skill)))).all():
                skills.setdefault(row.agent, {})[row.skill] = row.level
        return [SkilledAgent(agent, skills.get(agent.id, {})) for agent in agents]

    async def get(self, agent: str) -> SkilledAgent:
        """One agent."""
        async with self._database.read() as session:
            found = await session.get(Agent, agent)
            if found is None:
                raise NotFoundError("agent", agent)
            rows = (await session.exec(select(AgentSkill).where(AgentSkill.agent == agent))).all()
        return SkilledAgent(found, {row.skill: row.level for row in rows})

    async def put(self, agent: Agent, skills: dict[str, int]) -> None:
        """Store an agent with exactly these skills; the state of one who is known already is left alone."""
        async with self._database.write() as session:
            await add_skills(session, skills)
            known = await session.get(Agent, agent.id)
            if known is not None:
                known.name, known.address = agent.name, agent.address
                if agent.ha1:  # both are of one password
                    known.ha1, known.ha1_sha256 = agent.ha1, agent.ha1_sha256
                session.add(known)
            else:
                session.add(agent)
            await session.flush()
            await session.exec(delete(AgentSkill).where(col(AgentSkill.agent) == agent.id))
            session.add_all(
                AgentSkill(agent=agent.id, skill=skill, level=level) for skill, level in skills.items()
            )

    async def remove(self, agent: str) -> None:
        """Remove an agent with the skills."""
        async with self._database.write() as session:
            found = await session.get(Agent, agent)
            if found is None:
                raise NotFoundError("agent", agent)
            await session.delete(found)

    async def set_state(self, agent: str, state: str, reason: str, now: datetime) -> None:
        """Keep the state in which an agent is, for the next start and for other nodes."""
        async with self._database.write() as session:
            found = await session.get(Agent, agent)
            if found is None:
                raise NotFoundError("agent", agent)
            found.state, found.state_reason, found.state_since = state, reason, now
            session.add(found)
