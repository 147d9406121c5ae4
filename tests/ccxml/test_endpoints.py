"""What the objects of connections, dialogs and conferences tell about who hears whom (CCXML 1.0 §10.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
Call = Callable[..., list[dict[str, Any]]]

SHOW = """<transition event="user.show">
  <log expr="tell('c1') + ' ' + tell('c2') + ' ' + tell('c3')"/></transition>"""
TELL = """<script>function tell(id) {
  var c = session.connections[id]; return c ? c.input + '>' + c.outputs.join('+') : ''; }</script>"""


def joined(id1: str, id2: str) -> dict[str, Any]:
    return {"event": "conference.joined", "id1": id1, "id2": id2}


def unjoined(id1: str, id2: str) -> dict[str, Any]:
    return {"event": "conference.unjoined", "id1": id1, "id2": id2}


def told(play: Play, *inputs: Any, transitions: str = "") -> list[str]:
    said: list[str] = play(transitions + SHOW, inputs, before=TELL).said
    return said


def test_a_connection_that_is_joined_with_nothing(play: Play, call: Call) -> None:
    assert told(play, *call("c1"), "user.show") == ["undefined>  "]


def test_a_join_in_both_directions(play: Play, call: Call) -> None:
    calls = [*call("c1", "connected"), *call("c2", "connected")]
    assert told(play, *calls, joined("c1", "c2"), "user.show", unjoined("c2", "c1"), "user.show") == [
        "c2>c2 c1>c1 ",
        "undefined> undefined> ",
    ]


HALF = """<transition event="user.half"><join id1="'c1'" id2="'c2'" duplex="'half'"/></transition>
          <transition event="user.full"><join id1="'c2'" id2="'c1'"/></transition>"""


def test_half_a_join_lets_the_first_hear_the_second(play: Play, call: Call) -> None:
    calls = [*call("c1", "connected"), *call("c2", "connected")]
    inputs = [*calls, "user.half", joined("c1", "c2"), "user.show"]
    assert told(play, *inputs, transitions=HALF) == ["c2> undefined>c1 "]


def test_joining_again_changes_the_manner(play: Play, call: Call) -> None:
    calls = [*call("c1", "connected"), *call("c2", "connected")]
    inputs = [*calls, joined("c1", "c2"), "user.half", joined("c1", "c2"), "user.show"]
    inputs += ["user.full", joined("c2", "c1"), "user.show"]
    assert told(play, *inputs, transitions=HALF) == ["c2> undefined>c1 ", "c2>c2 c1>c1 "]


def test_a_new_input_takes_the_place_of_the_old_one(play: Play, call: Call) -> None:
    calls = [*call("c1", "connected"), *call("c2", "connected"), *call("c3", "connected")]
    inputs = [*calls, joined("c1", "c2"), joined("c1", "c3"), "user.show"]
    assert told(play, *inputs) == ["c3>c2+c3 c1> c1>c1"]


def test_a_call_that_is_joined_on_its_way(play: Play, call: Call) -> None:
    place = """<transition event="connection.connected" cond="event$.connectionid == 'c1'">
      <createcall dest="'tel:5'" joinid="'c1'" joindirection="'send'"/></transition>"""
    inputs = [*call("c1", "connected"), {"event": "connection.connected", "connection": "c2"}]
    assert told(play, *inputs, joined("c2", "c1"), "user.show", transitions=place) == [
        "c2> undefined>c1 ",
    ]


def test_a_conference_hears_all_its_members(play: Play, call: Call) -> None:
    run = play(
        """<transition event="user.go"><createconference conferenceid="k"/></transition>
           <transition event="user.show">
             <log expr="session.connections.c1.input + session.connections.c2.input"/>
             <log expr="session.conferences.k1.outputs.join()"/>
             <log expr="session.connections.c1.outputs.join()"/></transition>""",
        [
            *call("c1", "connected"),
            *call("c2", "connected"),
            "user.go",
            {"event": "conference.created", "conference": "k1"},
            joined("c1", "k1"),
            joined("c2", "k1"),
            "user.show",
        ],
        before='<var name="k"/>',
    )
    assert run.said == ["k1k1", "c1,c2", "k1"]


def test_a_connection_forgets_its_dialog_when_it_is_over(play: Play, call: Call) -> None:
    run = play(
        """<transition event="connection.connected"><dialogstart src="'a.vxml'"/></transition>
           <transition event="dialog.*">
             <log expr="event$.connection.dialogid + ' ' + event$.dialog.conferenceid"/></transition>""",
        [
            *call("c1", "connected"),
            {"event": "dialog.started", "dialog": "d1"},
            {"event": "dialog.exit", "dialog": "d1"},
        ],
    )
    assert run.said == ["d1 undefined", "undefined undefined"]


def test_the_dialog_that_is_over_is_not_the_one_that_runs(play: Play, call: Call) -> None:
    run = play(
        """<transition event="connection.connected"><dialogprepare connectionid="'c1'" src="'a.vxml'"/>
             <dialogstart src="'b.vxml'"/></transition>
           <transition event="error.dialog.*"><log expr="event$.connection.dialogid"/></transition>""",
        [*call("c1", "connected"), {"event": "error.dialog.notprepared", "dialog": "d1", "reason": "404"}],
    )
    assert run.said == ["d2"]


START = """<transition event="connection.connected">
    <dialogstart src="'a.vxml'" mediadirection="{0}"/></transition>
  <transition event="dialog.*">
    <var name="c" expr="session.connections.c1"/><var name="d" expr="event$.dialog"/>
    <log expr="c.input + '>' + c.outputs + ' ' + d.input + '>' + d.outputs"/></transition>"""


@pytest.mark.parametrize(
    ("direction", "running"),
    [
        ("'both'", "d1>d1 c1>c1"),
        ("'dialogtransmit'", "d1> undefined>c1"),
        ("'dialogreceive'", "undefined>d1 c1>"),
    ],
)
def test_a_dialog_is_joined_with_its_connection(play: Play, call: Call, direction: str, running: str) -> None:
    run = play(
        START.format(direction),
        [
            *call("c1", "connected"),
            {"event": "dialog.started", "dialog": "d1"},
            {"event": "dialog.exit", "dialog": "d1"},
        ],
    )
    assert run.said == [running, "undefined> undefined>"]


def test_a_join_is_heard_again_when_the_dialog_above_it_is_over(play: Play, call: Call) -> None:
    run = play(
        START.format("'both'"),
        [
            *call("c2"),
            *call("c1", "connected"),
            joined("c1", "c2"),
            {"event": "dialog.started", "dialog": "d1"},
            {"event": "dialog.exit", "dialog": "d1"},
        ],
    )
    assert run.said == ["d1>c2,d1 c1>c1", "c2>c2 undefined>"]


def test_members_of_a_conference_that_the_parent_opened(play: Play, call: Call) -> None:
    run = play(
        """<transition event="user.go"><createconference conferenceid="k"/>
             <createccxml next="'child.ccxml'" sessionid="s"/></transition>
           <transition event="connection.alerting"><move event="event$" sessionid="s"/></transition>""",
        [
            "user.go",
            {"event": "conference.created", "conference": "k1"},
            *call("c1", "connected"),
            *call("c2", "connected"),
            joined("c1", "k1"),
            joined("c2", "k1"),
            {"event": "connection.signal", "connection": "c1"},
        ],
        before='<var name="k"/><var name="s"/>',
        child_ccxml="""<transition event="connection.signal">
          <log expr="session.connections.c1.outputs + ' ' + session.connections.c2.outputs"/></transition>""",
    )
    assert run.said == ["k1 k1"]
