"""What the loop touches of a line in every one of its turns, kept together.

By the time a line's turn comes round, 20 ms later, the processor's caches have been used by everybody else:
what a turn costs is to a good part how many places in memory it has to fetch. So these fields are one small
object, and everything that is asked for less often lies elsewhere on the line.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from vxmlplat.media.rtp import USUAL

if TYPE_CHECKING:
    from vxmlplat.media.jitter import JitterBuffer
    from vxmlplat.media.line import Line


class Stream:
    """Both ways of a line's RTP, as far as nothing out of the ordinary happens; the loop reads and moves the
    fields itself (:mod:`.engine`, :mod:`.worked`).

    Sent: ``data`` from ``at`` to ``end`` is the audio that is running (:mod:`.player`); ``kind`` the header's
    first two bytes as a number; ``sequence`` and ``stamp`` count on without wrapping.

    Received: ``usual`` is the ``kind`` of an ordinary packet, -1 when none is ordinary; ``expected`` the next
    sequence number, ``far_ssrc`` the source, ``received`` how many packets there were (:mod:`.reception`);
    ``jitter`` is there when somebody wants the audio. ``missed`` counts turns without a packet, and while
    ``watchful`` is not 0 a turn reads until nothing is left.
    """

    __slots__ = (
        "at",
        "data",
        "end",
        "expected",
        "far_ssrc",
        "jitter",
        "kind",
        "line",
        "missed",
        "receive",
        "received",
        "send",
        "sequence",
        "ssrc",
        "stamp",
        "usual",
        "watchful",
    )

    def __init__(self, line: Line) -> None:
        self.line = line
        self.receive: Callable[[bytearray], int] = hear_nothing
        self.send: Callable[[bytes], int] = discard
        self.data, self.at, self.end = b"", 0, 0
        self.kind = USUAL
        self.sequence = secrets.randbits(15)
        self.stamp = secrets.randbits(31)
        self.ssrc = secrets.randbits(32)
        self.usual = self.expected = self.far_ssrc = -1
        self.received = self.missed = self.watchful = 0
        self.jitter: JitterBuffer | None = None

    def next_frame(self) -> bytes:
        """The next 20 ms of what plays."""
        at = self.at
        if at + 160 <= self.end:
            self.at = at + 160
            return self.data[at : at + 160]
        return self.line.player.next_frame()

    def close(self) -> None:
        """The line is over: nothing is sent or heard any more."""
        self.send, self.receive = discard, hear_nothing
        del self.line


def hear_nothing(buffer: bytearray) -> int:
    """Where packets come from while nobody has been agreed on."""
    raise BlockingIOError


def discard(packet: bytes) -> int:
    """Where packets go while there is nobody to send to."""
    return len(packet)
