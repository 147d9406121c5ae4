"""Keeps the ways to registered telephones open through address translation (RFC 5626 §3.5.1): a router
forgets a UDP mapping over which nothing has gone for half a minute, and the telephone behind it rings no
more."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable

from vxmlplat.sip.timers import Timer, Timers
from vxmlplat.sip.transport import KEEP_ALIVE, Flow

STEP = 1.0
"""Seconds; each step serves a share of the telephones, so that many of them make no burst."""


class KeepAlive:
    """Sends a packet of four bytes over each flow once in ``seconds``."""

    def __init__(
        self,
        timers: Timers,
        seconds: float,
        flows: Callable[[], Iterable[Flow]],
        send: Callable[[bytes, Flow], bool],
    ) -> None:
        self._timers = timers
        self._steps = max(1, round(seconds / STEP))
        self._flows = flows
        self._send = send
        self._waiting: deque[Flow] = deque()
        self._share = 0
        self._timer: Timer | None = None
        self._step = 0

    def start(self) -> None:
        """Begin."""
        self._timer = self._timers.after(STEP, self._turn)

    def stop(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _turn(self) -> None:
        if self._step == 0:
            self._waiting = deque(flow for flow in self._flows() if not flow.reliable)
            self._share = math.ceil(len(self._waiting) / self._steps)
        for _ in range(min(self._share, len(self._waiting))):
            flow = self._waiting.popleft()
            if flow.alive:
                self._send(KEEP_ALIVE, flow)
        self._step = (self._step + 1) % self._steps
        self._timer = self._timers.after(STEP, self._turn)
