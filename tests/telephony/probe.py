"""A measuring telephone: a small SIP and RTP client of its own, independent of the platform's code.

It knows just enough of SIP to place a call (INVITE, ACK, BYE over UDP), keeps every RTP packet with its time
of arrival,
and sends keys as RFC 4733 events. What it hears it judges by energy.
"""

from __future__ import annotations

import asyncio
import math
import re
import secrets
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

PCMU_SILENCE = frozenset({0xFF, 0x7F})
EVENTS = "0123456789*#ABCD"


def mu_law_level(payload: bytes) -> float:
    """Mean absolute amplitude of µ-law samples, 0 to 32124."""
    if not payload:
        return 0.0
    return sum(_MU[b] for b in payload) / len(payload)


def _expand(byte: int) -> int:
    value = ~byte & 0xFF
    magnitude = (((value & 0x0F) << 3) + 0x84) << ((value & 0x70) >> 4)
    return magnitude - 0x84


_MU = [_expand(b) for b in range(256)]
_SIGNED = [-_MU[b] if b & 0x80 == 0 else _MU[b] for b in range(256)]
_CODES = sorted(range(256), key=lambda b: _SIGNED[b])
#: amplitude of the tones that telephones send here
TONE = 4000


def tone(frequency: int) -> bytes:
    """20 ms of a tone in µ-law; of a multiple of 50 Hz, so that packets follow each other without a click."""
    assert frequency % 50 == 0
    wave = (TONE * math.sin(2 * math.pi * frequency * n / 8000) for n in range(160))
    return bytes(min(_CODES, key=lambda b: abs(_SIGNED[b] - sample)) for sample in wave)


@dataclass(slots=True)
class Packet:
    """One RTP packet: when it came (seconds of the monotonic clock) and what was in it."""

    at: float
    sequence: int
    timestamp: int
    payload_type: int
    marker: bool
    payload: bytes

    @property
    def level(self) -> float:
        return mu_law_level(self.payload)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, receive: object) -> None:
        self.receive = receive
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.receive(data, addr)  # type: ignore[operator]


