"""Many sessions over one platform: ownership, limits, release, the outside world over HTTP."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from vxmlplat.ccxml.basichttp import create_session, inject_event
from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.platform import Kind, Outcome
from vxmlplat.ccxml.requests import Accept, CreateCall, DialogSend, Join, Request
from vxmlplat.ccxml.session import Session, SessionLimits
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.clock import VirtualClock, settle
from vxmlplat.documents import Fetcher, FetchRequest, RouteRequest, RouteResponse

SITE = "http://site.invalid/"
HEAD = '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">'


class Telephones:
    """A platform that writes down what it is asked for."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.logs: list[str] = []
        self.problems: list[str] = []
        self.over: list[tuple[Session, Outcome, list[str], list[str], list[str]]] = []
        self.count = 0

    def new_id(self, kind: Kind) -> str:
        self.count += 1
        return f"{kind}-{self.count}"

    def request(self, session: Session, request: Request) -> None:
        self.requests.append(request)

    def show(self, session: Session, element: str, attributes: Mapping[str, Any]) -> None:
        pass

    def log(self, session: Session, label: str, text: str) -> None:
        self.logs.append(text)

    def problem(self, session: Session, text: str) -> None:
        self.problems.append(text)

    def ended(
        self,
        session: Session,
        outcome: Outcome,
        connections: list[str],
        dialogs: list[str],
        conferences: list[str],
    ) -> None:
        self.over.append((session, outcome, connections, dialogs, conferences))


class Bench:
    """Sessions over such a platform, documents and web services in memory, virtual time."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.telephones = Telephones()
        self.fetcher = Fetcher(self.clock)
        self.site: dict[str, str] = {}
        self.posts: list[RouteRequest] = []
        self.fetcher.mount(SITE, self._answer)
        limits = SessionLimits(
            events_in_a_row=500, errors_in_a_row=50, loads_in_a_row=20, queue=200, timers=20, family=5
        )
        self.sessions = Sessions(self.telephones, self.fetcher, self.clock, limits=limits)

    async def _answer(self, request: RouteRequest) -> RouteResponse:
        if request.method == "POST":
            self.posts.append(request)
        text = self.site.get(request.uri.removeprefix(SITE).partition("?")[0])
        return RouteResponse(404) if text is None else RouteResponse(200, text.encode())

    async def start(self, transitions: str, before: str = "", **values: Any) -> Session:
        self.site["main"] = f"{HEAD}{before}<eventprocessor>{transitions}</eventprocessor></ccxml>"
        return await self.sessions.start(FetchRequest(SITE + "main"), values)

    async def settled(self) -> None:
        await settle(100)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.sessions.close()


def alerting(connection: str) -> Event:
    return Event("connection.alerting", {"connectionid": connection}, {"local": "sip:a", "remote": "sip:b"})


async def test_events_find_the_owner(bench: Bench) -> None:
    document = """<transition event="connection.alerting"><accept/></transition>
        <transition event="connection.connected"><log expr="session.id + event$.connectionid"/>
          </transition>"""
    one, two = await bench.start(document), await bench.start(document)
    one.post(alerting("a"))
    two.post(alerting("b"))
    assert [(r.connectionid, type(r)) for r in bench.telephones.requests if isinstance(r, Accept)] == [
        ("a", Accept),
        ("b", Accept),
    ]
    assert bench.sessions.post(Event("connection.connected", {"connectionid": "b"}))
    assert not bench.sessions.post(Event("connection.connected", {"connectionid": "c"}))
    assert bench.telephones.logs == [f"{two.id}b"]


async def test_a_session_cannot_name_what_is_anothers(bench: Bench) -> None:
    one = await bench.start("<transition event='x'/>")
    one.post(alerting("a"))
    two = await bench.start(
        """<transition event="user.go"><disconnect connectionid="'a'"/><join id1="'a'" id2="'a'"/>
          </transition>
           <transition event="error.semantic"><log expr="'none of mine'"/></transition>"""
    )
    two.post(Event("user.go"))
    assert bench.telephones.requests == []
    assert bench.telephones.logs == ["none of mine", "none of mine"]


async def test_requests_are_typed(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="user.go">
             <createcall dest="'sip:x'" timeout="'1500ms'" callerid="5551234" aai="'a'" connectionid="c"/>
             <join id1="c" id2="k" dtmfclamp="true" entertone="'false'"/></transition>""",
        before='<var name="c"/><var name="k" expr="\'a\'"/>',
    )
    session.post(alerting("a"))
    session.post(Event("user.go"))
    call, join = bench.telephones.requests
    assert isinstance(call, CreateCall)
    assert (call.dest, call.timeout, call.callerid, call.aai) == ("sip:x", 1.5, "5551234", "a")
    assert (call.joinid, call.joindirection) == (None, "both")
    assert isinstance(join, Join)
    assert (join.id1, join.id2, join.duplex, join.dtmfclamp, join.toneclamp) == (
        call.connectionid,
        "a",
        "full",
        True,
        None,
    )


