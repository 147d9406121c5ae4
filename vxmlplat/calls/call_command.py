"""``vxmlplat call``: place calls from a running platform and follow them to their end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

#: exit status by what became of the call; 1 is for everything else
STATUSES = {
    "answered": 0,
    "busy": 3,
    "no_answer": 4,
    "refused": 5,
    "unreachable": 6,
    "machine": 7,
    "fax": 8,
    "invalid_number": 9,
    "baddestination": 9,
}
#: seconds between two looks at how a call gets on
EVERY = 0.5


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vxmlplat call", description=__doc__)
    parser.add_argument(
        "destination", nargs="?", default="", help="a tel: or sip: address; a --ccxml may do without"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--flow", help="a published flow that speaks to whoever answers")
    what.add_argument("--document", help="the address of a VoiceXML document")
    what.add_argument("--ccxml", help="the address of a CCXML document that runs the call")
    parser.add_argument("--caller", default="", help="the number that is shown")
    parser.add_argument("--data", default="{}", help="a JSON object that the dialog finds with the call")
    parser.add_argument("--timeout", type=float, default=45.0, help="seconds of ringing")
    parser.add_argument("--detect", action="store_true", help="tell humans, machines and faxes apart")
    parser.add_argument("--to-machines", action="store_true", help="speak to machines after their beep")
    many = parser.add_argument_group("many calls")
    many.add_argument("--list", metavar="FILE", help="destinations, one a line; - is the standard input")
    many.add_argument("--rate", type=_positive, default=1.0, help="new calls a second")
    many.add_argument("--at-once", type=int, default=10, help="calls that may be up at a time")
    parser.add_argument("--server", default="http://127.0.0.1:8080", help="the platform's web address")
    parser.add_argument("--user", default="admin", help="an operator; the password is in VXMLPLAT_PASSWORD")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the end of the call")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def main(argv: Sequence[str]) -> int:
    """Print how the call gets on, one JSON line a change; 0 when somebody answered.

    With ``--list`` one line a call that is over, and how many ended how; 0 when all could be placed.
    """
    options = _parser().parse_args(argv)
    try:
        data = json.loads(options.data)
    except ValueError as error:
        print(f"vxmlplat call: --data is not JSON: {error}", file=sys.stderr)
        return 2
    order = {
        "destination": options.destination,
        "flow": options.flow,
        "document": options.document,
        "ccxml": options.ccxml,
        "caller": options.caller,
        "data": data,
        "timeout": options.timeout,
        "detect": options.detect,
        "to_machines": options.to_machines,
    }
    try:
        if options.list:
            return asyncio.run(_calls(options, order, _destinations(options.list)))
        return asyncio.run(_call(options, order))
    except (aiohttp.ClientError, OSError) as error:
        print(f"vxmlplat call: {options.server}: {error}", file=sys.stderr)
        return 1


def _destinations(name: str) -> list[str]:
    text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


class _Client:
    """The platform's API for calls."""

    def __init__(self, options: argparse.Namespace) -> None:
        token, password = os.environ.get("VXMLPLAT_TOKEN"), os.environ.get("VXMLPLAT_PASSWORD", "")
        credentials = f"Bearer {token}" if token else aiohttp.encode_basic_auth(options.user, password)
        self._calls = options.server.rstrip("/") + "/api/calls"
        self._session = aiohttp.ClientSession(headers={"Authorization": credentials})

    async def __aenter__(self) -> _Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def place(self, order: dict[str, Any]) -> dict[str, Any]:
        """The call as it was placed, or ``{"error": …}``."""
        async with self._session.post(self._calls, json=order) as answer:
            return dict(await answer.json())

    async def look(self, placed: dict[str, Any]) -> dict[str, Any]:
        """How it gets on, after a while."""
        await asyncio.sleep(EVERY)
        async with self._session.get(f"{self._calls}/{placed['id']}") as answer:
            answer.raise_for_status()
            return dict(await answer.json())


async def _call(options: argparse.Namespace, order: dict[str, Any]) -> int:
    async with _Client(options) as client:
        placed = await client.place(order)
        if "error" in placed:
            print(f"vxmlplat call: {placed['error']['message']}", file=sys.stderr)
            return 1
        shown = None
        while True:
            if (now := (placed["state"], placed["result"])) != shown:
                print(json.dumps(placed, ensure_ascii=False), flush=True)
                shown = now
            if placed["state"] == "ended":
                return STATUSES.get(placed["result"], 1)
            if options.no_wait:
                return 0
            placed = await client.look(placed)


async def _calls(options: argparse.Namespace, order: dict[str, Any], destinations: Sequence[str]) -> int:
    """All of a list, so many a second and no more than that at once."""
    results: Counter[str] = Counter()
    free = asyncio.Semaphore(max(1, options.at_once))
    loop = asyncio.get_running_loop()
    due = loop.time()

    async def follow(placed: dict[str, Any]) -> None:
        while placed["state"] != "ended":
            placed = await client.look(placed)
        free.release()
        results[placed["result"]] += 1
        print(json.dumps(placed, ensure_ascii=False), flush=True)

    following: list[asyncio.Task[None]] = []
    async with _Client(options) as client:
        for destination in destinations:
            await free.acquire()
            await asyncio.sleep(max(0.0, due - loop.time()))
            due = max(due, loop.time()) + 1 / options.rate
            placed = await client.place(order | {"destination": destination})
            if "error" in placed:
                free.release()
                results["not placed"] += 1
                print(f"vxmlplat call: {destination}: {placed['error']['message']}", file=sys.stderr)
            else:
                following.append(asyncio.create_task(follow(placed)))
        await asyncio.gather(*following)
    print(json.dumps({"calls": sum(results.values()), "results": dict(results)}), flush=True)
    return 1 if results["not placed"] else 0
