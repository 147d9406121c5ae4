"""Fuzzes everything that SIP bytes reach: a user agent with a registrar and live calls gets mutated messages.

Whatever comes, nothing may raise out of the receiving path, no log line may carry a traceback, and after the
calls' timers have run the tables must be empty again. Virtual time; bounded by ``--seconds``; the seed is
printed, so that a failure can be repeated with ``--seed``.

    python tests/fuzz/fuzz_sip.py [--seconds 10] [--seed N]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.sip.conftest import SDP, World
from vxmlplat.sip.digest import Secret
from vxmlplat.sip.errors import LegStateError, RequestFailed
from vxmlplat.sip.events import Referred, Reinvite
from vxmlplat.sip.message import Response
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.stream import Framer

TORTURE = sorted((Path(__file__).resolve().parents[1] / "sip" / "rfc4475").glob("*.dat"))
PIECES = [
    b"\r\n",
    b"\0",
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b":",
    b"%00",
    b"=",
    b"\xff\xfe",
    b" ",
    b"\t",
    b"9" * 20,
    b"-1",
    b"[::1]",
    b"Via: ",
    b"tag=",
    b"SIP/2.0",
    b"Content-Length: 0",
    b"A" * 300,
    b"\r\n ",
    b"Require: 100rel\r\n",
    b"Expires: 0\r\n",
    b"Replaces: a;to-tag=b;from-tag=c\r\n",
    b"Session-Expires: 1\r\n",
    b"Contact: *\r\n",
    b"m=audio 0\r\n",
]


class Errors(logging.Handler):
    """Remembers log records that carry an exception: faults that a safety net caught."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(self.format(record))


def mutate(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice([0, 1, 1, 2, 4, 10])):
        at = dice.randrange(len(out) + 1)
        match dice.randrange(7):
            case 0:
                out[at:at] = dice.choice(PIECES)
            case 1:
                del out[at : at + dice.randrange(1, 12)]
            case 2:
                out[at : at + 1] = bytes([dice.randrange(256)])
            case 3:
                lines = bytes(out).split(b"\r\n")
                dice.shuffle(lines) if dice.random() < 0.2 else lines.pop(dice.randrange(len(lines)))
                out = bytearray(b"\r\n".join(lines))
            case 4:
                lines = bytes(out).split(b"\r\n")
                lines.insert(dice.randrange(len(lines)), dice.choice(lines))
                out = bytearray(b"\r\n".join(lines))
            case 5:
                del out[at:]
            case _:
                out[at:at] = out[dice.randrange(len(out) + 1) :][:40]
    return bytes(out)


