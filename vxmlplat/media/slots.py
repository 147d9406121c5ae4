"""Which lines are served together: four slots of 5 ms, in each of which some lines have their turn.

Lines fill a slot before the next is opened. To wake up costs the process as much as some ten lines do, so
that a few calls in one slot cost a fourth of what they cost in four; many calls are spread evenly. A line
stays where it is: to move it would move its packets in time.
"""

from __future__ import annotations

from vxmlplat.media.stream import Stream
from vxmlplat.media.worked import WorkedLines

SLOTS = 4
SLOT_SECONDS = 0.005

FULL = 128
"""The load at which a slot leaves further lines to the next one: between one and two of its five
milliseconds, and small enough that what all its lines send at once is no burst for the network.
"""
_WORKED = 2
"""A worked line costs about twice as much as a plain one."""


class Slot:
    """The lines served together: the streams of the plain ones, those of them that nothing comes from, and
    the worked ones. ``plain`` and ``silent`` are replaced, never changed in place.
    """

    def __init__(self) -> None:
        self.plain: list[Stream] = []
        self.silent: list[Stream] = []
        self.worked = WorkedLines()

    def __len__(self) -> int:
        return len(self.plain) + len(self.silent) + len(self.worked)

    @property
    def load(self) -> int:
        """What its lines cost, in plain lines."""
        return len(self.plain) + len(self.silent) + _WORKED * len(self.worked)


class Slots(list[Slot]):
    """The four, by their index."""

    def __init__(self) -> None:
        super().__init__(Slot() for _ in range(SLOTS))

    def with_room(self) -> int:
        """Where a new line or room goes: the first slot that is not full, else the emptiest."""
        loads = [slot.load for slot in self]
        for index, load in enumerate(loads):
            if load < FULL:
                return index
        return loads.index(min(loads))

    def of_both(self, one: int, other: int) -> int:
        """Where two lines are joined that stand in these slots: the first one's, unless it is full and the
        other's is emptier.
        """
        if self[one].load >= FULL and self[other].load < self[one].load:
            return other
        return one

    def empty_from(self, index: int) -> int | None:
        """How many slots without lines come from this one on; None when there is no line at all."""
        for ahead in range(SLOTS):
            if len(self[(index + ahead) % SLOTS]):
                return ahead
        return None