async def test_answers_that_come_at_once_wait_for_the_transition(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="connection.alerting"><accept/><log expr="event$.connection.state"/></transition>
           <transition event="connection.connected"><log expr="event$.connection.state"/></transition>"""
    )

    def at_once(_session: Session, request: Request) -> None:
        assert isinstance(request, Accept)
        bench.sessions.post(Event("connection.connected", {"connectionid": request.connectionid}))

    bench.telephones.request = at_once  # type: ignore[method-assign]
    session.post(alerting("a"))
    assert bench.telephones.logs == ["ALERTING", "CONNECTED"]


async def test_the_end_releases_what_was_held(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="connection.connected"><dialogstart src="'d.vxml'"/>
             <createconference conferenceid="k"/></transition>
           <transition event="user.end"><exit expr="1"/></transition>""",
        before='<var name="k"/>',
    )
    session.post(alerting("a"))
    session.post(alerting("b"))
    session.post(Event("connection.connected", {"connectionid": "a"}))
    session.post(Event("connection.disconnected", {"connectionid": "b"}))
    session.post(Event("user.end"))
    ((ended, outcome, connections, dialogs, conferences),) = bench.telephones.over
    assert (ended, outcome.reason, outcome.value) == (session, "exit", 1)
    assert (connections, len(dialogs), len(conferences)) == (["a"], 1, 1)
    assert not bench.sessions.owners
    assert not bench.sessions.post(Event("connection.disconnected", {"connectionid": "a"}))
    assert bench.sessions.find(session.id) is None


GO_ROUND = '<send target="session.id" name="\'user.go\'"/>'
THROWS = '<transition event="user.go"><log expr="nosuch"/></transition>'
HOARDS = "<script>var a = []; for (;;) a.push(new Array(999).fill(1));</script>"
FETCH_ROUND = """<transition event="ccxml.loaded"><fetch next="'main'"/></transition>
    <transition event="fetch.done"><goto fetchid="event$.fetchid"/></transition>"""


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (f'<transition event="user.go">{GO_ROUND}</transition>', "error.notallowed"),
        (f'<transition event="user.go">{GO_ROUND * 20}</transition>', "error.notallowed"),
        (f"{THROWS}{THROWS.replace('user.go', 'error.*')}", "error.semantic"),
        (f'{THROWS}<transition event="error.*" cond="nosuch.x"/>', "error.semantic"),
        (FETCH_ROUND, "error.notallowed"),
        ('<transition event="user.go"><script>for (;;);</script></transition>', "error.semantic"),
        ('<transition event="user.go"><log expr="(function(){for(;;);})()"/></transition>', "error.semantic"),
        ('<transition event="user.go" cond="(function(){for(;;);})()"/>', "error.semantic"),
        (f'<transition event="user.go">{HOARDS}</transition>', "error.semantic"),
    ],
)
async def test_a_document_that_does_not_stop_is_stopped(bench: Bench, document: str, error: str) -> None:
    bystander = await bench.start('<transition event="user.ping"><log expr="\'pong\'"/></transition>')
    session = await bench.start(document)
    session.post(alerting("a"))
    session.post(Event("user.go"))
    for _ in range(40):
        await bench.settled()
    assert session.outcome is not None
    assert (session.outcome.reason, session.outcome.error) == ("error", error)
    assert bench.telephones.over[-1][2] == ["a"]
    bystander.post(Event("user.ping"))
    assert bench.telephones.logs[-1] == "pong"


