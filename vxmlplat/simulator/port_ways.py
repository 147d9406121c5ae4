"""How a caller is brought out of a node by one of its ports: keys, silence, an answer of a service, a time.

One function a node type, registered under its name; a port that no function knows is judged by its kind. What
cannot be known from the graph alone (chance, a condition of several variables) is said as such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from vxmlplat.flows.dtmf import navigation_events
from vxmlplat.flows.errors import FlowError
from vxmlplat.flows.hours import opening
from vxmlplat.flows.listening import Listening
from vxmlplat.flows.node_type import NodeFields
from vxmlplat.flows.nodes.ask import Ask
from vxmlplat.flows.nodes.auto_menu import AutoMenu
from vxmlplat.flows.nodes.business_hours import BusinessHours
from vxmlplat.flows.nodes.database_query import DatabaseQuery
from vxmlplat.flows.nodes.digits import Digits
from vxmlplat.flows.nodes.menu import Menu
from vxmlplat.flows.nodes.survey import Survey
from vxmlplat.flows.nodes.wait import Wait
from vxmlplat.flows.nodes.web_request import WebRequest
from vxmlplat.flows.ports import Port
from vxmlplat.flows.schema import Flow
from vxmlplat.flows.speech_grammar import phrases_of
from vxmlplat.flows.texts import Text, bilingual
from vxmlplat.simulator.conversation_test import JSON, PLACEHOLDER, MockAnswer

MASKED = "***"
"""A business field whose value was not kept."""

Action = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A caller who is to leave a node by a port.

    ``known`` are values of variables (of a real call, by its business fields); ``replayed``: what is not
    known becomes a placeholder, for inventing it would not be what the caller did.
    """

    flow: Flow
    node: str
    port: Port
    language: str
    known: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """What brings the caller out: actions in their order, answers of services, a moment of the call.

    ``sets``: the variables that an answer fills, each with its place in the answer, so that a condition
    behind can ask for another value. ``unknown`` says why no way could be worked out, or not wholly.
    """

    actions: tuple[Action, ...] = ()
    services: Mapping[str, MockAnswer] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    unknown: Text | None = None


Finder = Callable[[Any, Leaving], "Way | None"]
FinderT = TypeVar("FinderT", bound=Finder)

_FINDERS: dict[str, Finder] = {}


def leaves(node_type: str) -> Callable[[FinderT], FinderT]:
    """Register the function below for a node type; None from it means: judge by the port's kind."""

    def register(finder: FinderT) -> FinderT:
        if node_type in _FINDERS:
            raise FlowError(f"how callers leave {node_type!r} is registered twice")
        _FINDERS[node_type] = finder
        return finder

    return register


def way_out(fields: NodeFields, leaving: Leaving) -> Way:
    """How the caller leaves the node by the port."""
    finder = _FINDERS.get(fields.node_type.name)
    found = finder(fields, leaving) if finder is not None else None
    return found if found is not None else _by_kind(fields, leaving)


def _by_kind(fields: NodeFields, leaving: Leaving) -> Way:
    kind = leaving.port.kind
    tries = fields.tries if isinstance(fields, Listening) else 1
    if kind == "next":
        return Way()
    if kind == "hangup":
        return Way(({"hangup": True},))
    if kind == "noinput":
        return Way(({"noinput": True},) * tries)
    if kind == "nomatch":
        return Way(({"dtmf": _wrong_key(fields, leaving.flow)},) * tries)
    return Way(
        unknown=bilingual(
            f"the graph does not say when a caller leaves {leaving.node} by {leaving.port.id}",
            f"无法从流程图得知主叫何时从 {leaving.node} 的端口 {leaving.port.id} 离开",
        )
    )


def _wrong_key(fields: NodeFields, flow: Flow) -> str:
    """A key that the node does not know; the fourth column, which no telephone has, is always left."""
    used = {key[0] for key in (*fields.used_keys(), *navigation_events(flow.navigation))}
    return next(key for key in "8765432109D" if key not in used)


