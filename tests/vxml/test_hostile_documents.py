"""Documents that do harm, on purpose or not: each costs its own session, with an error that says why."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

from typing import Any

import pytest

from vxmlplat.vxml.limits import SessionLimits

KEY = '<grammar version="1.0" mode="dtmf" root="d"><rule id="d">1</rule></grammar>'
SMALL = SessionLimits(rounds=200, steps=500, documents=10, prompts=50, throws=20, subdialogs=5)

ENDLESS = {
    "a form that goes to itself": "<form id='a'><block><goto next='#a'/></block></form>",
    "a document that goes to itself": "<form><block><goto next='main.vxml'/></block></form>",
    "handlers that throw at each other": "<catch event='e'><throw event='f'/></catch><catch event='f'><throw event='e'/></catch>"
    "<form><block><throw event='e'/></block></form>",
    "a handler of errors that makes errors": "<catch event='error'><assign name='nosuch' expr='1'/></catch>"
    "<form><block><throw event='error.x'/></block></form>",
    "a condition that always fails": "<form><catch event='error'/><block cond='nosuch'/></form>",
    "a field without grammars whose error is ignored": "<form><catch event='error'/><field name='f'/></form>",
    "a subdialog that calls itself": "<form id='a'><subdialog name='s' src='#a'/></form>",
    "a transfer that fails for ever": "<form><catch event='error'/><transfer name='t' dest='nosuch:1'/></form>",
    "a loop over a large array": "<form><block><foreach item='i' array='new Array(100000)'><assign name='i' expr='1'/></foreach></block></form>",
    "prompts without end": "<form id='a'><block>word<goto next='#a'/></block></form>",
    "a script that never ends": "<form><block><script>for(;;){}</script></block></form>",
    "a script that eats memory": "<form><block><script>var a='x'; for(;;) a += a + a;</script></block></form>",
    "a menu of menus": "<menu id='m' scope='document'><catch event='error noinput nomatch'><goto next='#m'/></catch>"
    "<choice event='error.x' dtmf='1'>x</choice></menu>",
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_what_never_ends_is_ended(name: str, run_application: Any) -> None:
    told = await run_application(ENDLESS[name], [{"dtmf": "1"}, {"dtmf": "1"}], limits=SMALL)
    assert told.end.reason in ("error", "hangup")
    if told.end.reason == "error":
        assert told.end.error.name in ("error.noresource", "error.semantic")
        assert told.end.error.message


BROKEN = {
    "an external entity": '<!DOCTYPE vxml [<!ENTITY e SYSTEM "file:///etc/passwd">]><vxml version="2.1"><form><block>&e;</block></form></vxml>',
    "an entity bomb": '<!DOCTYPE vxml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><vxml version="2.1"><form><block>&j;</block></form></vxml>',
    "deep nesting": '<vxml version="2.1"><form><block>'
    + "<if cond='1'>" * 3000
    + "</if>" * 3000
    + "</block></form></vxml>",
    "an unknown element": '<vxml version="2.1"><form><block><blink/></block></form></vxml>',
    "an unknown attribute": '<vxml version="2.1"><form><block nmae="x"/></form></vxml>',
    "no version": "<vxml><form/></vxml>",
    "nothing at all": "",
    "bytes that are no text": "\x00\x01",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_document_is_a_badfetch_where_it_was_asked_for(
    name: str, run_application: Any
) -> None:
    told = await run_application(
        "<catch event='error.badfetch'><prompt>refused</prompt><log expr='_message'/><exit/></catch>"
        "<form><block><goto next='broken.xml'/></block></form>",
        documents={"broken.xml": BROKEN[name]},
    )
    assert told.prompts == ["refused"]
    assert "broken.xml" in told.logs[0]


async def test_many_subdialogs_nest_no_deeper_than_allowed(run_application: Any) -> None:
    told = await run_application("<form id='a'><subdialog name='s' src='#a'/></form>")
    assert told.end.error.name == "error.noresource"
    assert "50" in told.end.error.message


async def test_the_document_cannot_reach_the_host(run_application: Any) -> None:
    told = await run_application(
        "<form><catch event='error'><prompt>error</prompt><exit/></catch>"
        '<block><prompt><value expr="typeof require + typeof process + typeof importScripts"/></prompt></block></form>'
    )
    assert told.prompts == ["undefinedundefinedundefined"]


async def test_an_address_that_is_none_is_a_badfetch(run_application: Any) -> None:
    told = await run_application(
        "<catch event='error.badfetch'><prompt>refused</prompt><exit/></catch>"
        "<form><block><goto next='http://[nonsense'/></block></form>"
    )
    assert told.prompts == ["refused"]