async def test_scripts_that_take_a_little_again_and_again(bench: Bench) -> None:
    session = await bench.start(
        f"""<transition event="user.go"><script>for (var i = 0; i &lt; 100000; i++);</script>{GO_ROUND}
            </transition>"""
    )
    session.post(alerting("a"))
    session.post(Event("user.go"))
    assert session.outcome is not None
    assert session.outcome.error == "error.semantic"
    assert "processor" in session.outcome.message
    assert bench.telephones.over[-1][2] == ["a"]


async def test_what_scripts_may_take_grows_with_time(bench: Bench) -> None:
    bench.sessions.limits = SessionLimits(cpu_at_once=0.0, cpu_share=1.0)
    await bench.clock.advance(1)
    session = await bench.start('<transition event="user.go"><script>[].length</script></transition>')
    await bench.clock.advance(1)
    session.post(Event("user.go"))
    assert not session.over
    at_once = await bench.start('<transition event="user.go"><script>[].length</script></transition>')
    at_once.post(Event("user.go"))
    assert at_once.over


async def test_a_session_that_floods_another_is_ended_and_not_the_other(bench: Bench) -> None:
    other = await bench.start(
        '<transition event="user.x"/><transition event="user.ping"><log expr="1"/></transition>'
    )
    send = f"<send target=\"'{other.id}'\" name=\"'user.x'\"/>"
    flood = f"""<transition event="user.go">{send * 30}{GO_ROUND}</transition>
        <transition event="error.send.failed"/>"""
    for document in (flood, f'<transition event="user.go">{send * 300}</transition>'):
        session = await bench.start(document)
        session.post(Event("user.go"))
        assert session.over
        assert not other.over
    other.post(Event("user.ping"))
    assert bench.telephones.logs == ["1"]


async def test_a_dialog_that_stays_behind_still_tells_its_session(bench: Bench) -> None:
    bench.site["heir"] = (
        f"{HEAD}<eventprocessor><transition event='*'><log expr='event$.name + 1'/></transition>"
        "</eventprocessor></ccxml>"
    )
    heir = await bench.sessions.start(FetchRequest(SITE + "heir"))
    session = await bench.start(
        f"""<transition event="connection.alerting"><dialogstart src="'d'" dialogid="d"/>
             <move source="event$.connectionid" sessionid="'{heir.id}'"/></transition>
            <transition event="dialog.* error.dialog.*"><log expr="event$.name + 2"/></transition>""",
        before='<var name="d"/>',
    )
    session.post(alerting("a"))
    bench.telephones.logs.clear()
    dialog = next(iter(session.objects.dialogs))
    for name in ("dialog.started", "connection.signal", "error.dialog.notstarted"):
        bench.sessions.post(Event(name, {"connectionid": "a", "dialogid": dialog}))
    assert bench.telephones.logs == ["dialog.started2", "connection.signal1", "error.dialog.notstarted2"]


