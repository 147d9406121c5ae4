"""Which document runs a call; calls and sessions from outside over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs

import aiohttp
import pytest
from call_documents import caller
from called import Called
from conftest import nothing_left, put_number, sip_port
from probe import Probe

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">'
GREETING = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US"><form><block>
<prompt>Good morning.</prompt></block></form></vxml>"""


def web(shared: Assembly) -> aiohttp.ClientSession:
    assert shared.password is not None
    return aiohttp.ClientSession(
        shared.base_uri, headers={"Authorization": aiohttp.encode_basic_auth("admin", shared.password)}
    )


def call(shared: Assembly, number: str) -> Probe:
    port = sip_port(shared)
    return Probe(f"sip:{number}@127.0.0.1:{port}", ("127.0.0.1", port))


async def test_another_document_for_a_number_runs_the_next_call_with_no_restart(
    shared: Assembly, tmp_path: Path
) -> None:
    greeting, refuse = tmp_path / "greeting.vxml", tmp_path / "refuse.ccxml"
    greeting.write_text(GREETING, encoding="utf-8")
    refuse.write_text(
        f'{HEAD}<eventprocessor><transition event="connection.alerting">'
        "<reject reason=\"'busy'\"/></transition>"
        '<transition event="connection.failed"><exit/></transition></eventprocessor></ccxml>',
        encoding="utf-8",
    )
    async with web(shared) as client:
        for answer, status in (
            ({"document": greeting.as_uri()}, 200),
            ({"document": greeting.as_uri(), "ccxml": refuse.as_uri()}, 486),
            ({"document": greeting.as_uri()}, 200),
        ):
            async with client.put("/api/numbers", json=[{"number": "700", **answer}]) as put:
                assert put.status == 200, await put.text()
            async with call(shared, "700") as probe:
                assert await probe.call() == status
                if status == 200:
                    await probe.hears_voice()
    await nothing_left(shared)


async def test_a_document_that_cannot_be_spoken_costs_the_caller_nothing(
    shared: Assembly, tmp_path: Path
) -> None:
    await put_number(shared, "700", document=(tmp_path / "missing.vxml").as_uri())
    async with call(shared, "700") as probe:
        assert await probe.call() == 480
    await put_number(shared, "700", ccxml=(tmp_path / "missing.ccxml").as_uri())
    async with call(shared, "700") as probe:
        assert await probe.call() == 480
    await nothing_left(shared)


@pytest.mark.parametrize(
    ("reason", "status"),
    [("'busy'", 486), ("'notfound'", 404), ("'forbidden'", 403), ("'404'", 404), ("'whatever'", 603)],
)
async def test_the_reason_of_a_refusal_is_a_status_of_sip(
    shared: Assembly, tmp_path: Path, reason: str, status: int
) -> None:
    document = tmp_path / "reject.ccxml"
    ending = "<exit/>" if status == 403 else ""  # a document may end before its refusal is sent
    document.write_text(
        f'{HEAD}<eventprocessor><transition event="connection.alerting">'
        f'<reject reason="{reason}"/>{ending}</transition>'
        '<transition event="connection.failed"><exit/></transition></eventprocessor></ccxml>',
        encoding="utf-8",
    )
    await put_number(shared, "reject", ccxml=document.as_uri())
    async with call(shared, "reject") as probe:
        assert await probe.call() == status
    await nothing_left(shared)


async def test_keys_are_signals_when_no_dialog_listens(shared: Assembly, tmp_path: Path) -> None:
    document = tmp_path / "keys.ccxml"
    document.write_text(
        f'{HEAD}<var name="keys" expr="\'\'"/><eventprocessor>'
        '<transition event="connection.alerting"><accept/></transition>'
        '<transition event="connection.signal"><assign name="keys" expr="keys + event$.info.dtmf"/>'
        "<if cond=\"keys == '42#'\"><disconnect/></if></transition>"
        '<transition event="connection.disconnected"><exit expr="keys"/></transition>'
        "</eventprocessor></ccxml>",
        encoding="utf-8",
    )
    await put_number(shared, "keys", ccxml=document.as_uri())
    async with call(shared, "keys") as probe:
        assert await probe.call() == 200
        await probe.keys("42#")
        assert await asyncio.wait_for(probe.ended, 5) == "remote"
    await nothing_left(shared)


async def test_what_the_far_end_writes_is_a_signal(shared: Assembly, tmp_path: Path) -> None:
    document = tmp_path / "text.ccxml"
    document.write_text(
        f'{HEAD}<eventprocessor><transition event="connection.alerting"><accept/></transition>'
        '<transition event="connection.signal" cond="event$.info.event == \'message\' &amp;&amp; '
        "event$.info.text == 'Grüße' &amp;&amp; event$.info.type == 'text/plain'\"><disconnect/></transition>"
        '<transition event="connection.disconnected"><exit/></transition></eventprocessor></ccxml>',
        encoding="utf-8",
    )
    await put_number(shared, "text", ccxml=document.as_uri())
    async with caller(shared, "text") as peer:
        assert await peer.call() == 200
        answer = await peer.request("MESSAGE", "Grüße", "Content-Type: text/plain;charset=utf-8")
        assert answer.startswith("SIP/2.0 200")
        assert await asyncio.wait_for(peer.ended, 5) == "remote"
    await nothing_left(shared)


