"""All lines of the platform: how they come to be, and which line a leg belongs to."""

from __future__ import annotations

from collections.abc import Callable

from vxmlplat.calls.errors import CallFailed
from vxmlplat.calls.line import Line, Successor
from vxmlplat.calls.negotiation import facing
from vxmlplat.calls.settings import CallsConfig
from vxmlplat.media.events import MediaEvent
from vxmlplat.media.plane import MediaPlane
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Progress
from vxmlplat.sip.leg import Leg
from vxmlplat.sip.transport import bracketed
from vxmlplat.sip.uri import parse_uri

ROUTE_SECONDS = 10.0
"""How long is believed which of our addresses faces a peer."""
_MOST_FACING = 4096


class Lines:
    """Makes lines over a user agent and a media plane."""

    def __init__(self, agent: UserAgent, plane: MediaPlane, config: CallsConfig) -> None:
        self.agent = agent
        self._plane = plane
        self._config = config
        self._lines: set[Line] = set()
        self._facing: dict[str, tuple[str, float]] = {}

    def of(self, leg: Leg) -> Line | None:
        """The line whose leg this is."""
        return next((line for line in self._lines if line.has_leg and line.leg is leg), None)

    async def inbound(self, leg: Leg) -> Line:
        """A line for a call that came in; nothing is answered yet.

        Raises MediaError when there is no channel for it.
        """
        address = self._config.media_address or self._towards(leg.peer[0])
        channel = await self._plane.open_channel(address, _ignore)
        return self._kept(Line(leg, channel, self._config.codecs, self._config.srtp))

    async def outbound(
        self,
        call: OutboundCall,
        host: str,
        *,
        on_ringing: Callable[[Progress], None] | None = None,
        on_early: Callable[[Line], None] | None = None,
    ) -> Line:
        """Place a call to a host and return when it is answered.

        ``on_early`` is given the line when the far end is heard before the answer. Raises CallFailed, and
        MediaError when there is no channel for it; cancelled, it takes the call back.
        """
        channel = await self._plane.open_channel(await self._audio_address(host), _ignore)
        line = self._kept(Line(None, channel, self._config.codecs, self._config.srtp))
        await line.dial(call, self.agent, on_ringing=on_ringing, on_early=on_early)
        return line

    async def successor(
        self, line: Line, call: OutboundCall, *, on_ringing: Callable[[Progress], None] | None = None
    ) -> Successor:
        """Place a call whose answer takes over the line's audio. Raises as :meth:`outbound` does."""
        successor = Successor(line)
        await successor.dial(call, self.agent, on_ringing=on_ringing)
        return successor

    def _kept(self, line: Line) -> Line:
        self._lines.add(line)
        line.ended.add_done_callback(lambda _: self._lines.discard(line))
        return line

    async def _audio_address(self, host: str) -> str:
        """The local address that faces the host; names are looked up without holding up other calls."""
        if self._config.media_address:
            return self._config.media_address
        try:
            endpoints = await self.agent.network.endpoints(parse_uri(f"sip:{bracketed(host)}"))
        except SipError as error:
            raise CallFailed(503, "unreachable", str(error)) from error
        return self._towards(endpoints[0].host)

    def _towards(self, peer: str) -> str:
        """Our address that faces a peer; a trunk's calls all come from the same few."""
        now = self.agent.clock.now()
        known = self._facing.get(peer)
        if known is None or known[1] <= now:
            if len(self._facing) >= _MOST_FACING:
                self._facing.clear()
            known = self._facing[peer] = facing(peer), now + ROUTE_SECONDS
        return known[0]


def _ignore(event: MediaEvent) -> None:
    """Before a line owns its channel nothing can happen on it."""
