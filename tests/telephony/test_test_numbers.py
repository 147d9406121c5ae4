"""A version is tried on a test number first, then given to all: whole calls, no restart in between."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from centre import sip_port
from probe import Probe

from vxmlplat.server.assembly import Assembly

FLOW = "hotline-12319"


async def version_heard(platform: Assembly, number: str) -> int:
    """Call a number until a voice is heard; the version that the call ran on."""
    port = sip_port(platform)
    async with Probe(f"sip:{number}@127.0.0.1:{port}", ("127.0.0.1", port)) as probe:
        assert await probe.call() == 200
        await probe.hears_voice()
        (connection,) = platform.switchboard.control.connections.values()
        call = connection.call.id
    async with asyncio.timeout(10):
        while platform.recorder.open_calls:  # noqa: ASYNC110  the record is closed a moment after the call
            await asyncio.sleep(0.05)
    await platform.recorder.flush()
    return (await platform.services.questions.path(call)).steps[0].version


async def test_a_version_is_heard_on_the_test_number_and_by_all_only_after_promotion(
    platform: Assembly,
) -> None:
    assert platform.password is not None
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", platform.password)}
    async with aiohttp.ClientSession(platform.base_uri, headers=headers) as session:

        async def send(method: str, path: str, body: Any, **more: str) -> Any:
            async with session.request(method, f"/api/flows/{FLOW}{path}", json=body, headers=more) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

        opened = await send("GET", "", None)
        draft = opened["flow"] | {"name": {"en-US": "On test"}}
        revision = (await send("PUT", "", draft, **{"If-Match": f'"{opened["revision"]}"'}))["revision"]
        tried = {"revision": revision, "name": "Trial", "note": "tried first", "audience": "test"}
        assert (await send("POST", "/publish", tried))["version"] == 2
        assert await version_heard(platform, "12319") == 1
        assert await version_heard(platform, "912319") == 2
        await send("POST", "/promote", {"version": 2, "seen": 1})
        assert await version_heard(platform, "12319") == 2
        await send("POST", "/rollback", {"version": 1, "seen": 2})
        assert [await version_heard(platform, number) for number in ("12319", "912319")] == [1, 1]