async def test_objects_of_a_family_can_be_joined(bench: Bench) -> None:
    tells = """<transition event="*conference.*"><log expr="session.id + ' ' + event$.name"/></transition>"""
    bench.site["child"] = f"""{HEAD}<eventprocessor><transition event="ccxml.loaded">
        <createcall dest="'tel:1'"/></transition>{tells}</eventprocessor></ccxml>"""
    session = await bench.start(
        f"""<transition event="user.make"><createccxml next="'child'"/></transition>
            <transition event="user.join"><join id1="event$.values.other" id2="'a'"/></transition>
            <transition event="error.semantic"><log expr="'refused'"/></transition>{tells}"""
    )
    session.post(alerting("a"))
    session.post(Event("user.make"))
    await bench.settled()
    call = bench.telephones.requests[-1]
    assert isinstance(call, CreateCall)
    session.post(Event("user.join", {"values": {"other": call.connectionid}}))
    join = bench.telephones.requests[-1]
    assert isinstance(join, Join)
    child = bench.sessions.owners[call.connectionid]
    sides = {"id1": join.id1, "id2": join.id2}
    bench.sessions.post(Event("error.conference.join", dict(sides)))
    bench.sessions.post(Event("conference.joined", dict(sides)))
    assert child.objects.bridged(call.connectionid)
    assert session.objects.bridged("a")
    bench.sessions.post(Event("conference.unjoined", dict(sides)))
    assert bench.telephones.logs == [
        f"{session.id} error.conference.join",
        f"{child.id} conference.joined",
        f"{session.id} conference.joined",
        f"{child.id} conference.unjoined",
        f"{session.id} conference.unjoined",
    ]
    bench.telephones.logs.clear()
    stranger = await bench.start("<transition event='x'/>")
    stranger.post(alerting("b"))
    session.post(Event("user.join", {"values": {"other": "b"}}))
    assert bench.telephones.logs == ["refused"]


async def test_a_document_that_only_loads_is_ended(bench: Bench) -> None:
    session = await bench.start('<transition event="*"><script>for (;;);</script></transition>')
    assert session.outcome is not None
    assert session.outcome.error == "error.semantic"
    assert not session.post(alerting("a"))
    assert not bench.sessions.owners


