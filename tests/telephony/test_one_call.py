"""One call from end to end, on real parts:

the sample hotline, real telephones, the agent who sees the call's data.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path

import aiohttp
import pytest
from baresip import Baresip
from centre import sip_port, staff
from probe import Probe

from vxmlplat.acd import AgentState
from vxmlplat.server.assembly import Assembly

WALK = ["start", "language", "english", "welcome", "hours", "repair_menu", "repair_queue"]


def signed_in(platform: Assembly) -> dict[str, str]:
    assert platform.password is not None
    return {"Authorization": aiohttp.encode_basic_auth("admin", platform.password)}


async def report(platform: Assembly, path: str) -> dict:
    await platform.recorder.flush()
    async with (
        aiohttp.ClientSession(headers=signed_in(platform)) as session,
        session.get(platform.base_uri + path) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return await answer.json()


def data_of(trace: str) -> dict:
    """The call's data, as it stands in the INVITE that a telephone got."""
    found = re.search(r"^User-to-User: ([0-9a-fA-F]+);", trace, re.MULTILINE)
    assert found is not None, trace[-2000:]
    return json.loads(bytes.fromhex(found[1]))


async def path_of_the_call(platform: Assembly) -> list[str]:
    calls = (await report(platform, "/api/analytics/calls?flow=hotline-12319"))["calls"]
    steps = (await report(platform, f"/api/analytics/calls/{calls[0]['call']}"))["steps"]
    return [step["to"] for step in steps if step["to"]]


@pytest.mark.needs("baresip")
async def test_a_caller_reaches_an_agent_who_sees_the_data(platform: Assembly, tmp_path: Path) -> None:
    async with Baresip(tmp_path / "agent", user="1001", answer="auto") as agent:
        await staff(platform, "1001", agent.uri, {"repairs": 5})
        async with Baresip(tmp_path / "caller", user="13800138000") as caller:
            await caller.dial(f"sip:12319@127.0.0.1:{sip_port(platform)}")
            for key in "213":
                await asyncio.sleep(1.2)
                await caller.press(key)
            await agent.saw("Call established", 20)
            data = data_of(agent.trace)
            async with asyncio.timeout(5):  # the telephone may know of its answer before the platform does
                while platform.acd.agent("1001").state is not AgentState.TALKING:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            whole = await report(platform, f"/api/calls/{data['call']}/data")
            assert whole["language"] == "en-US"
            assert "road" in json.dumps(whole)
            accepted = platform.recorder.counts.accepted
            await agent.hangup()
            async with asyncio.timeout(10):  # the flow goes on with the survey
                while platform.recorder.counts.accepted == accepted:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await caller.hangup()
    await asyncio.sleep(0.3)
    path = await path_of_the_call(platform)
    assert [node for node in WALK if node not in path] == []
    assert path.index("repair_queue") < len(path) - 1, "after the agent has hung up the flow goes on"
    nodes = (await report(platform, "/api/analytics/nodes?flow=hotline-12319"))["nodes"]
    for node in nodes:
        assert node["entered"] == node["left"] + node["inside"]
    roads = next(n for n in nodes if n["node"] == "repair_menu")
    assert [(t["node"], t["port"], t["count"]) for t in roads["to"]] == [("repair_queue", "3", 1)]
    assert platform.admission.in_use == 0


@pytest.mark.needs("sipp", "baresip")
async def test_sipp_calls_as_well(platform: Assembly, tmp_path: Path, program: object) -> None:
    from bench_calls import scenario

    async with Baresip(tmp_path / "agent", user="1001", answer="auto") as agent:
        await staff(platform, "1001", agent.uri, {"repairs": 5})
        file = tmp_path / "call.xml"
        file.write_text(scenario("213", pause=1200, hold=4000))
        process = await asyncio.create_subprocess_exec(
            "sipp", f"127.0.0.1:{sip_port(platform)}", "-sf", str(file), "-m", "1",
            "-i", "127.0.0.1", "-nostdin",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path,
        )  # fmt: skip
        assert await asyncio.wait_for(process.wait(), 40) == 0
        assert data_of(agent.trace)["language"] == "en-US"
    assert [node for node in WALK if node not in await path_of_the_call(platform)] == []


async def test_the_first_word_comes_quickly_and_a_key_silences_it(platform: Assembly) -> None:
    port = sip_port(platform)
    async with Probe(f"sip:12319@127.0.0.1:{port}", ("127.0.0.1", port)) as probe:
        assert await probe.call() == 200
        await probe.hears_voice()
        probe.talk()
        await probe.press("2")
        await probe.hears_voice(5)
    assert platform.user_agent.counters.legs == 0
    async with asyncio.timeout(5):
        while platform.plane.statistics.channels:  # noqa: ASYNC110  told once a second, by another process
            await asyncio.sleep(0.1)


async def test_a_number_that_nobody_answers_is_not_found(platform: Assembly) -> None:
    port = sip_port(platform)
    async with Probe(f"sip:99999@127.0.0.1:{port}", ("127.0.0.1", port)) as probe:
        assert await probe.call() == 404


async def test_past_the_licences_a_call_is_refused_and_the_others_go_on(platform: Assembly) -> None:
    platform.admission.ports = 1
    port = sip_port(platform)
    async with Probe(f"sip:12319@127.0.0.1:{port}", ("127.0.0.1", port)) as first:
        assert await first.call() == 200
        async with Probe(f"sip:12319@127.0.0.1:{port}", ("127.0.0.1", port)) as second:
            assert await second.call() == 503
            assert "Retry-After" in "".join(second.messages)
        assert not first.ended.done()
        await first.hears_voice()


async def test_a_publish_is_heard_by_the_next_call_and_not_by_the_one_in_progress(platform: Assembly) -> None:
    port, flow = sip_port(platform), "hotline-12319"
    async with Probe(f"sip:12319@127.0.0.1:{port}", ("127.0.0.1", port)) as before:
        assert await before.call() == 200
        await before.hears_voice()
        draft = await report(platform, f"/api/flows/{flow}")
        changed = draft["flow"] | {"name": {"en-US": "Changed", "zh-CN": "改"}}
        async with aiohttp.ClientSession(headers=signed_in(platform)) as session:
            url = f"{platform.base_uri}/api/flows/{flow}"
            async with session.put(
                url, json=changed, headers={"If-Match": f'"{draft["revision"]}"'}
            ) as saved:
                assert saved.status == 200, await saved.text()
            body = {"revision": draft["revision"] + 1, "note": "another name"}
            async with session.post(f"{url}/publish", json=body) as published:
                assert published.status == 200, await published.text()
                version = (await published.json())["version"]
        await asyncio.sleep(0.1)
        before.talk()
        await before.keys("2")
        async with Probe(f"sip:12319@127.0.0.1:{port}", ("127.0.0.1", port)) as after:
            assert await after.call() == 200
            await after.hears_voice()
            await before.hears_voice()
    await asyncio.sleep(0.3)
    calls = (await report(platform, f"/api/analytics/calls?flow={flow}"))["calls"]
    assert sorted(call["version"] for call in calls) == [version - 1, version]
    english = [c for c in calls if c["version"] == version - 1]
    assert english[0]["steps"] > 2, "the call in progress went on in its own version"
