"""Calls over every wire: IPv6, TLS trunks, WebSocket; who is let in; and peers that break the rules.

After each nothing is left: no port, leg, dialog, task or descriptor.
"""

from __future__ import annotations

import asyncio
import io
import math
import os
import socket
import struct
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from call_control import put_number
from call_documents import LOOP_MENU, VXML, bridge_document, caller, served
from centre import sip_port
from conftest import nothing_left
from peer import Peer, field_of, until
from test_calls_ending import descriptors
from test_calls_peers import certificate, platform_with

from vxmlplat.config import TrunkSettings
from vxmlplat.server.assembly import Assembly
from vxmlplat.sip.access import DefaultPolicy
from vxmlplat.sip.settings import Timers, Trunk

pytestmark = pytest.mark.asyncio(loop_scope="session")
TONES = CALLER, FAR = (400, 700)


@asynccontextmanager
async def as_before(platform: Assembly) -> AsyncIterator[None]:
    """Calls after which the platform holds what it held: ports, legs, dialogs, tasks, descriptors.

    The media process, where the calls' sockets are, must be back to the descriptor; here a few may have been
    opened for good, since connections to web servers and the store are kept for the next call.
    """

    def held() -> tuple[int, int, int]:
        assert platform.plane._process is not None
        media = len(os.listdir(f"/proc/{platform.plane._process.pid}/fd"))
        return media, descriptors(), len(asyncio.all_tasks())

    await nothing_left(platform)
    base = held()
    yield
    await nothing_left(platform)
    slack = (0, 12, 4)
    end = time.monotonic() + 8
    while any(now > was + more for now, was, more in zip(held(), base, slack, strict=True)):
        assert time.monotonic() < end, f"media descriptors, own, tasks: {base} before, {held()} after"
        await asyncio.sleep(0.1)
    counted = platform.user_agent.counters
    assert (counted.legs, counted.dialogs) == (0, 0)


# ---------------------------------------------------------------------- ways in and out


async def test_a_call_over_ipv6(tmp_path: Path) -> None:
    async with (
        platform_with(tmp_path, host="::1") as platform,
        served(platform, "menu", LOOP_MENU) as results,
    ):
        port = sip_port(platform)
        async with (
            as_before(platform),
            Peer(f"sip:menu@[::1]:{port}", ("::1", port), host="::1", user="1") as peer,
        ):
            assert await peer.call() == 200
            assert peer.remote_rtp is not None
            assert peer.remote_rtp[0] == "::1"
            peer.talk()
            await peer.hears_voice()
            await peer.press("2")
            assert await results.next() == "2"
            await peer.hangup()


async def test_a_trunk_over_tls_in_and_out(tmp_path: Path) -> None:
    """Two platforms, each the other's trunk; each shows its certificate."""
    cert, key = certificate(tmp_path)
    tls = {
        "transports": ("udp", "tls"), "tls_port": 0, "certificate": cert, "private_key": key,
        "authorities": cert, "client_certificates": True,
    }  # fmt: skip
    back = TrunkSettings(name="city", addresses=("127.0.0.1",))
    async with platform_with(tmp_path / "in", **tls, trunks=(back,)) as carrier:
        port = next(p for transport, _, p in carrier.user_agent.addresses if transport == "tls")
        trunk = TrunkSettings(name="carrier", host="127.0.0.1", port=port, transport="tls")
        trunks = {"trunks": (trunk,), "outbound_trunk": "carrier"}
        async with (
            platform_with(tmp_path / "out", **tls, **trunks) as city,
            served(carrier, "+493099", LOOP_MENU) as results,
            served(city, "out", bridge_document("tel:+49-30-99")),
            as_before(city),
            caller(city, "out") as peer,
        ):
            assert await peer.call() == 200
            peer.talk()
            await until(lambda: carrier.user_agent.counters.legs)
            (leg,) = carrier.user_agent.table.legs.values()
            assert leg.trunk == "city"
            assert "SIP/2.0/TLS" in dict(leg.headers)["Via"]
            await peer.hears_voice(8)
            await peer.press("2")
            assert await results.next() == "2"
            await peer.hangup()


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    cert, key = certificate(tmp_path / "ours")
    other, _ = certificate(tmp_path / "theirs")
    tls = {"transports": ("udp", "tls"), "tls_port": 0, "certificate": cert, "private_key": key}
    async with platform_with(tmp_path / "in", **tls) as carrier:
        port = next(p for transport, _, p in carrier.user_agent.addresses if transport == "tls")
        trunk = TrunkSettings(name="carrier", host="127.0.0.1", port=port, transport="tls")
        trunks = {"trunks": (trunk,), "outbound_trunk": "carrier"}
        async with (
            platform_with(tmp_path / "out", authorities=other, **trunks) as city,
            served(city, "out", bridge_document("tel:+493099")) as results,
            caller(city, "out") as peer,
        ):
            assert await peer.call() == 200
            assert await results.next() == "network_busy"
            assert carrier.user_agent.counters.calls_in == 0


