"""Fuzzes the media engine: broken, lost, repeated and foreign RTP, RTCP and RFC 4733, with orders in between.

python tests/fuzz/fuzz_rtp.py [--seconds 10] [--seed N]

Whatever comes in, the engine goes on: nothing is raised, every line is served every 20 ms, no buffer grows
without end, and a key that goes down comes up again.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from fuzzing import fuzz_main

from vxmlplat.media import KeyPressed, KeyReleased, MediaConfig, Silence, SrtpKeys, Tone
from vxmlplat.media.rtcp import Report, ReportBlock, SenderInfo, description
from vxmlplat.media.telephone_event import packets
from vxmlplat.media.wire import pack_clips

_SPEC = importlib.util.spec_from_file_location(
    "media_world", Path(__file__).parent.parent / "media" / "conftest.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
_WORLD = importlib.util.module_from_spec(_SPEC)
sys.modules["media_world"] = _WORLD
_SPEC.loader.exec_module(_WORLD)

KINDS = (
    {},
    {"codec": "PCMA", "payload_type": 8},
    {"dtmf_payload_type": None},
    {"ptime": 40},
    {"codec": "opus", "payload_type": 111},
    {"codec": "G722", "payload_type": 9},
    {"srtp": SrtpKeys("AES_CM_128_HMAC_SHA1_80", "A" * 40, "A" * 40)},
    {"rtcp_mux": True},
)
MOST_LINES = 12


class Storm:
    """A world that lives on from input to input, as the real process does."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world: Any = _WORLD.World(MediaConfig(media_timeout=2.0))
        self.fars: list[Any] = []
        self.rooms = [901, 902]
        for room in self.rooms:
            self.world.do("conference", room)
        self.orders = 0

    def attempt(self, rng: random.Random) -> tuple[bytes, Any]:
        if len(self.fars) < MOST_LINES and rng.random() < 0.05:
            self.fars.append(self.world.telephone(**rng.choice(KINDS)))
        if not self.fars:
            self.fars.append(self.world.telephone())
        far = rng.choice(self.fars)
        data = self._bytes(far, rng)
        order = self._order(far, rng) if rng.random() < 0.2 else None
        return data, lambda: self._work(far, data, order, rng)

    def _bytes(self, far: Any, rng: random.Random) -> bytes:
        kind = far.line.payload_type
        match rng.randrange(8):
            case 0:
                return rng.randbytes(rng.randrange(400))
            case 1:
                data = self._report(far, rng)
            case 2:
                _, payload = rng.choice(list(packets(rng.choice("0123456789*#ABCD"), 60)))
                data = far.packet(payload, 101, marker=rng.random() < 0.3)
            case 3:
                data = far.packet(rng.randbytes(rng.randrange(4)), 13)
            case 4:
                far.sequence += rng.choice([1, -1, 50, 3000, 32768])
                far.stamp += rng.choice([160, -160, 8000, 1 << 31])
                data = far.packet(rng.randbytes(160), kind)
            case 5:
                far.ssrc = rng.getrandbits(32)
                data = far.packet(rng.randbytes(160), kind)
            case _:
                data = far.packet(rng.randbytes(rng.choice([160, 160, 160, 80, 240, 1, 1400])), kind)
        far.stamp += 160
        if rng.random() < 0.5:
            return data
        changed = bytearray(data)
        for _ in range(rng.choice([1, 2, 8])):
            if changed:
                changed[rng.randrange(len(changed))] = rng.getrandbits(8)
        return bytes(changed[: rng.randrange(len(changed) + 1)]) if rng.random() < 0.3 else bytes(changed)

    @staticmethod
    def _report(far: Any, rng: random.Random) -> bytes:
        ours, lost = far.line.stream.ssrc, rng.randrange(-100, 1 << 20)
        block = ReportBlock(ours, rng.getrandbits(8), lost, 5, 6, rng.getrandbits(32), 7)
        sender = SenderInfo(rng.getrandbits(64), 1, 2, 3) if rng.random() < 0.5 else None
        return Report(far.ssrc, sender, (block,)).pack() + description(far.ssrc, "x")

    def _order(self, far: Any, rng: random.Random) -> tuple[Any, ...]:
        number, other = far.line.number, rng.choice(self.fars).line.number
        self.orders += 1
        clips = pack_clips([Tone((400.0,), rng.randrange(1, 300)), Silence(rng.randrange(50))])
        path = f"{self.folder.name}/{self.orders % 50}.wav"
        return rng.choice(
            [
                ("play", number, self.orders, clips, rng.random() < 0.5, 0.0, "5", rng.random() < 0.5),
                ("stop", number, 0),
                ("music", number, clips, -3.0),
                (
                    "record",
                    number,
                    self.orders,
                    path,
                    0.2,
                    0.1,
                    0.1,
                    True,
                    "#",
                    rng.choice(["stereo", "mix"]),
                ),
                ("send-keys", number, "1,#", 60, 40),
                ("speech", number, rng.random() < 0.5),
                ("inband", number, rng.choice([True, False, None])),
                ("tones", number, rng.random() < 0.5),
                ("bridge", number, other, rng.random() < 0.3, True),
                ("leave", number),
                ("join", number, rng.choice(self.rooms), rng.choice(["talk", "listen", "mute"]), 0, 3.0),
                ("conference-play", rng.choice(self.rooms), clips, False, 0.0),
                ("close", far),
            ]
        )

    def _work(self, far: Any, data: bytes, order: tuple[Any, ...] | None, rng: random.Random) -> None:
        world = self.world
        source = rng.choice([far.rtp.address] * 6 + [("203.0.113.9", 9000), far.rtcp.address])
        target = rng.choice([far.local] * 6 + [(far.local[0], far.local[1] + 1)])
        for _ in range(rng.choice([1, 1, 1, 2, 30])):
            world.network.deliver(data, source, target)
        if order is not None and order[0] == "close":
            self.fars.remove(far)
            world.do("leave", far.line.number)
            world.engine.remove(far.line)
            world.network.sockets.remove(far.rtp)
            world.network.sockets.remove(far.rtcp)
        elif order is not None:
            if order[0] == "bridge" and order[1] == order[2]:
                return
            world.do(*order)
        served = {id(line): line.stream.stamp for line in world.engine.lines.values()}
        world.run(0.02)
        for line in world.engine.lines.values():
            assert line.stream.stamp != served.get(id(line)), "a line was not served"
            assert line.stream.jitter is None or len(line.stream.jitter) < 400, "a jitter buffer grew"
        for one in self.fars:
            one.rtp.clear()
            one.rtcp.clear()
        if len(world.events) > 5000:
            self._keys_alternate()
            world.events.clear()

    def _keys_alternate(self) -> None:
        down: dict[tuple[int, str], int] = {}
        for event in self.world.events:
            if isinstance(event, (KeyPressed, KeyReleased)):
                place = (event.channel, event.source)
                down[place] = down.get(place, 0) + (1 if isinstance(event, KeyPressed) else -1)
                assert -1 <= down[place] <= 1, "a key went down twice"


if __name__ == "__main__":
    sys.exit(fuzz_main("the media engine", Storm().attempt))
