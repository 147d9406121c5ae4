"""A 2xx to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4, §14.2)."""

from __future__ import annotations

from collections.abc import Callable

from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.server_transaction import ServerTransaction
from vxmlplat.sip.settings import Timers as TimerSettings
from vxmlplat.sip.timers import Timer, Timers


class AcceptedInvite:
    """Sends a 2xx at growing intervals, over reliable transports too, since a hop behind may lose it.

    ``on_ack`` gets the first ACK; ``on_silence`` is called after 64*T1 without one.
    """

    def __init__(
        self,
        timers: Timers,
        settings: TimerSettings,
        transaction: ServerTransaction,
        response: Response,
        on_ack: Callable[[Request], None],
        on_silence: Callable[[], None],
    ) -> None:
        self.cseq = transaction.request.cseq[0]
        self.waiting = True
        self._timers = timers
        self._t2 = settings.t2
        self._reply = transaction.reply
        self._data = response.encode()
        self._on_ack = on_ack
        self._on_silence = on_silence
        self._interval = settings.t1
        transaction.respond(response)
        self._again: Timer = timers.after(self._interval, self._repeat)
        self._end: Timer = timers.after(64 * settings.t1, self._give_up)

    def _repeat(self) -> None:
        try:
            self._reply.send(self._data)
        except TransportError:
            pass  # the peer asks again or stays silent; then the end timer decides
        self._interval = min(2 * self._interval, self._t2)
        self._again = self._timers.after(self._interval, self._repeat)

    def _give_up(self) -> None:
        self.stop()
        self._on_silence()

    def acknowledge(self, request: Request) -> None:
        """An ACK with our CSeq came; repeated ones are ignored."""
        if self.waiting:
            self.stop()
            self._on_ack(request)

    def stop(self) -> None:
        """Send no more."""
        self.waiting = False
        self._again.cancel()
        self._end.cancel()