async def test_a_fault_of_the_platform_ends_one_session(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    document = """<transition event="connection.alerting"><accept/></transition>
        <transition event="user.ping"><log expr="'pong'"/></transition>"""
    session, bystander = await bench.start(document), await bench.start(document)

    def fault(_session: Session, _request: Request) -> None:
        raise RuntimeError("a bug")

    bench.telephones.request = fault  # type: ignore[method-assign]
    session.post(alerting("a"))
    assert session.outcome is not None
    assert session.outcome.error == "error.internal"
    assert "a bug" in caplog.text
    bystander.post(Event("user.ping"))
    assert bench.telephones.logs == ["pong"]


async def test_numbers_that_json_has_not_travel_as_null(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="user.go">
             <send target="session.id" name="'user.took'" namelist="n"/></transition>
           <transition event="user.took"><log expr="event$.values.n === null"/>
             <exit expr="1 / 0"/></transition>""",
        before='<var name="n" expr="0 / 0"/>',
    )
    session.post(Event("user.go"))
    assert bench.telephones.logs == ["true"]
    assert session.outcome is not None
    assert session.outcome.value is None


async def test_too_many_timers_and_children(bench: Bench) -> None:
    timer = '<send target="session.id" name="\'user.x\'" delay="\'60s\'"/>'
    child = "<createccxml next=\"'child'\"/>"
    bench.site["child"] = f"{HEAD}<eventprocessor/></ccxml>"
    session = await bench.start(
        f"""<transition event="user.go">{timer * 25}{child * 8}</transition>
            <transition event="error.*"><log expr="event$.name"/></transition>"""
    )
    session.post(Event("user.go"))
    assert bench.telephones.logs == ["error.send.failed"] * 5 + ["error.createccxml"] * 3
    assert not session.over


async def test_driven_timers(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="user.go">
             <send target="session.id" name="'user.second'" delay="'2s'" sendid="s"/>
             <send target="session.id" name="'user.first'" delay="'1s'"/>
             <send target="session.id" name="'user.third'" delay="'3s'"/></transition>
           <transition event="user.first"><log expr="'first'"/><cancel sendid="s"/></transition>
           <transition event="user.*"><log expr="event$.name"/></transition>""",
        before='<var name="s"/>',
    )
    session.post(Event("user.go"))
    await bench.clock.advance(0.9)
    assert bench.telephones.logs == []
    await bench.clock.advance(1.2)
    assert bench.telephones.logs == ["first"]
    await bench.clock.advance(1)
    assert bench.telephones.logs == ["first", "user.third"]


async def test_children_outlive_their_parent(bench: Bench) -> None:
    bench.site["child"] = (
        f"{HEAD}<eventprocessor><transition event='user.still'><log expr='session.parentid'/></transition>"
        "<transition event='connection.alerting'><exit/></transition></eventprocessor></ccxml>"
    )
    session = await bench.start(
        """<transition event="user.go"><createccxml next="'child'" sessionid="c"/></transition>
           <transition event="ccxml.created"><exit expr="c"/></transition>""",
        before='<var name="c"/>',
    )
    session.post(Event("user.go"))
    await bench.settled()
    assert session.outcome is not None
    child = bench.sessions.find(session.outcome.value)
    assert child is not None
    child.post(Event("user.still"))
    assert bench.telephones.logs == [session.id]
    assert session.family == 1
    child.post(alerting("c"))
    assert session.family == 0


@pytest.mark.parametrize("delay", ["0s", "1s"])
async def test_a_family_cannot_grow_for_ever(bench: Bench, delay: str) -> None:
    create = "<createccxml next=\"'main'\"/>"
    session = await bench.start(
        f"""<transition event="ccxml.loaded">
              <send target="session.id" name="'user.grow'" delay="'{delay}'"/></transition>
            <transition event="user.grow">{create}{create}</transition>
            <transition event="error.createccxml"><log expr="'full'"/></transition>"""
    )
    for _ in range(8):
        await bench.clock.advance(1)
    assert "full" in bench.telephones.logs or session.over
    assert session.root.family <= 6
    assert len(bench.sessions) <= 6


async def test_a_send_over_http(bench: Bench) -> None:
    bench.site["app"] = "ok"
    session = await bench.start(
        f"""<transition event="user.go">
             <send targettype="'basichttp'" target="'{SITE}app'" name="'user.hi'" namelist="a b" sendid="s"/>
             <send targettype="'basichttp'" target="'{SITE}none'" name="'user.hi'"/></transition>
           <transition event="send.successful"><log expr="event$.sendid == s"/></transition>
           <transition event="error.send.failed"><log expr="event$.name"/></transition>""",
        before='<var name="s"/><var name="a" expr="1"/><var name="b" expr="\'x y\'"/>',
    )
    session.post(Event("user.go"))
    await bench.settled()
    assert sorted(bench.telephones.logs) == ["error.send.failed", "true"]
    fields = dict(pair.split("=") for pair in bench.posts[0].body.decode().split("&"))
    assert fields.pop("sendid").startswith("send-")
    assert fields == {
        "sessionid": session.id,
        "eventsource": session.id,
        "name": "user.hi",
        "a": "1",
        "b": "x+y",
    }


async def test_a_send_over_http_cannot_pose_as_another(bench: Bench) -> None:
    """The session that it is for the document may name, not where it comes from."""
    bench.site["app"] = "ok"
    session = await bench.start(
        f"""<transition event="user.go"><var name="name" expr="'user.other'"/>
             <var name="sessionid" expr="'s9'"/><var name="eventsource" expr="'s9'"/>
             <send targettype="'basichttp'" target="'{SITE}app'" name="'user.hi'"
               namelist="name sessionid eventsource"/></transition>"""
    )
    session.post(Event("user.go"))
    await bench.settled()
    fields = dict(pair.split("=") for pair in bench.posts[0].body.decode().split("&"))
    assert fields.pop("sendid").startswith("send-")
    assert fields == {"sessionid": "s9", "eventsource": session.id, "name": "user.hi"}


async def test_inline_content_for_a_dialog(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="connection.alerting"><dialogstart src="'d'" dialogid="d"/>
             <send target="d" targettype="'dialog'"><a xmlns="urn:a" b="1">c</a></send></transition>""",
        before='<var name="d"/>',
    )
    session.post(alerting("a"))
    sent = bench.telephones.requests[-1]
    assert isinstance(sent, DialogSend)
    assert (sent.name, sent.content) == ("", '<a xmlns="urn:a" b="1">c</a>')


async def test_events_from_outside(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="user.offer">
             <log expr="[event$.values.price, event$.price, event$.eventsourcetype,
               typeof event$.connection].join()"/>
           </transition>"""
    )
    session.post(alerting("a"))
    good = {"sessionid": session.id, "name": "user.offer", "price": "5", "connectionid": "a"}
    assert inject_event(bench.sessions, good).status == 204
    assert bench.telephones.logs == ["5,5,basichttp,undefined"]
    for change, status in (
        ({"sessionid": "nobody"}, 404),
        ({"name": "connection.disconnected"}, 403),
        ({"name": "no name"}, 400),
        ({"big": "x" * 100_000}, 400),
    ):
        assert inject_event(bench.sessions, good | change).status == status


async def test_sessions_from_outside(bench: Bench) -> None:
    bench.site["new"] = (
        f"{HEAD}<eventprocessor><transition event='ccxml.loaded'>"
        "<log expr='session.values.who'/></transition></eventprocessor></ccxml>"
    )
    answer = await create_session(bench.sessions, {"uri": SITE + "new", "who": "me"})
    assert answer.status == 200
    assert bench.sessions.find(answer.fields["session.id"]) is not None
    assert bench.telephones.logs == ["me"]
    assert (await create_session(bench.sessions, {"uri": SITE + "none"})).status == 502
    assert (await create_session(bench.sessions, {"uri": "file:///etc/passwd"})).status == 400


async def test_plain_sources_need_no_engine(bench: Bench) -> None:
    session = await bench.start(
        """<transition event="connection.alerting"><assign name="c" expr="event$.connectionid"/>
             <if cond="event$.connection === session.connections[c]"><accept connectionid="c"/></if>
           </transition>
           <transition event="user.go" cond="n + 1 == 2"><log expr="c + typeof nosuch + session.values.who"/>
             </transition>""",
        before="<var name='c'/><script>var n = 1, list = ['a', {b: null}]; // settings\n</script>",
        who="me",
    )
    session.post(alerting("a"))
    session.post(Event("user.go"))
    assert isinstance(bench.telephones.requests[0], Accept)
    assert bench.telephones.logs == ["aundefinedme"]
    assert session.scripting.engine is None


async def test_an_engine_is_used_again_only_when_nothing_can_have_stuck(bench: Bench) -> None:
    call = "x.charCodeAt(0)"  # nothing plain, nothing that leaves anything behind
    harmless = f"""<transition event="user.go" cond="{call} == 98"><assign name="x" expr="1"/></transition>
        <transition event="user.end"><exit/></transition>"""
    first = await bench.start(harmless, before='<var name="x" expr="\'b\'"/>')
    first.post(Event("user.go"))
    engine = first.scripting.engine
    assert engine is not None
    first.post(Event("user.end"))
    second = await bench.start(
        """<transition event="user.go"><script>Array.prototype.spy = 1; this.leak = 2</script><exit/>
        </transition>"""
    )
    second.chain.type_of("(0, 1)")
    assert second.scripting.engine is engine
    assert second.chain.type_of("x") == "undefined"
    second.post(Event("user.go"))
    third = await bench.start(
        '<transition event="user.go"><log expr="typeof leak + typeof (0, []).spy"/></transition>'
    )
    third.post(Event("user.go"))
    assert third.scripting.engine is not engine
    assert bench.telephones.logs == ["undefinedundefined"]


async def test_nothing_stays_behind(bench: Bench) -> None:
    for number in range(50):
        session = await bench.start('<transition event="connection.disconnected"><exit/></transition>')
        session.post(alerting(f"c{number}"))
        session.post(Event("connection.disconnected", {"connectionid": f"c{number}"}))
    bench.telephones.over.clear()
    del session
    gc.collect()
    assert sum(isinstance(thing, Session) for thing in gc.get_objects()) == 0
    assert not bench.sessions.owners
    assert len(asyncio.all_tasks()) == 1
