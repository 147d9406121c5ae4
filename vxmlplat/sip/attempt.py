"""One INVITE of a call to one server: until its final response, the end of our patience, or our CANCEL (RFC
3261 §9.1, §13.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from vxmlplat.sip.leg import HeaderFields
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.transport import Flow

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent


def local_refusal(status: int, reason: str) -> Response:
    """What is treated as a response that nobody sent (§8.1.3.1); it has no Via."""
    return Response(status, reason, [])


class Attempt:
    """``hear`` gets every response up to a 2xx, repetitions of a 2xx too; refusals are the
    :meth:`outcome`."""

    def __init__(
        self, agent: UserAgent, request: Request, flow: Flow, hear: Callable[[Attempt, Response], None]
    ) -> None:
        self.request = request
        self.flow = flow
        self._agent = agent
        self._hear = hear
        self._result: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()
        self._cancel: HeaderFields | None = None
        self._cancelled = False
        self._transaction = agent.transactions.request(
            request,
            flow,
            self._on_response,
            lambda status, reason: self.settle(local_refusal(status, reason)),
        )

    async def outcome(self, patience: float | None) -> Response | None:
        """The refusal, or None when it was answered or the call is over. ``patience`` in seconds is how long
        a server may say nothing at all (408 then) when another one could be tried."""
        if patience is None:
            return await self._result
        timer = self._agent.timers.after(patience, self._pass_over)
        try:
            return await self._result
        finally:
            timer.cancel()

    def settle(self, response: Response | None) -> None:
        """End the wait for the outcome."""
        if not self._result.done():
            self._result.set_result(response)

    def cancel(self, fields: HeaderFields) -> bool:
        """Take the call back; False when there is nothing left to take back.

        The CANCEL waits for a provisional response (§9.1).
        """
        self._cancel = fields
        if self._transaction.state == "proceeding":
            self._send_cancel()
        return self._transaction.state not in {"completed", "terminated"}

    def _pass_over(self) -> None:
        if self._transaction.state == "calling":
            self.cancel([])
            self.settle(local_refusal(408, "No Answer From Server"))

    def _send_cancel(self) -> None:
        if self._cancelled:
            return
        self._cancelled = True
        self._agent.transactions.cancel(self._transaction, list(self._cancel or []))
        self._agent.timers.after(
            64 * self._agent.config.timers.t1, lambda: self._transaction.fail(408, "No Answer To CANCEL")
        )

    def _on_response(self, response: Response) -> None:
        if response.status < 200 and self._cancel is not None:
            self._send_cancel()
        elif response.status < 300:
            self._hear(self, response)
        if response.status >= 200:
            self.settle(response if response.status >= 300 else None)
