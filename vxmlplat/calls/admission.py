"""Who is let in: port licences, how many calls may be up at once, and how busy the platform may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: seconds that a turn of the event loop may take on average before new calls are refused: a caller would
#: hear each answer so much later
LONGEST_TURN = 0.5
#: share of its time for which the media process may work before new calls are refused: beyond, all callers'
#: audio would come late
MOST_BUSY = 0.9
#: how much of the average the latest turn is
_WEIGHT = 0.2


@dataclass(slots=True)
class AdmissionCounts:
    """What admission has seen since the start; ``peak`` is the most ports in use at once.

    ``refused`` are all that were turned away, ``overloaded`` those of them whom load kept out.
    """

    admitted: int = 0
    refused: int = 0
    overloaded: int = 0
    peak: int = 0


class Admission:
    """Hands out port licences.

    ``draining`` refuses every new call while those in progress go on; so does an event loop whose turns take
    longer than :data:`LONGEST_TURN`, and a media process that works more than :data:`MOST_BUSY` of its time,
    so that those in progress can go on.
    """

    def __init__(self, ports: int) -> None:
        self.ports = ports
        self.turn = 0.0
        """Seconds that a turn of the event loop takes, a moving average."""
        self.media = 0.0
        """Share of its time for which the media process works, a moving average."""
        self.in_use = 0
        self.draining = False
        self.counts = AdmissionCounts()

    def note_turn(self, seconds: float) -> None:
        """A turn of the event loop, as the latest call that came in met it."""
        self.turn += _WEIGHT * (seconds - self.turn)

    def note_media(self, busy: float) -> None:
        """How busy the media process was at its latest sign of life."""
        self.media += _WEIGHT * (busy - self.media)

    @property
    def overloaded(self) -> bool:
        """Whether the platform is too busy for another call."""
        return self.turn > LONGEST_TURN or self.media > MOST_BUSY

    def take(self) -> Callable[[], None] | None:
        """A licence, as the function that gives it back (once, however often it is called);

        None when there is none.
        """
        if self.draining or self.overloaded or self.in_use >= self.ports:
            self.counts.refused += 1
            self.counts.overloaded += self.overloaded
            return None
        self.in_use += 1
        self.counts.admitted += 1
        self.counts.peak = max(self.counts.peak, self.in_use)
        held = True

        def give_back() -> None:
            nonlocal held
            if held:
                held = False
                self.in_use -= 1

        return give_back
