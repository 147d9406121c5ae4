"""A telephone made of a web page: 20 ms frames of µ-law to and from a WebSocket, RTP on loopback to a media
channel.

The channel takes it for any other far end (RFC 3550): sound both ways, keys as RFC 4733 events in place of
sound. Nothing is decoded here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, cast

from vxmlplat.clock import Clock
from vxmlplat.media import rtp, telephone_event
from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.errors import PacketError
from vxmlplat.media.remote import RemoteMedia

LOOPBACK = "127.0.0.1"
FRAME = 160
"""Bytes of 20 ms of µ-law, and ticks of its clock."""
FRAME_SECONDS = 0.02
MOST_FRAMES = 10
"""Frames in one message of the page; what is beyond is late already, and dropped."""
SOUND, KEYS = 0, 101
KEY_MS, PAUSE_FRAMES = 100, 4
MOST_KEYS = 64


class VoiceBridge(asyncio.DatagramProtocol):
    """One page's telephone. ``heard`` gets each frame that the channel plays.

    Made by :meth:`open`; :meth:`call` connects it to a channel, :meth:`close` ends it.
    """

    def __init__(self, clock: Clock, heard: Callable[[bytes], None]) -> None:
        self._clock = clock
        self._heard = heard
        self._transport: asyncio.DatagramTransport | None = None
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._stamp = secrets.randbits(32)
        self._keys: asyncio.Queue[str] = asyncio.Queue(MOST_KEYS)
        self._presser: asyncio.Task[None] | None = None
        self._pressing = False
        self.frames = 0
        """Frames that the page has sent."""

    @classmethod
    async def open(cls, clock: Clock, heard: Callable[[bytes], None]) -> VoiceBridge:
        """A telephone on a free port of loopback."""
        _, bridge = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(clock, heard), local_addr=(LOOPBACK, 0)
        )
        return bridge

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # asyncio's own is no subclass of it

    def call(self, channel: MediaChannel) -> None:
        """Let the channel and this telephone hear each other."""
        assert self._transport is not None
        port = self._transport.get_extra_info("sockname")[1]
        channel.connect(RemoteMedia(LOOPBACK, port, "PCMU", SOUND, KEYS))
        self._channel = (channel.local_address, channel.local_port)
        self._presser = asyncio.create_task(self._press_keys(), name="keys of a page's telephone")

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """The channel plays something."""
        if addr[1] != self._channel[1]:
            return  # somebody else on this machine
        try:
            packet = rtp.parse(data)
        except PacketError:
            return
        if packet.payload_type == SOUND:
            self._heard(packet.payload)

    def speak(self, sound: bytes) -> None:
        """The page's microphone: one frame, or a few."""
        for start in range(0, min(len(sound), MOST_FRAMES * FRAME), FRAME):
            frame = sound[start : start + FRAME]
            if len(frame) < FRAME:
                return
            self.frames += 1
            if not self._pressing:  # a key takes the place of sound (RFC 4733 §2.5.1.2)
                self._send(frame, SOUND, self._stamp)
                self._stamp = (self._stamp + FRAME) & 0xFFFFFFFF

    def press(self, keys: str) -> None:
        """Press keys, one after the other; more than a caller could mean are dropped."""
        for key in keys:
            if key in telephone_event.KEYS and not self._keys.full():
                self._keys.put_nowait(key)

    async def _press_keys(self) -> None:
        while True:
            key = await self._keys.get()
            self._pressing = True
            start, first = self._stamp, True
            for offset, payload in telephone_event.packets(key, KEY_MS):
                self._send(payload, KEYS, (start + offset) & 0xFFFFFFFF, marker=first)
                first = False
                self._stamp = (self._stamp + FRAME) & 0xFFFFFFFF
                await self._clock.sleep(FRAME_SECONDS)
            self._pressing = False
            await self._clock.sleep(PAUSE_FRAMES * FRAME_SECONDS)

    def _send(self, payload: bytes, kind: int, stamp: int, *, marker: bool = False) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        packet = rtp.RtpPacket(kind, self._sequence, stamp, self._ssrc, payload, marker)
        self._transport.sendto(packet.pack(), self._channel)

    async def close(self) -> None:
        """Hang the telephone up."""
        if self._transport is not None:
            self._transport.close()
        if self._presser is not None:
            self._presser.cancel()
            await asyncio.gather(self._presser, return_exceptions=True)
