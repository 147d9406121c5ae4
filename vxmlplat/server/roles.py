"""Who may do what.

A role holds others where the work needs it: an author reads reports on what they wrote, an operator does
everything but users. An analyst only reads, so holds no other role.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, StrEnum


class Role(StrEnum):
    """A role that a user may be given (docs/api.md)."""

    AGENT = "agent"
    ANALYST = "analyst"
    AUTHOR = "author"
    OPERATOR = "operator"
    ADMIN = "admin"


class Access(Enum):
    """Who may call a route that no single role guards."""

    PUBLIC = "public"
    """Anybody: the page that signs people in, and signing in itself."""
    SIGNED_IN = "signed in"
    """Anybody who is signed in."""
    LOCAL_OR_OPERATOR = "loopback or operator"
    """This machine's own monitoring with no password, operators from anywhere."""


HOLDS: dict[Role, frozenset[Role]] = {
    Role.AGENT: frozenset({Role.AGENT}),
    Role.ANALYST: frozenset({Role.ANALYST}),
    Role.AUTHOR: frozenset({Role.AUTHOR, Role.ANALYST}),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.AUTHOR, Role.ANALYST, Role.AGENT}),
    Role.ADMIN: frozenset(Role),
}


def held(roles: Iterable[str]) -> frozenset[Role]:
    """Every role that a user with these roles holds; a name that is no role gives nothing."""
    known = {role.value: role for role in Role}
    return frozenset(one for name in roles if name in known for one in HOLDS[known[name]])