async def test_strangers_are_refused_and_a_trunk_is_let_in(tmp_path: Path) -> None:
    async with platform_with(tmp_path) as platform, served(platform, "menu", LOOP_MENU) as results:
        agent, port = platform.user_agent, sip_port(platform)
        config = replace(agent.config, trust_loopback=False, trunks=(Trunk("carrier", ("127.0.0.2/32",)),))
        agent.config = config
        agent.policy = DefaultPolicy(config, platform.clock, agent.domain, None)
        target = (f"sip:menu@127.0.0.1:{port}", ("127.0.0.1", port))
        async with as_before(platform), Peer(*target, host="127.0.0.3", user="1") as stranger:
            assert await stranger.call() == 403
        assert agent.counters.refused["policy"] == 1
        assert agent.counters.calls_in == 0
        async with as_before(platform), Peer(*target, host="127.0.0.2", user="1") as known:
            assert await known.call() == 200
            await known.hears_voice()
            await known.press("2")
            assert await results.next() == "2"
            # A trunk may not make us call others at our expense (a telephone may).
            assert (await known.refer("sip:+49900@192.0.2.1")).startswith("SIP/2.0 403")
            assert (await known.refer("tel:+49900")).startswith("SIP/2.0 403")
            async with Peer(user="2", host="127.0.0.2") as other:
                assert (await known.refer(other.uri)).startswith("SIP/2.0 202")
                await other.hears_voice()
                await other.hangup()


class WebPeer(Peer):
    """A browser's telephone: SIP over a WebSocket, audio over UDP."""

    async def connect(self, platform: Assembly) -> None:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(platform.base_uri + "/sip", protocols=("sip",))
        self._reading = asyncio.create_task(self._read())
        self._sip.close()
        self._sip = self  # type: ignore[assignment]  # sends as a datagram transport does

    def sendto(self, data: bytes, addr: object = None) -> None:
        self._sending = asyncio.ensure_future(self._socket.send_str(data.decode()))

    def close(self) -> None:
        self._reading.cancel()

    async def _read(self) -> None:
        async for message in self._socket:
            self._sip_received(message.data.encode(), ("", 0))

    async def leave(self) -> None:
        await self._socket.close()
        await self._session.close()


async def test_a_browser_calls_over_a_websocket_and_presses_keys(tmp_path: Path) -> None:
    async with (
        platform_with(tmp_path, websocket=True) as platform,
        served(platform, "menu", LOOP_MENU) as results,
        as_before(platform),
        WebPeer(f"sip:menu@127.0.0.1:{sip_port(platform)}", transport="WS", user="1") as browser,
    ):
        await browser.connect(platform)
        assert await browser.call() == 200
        browser.talk()
        await browser.hears_voice()
        await browser.press("2")
        assert await results.next() == "2"
        await browser.press("9")
        await browser.got("BYE")
        await browser.leave()


# ---------------------------------------------------------------------- while it rings


async def test_what_the_document_names_is_heard_while_it_rings(shared: Assembly) -> None:
    """``transferaudio`` (VoiceXML 2.0 §2.3.7.2): from the beginning until the far end answers."""
    samples = (int(9000 * math.sin(2 * math.pi * 1300 * n / 8000)) for n in range(16000))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith(".wav"):
            return web.Response(body=file.getvalue(), content_type="audio/x-wav")
        return web.Response(text=bridge_document(far.uri, transferaudio="music.wav"), content_type=VXML)

    async with (
        as_before(shared),
        Peer(answers="ring") as far,
        served(shared, "out", answer) as results,
        caller(shared, "out") as peer,
    ):
        assert await peer.call() == 200
        await far.got("INVITE")
        await peer.hears_only(1300, of=(425, 700, 1300))
        far.pick_up()
        far.talk(FAR)
        await peer.hears_only(FAR, of=(425, 700, 1300))
        await far.hangup()
        assert await results.next() == "far_end_disconnect"


