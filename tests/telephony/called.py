"""A measuring telephone that is called: it rings, answers or refuses as the test says, and listens."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field

from probe import Probe


@dataclass
class Called(Probe):
    """Reached at :attr:`uri`. Each call takes the next of ``answers``, the last for ever: a status, ``auto``
    (answers at once) or ``ring`` (until :meth:`pick_up`).
    """

    target: str = ""
    answers: tuple[str | int, ...] = ("auto",)
    user: str = "1001"
    invites: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Called:
        await super().__aenter__()
        self.uri = f"sip:{self.user}@127.0.0.1:{self.port}"
        self.rung = asyncio.Event()
        self.up = asyncio.Event()
        self.cancelled = asyncio.Event()
        self._invite = ""
        return self

    def _sip_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode("utf-8", "replace")
        method = text.split(" ", 1)[0]
        if method == "INVITE":
            self._invited(text, addr)
        elif method == "CANCEL":
            self._reply(text, 200, "OK", addr)
            self._reply(self._invite, 487, "Request Terminated", addr)
            self.cancelled.set()
        else:
            if method == "ACK" and self.status == 200:
                self.up.set()
            super()._sip_received(data, addr)

    def _invited(self, text: str, addr: tuple[str, int]) -> None:
        if text.split("\r\nCall-ID: ")[-1].split("\r\n")[0] == self.call_id:
            return  # a retransmission
        self.call_id = _field(text, "Call-ID")
        self.messages.append(text)
        answers = self.answers[min(len(self.invites), len(self.answers) - 1)]
        self.invites.append(text)
        self._invite, self._peer = text, addr
        self._tag = secrets.token_hex(4)
        self.status = 0
        self.ended = asyncio.get_running_loop().create_future()
        self.up.clear()
        if isinstance(answers, int):
            self._reply(text, answers, "Refused", addr)
            return
        self._reply(text, 180, "Ringing", addr)
        self.rung.set()
        if answers == "auto":
            self.pick_up()

    def pick_up(self) -> None:
        """Answer the call that rings; audio flows from here on."""
        text = self._invite
        address = re.search(r"^c=IN IP4 (\S+)", text, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
        assert address is not None
        assert port is not None
        self.remote_rtp = (address[1], int(port[1]))
        sdp = (
            f"v=0\r\no=called 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.rtp_port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
        self.status = 200
        self.server = self._peer
        contact = re.search(r"<([^>]+)>", _field(text, "Contact"))
        self._contact = contact[1] if contact else ""
        self._reply(text, 200, "OK", self._peer, sdp)

    def _reply(self, request: str, status: int, words: str, addr: tuple[str, int], sdp: str = "") -> None:
        to = _field(request, "To")
        lines = [f"SIP/2.0 {status} {words}"]
        lines += [
            line for line in request.split("\r\n") if re.match(r"(Via|v|Record-Route):", line, re.IGNORECASE)
        ]
        lines += [
            f"From: {_field(request, 'From')}",
            f"To: {to}" if ";tag=" in to else f"To: {to};tag={self._tag}",
            f"Call-ID: {_field(request, 'Call-ID')}",
            f"CSeq: {_field(request, 'CSeq')}",
            f"Contact: <{self.uri}>",
        ]
        if sdp:
            lines.append("Content-Type: application/sdp")
        message = "\r\n".join([*lines, f"Content-Length: {len(sdp)}", "", sdp])
        self._sip.sendto(message.encode(), addr)

    async def hangup(self) -> None:
        """Hang up the call that was taken."""
        self._cseq += 1
        lines = [
            f"BYE {self._contact} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(6)};rport",
            "Max-Forwards: 70",
            f"From: {_field(self._invite, 'To')};tag={self._tag}",
            f"To: {_field(self._invite, 'From')}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self._cseq} BYE",
            "Content-Length: 0",
        ]
        self._send("\r\n".join([*lines, "", ""]).encode())
        await asyncio.wait_for(asyncio.shield(self.ended), 5)


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""
