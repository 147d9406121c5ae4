"""Who is heard on a line: the far end wherever it is, and nobody else, however many they are."""

import numpy as np
import pytest

from tests.media.playing import MU_SILENCE, loudness, play, press, sine
from vxmlplat.media import (
    Direction,
    KeyPressed,
    KeyReleased,
    MediaTimeout,
    rtcp,
)
from vxmlplat.media.account import statistics
from vxmlplat.media.clips import Tone
from vxmlplat.media.g711 import A_LAW, MU_LAW
from vxmlplat.media.remote import SrtpKeys
from vxmlplat.media.rtp import RtpPacket, is_rtcp, parse
from vxmlplat.media.srtp import SrtpSession
from vxmlplat.media.telephone_event import packets


def test_a_far_end_behind_a_nat_is_found_and_kept(world):
    far = world.telephone()
    real, stranger = ("192.0.2.7", 7000), ("192.0.2.8", 8000)
    nat = world.network.socket(real)
    for n in range(6):
        packet = far.packet(MU_LAW.encode(sine(300, 20)))
        world.network.deliver(packet, real, far.local)
        if n % 2:
            world.network.deliver(RtpPacket(0, n, n, 9, MU_SILENCE).pack(), stranger, far.local)
        far.stamp += 160
        world.run(0.02)
    assert far.line.ports.media.peer == real
    assert len(nat.waiting) > 1
    before = far.line.strangers
    for n in range(10):
        world.network.deliver(RtpPacket(0, 100 + n, n, 9, MU_SILENCE).pack(), stranger, far.local)
        world.network.deliver(far.packet(MU_SILENCE), real, far.local)
        world.run(0.02)
    assert far.line.ports.media.peer == real
    assert far.line.strangers == before + 10
    assert far.line.ports.others.peer is None


def test_a_stranger_cannot_take_a_stream_that_pauses_but_the_stream_itself_may_move(world):
    far = world.telephone()
    far.say(sine(300, 2000))
    stranger, moved = ("192.0.2.8", 8000), ("192.0.2.9", 9000)
    world.run(3.0)
    for n in range(20):
        world.network.deliver(RtpPacket(0, n, n * 160, 9, MU_SILENCE).pack(), stranger, far.local)
        world.run(0.02)
    assert far.line.ports.media.peer == far.rtp.address
    for _ in range(5):
        world.network.deliver(far.packet(MU_SILENCE), moved, far.local)
        world.run(0.02)
    assert far.line.ports.media.peer == moved


def test_a_flood_from_strangers_is_looked_at_seldom(world):
    far = world.telephone()
    far.say(sine(300, 100))
    for n in range(3000):
        world.network.deliver(
            RtpPacket(0, n & 0xFFFF, n, 9, MU_SILENCE).pack(), ("192.0.2.8", 8000), far.local
        )
    world.run(2.0)
    assert 8 <= far.line.strangers <= 8 * 3
    far.say(sine(300, 100))
    assert statistics(far.line).received == 10


def test_keys_sent_beside_the_audio_are_told_in_their_turn(world):
    far = world.telephone()
    far.say(sine(300, 100))
    for key in "123":
        start, parts = far.stamp, list(packets(key, 80))
        for n in range(20):  # the audio goes on; the end of a key comes three times at once
            far.send(far.packet(MU_SILENCE))
            far.stamp += 160
            for offset, payload in parts[n : n + 1] if n < 4 else parts[4:] if n == 4 else ():
                far.send(far.packet(payload, 101, marker=n == 0, stamp=start + offset))
            world.run(0.02)
            if n == 1:
                assert world.told(KeyPressed)[-1].key == key
            if n == 5:
                assert world.told(KeyReleased)[-1].key == key


