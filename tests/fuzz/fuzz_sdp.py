"""Fuzzes session descriptions: mutated offers and answers give an agreement or SdpError, and nothing else.

python tests/fuzz/fuzz_sdp.py [--seconds 10] [--seed N]
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from vxmlplat.sip.errors import SdpError
from vxmlplat.sip.payload_types import G722, OPUS, PCMA, PCMU
from vxmlplat.sip.sdp import Capabilities, Crypto, accept, negotiate, offer

OURS = Capabilities(
    "192.0.2.1",
    4000,
    (OPUS, G722, PCMU, PCMA),
    crypto=(Crypto(1, "AES_CM_128_HMAC_SHA1_80", "K"),),
    rtcp_mux=True,
)
PLAIN = Capabilities("192.0.2.1", 4000)
SEEDS = [
    offer(OURS),
    offer(PLAIN),
    offer(Capabilities("2001:db8::1", 4000)),
    offer(PLAIN)
    + "m=video 5000 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\na=sendonly\r\na=rtcp:99 IN IP4 0.0.0.0\r\n",
]
PIECES = [
    "\r\n",
    "m=audio ",
    "a=",
    "c=IN IP4 0.0.0.0\r\n",
    "/",
    " ",
    ":",
    "9" * 30,
    "-1",
    "\0",
    "é",
    "²",
    "a=rtpmap:0 x/y/z\r\n",
    "a=crypto:1 A inline:\r\n",
    "a=ptime:0\r\n",
    "a=rtcp:99999\r\n",
    "٣",
    "a=fmtp:\r\n",
    "a=rtpmap:\r\n",
]


def mutate(text: str, dice: random.Random) -> str:
    for _ in range(dice.choice([1, 1, 2, 5, 12])):
        at = dice.randrange(len(text) + 1)
        match dice.randrange(5):
            case 0:
                text = text[:at] + dice.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + dice.randrange(1, 10) :]
            case 2:
                text = text[:at] + chr(dice.randrange(0x250)) + text[at + 1 :]
            case 3:
                lines = text.split("\r\n")
                lines.insert(dice.randrange(len(lines)), dice.choice(lines))
                text = "\r\n".join(lines)
            case _:
                lines = text.split("\r\n")
                lines.pop(dice.randrange(len(lines)))
                text = "\r\n".join(lines)
    return text


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    end = time.monotonic() + arguments.seconds
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(2**32)
    tried = agreed = 0
    while True:
        dice = random.Random(seed)
        for _ in range(200):
            text = mutate(dice.choice(SEEDS), dice)
            for ours in (OURS, PLAIN):
                tried += 2
                try:
                    answer, _ = negotiate(text, ours)
                    # What we write must be readable by the one who offered.
                    negotiate(answer, ours)
                    agreed += 1
                except SdpError:
                    pass
                except BaseException:
                    print(f"failed with --seed {seed}: {text!r}", flush=True)
                    raise
                try:
                    accept(text, ours)
                    agreed += 1
                except SdpError:
                    pass
                except BaseException:
                    print(f"failed with --seed {seed}: {text!r}", flush=True)
                    raise
        if time.monotonic() > end or arguments.seed is not None:
            break
        seed += 1
    print(f"{tried} descriptions, {agreed} agreements, nothing else raised (last seed {seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
