"""``vxmlplat run URI --inputs FILE.json``: run an application offline, in virtual time, one JSON
object a line.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vxmlplat.simulator.inputs import Input, InputError, ListedInputs, checked_inputs, read_inputs

USAGE = "usage: vxmlplat run URI [--inputs FILE.json]"
CLOSING = {"transfer": "disconnect"}
"""Reasons of a session's end that the printed vocabulary calls otherwise."""

Emit = Callable[[dict[str, Any]], None]


def main(argv: Sequence[str]) -> int:
    """Exit status 0 when the session ended in order, 1 when the start document could not be loaded, 2
    on bad usage.
    """
    words = list(argv)
    inputs_file: str | None = None
    if "-h" in words or "--help" in words:
        print(USAGE)
        return 0
    for number, word in enumerate(words):
        if word == "--inputs" and number + 1 < len(words):
            inputs_file = words[number + 1]
            del words[number : number + 2]
            break
        if word.startswith("--inputs="):
            inputs_file = word.removeprefix("--inputs=")
            del words[number]
            break
    if len(words) != 1 or words[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        actions = read_inputs(Path(inputs_file)) if inputs_file else []
        return run(start_uri(words[0]), actions, _printer())
    except (OSError, InputError) as error:
        print(f"vxmlplat run: {error}", file=sys.stderr)
        return 2


def run(uri: str, actions: Sequence[Any], emit: Emit) -> int:
    """Run to the end; the way that the command and the conformance tests share. Raises
    :class:`InputError`.
    """
    if urlsplit(uri).path.endswith(".ccxml"):
        from vxmlplat.simulator import ccxml_world  # a VoiceXML run does without it

        return ccxml_world.run(uri, list(actions), emit)
    return asyncio.run(run_vxml(uri, checked_inputs(actions, "inputs"), emit))


async def run_vxml(uri: str, actions: Sequence[Input], emit: Emit) -> int:
    """Run a VoiceXML application."""
    from vxmlplat.clock import SystemClock  # a CCXML run does without these
    from vxmlplat.documents import CookieJar, Fetcher, FetchRequest, Resource
    from vxmlplat.simulator.world import SimulatedWorld
    from vxmlplat.vxml.session import Session, SessionStart

    fetcher = Fetcher(SystemClock())
    cookies = CookieJar()

    async def fetch(request: FetchRequest) -> Resource:
        return await fetcher.fetch(request, cookies)

    world = SimulatedWorld(ListedInputs(actions), emit, fetch)
    try:
        end = await Session(world, SessionStart(uri)).run()
    finally:
        await fetcher.close()
    closing: dict[str, Any] = {
        "reason": CLOSING.get(end.reason, end.reason),
        "value": end.value,
        "namelist": dict(end.namelist) if end.namelist is not None else dict(end.disconnect) or None,
    }
    if end.reason == "error" and end.error is not None:
        closing |= {"error": end.error.name, "message": end.error.message}
        if not end.loaded:
            print(f"vxmlplat run: {end.error.message}", file=sys.stderr)
    world.emit("exit", **closing)
    return 0 if end.loaded else 1


def start_uri(word: str) -> str:
    """The address of the start document; a path of a file becomes a ``file:`` address."""
    if urlsplit(word).scheme and not os.path.exists(word):
        return word
    path, _, fragment = word.partition("#")
    return Path(path).resolve().as_uri() + (f"#{fragment}" if fragment else "")


def _printer() -> Emit:
    return lambda event: print(event_line(event), flush=True)


def event_line(event: dict[str, Any]) -> str:
    """An event as one line of JSON."""
    try:
        return json.dumps(event, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(event), allow_nan=False)


def _finite(value: Any) -> Any:
    """The value with NaN and the infinities, which JSON does not know, as null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_finite(member) for member in value]
    return value
