"""Telephones, trunks and providers as an operator connects them."""

from __future__ import annotations

import asyncio
import hashlib
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from baresip import Baresip
from call_documents import LOOP_MENU, acd_document, agent_at, bridge_document, caller, served
from centre import settings, sip_port
from conftest import nothing_left
from linphone import Linphone
from peer import Peer, field_of, until
from ports import free_port

from vxmlplat.clock import SystemClock
from vxmlplat.config import TrunkSettings
from vxmlplat.server.assembly import ROOT, Assembly
from vxmlplat.sip.agent import UserAgent
from vxmlplat.sip.digest import Secret
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.settings import Listen, UserAgentConfig
from vxmlplat.store.agents import Agent

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def platform_with(folder: Path, **sip: Any) -> AsyncIterator[Assembly]:
    """A platform whose SIP settings are these; nothing may be left of its calls."""
    base = settings(folder / "var")
    media = sip.pop("media", {})
    changed = base.model_copy(
        update={"sip": base.sip.model_copy(update=sip), "media": base.media.model_copy(update=media)}
    )
    async with Assembly(changed) as platform:
        yield platform
        await nothing_left(platform)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
         "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key),
         "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.mark.needs("baresip")
async def test_a_registered_telephone_is_rung_and_transfers_the_caller(
    shared: Assembly, tmp_path: Path
) -> None:
    port, domain = sip_port(shared), shared.registrar.domain
    ha1 = hashlib.md5(f"1001:{domain}:secret".encode()).hexdigest()
    account = f"<sip:1001@{domain}:{port}>;auth_user=1001;auth_pass=secret;regint=120"
    async with (
        agent_at(shared, ""),
        served(shared, "queue", acd_document("help")) as results,
        caller(shared, "queue") as peer,
        Peer(user="1002") as other,
    ):
        await shared.store.agents.put(Agent(id="1001", name="One", ha1=ha1), {"help": 1})
        await shared._reload()
        async with Baresip(tmp_path / "agent", answer="auto", account=account) as agent:
            await until(lambda: shared.registrar.contacts("1001"), 10)
            await shared.acd.set_state("1001", shared.acd.agent("1001").state.READY)
            assert await peer.call() == 200
            await agent.saw("Call established")
            peer.talk(400)
            await peer.hears_voice(5)
            await agent.command("hold")
            await asyncio.sleep(0.5)
            await agent.command("resume")
            await peer.hears_voice(5, after=asyncio.get_running_loop().time())
            await agent.command("transfer", other.uri)
            await other.got("ACK", 10)
            other.talk(700)
            await peer.hears_only(700, of=(400, 700))
            await other.hangup()
            assert await results.next() == "far_end_disconnect"
    await nothing_left(shared)


