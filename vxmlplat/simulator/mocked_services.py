"""The services of the platform (docs/services.md) as a conversation test has them: nothing is stored or sent.

What a test does not mock answers the ordinary way: business hours by the test's time of day, an empty
caller list, a message that is kept. Only what would have to reach outside (a web request, a database) fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from vxmlplat.documents import FetchError, FetchRequest, Resource
from vxmlplat.flows.hours import opening
from vxmlplat.simulator.conversation_test import JSON, MockAnswer

SERVICES = "/services/"
REQUEST_FIELD = "vx_request"
WEB_REQUEST = "web-request"

Question = Mapping[str, JSON]

ORDINARY: Mapping[str, MockAnswer] = {
    "caller-list": MockAnswer({"entry": None}, port="unlisted"),
    "voicemail": MockAnswer({"id": "message-1"}, port="next"),
    "message": MockAnswer({"id": "message-1"}, port="next"),
    "callback": MockAnswer({"id": "callback-1"}, port="next"),
    "call-data": MockAnswer({"data": {}}, port="next"),
}
"""How a service answers that a test says nothing about."""

PORTS = {"database-query": "rows"}
"""The port of an answer that names none, where it is not ``next``."""


class MockedServices:
    """Answers for one run; ``unanswered`` are addresses and services that nobody answered."""

    def __init__(self, mocks: Mapping[str, tuple[MockAnswer, ...]], wall: Callable[[], datetime]) -> None:
        self._mocks = mocks
        self._wall = wall
        self._asked: dict[str, int] = {}
        self.unanswered: list[str] = []

    async def service(self, name: str, request: FetchRequest) -> Resource:
        """``POST /services/NAME``. Raises ``FetchError`` for a service that fails."""
        question = question_of(request)
        if name == WEB_REQUEST:
            return _xml(request.uri, self._web_request(question))
        answer = self._mocked(name) or ORDINARY.get(name)
        if answer is None and name == "business-hours":
            answer = self._hours(request, question)
        if answer is None or answer.fails or answer.status >= 400:
            if answer is None:
                self._unanswered(name)
            status = answer.status if answer is not None and answer.status else 503
            raise FetchError(request.uri, "status", f"the test has no answer of {name}", status)
        return _xml(request.uri, MockAnswer(answer.value, port=answer.port or PORTS.get(name, "next")))

    async def page(self, address: str) -> Resource:
        """A page or data of the web. Raises ``FetchError`` for what is not mocked."""
        answer = self._mocked_address(address)
        if answer is None:
            self._unanswered(address)
            raise FetchError(address, "status", "the test does not mock this address", 404)
        if answer.fails or answer.status >= 400:
            raise FetchError(address, "status", "the test has it fail", answer.status or 503)
        if isinstance(answer.value, str):
            kind = "application/voicexml+xml" if "<vxml" in answer.value else "application/xml"
            return Resource(address, kind, "utf-8", answer.value.encode())
        return Resource(address, "application/json", "utf-8", json.dumps(answer.value).encode())

    def _hours(self, request: FetchRequest, question: Question) -> MockAnswer:
        try:
            return MockAnswer({}, port=opening(question, self._wall()))
        except (KeyError, ValueError, TypeError) as error:
            raise FetchError(request.uri, "status", f"business-hours: {error}", 400) from error

    def _web_request(self, question: Question) -> MockAnswer:
        """As the platform's own service answers (docs/services.md), without the web."""
        address = web_address(question)
        answer = self._mocked_address(address) or self._mocked(WEB_REQUEST)
        if answer is None:
            self._unanswered(address)
            error = f"the test does not mock {address}"
            return MockAnswer({"status": 0, "body": None, "error": error}, port="error")
        if answer.fails:
            return MockAnswer({"status": 0, "body": None, "error": "no answer"}, port="error")
        port = answer.port or web_port(answer.status)
        return MockAnswer({"status": answer.status, "body": answer.value}, port=port)

    def _mocked_address(self, address: str) -> MockAnswer | None:
        """The mock whose address the asked one begins with; the longest of several."""
        fitting = [mock for mock in self._mocks if ":" in mock and address.startswith(mock)]
        return self._mocked(max(fitting, key=len)) if fitting else None

    def _mocked(self, name: str) -> MockAnswer | None:
        answers = self._mocks.get(name)
        if not answers:
            return None
        number = self._asked.get(name, 0)
        self._asked[name] = number + 1
        return answers[min(number, len(answers) - 1)]

    def _unanswered(self, what: str) -> None:
        if what not in self.unanswered and len(self.unanswered) < 100:
            self.unanswered.append(what)


def web_address(question: Question) -> str:
    """The address that a web request asks, its ``{name}`` places filled and the rest in the query."""
    url, arguments = str(question.get("url", "")), question.get("arguments")
    left: dict[str, Any] = dict(arguments) if isinstance(arguments, dict) else {}

    def fill(found: re.Match[str]) -> str:
        return quote(str(left.pop(found[1])), safe="") if found[1] in left else found[0]

    url = re.sub(r"\{([^{}]{1,200})\}", fill, url)
    if left and question.get("method", "GET") in ("GET", "DELETE") and question.get("body") is None:
        url += ("&" if urlsplit(url).query else "?") + urlencode({k: str(v) for k, v in left.items()})
    return url


def web_port(status: int) -> str:
    """The port of a web request's answer that follows from its HTTP status (docs/services.md)."""
    return "next" if 200 <= status < 300 else "not_found" if status in (404, 410) else "error"


def question_of(request: FetchRequest) -> Question:
    """What a request asks of a service."""
    text = next((v for k, v in request.fields if k == REQUEST_FIELD and isinstance(v, str)), "{}")
    try:
        question = json.loads(text)
    except ValueError:
        question = None
    return question if isinstance(question, dict) else {}


def _xml(uri: str, answer: MockAnswer) -> Resource:
    text = "" if answer.value is None else json.dumps(answer.value)
    body = f"<answer port={quoteattr(answer.port)}>{escape(text)}</answer>"
    return Resource(uri, "application/xml", "utf-8", body.encode())
