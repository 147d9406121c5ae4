"""A call that moves between sessions, and dialogs that are spoken to while they run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from conftest import nothing_left, put_number, sip_port
from probe import Probe

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">'
VXML = '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">'

RECEPTION = f"""{HEAD}<var name="call" expr="''"/><eventprocessor>
  <transition event="connection.alerting">
    <assign name="call" expr="event$.connectionid"/><accept/></transition>
  <transition event="connection.connected"><createccxml next="'office.ccxml'"/></transition>
  <transition event="ccxml.created"><move source="call" sessionid="event$.sessionid"/><exit/></transition>
</eventprocessor></ccxml>"""
OFFICE = f"""{HEAD}<var name="dialog" expr="''"/><eventprocessor>
  <transition event="connection.signal">
    <dialogstart src="'menu.vxml'" connectionid="event$.connectionid" dialogid="dialog"/></transition>
  <transition event="dialog.exit" cond="event$.values.choice == '7'"><disconnect/></transition>
  <transition event="connection.disconnected"><exit/></transition>
</eventprocessor></ccxml>"""
MENU = f"""{VXML}<form><field name="choice" type="digits?length=1"><prompt timeout="9s">Your choice.</prompt>
<filled><exit namelist="choice"/></filled></field></form></vxml>"""

SPOKEN_TO = f"""{HEAD}<var name="dialog" expr="''"/><var name="call" expr="''"/><eventprocessor>
  <transition event="connection.alerting">
    <assign name="call" expr="event$.connectionid"/><accept/></transition>
  <transition event="connection.connected">
    <dialogstart src="'waiting.vxml'" connectionid="call" dialogid="dialog"/>
    <send target="session.id" name="'now'" delay="'500ms'"/></transition>
  <transition event="now">ACTION</transition>
  <transition event="dialog.exit" cond="ANSWER"><disconnect connectionid="call"/></transition>
  <transition event="connection.disconnected"><exit/></transition>
  <transition event="send.successful"/>
</eventprocessor></ccxml>"""
WAITING = f"""{VXML}<var name="said" expr="'nothing'"/>
<catch event="desk.message"><assign name="said" expr="_message"/><exit namelist="said"/></catch>
<catch event="connection.disconnect"><assign name="said" expr="'farewell'"/><exit namelist="said"/></catch>
<form><field name="x" type="digits"><prompt timeout="30s">Please wait.</prompt></field></form></vxml>"""


def call(shared: Assembly, number: str) -> Probe:
    port = sip_port(shared)
    return Probe(f"sip:{number}@127.0.0.1:{port}", ("127.0.0.1", port))


async def test_a_call_that_was_moved_lives_in_its_new_session(shared: Assembly, tmp_path: Path) -> None:
    for name, text in (("reception.ccxml", RECEPTION), ("office.ccxml", OFFICE), ("menu.vxml", MENU)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    await put_number(shared, "move", ccxml=(tmp_path / "reception.ccxml").as_uri())
    async with call(shared, "move") as probe:
        assert await probe.call() == 200
        probe.talk()
        await asyncio.sleep(0.3)
        assert len(shared.switchboard.sessions) == 1, "the first session is over, the call is not"
        await probe.press("1")
        await probe.hears_voice()
        await probe.press("7")
        assert await asyncio.wait_for(probe.ended, 5) == "remote"
    await nothing_left(shared)


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        (
            """<send target="dialog" targettype="'dialog'" name="'desk.message'" namelist="call"/>""",
            "JSON.parse(event$.values.said).call == call",
        ),
        ("""<dialogterminate dialogid="dialog"/>""", "event$.values.said == 'farewell'"),
        (
            """<dialogterminate dialogid="dialog" immediate="true"/>""",
            "event$.values.said === undefined",
        ),
    ],
    ids=["an event with values", "asked to end", "ended at once"],
)
async def test_a_dialog_hears_of_events_and_of_its_end(
    shared: Assembly, tmp_path: Path, action: str, answer: str
) -> None:
    document = SPOKEN_TO.replace("ACTION", action).replace("ANSWER", answer)
    (tmp_path / "talk.ccxml").write_text(document, encoding="utf-8")
    (tmp_path / "waiting.vxml").write_text(WAITING, encoding="utf-8")
    await put_number(shared, "talk", ccxml=(tmp_path / "talk.ccxml").as_uri())
    async with call(shared, "talk") as probe:
        assert await probe.call() == 200
        await probe.hears_voice()
        assert await asyncio.wait_for(probe.ended, 5) == "remote"
    await nothing_left(shared)
