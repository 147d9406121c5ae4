"""Answering challenges as a client (RFC 3261 §22): remembers them, so that later requests are not challenged
first."""

from __future__ import annotations

from vxmlplat.sip.digest import DigestClient
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.settings import Credentials

_FIELDS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class ClientAuthorization:
    """The credentials of one dialog or registration; a proxy and the peer may both ask for them."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._digest = DigestClient(credentials) if credentials is not None else None
        self._challenges: dict[str, list[str]] = {}
        self._last: list[tuple[str, str]] = []

    def challenged(self, request: Request, response: Response) -> bool:
        """Whether sending again makes sense: the challenge can be answered, and was not answered in vain
        before."""
        if self._digest is None or response.status not in _FIELDS:
            return False
        asked, answered = _FIELDS[response.status]
        challenges = response.all(asked)
        stale = any("stale=true" in value.replace(" ", "").lower() for value in challenges)
        if (request.get(answered) is not None and not stale) or not self._digest.can_answer(challenges):
            return False
        self._challenges[answered] = challenges
        return True

    def apply(self, request: Request) -> None:
        """Add what the challenges so far ask for, each time with the next nonce count."""
        if self._digest is None or not self._challenges:
            return
        self._last = []
        for name, challenges in self._challenges.items():
            value = self._digest.answer(challenges, request.method, request.uri, request.body)
            if value is not None:
                request.set(name, value)
                self._last.append((name, value))

    def repeat(self, ack: Request) -> None:
        """An ACK carries what its INVITE carried (§22.1)."""
        ack.fields.extend(self._last)
