"""Joins of every pair, over real audio: who hears whom, what a join ends, what is left when one side goes."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from call_control import journey
from called import Called
from conftest import nothing_left, put_number, sip_port
from probe import Probe

from vxmlplat.ccxml.events import Event
from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")
CALLER, ONE, TWO = TONES = (2900, 3300, 3600)

DIRECTOR = """<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">
<script>
  var ids = {}, told = [];
  function note(event) {
    told.push([event.name].concat(event.id1 ? [nameOf(event.id1), nameOf(event.id2)] : []).join(' '));
  }
  function nameOf(id) {
    for (var name in ids) { if (ids[name] == id) { return name; } }
    return '?';
  }
</script>
<var name="x" expr="''"/>
<eventprocessor>
  <transition event="connection.alerting"><script>ids.caller = event$.connectionid</script>
    <accept/></transition>
  <transition event="do.call"><createcall dest="event$.values.dest" connectionid="x"/>
    <script>ids[event$.values.as] = x</script></transition>
  <transition event="do.callto"><createcall dest="event$.values.dest" connectionid="x"
    joinid="ids[event$.values.to]" joindirection="event$.values.direction"/>
    <script>ids[event$.values.as] = x</script></transition>
  <transition event="do.conference"><createconference conferenceid="x" confname="event$.values.confname"/>
    <script>ids[event$.values.as] = x</script></transition>
  <transition event="do.destroy"><destroyconference conferenceid="ids[event$.values.id]"/></transition>
  <transition event="do.join"><join id1="ids[event$.values.a]" id2="ids[event$.values.b]"
    duplex="event$.values.half ? 'half' : 'full'" entertone="event$.values.tone"
    exittone="event$.values.tone"/></transition>
  <transition event="do.unjoin"><unjoin id1="ids[event$.values.a]" id2="ids[event$.values.b]"/></transition>
  <transition event="do.dialog"><dialogstart src="event$.values.src" conferenceid="ids[event$.values.on]"
    dialogid="x"/>
    <script>ids[event$.values.as] = x</script></transition>
  <transition event="do.terminate"><dialogterminate dialogid="ids[event$.values.id]"/></transition>
  <transition event="do.merge"><merge connectionid1="ids.caller" connectionid2="ids.one"/></transition>
  <transition event="do.redirect"><redirect connectionid="ids.caller" dest="event$.values.dest"/></transition>
  <transition event="do.exit"><exit/></transition>
  <transition event="send.successful conference.created connection.progressing dialog.started"/>
  <transition event="connection.disconnected" cond="event$.connectionid == ids.caller">
    <exit expr="told.join('; ')"/></transition>
  <transition event="*"><script>note(event$)</script></transition>
</eventprocessor></ccxml>"""


class Stage:
    """One caller's session, told what to do by events from outside, and telephones that it calls."""

    def __init__(self, shared: Assembly, folder: Path) -> None:
        self.shared = shared
        self.folder = folder
        port = sip_port(shared)
        self.caller = Probe(f"sip:stage@127.0.0.1:{port}", ("127.0.0.1", port))
        self.one, self.two = Called(user="one"), Called(user="two")

    async def __aenter__(self) -> Stage:
        for telephone in (self.one, self.two, self.caller):
            await telephone.__aenter__()
        document = self.folder / "director.ccxml"
        document.write_text(DIRECTOR, encoding="utf-8")
        await put_number(self.shared, "stage", ccxml=document.as_uri())
        assert await self.caller.call() == 200
        self.caller.talk(CALLER)
        (self.session,) = set(self.shared.switchboard.sessions.owners.values())
        return self

    async def __aexit__(self, *error: object) -> None:
        for telephone in (self.caller, self.one, self.two):
            await telephone.__aexit__()
        if error[0] is None:
            await nothing_left(self.shared)

    async def do(self, what: str, **values: Any) -> None:
        """Post an event, as a web application would."""
        self.session.post(Event(f"do.{what}", {"values": values}))
        await asyncio.sleep(0.05)

    async def bring(self, *names: str) -> None:
        """Call telephones, which then send their tones."""
        for name in names:
            telephone, tone = {"one": (self.one, ONE), "two": (self.two, TWO)}[name]
            await self.do("call", dest=telephone.uri, **{"as": name})
            await asyncio.wait_for(telephone.up.wait(), 5)
            telephone.talk(tone)

    async def hear(self, caller: tuple[int, ...], one: tuple[int, ...], two: tuple[int, ...] = ()) -> None:
        """Each hears just these."""
        await asyncio.gather(
            self.caller.hears_only(*caller, of=TONES),
            self.one.hears_only(*one, of=TONES),
            *([self.two.hears_only(*two, of=TONES)] if self.two.invites else []),
        )

    @property
    def told(self) -> list[str]:
        """The events that the document noted."""
        return json.loads(self.session.chain.string("JSON.stringify(told)"))