# ------------------------------------------------------------------------------------------ interaction


@leaves("menu")
def _menu(fields: Menu, leaving: Leaving) -> Way | None:
    keys = {choice.key for choice in fields.choices}
    return Way(({"dtmf": leaving.port.id},)) if leaving.port.id in keys else None


@leaves("ask")
def _ask(fields: Ask, leaving: Leaving) -> Way | None:
    for answer in fields.answers:
        if answer.id == leaving.port.id:
            phrases = phrases_of(answer.phrases, leaving.language)
            if answer.key or not phrases:
                return Way(({"dtmf": answer.key},)) if answer.key else None
            return Way(({"say": phrases[0]},))
    return None


@leaves("digits")
def _digits(fields: Digits, leaving: Leaving) -> Way | None:
    end = fields.terminator
    if leaving.port.kind == "nomatch":
        wrong = ("1" + end) if fields.minimum > 1 and end else "D"
        return Way(({"dtmf": wrong},) * fields.tries)
    if leaving.port.kind != "next":
        return None
    typed = _known_keys(fields.variable, leaving)
    if typed is not None:
        return Way(({"dtmf": typed + end},))
    if leaving.replayed:
        return Way(({"dtmf": PLACEHOLDER * fields.minimum + end},), unknown=_not_kept(leaving.node))
    return Way(({"dtmf": ("1234567890" * 7)[: fields.minimum] + end},), sets={fields.variable: ""})


@leaves("survey")
def _survey(fields: Survey, leaving: Leaving) -> Way | None:
    if leaving.port.kind != "next":
        return None
    rating = leaving.known.get(fields.question) or leaving.known.get(fields.variable)
    if rating is not None and rating.isdigit():
        return Way(({"dtmf": rating},))
    if leaving.replayed:
        return Way(({"dtmf": PLACEHOLDER},), unknown=_not_kept(leaving.node))
    return Way(({"dtmf": str(fields.highest)},))


@leaves("auto_menu")
def _auto_menu(fields: AutoMenu, leaving: Leaving) -> Way | None:
    if leaving.port.kind == "next":
        if leaving.replayed:
            return Way(({"dtmf": PLACEHOLDER},), unknown=_not_kept(leaving.node))
        return Way(({"dtmf": "1"},))
    return None


@leaves("wait")
def _wait(fields: Wait, leaving: Leaving) -> Way | None:
    return Way(({"noinput": True},)) if leaving.port.kind == "next" else None


@leaves("record")
def _record(fields: NodeFields, leaving: Leaving) -> Way | None:
    if leaving.port.kind == "next":
        return Way(({"record": 3, "end": "silence"},))
    if leaving.port.kind == "hangup":
        return Way(({"record": 3, "end": "hangup"},))
    if leaving.port.kind == "error":
        return Way(({"record": 3, "end": "silence"},), {"voicemail": MockAnswer(status=0)})
    return None


def _known_keys(variable: str, leaving: Leaving) -> str | None:
    value = leaving.known.get(variable)
    return value if value and value != MASKED and all(key in "0123456789*#" for key in value) else None


def _not_kept(node: str) -> Text:
    return bilingual(
        f"what the caller keyed at {node} was not kept: fill it in", f"{node} 的按键未保存，请补充"
    )


# ------------------------------------------------------------------------------------------------ logic


@leaves("business_hours")
def _business_hours(fields: BusinessHours, leaving: Leaving) -> Way | None:
    schedule = fields.model_dump(mode="json", by_alias=True)
    for moment in _moments(fields):
        if opening(schedule, moment) == leaving.port.id:
            return Way(at=moment)
    return Way(
        unknown=bilingual(
            f"by its schedule {leaving.node} is never {leaving.port.id}",
            f"按照 {leaving.node} 的时间表，从不会出现 {leaving.port.id}",
        )
    )


