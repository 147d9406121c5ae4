"""The services of a run as the mocks of a test: what they answered then, they answer in the test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from vxmlplat.simulator.conversation_test import MockAnswer
from vxmlplat.simulator.masking import masked
from vxmlplat.simulator.mocked_services import ORDINARY, PORTS, WEB_REQUEST, web_port

KEPT_SERVICES = frozenset({"voicemail", "message", "callback"})
"""Their value is the id of what they have kept, another one in each call."""

SHORTEST_TOLD = 3
"""Characters of a value that is known because the caller heard it; shorter ones are heard by chance."""


@dataclass(slots=True)
class RecordedServices:
    """What a test mocks. ``masked``: places of values that looked secret; ``left_out``: what was too long to
    be written down, for the author to fill in."""

    mocks: dict[str, tuple[MockAnswer, ...]] = field(default_factory=dict)
    masked: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def recorded_services(events: Iterable[Mapping[str, Any]], *, hours: bool) -> RecordedServices:
    """The mocks that follow from the events of a simulated call, answers in the order in which they came.

    What a service answers without a word of the test is left out, and so are business hours unless ``hours``
    (where the run had another time of day than the test). A web address is written without its query.
    """
    happened = list(events)
    known = "".join("".join(str(one.get("text")).split()) for one in happened if one.get("event") == "prompt")
    answers: dict[str, list[MockAnswer]] = {}
    recorded = RecordedServices()
    for event in happened:
        if event.get("event") != "answer":
            continue
        key = _key(event)
        if not key or (key == "business-hours" and not hours):
            continue
        if event.get("long"):
            if key not in recorded.left_out:
                recorded.left_out.append(key)
            continue
        value, places = masked(
            event.get("value"), lambda text: len(text) >= SHORTEST_TOLD and "".join(text.split()) in known
        )
        recorded.masked += [
            place for path in places if (place := f"{key}: {path}" if path else key) not in recorded.masked
        ]
        answers.setdefault(key, []).append(_answer(event, value))
    for key, given in answers.items():
        if not all(_ordinary(key, one) for one in given):
            recorded.mocks[key] = _shortest(given)
    return recorded


def _key(event: Mapping[str, Any]) -> str:
    service, address = str(event.get("service") or ""), str(event.get("address") or "")
    if service and service != WEB_REQUEST:
        return service
    if urlsplit(address).username is not None:
        return ""  # its password would stand in the key
    return address.partition("?")[0] if ":" in address else ""


def _answer(event: Mapping[str, Any], value: Any) -> MockAnswer:
    status, port = event.get("status"), str(event.get("port") or "")
    status = status if isinstance(status, int) and not isinstance(status, bool) else 0
    if not 100 <= status <= 599:
        return MockAnswer(status=0)
    if not event.get("service"):
        return MockAnswer(value if status < 400 else None, status)
    usual = web_port(status) if event["service"] == WEB_REQUEST else PORTS.get(str(event["service"]), "next")
    return MockAnswer(value, status, "" if port == usual else port)


def _ordinary(key: str, answer: MockAnswer) -> bool:
    """Whether the service answers so without a word of the test."""
    ordinary = ORDINARY.get(key)
    if ordinary is None or answer.status != 200 or (answer.port or "next") != ordinary.port:
        return False
    return key in KEPT_SERVICES or answer.value == ordinary.value


def _shortest(answers: list[MockAnswer]) -> tuple[MockAnswer, ...]:
    """Without repetitions at the end: the last answer is given for ever."""
    while len(answers) > 1 and answers[-1] == answers[-2]:
        answers.pop()
    return tuple(answers)