async def test_two_connections_whole_half_and_apart(shared: Assembly, tmp_path: Path) -> None:
    async with Stage(shared, tmp_path) as stage:
        await stage.bring("one")
        await stage.hear((), ())
        await stage.do("join", a="caller", b="one")
        await stage.hear((ONE,), (CALLER,))
        await stage.do("join", a="caller", b="one", half=True)
        await stage.hear((ONE,), ())
        await stage.do("join", a="one", b="caller", half=True)
        await stage.hear((), (CALLER,))
        await stage.do("unjoin", a="caller", b="one")
        await stage.hear((), ())
        await stage.do("unjoin", a="caller", b="one")
        assert stage.told[-2:] == ["conference.unjoined caller one", "error.conference.unjoin caller one"]


async def test_a_join_ends_another_and_a_third_may_listen(shared: Assembly, tmp_path: Path) -> None:
    async with Stage(shared, tmp_path) as stage:
        await stage.bring("one", "two")
        await stage.do("join", a="caller", b="one")
        await stage.do("join", a="two", b="one", half=True)
        await stage.hear((ONE,), (CALLER,), (ONE,))  # a supervisor hears the agent alone
        await stage.do("join", a="caller", b="two")
        await stage.hear((TWO,), (), (CALLER,))
        assert [told for told in stage.told if told.startswith("conference")][-3:] == [
            "conference.joined caller one",
            "conference.joined two one",
            "conference.joined caller two",
        ]  # what they replaced is not told


async def test_when_one_side_goes_its_join_ends(shared: Assembly, tmp_path: Path) -> None:
    async with Stage(shared, tmp_path) as stage:
        await stage.bring("one")
        await stage.do("join", a="caller", b="one")
        await stage.hear((ONE,), (CALLER,))
        await stage.one.hangup()
        await asyncio.sleep(0.1)
        assert stage.told[-2:] == ["conference.unjoined caller one", "connection.disconnected"]


async def test_a_conference_with_one_who_only_speaks_and_one_who_only_listens(
    shared: Assembly, tmp_path: Path
) -> None:
    async with Stage(shared, tmp_path) as stage:
        await stage.bring("one", "two")
        await stage.do("conference", **{"as": "room"})
        await stage.do("join", a="caller", b="room")
        await stage.do("join", a="room", b="one", half=True)
        await stage.do("join", a="two", b="room", half=True)
        await stage.hear((ONE,), (), (CALLER, ONE))
        await stage.do("destroy", id="room")
        await stage.hear((), (), ())
        assert stage.told[-1] == "conference.destroyed"
        assert sum(event.startswith("conference.unjoined") for event in stage.told) == 3


async def test_a_call_is_joined_as_it_is_answered(shared: Assembly, tmp_path: Path) -> None:
    async with Stage(shared, tmp_path) as stage:
        await stage.do("callto", dest=stage.one.uri, to="caller", direction="send", **{"as": "one"})
        await asyncio.wait_for(stage.one.up.wait(), 5)
        stage.one.talk(ONE)
        await stage.hear((ONE,), ())
        assert stage.told[-2:] == ["connection.connected", "conference.joined caller one"]


async def test_a_tone_is_heard_by_who_enters_and_by_who_remains(shared: Assembly, tmp_path: Path) -> None:
    async with Stage(shared, tmp_path) as stage:
        stage.caller.talk()
        await stage.do("conference", **{"as": "room"})
        await stage.do("join", a="caller", b="room", tone="true")
        await stage.caller.hears_voice(2)
        await stage.do("call", dest=stage.one.uri, **{"as": "one"})
        await asyncio.wait_for(stage.one.up.wait(), 5)
        await asyncio.sleep(0.5)
        await stage.do("join", a="one", b="room", tone="true")
        await stage.caller.hears_voice(2)
        await asyncio.sleep(0.5)
        await stage.one.hangup()
        await stage.caller.hears_voice(2)


