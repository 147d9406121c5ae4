"""Whole calls through the sample hotline, by sipp on loopback.

make bench-calls      (or: python tests/bench/bench_calls.py --calls 240 --at-once 120)
"""

from __future__ import annotations

from pathlib import Path

SCENARIOS = Path(__file__).parent / "scenarios"


def scenario(keys: str, *, pause: int, hold: int) -> str:
    """A sipp scenario: call, press the keys with a pause of so many milliseconds before each, hold, hang up."""
    key = (SCENARIOS / "key.xml").read_text(encoding="utf-8")
    pressed = "\n".join(
        key.replace("PAUSE", str(pause)).replace("NUMBER", str(2 + n)).replace("KEY", k)
        for n, k in enumerate(keys)
    )
    call = (SCENARIOS / "ivr_call.xml").read_text(encoding="utf-8")
    return call.replace("  KEYS\n", pressed + "\n").replace("HOLD", str(hold))