@dataclass
class Probe:
    """One call from the measuring side."""

    target: str
    server: tuple[str, int] = ("127.0.0.1", 5060)
    caller: str = "13800138000"
    headers: tuple[str, ...] = ()
    packets: list[Packet] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    invited: float = 0.0
    answered: float = 0.0
    status: int = 0
    transfers: bool = False
    """Whether it does as a REFER says (it only claims to)."""
    host: str = "127.0.0.1"
    sip_port: int = 0
    """Its own address; port 0 takes a free one."""
    event_type: int = 101
    event_rate: int = 8000
    """How its keys are sent (RFC 4733)."""

    async def __aenter__(self) -> Probe:
        loop = asyncio.get_running_loop()
        self._sip, self._sip_protocol = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._sip_received), local_addr=(self.host, self.sip_port)
        )
        self._rtp, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._rtp_received), local_addr=(self.host, 0)
        )
        self._rtp.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.port = self._sip.get_extra_info("sockname")[1]
        self.rtp_port = self._rtp.get_extra_info("sockname")[1]
        self.call_id = secrets.token_hex(8)
        self._tag, self._branch = secrets.token_hex(4), secrets.token_hex(6)
        self._to = f"<{self.target}>"
        self._cseq = 1
        self._contact = self.target
        self.remote_rtp: tuple[str, int] | None = None
        self._final = loop.create_future()
        self.ended = loop.create_future()
        self._ssrc, self._sequence, self._clock = secrets.randbits(32), 100, 1000
        self._talk: asyncio.Task[None] | None = None
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop_talking()
        if self.status == 200 and not self.ended.done():
            await self.hangup()
        self._sip.close()
        self._rtp.close()

    def _message(self, method: str, *, branch: str, cseq: int, uri: str = "", body: str = "") -> bytes:
        lines = [
            f"{method} {uri or self._contact} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.caller}@127.0.0.1:{self.port}>;tag={self._tag}",
            f"To: {self._to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.caller}@127.0.0.1:{self.port}>",
            *(self.headers if method == "INVITE" else ()),
        ]
        if body:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()

    def _send(self, message: bytes) -> None:
        self._sip.sendto(message, self.server)

    async def call(self, seconds: float = 10.0) -> int:
        """Place the call; the final status. Audio is kept from here on."""
        sdp = (
            f"v=0\r\no=probe 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.rtp_port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
        invite = self._message("INVITE", branch=self._branch, cseq=1, uri=self.target, body=sdp)
        self.invited = time.monotonic()
        self._send(invite)
        self.status = await asyncio.wait_for(self._final, seconds)
        return self.status

    def _sip_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode("utf-8", "replace")
        self.messages.append(text)
        if text.startswith("SIP/2.0"):
            self._response(text)
        elif text.startswith("BYE"):
            self._answer(text, "200 OK")
            if not self.ended.done():
                self.ended.set_result("remote")
        elif text.startswith("REFER"):
            self._answer(text, "202 Accepted" if self.transfers else "405 Method Not Allowed")
            if self.transfers:
                self._cseq += 1
                frag = "SIP/2.0 200 OK"
                notify = self._message("NOTIFY", branch=secrets.token_hex(6), cseq=self._cseq).decode()
                notify = notify.replace(
                    "Content-Length: 0\r\n",
                    "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n"
                    f"Content-Type: message/sipfrag\r\nContent-Length: {len(frag)}\r\n",
                )
                self._send((notify + frag).encode())

    def _answer(self, request: str, status: str) -> None:
        """Answer a request within the call."""
        kept = [
            line
            for line in request.split("\r\n\r\n")[0].split("\r\n")
            if re.match(r"(Via|v|From|f|To|t|Call-ID|i|CSeq):", line, re.IGNORECASE)
        ]
        contact = f"Contact: <sip:{self.caller}@127.0.0.1:{self.port}>"
        lines = [f"SIP/2.0 {status}", *kept, contact, "Content-Length: 0", "", ""]
        self._send("\r\n".join(lines).encode())

    def _response(self, text: str) -> None:
        status = int(text.split(" ", 2)[1])
        method = re.search(r"^CSeq: \d+ (\w+)", text, re.MULTILINE | re.IGNORECASE)
        if method is None or status < 200:
            return
        if method[1] == "BYE" and not self.ended.done():
            self.ended.set_result("local")
        if method[1] != "INVITE":
            return
        to = re.search(r"^To: (.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
        assert to is not None
        self._to = to[1]
        if status < 300:
            contact = re.search(r"^Contact: <([^>]+)>", text, re.MULTILINE | re.IGNORECASE)
            self._contact = contact[1] if contact else self.target
            address = re.search(r"^c=IN IP4 (\S+)", text, re.MULTILINE)
            port = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
            assert address is not None
            assert port is not None
            self.remote_rtp = (address[1], int(port[1]))
            self._send(self._message("ACK", branch=secrets.token_hex(6), cseq=1))
        else:
            self._send(self._message("ACK", branch=self._branch, cseq=1, uri=self.target))
        if not self._final.done():
            self.answered = time.monotonic()
            self._final.set_result(status)

    def _rtp_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = time.monotonic()
        if len(data) >= 12:
            _, kind, sequence, timestamp, _ = struct.unpack("!BBHII", data[:12])
            self.packets.append(Packet(now, sequence, timestamp, kind & 0x7F, bool(kind & 0x80), data[12:]))

    async def hangup(self) -> None:
        self._cseq += 1
        self._send(self._message("BYE", branch=secrets.token_hex(6), cseq=self._cseq))
        await asyncio.wait_for(asyncio.shield(self.ended), 5)

    def cancel(self) -> None:
        """Give up before anybody has answered."""
        message = self._message("CANCEL", branch=self._branch, cseq=1, uri=self.target)
        self._send(message)

    def talk(self, frequency: int = 0) -> None:
        """Send a packet every 20 ms, as a telephone does: silence, or a tone of a multiple of 50 Hz."""
        self.stop_talking()
        self._talk = asyncio.create_task(self._speak(tone(frequency) if frequency else b"\xff" * 160))

    def stop_talking(self) -> None:
        if self._talk is not None:
            self._talk.cancel()
            self._talk = None

    async def _speak(self, frame: bytes) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._rtp_packet(0, frame)
            self._clock += 160
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def say(self, frames: Iterable[bytes]) -> None:
        """Send these 20 ms, one after the other, and silence from then on."""
        self.stop_talking()
        loop = asyncio.get_running_loop()
        due = loop.time()
        for frame in frames:
            self._rtp_packet(0, frame)
            self._clock += 160
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))
        self.talk()

    def _rtp_packet(
        self, payload_type: int, payload: bytes, marker: bool = False, timestamp: int | None = None
    ) -> None:
        assert self.remote_rtp is not None
        stamp = self._clock if timestamp is None else timestamp
        head = struct.pack(
            "!BBHII",
            0x80,
            payload_type | (0x80 if marker else 0),
            self._sequence & 0xFFFF,
            stamp & 0xFFFFFFFF,
            self._ssrc,
        )
        self._sequence += 1
        self._rtp.sendto(head + payload, self.remote_rtp)

    async def press(self, key: str, ms: int = 80) -> float:
        """One key as an RFC 4733 event; the moment at which its first packet left."""
        event, stamp, tick = EVENTS.index(key), self._clock, self.event_rate
        began = time.monotonic()
        for n in range(1, ms // 20 + 1):
            self._event(struct.pack("!BBH", event, 10, n * tick // 50), stamp, marker=n == 1)
            await asyncio.sleep(0.02)
        for _ in range(3):
            self._event(struct.pack("!BBH", event, 0x8A, ms * tick // 1000), stamp)
        self._clock = stamp + ms * tick // 1000
        return began

    def _event(self, payload: bytes, stamp: int, *, marker: bool = False) -> None:
        self._rtp_packet(self.event_type, payload, marker=marker, timestamp=stamp)

    async def keys(self, keys: str, pause: float = 0.15) -> None:
        for key in keys:
            await self.press(key)
            await asyncio.sleep(pause)

    # -------------------------------------------------------------- what was heard

    def voice_after(self, moment: float, level: float = 200.0) -> float | None:
        """When the first packet with voice in it came at or after the moment."""
        return next(
            (p.at for p in self.packets if p.at >= moment and p.payload_type == 0 and p.level > level), None
        )

    async def hears_voice(self, seconds: float = 5.0, after: float | None = None) -> float:
        """Wait for voice; the moment it came."""
        start = time.monotonic() if after is None else after
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.voice_after(start)
            if found is not None:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"no voice within {seconds} s ({len(self.packets)} packets)")

    def tone_level(self, frequency: int, since: float) -> float:
        """How loud a tone was since that moment: the amplitude at its frequency, 0 to 32124."""
        samples = [
            _SIGNED[b] for p in self.packets if p.at >= since and p.payload_type == 0 for b in p.payload
        ]
        turn = 2 * math.pi * frequency / 8000
        real = sum(s * math.cos(turn * n) for n, s in enumerate(samples))
        imaginary = sum(s * math.sin(turn * n) for n, s in enumerate(samples))
        return 2 * math.hypot(real, imaginary) / max(1, len(samples))

    async def hears_only(self, *frequencies: int, of: Iterable[int], seconds: float = 6.0) -> None:
        """Wait until, for 200 ms, exactly these tones are heard of those that somebody may send."""
        wanted, levels = set(frequencies), {}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            since = time.monotonic()
            await asyncio.sleep(0.2)
            levels = {frequency: round(self.tone_level(frequency, since)) for frequency in of}
            if all((levels[frequency] > TONE / 4) == (frequency in wanted) for frequency in levels):
                return
        raise AssertionError(f"wanted to hear {sorted(wanted)}, heard {levels} ({len(self.packets)} packets)")

    def pacing_errors(self) -> list[float]:
        """How far each packet was from its due time, in seconds, against the steadiest fit."""
        voice = [p for p in self.packets if p.payload_type == 0]
        if len(voice) < 2:
            return []
        first = voice[0]
        offsets = [p.at - first.at - ((p.timestamp - first.timestamp) & 0xFFFFFFFF) / 8000 for p in voice]
        middle = sorted(offsets)[len(offsets) // 2]
        return [abs(o - middle) for o in offsets]
