"""Client transactions: RFC 3261 §17.1 with the accepted state of RFC 6026."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.timers import Timer
from vxmlplat.sip.transport import Flow, via_value

if TYPE_CHECKING:
    from vxmlplat.sip.transactions import Transactions

_log = logging.getLogger(__name__)
State = Literal["calling", "proceeding", "accepted", "completed", "terminated"]


class ClientTransaction:
    """A request of ours and the responses to it. ``calling`` is what §17.1.2 calls trying."""

    __slots__ = (
        "_data",
        "_interval",
        "_layer",
        "_on_failure",
        "_on_response",
        "_timers",
        "flow",
        "key",
        "request",
        "state",
    )

    def __init__(
        self,
        layer: Transactions,
        key: tuple[str, str],
        request: Request,
        flow: Flow,
        on_response: Callable[[Response], None],
        on_failure: Callable[[int, str], None],
    ) -> None:
        self._layer = layer
        self.key = key
        self.request = request
        self.flow = flow
        self.state: State = "calling"
        self._on_response = on_response
        self._on_failure = on_failure
        self._data = request.encode()
        self._interval = layer.settings.t1
        self._timers: list[Timer] = []

    @property
    def size(self) -> int:
        """Bytes of the request."""
        return len(self._data)

    def move(self, flow: Flow) -> None:
        """Go over another flow than was thought, before the start: the Via says so (§18.1.1)."""
        self.flow = flow
        self.request.fields[0] = ("Via", via_value(flow, self.key[0]))
        self._data = self.request.encode()

    def start(self) -> None:
        """Send the request. A transport that refuses it fails the transaction, after this call has
        returned."""
        try:
            self.flow.send(self._data)
        except TransportError as error:
            text = str(error)
            self._timers.append(self._layer.timers.after(0, lambda: self.fail(503, text)))
            return
        if not self.flow.reliable:
            self._timers.append(self._layer.timers.after(self._interval, self._retransmit))
        self._timers.append(self._layer.timers.after(64 * self._layer.settings.t1, self._timeout))

    def receive(self, response: Response) -> None:
        """A response that matches."""
        raise NotImplementedError

    def _retransmit(self) -> None:
        raise NotImplementedError

    def _timeout(self) -> None:
        raise NotImplementedError

    def fail(self, status: int, reason: str) -> None:
        """End without a final response from the peer."""
        if self.state in {"calling", "proceeding"}:
            self.terminate()
            self._on_failure(status, reason)

    def _resend(self) -> bool:
        try:
            self.flow.send(self._data)
        except TransportError as error:
            self.fail(503, str(error))
            return False
        return True

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def terminate(self) -> None:
        """Forget the transaction."""
        self.state = "terminated"
        self._cancel_timers()
        if self._layer.client.get(self.key) is self:
            del self._layer.client[self.key]


class NonInviteClient(ClientTransaction):
    """§17.1.2."""

    __slots__ = ()

    def receive(self, response: Response) -> None:
        """Provisional responses slow retransmission down; the first final one ends the wait."""
        if self.state not in {"calling", "proceeding"}:
            return
        if response.status < 200:
            if self.state == "calling":
                self.state = "proceeding"
                self._interval = self._layer.settings.t2
            self._on_response(response)
            return
        self.state = "completed"
        self._cancel_timers()
        if self.flow.reliable:
            self.terminate()
        else:
            self._timers.append(self._layer.timers.after(self._layer.settings.t4, self.terminate))
        self._on_response(response)

    def _retransmit(self) -> None:
        if self.state in {"calling", "proceeding"} and self._resend():
            t2 = self._layer.settings.t2
            self._interval = t2 if self.state == "proceeding" else min(2 * self._interval, t2)
            self._timers.append(self._layer.timers.after(self._interval, self._retransmit))

    def _timeout(self) -> None:
        self.fail(408, "Request Timeout")


class InviteClient(ClientTransaction):
    """§17.1.1 and RFC 6026 §7.2. All 2xx go to the dialog, which acknowledges them (§13.2.2.4)."""

    __slots__ = ("_ack",)

    def start(self) -> None:
        """Send the request."""
        self._ack: bytes | None = None
        super().start()

    def receive(self, response: Response) -> None:
        """Provisional, final, or a repeated final response."""
        if response.status < 200:
            if self.state in {"calling", "proceeding"}:
                self._proceed()
                self._on_response(response)
            return
        if response.status < 300:
            if self.state in {"calling", "proceeding"}:
                self.state = "accepted"
                self._cancel_timers()
                self._timers.append(self._layer.timers.after(64 * self._layer.settings.t1, self.terminate))
            if self.state == "accepted":
                self._on_response(response)
            return
        if self.state in {"calling", "proceeding"}:
            self.state = "completed"
            self._cancel_timers()
            self._ack = self._acknowledgement(response).encode()
            self._send_ack()
            if self.flow.reliable:
                self.terminate()
            else:
                self._timers.append(self._layer.timers.after(self._layer.settings.timer_d, self.terminate))
            self._on_response(response)
        elif self.state == "completed":
            self._send_ack()

    def _proceed(self) -> None:
        if self.state == "calling":
            self.state = "proceeding"
            self._cancel_timers()

    def _acknowledgement(self, response: Response) -> Request:
        """The ACK for a refusal (§17.1.1.3)."""
        copied = [f for f in self.request.fields if f[0] in {"From", "Call-ID", "Route", "Max-Forwards"}]
        fields = [self.request.fields[0], ("To", response.get("To") or self.request.get("To") or ""), *copied]
        fields.append(("CSeq", f"{self.request.cseq[0]} ACK"))
        return Request("ACK", self.request.uri, fields)

    def _send_ack(self) -> None:
        if self._ack is not None:
            try:
                self.flow.send(self._ack)
            except TransportError as error:
                _log.info("ACK not sent: %s", error)

    def _retransmit(self) -> None:
        if self.state == "calling" and self._resend():
            self._interval *= 2
            self._timers.append(self._layer.timers.after(self._interval, self._retransmit))

    def _timeout(self) -> None:
        if self.state == "calling":
            self.fail(408, "Request Timeout")
