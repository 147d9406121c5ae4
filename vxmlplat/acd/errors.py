"""Errors of the distributor."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class AcdError(VxmlplatError):
    """The distributor cannot do what was asked."""


class UnknownQueue(AcdError):
    """No queue has this id; a flow that names it throws ``error.connection.baddestination``."""


class UnknownAgent(AcdError):
    """No agent has this id."""


class WrongState(AcdError):
    """The agent's state does not allow the change (ready while talking, say)."""
