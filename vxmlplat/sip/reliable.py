"""Reliable provisional responses (RFC 3262), the answering side: RSeq, repetition, PRACK."""

from __future__ import annotations

import asyncio
import random
import re
from typing import TYPE_CHECKING

from vxmlplat.sip.errors import RequestFailed, TransportError
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.timers import Timer

if TYPE_CHECKING:
    from vxmlplat.sip.inbound import InboundLeg

_RACK = re.compile(r"([0-9]{1,10})\s+([0-9]{1,10})\s+INVITE")


class ReliableProvisionals:
    """One at a time: the next reliable response waits for the PRACK of the one before (§3)."""

    def __init__(self, leg: InboundLeg) -> None:
        self._leg = leg
        self._rseq = random.randint(1, 2**31 - 1)  # noqa: S311 - §3 wants a random start, not a secret
        self._waiting: asyncio.Future[Request] | None = None
        self._timer: Timer | None = None
        self._data = b""
        self._interval = 0.0
        self._waited = 0.0

    async def settled(self) -> None:
        """Wait for the PRACK that is still due, if any. Raises RequestFailed when it never comes."""
        if self._waiting is not None:
            await asyncio.shield(self._waiting)

    async def send(self, response: Response) -> Request:
        """Send one and return its PRACK. Raises RequestFailed (504) when none comes within 64*T1."""
        await self.settled()
        response.add("Require", "100rel")
        response.add("RSeq", str(self._rseq))
        self._waiting = asyncio.get_running_loop().create_future()
        self._data = response.encode()
        self._interval = self._leg.agent.config.timers.t1
        self._waited = 0.0
        self._leg.transaction.respond(response)
        self._timer = self._leg.agent.timers.after(self._interval, self._repeat)
        return await asyncio.shield(self._waiting)

    def _repeat(self) -> None:
        limit = 64 * self._leg.agent.config.timers.t1
        self._waited += self._interval
        if self._waited >= limit:
            self.close(RequestFailed(504, "No PRACK"))
            self._leg.give_up(504, "No PRACK")
            return
        try:
            self._leg.transaction.reply.send(self._data)
        except TransportError:
            pass  # the next repetition or the end of the wait decides
        self._interval = min(2 * self._interval, limit - self._waited)
        self._timer = self._leg.agent.timers.after(self._interval, self._repeat)

    def acknowledge(self, request: Request) -> bool:
        """A PRACK came; False when it matches nothing (481)."""
        found = _RACK.fullmatch(request.get("RAck") or "")
        waiting = self._waiting
        if found is None or waiting is None or waiting.done():
            return False
        if int(found[1]) != self._rseq or int(found[2]) != self._leg.invite.cseq[0]:
            return False
        self._rseq += 1
        self._stop()
        waiting.set_result(request)
        return True

    def _stop(self) -> None:
        self._waiting = None
        if self._timer is not None:
            self._timer.cancel()

    def close(self, failure: Exception | None = None) -> None:
        """No PRACK is awaited any more; who waits gets the failure."""
        waiting = self._waiting
        self._stop()
        if waiting is not None and not waiting.done():
            waiting.set_exception(failure or RequestFailed(487, "Call Over"))
            waiting.exception()  # retrieved: nobody may be waiting
