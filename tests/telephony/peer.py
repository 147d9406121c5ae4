"""A telephone that does as the test says, and worse: holds, resumes, transfers, changes codecs, sends keys in
other ways, or leaves requests unanswered. Its audio is measured as the probe's is.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from probe import Probe

FORMATS = ("0 PCMU/8000", "101 telephone-event/8000")


@dataclass
class Peer(Probe):
    """Calls ``target`` (:meth:`call`), or is called at :attr:`uri`.

    ``answers``: what a call to it gets: a status, ``auto``, or ``ring`` (until :meth:`pick_up`).
    ``ignores``: requests of the platform that it never answers; ``ACK`` is one that it never sends.
    ``progress``: the provisional responses to its own call.
    ``refer_status``: what it says to a REFER; after 202 it reports ``refer_result``.
    """

    target: str = ""
    user: str = "1001"
    answers: str | int = "auto"
    ignores: tuple[str, ...] = ()
    refer_status: int = 603
    refer_result: int = 200
    formats: tuple[str, ...] = FORMATS
    crypto: tuple[str, ...] = ()
    bye_headers: tuple[str, ...] = ()
    answer_headers: tuple[str, ...] = ()
    transport: str = "UDP"
    received: list[str] = field(default_factory=list)
    progress: list[int] = field(default_factory=list)

    async def __aenter__(self) -> Peer:
        await super().__aenter__()
        self._at = f"[{self.host}]" if ":" in self.host else self.host
        self.uri = f"sip:{self.user}@{self._at}:{self.port}"
        self._local = f"<{self.uri}>;tag={self._tag}"
        self._remote = f"<{self.target}>"
        self._waiting: dict[tuple[int, str], asyncio.Future[str]] = {}
        self._came: dict[str, asyncio.Event] = {}
        self._invite = ""
        self._peer: tuple[str, int] = self.server
        self._version = 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop_talking()
        if self.status == 200 and not self.ended.done() and "BYE" not in self.ignores:
            await self.hangup()
        self._sip.close()
        self._rtp.close()

    # -------------------------------------------------------------- what it says

    def description(self, direction: str = "sendrecv", formats: tuple[str, ...] = ()) -> str:
        formats = formats or self.formats
        numbers = " ".join(one.split()[0] for one in formats)
        profile = "RTP/SAVP" if self.crypto else "RTP/AVP"
        family = "IP6" if ":" in self.host else "IP4"
        lines = [
            "v=0",
            f"o=peer 1 {self._version} IN {family} {self.host}",
            "s=-",
            f"c=IN {family} {self.host}",
            "t=0 0",
            f"m=audio {self.rtp_port} {profile} {numbers}",
            *(f"a=rtpmap:{one}" for one in formats),
            *(f"a=crypto:{one}" for one in self.crypto),
            f"a={direction}",
        ]
        self._version += 1
        return "\r\n".join(lines) + "\r\n"

    def _write(self, method: str, cseq: int, branch: str, body: str = "", more: tuple[str, ...] = ()) -> None:
        lines = [
            f"{method} {self._contact} SIP/2.0",
            f"Via: SIP/2.0/{self.transport} {self._at}:{self.port};branch=z9hG4bK{branch};rport",
            "Max-Forwards: 70",
            f"From: {self._local}",
            f"To: {self._remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <{self.uri}>",
            *more,
        ]
        if body and not any(line.startswith("Content-Type") for line in more):
            lines.append("Content-Type: application/sdp")
        text = "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])
        self._sip.sendto(text.encode(), self._peer)

    async def request(self, method: str, body: str = "", *more: str, seconds: float = 6.0) -> str:
        """Send a request in the call; the final response."""
        self._cseq += 1
        number = self._cseq
        answer = self._waiting[number, method] = asyncio.get_running_loop().create_future()
        self._write(method, number, secrets.token_hex(6), body, more)
        return await asyncio.wait_for(answer, seconds)

    async def call(self, seconds: float = 10.0, *, offer: bool = True) -> int:
        """Place the call; the final status. Without ``offer`` the platform makes it (late offer)."""
        self._contact = self.target
        answer = self._waiting[1, "INVITE"] = asyncio.get_running_loop().create_future()
        self._cseq = 1
        self._late = not offer
        self.invited = time.monotonic()
        self._write("INVITE", 1, self._branch, self.description() if offer else "", self.headers)
        text = await asyncio.wait_for(answer, seconds)
        self.status = int(text.split(" ")[1])
        return self.status

    async def hold(self) -> str:
        return await self.request("INVITE", self.description("sendonly"))

    async def resume(self, formats: tuple[str, ...] = ()) -> str:
        return await self.request("INVITE", self.description(formats=formats))

    async def refer(self, target: str) -> str:
        return await self.request("REFER", "", f"Refer-To: <{target}>", f"Referred-By: <{self.uri}>")

    async def info_key(self, key: str) -> str:
        return await self.request(
            "INFO", f"Signal={key}\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay"
        )

    async def hangup(self) -> None:
        await self.request("BYE", "", *self.bye_headers)
        if not self.ended.done():
            self.ended.set_result("local")

    def cancel(self) -> None:
        """Take the call back that was not answered."""
        self._contact, self._remote = self.target, f"<{self.target}>"
        self._write("CANCEL", 1, self._branch)

    def pick_up(self) -> None:
        """Answer the call that rings."""
        self._take_audio(self._invite)
        self.status = 200
        self._reply(self._invite, 200, self.description(), self.answer_headers)

    # -------------------------------------------------------------- what it hears

    async def got(self, method: str, seconds: float = 8.0) -> str:
        """Wait for a request of this method; the last one."""
        await asyncio.wait_for(self._came.setdefault(method, asyncio.Event()).wait(), seconds)
        return next(text for text in reversed(self.received) if text.startswith(method))

    def _sip_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode("utf-8", "replace")
        self.messages.append(text)
        if text.startswith("SIP/2.0"):
            self._answered(text)
            return
        method = text.split(" ")[0]
        self.received.append(text)
        self._came.setdefault(method, asyncio.Event()).set()
        if method in self.ignores:
            return
        match method:
            case "INVITE" if not tag_of(field_of(text, "To")):
                self._called(text, addr)
            case "CANCEL":
                self._reply(text, 200)
                self._reply(self._invite, 487)
            case "BYE":
                self._reply(text, 200, headers=self.bye_headers)
                if not self.ended.done():
                    self.ended.set_result("remote")
            case "REFER":
                self._reply(text, self.refer_status)
                if self.refer_status == 202:
                    self._reporting = asyncio.ensure_future(self._report(text))
            case "ACK":
                pass
            case _:
                self._reply(text, 200)

    async def _report(self, refer: str) -> None:
        number = field_of(refer, "CSeq").split()[0]
        await self.request(
            "NOTIFY",
            f"SIP/2.0 {self.refer_result} Done\r\n",
            f"Event: refer;id={number}",
            "Subscription-State: terminated;reason=noresource",
            "Content-Type: message/sipfrag",
        )

    def _called(self, text: str, addr: tuple[str, int]) -> None:
        if text.split("Call-ID: ")[-1].split("\r\n")[0] == self.call_id:
            return  # a repetition
        self._invite, self._peer, self.call_id = text, addr, field_of(text, "Call-ID")
        self._local = f"{field_of(text, 'To')};tag={self._tag}"
        self._remote = field_of(text, "From")
        self._contact = field_of(text, "Contact").partition("<")[2].partition(">")[0]
        if isinstance(self.answers, int):
            self._reply(text, self.answers)
            return
        self._reply(text, 180)
        if self.answers == "auto":
            self.pick_up()

    def _answered(self, text: str) -> None:
        status = int(text.split(" ")[1])
        number, method = field_of(text, "CSeq").split()
        if status < 200:
            if status > 100 and method == "INVITE":
                self._progress(text, status, number)
            return
        if method == "INVITE":
            self._remote = field_of(text, "To")
            contact = field_of(text, "Contact").partition("<")[2].partition(">")[0]
            if status < 300:
                self._contact = contact or self._contact
                self._take_audio(text)
                body = self.description() if getattr(self, "_late", False) and number == "1" else ""
                if "ACK" not in self.ignores:
                    self._write("ACK", int(number), secrets.token_hex(6), body)
            else:
                self._write("ACK", int(number), self._branch)
        waiting = self._waiting.pop((int(number), method), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(text)

    def _progress(self, text: str, status: int, number: str) -> None:
        """The platform rings, or is heard before it answers; it is told where it wants to know (RFC 3262)."""
        self.progress.append(status)
        self._remote = field_of(text, "To")
        self._contact = field_of(text, "Contact").partition("<")[2].partition(">")[0]
        self._take_audio(text)
        rseq = field_of(text, "RSeq")
        if rseq and "PRACK" not in self.ignores:
            told = self.request("PRACK", "", f"RAck: {rseq} {number} INVITE")
            self._acknowledging = asyncio.ensure_future(told)

    def _take_audio(self, text: str) -> None:
        address = re.search(r"^c=IN IP[46] (\S+)", text, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
        if address is not None and port is not None:
            self.remote_rtp = (address[1], int(port[1]))

    def _reply(self, request: str, status: int, sdp: str = "", headers: tuple[str, ...] = ()) -> None:
        to = field_of(request, "To")
        lines = [f"SIP/2.0 {status} As Told"]
        lines += [line for line in request.split("\r\n") if re.match(r"(Via|Record-Route):", line)]
        lines += [
            f"From: {field_of(request, 'From')}",
            f"To: {to}" if tag_of(to) else f"To: {to};tag={self._tag}",
            f"Call-ID: {field_of(request, 'Call-ID')}",
            f"CSeq: {field_of(request, 'CSeq')}",
            f"Contact: <{self.uri}>",
            *headers,
        ]
        if sdp:
            lines.append("Content-Type: application/sdp")
        self._sip.sendto("\r\n".join([*lines, f"Content-Length: {len(sdp)}", "", sdp]).encode(), self._peer)

    async def hears_silence(self, seconds: float = 0.5) -> None:
        """Nothing, or nothing but silence, comes for so long."""
        began = time.monotonic()
        await asyncio.sleep(seconds)
        assert self.voice_after(began) is None


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until this is so; a TimeoutError when it never is."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  nobody tells when it comes to be so
            await asyncio.sleep(0.02)


def field_of(text: str, name: str) -> str:
    """A header field of a message."""
    found = re.search(rf"^{name}: (.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def tag_of(address: str) -> str:
    """The tag of a From or To."""
    return address.partition(";tag=")[2]
