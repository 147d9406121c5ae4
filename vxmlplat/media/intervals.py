"""The time between two slots, which is the helper threads' time.

The loop lets go of the interpreter's lock with every packet that it sends or reads. A thread that computes
takes it there and keeps it for a while, again and again, so that a slot of a millisecond's work takes ten
while recordings are decoded beside it. So helper threads compute in short steps, and only while the loop
sleeps::

    with interval:          # in a helper thread: waits until the loop sleeps for long enough
        data = decode(...)  # a fraction of a millisecond
    write(data)             # what may block is no part of a step
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

_STEP_SECONDS = 0.0005
"""No step begins when less time than this is left before the loop's next slot."""
_HUNGRY_SECONDS = 0.025
_LENT_SECONDS = 0.002
"""A loop that never sleeps lends this much to helpers that have waited for so long."""


class Interval:
    """Whose turn it is: the loop's, which has it from the beginning, or a helper thread's."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._turn = threading.Lock()
        self._turn.acquire()
        self._ends = self._began = 0.0
        self._waiting: set[int] = set()

    def begin(self, seconds: float) -> None:
        """The loop sleeps, for so long if nothing wakes it."""
        self._began = self._clock()
        self._ends = self._began + seconds
        self._turn.release()

    def end(self) -> None:
        """The loop is awake: returns when the step that runs, if one does, is done."""
        self._ends = 0.0
        self._turn.acquire()

    def lend(self, now: float) -> None:
        """The loop goes on without sleep: helpers that have waited for long get a moment."""
        if self._waiting and now - self._began >= _HUNGRY_SECONDS:
            self.begin(_LENT_SECONDS)
            self._sleep(_LENT_SECONDS)
            self.end()

    def __enter__(self) -> None:
        """Begin a step, in a helper thread."""
        thread = threading.get_ident()
        self._waiting.add(thread)
        while True:
            self._turn.acquire()
            left = self._ends - self._clock()
            if left >= _STEP_SECONDS:
                break
            self._turn.release()
            self._sleep(max(left, _STEP_SECONDS / 2))
        self._waiting.discard(thread)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._turn.release()
