"""Whether a line of a conversation test holds: one check a kind of line, over what was seen of the call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from vxmlplat.errors import VxmlplatError
from vxmlplat.flows.texts import Text, bilingual, in_language
from vxmlplat.simulator.conversation_test import (
    ANY_LANGUAGE,
    JSON,
    Does,
    Ends,
    Entered,
    Handed,
    Hears,
    Holds,
    What,
)
from vxmlplat.vxml.platform import TransferRequest
from vxmlplat.vxml.session import SessionEnd


@dataclass(slots=True)
class Said:
    """A prompt that was heard."""

    text: str
    recordings: tuple[str, ...]
    language: str

    def __str__(self) -> str:
        named = [f"recording {name}" for name in self.recordings]
        return "; ".join([*([self.text] if self.text else []), *named])


@dataclass(slots=True)
class Seen:
    """What lines are held against: ``said`` and ``nodes`` since the caller's last action.

    ``matched``: how many of ``said`` lie before the last one that a line has named. ``handed`` is the last
    transfer, ``end`` how the call ended, None before it did.
    """

    variables: Callable[[], Mapping[str, JSON]]
    said: list[Said] = field(default_factory=list)
    matched: int = 0
    nodes: list[str] = field(default_factory=list)
    handed: TransferRequest | None = None
    end: SessionEnd | None = None

    def turn(self, node: str) -> None:
        """The caller acts at a node: what is said from here on answers to that."""
        self.said, self.matched, self.nodes = [], 0, [node]


class Unheld(Exception):
    """A line that does not hold: what was expected, and what was found."""

    def __init__(self, expected: str, message: Text) -> None:
        super().__init__(expected)
        self.expected = expected
        self.message = message


_Check = Callable[[Any, Seen], None]
_CheckT = TypeVar("_CheckT", bound=_Check)
_CHECKS: dict[type, _Check] = {}


def _checks(kind: type) -> Callable[[_CheckT], _CheckT]:
    def register(check: _CheckT) -> _CheckT:
        if kind in _CHECKS:
            raise VxmlplatError(f"how {kind.__name__} is checked is registered twice")
        _CHECKS[kind] = check
        return check

    return register


def check(what: What, seen: Seen) -> None:
    """Raises :class:`Unheld` where the line does not hold; what somebody does always holds."""
    if not isinstance(what, Does):
        _CHECKS[type(what)](what, seen)


@_checks(Hears)
def _hears(what: Hears, seen: Seen) -> None:
    for number in range(seen.matched, len(seen.said)):
        if _matches(what, seen.said[number]):
            seen.matched = number + 1
            return
    left = seen.said[seen.matched :]
    heard = " | ".join(str(said) for said in left)
    message = (
        bilingual(f"heard instead: {heard}", f"实际听到：{heard}")
        if left
        else bilingual("nothing more was heard", "没有听到其他内容")
    )
    text = what.text.get(ANY_LANGUAGE) or _json(dict(what.text))
    raise Unheld(text if what.comparison == "exactly" else f"{what.comparison} {text}", message)


@_checks(Entered)
def _entered(what: Entered, seen: Seen) -> None:
    if what.node not in seen.nodes:
        way = " → ".join(seen.nodes) or "–"
        raise Unheld(f"node {what.node}", bilingual(f"the caller went {way}", f"主叫经过 {way}"))


@_checks(Holds)
def _holds(what: Holds, seen: Seen) -> None:
    now = seen.variables()
    for name, wanted in what.variables.items():
        if name not in now:
            known = ", ".join(sorted(now)) or "–"
            message = bilingual(f"no such variable; there are {known}", f"没有此变量；现有 {known}")
            raise Unheld(f"{name} = {_json(wanted)}", message)
        if not _same(now[name], wanted):
            value = _json(now[name])
            raise Unheld(f"{name} = {_json(wanted)}", bilingual(f"{name} is {value}", f"{name} 为 {value}"))


@_checks(Handed)
def _handed(what: Handed, seen: Seen) -> None:
    request = seen.handed
    expected = " ".join(filter(None, [what.to and f"to {what.to}", _json(dict(what.data))]))
    if request is None:
        raise Unheld(expected, bilingual("there was no transfer", "没有转接"))
    if what.to and what.to not in (request.dest, request.dest.partition(":")[2]):
        raise Unheld(expected, bilingual(f"transferred to {request.dest}", f"转接到 {request.dest}"))
    data = _call_data(request.aai)
    for name, wanted in what.data.items():
        if name not in data or not _same(data[name], wanted):
            given = _json(data.get(name)) if name in data else "–"
            raise Unheld(
                f"{name} = {_json(wanted)}",
                bilingual(f"handed over: {name} = {given}", f"实际移交：{name} = {given}"),
            )


@_checks(Ends)
def _ends(what: Ends, seen: Seen) -> None:
    if seen.end is None:
        raise Unheld(f"ends {what.reason}", bilingual("the call goes on", "呼叫仍在进行"))
    if seen.end.reason != what.reason:
        error = f" ({seen.end.error.name}: {seen.end.error.message})" if seen.end.error else ""
        reason = f"{seen.end.reason}{error}"
        raise Unheld(f"ends {what.reason}", bilingual(f"it ended: {reason}", f"实际结束方式：{reason}"))


def _matches(what: Hears, said: Said) -> bool:
    wanted = what.text.get(ANY_LANGUAGE)
    if wanted is None:
        wanted = in_language(dict(what.text), said.language)
    if wanted is None:
        return False
    if what.comparison == "recording":
        return wanted in said.recordings
    if what.comparison == "pattern":
        return re.search(wanted, said.text) is not None
    wanted = " ".join(wanted.split())
    return wanted in said.text if what.comparison == "contains" else wanted == said.text


def _same(value: JSON, wanted: JSON) -> bool:
    """Whether a variable's value is the one written down.

    What the flow noted of it is a text (as JavaScript writes it), so that 7 and "7" are not told apart.
    """
    return value == wanted or _as_text(value) == _as_text(wanted)


def _as_text(value: JSON) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return (
        value if isinstance(value, str) else _json(value) if isinstance(value, (dict, list)) else str(value)
    )


def _call_data(aai: str | None) -> Mapping[str, JSON]:
    try:
        data = json.loads(aai or "")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _json(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
