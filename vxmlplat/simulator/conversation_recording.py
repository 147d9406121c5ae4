"""A run saved as a test: from the events of a simulated call to the file of a conversation test."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from vxmlplat.simulator.conversation_test import (
    ANY_LANGUAGE,
    ENDS,
    JSON,
    PLACEHOLDER,
    TRANSFERS,
    ConversationTest,
    Does,
    Ends,
    Entered,
    Handed,
    Hears,
    Line,
    What,
)
from vxmlplat.simulator.flow_under_test import FlowUnderTest
from vxmlplat.simulator.inputs import KINDS, InputError, check_input

Event = Mapping[str, Any]

OF_THE_CALL = ("flow", "language", "caller", "called")
"""Members of a call's data that every transfer carries; a test need not repeat them."""


def recorded_lines(events: Iterable[Event], flow: str) -> tuple[Line, ...]:
    """What was heard and done, in order.

    ``events`` are those of the simulator (docs/api.md, "Simulator"), with the messages of ``type`` ``input``
    among them as the page sent them. Without these the caller's actions follow from what was understood; a
    wrong key is then a placeholder.
    """
    happened = list(events)
    return tuple(_Recording(flow, any(event.get("type") == "input" for event in happened)).lines(happened))


def save_run(events: Iterable[Event], model: ConversationTest) -> ConversationTest:
    """The run as a test; name, flow, time, numbers and services are those of ``model``."""
    return replace(model, steps=recorded_lines(events, model.flow))


def without_recordings(test: ConversationTest, spoken: Collection[str]) -> ConversationTest:
    """The test without the recordings in ``spoken``: a text stands beside these, and a test hears that."""
    kept = [
        line
        for line in test.steps
        if not (
            isinstance(line.what, Hears)
            and line.what.comparison == "recording"
            and line.what.text[ANY_LANGUAGE] in spoken
        )
    ]
    return replace(test, steps=tuple(kept))


class _Recording:
    def __init__(self, flow: str, typed: bool) -> None:
        self._flow = flow
        self._typed = typed
        self._lines: list[Line] = []
        self._node = ""
        self._named = ""

    def lines(self, events: Iterable[Event]) -> list[Line]:
        for event in events:
            kind = event.get("type")
            if "event" in event:  # first: a transfer has a type of its own
                self._event(str(event["event"]), event)
            elif kind == "step" and event.get("flow", self._flow) == self._flow:
                self._node = str(event.get("to") or "")
            elif kind == "input":
                self._does({name: value for name, value in event.items() if name in _ACTION_MEMBERS})
        return self._lines

    def _event(self, name: str, event: Event) -> None:
        if name == "prompt":
            self._heard(event)
        elif name == "transfer":
            self._transferred(event)
        elif name == "exit":
            reason = str(event.get("reason"))
            if not self._typed and reason == "hangup":
                self._does({"hangup": True})
            if reason in ENDS:
                self._add(Ends(reason))
        elif not self._typed:
            self._understood(name, event)

    def _understood(self, name: str, event: Event) -> None:
        """What the caller must have done, where it was not told."""
        if name == "input":
            said = str(event.get("utterance") or "")
            self._does({"say": said} if event.get("mode") == "voice" else {"dtmf": "".join(said.split())})
        elif name == "throw" and event.get("name") == "noinput":
            self._does({"noinput": True})
        elif name == "throw" and event.get("name") == "nomatch":
            self._does({"dtmf": PLACEHOLDER})
        elif name == "record":
            end = event.get("termchar")
            self._does({"record": event.get("seconds", 1.0)} | ({"end": end} if end else {}))

    def _heard(self, event: Event) -> None:
        text = str(event.get("text") or "")
        if text:
            self._add(Hears({ANY_LANGUAGE: text}))
        for uri in event.get("audio") or ():
            self._add(Hears({ANY_LANGUAGE: FlowUnderTest.recording_name(str(uri))}, "recording"))

    def _transferred(self, event: Event) -> None:
        if not self._typed:
            result = str(event.get("result"))
            outcome = result if result in TRANSFERS else "far_end_disconnect"
            self._does({"hangup": True} if result == "hangup" else {"transfer": outcome})
        data = {name: value for name, value in _data(event.get("aai")).items() if name not in OF_THE_CALL}
        self._add(Handed(data, str(event.get("dest") or "")))

    def _does(self, action: dict[str, JSON]) -> None:
        if PLACEHOLDER not in str(action.get("dtmf", "")):
            try:
                check_input(action, "input")
            except InputError:
                return  # the simulator refused it too
        if self._node and self._node != self._named:
            self._add(Entered(self._node))
            self._named = self._node
        self._add(Does(action))

    def _add(self, what: What) -> None:
        self._lines.append(Line(what))


_ACTION_MEMBERS = (*KINDS, "confidence", "end", "after", "during")


def _data(aai: object) -> Mapping[str, JSON]:
    try:
        data = json.loads(str(aai or ""))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
