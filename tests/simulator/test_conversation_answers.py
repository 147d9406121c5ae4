"""A run's answers as the mocks of a test: what is kept, what is masked."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.documents import FetchError, FetchRequest, Resource
from vxmlplat.simulator.conversation_answers import recorded_services
from vxmlplat.simulator.conversation_test import ConversationTest, MockAnswer
from vxmlplat.simulator.conversation_writing import write_test
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.masking import masked, secret_name
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.simulator.web_answers import answer_members
from vxmlplat.vxml.session import SessionStart

BASE = "http://simulator.invalid"


def answer(**members: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "event": "answer",
        "service": "",
        "address": "",
        "status": 200,
        "port": "",
    } | members


def request_of(name: str, **question: Any) -> FetchRequest:
    fields = (("vx_request", json.dumps(question)),)
    return FetchRequest(f"{BASE}/services/{name}", method="POST", fields=fields)


def page(text: str, kind: str) -> Resource:
    return Resource("http://a.example/", kind, "utf-8", text.encode())


def test_an_answer_is_told_as_the_flow_gets_it() -> None:
    asked = request_of("web-request", url="https://t.example/{id}", arguments={"id": "7", "key": "k"})
    given = page(
        '<answer port="not_found">{"status": 404, "body": {"why": "a &lt; b"}}</answer>', "application/xml"
    )
    assert answer_members(asked, given, BASE) == {
        "service": "web-request",
        "address": "https://t.example/7?key=k",
        "status": 404,
        "port": "not_found",
        "value": {"why": "a < b"},
    }
    given = page('<answer port="empty"/>', "application/xml")
    told = answer_members(request_of("database-query"), given, BASE)
    assert told is not None
    assert (told["service"], told["port"], told["value"]) == ("database-query", "empty", {})
    lost = answer_members(request_of("database-query"), FetchError("", "timeout", "late"), BASE)
    assert lost is not None
    assert lost["status"] == 0
    web = FetchRequest("http://a.example/x?q=1#here")
    told = answer_members(web, page("[1]", "application/json"), BASE)
    assert told is not None
    assert (told["address"], told["value"]) == ("http://a.example/x?q=1", [1])
    long = answer_members(web, page("x" * 30_000, "text/plain"), BASE)
    assert long is not None
    assert (long["long"], long["value"]) == (True, None)
    assert answer_members(web, page("x", "audio/x-wav"), BASE) is None
    assert answer_members(FetchRequest(f"{BASE}/published/f/1/root.vxml"), page("", "text/xml"), BASE) is None


def test_answers_become_mocks_in_their_order() -> None:
    tickets = [
        answer(service="web-request", address=f"https://t.example/a?id={n}", port="next", value={"n": n})
        for n in (1, 2, 2)
    ]
    events = [
        answer(service="caller-list", port="unlisted", value={"entry": None}),
        answer(service="voicemail", port="next", value={"id": "77"}),
        answer(service="business-hours", port="closed", value={}),
        *tickets,
        answer(
            service="web-request", address="https://t.example/b", status=404, port="not_found", value=None
        ),
        answer(service="database-query", port="empty", value={"rows": [], "count": 0}),
        answer(service="call-data", status=503, value=None),
        answer(address="https://p.example/x.xml", value="<a>\n  <b/>\n</a>\n"),
        answer(address="https://user:word@p.example/x.xml", value="hidden"),
        answer(address="https://p.example/long", value=None, long=True),
        answer(address="https://p.example/gone", status=0, value=None),
    ]
    made = recorded_services(events, hours=False)
    assert made.mocks == {
        "https://t.example/a": (MockAnswer({"n": 1}), MockAnswer({"n": 2})),
        "https://t.example/b": (MockAnswer(None, 404),),
        "database-query": (MockAnswer({"rows": [], "count": 0}, port="empty"),),
        "call-data": (MockAnswer(None, 503),),
        "https://p.example/x.xml": (MockAnswer("<a>\n  <b/>\n</a>\n"),),
        "https://p.example/gone": (MockAnswer(status=0),),
    }
    assert made.left_out == ["https://p.example/long"]
    assert recorded_services(events, hours=True).mocks["business-hours"] == (MockAnswer({}, port="closed"),)
    test = ConversationTest(name="t", flow="f", steps=(), services=made.mocks)
    text = write_test(test)
    assert read_test(text, "t").services == made.mocks
    assert "answer: |" in text


def test_what_looks_secret_is_masked_unless_the_caller_heard_it() -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"
    value = {
        "customer": {"name": "Li Na", "pin": 4711, "cards": [{"cardNumber": "1"}], "客户密码": "x"},
        "ticket": "T-20",
        "session_key": "abc",
        "link": f"see {jwt} there",
        "paid_with": "4111 1111 1111 1111",
        "code_otp": "90210",
    }
    events = [
        {"type": "event", "event": "prompt", "text": "Your code is 9 0 2 1 0"},
        answer(service="web-request", address="https://t.example/", port="next", value=value),
    ]
    made = recorded_services(events, hours=False)
    (given,) = made.mocks["https://t.example/"]
    assert given.value == {
        "customer": {"name": "Li Na", "pin": "***", "cards": [{"cardNumber": "***"}], "客户密码": "***"},
        "ticket": "T-20",
        "session_key": "***",
        "link": "see *** there",
        "paid_with": "***",
        "code_otp": "90210",
    }
    places = (
        "customer.pin",
        "customer.cards.cardNumber",
        "customer.客户密码",
        "session_key",
        "link",
        "paid_with",
    )
    assert made.masked == [f"https://t.example/: {place}" for place in places]


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "userPassword",
        "API_KEY",
        "apiKey",
        "access-key",
        "sessionId",
        "sessionid",
        "cvv2",
        "银行卡号",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name", ["author", "spinner", "key", "id", "session", "passenger", "number", "account", "tokens_left"]
)
def test_names_of_nothing_secret(name: str) -> None:
    assert not secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "T-2026-000123",
        "8f14e45f-ceea-467f-a5c8-1a2b3c4d5e6f",
        "+8613800000000",
        "2026-01-05T10:00:00+08:00",
        "Call us: 4000 123 123",
    ],
)
def test_texts_of_nothing_secret(text: str) -> None:
    assert masked({"a": [text]}) == ({"a": [text]}, [])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=12), one, max_size=3),
    max_leaves=12,
)


@given(json_values)
def test_masking_keeps_the_shape_and_masks_once(value: Any) -> None:
    once, _ = masked(value)
    assert masked(once)[0] == once
    assert shape(once) == shape(value)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else None


class Web:
    async def fetch(self, request: FetchRequest, _: Any = None) -> Resource:
        return text_resource(request.uri, "<answer>seven</answer>")


async def test_the_answers_of_a_call_are_told_once_even_when_it_is_repeated() -> None:
    place = BASE + "/published/f/1/main.vxml"
    document = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
    <form id="ask"><block><data name="answer" src="http://elsewhere.example/answer?x=1"/><goto next="#tell"/></block></form>
    <form id="tell"><block><prompt><value expr="answer.documentElement.firstChild.data"/></prompt></block></form></vxml>"""
    web: Any = Web()
    session = SimulatorSession(
        SessionStart(place), {place: text_resource(place, document)}, fetcher=web, base=BASE, stay=True
    )
    session.start()
    messages: list[dict[str, Any]] = []
    async for message in session.events():
        messages.append(message)
        if message["type"] == "rewound" or message.get("event") == "exit":
            if any(one["type"] == "rewound" for one in messages):
                break
            await session.back(2)
    await session.stop()
    told = [one for one in messages if one.get("event") == "answer"]
    assert [(one["address"], one["value"]) for one in told] == [
        ("http://elsewhere.example/answer?x=1", "<answer>seven</answer>")
    ]
    assert recorded_services(messages, hours=False).mocks == {
        "http://elsewhere.example/answer": (MockAnswer("<answer>seven</answer>"),)
    }
