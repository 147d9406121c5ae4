"""Calls that the platform places: what became of each, who has answered, and many of them at a rate."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from call_control import journey
from call_documents import served, vxml
from called import Called
from conftest import nothing_left
from probe import _CODES, _SIGNED, tone

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")
GREETING = vxml("<form><block><prompt>This is a message from the water works.</prompt></block></form>")
SILENCE = b"\xff" * 160


def speech(seconds: float) -> list[bytes]:
    """Noise as loud as somebody who speaks."""
    rng = random.Random(7)
    loud = [code for code in _CODES if abs(_SIGNED[code]) < 5000]
    return [bytes(rng.choices(loud, k=160)) for _ in range(round(seconds * 50))]


def note(frequency: int, seconds: float) -> list[bytes]:
    """One steady tone."""
    return [tone(frequency)] * round(seconds * 50)


def pause(seconds: float) -> list[bytes]:
    """Nothing."""
    return [SILENCE] * round(seconds * 50)


class Placed:
    """A call that was placed over the API."""

    def __init__(self, platform: Assembly, client: aiohttp.ClientSession, identifier: str) -> None:
        self._client = client
        self._identifier = identifier

    async def over(self) -> dict[str, Any]:
        """What became of it."""
        async with asyncio.timeout(20):
            while True:
                async with self._client.get(f"/api/calls/{self._identifier}") as answer:
                    now = dict(await answer.json())
                if now["state"] == "ended":
                    return now
                await asyncio.sleep(0.1)


@asynccontextmanager
async def greeted(platform: Assembly, person: Called, **order: Any) -> AsyncIterator[Placed]:
    """Call somebody to speak the greeting; entered when the call is up."""
    assert platform.password is not None
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", platform.password)}
    async with (
        person,
        served(platform, "greeting", GREETING),
        aiohttp.ClientSession(platform.base_uri, headers=headers) as client,
    ):
        document = platform.numbers.lookup("greeting")
        assert document is not None
        order |= {"destination": person.uri, "document": document.dialog}
        async with client.post("/api/calls", json=order) as answer:
            assert answer.status == 201, await answer.text()
            placed = Placed(platform, client, (await answer.json())["id"])
        await asyncio.wait_for(person.up.wait(), 5)
        yield placed
        await nothing_left(platform)


@pytest.mark.parametrize(
    ("heard", "result", "speaks"),
    [
        (speech(0.7), "answered", True),
        (speech(4), "machine", False),
        (note(2100, 1.0), "fax", False),
        (note(1100, 1.0), "fax", False),
        ([*note(450, 0.35), *pause(0.35)] * 5, "busy", False),
    ],
    ids=["human", "machine", "fax", "calling fax", "busy tone"],
)
async def test_who_has_answered_is_told_apart(
    shared: Assembly, heard: list[bytes], result: str, speaks: bool
) -> None:
    person = Called(answers=("auto",))
    async with greeted(shared, person, detect=True) as placed:
        await person.say([*pause(0.2), *heard])
        now = await placed.over()
        assert now["result"] == result
        assert (person.voice_after(0) is not None) == speaks
    record, _ = await journey(shared, now["call"])
    assert (record.direction, record.outcome) == ("out", "end" if speaks else result)


async def test_a_machine_is_spoken_to_after_its_beep(shared: Assembly) -> None:
    person = Called(answers=("auto",))
    async with greeted(shared, person, to_machines=True) as placed:
        await person.say([*pause(0.2), *speech(4), *pause(0.8)])
        assert person.voice_after(0) is None, "it waits for the beep"
        await person.say(note(1000, 0.4))
        await person.hears_voice(5)
        assert (await placed.over())["result"] == "machine"


async def test_who_says_nothing_is_spoken_to(shared: Assembly) -> None:
    person = Called(answers=("auto",))
    async with greeted(shared, person, detect=True) as placed:
        person.talk()
        await person.hears_voice(10)
        assert (await placed.over())["result"] == "answered"


async def test_a_list_is_called_at_a_rate(shared: Assembly, tmp_path: Path) -> None:
    """Everybody once, no faster than was said, each result counted."""
    moments: list[float] = []

    class Noted(Called):
        def _invited(self, text: str, addr: tuple[str, int]) -> None:
            moments.append(time.monotonic())
            super()._invited(text, addr)

    answers: list[str | int] = ["auto", 486, 404, 603, 503, "auto"]
    people = [Noted(answers=(one,)) for one in answers]
    for person in people:
        await person.__aenter__()
    file = tmp_path / "list"
    file.write_text("# who\n" + "\n".join(person.uri for person in people) + "\ntel:+49301\n")
    async with served(shared, "greeting", GREETING):
        document = shared.numbers.lookup("greeting")
        assert document is not None
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vxmlplat", "call", "--list", str(file), "--document", document.dialog,
            "--rate", "4", "--at-once", "3", "--timeout", "2", "--server", shared.base_uri,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, "VXMLPLAT_PASSWORD": shared.password or ""},
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        await nothing_left(shared)
    for person in people:
        await person.__aexit__()
    lines = [json.loads(line) for line in output.splitlines()]
    assert process.returncode == 0
    results = dict.fromkeys(("busy", "invalid_number", "refused", "unreachable", "baddestination"), 1)
    assert lines[-1] == {"calls": 7, "results": {"answered": 2, **results}}
    assert {line["result"] for line in lines[:-1] if line["destination"] == people[1].uri} == {"busy"}
    assert moments[-1] - moments[0] >= 5 / 4 - 0.3, "no faster than four a second"
    assert all(len(person.invites) == 1 for person in people)