def _moments(fields: BusinessHours) -> list[datetime]:
    """Each hour of a week, and the middle of each special day."""
    monday = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    week = [monday + timedelta(hours=hour) for hour in range(7 * 24)]
    days = [day.start for day in fields.holidays] + [day.date for day in fields.extra_days]
    return week + [datetime.fromisoformat(f"{day}T04:00:00+00:00") for day in days]


# ------------------------------------------------------------------------------------------ integration


@leaves("caller_list")
def _caller_list(fields: NodeFields, leaving: Leaving) -> Way | None:
    answers = {
        "listed": MockAnswer({"entry": {"number": "", "note": ""}}, port="listed"),
        "unlisted": MockAnswer({"entry": None}, port="unlisted"),
        "error": MockAnswer(status=0),
    }
    return Way(services={"caller-list": answers[leaving.port.id]})


@leaves("web_request")
def _web_request(fields: WebRequest, leaving: Leaving) -> Way | None:
    address = fields.url.partition("{")[0]
    if leaving.port.id == "not_found":
        return Way(services={address: MockAnswer(status=404)})
    if leaving.port.id == "error":
        return Way(services={address: MockAnswer(status=0)})
    value: JSON = {}
    for result in fields.results:
        value = put(value, result.path, _value_of(result.variable, leaving))
    return Way(
        services={address: MockAnswer(value)},
        sets={result.variable: result.path for result in fields.results},
    )


@leaves("database_query")
def _database_query(fields: DatabaseQuery, leaving: Leaving) -> Way | None:
    if leaving.port.id == "error":
        return Way(services={"database-query": MockAnswer(status=0)})
    if leaving.port.id == "empty":
        return Way(services={"database-query": MockAnswer({"rows": [], "count": 0}, port="empty")})
    paths = {
        kept.variable: "rows." + (kept.path if kept.path[:1].isdigit() else f"0.{kept.path}".rstrip("."))
        for kept in fields.results
    }
    value: JSON = {"rows": [{}], "count": 1}
    for variable, path in paths.items():
        value = put(value, path, _value_of(variable, leaving))
    return Way(services={"database-query": MockAnswer(value, port="rows")}, sets=paths)


@leaves("callback")
def _callback(fields: NodeFields, leaving: Leaving) -> Way | None:
    answers = {"refused": MockAnswer({}, port="refused"), "error": MockAnswer(status=0)}
    answer = answers.get(leaving.port.id)
    return Way(services={"callback": answer}) if answer is not None else None


def _message(fields: NodeFields, leaving: Leaving) -> Way | None:
    return Way(services={"message": MockAnswer(status=0)}) if leaving.port.id == "error" else None


leaves("sms")(_message)
leaves("email")(_message)


def _transfer(fields: NodeFields, leaving: Leaving) -> Way | None:
    outcome = {"busy": "busy", "noanswer": "noanswer", "error": "unknown"}.get(leaving.port.id)
    if outcome is not None:
        return Way(({"transfer": outcome},))
    return Way(({"transfer": "answered", "after": 30},)) if leaving.port.kind == "next" else None


leaves("queue")(_transfer)
leaves("transfer")(_transfer)


def _value_of(variable: str, leaving: Leaving) -> JSON:
    known = leaving.known.get(variable)
    if known is not None and known != MASKED:
        return known
    kind = next((each.type for each in leaving.flow.variables if each.name == variable), "string")
    return {"string": "1", "number": 1, "boolean": True, "object": [{"label": "1", "value": "1"}]}[kind]


def put(value: JSON, path: str, member: JSON) -> JSON:
    """The value with a member put at a path such as ``items.0.name``; an empty path is the value itself."""
    if not path:
        return member
    step, _, rest = path.partition(".")
    if step.isdigit():
        rows = list(value) if isinstance(value, list) else []
        index = min(int(step), 100)
        rows += [{} for _ in range(index + 1 - len(rows))]
        rows[index] = put(rows[index], rest, member)
        return rows
    members = dict(value) if isinstance(value, dict) else {}
    members[step] = put(members.get(step, {}), rest, member)
    return members