# ---------------------------------------------------------------------- peers that break the rules


async def test_a_caller_who_never_acknowledges(tmp_path: Path) -> None:
    async with platform_with(tmp_path) as platform, served(platform, "menu", LOOP_MENU):
        agent = platform.user_agent
        agent.config = replace(agent.config, timers=Timers(t1=0.05))  # 64 of them: 3.2 s instead of 32
        async with as_before(platform), caller(platform, ignores=("ACK",)) as peer:
            assert await peer.call() == 200
            answers = [text for text in peer.messages if text.startswith("SIP/2.0 200")]
            await peer.got("BYE", 10)
            assert len([text for text in peer.messages if text.startswith("SIP/2.0 200")]) > len(answers)


async def test_somebody_elses_packets_are_not_heard(shared: Assembly) -> None:
    """RTP and keys from an address that is not the peer's change nothing."""
    async with (
        as_before(shared),
        Peer() as far,
        served(shared, "out", bridge_document(far.uri)),
        caller(shared, "out") as peer,
    ):
        assert await peer.call() == 200
        await far.got("ACK")
        peer.talk(CALLER)
        await far.hears_only(CALLER, of=TONES)
        async with Peer(host="127.0.0.3") as stranger:
            stranger.remote_rtp = peer.remote_rtp
            stranger.talk(FAR)
            await asyncio.sleep(0.3)
            await far.hears_only(CALLER, of=TONES)
        await peer.hangup()


async def test_keys_of_a_stranger_choose_nothing(shared: Assembly) -> None:
    async with as_before(shared), served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call() == 200
        peer.talk()
        await peer.hears_voice()
        async with Peer(host="127.0.0.3") as stranger:
            stranger.remote_rtp = peer.remote_rtp
            await stranger.keys("111")
            await asyncio.sleep(0.3)
        await peer.press("2")
        assert await results.next() == "2"
        await peer.hangup()


async def test_noise_on_the_signalling_port_and_a_flood_of_calls(shared: Assembly) -> None:
    """Bytes that are no SIP, half messages and calls to nowhere: the call in progress does not notice."""
    async with as_before(shared), served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call() == 200
        port = sip_port(shared)
        half = b"INVITE sip:menu@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n"
        with socket.socket(type=socket.SOCK_DGRAM) as noise:
            for n in range(300):
                noise.sendto(bytes(range(256))[: n % 256], ("127.0.0.1", port))
                noise.sendto(half, ("127.0.0.1", port))
        callers = [caller(shared, "nowhere") for _ in range(40)]
        for one in callers:
            await one.__aenter__()
        assert set(await asyncio.gather(*(one.call() for one in callers))) == {404}
        for one in callers:
            await one.__aexit__()
        await peer.hears_voice(after=time.monotonic())
        await peer.press("2")
        assert await results.next() == "2"
        await peer.hangup()


async def test_a_bye_and_a_transfer_of_a_stranger_are_refused(shared: Assembly) -> None:
    """Requests with the right Call-ID and the wrong tags are of no dialog (RFC 3261 §12.2.2)."""
    async with as_before(shared), served(shared, "menu", LOOP_MENU), caller(shared) as peer:
        assert await peer.call() == 200
        async with caller(shared) as spoofer:
            spoofer.call_id, spoofer._contact = peer.call_id, peer._contact
            spoofer._remote = field_of(f"To: {peer._remote}", "To").replace(";tag=", ";tag=x")
            assert (await spoofer.request("BYE")).startswith("SIP/2.0 481")
            assert (await spoofer.refer("sip:evil@192.0.2.1")).startswith("SIP/2.0 481")
        await peer.hears_voice()
        await peer.hangup()


async def test_a_document_that_is_nowhere_costs_its_caller_nothing(shared: Assembly) -> None:
    async with as_before(shared), caller(shared, "gone") as peer:
        await put_number(shared, "gone", document="http://127.0.0.1:9/gone.vxml")
        assert await peer.call() == 480
