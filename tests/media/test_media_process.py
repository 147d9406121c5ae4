"""The real media process over loopback: a socket of the test is the telephone at the other end."""

import asyncio
import os
import signal
import socket
import wave
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from vxmlplat.clock import SystemClock
from vxmlplat.media import (
    ChannelClosed,
    ChannelLost,
    DtmfSent,
    FileClip,
    KeyPressed,
    KeyReleased,
    Mark,
    MarkReached,
    MediaChannel,
    MediaConfig,
    MediaEvent,
    MediaPlane,
    MediaProcessDied,
    NoPortAvailable,
    PlayDone,
    PlayEnd,
    RecordedAudio,
    RecordEnd,
    RecordingEnded,
    RemoteMedia,
    Silence,
    Tone,
    UnknownCodec,
)
from vxmlplat.media.g711 import MU_LAW
from vxmlplat.media.rtp import RtpPacket, parse
from vxmlplat.media.telephone_event import packets

CONFIG = MediaConfig(first_port=17000, last_port=17998, realtime=False)


class Telephone:
    """The far end: a UDP socket, a sequence, and what it has heard."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.heard: list[RtpPacket] = []
        self.to = 0
        self.sequence = 100
        self.stamp = 5000

    def remote(self, **changes: object) -> RemoteMedia:
        return RemoteMedia("127.0.0.1", self.port, **changes)  # type: ignore[arg-type]

    def send(self, payload: bytes, kind: int = 0, stamp: int | None = None, marker: bool = False) -> None:
        packet = RtpPacket(
            kind, self.sequence & 0xFFFF, self.stamp if stamp is None else stamp, 77, payload, marker
        )
        self.socket.sendto(packet.pack(), ("127.0.0.1", self.to))
        self.sequence += 1

    async def talk(self, samples: np.ndarray) -> None:
        """Send samples at their own pace."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for start in range(0, len(samples) - 159, 160):
            self.send(MU_LAW.encode(samples[start : start + 160]))
            self.stamp += 160
            due += 0.02
            await asyncio.sleep(due - loop.time())

    async def press(self, key: str) -> None:
        for index, (offset, payload) in enumerate(packets(key, 60)):
            self.send(payload, 101, self.stamp + offset, marker=index == 0)
            await asyncio.sleep(0.01)
        self.stamp += 800

    def listen(self) -> list[RtpPacket]:
        while True:
            try:
                self.heard.append(parse(self.socket.recv(2048)))
            except BlockingIOError:
                return self.heard

    def voice(self) -> bytes:
        return b"".join(packet.payload for packet in self.listen() if packet.payload_type == 0)


class Call:
    """A channel, its telephone and its events."""

    def __init__(self, plane: MediaPlane) -> None:
        self.plane = plane
        self.telephone = Telephone()
        self.events: list[MediaEvent] = []
        self.channel: MediaChannel

    async def open(self, **changes: object) -> "Call":
        self.channel = await self.plane.open_channel("127.0.0.1", self.events.append)
        self.telephone.to = self.channel.local_port
        self.channel.connect(self.telephone.remote(**changes))
        return self

    async def until(self, kind: type, count: int = 1, seconds: float = 5.0) -> list[MediaEvent]:
        async with asyncio.timeout(seconds):
            while len(found := [event for event in self.events if isinstance(event, kind)]) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return found


class Office:
    """A media plane and the calls in it."""

    def __init__(self) -> None:
        self.deaths: list[str] = []
        self.plane = MediaPlane(CONFIG, SystemClock(), on_death=self.deaths.append)
        self.calls: list[Call] = []

    async def call(self, **changes: object) -> Call:
        call = Call(self.plane)
        self.calls.append(call)
        return await call.open(**changes)


@pytest.fixture
async def office():
    office = Office()
    await office.plane.start()
    yield office
    await office.plane.stop()
    for call in office.calls:
        call.telephone.socket.close()


def sine(frequency: float, ms: int, level: float = 8000) -> np.ndarray:
    t = np.arange(ms * 8) / 8000
    return (level * np.sin(2 * np.pi * frequency * t)).astype(np.int16)


