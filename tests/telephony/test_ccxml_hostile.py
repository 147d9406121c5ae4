"""Documents that mean harm, over SIP: their session ends, their caller is released, nobody else notices."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest
from conftest import nothing_left, put_number, sip_port
from probe import Probe

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">'
ANSWER = '<transition event="connection.alerting"><accept/></transition>'
BEGIN = '<transition event="connection.connected">'
TO_ITSELF = 'target="session.id" targettype="\'ccxml\'" name="\'again\'"'

HOSTILE = {
    "loops": (
        f"<eventprocessor>{ANSWER}{BEGIN}<send {TO_ITSELF}/></transition>"
        f'<transition event="again"><send {TO_ITSELF}/></transition></eventprocessor>',
        "error.notallowed",
    ),
    "floods": (
        f"<eventprocessor>{ANSWER}{BEGIN}<send {TO_ITSELF}/></transition>"
        f'<transition event="again">{f"<send {TO_ITSELF}/>" * 20}</transition></eventprocessor>',
        "error.notallowed",
    ),
    "throws": (
        f'<eventprocessor>{ANSWER}{BEGIN}<assign name="nowhere.at.all" expr="1"/></transition>'
        '<transition event="*"><assign name="nowhere.at.all" expr="1"/></transition></eventprocessor>',
        "error.semantic",
    ),
    "spins": (
        f"<eventprocessor>{ANSWER}{BEGIN}<script>while (true) {{}}</script></transition></eventprocessor>",
        "error.semantic",
    ),
    "fetches": (
        f'<var name="f"/><eventprocessor>{ANSWER}'
        '<transition event="ccxml.loaded"><fetch next="\'hostile.ccxml\'" fetchid="f"/></transition>'
        '<transition event="fetch.done"><goto fetchid="f"/></transition></eventprocessor>',
        "error.notallowed",
    ),
}
COUNTING = "One two three four five six seven eight nine ten. " * 4
GOOD = f"""<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US"><form>
<field name="key" type="digits?length=1"><prompt timeout="30s">{COUNTING}</prompt></field></form></vxml>"""


def call(shared: Assembly, number: str) -> Probe:
    port = sip_port(shared)
    return Probe(f"sip:{number}@127.0.0.1:{port}", ("127.0.0.1", port))


@pytest.mark.parametrize("manner", HOSTILE)
async def test_the_session_ends_and_another_call_does_not_notice(
    shared: Assembly, tmp_path: Path, caplog: pytest.LogCaptureFixture, manner: str
) -> None:
    body, error = HOSTILE[manner]
    hostile, good = tmp_path / "hostile.ccxml", tmp_path / "good.vxml"
    hostile.write_text(f"{HEAD}{body}</ccxml>", encoding="utf-8")
    good.write_text(GOOD, encoding="utf-8")
    await put_number(shared, "hostile", ccxml=hostile.as_uri())
    await put_number(shared, "good", document=good.as_uri())
    async with call(shared, "good") as other:
        assert await other.call() == 200
        other.talk()
        await other.hears_voice()
        with caplog.at_level(logging.ERROR, "vxmlplat.calls.control"):
            async with call(shared, "hostile") as victim:
                status = await victim.call()
                if status == 200:
                    assert await asyncio.wait_for(victim.ended, 10) == "remote"
                else:
                    assert status == 480
        assert f"ended with {error}" in caplog.text
        await other.hears_voice(2)
        numbers = [packet.sequence for packet in other.packets]
        assert numbers == [(numbers[0] + n) & 0xFFFF for n in range(len(numbers))], "no packet is missing"
        assert not other.ended.done()
        await asyncio.sleep(0.2)
        pressed = await other.press("5")
        assert await asyncio.wait_for(other.ended, 5) == "remote", "its dialog goes on to its end"
        assert time.monotonic() - pressed < 2
    await nothing_left(shared)


async def test_a_connection_of_another_session_cannot_be_touched(shared: Assembly, tmp_path: Path) -> None:
    good, thief = tmp_path / "good.vxml", tmp_path / "thief.ccxml"
    good.write_text(GOOD, encoding="utf-8")
    await put_number(shared, "good", document=good.as_uri())
    async with call(shared, "good") as other:
        assert await other.call() == 200
        (foreign,) = shared.switchboard.control.connections
        for element in (
            f"<disconnect connectionid=\"'{foreign}'\"/>",
            f'<join id1="event$.connectionid" id2="\'{foreign}\'"/>',
            f"<dialogstart src=\"'{good.as_uri()}'\" connectionid=\"'{foreign}'\"/>",
            f"<redirect connectionid=\"'{foreign}'\" dest=\"'sip:thief@127.0.0.1:9'\"/>",
            f'<move source="\'{foreign}\'" sessionid="session.id"/>',
        ):
            thief.write_text(
                f"{HEAD}<eventprocessor>{ANSWER}{BEGIN}{element}</transition>"
                '<transition event="error.semantic"><exit/></transition></eventprocessor></ccxml>',
                encoding="utf-8",
            )
            await put_number(shared, "thief", ccxml=thief.as_uri())
            async with call(shared, "thief") as probe:
                assert await probe.call() == 200
                assert await asyncio.wait_for(probe.ended, 5) == "remote", element
        assert not other.ended.done()
        await other.hears_voice()
    await nothing_left(shared)
