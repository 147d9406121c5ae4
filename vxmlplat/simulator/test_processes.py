"""Conversation tests on all processors: processes forked when everything is compiled and read."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

WORTH_IT = 16
"""Tests that are left after the first, from which on processes pay for themselves."""

MOST_AT_ONCE = 8
"""Tests that a process is given at once; results come in their order."""

_work: Callable[[int], Coroutine[Any, Any, Any]] | None = None
"""What a forked process does: it came along with the memory, since flows and documents are no messages."""
_runner: asyncio.Runner | None = None


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def in_processes(
    work: Callable[[int], Coroutine[Any, Any, T]], count: int, jobs: int | None = None
) -> Iterator[T]:
    """What ``work`` makes of the numbers from 0, in their order.

    ``jobs``: processes at most, None: one for each processor. The first is done here, so that what it
    compiles and reads is there for all. Must not be called while a loop runs.
    """
    global _work
    jobs = jobs or processors()
    with asyncio.Runner() as runner:
        yield from (runner.run(work(0)) for _ in range(min(count, 1)))
        if jobs < 2 or count - 1 < WORTH_IT or "fork" not in multiprocessing.get_all_start_methods():
            yield from (runner.run(work(number)) for number in range(1, count))
            return
    at_once = max(1, min(MOST_AT_ONCE, (count - 1) // (4 * jobs)))
    _work = work
    try:
        with multiprocessing.get_context("fork").Pool(min(jobs, count - 1)) as pool:
            yield from pool.imap(_in_process, range(1, count), at_once)
            pool.close()
            pool.join()  # only then are their times known to who measures
    finally:
        _work = None


def _in_process(number: int) -> Any:
    global _runner
    assert _work is not None
    _runner = _runner or asyncio.Runner()
    return _runner.run(_work(number))
