"""Form interpretation: selection, filling, handlers, prompts, transitions. Each test is an application and
its caller.

In the bodies ``KEYS(1,2)`` stands for a DTMF grammar of these keys and ``WORDS(yes,no)`` for a voice grammar.
"""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

import re
from typing import Any

import pytest

ENDING = '<catch event="error connection">unexpected <value expr="_event"/><exit/></catch>'


def expand(body: str) -> str:
    """The body with its grammars written out."""

    def grammar(found: re.Match[str]) -> str:
        mode = 'mode="dtmf"' if found[1] == "KEYS" else 'mode="voice" xml:lang="en-US"'
        items = "".join(f"<item>{item}</item>" for item in found[2].split(","))
        rule = f'<rule id="r"><one-of>{items}</one-of></rule>'
        return f'<grammar version="1.0" root="r" {mode}>{rule}</grammar>'

    return re.sub(r"(KEYS|WORDS)\(([^)]*)\)", grammar, body)


TRIP = """<grammar version="1.0" mode="voice" root="t" xml:lang="en-US" tag-format="semantics/1.0"><rule
id="t"><one-of> <item>from boston to denver<tag>out.origin='B'; out.dest='D';</tag></item>
<item>from boston<tag>out.origin='B';</tag></item></one-of></rule></grammar>"""