async def test_an_event_from_the_web_reaches_a_session(shared: Assembly, tmp_path: Path) -> None:
    document = tmp_path / "web.ccxml"
    document.write_text(
        f'{HEAD}<eventprocessor><transition event="connection.alerting"><accept/></transition>'
        '<transition event="desk.release" cond="event$.values.why == \'done\'"><disconnect connectionid="'
        'session.connections[Object.keys(session.connections)[0]].connectionid"/></transition>'
        '<transition event="connection.disconnected"><exit/></transition></eventprocessor></ccxml>',
        encoding="utf-8",
    )
    await put_number(shared, "web", ccxml=document.as_uri())
    async with call(shared, "web") as probe, web(shared) as client:
        assert await probe.call() == 200
        (session,) = {owner.id for owner in shared.switchboard.sessions.owners.values()}
        form = {"sessionid": session, "name": "desk.release", "why": "done"}
        async with (
            aiohttp.ClientSession(shared.base_uri) as stranger,
            stranger.post("/api/ccxml/basichttp", data=form) as answer,
        ):
            assert answer.status == 401
        for name, status in (("connection.disconnected", 403), ("desk.release", 204)):
            async with client.post("/api/ccxml/basichttp", data=form | {"name": name}) as answer:
                assert answer.status == status
        assert await asyncio.wait_for(probe.ended, 5) == "remote"
        async with client.post("/api/ccxml/basichttp", data=form | {"sessionid": "none"}) as answer:
            assert answer.status == 404
    await nothing_left(shared)


async def test_a_session_is_begun_over_the_web(shared: Assembly) -> None:
    async with web(shared) as client:
        for uri, status in (("file:///etc/passwd", 400), (shared.base_uri + "/ccxml/none.ccxml", 502)):
            async with client.post("/api/ccxml/createsession", data={"uri": uri}) as answer:
                assert answer.status == status, await answer.text()
        form = {"uri": shared.base_uri + "/ccxml/inbound.ccxml", "dialog": ""}
        async with client.post("/api/ccxml/createsession", data=form) as answer:
            assert answer.status == 200, await answer.text()
            (session,) = parse_qs(await answer.text())["session.id"]
        form = {"sessionid": session, "name": "error.enough"}
        async with client.post("/api/ccxml/basichttp", data=form) as answer:
            assert answer.status == 204
    await nothing_left(shared)


@pytest.mark.parametrize(
    ("answer", "result", "status"),
    [
        ("auto", "answered", 0),
        (486, "busy", 3),
        ("ring", "no_answer", 4),
        (603, "refused", 5),
        (503, "unreachable", 6),
        (404, "invalid_number", 9),
    ],
)
async def test_the_command_tells_what_became_of_a_call(
    shared: Assembly, tmp_path: Path, answer: str | int, result: str, status: int
) -> None:
    greeting = tmp_path / "greeting.vxml"
    greeting.write_text(GREETING, encoding="utf-8")
    async with Called(answers=(answer,)) as person:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vxmlplat", "call", person.uri, "--document", greeting.as_uri(),
            "--caller", "12319", "--data", '{"ticket": "7"}', "--timeout", "1", "--server", shared.base_uri,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, "VXMLPLAT_PASSWORD": shared.password or ""},
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), 30)
        last = json.loads(output.splitlines()[-1])
        assert (last["result"], process.returncode) == (result, status)
        assert "<sip:12319@" in person.invites[0]
        assert "User-to-User" not in person.invites[0], "its data is not for whoever is called"
        if answer == "auto":
            assert person.voice_after(0) is not None
            await shared.recorder.flush()
            assert (await shared.store.calls.get(last["call"])).data == {"ticket": "7"}
    await nothing_left(shared)


async def test_a_call_that_cannot_be_placed_says_why(shared: Assembly) -> None:
    async with web(shared) as client:
        body = {"destination": "sip:1@127.0.0.1:9", "document": "http://127.0.0.1:9/none.vxml"}
        async with client.post("/api/calls", json=body) as answer:
            assert answer.status == 201
            placed = await answer.json()
        async with asyncio.timeout(10):
            while placed["state"] != "ended":
                async with client.get(f"/api/calls/{placed['id']}") as answer:
                    placed = await answer.json()
                await asyncio.sleep(0.05)
        assert placed["result"] == "error"
        assert "none.vxml" in placed["reason"]
        async with client.get("/api/calls/unknown") as answer:
            assert answer.status == 404
        async with client.post("/api/calls", json={"destination": "1001", "flow": "x"}) as answer:
            assert answer.status == 422
    await nothing_left(shared)
