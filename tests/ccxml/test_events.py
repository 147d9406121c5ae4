"""Events: selection of transitions, sending, cancelling, moving, errors (CCXML 1.0 §9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
Call = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("user.go", "USER.GO", True),
        ("user.*", "user.go.on", True),
        ("user.*", "user", False),
        ("user.*", "userx.go", False),
        ("*", "anything.at.all", True),
        ("*.go", "user.go", True),
        ("user.*.go", "user.a.b.go", True),
        ("user.g", "user.go", False),
        ("user.a user.go", "user.go", True),
        ("user.g?", "user.go", False),
        ("user.go*", "user.go", True),
    ],
)
def test_patterns(play: Play, pattern: str, name: str, matches: bool) -> None:
    run = play(f'<transition event="{pattern}" cond="event$.name == \'{name}\'"><exit/></transition>', [name])
    assert (run.exit["reason"] == "exit") == matches


def test_a_transition_without_event_takes_any(play: Play) -> None:
    run = play(
        '<transition cond="event$.name == \'user.go\'"><exit expr="event$.name"/></transition>', ["user.go"]
    )
    assert run.exit["value"] == "user.go"


def test_what_a_send_carries(play: Play) -> None:
    run = play(
        """<transition event="ccxml.loaded">
             <send target="session.id" name="'user.go'" namelist="a o" sendid="s" hints="1"/></transition>
           <transition event="user.go">
             <log expr="[event$.values.a, event$.a, event$.o.k, event$.eventid == s, event$.eventsourcetype,
               event$.eventsource == session.id].join()"/></transition>
           <transition event="send.successful"><log expr="event$.sendid == s"/></transition>""",
        before='<var name="s"/><var name="a" expr="7"/><var name="o" expr="({k: [1, 2]})"/>',
    )
    assert run.said == ["7,7,1,2,true,ccxml,true", "true"]


def test_a_sender_cannot_pose_as_a_connection(play: Play, call: Call) -> None:
    run = play(
        """<transition event="connection.alerting"><var name="connectionid" expr="'c1'"/>
             <send target="session.id" name="'connection.connected'" namelist="connectionid"/></transition>
           <transition event="connection.connected">
             <log expr="[session.connections.c1.state, event$.connectionid,
               event$.values.connectionid].join()"/>
           </transition>""",
        call("c1"),
    )
    assert run.said == ["ALERTING,,c1"]


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ("target=\"'nobody'\" name=\"'user.x'\"", "error.send.targetunavailable"),
        ("target=\"'d9'\" targettype=\"'dialog'\" name=\"'user.x'\"", "error.send.targetunavailable"),
        ('target="session.id" targettype="\'pigeon\'" name="\'user.x\'"', "error.send.targettypeinvalid"),
        ('target="session.id" name="\'not a name\'"', "error.send.failed"),
        ('target="session.id" name="\'user.x\'" delay="\'5 days\'"', "error.semantic"),
        ('target="session.id" name="\'user.x\'" namelist="nosuch"', "error.semantic"),
        ('target="session.id" name="\'user.x\'" sendid="nosuch"', "error.semantic"),
    ],
)
def test_sends_that_fail(play: Play, attributes: str, error: str) -> None:
    run = play(
        f"""<transition event="ccxml.loaded"><send {attributes}/></transition>
            <transition event="error.*"><log expr="event$.name"/></transition>
            <transition event="user.x"><log expr="'delivered'"/></transition>
            <transition event="send.successful"><log expr="'successful'"/></transition>""",
        errors_expected=True,
    )
    assert run.said == [error]


def test_timers_fire_in_order_and_at_their_moment(play: Play) -> None:
    sends = "".join(
        f'<send target="session.id" name="\'user.{name}\'" delay="\'{delay}\'"/>'
        for name, delay in (("late", "3s"), ("early", "0.5s"), ("same1", "1s"), ("same2", "1000ms"))
    )
    run = play(
        f"""<transition event="ccxml.loaded">{sends}</transition>
            <transition event="user.early"><log expr="'early'"/>
              <send target="session.id" name="'user.next'" delay="'1s'"/></transition>
            <transition event="user.*"><log expr="event$.name.substr(5)"/></transition>""",
        [2, 5],
    )
    assert [(event["t"], event["text"]) for event in run.all("log")] == [
        (0.5, "early"),
        (1.0, "same1"),
        (1.0, "same2"),
        (1.5, "next"),
        (3.0, "late"),
    ]


def test_pending_timers_do_not_hold_the_run(play: Play) -> None:
    run = play(
        """<transition event="ccxml.loaded">
             <send target="session.id" name="'user.x'" delay="'3600s'"/></transition>"""
    )
    assert run.exit == {"t": 0.0, "event": "exit", "reason": "end", "value": None, "namelist": None}


def test_moving_an_event_takes_its_connection_along(play: Play, call: Call) -> None:
    run = play(
        """<transition event="ccxml.loaded"><createccxml next="'child.ccxml'" sessionid="c"/></transition>
           <transition event="connection.connected"><move event="event$" sessionid="c"/>
             <log expr="typeof session.connections.c1"/></transition>
           <transition event="user.done"><log expr="'done'"/></transition>
           <transition event="connection.*"><log expr="'parent ' + event$.name"/></transition>""",
        call("c1", "connected", "signal", "disconnected"),
        before='<var name="c"/>',
        child_ccxml="""<transition event="connection.*">
             <log expr="event$.name + ' ' + event$.connection.state + ' ' + event$.connection.remote"/>
           </transition>
           <transition event="connection.disconnected"><send target="session.parentid" name="'user.done'"/>
           </transition>""",
    )
    assert run.said == [
        "parent connection.alerting",
        "undefined",
        "connection.connected CONNECTED tel:2",
        "connection.signal CONNECTED tel:2",
        "connection.disconnected DISCONNECTED tel:2",
    ]
    assert run.one("move")["moved"] == "connection.connected"


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ("source=\"'c1'\" sessionid=\"'nobody'\"", "error.move"),
        ('source="\'c9\'" sessionid="session.id"', "error.semantic"),
        ('event="\'text\'" sessionid="session.id"', "error.semantic"),
    ],
)
def test_moves_that_fail(play: Play, call: Call, attributes: str, error: str) -> None:
    run = play(
        f"""<transition event="connection.connected"><move {attributes}/></transition>
            <transition event="error.*"><log expr="event$.name + typeof session.connections.c1"/>
              </transition>""",
        call("c1", "connected"),
        errors_expected=True,
    )
    assert run.said == [error + "object"]
    assert not run.all("move")


def test_a_joined_connection_cannot_be_moved(play: Play, call: Call) -> None:
    run = play(
        """<transition event="conference.joined"><move source="'c1'" sessionid="session.id"/></transition>
           <transition event="error.move"><log expr="'joined'"/></transition>""",
        [*call("c1"), *call("c2"), {"event": "conference.joined", "id1": "c1", "id2": "c2"}],
    )
    assert run.said == ["joined"]


@pytest.mark.parametrize(
    ("events", "closing"),
    [
        (["error.custom"], {"reason": "error", "error": "error.custom"}),
        (["user.unknown"], {"reason": "end"}),
        (["ccxml.kill"], {"reason": "kill"}),
        (["ccxml.kill.unconditional"], {"reason": "kill"}),
    ],
)
def test_events_that_nobody_handles(play: Play, events: list[str], closing: dict[str, str]) -> None:
    run = play('<transition event="user.never"/>', events, errors_expected=True)
    assert {key: run.exit[key] for key in closing} == closing
    assert run.status == 0


def test_an_unconditional_kill_cannot_be_handled(play: Play) -> None:
    run = play(
        '<transition event="*"><log expr="event$.name"/></transition>',
        ["ccxml.kill", "ccxml.kill.unconditional"],
    )
    assert run.said == ["ccxml.loaded", "ccxml.kill"]


def test_an_error_ends_its_transition_and_is_an_event(play: Play) -> None:
    run = play(
        """<transition event="user.go"><if cond="true"><log expr="nosuch"/><log expr="'inner'"/></if>
             <log expr="'after'"/></transition>
           <transition event="error.semantic"><log expr="typeof event$.reason + event$.tagname"/>
             </transition>""",
        ["user.go"],
    )
    assert run.said == ["stringlog"]


def test_a_condition_that_fails_is_false(play: Play) -> None:
    run = play(
        """<transition event="user.go" cond="nosuch.x"><log expr="'never'"/></transition>
           <transition event="user.go"><log expr="'second'"/></transition>
           <transition event="error.semantic"><log expr="event$.tagname"/></transition>""",
        ["user.go"],
    )
    assert run.said == ["second", "transition"]


@pytest.mark.parametrize("name", ["application.a", "a.b", "1a", "a-b", "if", "", " a"])
def test_a_name_that_no_variable_can_have(play: Play, name: str) -> None:
    run = play(
        f"""<transition event="ccxml.loaded"><var name="{name}" expr="1"/>
              <log expr="'behind it'"/></transition>
            <transition event="error.semantic"><log expr="event$.tagname"/></transition>"""
    )
    assert run.said == ["var"]


def test_a_name_in_any_script(play: Play) -> None:
    run = play('<transition event="ccxml.loaded"><var name="名$1" expr="3"/><log expr="名$1"/></transition>')
    assert run.said == ["3"]


@pytest.mark.parametrize(
    "before", ['<var name="x" expr="1"/>', "<script>var x = (function () { return 1; })();</script>"]
)
def test_a_variable_that_is_declared_again_keeps_its_value(play: Play, before: str) -> None:
    run = play(
        """<transition event="ccxml.loaded"><var name="x"/><log expr="typeof x + ccxml.x"/>
             <var name="x" expr="2"/><var name="x"/><log expr="x"/></transition>""",
        before=before + '<var name="x"/>',
    )
    assert run.said == ["undefined1", "2"]


@pytest.mark.parametrize(
    "element",
    [
        "<createcall dest=\"''\"/>",
        '<createcall dest="[1]"/>',
        '<fetch next="undefined"/>',
        '<send target="undefined" name="\'user.a\'"/>',
        '<cancel sendid="undefined"/>',
        '<move event="1" sessionid="session.id"/>',
        '<move event="event$" sessionid="event$"/>',
    ],
)
def test_what_cannot_be_done_does_not_end_the_transition(play: Play, element: str) -> None:
    """Only an expression that cannot be evaluated does (§9.1)."""
    run = play(
        f"""<transition event="ccxml.loaded">{element}<log expr="'goes on'"/></transition>
            <transition event="error.semantic"><log expr="event$.name"/></transition>"""
    )
    assert run.said == ["goes on", "error.semantic"]


def test_a_reason_that_is_quoted_again_and_again_does_not_grow(play: Play) -> None:
    run = play(
        """<transition event="ccxml.loaded"><fetch next="'a'" method="'none'"/></transition>
           <transition event="error.semantic"><assign name="n" expr="n + 1"/>
             <if cond="n &lt; 20"><fetch next="'a'" method="event$.reason"/>
             <else/><log expr="event$.reason.length"/></if></transition>""",
        before='<var name="n" expr="0"/>',
    )
    assert run.said == ["1000"]


def test_an_address_of_any_length_is_not_taken(play: Play) -> None:
    run = play(
        """<transition event="ccxml.loaded"><fetch next="new Array(70000).join('a')"/></transition>
           <transition event="error.semantic"><log expr="event$.reason"/></transition>"""
    )
    assert run.said == ["next has more than 65536 characters"]
