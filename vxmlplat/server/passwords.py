"""Passwords: hashed with argon2, checked away from the event loop, and not guessed at without end."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections import OrderedDict
from hashlib import sha256
from typing import TypeVar
from weakref import WeakValueDictionary

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from vxmlplat.clock import Clock
from vxmlplat.server.errors import ApiError
from vxmlplat.store.users import User, UserRepository

log = logging.getLogger(__name__)

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 1000

FAILURES = 5
"""Failed tries of one name from one address, after which the next ones are not even looked at."""

FAILURES_OF_ADDRESS = 50
WINDOW = 300.0
"""Seconds for which failures are remembered."""

REMEMBERED = 300.0
"""Seconds for which a script's good password need not be hashed again for each of its requests."""

Key = TypeVar("Key")
Value = TypeVar("Value")

KEPT = 10_000
"""Entries of each memory: an attacker with many addresses must not fill the process."""


class Passwords:
    """Checks passwords of users; remembers failures, and for a short time successes."""

    def __init__(self, users: UserRepository, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._users = users
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._failures: OrderedDict[tuple[str, str], list[float]] = OrderedDict()
        self._good: OrderedDict[tuple[str, bytes], tuple[float, str]] = OrderedDict()
        self._key = secrets.token_bytes(32)
        self._trying: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._nobody = ""
        # A hash takes 64 MB for a moment: a few at a time.
        self._hashing = asyncio.Semaphore(4)

    async def hash(self, password: str) -> str:
        """The hash to store; raises a 422 for a password that is too short."""
        if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
            raise ApiError(
                422, "password.length", f"a password has {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters"
            )
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def check(self, name: str, password: str, address: str) -> User:
        """The user; raises a 401 for a wrong name or password (not which), a 429 after too many failures."""
        # One try at a time of a name from an address: many at once would all come before the first failure.
        lock = self._trying.setdefault((name, address), asyncio.Lock())
        async with lock:
            return await self._check(name, password, address)

    async def _check(self, name: str, password: str, address: str) -> User:
        self._refuse_guessing(name, address)
        user = await self._users.get(name)
        # An unknown name must take as long as a wrong password.
        self._nobody = self._nobody or await self.hash(secrets.token_urlsafe(16))
        stored = user.password_hash if user is not None and user.active else self._nobody
        seal = (name, hmac.digest(self._key, password.encode("utf-8", "replace"), sha256))
        known = self._good.get(seal)
        if known is None or known[0] < self._clock.now() or known[1] != stored:
            if len(password) > MAXIMUM_LENGTH or not await self._verify(stored, password):
                self._failed(name, address)
                raise ApiError(401, "credentials.wrong", "the name or the password is wrong")
            _remember(self._good, seal, (self._clock.now() + REMEMBERED, stored))
        if user is None:
            raise ApiError(401, "credentials.wrong", "the name or the password is wrong")
        if self._hasher.check_needs_rehash(stored):
            await self._users.rehash(name, await self.hash(password))
        self._failures.pop((name, address), None)
        return user

    async def _verify(self, stored: str, password: str) -> bool:
        try:
            async with self._hashing:
                return await asyncio.to_thread(self._hasher.verify, stored, password)
        except (Argon2Error, InvalidHashError):
            return False

    def _refuse_guessing(self, name: str, address: str) -> None:
        now = self._clock.now()
        for key, limit in (((name, address), FAILURES), (("", address), FAILURES_OF_ADDRESS)):
            recent = [moment for moment in self._failures.get(key, ()) if moment > now - WINDOW]
            if len(recent) >= limit:
                wait = max(1, round(recent[-limit] + WINDOW - now))
                raise ApiError(
                    429,
                    "credentials.too_many",
                    f"too many failed tries; wait {wait} seconds",
                    headers={"Retry-After": str(wait)},
                )

    def _failed(self, name: str, address: str) -> None:
        log.warning("a sign-in as %r from %s failed", name[:64], address)
        for key in ((name, address), ("", address)):
            moments = [*self._failures.pop(key, ()), self._clock.now()][-FAILURES_OF_ADDRESS:]
            _remember(self._failures, key, moments)


def _remember(memory: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    memory[key] = value
    if len(memory) > KEPT:
        memory.popitem(last=False)