APPLICATIONS: dict[str, tuple[str, list[Any], list[str]]] = {
    "a directed form asks its fields in order": (
        """<form><field name='a'>KEYS(1)<prompt>a</prompt></field><field
        name='b'>KEYS(2)<prompt>b</prompt></field>
        <filled><prompt><value expr="a + b"/></prompt></filled></form>""",
        [{"dtmf": "1"}, {"dtmf": "2"}],
        ["a", "b", "12"],
    ),
    "mixed initiative fills what was said and asks for the rest": (
        f"""<form>{TRIP}<initial name='i'><prompt>start</prompt></initial>
        <field name='origin'>WORDS(boston)<prompt>o</prompt></field>
        <field name='dest'>WORDS(denver)<prompt>d</prompt></field>
        <filled><prompt><value expr="origin + dest + i"/></prompt></filled></form>""",
        [{"say": "from boston"}, {"say": "denver"}],
        ["start", "d", "Bdenvertrue"],
    ),
    "tapered prompts follow the prompt counter": (
        """<form><field name='a'>KEYS(1)<prompt>one</prompt><prompt count="2">two</prompt>
        <noinput><reprompt/></noinput></field></form>""",
        [{"noinput": True}, {"noinput": True}, {"dtmf": "1"}],
        ["one", "two", "two"],
    ),
    "a handler without reprompt silences the next prompts": (
        "<form><field name='a'>KEYS(1)<prompt>one</prompt><nomatch>wrong</nomatch></field></form>",
        [{"dtmf": "9"}, {"dtmf": "1"}],
        ["one", "wrong"],
    ),
    "the counters of an event's prefixes rise with it": (
        """<form><field name='a'>KEYS(1)<catch event="e" count="2">two<exit/></catch><catch
        event="e">one</catch>
        <nomatch><throw event="e.x"/></nomatch><noinput><throw event="e.y"/></noinput></field></form>""",
        [{"dtmf": "9"}, {"noinput": True}],
        ["one", "two"],
    ),
    "clear starts an item again": (
        """<form><var name='n' expr='0'/>
        <field name='a'>KEYS(1)<prompt>one</prompt><prompt count="2">two</prompt></field>
        <block name='b'><assign name='n' expr='n+1'/><if cond='n == 1'><clear namelist='a'/></if></block>
        <block name='again' cond='n == 1'>again</block></form>""",
        [{"dtmf": "1"}, {"dtmf": "1"}],
        ["one", "one", "again"],
    ),
    "goto nextitem visits the named item and goes on from the first": (
        "<form><block name='a'>a<goto nextitem='c'/></block><block name='b'>b</block><block name='c'>c</block></form>",
        [],
        ["a", "c", "b"],
    ),
    "a link of the document is heard in a field and leads away": (
        """<link next='#there'>KEYS(9)</link><form><field name='a'>KEYS(1)</field></form>
        <form id='there'><block>there</block></form>""",
        [{"dtmf": "9"}],
        ["there"],
    ),
    "a form of document scope is entered by its grammar": (
        f"""<form><field name='a'>KEYS(1)</field></form>
        <form id='trip' scope='document'>{TRIP}<block>entered</block>
        <field name='origin'>WORDS(x)</field><field name='dest'>WORDS(y)</field>
        <filled><prompt><value expr='origin + dest'/></prompt></filled></form>""",
        [{"say": "from boston to denver"}],
        ["BD", "entered"],
    ),
    "choices of a menu are spoken by enumerate and taken by key": (
        """<menu dtmf='true'><prompt><enumerate><value expr='_prompt + _dtmf'/></enumerate></prompt>
        <choice next='#x'>alpha</choice><choice next='#y'>bravo</choice></menu>
        <form id='x'><block>x</block></form><form id='y'><block>y</block></form>""",
        [{"dtmf": "2"}],
        ["alpha1 bravo2", "y"],
    ),
    "foreach goes over a copy": (
        """<form><var name='a' expr='[1,2]'/><block><foreach item='i' array='a'><script>a.push(9)</script>
        <prompt><value expr='i'/></prompt></foreach></block></form>""",
        [],
        ["1", "2"],
    ),
    "nested foreach loops keep apart": (
        """<form><block><foreach item='i' array='[1,2]'><foreach item='j' array="['a','b']">
        <prompt><value expr='i + j'/></prompt></foreach></foreach></block></form>""",
        [],
        ["1a", "1b", "2a", "2b"],
    ),
    "a subdialog has its own variables and returns values": (
        """<form><var name='x' expr='1'/><subdialog name='r' src='#sub'><param name='p' expr='x + 1'/>
        <filled><prompt><value expr='r.p * 10 + x'/></prompt></filled></subdialog></form>
        <form id='sub'><var name='p'/><block><assign name='p' expr='p + 1'/><return
        namelist='p'/></block></form>""",
        [],
        ["31"],
    ),
    "a subdialog may return an event": (
        """<form><subdialog name='r' src='#sub'><catch event='my'><value
        expr='_message'/><exit/></catch></subdialog>
        </form><form id='sub'><block><return event='my.own' message='told'/></block></form>""",
        [],
        ["told"],
    ),
    "typed-ahead keys fill the next field": (
        """<form><field name='a'>KEYS(1)</field><field name='b'>KEYS(2)</field>
        <block><value expr='a + b'/></block></form>""",
        [{"dtmf": "12"}],
        ["12"],
    ),
    "a prompt that forbids barge-in empties the type-ahead": (
        """<form><field name='a'>KEYS(1)</field><field name='b'>KEYS(2,3)<prompt
        bargein='false'>listen</prompt></field>
        <block><value expr='b'/></block></form>""",
        [{"dtmf": "12"}, {"dtmf": "3"}],
        ["listen", "3"],
    ),
    "hotword input that does not match is ignored": (
        """<form><field name='f'><property name='bargeintype'
        value='hotword'/>WORDS(yes)<prompt>p</prompt></field>
        <block>matched</block></form>""",
        [{"during": "prompt", "say": "perhaps"}, {"during": "prompt", "say": "yes"}],
        ["p", "matched"],
    ),
    "the platform answers a nomatch that nobody handles": (
        "<form><field name='a'>KEYS(1)<prompt>key</prompt></field></form>",
        [{"dtmf": "9"}, {"dtmf": "1"}],
        ["key", "Sorry, I did not understand.", "key"],
    ),
}


@pytest.mark.parametrize("name", APPLICATIONS)
async def test_application(name: str, run_application: Any) -> None:
    body, inputs, prompts = APPLICATIONS[name]
    told = await run_application(expand(body) + ENDING, inputs)
    assert told.prompts == prompts


