"""What the log may show: the wire, without keys, call data, credentials and SRTP keys."""

from __future__ import annotations

import logging

import pytest

from vxmlplat.sip.trace import masked


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("User-to-User: 48656c6c6f;encoding=hex\r\nTo: x", "48656c"),
        ("USER-TO-USER:4865\r\n 6c6c;encoding=hex\r\n", "6c6c"),
        ("Refer-To: <sip:a@b?User-to-User=4865%3Bencoding%3Dhex&Subject=x>", "4865"),
        ('Authorization: Digest username="a",\r\n response="r3sp"\r\n', "r3sp"),
        ('Proxy-Authorization: Digest response="r3sp"\r\n', "r3sp"),
        ("INFO x\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=7\r\nDuration=100\r\n", "=7"),
        ("INFO x\r\nContent-Type: application/dtmf\r\nContent-Length: 1\r\n\r\n7", "\n7"),
        ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEYKEY|2^20\r\n", "KEYKEY"),
    ],
)
def test_masks(text, secret):
    shown = masked(text.encode())
    assert secret not in shown
    assert "***" in shown


def test_the_rest_is_shown():
    text = "INVITE sip:a@b SIP/2.0\r\nSubject: x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
    assert masked(text.encode()) == text


async def test_nothing_secret_reaches_any_log(world, sdp, caplog):
    async def handler(leg):
        await leg.answer(sdp)

    caplog.set_level(logging.DEBUG)
    await world.agent(handler=handler)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp, extra="User-to-User: 5ec2e7;encoding=hex\r\n"))
    await world.run()
    tag = peer.responses(200)[0].to.tag
    peer.send(peer.request("ACK", to_tag=tag))
    peer.send(peer.request("INFO", 2, to_tag=tag, kind="application/dtmf-relay", body="Signal=9\r\n"))
    await world.run()
    assert "INFO sip:" in caplog.text
    assert "5ec2e7" not in caplog.text
    assert "Signal=9" not in caplog.text
