"""The sample ccxml-notification: a campaign calls everybody, the busy ones again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from called import Called
from conftest import nothing_left, sample

from vxmlplat.documents import FetchRequest
from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_busy_are_called_again_and_those_who_refuse_are_not(
    shared: Assembly, tmp_path: Path
) -> None:
    async with Called() as ready, Called(answers=(486, "auto")) as busy, Called(answers=(603,)) as unwilling:
        people = [ready.uri, busy.uri, unwilling.uri]
        settings = f"var recipients = {people}, atOnce = 2, attempts = 3, pause = '0.3s', ringing = '10s';"
        document = sample(tmp_path, "ccxml-notification", settings) + "/campaign.ccxml"
        session = await shared.switchboard.sessions.start(FetchRequest(document))
        await ready.hears_voice(8)
        assert unwilling.invites == [], "two at once, not three"
        await busy.hears_voice(12)
        async with asyncio.timeout(20):
            while session.outcome is None:  # noqa: ASYNC110  a session tells its end to the platform only
                await asyncio.sleep(0.05)
        assert session.outcome.reason == "exit"
        assert session.outcome.namelist == {"reached": 2, "missed": 1}
        assert [len(one.invites) for one in (ready, busy, unwilling)] == [1, 2, 1]
        for one in (ready, busy):
            assert await one.ended == "remote", "the platform hangs up when the notice was heard"
    await nothing_left(shared)
