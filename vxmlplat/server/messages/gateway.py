"""What carries a message of one kind out of the platform."""

from __future__ import annotations

from typing import Protocol

from vxmlplat.server.errors import ServerError
from vxmlplat.store.outbox import OutgoingMessage


class GatewayError(ServerError):
    """A message could not be handed over now; trying again may help."""


class RefusedMessageError(GatewayError):
    """The gateway will never take this message: no such number, no such mailbox, not allowed."""


class Gateway(Protocol):
    """Takes messages of one kind."""

    async def send(self, message: OutgoingMessage) -> None:
        """Hand a message over; return when the gateway has it.

        The message's ``id`` goes along, so that a gateway that was asked twice can tell. Raises
        :class:`RefusedMessageError` when trying again is no use, else :class:`GatewayError`.
        """
        ...
