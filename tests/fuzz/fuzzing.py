"""What the fuzzers share: a time-bounded loop that reports crashes, hangs and memory without end."""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

MEMORY = 2 << 30
"""Bytes that the process may grow to."""
HANG = 10
"""Seconds that one input may take."""

Try = Callable[[random.Random], tuple[bytes, Any]]
"""Makes an input and something that works on it."""


class Hang(Exception):
    """An input took too long."""


def _alarm(_: int, __: FrameType | None) -> None:
    raise Hang(f"more than {HANG} s")


def fuzz_main(what: str, attempt: Try) -> int:
    """Try inputs for ``--seconds``; exit status 1 at the first that is not handled in order."""
    parser = argparse.ArgumentParser(description=f"fuzz {what}")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _alarm)
    rng = random.Random(seed)
    tried = 0
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        data, work = attempt(rng)
        signal.alarm(HANG)
        try:
            work()
        except BaseException:  # noqa: BLE001  # whatever it is, it is a finding: memory, a hang, a crash
            signal.alarm(0)
            sys.stdout.write(f"seed {seed}, input {tried}:\n{data.decode('utf-8', 'backslashreplace')}\n")
            sys.stdout.write(traceback.format_exc())
            return 1
        signal.alarm(0)
        tried += 1
    sys.stdout.write(f"{what}: {tried} inputs in {arguments.seconds:g} s, nothing found (seed {seed})\n")
    return 0
