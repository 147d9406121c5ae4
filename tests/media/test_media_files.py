"""Prompts in, recordings out, rings in memory, messages on the wire, ports on the host."""

import math
import socket
import struct
import wave
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.errors import ConfigurationError
from vxmlplat.media import MediaConfig, MediaError
from vxmlplat.media import events as event_types
from vxmlplat.media.clips import FileClip, Mark, Silence, Tone
from vxmlplat.media.codecs import codec, register
from vxmlplat.media.commands import command
from vxmlplat.media.errors import AudioFileError, UnknownCodec
from vxmlplat.media.events import KeyPressed, KeySource, MarkReached, PlayDone, PlayEnd
from vxmlplat.media.g711 import A_LAW, MU_LAW
from vxmlplat.media.network import UdpNetwork
from vxmlplat.media.prompts import Audio, Prompt, PromptStore, read_wav
from vxmlplat.media.recorder import Recording, RecordLimits, RecordWriter, Reel
from vxmlplat.media.remote import SrtpKeys
from vxmlplat.media.srtp import SrtpSession, check
from vxmlplat.media.tap import AudioTap, TapRing
from vxmlplat.media.wav_file import WavFile
from vxmlplat.media.wire import (
    MAX_DATAGRAM,
    datagrams,
    messages,
    pack_clips,
    pack_event,
    unpack_clips,
    unpack_event,
)


def write_wav(path, samples, rate=8000, channels=1, width=2):
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(np.asarray(samples, "<i2").tobytes())
    return path


def request(store, clips, name="PCMU", gain_db=0.0):
    """A prompt as it became ready."""
    ready = []
    store.request(Prompt(clips, codec(name), gain_db, ready.append))
    store.collect()
    (prompt,) = ready
    return prompt


@pytest.fixture
def store():
    time = [0.0]
    store = PromptStore(1_000_000, now=lambda: time[0], threaded=False)
    store.time = time
    return store


def test_a_prompt_is_encoded_once_and_again_when_its_file_changes(store, tmp_path):
    samples = np.arange(-4000, 4000).astype(np.int16)
    path = write_wav(tmp_path / "p.wav", samples)
    (first,) = request(store, [FileClip(path)]).segments
    assert first.data == MU_LAW.encode(samples)
    (second,) = request(store, [FileClip(path)]).segments
    assert second.data is first.data
    store.time[0] = 5.0
    assert request(store, [FileClip(path)]).segments[0].data is first.data
    write_wav(path, samples[:800])
    store.time[0] = 10.0
    assert request(store, [FileClip(path)]).segments[0].data == MU_LAW.encode(samples[:800])
    assert len(store) == 1
    assert request(store, [FileClip(path)], "PCMA").segments[0].data == A_LAW.encode(samples[:800])


def test_the_least_recently_used_prompts_go_first(store, tmp_path):
    store.limit = 3 * 9000
    paths = [write_wav(tmp_path / f"{n}.wav", np.zeros(8000)) for n in range(4)]
    for path in [*paths[:3], paths[0], paths[3]]:
        request(store, [FileClip(path)])
    assert len(store) == 3
    assert store.size <= store.limit
    kept = {key[0] for key in store._kept}
    assert kept == {str(paths[n]) for n in (0, 2, 3)}


def test_a_stretch_of_a_file_is_cut_to_the_sample(store, tmp_path):
    samples = np.arange(8000).astype(np.int16)
    path = write_wav(tmp_path / "p.wav", samples)
    (audio,) = request(store, [FileClip(path, 0.25, 0.5)]).segments
    assert audio.data[audio.start : audio.end] == MU_LAW.encode(samples[2000:4000])
    for start, end in ((0.9, 5.0), (2.0, None), (-1.0, 0.1), (0.5, 0.2)):
        (audio,) = request(store, [FileClip(path, start, end)]).segments
        assert 0 <= audio.start <= audio.end <= 8000


def test_wide_files_serve_narrow_codecs(store, tmp_path):
    t = np.arange(16000) / 16000
    path = write_wav(tmp_path / "w.wav", 8000 * np.sin(2 * math.pi * 500 * t), rate=16000)
    (audio,) = request(store, [FileClip(path)]).segments
    samples = MU_LAW.decode(audio.data)
    assert len(samples) == 8000
    assert np.abs(samples[400:-400]).max() == pytest.approx(8000, rel=0.05)


def test_a_prompt_of_a_packet_codec_is_packets(store):
    (audio, _) = request(store, [Tone((440.0,), 100), Mark("x")], "opus").segments
    assert isinstance(audio, Audio)
    assert len(audio.frames) == 5
    assert audio.length == 5


@pytest.mark.parametrize(
    ("form", "says"), [((44100, 1, 2), "44100 Hz"), ((8000, 2, 2), "2 channel"), ((8000, 1, 1), "8 bits")]
)
def test_other_formats_are_refused_and_the_message_says_what_fits(store, tmp_path, form, says):
    rate, channels, width = form
    path = write_wav(tmp_path / "x.wav", np.zeros(80), rate, channels, width)
    prompt = request(store, [FileClip(path)])
    assert says in prompt.error
    assert "8000 or 16000 Hz" in prompt.error