def noise(ms: int) -> np.ndarray:
    """Sound of which no two frames are alike."""
    return np.random.default_rng().normal(0, 3000, ms * 8).astype(np.int16)


def share_heard(said: bytes, heard: bytes) -> float:
    """The share of 20 ms frames that came through byte for byte: a busy machine may lose some."""
    frames = [said[start : start + 160] for start in range(0, len(said) - 159, 160)]
    return sum(frame in heard for frame in frames) / len(frames)


def write_wav(path: Path, samples: np.ndarray, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return path


async def test_a_prompt_is_heard_sample_by_sample_and_its_marks_and_end_are_told(office, tmp_path):
    first, second = sine(400, 310), sine(700, 170)
    call = await office.call()
    play = call.channel.play(
        [
            FileClip(write_wav(tmp_path / "a.wav", first)),
            Mark("middle"),
            FileClip(write_wav(tmp_path / "b.wav", second)),
        ]
    )
    (done,) = await call.until(PlayDone)
    assert isinstance(done, PlayDone)
    assert (done.play, done.reason, done.mark) == (play, PlayEnd.COMPLETED, "middle")
    assert done.played == pytest.approx(0.48)
    assert done.mark_age == pytest.approx(0.17)
    assert [event.name for event in call.events if isinstance(event, MarkReached)] == ["middle"]
    assert MU_LAW.encode(np.concatenate([first, second])) in call.telephone.voice()
    heard = call.telephone.heard
    assert {later.sequence - earlier.sequence for earlier, later in pairwise(heard)} == {1}
    assert {later.timestamp - earlier.timestamp for earlier, later in pairwise(heard)} == {160}
    await call.channel.close()


async def test_a_key_silences_the_prompt_within_two_frames(office, tmp_path):
    call = await office.call()
    call.channel.play([Tone((500.0,), 3000)], stop_on_key=True)
    await asyncio.sleep(0.2)
    await call.telephone.press("5")
    (done,) = await call.until(PlayDone)
    assert isinstance(done, PlayDone)
    assert done.reason is PlayEnd.KEY
    (pressed,) = await call.until(KeyPressed)
    (released,) = await call.until(KeyReleased)
    assert (pressed.key, released.key) == ("5", "5")
    assert released.duration == pytest.approx(0.06)
    await asyncio.sleep(0.1)
    silent = bytes([MU_LAW.silence]) * 160
    assert [packet.payload for packet in call.telephone.listen()[-3:]] == [silent] * 3
    await call.channel.close()


async def test_a_recording_holds_what_was_said(office, tmp_path):
    call = await office.call()
    said = noise(600)
    path = tmp_path / "message.wav"
    number = call.channel.record(path, max_seconds=0.5)
    await call.telephone.talk(said)
    (ended,) = await call.until(RecordingEnded)
    assert isinstance(ended, RecordingEnded)
    assert (ended.recording, ended.reason, ended.path) == (number, RecordEnd.MAX_TIME, str(path))
    assert ended.size == path.stat().st_size
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (1, 8000, 4000)
        data = np.frombuffer(file.readframes(4000), "<i2")
    assert share_heard(MU_LAW.encode(said), MU_LAW.encode(data)) > 0.5
    await call.channel.close()


async def test_closing_completes_the_recording_first(office, tmp_path):
    call = await office.call()
    call.channel.record(tmp_path / "r.wav", audio=RecordedAudio.STEREO)
    await call.telephone.talk(sine(300, 200))
    statistics = await call.channel.close()
    assert [event.reason for event in call.events if isinstance(event, RecordingEnded)] == [RecordEnd.HANGUP]
    assert statistics.received == 10
    assert statistics.sent >= 3
    with pytest.raises(ChannelClosed):
        call.channel.play([Silence(20)])


async def test_two_bridged_telephones_hear_each_other(office):
    left, right = await office.call(), await office.call()
    left.channel.bridge(right.channel)
    said, answered = noise(400), noise(400)
    await asyncio.gather(left.telephone.talk(said), right.telephone.talk(answered))
    await asyncio.sleep(0.1)
    assert share_heard(MU_LAW.encode(said), right.telephone.voice()) > 0.5
    assert share_heard(MU_LAW.encode(answered), left.telephone.voice()) > 0.5
    left.channel.unbridge()
    await left.channel.close()
    await right.channel.close()


async def test_keys_are_sent_as_events(office):
    call = await office.call()
    call.channel.send_keys("1#", ms=60, pause_ms=40)
    (sent,) = await call.until(DtmfSent)
    assert isinstance(sent, DtmfSent)
    assert sent.keys == "1#"
    events = [packet for packet in call.telephone.listen() if packet.payload_type == 101]
    assert [packet.marker for packet in events].count(True) == 2
    assert {packet.payload[0] for packet in events} == {1, 11}
    assert len({packet.timestamp for packet in events}) == 2
    await call.channel.close()


class OwnDelays:
    """A clock on which only the supervisor's own waiting takes time, and takes none of ours: what else a
    recovery takes is the start of a process, which ``bench_media`` measures.
    """

    def __init__(self) -> None:
        self.waited = 0.0

    def now(self) -> float:
        return self.waited

    def wall(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        if seconds > 1.5:  # the patience of a channel that waits for the process
            await asyncio.sleep(seconds * 10)
        self.waited += seconds
        await asyncio.sleep(0)


async def test_a_dead_process_is_told_counted_and_replaced_without_delay():
    deaths: list[str] = []
    clock = OwnDelays()
    plane = MediaPlane(CONFIG, clock, on_death=deaths.append)
    await plane.start()
    call = await Call(plane).open()
    assert plane._process is not None
    os.kill(plane._process.pid, signal.SIGKILL)
    await call.until(ChannelLost)
    again = await Call(plane).open()  # waits for the new process by itself
    assert deaths == ["signal 9"]
    assert clock.waited == 0.0  # the first death is answered at once
    assert (plane.statistics.restarts, plane.statistics.recovery) == (1, 0.0)
    with pytest.raises(ChannelClosed):
        call.channel.play([Silence(20)])
    again.channel.play([Silence(60)])
    await again.until(PlayDone)
    await again.channel.close()
    await plane.stop()
    with pytest.raises(MediaProcessDied):
        await plane.open_channel("127.0.0.1", lambda event: None)
    for one in (call, again):
        one.telephone.socket.close()


async def test_deaths_in_a_row_are_answered_within_two_seconds_each():
    deaths: list[str] = []
    clock = OwnDelays()
    plane = MediaPlane(CONFIG, clock, on_death=deaths.append)
    await plane.start()
    for death in range(1, 5):
        before = clock.waited
        call = await Call(plane).open()
        assert plane._process is not None
        os.kill(plane._process.pid, signal.SIGKILL)
        await call.until(ChannelLost)
        channel = await plane.open_channel("127.0.0.1", lambda event: None)
        assert clock.waited - before <= 1.0  # a process takes less than another second to start
        assert plane.statistics.restarts == len(deaths) == death
        assert plane.statistics.recovery == clock.waited - before
        await channel.close()
        call.telephone.socket.close()
    await plane.stop()


async def test_what_cannot_be_is_refused_at_once(office, tmp_path):
    call = await office.call()
    with pytest.raises(UnknownCodec):
        call.channel.connect(call.telephone.remote(codec="G729"))
    with pytest.raises(ValueError, match="not telephone keys"):
        call.channel.send_keys("1x")
    call.channel.play([FileClip(tmp_path / "missing.wav")])
    (done,) = await call.until(PlayDone)
    assert isinstance(done, PlayDone)
    assert done.reason is PlayEnd.FAILED
    assert "missing.wav" in done.error
    await call.channel.close()


async def test_a_process_that_hangs_is_killed_and_replaced():
    deaths: list[str] = []
    config = replace(CONFIG, heartbeat=0.2, hang_seconds=1.0)
    plane = MediaPlane(config, SystemClock(), on_death=deaths.append)
    await plane.start()
    assert plane._process is not None
    os.kill(plane._process.pid, signal.SIGSTOP)
    async with asyncio.timeout(10.0):
        while not (deaths and plane.running):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert deaths == ["no heartbeat for 1 s"]
    await plane.stop()


async def test_calls_leave_nothing_behind(office, tmp_path):
    def descriptors():
        return len(os.listdir(f"/proc/{office.plane._process.pid}/fd"))

    def maps():
        return Path(f"/proc/{office.plane._process.pid}/maps").read_text()

    first = await office.call(codec="G722", payload_type=9)  # the codecs' libraries are loaded then
    await first.channel.close()
    async with asyncio.timeout(10.0):
        while "libavcodec" not in maps():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    before = descriptors()
    for n in range(10):
        calls = [await office.call() for _ in range(4)]
        calls[0].channel.bridge(calls[1].channel)
        calls[2].channel.record(tmp_path / f"{n}.wav")
        calls[3].channel.play([Tone((400.0,), 500)])
        calls[3].channel.send_keys("123")
        tap = calls[2].channel.tap(1.0)
        await calls[2].telephone.talk(sine(300, 40))
        await asyncio.gather(*(call.channel.close() for call in calls))
        assert not (Path("/dev/shm") / tap.name).exists()
    assert descriptors() == before
    assert len(list(tmp_path.glob("*.wav"))) == 10
    assert office.plane._channels == {}


def free_range(pairs: int) -> tuple[int, int]:
    """A range of so many port pairs, free a moment ago."""
    for first in range(27000, 29900, 100):
        taken = False
        for port in range(first, first + 2 * pairs):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    taken = True
        if not taken:
            return first, first + 2 * pairs - 1
    raise AssertionError("no free ports on this host")


async def test_ports_that_cannot_be_had_are_refused_and_come_back():
    first, last = free_range(3)
    plane = MediaPlane(replace(CONFIG, first_port=first, last_port=last), SystemClock())
    await plane.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind(("127.0.0.1", first + 3))  # the RTCP port of the second pair
        channels = [await plane.open_channel("127.0.0.1", lambda event: None) for _ in range(2)]
        assert {channel.local_port for channel in channels} == {first, first + 4}
        with pytest.raises(NoPortAvailable, match=f"{first}-{last}"):
            await plane.open_channel("127.0.0.1", lambda event: None)
        with pytest.raises(NoPortAvailable):
            await plane.open_channel("192.0.2.1", lambda event: None)  # not an address of this host
        port = channels[0].local_port
        await channels[0].close()
        again = await plane.open_channel("127.0.0.1", lambda event: None)
        assert again.local_port == port
    await plane.stop()


@pytest.mark.skipif(not socket.has_ipv6, reason="a host without IPv6")
async def test_a_call_over_ipv6(office):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as telephone:
        telephone.bind(("::1", 0))
        telephone.settimeout(5.0)
        events: list[MediaEvent] = []
        channel = await office.plane.open_channel("::1", events.append)
        channel.connect(RemoteMedia("::1", telephone.getsockname()[1]))
        channel.play([Tone((500.0,), 200)])
        packet = parse(await asyncio.to_thread(telephone.recv, 2048))
        assert packet.payload_type == 0
        reply = RtpPacket(0, 1, 160, 9, bytes([MU_LAW.silence]) * 160)
        for n in range(5):
            telephone.sendto(
                replace(reply, sequence=n, timestamp=160 * n).pack(), ("::1", channel.local_port)
            )
            await asyncio.sleep(0.02)
        assert (await channel.close()).received == 5


async def test_many_calls_that_end_at_once_leave_the_others_served(office, tmp_path):
    heard = await office.call()
    heard.channel.play([Tone((500.0,), 20_000)])
    others = [await office.call() for _ in range(150)]
    for call in others:
        call.channel.play([Tone((400.0,), 20_000)])
    await asyncio.gather(*(call.channel.close() for call in others))
    assert office.plane._channels == {heard.channel.id: heard.channel}
    packets_heard = heard.telephone.listen()
    assert {later.sequence - earlier.sequence for earlier, later in pairwise(packets_heard)} == {1}
    await heard.channel.close()