async def test_application_scope_ends_with_the_application(run_application: Any) -> None:
    root = (
        "<var name='n' expr='1'/><form><block>root <value expr='n'/><goto next='alone.vxml'/></block></form>"
    )
    leaf = (
        '<vxml version="2.1" application="root.vxml"><form><block>leaf <value expr="n"/>'
        '<goto next="root.vxml"/></block></form></vxml>'
    )
    alone = "<form><block>alone <value expr='typeof n'/></block></form>"
    told = await run_application(
        "<form><block><assign name='application.n' expr='5'/><goto next='leaf.vxml'/></block></form>",
        documents={"root.vxml": root, "leaf.vxml": leaf, "alone.vxml": alone},
        attributes='application="root.vxml"',
    )
    assert told.prompts == ["leaf 5", "root 5", "alone undefined"]


async def test_submit_to_the_root_starts_the_application_anew(run_application: Any) -> None:
    told = await run_application(
        "<form><block><assign name='application.n' expr='5'/><submit next='root.vxml'/></block></form>",
        documents={"root.vxml": "<var name='n' expr='1'/><form><block><value expr='n'/></block></form>"},
        attributes='application="root.vxml"',
    )
    assert told.prompts == ["1"]


async def test_submit_sends_items_objects_and_recordings(run_application: Any) -> None:
    told = await run_application(
        expand(
            "<form><var name='o' expr='({x: 1, y: null})'/><field name='a'>KEYS(1)</field><record name='r'/>"
            "<block><submit next='to.vxml' method='post' enctype='multipart/form-data' namelist='a o r'/></block></form>"
        ),
        [{"dtmf": "1"}, {"record": 2.0, "end": "#"}],
        {"to.vxml": "<form><block>there</block></form>"},
    )
    assert told.prompts == ["there"]
    request = told.requests[-1]
    assert (request.method, request.enctype) == ("POST", "multipart/form-data")
    assert [name for name, _ in request.fields] == ["a", "o.x", "o.y", "r"]
    assert request.fields[-1][1].data.startswith(b"RIFF")


async def test_the_timeout_of_the_last_prompt_counts(run_application: Any) -> None:
    told = await run_application(
        expand(
            "<form><field name='a'>KEYS(1)<prompt timeout='9s'>a</prompt><prompt timeout='2s'>b</prompt></field></form>"
        ),
        [{"noinput": True}, {"dtmf": "1"}],
    )
    assert told.of("listen")[0]["timeout"] == 2.0
    assert told.of("throw")[0]["t"] == 2.0


async def test_a_bridge_is_cut_at_its_maxtime(run_application: Any) -> None:
    told = await run_application(
        "<form><transfer name='t' dest='tel:+1' type='bridge' maxtime='20s' aai='x'/>"
        "<block><value expr=\"t + ' ' + t$.duration\"/></block></form>",
        [{"transfer": "far_end_disconnect", "after": 60}],
    )
    assert told.prompts == ["maxtime_disconnect 20"]
    assert told.of("transfer")[0]["aai"] == "x"


async def test_after_the_caller_left_the_document_runs_on_but_does_not_listen(run_application: Any) -> None:
    told = await run_application(
        expand(
            "<form><catch event='connection.disconnect.hangup'><assign name='gone' expr='true'/></catch>"
            "<var name='gone' expr='false'/><field name='a' cond='!gone'>KEYS(1)</field>"
            "<block><log>after</log>nobody hears this</block>"
            "<field name='b'>KEYS(2)</field><block><log>never</log></block></form>"
        ),
        [{"hangup": True}],
    )
    assert told.logs == ["after"]
    assert told.prompts == []
    assert told.end.reason == "hangup"


async def test_disconnect_hands_its_values_back(run_application: Any) -> None:
    told = await run_application(
        "<form><var name='x' expr='7'/><block>bye<disconnect namelist='x'/></block><block>never</block></form>"
    )
    assert told.prompts == ["bye"]
    assert (told.end.reason, dict(told.end.disconnect)) == ("disconnect", {"x": 7})
