"""What the caller does, one thing at a time: from a list, or as somebody types it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from vxmlplat.errors import VxmlplatError

Input = Mapping[str, Any]
Wanted = Literal["input", "record", "transfer"]
HANG_UP: Input = {"hangup": True}
KINDS = ("dtmf", "say", "noinput", "hangup", "record", "transfer")


class InputError(VxmlplatError):
    """The caller's actions are not written as the conformance inputs are; the message names the one
    that is wrong.
    """


class InputSource(Protocol):
    """Where the world takes the caller's next action from."""

    async def next(self, wanted: Wanted) -> Input:
        """The next action, used up by this."""
        ...

    def peek(self) -> Input | None:
        """The next action if it is known already; it stays."""
        ...


def check_input(action: Any, place: str) -> Input:
    """The action if it is one; raises :class:`InputError`."""
    if not isinstance(action, dict):
        raise InputError(f"{place}: an input is an object, not {json.dumps(action)[:40]}")
    kinds = [kind for kind in KINDS if kind in action]
    if len(kinds) != 1:
        raise InputError(f"{place}: exactly one of {', '.join(KINDS)} must be given")
    kind = kinds[0]
    value = action[kind]
    if kind in ("dtmf", "say", "transfer") and not isinstance(value, str):
        raise InputError(f"{place}: {kind} must be a text")
    if kind == "dtmf" and not all(key in "0123456789*#ABCDabcd" for key in "".join(value.split())):
        raise InputError(f"{place}: {value!r} holds something that is no key")
    if kind == "record" and not _is_number(value):
        raise InputError(f"{place}: record must be a number of seconds")
    for name in ("then", "at", "after", "confidence"):
        if name in action and not _is_number(action[name]):
            raise InputError(f"{place}: {name} must be a number of 0 or more")
    nbest = action.get("nbest", [])
    if not isinstance(nbest, list) or not all(
        isinstance(one, dict) and isinstance(one.get("say"), str) and _is_number(one.get("confidence", 1.0))
        for one in nbest
    ):
        raise InputError(f"{place}: nbest must be a list of objects with say and confidence")
    return action


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9


class ListedInputs:
    """Actions from a list; when it is used up the caller hangs up."""

    def __init__(self, actions: Sequence[Input]) -> None:
        self._actions = list(actions)
        self._at = 0

    async def next(self, wanted: Wanted) -> Input:
        """The next of the list."""
        if self._at >= len(self._actions):
            return HANG_UP
        self._at += 1
        return self._actions[self._at - 1]

    def peek(self) -> Input | None:
        """The next of the list."""
        return self._actions[self._at] if self._at < len(self._actions) else None


def read_inputs(path: Path) -> list[Input]:
    """The list in a JSON file. Raises ``OSError`` and :class:`InputError`."""
    try:
        actions = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON: {error}") from error
    if not isinstance(actions, list):
        raise InputError(f"{path}: the inputs must be a list")
    return actions


def checked_inputs(actions: Sequence[Any], place: str) -> list[Input]:
    """Every action of a list, checked."""
    return [check_input(action, f"{place}: input {number}") for number, action in enumerate(actions, 1)]


class TypedInputs:
    """Actions that somebody gives one by one; ``waiting`` is told when it is their turn."""

    def __init__(self, waiting: Callable[[Wanted], None]) -> None:
        self._queue: asyncio.Queue[Input] = asyncio.Queue()
        self._waiting = waiting

    def put(self, action: Any) -> None:
        """The caller does something. Raises :class:`InputError`."""
        self._queue.put_nowait(check_input(action, "input"))

    async def next(self, wanted: Wanted) -> Input:
        """Wait for the next."""
        if self._queue.empty():
            self._waiting(wanted)
        return await self._queue.get()

    def peek(self) -> Input | None:
        """Never known ahead."""
        return None