async def test_a_dialog_speaks_to_a_conference_and_ends_with_it(shared: Assembly, tmp_path: Path) -> None:
    speech = tmp_path / "speech.vxml"
    speech.write_text(
        '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US"><form><field name="x" '
        'type="digits"><prompt timeout="20s">This is heard by everybody in the room, in all corners of it.'
        "</prompt></field></form></vxml>",
        encoding="utf-8",
    )
    async with Stage(shared, tmp_path) as stage:
        await stage.bring("one")
        stage.caller.talk()
        stage.one.talk()
        await stage.do("conference", **{"as": "room"})
        await stage.do("join", a="caller", b="room")
        await stage.do("join", a="one", b="room")
        await stage.hear((), ())
        before = time.monotonic() + 0.3
        await stage.do("dialog", src=speech.as_uri(), on="room", **{"as": "dialog"})
        for telephone in (stage.caller, stage.one):
            await telephone.hears_voice(5, after=before)
        (dialog,) = shared.switchboard.control.places
        await stage.do("unjoin", a="dialog", b="room")
        await stage.do("join", a="one", b="dialog", half=True)
        assert stage.told[-2:] == ["conference.unjoined dialog room", "conference.joined one dialog"]
        await stage.do("terminate", id="dialog")
        await asyncio.sleep(0.2)
        assert stage.told[-2:] == ["conference.unjoined one dialog", "dialog.exit"]
        record, steps = await journey(shared, dialog)
        assert (record.direction, record.flow, record.outcome) == ("room", speech.as_uri(), "hangup")
        assert steps[0].from_node == ""
        assert steps[-1].to_node == "", "in and out, as on a call"


async def test_two_sessions_share_a_conference_by_its_name(shared: Assembly, tmp_path: Path) -> None:
    async with Stage(shared, tmp_path) as stage:
        await stage.do("conference", confname="town hall", **{"as": "room"})
        await stage.do("join", a="caller", b="room")
        first = stage.session
        port = sip_port(shared)
        async with Probe(f"sip:stage@127.0.0.1:{port}", ("127.0.0.1", port)) as other:
            assert await other.call() == 200
            other.talk(ONE)
            (stage.session,) = set(shared.switchboard.sessions.owners.values()) - {first}
            await stage.do("conference", confname="town hall", **{"as": "room"})
            await stage.do("join", a="caller", b="room")
            await stage.caller.hears_only(ONE, of=TONES)
            await other.hears_only(CALLER, of=TONES)
        await stage.caller.hears_only(of=TONES)
        stage.session = first


async def test_a_telephone_that_takes_no_refer_keeps_its_call(shared: Assembly, tmp_path: Path) -> None:
    async with Stage(shared, tmp_path) as stage:
        await stage.do("redirect", dest="sip:nobody@127.0.0.1:9")
        await asyncio.sleep(0.2)
        assert stage.told[-1] == "error.connection"
        assert not stage.caller.ended.done()


@pytest.mark.parametrize("how", ["redirect", "merge"])
async def test_a_telephone_that_can_is_sent_elsewhere(shared: Assembly, tmp_path: Path, how: str) -> None:
    """``redirect`` of a connected call and ``merge`` are REFER (RFC 5589); the platform leaves when it is
    done.
    """
    async with Stage(shared, tmp_path) as stage:
        stage.caller.transfers = True
        await stage.bring("one")
        await stage.do(how, dest="sip:elsewhere@127.0.0.1:9")
        assert await asyncio.wait_for(stage.caller.ended, 5) == "remote"
        (refer,) = [text for text in stage.caller.messages if text.startswith("REFER")]
        if how == "redirect":
            assert "Refer-To: <sip:elsewhere@127.0.0.1:9>" in refer
        else:
            assert f"Replaces={stage.one.call_id}" in unquote(refer)
            assert await asyncio.wait_for(stage.one.ended, 5) == "remote"
