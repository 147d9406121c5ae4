"""Session timers (RFC 4028): a call whose peer has vanished ends, even when no BYE ever comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.sip.errors import LegStateError, MessageError, RequestFailed
from vxmlplat.sip.grammar import natural, parse_parameters
from vxmlplat.sip.message import Message, Request, Response
from vxmlplat.sip.timers import Timer
from vxmlplat.sip.validity import Refusal

if TYPE_CHECKING:
    from vxmlplat.sip.session import Session


def session_expires(message: Message) -> tuple[int, str | None] | None:
    """Interval in seconds and refresher of a Session-Expires field. Raises MessageError."""
    value = message.get("Session-Expires")
    if value is None:
        return None
    number, semicolon, rest = value.partition(";")
    seconds = natural(number.strip())
    if seconds is None:
        raise MessageError("Malformed Session-Expires")
    refresher = (parse_parameters(semicolon + rest).get("refresher") or "").lower() if semicolon else ""
    return seconds, refresher if refresher in {"uac", "uas"} else None


def minimum(message: Message) -> int:
    """Min-SE in seconds, 90 when there is none (§5)."""
    return max(90, natural((message.get("Min-SE") or "").split(";", 1)[0].strip()) or 0)


class SessionTimer:
    """Negotiates the interval, refreshes when that is our part, ends the call when the peer's refresh does
    not come."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._timer: Timer | None = None
        self._min_se = 90
        self.interval = 0
        self.ours = False

    def check(self, request: Request) -> None:
        """Refuse an interval below our minimum with 422 (§9); a peer without the extension is let be."""
        asked = session_expires(request)
        lowest = self._session.agent.config.timers.min_se
        if asked is not None and asked[0] < lowest and "timer" in request.tokens("Supported"):
            raise Refusal(422, "Session Interval Too Small", [("Min-SE", str(lowest))])

    def request(self) -> list[tuple[str, str]]:
        """What our INVITE or UPDATE asks for."""
        timers = self._session.agent.config.timers
        if not timers.session_expires:
            return []
        wanted = self.interval or max(timers.session_expires, self._min_se)
        refresher = ""
        if self.interval:
            # Within a session the roles stay as they are (§7.4); we are the client of this request.
            refresher = ";refresher=uac" if self.ours else ";refresher=uas"
        fields = [("Session-Expires", f"{max(wanted, self._min_se)}{refresher}")]
        if self._min_se > 90:
            fields.append(("Min-SE", str(self._min_se)))
        return fields

    def raise_minimum(self, response: Response) -> None:
        """A 422 told a higher minimum (§7.4)."""
        self._min_se = max(self._min_se, minimum(response))
        if self.interval:
            self.interval = max(self.interval, self._min_se)

    def answer(self, request: Request) -> list[tuple[str, str]]:
        """What our 2xx says, and the timer it starts (§9)."""
        wanted = self._session.agent.config.timers.session_expires
        asked = session_expires(request)
        able = "timer" in request.tokens("Supported")
        if asked is None and not wanted:
            self.stop()
            return []
        interval, refresher = asked or (max(wanted, minimum(request)), None)
        if wanted and interval > wanted:
            interval = max(wanted, minimum(request))
        if not able:
            refresher = "uas"
        elif refresher is None:
            refresher = "uac"
        self._start(interval, refresher == "uas")
        fields = [("Session-Expires", f"{interval};refresher={refresher}")]
        if refresher == "uac":
            fields.append(("Require", "timer"))
        return fields

    def agreed(self, response: Response) -> None:
        """A 2xx to our INVITE or UPDATE came (§7.2): without the field we refresh alone."""
        try:
            told = session_expires(response)
        except MessageError:
            told = None
        if told is not None:
            self._start(told[0], told[1] != "uas")
        elif self._session.agent.config.timers.session_expires:
            self._start(self.interval or self._session.agent.config.timers.session_expires, True)

    def _start(self, interval: int, ours: bool) -> None:
        self.stop()
        if self._session.state == "ended":
            return
        self.interval = interval = max(interval, 30)
        self.ours = ours
        wait = interval / 2 if ours else interval - min(32, interval / 3)
        self._timer = self._session.agent.timers.after(wait, self._refresh if ours else self._expired)

    def stop(self) -> None:
        """No timer any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self) -> None:
        self._session.lost("session timer expired")

    def _refresh(self) -> None:
        self._timer = self._session.agent.timers.after(
            self.interval / 2 - min(32, self.interval / 3), self._expired
        )
        self._session.spawn(self._send_refresh())

    async def _send_refresh(self) -> None:
        session = self._session
        try:
            if "UPDATE" in session.peer_allows:
                await session.renegotiation.change("UPDATE", None)
            elif session.local_sdp is not None:
                await session.renegotiation.change("INVITE", session.local_sdp)
        except (RequestFailed, LegStateError):
            # Refused: the session goes on until its interval is over (§10). Unanswered: the leg has ended
            # already.
            pass
