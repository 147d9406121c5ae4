"""Connections, conferences, joins and dialogs: what is asked of the world, and when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
Call = Callable[..., list[dict[str, Any]]]

ON_GO = '<transition event="user.go">{}</transition>'


@pytest.mark.parametrize(
    ("element", "shown"),
    [
        ("<accept/>", {"event": "accept", "connectionid": "c1"}),
        ('<accept connectionid="\'c\' + 1" hints="o"/>', {"connectionid": "c1", "hints": {"k": [1]}}),
        ("<reject reason=\"'busy'\"/>", {"event": "reject", "connectionid": "c1", "reason": "busy"}),
        ("<redirect dest=\"'tel:9'\" reason=\"'away'\"/>", {"connectionid": "c1", "dest": "tel:9"}),
        ("<disconnect/>", {"event": "disconnect", "connectionid": "c1"}),
    ],
)
def test_an_alerting_call(play: Play, call: Call, element: str, shown: dict[str, Any]) -> None:
    before = '<var name="o" expr="new Object()"/><script>o.k = [1]</script>'
    run = play(f'<transition event="connection.alerting">{element}</transition>', call("c1"), before=before)
    line = run.events[0]
    assert {key: line.get(key) for key in shown} == shown
    assert run.exit["reason"] == "end"


@pytest.mark.parametrize(
    ("states", "element", "allowed"),
    [
        (["connected"], "accept", False),
        (["connected"], "reject", False),
        (["connected"], "redirect dest=\"'tel:9'\"", True),
        (["connected"], "disconnect", True),
        (["progressing"], "accept", False),
        (["progressing"], "disconnect", True),
        (["connected", "disconnected"], "disconnect", False),
        (["connected", "disconnected"], "redirect dest=\"'tel:9'\"", False),
        (["failed"], "accept", False),
        (["failed"], "dialogstart src=\"'a.vxml'\"", False),
        (["connected", "disconnected"], 'join id2="\'c1\'" id1="k"', False),
    ],
)
def test_states_of_a_connection(
    play: Play, call: Call, states: list[str], element: str, allowed: bool
) -> None:
    where = "" if element.startswith("join") else " connectionid=\"'c1'\""
    run = play(
        ON_GO.format(f'<createconference conferenceid="k"/><{element}{where}/><log expr="\'on\'"/>')
        + '<transition event="error.connection.wrongstate">'
        "<log expr=\"'wrong ' + event$.connectionid\"/></transition>",
        [*call("c1", *states), "user.go"],
        before='<var name="k"/>',
    )
    assert run.said == (["on"] if allowed else ["on", "wrong c1"])
    assert len(run.all(element.split()[0])) == allowed


@pytest.mark.parametrize(
    "element",
    [
        "<accept connectionid=\"'c9'\"/>",
        "<reject connectionid=\"'c9'\"/>",
        "<disconnect connectionid=\"'c9'\"/>",
        "<redirect connectionid=\"'c9'\" dest=\"'tel:1'\"/>",
        "<merge connectionid1=\"'c1'\" connectionid2=\"'c9'\"/>",
        "<join id1=\"'c9'\" id2=\"'c1'\"/>",
        "<join id1=\"'c1'\" id2=\"'c1'\"/>",
        "<unjoin id1=\"'c1'\" id2=\"'c9'\"/>",
        "<destroyconference conferenceid=\"'c1'\"/>",
        "<dialogstart src=\"'a'\" connectionid=\"'c9'\"/>",
        "<dialogstart src=\"'a'\" conferenceid=\"'c1'\"/>",
        "<dialogstart src=\"'a'\"/>",  # user.go has no connection
        "<dialogstart prepareddialogid=\"'d9'\"/>",
        "<dialogterminate dialogid=\"'d9'\"/>",
        "<createcall dest=\"'tel:1'\" joinid=\"'c9'\"/>",
        "<accept/>",
    ],
)
def test_unknown_identifiers(play: Play, call: Call, element: str) -> None:
    run = play(
        ON_GO.format(element + "<log expr=\"'on'\"/>")
        + '<transition event="error.semantic"><log expr="event$.tagname"/></transition>',
        [*call("c1", "connected"), "user.go"],
    )
    assert run.said == ["on", element[1:].split()[0].rstrip("/>")]
    assert [event["event"] for event in run.events] == ["log", "log", "exit"]


def test_a_call_out(play: Play) -> None:
    run = play(
        ON_GO.format(
            '<createcall dest="\'tel:5\'" connectionid="out" timeout="\'2s\'" hints="{a: 1}"/>'
            '<log expr="out + session.connections[out].state + session.connections[out].remote"/>'
        )
        + '<transition event="connection.*">'
        '<log expr="event$.name + session.connections.c1.state"/></transition>',
        [
            "user.go",
            {"event": "connection.progressing", "connection": "c1"},
            {"event": "connection.failed", "connection": "c1", "reason": "busy"},
        ],
        before='<var name="out"/>',
    )
    assert run.said == ["c1IDLEtel:5", "connection.progressingPROGRESSING", "connection.failedFAILED"]
    assert run.one("createcall")["hints"] == {"a": 1}


@pytest.mark.parametrize(
    "element",
    [
        '<createcall dest="\'tel:5\'" connectionid="nosuch"/>',
        "<createcall dest=\"''\"/>",
        '<createcall dest="undefined"/>',
        "<createcall dest=\"'tel:5'\" timeout=\"'soon'\"/>",
        "<createcall dest=\"'tel:5'\" joindirection=\"'up'\"/>",
        '<createconference conferenceid="nosuch"/>',
        '<createconference conferenceid="x" reservedtalkers="\'many\'"/>',
        '<dialogstart src="\'a\'" conferenceid="x" mediadirection="\'up\'"/>',
    ],
)
def test_what_cannot_be_asked_for_is_not(play: Play, element: str) -> None:
    run = play(
        ON_GO.format(element) + '<transition event="error.semantic"><log expr="\'refused\'"/></transition>',
        ["user.go"],
        before='<var name="x"/>',
    )
    assert [event["event"] for event in run.events] == ["log", "exit"]


def test_undeclared_variables_count_no_identifier(play: Play) -> None:
    run = play(
        ON_GO.format('<createcall dest="\'tel:5\'" connectionid="nosuch"/>')
        + '<transition event="error.semantic"><createcall dest="\'tel:6\'" connectionid="out"/></transition>',
        ["user.go"],
        before='<var name="out"/>',
    )
    assert run.one("createcall")["connectionid"] == "c1"


def test_conferences_and_joins(play: Play, call: Call) -> None:
    run = play(
        """<transition event="connection.connected">
             <createconference conferenceid="k" confname="'room'"/></transition>
           <transition event="conference.created"><join id1="'c1'" id2="k" duplex="'half'"/></transition>
           <transition event="conference.joined">
             <log expr="session.connections.c1.input + ' ' + session.conferences.k1.outputs"/>
             <unjoin id1="'c1'" id2="k"/></transition>
           <transition event="conference.unjoined"><log expr="session.connections.c1.input"/>
             <destroyconference conferenceid="k"/></transition>
           <transition event="conference.destroyed"><log expr="typeof event$.conference"/></transition>
           <transition event="user.late"><log expr="typeof session.conferences[k]"/></transition>""",
        [
            *call("c1", "connected"),
            {"event": "conference.created", "conference": "k1"},
            {"event": "conference.joined", "id1": "c1", "id2": "k1"},
            {"event": "conference.unjoined", "id1": "c1", "id2": "k1"},
            {"event": "conference.destroyed", "conference": "k1"},
            "user.late",
        ],
        before='<var name="k"/>',
    )
    assert run.said == ["k1 c1", "undefined", "object", "undefined"]
    assert [event["event"] for event in run.events if event["event"] != "log"] == [
        "createconference",
        "join",
        "unjoin",
        "destroyconference",
        "exit",
    ]


def test_a_merge(play: Play, call: Call) -> None:
    run = play(
        """<transition event="user.go"><merge connectionid1="'c1'" connectionid2="'c2'"/></transition>
           <transition event="connection.merged"><log expr="event$.connectionid"/></transition>""",
        [
            *call("c1", "connected"),
            *call("c2", "connected"),
            "user.go",
            {"event": "connection.merged", "connection": "c1"},
            {"event": "connection.merged", "connection": "c2"},
        ],
    )
    assert (run.one("merge")["connectionid1"], run.one("merge")["connectionid2"]) == ("c1", "c2")
    assert run.said == ["c1", "c2"]


def test_a_dialog_from_start_to_end(play: Play, call: Call) -> None:
    run = play(
        """<transition event="connection.connected">
             <dialogstart src="'a.vxml'" type="'application/voicexml+xml'" namelist="a b" parameters="p"
               method="'post'" dialogid="d" hints="h"/>
             <log expr="session.dialogs[d].state + session.connections.c1.dialogid"/></transition>
           <transition event="dialog.started"><log expr="event$.dialog.state + event$.dialog.connectionid"/>
             <dialogterminate dialogid="event$.dialogid" immediate="true"/></transition>
           <transition event="dialog.exit"><log expr="event$.dialog.state"/>
             <dialogterminate dialogid="d"/><send target="d" targettype="'dialog'" name="'user.x'"/>
               </transition>
           <transition event="error.dialog.wrongstate"><log expr="event$.dialogid"/></transition>
           <transition event="error.send.targetunavailable"><log expr="'gone'"/></transition>""",
        [*call("c1", "connected"), *({"event": f"dialog.{n}", "dialog": "d1"} for n in ("started", "exit"))],
        before='<var name="d"/><var name="a" expr="1"/><var name="b" expr="\'x\'"/><var name="p" expr="2"/>'
        '<var name="h" expr="3"/>',
    )
    started = run.one("dialogstart")
    assert (started["namelist"], started["parameters"], started["hints"]) == ({"a": 1, "b": "x"}, {"p": 2}, 3)
    assert (started["dialogid"], started["connectionid"]) == ("d1", "c1")
    assert run.one("dialogterminate")["immediate"] is True
    assert run.said == ["STARTINGd1", "STARTEDc1", "TERMINATED", "d1", "gone"]


def test_a_prepared_dialog_takes_the_connection_of_the_event(play: Play, call: Call) -> None:
    run = play(
        """<transition event="user.go"><dialogprepare src="'a.vxml'" dialogid="d"/></transition>
           <transition event="connection.connected"><dialogstart prepareddialogid="d"/></transition>
           <transition event="dialog.started"><dialogstart prepareddialogid="d"/></transition>
           <transition event="error.dialog.notstarted"><log expr="'once'"/></transition>""",
        ["user.go", *call("c1", "connected"), {"event": "dialog.started", "dialog": "d1"}],
        before='<var name="d"/>',
    )
    line = run.one("dialogstart")
    assert (line["prepareddialogid"], line["dialogid"], line["connectionid"]) == ("d1", "d1", "c1")
    assert run.said == ["once"]


def test_a_dialog_prepared_for_one_connection_cannot_start_on_another(play: Play, call: Call) -> None:
    run = play(
        """<transition event="connection.alerting"><dialogprepare src="'a.vxml'" dialogid="d"
             connectionid="event$.connectionid"/></transition>
           <transition event="connection.connected"><dialogstart prepareddialogid="d" connectionid="'c1'"/>
           </transition>
           <transition event="error.dialog.notstarted"><log expr="event$.dialogid"/></transition>""",
        call("c1", "connected"),
        before='<var name="d"/>',
    )
    assert run.said == ["d1"]
    assert not run.all("dialogstart")


def test_objects_live_on_and_cannot_be_written(play: Play, call: Call) -> None:
    run = play(
        """<transition event="connection.alerting"><assign name="c" expr="event$.connection"/></transition>
           <transition event="connection.connected">
             <script>c.state = 'X'; session.connections.c1.local = 'X';</script>
             <log expr="c.state + c.local + c.connectionid + (c === session.connections.c1)"/>
             <assign name="c.state" expr="'X'"/></transition>
           <transition event="error.semantic"><log expr="'read-only'"/></transition>""",
        call("c1", "connected"),
        before='<var name="c"/>',
    )
    assert run.said == ["CONNECTEDtel:1c1true", "read-only"]


PREPARE = """<transition event="connection.alerting">
    <dialogprepare src="'a.vxml'" dialogid="d" {0}/></transition>
  <transition event="connection.connected">
    <dialogstart prepareddialogid="d" mediadirection="'dialogtransmit'"/></transition>
  <transition event="error.dialog.notstarted"><log expr="event$.dialogid"/></transition>"""


def test_the_direction_of_a_prepared_dialog_is_told_when_it_starts(play: Play, call: Call) -> None:
    run = play(PREPARE.format(""), call("c1", "connected"), before='<var name="d"/>')
    assert run.one("dialogstart")["mediadirection"] == "dialogtransmit"


def test_the_direction_of_a_dialog_prepared_for_a_connection_is_settled(play: Play, call: Call) -> None:
    inputs = call("c1", "connected")
    run = play(PREPARE.format("connectionid=\"'c1'\""), inputs, before='<var name="d"/>')
    assert (run.said, run.all("dialogstart")) == (["d1"], [])
