"""What a line needs of the engine it lives in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vxmlplat.media.config import MediaConfig
from vxmlplat.media.events import MediaEvent

if TYPE_CHECKING:
    from vxmlplat.media.line import Line
    from vxmlplat.media.network import Network


class Host(Protocol):
    """The engine, as far as a line knows it."""

    config: MediaConfig
    network: Network

    def now(self) -> float:
        """Media time in seconds."""
        ...

    def emit(self, event: MediaEvent) -> None:
        """Tell an event."""
        ...

    def sort(self, line: Line) -> None:
        """The line's needs have changed: put it where they are met."""
        ...

    def watch_key(self, line: Line) -> None:
        """A key is down: look after it until it is up."""
        ...

    def take_control(self, line: Line, packet: bytes) -> None:
        """RTCP that came on the line's RTP port."""
        ...
