"""What tests of call control share: one platform for all, and the check that nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from centre import settings

from vxmlplat.ccxml.platform import Outcome
from vxmlplat.server.assembly import ROOT, Assembly
from vxmlplat.store.calls import CallRecord
from vxmlplat.store.numbers import Number
from vxmlplat.store.steps import StepRecord


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def long_lived(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assembly]:
    """The platform behind :func:`shared`."""
    folder = tmp_path_factory.mktemp("shared")
    async with Assembly(settings(folder / "var")) as assembly:
        yield assembly


@pytest_asyncio.fixture(loop_scope="session")
async def shared(long_lived: Assembly) -> AsyncIterator[Assembly]:
    """One platform without samples for all tests that leave nothing behind (loop_scope session).

    The calls that a failed test has left are ended: the next test is to find the platform idle.
    """
    yield long_lived
    if any(held(long_lived).values()):
        for session in list(long_lived.switchboard.sessions._sessions.values()):
            session.end(Outcome("end"))
        with contextlib.suppress(AssertionError):  # the test that did leave something has failed already
            await nothing_left(long_lived)


async def put_number(platform: Assembly, number: str, **answer: str) -> None:
    """Let a number be answered by a ``ccxml`` or a ``document``."""
    others = [
        Number(number=one.number, flow=one.flow, document=one.document, ccxml=one.ccxml)
        for one in await platform.store.numbers.all()
        if one.number != number
    ]
    await platform.store.numbers.replace([*others, Number(number=number, **answer)])
    await platform.numbers.reload()


async def nothing_left(platform: Assembly, seconds: float = 8.0) -> None:
    """Wait until every licence, leg, connection, dialog, conference, session and channel has been given
    back.
    """
    end = asyncio.get_running_loop().time() + seconds
    while any(held(platform).values()):
        assert asyncio.get_running_loop().time() < end, {k: v for k, v in held(platform).items() if v}
        await asyncio.sleep(0.05)


def held(platform: Assembly) -> dict[str, object]:
    """What calls hold at the moment."""
    control = platform.switchboard.control
    return {
        "ports": platform.admission.in_use,
        "legs": platform.user_agent.counters.legs,
        "connections": list(control.connections),
        "dialogs": list(control.dialogs),
        "places": list(control.places),
        "conferences": list(control.mixers),
        "joins": control.patchbay.count,
        "sessions": len(platform.switchboard.sessions),
        "requests": len(control._tasks),
        "channels": platform.plane.statistics.channels,
        "records": platform.recorder.open_calls,
    }


def running_call(platform: Assembly) -> str:
    """The id of the one call that is up."""
    (connection,) = platform.switchboard.control.connections.values()
    return connection.call.id


async def journey(platform: Assembly, call: str) -> tuple[CallRecord, list[StepRecord]]:
    """A call's record and its path, as they are kept."""
    await platform.recorder.flush()
    path = await platform.services.questions.path(call)
    return await platform.store.calls.get(call), list(path.steps)


def sample(folder: Path, name: str, settings: str) -> str:
    """A copy of a sample with settings of the test's own; the folder's address."""
    copy = folder / name
    shutil.copytree(ROOT / "samples" / name, copy)
    (copy / "settings.js").write_text(settings, encoding="utf-8")
    return copy.as_uri()