async def story(dice: random.Random, errors: Errors) -> int:
    """One world: calls in and out, and a stream of mutated messages that know the tags of the calls."""
    world = World()
    world.wire.random = dice

    async def handler(leg: object) -> None:
        def hear(event: object) -> None:
            if isinstance(event, Reinvite):
                event.answer(SDP)
            elif isinstance(event, Referred):
                event.accept()
                event.notify(200)

        leg.on_event = hear  # type: ignore[attr-defined]
        try:
            match dice.randrange(4):
                case 0:
                    leg.reject(486)  # type: ignore[attr-defined]
                case 1:
                    await leg.ring(SDP, reliable=True)  # type: ignore[attr-defined]
                    await leg.answer(SDP)  # type: ignore[attr-defined]
                case _:
                    await leg.answer(SDP)  # type: ignore[attr-defined]
        except (RequestFailed, LegStateError):
            pass

    registrar = Registrar("192.0.2.1", lambda user: Secret("x"), world.clock)
    agent = await world.agent(handler=handler, registrar=registrar)
    peer = world.peer()
    peer._receive = lambda data, flow: None  # type: ignore[method-assign]
    sent = 0
    tags = ["x"]
    for round_ in range(12):
        leg = world.call(agent, timeout=5)
        peer.send(
            peer.request("INVITE", body=SDP, call_id=f"c{round_}", extra="Supported: 100rel, timer\r\n")
        )
        await world.run()
        ours = [d for _, source, _, d in world.wire.log if source == ("192.0.2.1", 5060)][-20:]
        for data in ours:
            if b"\r\nTo:" in data and b";tag=" in data.split(b"\r\nTo:", 1)[1].split(b"\r\n", 1)[0]:
                tags.append(
                    data.split(b"\r\nTo:", 1)[1]
                    .split(b"\r\n")[0]
                    .rsplit(b"tag=", 1)[1]
                    .decode(errors="replace")
                )
        for _ in range(25):
            method = dice.choice(
                [
                    "INVITE",
                    "ACK",
                    "BYE",
                    "CANCEL",
                    "INFO",
                    "UPDATE",
                    "PRACK",
                    "REFER",
                    "NOTIFY",
                    "REGISTER",
                    "OPTIONS",
                ]
            )
            source = dice.choice(
                [
                    peer.request(
                        method,
                        dice.randrange(1, 9),
                        to_tag=dice.choice(["", *tags[-4:]]),
                        call_id=f"c{dice.randrange(round_ + 1)}",
                        body=dice.choice(["", SDP]),
                        extra=dice.choice(
                            ["", "RAck: 1 1 INVITE\r\n", "Refer-To: <sip:a@b>\r\n", "Event: refer\r\n"]
                        ),
                    ),
                    dice.choice(TORTURE).read_bytes(),
                    *([as_response(dice.choice(ours), dice)] if ours else []),
                ]
            )
            peer.send(mutate(source, dice))
            sent += 1
        await world.run(dice.choice([0.0, 0.3, 2.0]))
        hangup = asyncio.ensure_future(leg.hangup())
        await world.run(0.1)
        del hangup
    world.wire.loss = 1.0
    for leg in list(agent.table.legs.values()):
        world.wire.tasks.add(asyncio.ensure_future(leg.hangup()))
    await world.run(200)
    world.back_at_base()
    stopping = asyncio.ensure_future(agent.stop())
    await world.run(5)
    await stopping
    if errors.found:
        raise AssertionError(errors.found[0])
    return sent


def as_response(data: bytes, dice: random.Random) -> bytes:
    """A response to what we sent, or the request itself when it is one already."""
    start, _, rest = data.partition(b"\r\n")
    if start.startswith(b"SIP/2.0"):
        return data
    status = dice.choice([100, 180, 183, 200, 202, 302, 401, 407, 422, 481, 486, 491, 503, 603])
    response = Response(status, "X", [])
    return (
        response.start_line().encode()
        + b"\r\n"
        + rest.replace(b"\r\nTo: <sip:bob", b"\r\nTo: <sip:bob@x>;tag=p;x=<sip:b", 0)
    )


def framing(dice: random.Random) -> None:
    """Streams cut and mutated: only MessageError may come out."""
    from vxmlplat.sip.errors import MessageError

    stream = mutate(b"".join(p.read_bytes() for p in dice.sample(TORTURE, 3)), dice)
    framer = Framer(65_535)
    try:
        while stream:
            cut = dice.randrange(1, 200)
            framer.feed(stream[:cut])
            stream = stream[cut:]
    except MessageError:
        pass


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    errors = Errors()
    logging.getLogger("vxmlplat").addHandler(errors)
    logging.getLogger("vxmlplat").propagate = False
    end = time.monotonic() + arguments.seconds
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(2**32)
    sent = 0
    while True:
        try:
            dice = random.Random(seed)
            sent += asyncio.run(story(dice, errors))
            for _ in range(50):
                framing(dice)
        except BaseException:
            print(f"failed with --seed {seed}", flush=True)
            raise
        if time.monotonic() > end or arguments.seed is not None:
            break
        seed += 1
    print(f"{sent} messages, nothing raised, nothing left (last seed {seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