def test_what_came_while_the_machine_was_away_waits_no_longer(world):
    far = world.telephone()
    far.say(sine(300, 100))
    for _ in range(30):
        far.send(far.packet(MU_SILENCE))
        far.stamp += 160
    (_, payload), *_ = packets("1", 80)
    far.send(far.packet(payload, 101, marker=True, stamp=far.stamp))
    world.engine.skip(0.6)
    for _ in range(5):
        far.send(far.packet(MU_SILENCE))
        far.stamp += 160
        world.run(0.02)
    assert [event.key for event in world.told(KeyPressed)] == ["1"]


def test_hold_stops_the_sending_and_leaves_no_gap(world):
    far = world.telephone()
    world.run(0.1)
    last = far.listen()[-1]
    far.connect(direction=Direction.INACTIVE)
    world.run(0.5)
    assert far.listen() == []
    far.connect(direction=Direction.SENDRECV)
    world.run(0.1)
    first = far.listen()[0]
    assert first.sequence == (last.sequence + 1) & 0xFFFF
    assert first.timestamp - last.timestamp >= 25 * 160


def test_silence_for_too_long_is_told_once(world):
    far = world.telephone()
    far.say(sine(300, 100))
    world.run(70)
    (event,) = world.told(MediaTimeout)
    assert 30 <= event.seconds <= 32
    far.say(sine(300, 1500))
    world.run(40)
    assert len(world.told(MediaTimeout)) == 2


def test_rtcp_tells_each_side_of_the_other(world):
    far = world.telephone()
    far.say(sine(300, 12_000))
    reports = [rtcp.parse(data) for data, _ in far.rtcp.waiting]
    assert len(reports) >= 2
    (report,) = [part for part in reports[-1] if isinstance(part, rtcp.Report)]
    assert report.sender is not None
    assert 340 <= report.sender.packets <= 600
    assert report.blocks[0].ssrc == far.ssrc
    assert report.blocks[0].lost == 0
    # the far end answers half a second later, and says how long it took
    world.run(0.5)
    now = rtcp.middle(rtcp.ntp_time(1_800_000_000 + world.time))
    sent = rtcp.middle(report.sender.ntp)
    delay = (now - sent) - int(0.1 * 65536)
    block = rtcp.ReportBlock(far.line.stream.ssrc, 0, 3, 600, 80, sent, delay)
    answer = rtcp.Report(far.ssrc, None, (block,)).pack()
    world.network.deliver(answer, far.rtcp.address, ("10.0.0.1", far.line.ports.port + 1))
    world.run(0.02)
    account = statistics(far.line)
    assert account.round_trip == pytest.approx(0.1, abs=0.03)
    assert (account.remote_lost, account.remote_jitter) == (3, 0.01)


def test_what_is_no_rtp_is_counted_and_dropped(world):
    far = world.telephone()
    for junk in (b"", b"x", bytes(12), b"\x80\x00" + bytes(9), bytes(172), b"\x8f\x00" + bytes(20)):
        far.send(junk)
        world.run(0.02)
    far.send(RtpPacket(96, 1, 1, 1, bytes(160)).pack())
    world.run(0.02)
    assert statistics(far.line).received == 0
    assert statistics(far.line).rejected == 7
    far.say(sine(300, 100))
    assert statistics(far.line).received == 5


def test_srtp_both_ways_and_a_packet_without_it_is_refused(world):
    keys = SrtpKeys("AES_CM_128_HMAC_SHA1_80", "A" * 40, "B" * 40)
    far = world.telephone(srtp=keys)
    theirs = SrtpSession(SrtpKeys(keys.suite, keys.remote_key, keys.local_key))
    play(world, far, [Tone((440.0,), 300)])
    for _ in range(10):
        far.send(theirs.protect(far.packet(MU_SILENCE)))
        far.stamp += 160
        world.run(0.02)
    sealed = [data for data, _ in far.rtp.waiting]
    heard = [parse(theirs.unprotect(data)) for data in sealed]
    assert loudness(MU_LAW.decode(b"".join(packet.payload for packet in heard[2:])), 440) > 2000
    far.send(far.packet(MU_SILENCE))
    world.run(0.02)
    assert (statistics(far.line).received, statistics(far.line).rejected) == (10, 1)


