"""What was heard, as variables: last result, items, shadows (VoiceXML 2.0 §2.3.1, §3.1.6, §5.1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vxmlplat.ecma import UNDEFINED
from vxmlplat.vxml import model
from vxmlplat.vxml.platform import Heard, MarkPassed, Recording

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context

LASTRESULT = "lastresult$"


def reading(heard: Heard) -> dict[str, Any]:
    """The shadow variables that one reading has."""
    return {
        "confidence": heard.confidence,
        "utterance": heard.utterance,
        "inputmode": heard.mode,
        "interpretation": heard.interpretation,
    }


def extras(context: Context, mark: MarkPassed | None, recording: Recording | None) -> dict[str, Any]:
    """The shadow variables that belong to the wait: marks, the recorded utterance (VoiceXML 2.1 §4, §7)."""
    found: dict[str, Any] = {}
    if mark is not None:
        found["markname"] = mark.name
        found["marktime"] = round(mark.seconds * 1000)
    if recording is not None:
        found["recording"] = context.session.keep(recording)
        found["recordingsize"] = len(recording.resource.body)
        found["recordingduration"] = round(recording.seconds * 1000)
    return found


def set_lastresult(context: Context, nbest: Sequence[Heard], more: dict[str, Any]) -> None:
    """Set ``application.lastresult$``; ``more`` holds what belongs to the wait as a whole.

    Without a reading (what was said made no sense at all) the array is empty and has ``more`` all the same.
    """
    results = [reading(heard) for heard in nbest]
    if results:
        results[0].update(more)
    own = results[0] if results else more
    context.application.set_annotated(LASTRESULT, results, own)


def forget_lastresult(context: Context) -> None:
    """A wait began, which makes the last result undefined (§5.1.5), and nothing was recognised in it."""
    context.application.set(LASTRESULT, UNDEFINED)


def fill_item(context: Context, item: model.FormItem, value: Any, shadow: dict[str, Any]) -> None:
    """Set an item's variable and its shadow variables."""
    scope = context.dialog_scope
    assert scope is not None
    if item.named:
        scope.fill({item.name: value, item.name + "$": shadow})


def declare_item(context: Context, item: model.FormItem) -> None:
    """An item's variable when its form is entered and it has no ``expr``: undefined."""
    scope = context.dialog_scope
    assert scope is not None
    scope.set(item.name, UNDEFINED)


def item_result(item: model.Field, interpretation: Any) -> Any:
    """What an item's own grammar gives it: the slot of an object that has it, else the whole (§3.1.6.2)."""
    found, value = slot_of(item.slot, interpretation)
    return value if found else interpretation


def slot_of(slot: tuple[str, ...], interpretation: Any) -> tuple[bool, Any]:
    """The value at the path of a slot, and whether it is there."""
    value = interpretation
    for name in slot:
        if not isinstance(value, dict) or name not in value:
            return False, None
        value = value[name]
    return True, value
