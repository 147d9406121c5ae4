"""Running a flow's conversation tests from the server: in processes of their own, one run at a time.

The server's loop carries calls, so that no test runs in it; a test that would run for ever is ended with its
process.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from aiohttp import web

from vxmlplat.server.errors import ApiError
from vxmlplat.simulator.test_worker import job
from vxmlplat.store.flows import FlowText
from vxmlplat.store.store import Store

log = logging.getLogger(__name__)

LONGEST_RUN = 120.0
"""Seconds after which a run is given up."""

LOOK_AROUND = 0.5
"""Seconds after which a run looks whether its client is still there."""

T = TypeVar("T")

_LINE_LIMIT = 64 * 1024 * 1024
_turns: WeakKeyDictionary[Store, asyncio.Semaphore] = WeakKeyDictionary()
"""Of each store's runs one at a time: tests take what the calls leave over."""


@dataclass
class TestRun:
    """What a run has brought: results in the tests' order (also of unreadable ones), coverage, proposals."""

    __test__ = False

    results: list[dict[str, Any]] = field(default_factory=list)
    coverage: dict[str, Any] = field(default_factory=dict)
    proposals: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The results of the tests that did not pass."""
        return [result for result in self.results if not result["passed"]]

    def take(self, line: Mapping[str, Any]) -> None:
        """Add a line of :func:`lines_of_run`."""
        if "result" in line:
            self.results.append(line["result"])
        self.coverage = line.get("coverage", self.coverage)
        self.proposals = line.get("proposals", self.proposals)


async def run_flow_tests(
    store: Store, flow: FlowText, tests: Iterable[tuple[str, str]], *, propose: int = 0
) -> TestRun:
    """Run tests (name and text) on a graph; raises a 422 when the flow cannot run."""
    run = TestRun()
    async with aclosing(lines_of_run(store, flow, tests, propose=propose)) as lines:
        async for line in lines:
            run.take(line)
    return run


async def lines_of_run(
    store: Store, flow: FlowText, tests: Iterable[tuple[str, str]], *, propose: int = 0
) -> AsyncGenerator[dict[str, Any]]:
    """``{"result": …}`` for each test as it ends, then ``{"coverage": …}`` and ``{"proposals": …}``.

    Raises a 422 when the flow cannot run, a 503 when the run takes too long or its process dies.
    """
    others = await store.flows.current_graphs()
    given = json.dumps(job(flow, others, tests, propose=propose)).encode()
    async with _turns.setdefault(store, asyncio.Semaphore(1)):
        try:
            # Closed at once, not when it is collected: the process must not outlive its run.
            async with asyncio.timeout(LONGEST_RUN), aclosing(_lines(given)) as found:
                async for line in found:
                    yield _judged(line)
        except TimeoutError:
            message = f"the tests took longer than {LONGEST_RUN:g} seconds: run fewer at once"
            raise ApiError(503, "tests.too_long", message) from None


async def while_there(request: web.BaseRequest, work: Awaitable[T]) -> T:
    """Work for a client as long as it is there: an author who cancels a run keeps nobody waiting.

    Raises a 499, which nobody reads, when the client has gone; the work is cancelled before.
    """
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_AROUND))[0]:
            if request.transport is None or request.transport.is_closing():
                raise ApiError(499, "client.gone", "the client has closed the connection")
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _lines(given: bytes) -> AsyncGenerator[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "vxmlplat.simulator.test_worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,  # a group of its own: it has processes that must end with it
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    complaint = asyncio.create_task(process.stderr.read())
    try:
        process.stdin.write(given)
        process.stdin.close()
        while line := await process.stdout.readline():
            yield json.loads(line)
        if await process.wait():
            log.error(
                "the process of the tests failed: %s", (await complaint).decode("utf-8", "replace")[-4000:]
            )
            raise ApiError(503, "tests.failed", "the tests could not be run; the server's log has the reason")
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ApiError(503, "tests.failed", "the process of the tests has ended") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):  # it has ended, and nobody has told us yet
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        await asyncio.gather(complaint, return_exceptions=True)


def _judged(line: dict[str, Any]) -> dict[str, Any]:
    """A test that cannot be read is a failed one; a flow that cannot run is no run."""
    if "problems" in line:
        raise ApiError(422, "flow.cannot_run", "the flow cannot run", detail={"problems": line["problems"]})
    if "invalid" not in line:
        return line
    invalid = line["invalid"]
    failure = {
        "step": 0,
        "line": invalid["line"],
        "expected": "",
        "message": invalid["message"],
        "node": "",
        "heard": [],
    }
    return {
        "result": {
            "name": invalid["name"],
            "passed": False,
            "failure": failure,
            "steps": [],
            "unanswered": [],
            "seconds": 0.0,
        }
    }