def test_a_fault_in_one_line_leaves_the_others_served(world, caplog):
    far, other = world.telephone(), world.telephone()
    world.engine.strict = False
    world.run(0.1)
    far.line.keys._decoder = None
    press(world, far, "5")
    other.listen()
    world.run(0.1)
    assert len(other.listen()) == 5
    assert statistics(far.line).rejected > 0
    assert caplog.text.count("a fault in the media engine") == 1


def test_a_flood_of_keys_is_told_in_part_and_each_told_press_is_released(world):
    far = world.telephone()
    for n in range(400):
        far.send(far.packet(bytes([n % 10, 10, 0, 160]), 101, marker=True, stamp=far.stamp + 1000 * n))
    world.run(2.0)
    pressed, released = world.told(KeyPressed), world.told(KeyReleased)
    assert 25 <= len(pressed) <= 100
    assert [event.key for event in pressed] == [event.key for event in released]
    assert statistics(far.line).rejected > 500


def test_what_came_before_the_connection_counts_only_from_the_far_end_itself(world):
    far = world.telephone(connect=False)
    for n in range(3):
        world.network.deliver(RtpPacket(0, n, n * 160, 9, MU_SILENCE).pack(), ("192.0.2.8", 8000), far.local)
        far.send(far.packet(MU_SILENCE))
        far.stamp += 160
    world.run(0.1)
    assert far.line.strangers == 0  # nobody has been agreed on, so nobody is listened to
    far.connect()
    far.say(sine(300, 100))
    account = statistics(far.line)
    assert (account.received, account.strangers, account.lost) == (8, 3, 0)


