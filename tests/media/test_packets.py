"""RTP, RTCP and telephone events: golden captures, their truncated and invalid twins, random bytes."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.media import rtcp, rtp, telephone_event
from vxmlplat.media.errors import PacketError

CAPTURES = Path(__file__).parent / "captures"


def capture(name):
    return (CAPTURES / f"{name}.bin").read_bytes()


def test_a_plain_packet():
    packet = rtp.parse(capture("rtp_pcmu"))
    assert (packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc, packet.marker) == (
        0,
        0x1C6F,
        12000,
        0x5A3E91D4,
        False,
    )
    assert packet.payload == bytes([0xFF] * 158 + [0x7E, 0x55])
    assert packet.pack() == capture("rtp_pcmu")


def test_sources_and_extension_are_skipped_and_the_marker_is_read():
    packet = rtp.parse(capture("rtp_extension"))
    assert (packet.payload_type, packet.marker, packet.payload) == (8, True, b"\xd5" * 4)


def test_padding_is_cut_off():
    assert rtp.parse(capture("rtp_padding")).payload == b"\x01\x02\x03\x04"


def test_a_telephone_event():
    event = telephone_event.parse(capture("event_hash_end"))
    assert event == telephone_event.TelephoneEvent(11, True, 10, 800)
    assert event.pack() == capture("event_hash_end")


def test_a_sender_report():
    (report,) = rtcp.parse(capture("rtcp_sender_report"))
    assert report.ssrc == 0x5A3E91D4
    assert report.sender == rtcp.SenderInfo(0xEA1B2C3D80000000, 12000, 50, 8000)
    assert report.blocks == (rtcp.ReportBlock(0x11223344, 12, -1, 0x11C70, 80, 0x2C3D8000, 0x18000),)
    packed = report.pack()
    assert packed == capture("rtcp_sender_report")[: len(packed)]
    assert rtcp.description(0x5A3E91D4, "test") == capture("rtcp_sender_report")[len(packed) :]


def test_a_goodbye():
    assert rtcp.parse(capture("rtcp_goodbye"))[1] == rtcp.Goodbye((0x11223344,))


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*_*ed.bin")) + sorted(CAPTURES.glob("*_invalid.bin")))
def test_truncated_and_invalid_twins_are_refused(path):
    parse = {"rtp": rtp.parse, "rtcp": rtcp.parse, "event": telephone_event.parse}[path.name.split("_")[0]]
    with pytest.raises(PacketError):
        parse(path.read_bytes())


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.binary(max_size=200))
def test_random_bytes_are_parsed_or_refused(data):
    for parse in (rtp.parse, rtcp.parse, telephone_event.parse):
        try:
            parse(data)
        except PacketError:
            continue


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(
    st.integers(0, 127),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=400),
    st.booleans(),
)
def test_a_packet_survives_the_wire(kind, sequence, timestamp, ssrc, payload, marker):
    packet = rtp.RtpPacket(kind, sequence, timestamp, ssrc, payload, marker)
    assert rtp.parse(packet.pack()) == packet


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.integers(0, 0xFFFFFFFF), st.integers(-(2**30), 2**30))
def test_after_counts_across_the_wrap(start, step):
    assert rtp.after((start + step) & 0xFFFFFFFF, start) == step


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.integers(-(2**23), 2**23 - 1), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_a_report_block_survives_the_wire(lost, fraction, highest):
    block = rtcp.ReportBlock(1, fraction, lost, highest, 5, 6, 7)
    (report,) = rtcp.parse(rtcp.Report(9, None, (block,)).pack())
    assert report.blocks == (block,)


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.text(max_size=300))
def test_a_description_is_whole_words(name):
    packet = rtcp.description(7, name)
    assert len(packet) % 4 == 0
    assert struct.unpack_from("!H", packet, 2)[0] == len(packet) // 4 - 1


def test_round_trip_is_what_neither_side_waited():
    block = rtcp.ReportBlock(1, 0, 0, 0, 0, last_report=100 * 65536, delay=2 * 65536)
    assert rtcp.round_trip(103 * 65536, block) == 1.0
    assert rtcp.round_trip(101 * 65536, block) == 0.0
    assert rtcp.round_trip(5, rtcp.ReportBlock(1, 0, 0, 0, 0, 0, 0)) is None
