"""Documents and sessions: validity, fetch, goto, createccxml, scopes (CCXML 1.0 §6, §8, §9.5.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vxmlplat.ccxml.errors import InvalidDocument
from vxmlplat.ccxml.reader import read_document
from vxmlplat.documents import Resource

Play = Callable[..., Any]
HEAD = '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">'


def valid(body: str) -> bool:
    text = f"{HEAD}<eventprocessor><transition event='x'>{body}</transition></eventprocessor></ccxml>"
    try:
        read_document(Resource("http://x/", "", None, text.encode()))
    except InvalidDocument as error:
        assert error.line == 1  # noqa: PT017  # it is raised by some of the texts only
        return False
    return True


@pytest.mark.parametrize(
    "body",
    [
        "<log/>",
        "<var/>",
        "<log expr='1' level='2'/>",
        "<if cond='1'><else cond='1'/></if>",
        "<assign name='a'/>",
        "<if/>",
        "<if cond='1'><elseif/></if>",
        "<if cond='1'><else/><else/></if>",
        "<if cond='1'><else/><elseif cond='1'/></if>",
        "<else/>",
        "<goto/>",
        "<fetch/>",
        "<createccxml/>",
        "<createcall/>",
        "<createconference/>",
        "<redirect/>",
        "<merge connectionid1='a'/>",
        "<join id1='a'/>",
        "<cancel/>",
        "<move source='a'/>",
        "<move sessionid='a'/>",
        "<move source='a' event='b' sessionid='c'/>",
        "<send name='a'/>",
        "<send target='a'/>",
        "<send target='a' name='b'><x/></send>",
        "<send target='a' namelist='b'><x/></send>",
        "<dialogstart/>",
        "<dialogstart src='a' prepareddialogid='b'/>",
        "<dialogstart src='a' connectionid='b' conferenceid='c'/>",
        "<dialogprepare connectionid='a'/>",
        "<dialogterminate/>",
        "<destroyconference/>",
        "<script src='a'>b</script>",
        "<script src='a' timeout='soon'/>",
        "<transition event='y'/>",
        "<eventprocessor/>",
        "<meta name='a' content='b'/>",
        "<nosuch/>",
        "<accept>text</accept>",
        "<accept><log expr='1'/></accept>",
        "text",
    ],
)
def test_invalid_content(body: str) -> None:
    assert not valid(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- comment --><log expr='1'/>",
        "<if cond='1'/>",
        "<if cond='1'><elseif cond='2'/><else/></if>",
        "<send target='a'><hello xmlns='urn:x'>world</hello></send>",
        "<x:y xmlns:x='urn:other'>extension</x:y>",
        "<log expr='1' x:level='2' xmlns:x='urn:other'/>",
        "<script/>",
        "<script><![CDATA[a < b]]></script>",
    ],
)
def test_valid_content(body: str) -> None:
    assert valid(body)


@pytest.mark.parametrize(
    "text",
    [
        "<ccxml/>",
        "<ccxml version='1.0'/>",
        "<vxml version='2.1'/>",
        "<ccxml version='1.1' xmlns='http://www.w3.org/2002/09/ccxml'/>",
        f"{HEAD}<accept/></ccxml>",
        f"{HEAD}<meta content='a'/></ccxml>",
        f"{HEAD}<meta name='a'/></ccxml>",
        f"{HEAD}<meta name='a' http-equiv='b' content='c'/></ccxml>",
        f"{HEAD}<eventprocessor/><eventprocessor/></ccxml>",
        f"{HEAD}<eventprocessor><log expr='1'/></eventprocessor></ccxml>",
        f"{HEAD}<eventprocessor><transition name='evt' event='x'/></eventprocessor></ccxml>",
        f"{HEAD}<eventprocessor states='a'/></ccxml>",
        f"{HEAD}<eventprocessor>",
        "<!DOCTYPE ccxml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + HEAD + "</ccxml>",
    ],
)
def test_invalid_documents(text: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_document(Resource("http://x/", "", None, text.encode()))
    assert caught.value.line == 1


def test_a_start_document_that_cannot_be_had(play: Play) -> None:
    run = play("<ccxml>")
    assert run.status == 1
    assert run.exit["reason"] == "error"


def test_going_to_another_document(play: Play) -> None:
    run = play(
        """<transition event="user.go"><assign name="application.kept" expr="({n: 1})"/>
          <assign name="st" expr="'b'"/>
             <fetch next="'next.ccxml'" fetchid="f"/><send target="session.id" name="'user.waiting'"/>
               </transition>
           <transition event="fetch.done">
             <log expr="/next.ccxml$/.test(event$.uri) + ' ' + (event$.fetchid == f)"/>
             <goto fetchid="f"/><log expr="'never'"/></transition>""",
        ["user.go", "user.later"],
        before='<var name="f"/><var name="st" expr="\'a\'"/>',
        processor='statevariable="st"',
        next_ccxml="""<transition event="ccxml.loaded"
             cond="typeof st == 'undefined' &amp;&amp; application.kept.n == 1">
             <log expr="'loaded ' + typeof state$"/></transition>
           <transition event="user.*"><log expr="event$.name"/></transition>""",
    )
    assert run.said == ["true true", "loaded undefined", "user.later"]


def test_events_queued_before_goto_meet_the_new_document(play: Play) -> None:
    run = play(
        """<transition event="user.go"><fetch next="'next.ccxml'" fetchid="f"/></transition>
           <transition event="fetch.done"><send target="session.id" name="'user.queued'"/><goto fetchid="f"/>
           </transition>""",
        ["user.go"],
        before='<var name="f"/>',
        next_ccxml='<transition event="*"><log expr="event$.name"/></transition>',
    )
    assert run.said == ["ccxml.loaded", "user.queued", "send.successful"]


def test_a_fetched_script(play: Play) -> None:
    run = play(
        """<transition event="user.go">
             <fetch next="'lib.js'" type="'text/javascript'" fetchid="f"/></transition>
           <transition event="fetch.done"><script fetchid="f"/><log expr="twice(4)"/><goto fetchid="f"/>
             </transition>
           <transition event="error.semantic"><log expr="'no document'"/></transition>""",
        ["user.go"],
        before='<var name="f"/>',
        lib_js="function twice(n) { return n * 2; }",
    )
    assert run.said == ["8", "no document"]


def test_a_script_by_its_address(play: Play) -> None:
    run = play(
        '<transition event="ccxml.loaded"><log expr="twice(4)"/></transition>',
        before='<script src="lib.js" timeout="5s" maxage="10" charset="utf-8"/>',
        lib_js="function twice(n) { return n * 2; }",
    )
    assert run.said == ["8"]
    assert play("<transition event='x'/>", before='<script src="none.js"/>').status == 1


@pytest.mark.parametrize("kind", ["'text/x-unknown'", "'application/ccxml+xml'"])
def test_a_fetch_of_something_else(play: Play, kind: str) -> None:
    run = play(
        f"""<transition event="user.go"><fetch next="'lib.js'" type="{kind}" fetchid="f"/></transition>
            <transition event="error.fetch"><log expr="event$.fetchid == f"/></transition>""",
        ["user.go"],
        before='<var name="f"/>',
        lib_js="1",
    )
    assert run.said == ["true"]


def test_a_child_session(play: Play) -> None:
    run = play(
        """<transition event="user.go"><createccxml next="'child.ccxml'" sessionid="c" parameters="a"/>
             <log expr="typeof c"/></transition>
           <transition event="ccxml.created"><log expr="event$.sessionid == c"/>
             <send target="c" name="'user.hello'"/></transition>
           <transition event="ccxml.exit">
             <log expr="[event$.sessionid == c, event$.expr, event$.values.v].join()"/>
           </transition>""",
        ["user.go"],
        before='<var name="c"/><var name="a" expr="5"/>',
        child_ccxml="""<transition event="ccxml.loaded">
          <log expr="session.values.a + typeof session.parentid"/>
             </transition>
           <transition event="user.hello"><var name="v" expr="'bye'"/>
             <exit expr="session.id == event$.eventsource" namelist="v"/></transition>""",
    )
    assert run.said == ["string", "true", "5string", "true,false,bye"]


@pytest.mark.parametrize(
    ("child", "reason"),
    [
        ('<transition event="ccxml.loaded"><log expr="nosuch"/></transition>', "error.semantic"),
        (
            '<transition event="ccxml.loaded"><send target="session.id" name="\'ccxml.kill\'"/></transition>',
            "kill",
        ),
    ],
)
def test_a_child_that_fails_tells_its_parent(play: Play, child: str, reason: str) -> None:
    run = play(
        """<transition event="user.go"><createccxml next="'child.ccxml'"/></transition>
           <transition event="ccxml.exit"><log expr="event$.reason"/></transition>""",
        ["user.go"],
        child_ccxml=child,
    )
    assert run.said == [reason]


def test_an_error_on_loading_ends_the_session(play: Play) -> None:
    run = play(
        '<transition event="*"><log expr="event$.name"/></transition>', before='<var name="x" expr="nosuch"/>'
    )
    assert run.said == []
    assert (run.exit["reason"], run.exit["error"]) == ("error", "error.semantic")


@pytest.mark.parametrize(
    "element",
    [
        '<assign name="nosuch" expr="1"/>',
        '<assign name="session.id" expr="1"/>',
        '<assign name="session.fresh" expr="1"/>',
        '<assign name="session.connections" expr="1"/>',
        '<assign name="1" expr="1"/>',
        "<script>nosuch.x</script>",
        "<script>syntax error here</script>",
        '<log expr=""/>',
        '<exit namelist="nosuch"/>',
    ],
)
def test_errors_of_scripts(play: Play, element: str) -> None:
    run = play(
        f"""<transition event="user.go">{element}<log expr="'after'"/></transition>
            <transition event="error.semantic"><exit expr="'caught'"/></transition>""",
        ["user.go"],
        errors_expected=True,
    )
    assert (run.said, run.exit["value"]) == ([], "caught")


def test_scopes(play: Play) -> None:
    run = play(
        """<transition event="user.a"><var name="x" expr="'inner'"/>
          <script>var y = 1; x += '!'; z = 2;</script>
             <assign name="ccxml.n" expr="1"/>
             <log expr="[x, ccxml.x, transition.x, transition.y, z, ccxml.z,
               typeof application.x].join()"/></transition>
           <transition event="user.b"><log expr="[x, typeof y, z, n].join()"/></transition>""",
        ["user.a", "user.b"],
        before='<var name="x" expr="\'outer\'"/><var name="z"/>',
    )
    assert run.said == ["inner!,outer,inner!,1,2,2,undefined", "outer,undefined,2,1"]


def test_logs_print_what_string_gives(play: Play) -> None:
    logs = "".join(
        f'<log expr="{e}"/>' for e in ("null", "undefined", "({})", "[1,[2]]", "1.50", "true", "'ü'")
    )
    run = play(f'<transition event="ccxml.loaded">{logs}<log label="\'l\' + 1" expr="1"/></transition>')
    assert run.said == ["null", "undefined", "[object Object]", "1,2", "1.5", "true", "ü", "1"]
    assert run.all("log")[-1]["label"] == "l1"
