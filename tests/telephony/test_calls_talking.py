"""While a call lasts: hold and resume, other codecs, late offers, keys in every form, recording, SRTP."""

from __future__ import annotations

import asyncio
import base64
import math
import secrets
import time
import wave
from io import BytesIO

import pylibsrtp
import pytest
from aiohttp import web
from call_documents import LOOP_MENU, acd_document, agent_at, caller, record_document, served, vxml
from conftest import nothing_left
from peer import Peer, until
from probe import _CODES, _SIGNED, PCMU_SILENCE

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")
TONES = CALLER, AGENT = (400, 700)


async def test_a_held_caller_hears_nothing_and_his_keys_count_afterwards(shared: Assembly) -> None:
    async with served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call() == 200
        peer.talk()
        await peer.hears_voice()
        answer = await peer.hold()
        assert "a=recvonly" in answer
        await asyncio.sleep(0.1)
        await peer.hears_silence()
        assert "a=sendrecv" in await peer.resume()
        await peer.hears_voice(3)
        await peer.press("2")
        assert await results.next() == "2"
        await peer.hangup()
        await nothing_left(shared)


async def test_an_agent_holds_and_resumes(shared: Assembly) -> None:
    async with (
        Peer() as agent,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")),
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("ACK")
        peer.talk(CALLER)
        agent.talk(AGENT)
        await agent.hears_only(CALLER, of=TONES)
        assert "a=recvonly" in await agent.hold()
        await agent.hears_only(of=TONES)
        assert "a=sendrecv" in await agent.resume()
        await agent.hears_only(CALLER, of=TONES)
        await peer.hears_only(AGENT, of=TONES)
        await peer.hangup()
        await nothing_left(shared)


async def test_a_late_offer_is_answered_with_ours(shared: Assembly) -> None:
    async with served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call(offer=False) == 200
        peer.talk()
        await peer.hears_voice()
        await peer.press("1")
        assert await results.next() == "1"
        await peer.hangup()
        await nothing_left(shared)


async def test_the_codec_changes_in_the_call(shared: Assembly) -> None:
    async with served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call() == 200
        peer.talk()
        await peer.hears_voice()
        answer = await peer.resume(("8 PCMA/8000", "101 telephone-event/8000"))
        assert "m=audio" in answer
        assert "RTP/AVP 8 101" in answer
        changed = time.monotonic()
        await until(lambda: any(p.payload_type == 8 for p in peer.packets if p.at > changed))
        await peer.press("2")
        assert await results.next() == "2"
        refused = await peer.resume(("18 G729/8000",))
        assert refused.startswith("SIP/2.0 488")
        await peer.press("1")
        assert await results.next() == "1"
        await peer.hangup()
        await nothing_left(shared)


async def test_keys_by_info(shared: Assembly) -> None:
    async with served(shared, "menu", LOOP_MENU) as results, caller(shared) as peer:
        assert await peer.call() == 200
        await peer.hears_voice()
        assert (await peer.info_key("1")).startswith("SIP/2.0 200")
        assert await results.next() == "1"
        await peer.hangup()
        await nothing_left(shared)


async def test_keys_in_the_audio_where_nothing_better_was_agreed(shared: Assembly) -> None:
    async with (
        served(shared, "menu", LOOP_MENU) as results,
        caller(shared, formats=("0 PCMU/8000",)) as peer,
    ):
        assert await peer.call() == 200
        await peer.hears_voice()
        for n in range(6):  # the 2: 697 Hz and 1336 Hz, for 120 ms
            peer._rtp_packet(0, both(697, 1336, n))
            peer._clock += 160
            await asyncio.sleep(0.02)
        peer.talk()
        assert await results.next() == "2"
        await peer.hangup()
        await nothing_left(shared)


def both(low: int, high: int, packet: int) -> bytes:
    """20 ms of two tones at once, in µ-law."""
    out = []
    for n in range(packet * 160, packet * 160 + 160):
        value = sum(6000 * math.sin(2 * math.pi * f * n / 8000) for f in (low, high))
        out.append(min(_CODES, key=lambda b: abs(_SIGNED[b] - value)))
    return bytes(out)


async def test_a_key_silences_the_prompt_and_a_flood_of_keys_harms_nobody(shared: Assembly) -> None:
    async with (
        served(shared, "menu", LOOP_MENU) as results,
        caller(shared) as flooding,
        caller(shared) as other,
    ):
        assert await flooding.call() == 200
        assert await other.call() == 200
        other.talk()
        await other.hears_voice()
        await flooding.hears_voice()
        for n in range(400):
            flooding._clock += 160
            await flooding.info_key("8") if n % 100 == 0 else None
            flooding._rtp_packet(101, bytes([8, 0x8A, 0, 160]), marker=True)
            if n % 20 == 0:
                await asyncio.sleep(0)
        pressed = await other.press("2")
        assert await results.next() == "2"
        assert other.voice_after(pressed) is not None
        assert not flooding.ended.done()
        await flooding.hangup()
        await other.hangup()
        await nothing_left(shared)


async def test_a_prompt_is_silent_after_a_key(shared: Assembly) -> None:
    document = vxml(
        '<form><field name="what"><grammar version="1.0" root="r" mode="dtmf" '
        'xmlns="http://www.w3.org/2001/06/grammar"><rule id="r"><item>1</item><item>2</item></rule></grammar>'
        "<prompt>This is a very long prompt which the caller does not want to hear to its very end.</prompt>"
        "</field></form>"
    )
    async with served(shared, "two", document), caller(shared, "two") as peer:
        assert await peer.call() == 200
        peer.talk()
        await peer.hears_voice()
        await asyncio.sleep(0.3)
        await peer.press("1")
        await asyncio.sleep(0.1)
        await peer.hears_silence(0.6)
        await peer.hangup()
        await nothing_left(shared)


async def test_what_the_caller_says_is_recorded_until_a_key(shared: Assembly) -> None:
    came: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            form = await request.post()
            came.set_result(form["message"].file.read())  # type: ignore[union-attr]
            return web.Response(text=vxml("<form/>"), content_type="application/voicexml+xml")
        submit = '<submit next="kept" method="post" enctype="multipart/form-data" namelist="message"/>'
        return web.Response(text=record_document(submit), content_type="application/voicexml+xml")

    async with served(shared, "record", answer), caller(shared, "record") as peer:
        assert await peer.call() == 200
        peer.talk(CALLER)
        await asyncio.sleep(1.2)
        await peer.press("#")
        with wave.open(BytesIO(await asyncio.wait_for(came, 5))) as file:
            seconds = file.getnframes() / file.getframerate()
            loud = max(file.readframes(file.getnframes()))
        assert 0.7 < seconds < 2.5
        assert loud > 0
        await nothing_left(shared)


@pytest.mark.parametrize(("wanted", "quiet"), [("audio/basic", 0xFF), ("audio/x-alaw-basic", 0xD5)])
async def test_a_recording_has_the_form_that_the_document_wants(
    shared: Assembly, wanted: str, quiet: int
) -> None:
    came: asyncio.Future[tuple[str, bytes]] = asyncio.get_running_loop().create_future()

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            part = (await request.post())["message"]
            came.set_result((part.content_type, part.file.read()))  # type: ignore[union-attr]
            return web.Response(text=vxml("<form/>"), content_type="application/voicexml+xml")
        submit = '<submit next="kept" method="post" enctype="multipart/form-data" namelist="message"/>'
        document = record_document(submit).replace("audio/x-wav", wanted)
        return web.Response(text=document, content_type="application/voicexml+xml")

    async with served(shared, "record", answer), caller(shared, "record") as peer:
        assert await peer.call() == 200
        peer.talk(CALLER)
        await asyncio.sleep(0.8)
        peer.talk()
        await asyncio.sleep(0.4)
        await peer.press("#")
        kind, body = await asyncio.wait_for(came, 5)
        await nothing_left(shared)
    assert kind == wanted
    assert 0.7 < len(body) / 8000 < 2.5, "a byte a sample, and no header"
    assert max(body[-1600:].count(quiet), body[-1600:].count(quiet ^ 0x80)) > 400, "silence in its own law"
    assert list(shared.config.recordings.glob("*")) == []


async def test_encrypted_audio_is_taken_when_it_is_offered(shared: Assembly) -> None:
    key = secrets.token_bytes(30)
    line = f"1 AES_CM_128_HMAC_SHA1_80 inline:{base64.b64encode(key).decode()}"
    async with served(shared, "menu", LOOP_MENU), caller(shared, crypto=(line,)) as peer:
        assert await peer.call() == 200
        answer = next(text for text in peer.messages if text.startswith("SIP/2.0 200"))
        assert "RTP/SAVP 0 101" in answer
        theirs = answer.partition("inline:")[2].split("\r\n")[0]
        session = pylibsrtp.Session(
            pylibsrtp.Policy(
                key=base64.b64decode(theirs),
                ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND,
                srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
            )
        )
        clear: list[bytes] = []
        peer._rtp_received = lambda data, addr: clear.append(session.unprotect(data))  # type: ignore[method-assign]
        peer._rtp.get_protocol().receive = peer._rtp_received  # type: ignore[attr-defined]
        await until(lambda: any(set(packet[12:]) - PCMU_SILENCE for packet in clear))
        await peer.hangup()
        await nothing_left(shared)
