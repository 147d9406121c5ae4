"""Choosing the handler of an event (VoiceXML 2.0 §5.2.4); the platform's own handlers (§5.2.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vxmlplat.ecma import ScriptError
from vxmlplat.vxml import model
from vxmlplat.vxml.events import Event, matches, prefixes
from vxmlplat.vxml.outcomes import Exit

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context


class EventCounters:
    """How often each event, and each prefix of it, occurred at one place (§5.2.2)."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def raise_for(self, name: str) -> None:
        """The event occurred once more."""
        for prefix in prefixes(name):
            self._counts[prefix] = self._counts.get(prefix, 0) + 1

    def of(self, name: str) -> int:
        """The count that a handler of ``name`` is compared with."""
        return self._counts.get(name.rstrip("."), 0)

    def reset(self) -> None:
        """Start again at zero."""
        self._counts.clear()


def select_catch(context: Context, event: Event, counters: EventCounters) -> model.Catch | None:
    """The handler of an event at the item, dialog and documents that are executed; None for the platform's
    own.

    A condition that cannot be evaluated counts as false: the event that is being handled goes first.
    """
    chosen: model.Catch | None = None
    highest = 0
    for catch in _candidates(context):
        count = max((counters.of(name) for name in _taking(catch, event)), default=-1)
        if catch.count <= count and catch.count > highest and _holds(context, catch):
            chosen, highest = catch, catch.count
    return chosen


def _taking(catch: model.Catch, event: Event) -> Iterator[str]:
    if not catch.events:
        yield ""
    for name in catch.events:
        if matches(name, event.name):
            yield name


def _candidates(context: Context) -> Iterator[model.Catch]:
    if context.item is not None:
        yield from context.item.catches
    if context.dialog is not None:
        yield from context.dialog.catches
    for loaded in context.documents():
        yield from loaded.document.catches


def _holds(context: Context, catch: model.Catch) -> bool:
    if catch.cond is None:
        return True
    try:
        return context.chain.condition(catch.cond)
    except ScriptError:
        return False


DefaultHandler = Callable[[Event], tuple[str | None, bool, Exit | None]]
"""Gives the message to play (a key of :data:`MESSAGES`), whether to reprompt, how the session ends."""

DEFAULT_HANDLERS: dict[str, DefaultHandler] = {
    "cancel": lambda event: (None, False, None),
    "error": lambda event: (None, False, Exit("error", error=event)),
    "exit": lambda event: (None, False, Exit("exit")),
    "help": lambda event: ("help", True, None),
    "noinput": lambda event: (None, True, None),
    "nomatch": lambda event: ("nomatch", True, None),
    "maxspeechtimeout": lambda event: ("maxspeechtimeout", True, None),
    "connection.disconnect": lambda event: (None, False, Exit(event.name.rpartition(".")[2])),
}

MESSAGES: dict[str, dict[str, str]] = {
    "en": {
        "help": "No help is available here.",
        "nomatch": "Sorry, I did not understand.",
        "maxspeechtimeout": "Sorry, that was too long.",
    },
    "zh": {
        "help": "这里没有帮助信息。",
        "nomatch": "对不起，没有听懂。",
        "maxspeechtimeout": "对不起，您说得太长了。",
    },
}


def default_handler(event: Event) -> tuple[str | None, bool, Exit | None]:
    """What the platform does with an event that no document handles; an unknown one ends the session."""
    for name in prefixes(event.name):
        if name in DEFAULT_HANDLERS:
            return DEFAULT_HANDLERS[name](event)
    return None, False, Exit("end", error=event)


def default_message(key: str, lang: str) -> tuple[str, str]:
    """The platform's words in the language, and the language that they are in."""
    primary = lang.split("-")[0].lower()
    if primary in MESSAGES:
        return MESSAGES[primary][key], lang
    return MESSAGES["en"][key], "en-US"