@pytest.mark.needs("baresip")
async def test_a_telephone_calls_over_tls_with_encrypted_audio(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    tls = {"transports": ("udp", "tls"), "tls_port": 0, "certificate": cert, "private_key": key}
    async with platform_with(tmp_path, **tls, media={"srtp": "require"}) as platform:
        port = next(p for transport, _, p in platform.user_agent.addresses if transport == "tls")
        uri = f"sip:menu@127.0.0.1:{port}"  # the account adds the transport
        account = f"<sip:1001@127.0.0.1:{port};transport=tls>;regint=0;mediaenc=srtp"
        both = tmp_path / "both.pem"
        both.write_text(cert.read_text() + key.read_text())
        more = f"module srtp.so\nsip_certificate {both}\nsip_cafile {cert}\n"
        async with (
            served(platform, "menu", LOOP_MENU) as results,
            Baresip(tmp_path / "phone", account=account, more=more) as phone,
            caller(platform) as plain,
        ):
            await phone.dial(uri)
            assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80" in phone.trace.partition("SIP/2.0 200")[2]
            await asyncio.sleep(0.5)
            await phone.press("2")
            assert await results.next() == "2"
            await phone.hangup()
            assert await plain.call() == 488, "srtp: require refuses plain audio"


@pytest.mark.needs("linphonec")
async def test_linphone_calls_presses_keys_is_held_and_transfers(shared: Assembly, tmp_path: Path) -> None:
    async with (
        served(shared, "menu", LOOP_MENU) as results,
        Linphone(tmp_path) as phone,
        Peer(user="1002") as other,
    ):
        await phone.order(f"call sip:menu@127.0.0.1:{sip_port(shared)}", "connected|answered")
        await asyncio.sleep(0.5)
        await phone.order("2")
        assert await results.next() == "2"
        await phone.order("pause")
        await asyncio.sleep(0.5)
        assert shared.user_agent.counters.legs == 1
        await phone.order("resume")
        await asyncio.sleep(0.5)
        await phone.order(f"transfer {other.uri}")
        await other.got("ACK")
        await other.hears_voice()
        await other.press("1")
        assert await results.next() == "1", "the dialog goes on with whom it was handed to"
        await other.hangup()
        await nothing_left(shared)


@pytest.mark.needs("linphonec")
async def test_linphone_asks_somebody_and_hands_the_call_over(shared: Assembly, tmp_path: Path) -> None:
    """An attended transfer by a real telephone: a second call, then REFER with Replaces for the first.

    It names whom it called without the port: they must be at the usual one.
    """
    async with (
        served(shared, "menu", LOOP_MENU) as results,
        Linphone(tmp_path) as phone,
        Peer(user="1002", host="127.0.0.59", sip_port=5060) as other,
    ):
        await phone.order(f"call sip:menu@127.0.0.1:{sip_port(shared)}", "connected|answered")
        await asyncio.sleep(0.5)
        await phone.order("pause")
        await phone.order(f"call {other.uri}", "connected|answered")
        consultation = other.call_id
        await asyncio.sleep(0.5)
        await phone.order("transfer 1 --to-call 2")
        await until(lambda: other.call_id != consultation, 10)
        assert field_of(other._invite, "Replaces").startswith(consultation)
        await other.hears_voice()
        await other.press("2")
        assert await results.next() == "2"
        await other.hangup()
        await nothing_left(shared)


async def test_a_number_goes_over_the_trunk_with_its_caller_id(tmp_path: Path) -> None:
    async with Peer() as carrier:
        trunk = TrunkSettings(name="carrier", host="localhost", port=carrier.port, caller_id="+4930123456")
        sip = {"trunks": (trunk,), "outbound_trunk": "carrier"}
        async with platform_with(tmp_path, **sip) as platform, _calling_out(platform) as peer:
            invite = await carrier.got("INVITE")
            assert invite.startswith(f"INVITE sip:+493099@localhost:{carrier.port} SIP/2.0")
            assert "<sip:+4930123456@" in field_of(invite, "From")
            await carrier.got("ACK")
            peer.talk(400)
            await carrier.hears_only(400, of=(400, 700))


@asynccontextmanager
async def _calling_out(platform: Assembly) -> AsyncIterator[Peer]:
    """A caller whom the platform connects with a number."""
    async with served(platform, "out", bridge_document("tel:+49-30-99")), caller(platform, "out") as peer:
        assert await peer.call() == 200
        yield peer


async def test_the_platform_registers_at_a_provider_and_leaves_it(tmp_path: Path) -> None:
    clock = SystemClock()
    registrar = Registrar("127.0.0.1", {"4930": Secret("geheim")}.get, clock)
    provider = UserAgent(UserAgentConfig(listen=(Listen("udp", "127.0.0.1", 0),)), clock, registrar=registrar)
    await provider.start()
    try:
        port = provider.addresses[0][2]
        account = {"user": "4930", "password": "geheim", "register": True}
        trunk = TrunkSettings(name="provider", host="127.0.0.1", port=port, **account)  # type: ignore[arg-type]
        async with platform_with(tmp_path, trunks=(trunk,)) as platform:
            await until(lambda: platform.registrations["provider"].state == "registered")
            assert registrar.contacts("4930")[0].uri.startswith("sip:4930@127.0.0.1:")
            assert (await platform.services.health["registration at provider"]()).state == "ok"
        assert registrar.contacts("4930") == []
    finally:
        await provider.stop()


async def test_a_browser_speaks_sip_over_a_websocket(tmp_path: Path) -> None:
    async with (
        platform_with(tmp_path, websocket=True) as platform,
        aiohttp.ClientSession() as session,
        session.ws_connect(platform.base_uri + "/sip", protocols=("sip",)) as socket,
    ):
        assert socket.protocol == "sip"
        await socket.send_str(
            "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bK1\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:a@x.invalid>;tag=1\r\nTo: <sip:127.0.0.1>\r\n"
            "Call-ID: 1@x.invalid\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        answer = await asyncio.wait_for(socket.receive_str(), 5)
        assert answer.startswith("SIP/2.0 200")


async def test_wideband_codecs_by_setting(tmp_path: Path) -> None:
    async with (
        platform_with(tmp_path, media={"codecs": ("opus", "G722", "PCMU")}) as platform,
        served(platform, "menu", LOOP_MENU) as results,
    ):
        for number, codec in ((9, "G722/8000"), (107, "opus/48000/2")):
            formats = ("0 PCMU/8000", f"{number} {codec}", "101 telephone-event/8000")
            async with caller(platform, formats=formats) as peer:
                assert await peer.call() == 200
                await until(partial(_speaks, peer, number))
                await peer.press("2")
                assert await results.next() == "2"


async def test_keys_come_by_the_clock_of_the_audio_and_with_the_offers_numbers(tmp_path: Path) -> None:
    """Both sides number opus and its telephone-event otherwise: each sends with the numbers of the other."""
    opus, events = "107 opus/48000/2", "110 telephone-event/48000"
    async with (
        platform_with(tmp_path, media={"codecs": ("opus", "PCMU")}) as platform,
        served(platform, "menu", LOOP_MENU) as results,
    ):
        async with caller(platform, formats=(opus, events), event_type=110, event_rate=48000) as peer:
            assert await peer.call() == 200
            assert "a=rtpmap:110 telephone-event/48000" in peer.messages[-1]
            await until(partial(_speaks, peer, 107))
            await peer.press("2", 200)
            assert await results.next() == "2"
        async with caller(platform, formats=(opus, events), event_rate=48000) as peer:
            assert await peer.call(offer=False) == 200
            offered = next(text for text in peer.messages if text.startswith("SIP/2.0 200"))
            found = re.search(r"a=rtpmap:(\d+) telephone-event/48000", offered)
            assert found is not None
            peer.event_type = int(found[1])
            assert peer.event_type != 110
            await until(partial(_speaks, peer, 107))
            await peer.press("1", 200)
            assert await results.next() == "1"


def _speaks(peer: Peer, payload_type: int) -> bool:
    return any(p.payload_type == payload_type and len(p.payload) > 3 for p in peer.packets)


async def test_every_surplus_call_is_refused_and_no_admitted_one_is_harmed(shared: Assembly) -> None:
    ports, shared.admission.ports = shared.admission.ports, 3
    try:
        async with served(shared, "menu", LOOP_MENU):
            peers = [caller(shared) for _ in range(12)]
            for peer in peers:
                await peer.__aenter__()
            statuses = await asyncio.gather(*(peer.call() for peer in peers))
            assert sorted(statuses) == [200] * 3 + [503] * 9
            for peer in peers:
                if peer.status == 200:
                    await peer.hears_voice()
                else:
                    assert "Retry-After: 5" in peer.messages[-1]
                await peer.__aexit__()
            await nothing_left(shared)
    finally:
        shared.admission.ports = ports


async def test_an_overloaded_platform_takes_no_call_until_it_has_caught_up(shared: Assembly) -> None:
    async with served(shared, "menu", LOOP_MENU), caller(shared) as before:
        assert await before.call() == 200
        shared.admission.turn = 2.0
        statuses = []
        while not statuses or statuses[-1] == 503:
            async with caller(shared) as peer:
                statuses.append(await peer.call())
                refused = peer.messages[-1]
                assert statuses[-1] == 200 or "Retry-After: 5" in refused
        assert statuses.count(503) >= 4, "each call that comes shows how busy it is"
        await before.hears_voice()
        await before.hangup()
    await nothing_left(shared)


async def test_sigterm_lets_the_call_in_progress_end(tmp_path: Path) -> None:
    base = settings(tmp_path / "var")
    config = tmp_path / "vxmlplat.yaml"
    port = free_port()
    config.write_text(
        yaml.safe_dump(
            {
                "web": {"port": 0},
                "sip": {"port": port},
                "media": {"first_port": base.media.first_port, "last_port": base.media.last_port},
                "store": {"folder": str(tmp_path / "var")},
                "speech": {"engines": ["espeak"]},
            }
        )
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vxmlplat", "serve", "--config", str(config), "--samples",
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(90):
            while line := await process.stdout.readline():
                if b"dial" in line:
                    break
        assert line, "the platform ended by itself"
        server = ("127.0.0.1", port)
        async with (
            Peer(f"sip:12319@127.0.0.1:{port}", server) as peer,
            Peer(f"sip:12319@127.0.0.1:{port}", server) as late,
        ):
            assert await peer.call() == 200
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            assert await late.call() == 503
            await peer.hears_voice()
            await peer.hangup()
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
