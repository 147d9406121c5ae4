"""Port licences: how many calls may be up at once, and who is turned away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class AdmissionCounts:
    """What admission has seen since the start; ``peak`` is the most ports in use at once."""

    admitted: int = 0
    refused: int = 0
    peak: int = 0


class Admission:
    """Hands out port licences. ``draining`` refuses every new call while those in progress go on."""

    def __init__(self, ports: int) -> None:
        self.ports = ports
        self.in_use = 0
        self.draining = False
        self.counts = AdmissionCounts()

    def take(self) -> Callable[[], None] | None:
        """A licence, as the function that gives it back (once, however often it is called);

        None when there is none.
        """
        if self.draining or self.in_use >= self.ports:
            self.counts.refused += 1
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