def test_what_is_no_audio_is_refused(store, tmp_path):
    path = tmp_path / "x.wav"
    for content in (b"", b"RIFF", b"RIFF\x00\x00\x00\x00WAVEjunk", b"ID3" + bytes(100)):
        path.write_bytes(content)
        with pytest.raises(AudioFileError, match=r"x\.wav"):
            read_wav(path)
    assert "nothing.wav" in request(store, [FileClip(tmp_path / "nothing.wav")]).error
    assert "no playable tone" in request(store, [Tone((), 100)]).error


def test_a_threaded_store_tells_the_loop_when_it_is_asked(tmp_path):
    store = PromptStore(1_000_000)
    path = write_wav(tmp_path / "p.wav", np.zeros(800))
    ready = []
    store.request(Prompt([FileClip(path), Silence(2500)], codec("PCMU"), 0.0, ready.append))
    store.close()
    assert ready == []
    store.collect()
    assert sum(segment.length for segment in ready[0].segments) == 800 + 20_000


def recording(path, audio="received", **limits):
    writer = RecordWriter(threaded=False)
    ended = []
    made = Recording(1, WavFile(path, audio), writer, RecordLimits(**limits), codec("PCMU"), ended.append)
    return made, writer, ended


def add(made, received=None, sent=None):
    if made.reel is None:
        made.take_from(Reel(), 0)
    made.reel.add([received], [sent])


def test_a_recording_that_is_cut_short_can_still_be_played(tmp_path):
    path = tmp_path / "r.wav"
    made, _, _ = recording(path)
    frame = MU_LAW.encode(np.full(160, 4000, np.int16))
    for _ in range(50):
        add(made, frame)
    made.flush()
    for _ in range(20):
        add(made, frame)
    with wave.open(str(path)) as file:
        assert file.getnframes() == 8000
    made.file.close()
    riff, data = (
        struct.unpack_from("<I", path.read_bytes(), 4)[0],
        struct.unpack_from("<I", path.read_bytes(), 40)[0],
    )
    assert (riff, data) == (16036, 16000)


def test_both_ways_lie_side_by_side_or_mixed(tmp_path):
    loud, soft = (MU_LAW.encode(np.full(160, value, np.int16)) for value in (8000, -1000))
    for audio, channels in (("stereo", 2), ("mix", 1), ("sent", 1), ("received", 1)):
        path = tmp_path / f"{audio}.wav"
        made, writer, ended = recording(path, audio)
        for _ in range(7):
            add(made, loud, soft)
        made.stop(event_types.RecordEnd.STOPPED)
        writer.collect()
        assert ended == [made]
        assert made.duration == pytest.approx(0.14)
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getnframes()) == (channels, 1120)
            data = np.frombuffer(file.readframes(1120), "<i2")
        values = {"stereo": [8000, -1000], "mix": [7000], "sent": [-1000], "received": [8000]}[audio]
        assert data[:channels].tolist() == pytest.approx(values, rel=0.05)


def test_holes_fade_and_the_limit_is_kept_to_the_frame(tmp_path):
    path = tmp_path / "r.wav"
    made, writer, ended = recording(path, longest=0.1)
    frame = MU_LAW.encode(np.full(160, 8000, np.int16))
    add(made, frame)
    for _ in range(9):
        add(made)
    assert made.flush() > 0
    writer.collect()
    assert ended == [made]
    data = np.frombuffer(path.read_bytes()[44:], "<i2").reshape(-1, 160)
    assert len(data) == 5
    assert all(0 < later[0] < earlier[0] for earlier, later in pairwise(data))


