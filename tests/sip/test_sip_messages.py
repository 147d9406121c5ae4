"""Reading and writing: addresses, URIs, lists, User-to-User, framing; whatever comes is read or refused with
MessageError."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.sip import uui
from vxmlplat.sip.body import session_description, sipfrag_status
from vxmlplat.sip.description import parse_description
from vxmlplat.sip.errors import MessageError, SdpError
from vxmlplat.sip.grammar import parse_parameters, quote, split_list, unquote
from vxmlplat.sip.keys import read_keys
from vxmlplat.sip.message import Request, Response, canonical, parse, parse_cseq, parse_via
from vxmlplat.sip.stream import Framer
from vxmlplat.sip.uri import NameAddr, embed_headers, parse_name_addr, parse_uri
from vxmlplat.sip.validity import check_form

GOLDEN = (
    b"INVITE sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKp1;rport\r\n"
    b'From: "Anna" <sip:anna@192.0.2.7>;tag=ft\r\nTo: <sip:100@192.0.2.1>\r\nCall-ID: c1\r\n'
    b"CSeq: 1 INVITE\r\n"
    b"Contact: <sip:anna@192.0.2.7:5070>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n"
    b"Content-Length: 5\r\n\r\nv=0\r\n"
)


def test_golden_message_goes_through_unchanged():
    message = parse(GOLDEN)
    assert isinstance(message, Request)
    check_form(message)
    assert message.encode() == GOLDEN
    assert message.body == b"v=0\r\n"


@pytest.mark.parametrize(
    ("text", "name", "uri", "tag"),
    [
        ("<sip:a@b>;tag=x", None, "sip:a@b", "x"),
        ("sip:a@b;tag=x", None, "sip:a@b", "x"),
        ('"A, <B>; \\"C\\"" <sip:a@b;p=1>;tag=x', 'A, <B>; "C"', "sip:a@b;p=1", "x"),
        ("A B<tel:+1>", "A B", "tel:+1", None),
        ("sip:a@b ; tag = x", None, "sip:a@b", "x"),
    ],
)
def test_addresses(text, name, uri, tag):
    address = parse_name_addr(text)
    assert (address.name, address.uri, address.tag) == (name, uri, tag)
    again = parse_name_addr(str(address))
    assert again == address


@pytest.mark.parametrize(
    "text", ["", "<>", "a", '"x <sip:a@b>', "<sip:a@b", "sip:a@b?x=y", "<sip:a b>", "A,B <sip:a@b>"]
)
def test_broken_addresses(text):
    with pytest.raises(MessageError):
        parse_name_addr(text)


def test_uri_parts():
    uri = parse_uri("SIPS:al%20ice;day=tuesday:pw@Example.COM:5071;transport=TCP;lr?Subject=a%20b&x=")
    assert (uri.scheme, uri.host, uri.port, uri.number) == ("sips", "example.com", 5071, "al ice")
    assert uri.parameter("transport") == "TCP"
    assert uri.parameter("lr") == ""
    assert uri.parameter("none") is None
    assert uri.decoded_headers() == [("Subject", "a b"), ("x", "")]
    assert parse_uri(str(uri)) == uri
    assert parse_uri("sip:[2001:db8::1]:5060").address == "2001:db8::1"
    assert parse_uri("sip:%61lice@b").record == parse_uri("sip:alice@B").record


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("tel:1", 416),
        ("sip:", 400),
        ("sip:a@", 400),
        ("sip:a@b:99999", 400),
        ("<sip:a@b>", 400),
        ("sip:a@b c", 400),
    ],
)
def test_broken_uris(text, status):
    with pytest.raises(MessageError) as error:
        parse_uri(text)
    assert error.value.status == status


def test_embedded_headers_are_escaped():
    uri = embed_headers("sip:a@b", [("Replaces", "c;to-tag=1;from-tag=2"), ("X", "é&=")])
    assert parse_uri(uri).decoded_headers() == [("Replaces", "c;to-tag=1;from-tag=2"), ("X", "é&=")]


def test_lists():
    assert split_list('<sip:a,b@c>, "x, y" <sip:d@e> , ,sip:f@g') == [
        "<sip:a,b@c>",
        '"x, y" <sip:d@e>',
        "sip:f@g",
    ]
    assert split_list("") == []


@given(st.text(max_size=80))
def test_quoting_is_undone(text):
    assert unquote(quote(text)) == text.replace("\r", " ").replace("\n", " ")


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_display_name_survives(name):
    assert parse_name_addr(str(NameAddr("sip:a@b", name, (("tag", "t"),)))).name == name


def test_field_names():
    assert [canonical(n) for n in ("v", "CALL-ID", "www-authenticate", "x-foo-bar", "user-to-user")] == [
        "Via",
        "Call-ID",
        "WWW-Authenticate",
        "X-Foo-Bar",
        "User-to-User",
    ]


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ("48656c6c6f;encoding=hex", b"Hello"),
        ("48656C6C6F;Encoding=HEX;purpose=isdn-uui;content=isdn-uui", b"Hello"),
        ("48656c6c6f", b"Hello"),
        ('"call-id=7; x";encoding=text', b"call-id=7; x"),
        ('"48656c6c6f";encoding=hex', b"Hello"),
        ("ticket%3D12", b"ticket=12"),
        ("plain_text", b"plain_text"),
        ("aGVsbG8=;encoding=base64", b"hello"),
        ("4865x;encoding=hex", None),
        ("!!!;encoding=base64", None),
        ("", None),
        (";encoding=hex", None),
        ('"open', None),
    ],
)
def test_user_to_user_forms(value, data):
    assert uui.decode(value) == data


@given(st.binary(min_size=1, max_size=5000))
def test_user_to_user_round_trip(data):
    assert uui.decode(uui.encode(data)) == data


def test_multipart_body_gives_the_description():
    body = (
        b"--x\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n--x\r\n"
        b"Content-Type: application/sdp;a=b\r\n\r\nv=0\r\n\r\n--x--\r\n"
    )
    message = Request("INVITE", "sip:a@b", [("Content-Type", 'multipart/mixed; boundary="x"')], body)
    assert session_description(message) == "v=0\r\n"
    with pytest.raises(MessageError):
        session_description(Request("INVITE", "sip:a@b", [("Content-Type", "multipart/mixed")], body))


def test_sipfrag():
    assert sipfrag_status(b"SIP/2.0 180 Ringing\r\n") == (180, "Ringing")
    assert sipfrag_status(b"SIP/2.0 200") == (200, "")
    assert sipfrag_status(b"hello") is None


@given(
    st.lists(st.sampled_from([GOLDEN, b"\r\n\r\n", b"\r\n"]), max_size=6),
    st.lists(st.integers(1, 200), max_size=30),
)
def test_stream_is_cut_wherever_it_breaks(parts, cuts):
    stream = b"".join(parts)
    framer = Framer(65_535)
    found = []
    at = 0
    for cut in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + cut])
        at += cut
    found += framer.feed(stream[at:])
    assert found == [GOLDEN] * parts.count(GOLDEN)


@pytest.mark.parametrize(
    "data",
    [
        b"INVITE sip:a SIP/2.0\r\nVia: x\r\n\r\n",
        b"X" * 40_000,
        b"INVITE sip:a SIP/2.0\r\nContent-Length: 999999\r\n\r\n",
        b"INVITE sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_stream_that_cannot_be_cut(data):
    with pytest.raises(MessageError):
        Framer(65_535).feed(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    for text in (
        data,
        b"INVITE sip:a@b SIP/2.0\r\n" + data,
        b"SIP/2.0 200 OK\r\n" + data,
        GOLDEN[:200] + data,
    ):
        try:
            message = parse(text)
            if isinstance(message, Request):
                check_form(message)
            else:
                assert isinstance(message, Response)
                _ = message.via, message.cseq, message.sdp
        except MessageError:
            pass


def test_too_many_fields():
    with pytest.raises(MessageError):
        parse(b"INVITE sip:a@b SIP/2.0\r\n" + b"X: y\r\n" * 300 + b"\r\n")


@pytest.mark.parametrize(
    "value",
    [
        " " * 60_000 + "x",
        "a " * 30_000 + "\x01",
        "a" * 60_000 + '"',
        "<" * 60_000,
        '"' * 59_999,
        "\\" * 60_000,
        ";" * 60_000,
        "a" + " " * 60_000 + "b",
        '"' + "\\" * 59_999,
        ";a=" * 20_000 + '"',
        "sip:" + "a" * 60_000 + " ",
        "SIP/2.0/UDP a" + " " * 60_000 + "b",
        "1 " * 30_000,
        "IN IP4 1" + "/1" * 30_000 + "x",
    ],
)
def test_no_pattern_is_led_astray(value):
    """Long runs that patterns with nested or adjacent repetition would spend hours on."""
    for read in (parse_name_addr, parse_uri, parse_via, parse_cseq, uui.decode, split_list, parse_parameters):
        try:
            read(value)
        except MessageError:
            pass
    read_keys("application/dtmf-relay", (value + "\n" * 60_000).encode())
    try:
        parse_description(f"v=0\r\no=x\r\nc={value}\r\nm={value}\r\na=rtpmap:{value}")
    except SdpError:
        pass
    for line in (
        f"{value} SIP/2.0\r\n\r\n",
        f"INVITE {value} SIP/2.0\r\nVia: {value}\r\nTo: {value}\r\n\r\n",
    ):
        try:
            message = parse(line.encode())
            assert isinstance(message, Request)
            check_form(message)
        except MessageError:
            pass
