"""A line changes hands: another telephone takes the place of the one that talks to us.

Two ways lead there. The other calls and says whose place it takes (INVITE with Replaces, RFC 3891); or the
one that leaves asks us to call the other (REFER, RFC 3515; attended with a Replaces inside, RFC 5589). Either
way the line, what it is joined to and the dialog on it go on, and so do the call's data and its record.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from vxmlplat.calls.errors import CallError, CallFailed
from vxmlplat.calls.line import Line, Successor
from vxmlplat.calls.telephones import Telephones
from vxmlplat.media.errors import MediaError
from vxmlplat.sip.errors import LegStateError, NotAcceptable, SipError
from vxmlplat.sip.events import Ended, LegEvent, Progress, Referred
from vxmlplat.sip.leg import Leg

log = logging.getLogger(__name__)

#: seconds that who handed a call on has to hang up by itself (RFC 5589 §6.1) before we do
GRACE = 1.0


async def take_over(line: Line, leg: Leg) -> None:
    """Answer a call in the place of a line's own leg, or refuse it; the line then goes on as it was."""
    if not line.await_successor():
        leg.reject(491)  # another takes over already, or the line has ended in this moment
        return
    former = line.leg
    successor = Successor(line, leg)
    try:
        await successor.answer()
    except (SipError, MediaError) as error:
        log.info("leg %s does not take over from leg %s: %s", leg.id, former.id, error)
        line.stay()
        _refuse(leg, 488 if isinstance(error, NotAcceptable) else 500)
        return
    except BaseException:
        line.stay()
        raise
    if await _fits(line, successor):
        line.succeeded_by(successor)
        log.info("leg %s has taken over from leg %s", leg.id, former.id)


def _refuse(leg: Leg, status: int) -> None:
    try:
        leg.reject(status)
    except LegStateError as error:  # whoever called has given up
        log.debug("leg %s: %s", leg.id, error)


async def _fits(line: Line, successor: Successor) -> bool:
    """Whether both are still there when the successor has answered; who is alone is let go."""
    if successor.ended.done():
        line.stay()
        return False
    if line.ended.done():
        await successor.hangup()
        return False
    return True


def follow(
    telephones: Telephones, line: Line, request: Referred, *, caller: str = "", data: bytes | None = None
) -> None:
    """Do what a REFER asks: call its target in the place of the line's own leg, and report how that goes.

    ``caller`` is the number that is shown; ``data`` goes with the call unless the REFER brings its own. While
    it rings the two go on talking; if nobody answers, so they do afterwards. Refused: what a trunk may not
    ask for (403), and a second transfer while one goes on (491).
    """
    if not telephones.may_refer(line.leg, request.target):
        log.warning("leg %s: a transfer to %s is refused: the peer may not cause calls to there",
                    line.leg.id, request.target)  # fmt: skip
        request.reject(403)
        return
    if not line.await_successor():
        request.reject(491)
        return
    request.accept()
    data = data if request.user_to_user is None else request.user_to_user
    telephones.spawn(_hand_over(telephones, line, request, caller, data))


async def _hand_over(
    telephones: Telephones, line: Line, request: Referred, caller: str, data: bytes | None
) -> None:
    calling = asyncio.ensure_future(
        telephones.place_successor(
            line,
            request.target,
            caller=caller,
            user_to_user=data,
            replaces=request.replaces,
            on_ringing=lambda progress: _ringing(request, progress),
        )
    )
    try:
        either: set[asyncio.Future[Any]] = {calling, line.ended}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        calling.cancel()  # when the line has ended first, nobody is to be called any more
        successor = await calling
    except asyncio.CancelledError:
        line.stay()
        return
    except CallError as error:
        log.info("leg %s could not be handed on to %s: %s", line.leg.id, request.target, error)
        _report(request, error.status if isinstance(error, CallFailed) else 404)
        line.stay()
        return
    if not await _fits(line, successor):
        return
    former = line.succeeded_by(successor)
    log.info("leg %s has taken over from leg %s, as that had asked", successor.leg.id, former.id)
    await _part(former, request)


async def _part(former: Leg, request: Referred) -> None:
    """Say goodbye to who has handed the call on: the report, time to hang up by itself, BYE."""
    left: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def watch(event: LegEvent) -> None:
        if isinstance(event, Ended) and not left.done():
            left.set_result(None)

    former.on_event = watch
    _report(request, 200)
    if former.state != "ended":
        await asyncio.wait({left}, timeout=GRACE)
        await former.hangup(reason="transferred")


def _ringing(request: Referred, progress: Progress) -> None:
    if progress.status > 100:
        _report(request, progress.status)


def _report(request: Referred, status: int) -> None:
    try:
        request.notify(status)
    except SipError as error:  # whoever asked has left
        log.debug("transfer not reported: %s", error)
