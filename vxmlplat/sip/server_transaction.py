"""Server transactions: RFC 3261 §17.2 with the accepted state of RFC 6026."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.responses import new_tag, response_to
from vxmlplat.sip.timers import Timer
from vxmlplat.sip.transport import Flow

if TYPE_CHECKING:
    from vxmlplat.sip.transactions import Transactions

_log = logging.getLogger(__name__)
State = Literal["trying", "proceeding", "accepted", "completed", "confirmed", "terminated"]


class ServerTransaction:
    """A request of a peer and our responses to it."""

    __slots__ = ("_last", "_layer", "_timers", "flow", "key", "reply", "request", "source", "state", "to_tag")

    def __init__(
        self, layer: Transactions, key: tuple[str, ...], request: Request, flow: Flow, reply: Flow
    ) -> None:
        self._layer = layer
        self.key = key
        self.request = request
        self.flow = flow
        self.reply = reply
        self.source = flow.remote
        self.state: State = "trying"
        self.to_tag = new_tag()
        self._last: bytes | None = None
        self._timers: list[Timer] = []

    @property
    def open(self) -> bool:
        """Whether a final response may still be given."""
        return self.state in {"trying", "proceeding"}

    def respond(self, response: Response) -> None:
        """Send a response; a second final one is ignored."""
        raise NotImplementedError

    def retransmitted(self) -> None:
        """The request came again."""
        raise NotImplementedError

    def _send(self) -> None:
        if self._last is None:
            return
        try:
            self.reply.send(self._last)
        except TransportError as error:
            # §18.4 and §17.2.4: the peer will retransmit or give up; the dialog's own timers clean up.
            _log.info("response to %s port %s not sent: %s", *self.source, error)

    def _after(self, seconds: float, state: State) -> None:
        self._timers.append(self._layer.timers.after(seconds, lambda: self._end(state)))

    def _end(self, state: State) -> None:
        if self.state == state:
            self.terminate()

    def terminate(self) -> None:
        """Forget the transaction."""
        self.state = "terminated"
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._layer.server.get(self.key) is self:
            del self._layer.server[self.key]


class NonInviteServer(ServerTransaction):
    """§17.2.2."""

    __slots__ = ()

    def respond(self, response: Response) -> None:
        """Send a response; after a final one, retransmissions are answered with it until timer J."""
        if not self.open:
            return
        self._last = response.encode()
        if response.status < 200:
            self.state = "proceeding"
            self._send()
            return
        self.state = "completed"
        self._send()
        if self.flow.reliable:
            self.terminate()
        else:
            self._after(64 * self._layer.settings.t1, "completed")

    def retransmitted(self) -> None:
        """Say again what was said last, if anything."""
        self._send()


class InviteServer(ServerTransaction):
    """§17.2.1 and RFC 6026 §7.1. Retransmission of a 2xx is the dialog's work (§13.3.1.4)."""

    __slots__ = ("_interval", "_trying")

    def __init__(
        self, layer: Transactions, key: tuple[str, ...], request: Request, flow: Flow, reply: Flow
    ) -> None:
        super().__init__(layer, key, request, flow, reply)
        self.state = "proceeding"
        self._interval = layer.settings.t1
        self._trying: Timer | None = layer.timers.after(0.2, self._send_trying)

    def _send_trying(self) -> None:
        if self.state == "proceeding" and self._last is None:
            self.respond(response_to(self.request, self.flow, 100))

    def respond(self, response: Response) -> None:
        """Send a response: provisional, 2xx (accepted until timer L), or a refusal, repeated until its
        ACK."""
        if self.state != "proceeding":
            return
        self._last = response.encode()
        self._send()
        if response.status < 200:
            return
        if self._trying is not None:
            self._trying.cancel()
            self._trying = None
        if response.status < 300:
            self.state = "accepted"
            self._after(64 * self._layer.settings.t1, "accepted")
            return
        self.state = "completed"
        if not self.flow.reliable:
            self._timers.append(self._layer.timers.after(self._interval, self._repeat))
        self._after(64 * self._layer.settings.t1, "completed")

    def _repeat(self) -> None:
        if self.state != "completed":
            return
        self._send()
        self._interval = min(2 * self._interval, self._layer.settings.t2)
        self._timers.append(self._layer.timers.after(self._interval, self._repeat))

    def retransmitted(self) -> None:
        """Say again what was said last; in ``accepted`` the dialog repeats its 2xx by itself."""
        if self.state == "proceeding" and self._last is None:
            self._send_trying()
        elif self.state in {"proceeding", "completed"}:
            self._send()

    def acknowledge(self, request: Request) -> bool:
        """An ACK came; True when it was for a refusal and goes no further."""
        if self.state == "completed":
            self.state = "confirmed"
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()
            if self.flow.reliable:
                self.terminate()
            else:
                self._after(self._layer.settings.t4, "confirmed")
            return True
        return self.state in {"confirmed", "proceeding"}
