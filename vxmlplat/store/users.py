"""Who may sign in: users with their roles, the sessions of their browsers, the tokens of their scripts.

Passwords arrive here as argon2 hashes, session keys and tokens as SHA-256 digests: the store cannot leak what
it does not hold.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table, json_value, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import ConflictError, NotFoundError


class User(Table, table=True):
    """A person who may sign in. An agent's user has the agent's id for its name."""

    __tablename__ = "users"

    name: str = Field(primary_key=True, max_length=64)
    password_hash: str
    roles: list[str] = json_value(list)
    language: str = Field(default="en-US", max_length=35)
    active: bool = True
    created: datetime = moment()


class WebSession(Table, table=True):
    """A browser that signed in."""

    __tablename__ = "web_sessions"

    key_hash: str = Field(primary_key=True, max_length=64)
    user: str = Field(foreign_key="users.name", ondelete="CASCADE", index=True)
    created: datetime = moment()
    expires: datetime = moment(index=True)


class ApiToken(Table, table=True):
    """A script's key (``Authorization: Bearer``)."""

    __tablename__ = "api_tokens"

    token_hash: str = Field(primary_key=True, max_length=64)
    user: str = Field(foreign_key="users.name", ondelete="CASCADE", index=True)
    name: str = Field(max_length=100)
    created: datetime = moment()
    expires: datetime | None = moment(default=None, nullable=True)


class UserRepository:
    """Users, their sessions and tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> int:
        """How many users there are; none means that the platform starts for the first time."""
        async with self._database.read() as session:
            return (await session.exec(select(func.count()).select_from(User))).one()

    async def all(self) -> list[User]:
        """Every user, by name."""
        async with self._database.read() as session:
            return list((await session.exec(select(User).order_by(col(User.name)))).all())

    async def get(self, name: str) -> User | None:
        """The user of that name."""
        async with self._database.read() as session:
            return await session.get(User, name)

    async def add(self, user: User) -> None:
        """Store a new user; raise :class:`ConflictError` (``user.exists``) when the name is taken."""
        async with self._database.write() as session:
            if await session.get(User, user.name) is not None:
                raise ConflictError("user.exists", f"there is a user {user.name!r} already")
            session.add(user)

    async def change(
        self,
        name: str,
        *,
        roles: list[str] | None = None,
        active: bool | None = None,
        language: str | None = None,
        password_hash: str | None = None,
    ) -> User:
        """Change what is given; sessions end when the password, the roles or the right to sign in change."""
        async with self._database.write() as session:
            user = await session.get(User, name)
            if user is None:
                raise NotFoundError("user", name)
            if roles is not None or active is not None or password_hash is not None:
                await session.exec(delete(WebSession).where(col(WebSession.user) == name))
            if password_hash is not None:
                user.password_hash = password_hash
            if roles is not None:
                user.roles = roles
            if active is not None:
                user.active = active
            if language is not None:
                user.language = language
            session.add(user)
            return user

    async def rehash(self, name: str, password_hash: str) -> None:
        """Keep the same password under a stronger hash; sessions go on."""
        async with self._database.write() as session:
            await session.exec(update(User).where(col(User.name) == name).values(password_hash=password_hash))

    async def remove(self, name: str) -> None:
        """Remove a user with sessions and tokens."""
        async with self._database.write() as session:
            user = await session.get(User, name)
            if user is None:
                raise NotFoundError("user", name)
            await session.delete(user)

    async def add_session(self, web_session: WebSession) -> None:
        """Store a browser's session, and forget those that ran out."""
        async with self._database.write() as session:
            await session.exec(delete(WebSession).where(col(WebSession.expires) < web_session.created))
            session.add(web_session)

    async def session_user(self, key_hash: str, now: datetime) -> User | None:
        """The active user to whom an unexpired session belongs."""
        async with self._database.read() as session:
            question = (
                select(User)
                .join(WebSession, col(WebSession.user) == col(User.name))
                .where(WebSession.key_hash == key_hash, col(WebSession.expires) > now, col(User.active))
            )
            return (await session.exec(question)).one_or_none()

    async def remove_session(self, key_hash: str) -> None:
        """Sign a browser out."""
        async with self._database.write() as session:
            await session.exec(delete(WebSession).where(col(WebSession.key_hash) == key_hash))

    async def add_token(self, token: ApiToken) -> None:
        """Store a script's token."""
        async with self._database.write() as session:
            session.add(token)

    async def tokens(self, user: str) -> list[ApiToken]:
        """A user's tokens, oldest first."""
        async with self._database.read() as session:
            question = select(ApiToken).where(ApiToken.user == user).order_by(col(ApiToken.created))
            return list((await session.exec(question)).all())

    async def token_user(self, token_hash: str, now: datetime) -> User | None:
        """The active user to whom a token belongs that has not run out."""
        async with self._database.read() as session:
            question = (
                select(User, ApiToken)
                .join(ApiToken, col(ApiToken.user) == col(User.name))
                .where(ApiToken.token_hash == token_hash, col(User.active))
            )
            found = (await session.exec(question)).one_or_none()
        if found is None or (found[1].expires is not None and found[1].expires <= now):
            return None
        return found[0]

    async def remove_token(self, user: str, name: str) -> None:
        """Take a user's token away by its name."""
        async with self._database.write() as session:
            question = select(ApiToken).where(ApiToken.user == user, ApiToken.name == name)
            found = (await session.exec(question)).all()
            if not found:
                raise NotFoundError("token", name)
            for token in found:
                await session.delete(token)
