"""Offer and answer: golden texts, preferences, hold, SRTP keys, IPv6, bad input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.sip.errors import NotAcceptable, SdpError
from vxmlplat.sip.payload_types import G722, OPUS, PCMA, PCMU, Codec
from vxmlplat.sip.sdp import Capabilities, Crypto, accept, negotiate, offer

OURS = Capabilities("192.0.2.1", 4000, (PCMU, PCMA), session_id=7)
HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"


def test_golden_offer():
    ours = Capabilities("192.0.2.1", 4000, (OPUS, G722, PCMU, Codec("speex", 16000)), session_id=7, version=3)
    assert offer(ours).split("\r\n") == [
        "v=0",
        "o=- 7 3 IN IP4 192.0.2.1",
        "s=-",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=audio 4000 RTP/AVP 111 9 0 96 101 97 98",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:96 speex/16000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=rtpmap:97 telephone-event/48000",
        "a=fmtp:97 0-15",
        "a=rtpmap:98 telephone-event/16000",
        "a=fmtp:98 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "",
    ]


def test_golden_answer_keeps_the_order_of_the_sections_and_refuses_the_rest():
    text, agreed = negotiate(
        HEAD + "m=video 5000 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 18 8 0 96\r\n"
        "a=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\n"
        "m=image 7000 udptl t38\r\n",
        OURS,
    )
    assert text.split("\r\n") == [
        "v=0",
        "o=- 7 1 IN IP4 192.0.2.1",
        "s=-",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=video 0 RTP/AVP 31",
        "m=audio 4000 RTP/AVP 0 96",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:96 telephone-event/8000",
        "a=fmtp:96 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "m=image 0 UDPTL t38",
        "",
    ]
    assert (agreed.remote_address, agreed.remote_port, agreed.remote_rtcp_port) == ("192.0.2.7", 6000, 6001)
    assert (agreed.codec.name, agreed.payload_type, agreed.dtmf_payload_type, agreed.ptime) == (
        "PCMU",
        0,
        96,
        30,
    )


def test_answer_to_our_offer_with_other_numbers():
    ours = Capabilities("192.0.2.1", 4000, (OPUS, PCMA))
    agreed = accept(
        HEAD
        + "m=audio 6000 RTP/AVP 99 100\r\na=rtpmap:99 OPUS/48000/2\r\na=rtpmap:100 telephone-event/8000\r\n",
        ours,
    )
    assert (agreed.payload_type, agreed.receive_payload_type) == (99, 111)
    assert (agreed.dtmf_payload_type, agreed.dtmf_receive_payload_type) == (100, 101)
    assert agreed.dtmf_clock_rate == 8000


@pytest.mark.parametrize(
    ("codecs", "events", "wanted"),
    [
        ("99 100 102", {100: 8000, 102: 48000}, (102, 96, 48000)),
        ("99 100", {100: 8000}, (100, 101, 8000)),
        ("8 100 102", {100: 8000, 102: 48000}, (100, 101, 8000)),
        ("99 100", {100: 16000}, (None, None, None)),
    ],
)
def test_keys_go_by_the_clock_of_the_codec_if_both_know_it(codecs, events, wanted):
    """RFC 4733 §2.4.1, and what peers who know 8000 Hz only are met with."""
    text = HEAD + f"m=audio 6000 RTP/AVP {codecs}\r\na=rtpmap:99 opus/48000/2\r\n"
    text += "".join(f"a=rtpmap:{number} telephone-event/{rate}\r\n" for number, rate in events.items())
    ours = Capabilities("192.0.2.1", 4000, (OPUS, PCMA))
    agreed = accept(text, ours)
    assert (agreed.dtmf_payload_type, agreed.dtmf_receive_payload_type, agreed.dtmf_clock_rate) == wanted
    answer, agreed = negotiate(text, ours)
    number, _, rate = wanted
    assert (agreed.dtmf_payload_type, agreed.dtmf_receive_payload_type) == (number, number)
    assert agreed.dtmf_clock_rate == rate
    assert (f"a=rtpmap:{number} telephone-event/{rate}" in answer) == (number is not None)


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("sendrecv", "sendrecv", "sendrecv"),
        ("sendonly", "sendrecv", "recvonly"),
        ("recvonly", "sendrecv", "sendonly"),
        ("inactive", "sendrecv", "inactive"),
        ("sendrecv", "sendonly", "sendonly"),
        ("sendonly", "sendonly", "inactive"),
        ("sendrecv", "inactive", "inactive"),
    ],
)
def test_direction(theirs, ours, expected):
    capabilities = Capabilities("192.0.2.1", 4000, direction=ours)
    text, agreed = negotiate(HEAD + f"m=audio 6000 RTP/AVP 0\r\na={theirs}\r\n", capabilities)
    assert agreed.direction == expected
    assert text.endswith(f"a={expected}\r\n")
    assert agreed.on_hold == (expected in {"recvonly", "inactive"})


def test_direction_of_the_session_and_the_old_way_to_hold():
    _, agreed = negotiate(HEAD + "a=sendonly\r\nm=audio 6000 RTP/AVP 0\r\n", OURS)
    assert agreed.direction == "recvonly"
    text, agreed = negotiate(
        HEAD.replace("c=IN IP4 192.0.2.7", "c=IN IP4 0.0.0.0") + "m=audio 6000 RTP/AVP 0\r\n", OURS
    )
    assert agreed.direction == "recvonly"
    assert "a=sendrecv" in text


def test_srtp_keys():
    ours = Capabilities("192.0.2.1", 4000, crypto=(Crypto(1, "AES_CM_128_HMAC_SHA1_80", "OURS"),))
    lines = (
        "m=audio 6000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:A\r\n"
        "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:B|2^20|1:4\r\n"
        "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:C UNENCRYPTED_SRTP\r\n"
    )
    text, agreed = negotiate(HEAD + lines, ours)
    assert "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:OURS" in text
    assert agreed.crypto == Crypto(2, "AES_CM_128_HMAC_SHA1_80", "B|2^20|1:4")
    assert agreed.local_crypto == ours.crypto[0]
    with pytest.raises(NotAcceptable):
        negotiate(HEAD + lines, OURS)
    with pytest.raises(NotAcceptable):
        negotiate(HEAD + "m=audio 6000 RTP/AVP 0\r\n", Capabilities("192.0.2.1", 4000, require_crypto=True))
    sent = offer(ours)
    assert "RTP/SAVP" in sent
    assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:OURS" in sent
    agreed = accept(HEAD + "m=audio 6000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:X\r\n", ours)
    assert agreed.crypto == Crypto(1, "AES_CM_128_HMAC_SHA1_80", "X")
    with pytest.raises(NotAcceptable):
        accept(HEAD + "m=audio 6000 RTP/SAVP 0\r\n", ours)


def test_ipv6():
    six = HEAD.replace("IN IP4 192.0.2.7", "IN IP6 2001:db8::7")
    ours = Capabilities("2001:db8::1", 4000)
    text, agreed = negotiate(six + "m=audio 6000 RTP/AVP 0\r\n", ours)
    assert "c=IN IP6 2001:db8::1" in text
    assert agreed.remote_address == "2001:db8::7"
    with pytest.raises(NotAcceptable):
        negotiate(six + "m=audio 6000 RTP/AVP 0\r\n", OURS)


def test_rtcp_attributes():
    ours = Capabilities("192.0.2.1", 4000, rtcp_mux=True, rtcp_port=5001)
    text, agreed = negotiate(
        HEAD + "m=audio 6000 RTP/AVP 0\r\na=rtcp:7000 IN IP4 192.0.2.7\r\na=rtcp-mux\r\n", ours
    )
    assert (agreed.rtcp_mux, agreed.remote_rtcp_port) == (True, 6000)
    assert "a=rtcp-mux" in text
    _, agreed = negotiate(HEAD + "m=audio 6000 RTP/AVP 0\r\na=rtcp:7000\r\n", OURS)
    assert (agreed.rtcp_mux, agreed.remote_rtcp_port) == (False, 7000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "v=1\r\n",
        "v=0\r\ns=-\r\n",
        HEAD + "m=audio 99999 RTP/AVP 0\r\n",
        HEAD + "m=audio\r\n",
        HEAD.replace("IN IP4 192.0.2.7\r\nt", "IN IP4 ::1\r\nt") + "m=audio 1 RTP/AVP 0\r\n",
        HEAD + "m=audio 1 RTP/AVP 0\r\n" * 40,
        HEAD + "garbage\r\n",
        "v=0\r\n" + "a=x\r\n" * 20_000,
    ],
)
def test_broken_descriptions_raise(text):
    with pytest.raises(SdpError):
        negotiate(text, OURS)


@pytest.mark.parametrize(
    "media",
    [
        "",
        "m=audio 0 RTP/AVP 0\r\n",
        "m=audio 6000 RTP/AVP 18\r\n",
        "m=audio 6000 UDP/TLS/RTP/SAVPF 0\r\n",
        "m=image 6000 udptl t38\r\n",
    ],
)
def test_nothing_in_common_is_488(media):
    with pytest.raises(NotAcceptable):
        negotiate(HEAD + media, OURS)


@given(
    st.lists(
        st.sampled_from([PCMU, PCMA, G722, OPUS, Codec("speex", 16000)]), min_size=1, max_size=5, unique=True
    ),
    st.lists(
        st.sampled_from([PCMU, PCMA, G722, OPUS, Codec("speex", 16000)]), min_size=1, max_size=5, unique=True
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"]),
)
def test_both_sides_read_one_agreement(one, two, dtmf_one, dtmf_two, direction):
    caller = Capabilities("192.0.2.1", 4000, tuple(one), dtmf=dtmf_one, direction=direction)
    called = Capabilities("192.0.2.2", 5000, tuple(two), dtmf=dtmf_two)
    common = [c for c in two if c in one]
    if not common:
        with pytest.raises(NotAcceptable):
            negotiate(offer(caller), called)
        return
    answer, theirs = negotiate(offer(caller), called)
    ours = accept(answer, caller)
    assert ours.codec.name == theirs.codec.name == common[0].name
    assert ours.payload_type == theirs.receive_payload_type
    assert theirs.payload_type == ours.receive_payload_type
    assert (ours.remote_port, theirs.remote_port) == (5000, 4000)
    assert (
        (ours.dtmf_payload_type is not None)
        == (dtmf_one and dtmf_two)
        == (theirs.dtmf_payload_type is not None)
    )
    mirrored = {"sendonly": "recvonly", "recvonly": "sendonly"}
    assert theirs.direction == mirrored.get(ours.direction, ours.direction)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    for body in (text, HEAD + text, HEAD + "m=audio " + text, HEAD + "m=audio 6000 RTP/AVP 0\r\na=" + text):
        try:
            negotiate(body, OURS)
        except SdpError:
            pass
