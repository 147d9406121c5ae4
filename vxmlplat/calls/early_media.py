"""Audio for a call that has come in: when it is answered, or before that (early media, RFC 3960)."""

from __future__ import annotations

import asyncio

from vxmlplat.calls.connection import Connection
from vxmlplat.calls.exchange import Exchange
from vxmlplat.calls.line import Line
from vxmlplat.media.errors import MediaError
from vxmlplat.sip.errors import NotAcceptable, SipError


async def open_line(control: Exchange, connection: Connection) -> Line | None:
    """A line for a call that came in, which the connection has from now on; None when there is no audio for
    it, and the caller was turned away, or has left."""
    assert connection.leg is not None, "a call that came in has its leg"
    try:
        line = await control.world.telephones.lines.inbound(connection.leg)
    except MediaError as error:
        control.refuse(connection, 503, str(error))
        return None
    if connection.over:
        await line.hangup()
        return None
    control.carry(connection, line)
    return line


def turn_away(control: Exchange, connection: Connection, error: Exception) -> None:
    """The caller cannot be heard or spoken to: refuse the call, which releases its line."""
    control.refuse(connection, 488 if isinstance(error, NotAcceptable) else 500, str(error))


def _can_speak(connection: Connection) -> bool:
    """Whether the caller can hear something before the answer: one who leaves the offer to us cannot."""
    leg = connection.leg
    return (
        leg is not None
        and leg.direction == "in"
        and leg.remote_sdp is not None
        and connection.line is None
        and not connection.accepting
        and not connection.over
    )


async def speak_early(control: Exchange, connection: Connection) -> None:
    """Let the caller of a call that was not answered yet hear us, once, however often it is asked for.

    Nothing happens where that cannot be; a caller with whom no codec is in common is turned away.
    """
    if connection.opening is not None:
        await asyncio.wait({connection.opening})
        return
    if not _can_speak(connection):
        return
    connection.opening = asyncio.get_running_loop().create_future()
    try:
        line = await open_line(control, connection)
        if line is not None:
            try:
                await line.speak_early()
            except (SipError, MediaError) as error:
                turn_away(control, connection, error)
    finally:
        connection.opening.set_result(None)
