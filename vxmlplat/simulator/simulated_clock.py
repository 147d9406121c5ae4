"""The clock of a simulated call in real time."""

from __future__ import annotations

from datetime import datetime, timedelta

from vxmlplat.clock import Clock, VirtualClock


class PacedClock(VirtualClock):
    """A virtual clock that goes by itself, as fast as ``source``, whenever it is not held.

    It begins held: what is repeated before the call goes on takes no time.
    """

    def __init__(self, source: Clock, start: datetime | None = None) -> None:
        super().__init__(start)
        self._source = source
        self._beginning = super().wall()
        self._going_since: float | None = None

    def now(self) -> float:
        """Seconds of the call."""
        going = 0.0 if self._going_since is None else self._source.now() - self._going_since
        return self._now + going

    def wall(self) -> datetime:
        """The date and time that the call believes in, UTC."""
        return self._beginning + timedelta(seconds=self.now())

    async def sleep(self, seconds: float) -> None:
        """Sleep in real time."""
        await self._source.sleep(seconds)

    def go(self) -> None:
        """Time passes from now on."""
        if self._going_since is None:
            self._going_since = self._source.now()

    def hold(self) -> None:
        """Time stands still from now on."""
        self._now = self.now()
        self._going_since = None