@pytest.mark.parametrize("ptime", [10, 20, 30, 60])
def test_every_packet_is_read_whatever_its_length_and_none_waits_for_long(world, ptime):
    far = world.telephone()
    elapsed = 0.0
    for _ in range(3000 // ptime):
        far.send(far.packet(bytes([MU_LAW.silence]) * (8 * ptime)))
        far.stamp += 8 * ptime
        elapsed += ptime / 1000
        while elapsed >= 0.005:
            world.run(0.005)
            elapsed -= 0.005
    world.run(0.02)
    assert statistics(far.line).received == 3000 // ptime
    assert not far.line.ports.media.waiting


def test_late_packets_are_caught_up_with_in_one_turn(world):
    far = world.telephone()
    far.say(sine(300, 400))
    late = []
    for _ in range(3):
        late.append(far.packet(MU_SILENCE))
        far.stamp += 160
        world.run(0.02)
    for packet in late:
        far.send(packet)
    world.run(0.02)
    assert not far.line.ports.media.waiting
    assert statistics(far.line).received == 23


def test_a_flood_from_the_far_end_itself_costs_a_few_packets_a_turn(world):
    far, other = world.telephone(), world.telephone()
    for n in range(2000):
        far.send(RtpPacket(0, n & 0xFFFF, n * 160, far.ssrc, MU_SILENCE).pack())
    world.run(1.0)
    assert statistics(far.line).received <= 50 * 8
    assert len(other.listen()) == 50


def test_jitter_is_measured_by_when_packets_came_not_by_when_they_were_read(world):
    even, uneven = world.telephone(), world.telephone()
    rng = np.random.default_rng(3)
    due = sorted((n * 0.02 + float(rng.choice([0.0, 0.010])), n) for n in range(1500))
    start, sent = world.time, 0
    for _ in range(1500):
        even.send(even.packet(MU_SILENCE))
        even.stamp += 160
        for _ in range(4):
            while sent < len(due) and start + due[sent][0] <= world.time:
                uneven.send(uneven.packet(MU_SILENCE, stamp=uneven.stamp + 160 * due[sent][1]))
                sent += 1
            world.run(0.005)
    assert statistics(even.line).jitter < 0.0005
    # packets early or late by 10 ms with the same chance change their delay by 5 ms on average
    assert statistics(uneven.line).jitter == pytest.approx(0.005, abs=0.003)


def test_a_far_end_may_send_with_other_payload_types_than_we_do(world):
    far = world.telephone(
        codec="PCMA",
        payload_type=8,
        receive_payload_type=98,
        dtmf_payload_type=101,
        dtmf_receive_payload_type=99,
    )
    far.say(sine(300, 200), A_LAW, 98)
    press(world, far, "3", kind=99)
    assert [event.key for event in world.told(KeyPressed)] == ["3"]
    account = statistics(far.line)
    assert (account.rejected, account.received) == (0, 10 + 5)
    assert {packet.payload_type for packet in far.listen()} == {8}
    world.do("send-keys", far.line.number, "4", 60, 40)
    world.run(0.3)
    assert {packet.payload_type for packet in far.listen()} == {8, 101}
    far.send(far.packet(MU_SILENCE, 8))
    world.run(0.02)
    assert statistics(far.line).rejected == 1


def test_a_broken_packet_does_not_cost_the_stream_its_buffer(world, tmp_path):
    far = world.telephone()
    path = tmp_path / "r.wav"
    world.do("record", far.line.number, 1, str(path), 1.0, None, None, False, "", "received")
    said = sine(400, 1400)
    for n, start in enumerate(range(0, len(said), 160)):
        if n % 7 == 3:
            broken = bytearray(far.packet(MU_SILENCE))
            far.sequence -= 1
            broken[8] ^= 0xFF  # the source's number
            far.send(bytes(broken))
        far.send(far.packet(MU_LAW.encode(said[start : start + 160])))
        far.stamp += 160
        world.run(0.02)
    account = statistics(far.line)
    assert (account.received, account.lost, account.concealed, account.rejected) == (70, 0, 0, 10)
    data = np.frombuffer(path.read_bytes()[44:], "<i2")
    assert MU_LAW.decode(MU_LAW.encode(said[:7200])).tobytes() in data.tobytes()


def test_another_source_behind_the_same_address_is_followed_at_its_second_packet(world, tmp_path):
    far = world.telephone()
    far.say(sine(300, 400))
    far.ssrc, far.sequence, far.stamp = 777, 5, 99
    far.say(sine(300, 400))
    account = statistics(far.line)
    assert (account.received, account.rejected, account.lost) == (39, 1, 0)
    assert far.line.stream.far_ssrc == 777


def test_keys_under_a_source_of_their_own_are_heard_once_each_and_the_voice_goes_on(world):
    far = world.telephone()
    world.do("speech", far.line.number, True)
    voice, keys = far.ssrc, 31337
    for number, key in enumerate("47"):
        for index, (_, payload) in enumerate(packets(key, 100)):
            far.send(far.packet(MU_SILENCE))
            far.stamp += 160
            sequence = 500 + 20 * number + index
            event = RtpPacket(101, sequence, 7000 + 4000 * number, keys, payload, index == 0)
            far.send(event.pack())
            world.run(0.02)
        far.say(sine(300, 200))
    assert [event.key for event in world.told(KeyPressed)] == ["4", "7"]
    assert [event.duration for event in world.told(KeyReleased)] == [pytest.approx(0.1)] * 2
    assert far.line.stream.far_ssrc == voice
    assert statistics(far.line).lost == 0


def test_strangers_reports_are_not_believed_and_a_flood_of_them_is_looked_at_seldom(world):
    far = world.telephone()
    far.say(sine(300, 200))
    block = rtcp.ReportBlock(far.line.stream.ssrc, 255, 9999, 1, 1, 0, 0)
    lie = rtcp.Report(1, None, (block,)).pack()
    for _ in range(2000):
        world.network.deliver(lie, ("192.0.2.8", 8001), (far.local[0], far.local[1] + 1))
    world.run(2.0)
    account = statistics(far.line)
    assert account.remote_lost is None
    assert 8 <= account.strangers <= 24
    world.run(300)  # the flood is over and read
    truth = rtcp.Report(far.ssrc, None, (rtcp.ReportBlock(far.line.stream.ssrc, 0, 4, 1, 1, 0, 0),)).pack()
    world.network.deliver(truth, far.rtcp.address, (far.local[0], far.local[1] + 1))
    world.run(2.0)
    assert statistics(far.line).remote_lost == 4


def test_reports_on_the_media_port_when_both_sides_wish(world):
    far = world.telephone(rtcp_mux=True)
    far.say(sine(300, 6000))
    reports = [data for data, _ in far.rtp.waiting if is_rtcp(data)]
    assert reports
    assert not far.rtcp.waiting
    block = rtcp.ReportBlock(far.line.stream.ssrc, 0, 7, 1, 160, 0, 0)
    far.send(rtcp.Report(far.ssrc, None, (block,)).pack())
    world.run(0.05)
    account = statistics(far.line)
    assert (account.remote_lost, account.remote_jitter, account.rejected) == (7, 0.02, 0)


def test_reports_are_sealed_where_the_media_is(world):
    keys = SrtpKeys("AES_CM_128_HMAC_SHA1_80", "A" * 40, "B" * 40)
    far = world.telephone(srtp=keys)
    theirs = SrtpSession(SrtpKeys(keys.suite, keys.remote_key, keys.local_key))
    for _ in range(300):
        far.send(theirs.protect(far.packet(MU_SILENCE)))
        far.stamp += 160
        world.run(0.02)
    sealed = [data for data, _ in far.rtcp.waiting]
    assert sealed
    (report, *_) = rtcp.parse(theirs.unprotect_control(sealed[-1]))
    assert report.blocks[0].ssrc == far.ssrc
    plain = rtcp.Report(far.ssrc, None, (rtcp.ReportBlock(far.line.stream.ssrc, 0, 9, 1, 1, 0, 0),)).pack()
    control = (far.local[0], far.local[1] + 1)
    world.network.deliver(plain, far.rtcp.address, control)
    world.run(0.05)
    assert statistics(far.line).remote_lost is None
    world.network.deliver(theirs.protect_control(plain), far.rtcp.address, control)
    world.run(0.05)
    assert statistics(far.line).remote_lost == 9


def test_a_telephone_that_takes_the_line_over_is_heard_from_its_first_packet(world):
    far = world.telephone()
    press(world, far, "1")
    far.say(sine(300, 400))
    other = far.__class__(world, far.line, ("10.0.0.9", 6000))
    other.ssrc, other.sequence, other.stamp = 5151, 7, far.stamp - 8000  # its time is a little behind
    other.connect()
    press(world, other, "2")  # before it has said anything
    assert [event.key for event in world.told(KeyPressed)] == ["1", "2"]
    received = statistics(far.line).received
    other.say(sine(300, 200))
    account = statistics(far.line)
    assert (account.received - received, account.rejected, account.lost) == (10, 0, 0)
    assert far.line.stream.far_ssrc == 5151


def test_keys_of_two_sources_in_turn_are_all_heard(world):
    far = world.telephone()
    far.say(sine(300, 200))
    for number, (ssrc, stamp, key) in enumerate([(31, 90_000, "3"), (32, 80_000, "4"), (31, 70_000, "5")]):
        for index, (_, payload) in enumerate(packets(key, 60)):
            far.send(RtpPacket(101, 100 * number + index, stamp, ssrc, payload, index == 0).pack())
            world.run(0.02)
    assert [event.key for event in world.told(KeyPressed)] == ["3", "4", "5"]
    assert [event.key for event in world.told(KeyReleased)] == ["3", "4", "5"]