def test_a_folder_that_cannot_be_written_fails_the_recording_and_nothing_else(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    made, writer, ended = recording(tmp_path / "file" / "r.wav")
    add(made, MU_LAW.encode(np.zeros(160, np.int16)))
    made.stop(event_types.RecordEnd.STOPPED)
    writer.collect()
    assert ended == [made]
    assert made.file.error


def test_a_ring_tells_what_it_has_lost():
    tap = AudioTap.create(0.1)
    writer, second = TapRing(tap.name), AudioTap.attach(tap.name)
    data = np.arange(1000).astype("<i2").tobytes()
    writer.write(data[:600])
    assert tap.read() == data[:600]
    writer.write(data[600:1200])
    writer.write(data[1200:])
    assert tap.read() == data[600:]
    assert second.read() == data[400:]
    assert (tap.missed, second.missed) == (0, 200)
    second.close()
    tap.close()
    with pytest.raises(FileNotFoundError):
        TapRing(tap.name)
    writer.close()


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(st.lists(st.binary(max_size=2000).filter(lambda data: len(data) % 2 == 0), max_size=20))
def test_a_reader_that_keeps_up_reads_all(parts):
    tap = AudioTap.create(0.2)
    writer = TapRing(tap.name)
    try:
        for part in parts:
            writer.write(part)
            assert tap.read() == part
    finally:
        writer.close()
        tap.close()


CLIPS = st.lists(
    st.one_of(
        st.builds(Silence, st.integers(0, 10_000)),
        st.builds(Mark, st.text(max_size=20)),
        st.builds(Tone, st.tuples(st.floats(1, 3999)), st.integers(1, 1000)),
    ),
    max_size=10,
)


@settings(deadline=None)  # a busy machine is no fault of what is tested
@given(CLIPS)
def test_clips_survive_the_wire(clips):
    (datagram,) = datagrams([("play", 1, pack_clips(clips))])
    ((_, _, packed),) = messages(datagram)
    assert unpack_clips(packed) == clips


def test_events_survive_the_wire():
    for event in (
        KeyPressed(1, 2.5, "#", 0.1, KeySource.INBAND),
        PlayDone(1, 2.0, 3, PlayEnd.KEY, 1.5, "mark", 0.2),
        MarkReached(4, 1.0, 2, "名"),
    ):
        (datagram,) = datagrams([pack_event(event)])
        back = unpack_event(messages(datagram)[0])
        assert back == event
        assert type(getattr(back, "source", None)) is type(getattr(event, "source", None))
    assert unpack_event(("heartbeat", 1)) is None


def test_large_batches_are_split_and_a_message_too_large_is_refused():
    batch = [("x", n, "y" * 5000) for n in range(200)]
    sent = list(datagrams(batch))
    assert max(map(len, sent)) <= MAX_DATAGRAM
    assert [message for datagram in sent for message in messages(datagram)] == batch
    with pytest.raises(MediaError, match="play fewer clips"):
        list(datagrams([("play", "z" * MAX_DATAGRAM)]))


KEY = "A" * 40


def test_srtp_seals_opens_and_refuses():
    ours = SrtpSession(SrtpKeys("AES_CM_128_HMAC_SHA1_80", KEY, "B" * 40))
    theirs = SrtpSession(SrtpKeys("AES_CM_128_HMAC_SHA1_80", "B" * 40, KEY))
    packet = bytes.fromhex("80000001000000a000000007") + bytes(160)
    sealed = ours.protect(packet)
    assert theirs.authentic(sealed)
    assert theirs.unprotect(sealed) == packet
    with pytest.raises(MediaError):
        theirs.unprotect(sealed)
    with pytest.raises(MediaError):
        theirs.unprotect(sealed[:-1] + b"x")
    assert not theirs.authentic(packet)
    for keys in (SrtpKeys("NULL", KEY, KEY), SrtpKeys("AES_CM_128_HMAC_SHA1_80", "AAAA", KEY)):
        with pytest.raises(MediaError):
            check(keys)


def test_ports_come_in_pairs_and_taken_ones_are_passed_over():
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 0))
    first = taken.getsockname()[1] & ~1
    network = UdpNetwork(first, first + 20)
    opened = []
    while (ports := network.open("127.0.0.1")) is not None:
        opened.append(ports)
    numbers = [ports.port for ports in opened]
    assert first not in numbers
    assert set(numbers) <= set(range(first + 2, first + 21, 2))
    again = UdpNetwork(first, first + 20)
    assert again.open("127.0.0.1") is None
    for ports in opened:
        ports.close()
    taken.close()
    assert network.open("192.0.2.1") is None


def test_registering_twice_raises():
    with pytest.raises(MediaError, match="twice"):
        register("PCMU")(lambda: codec("PCMU"))
    with pytest.raises(MediaError, match="twice"):
        command("play")(lambda engine: None)
    with pytest.raises(UnknownCodec, match="pcma, pcmu"):
        codec("G729")


@pytest.mark.parametrize(
    "change",
    [
        {"first_port": 80},
        {"last_port": 100},
        {"last_port": 65535},
        {"jitter_initial_ms": 300},
        {"lock_packets": 0},
        {"prompt_cache_bytes": 5},
    ],
)
def test_settings_that_cannot_work_are_refused(change):
    with pytest.raises(ConfigurationError, match="media"):
        replace(MediaConfig(), **change)


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from([b"a" * 160, b"b" * 160, None, b"", b"opus", b"c" * 80, b"d" * 240]),
            min_size=3,
            max_size=3,
        ),
        max_size=30,
    )
)
def test_a_reel_gives_each_recording_its_own_frames_whatever_they_are(ticks):
    reel = Reel()
    for frames in ticks:
        reel.add(list(frames), [])
    for row in range(3):
        assert reel.part(0, row, 0) == [frames[row] for frames in ticks]
    half = len(ticks) // 2
    reel.drop(half)
    assert (len(reel), reel.end) == (len(ticks) - half, len(ticks))
    assert reel.part(0, 1, half) == [frames[1] for frames in ticks[half:]]
