"""``vxmlplat call``: place a call from a running platform and follow it to its end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import aiohttp

#: exit status by what became of the call; 1 is for everything else
STATUSES = {"answered": 0, "busy": 3, "no_answer": 4, "refused": 5, "unreachable": 6}
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
    parser.add_argument("--server", default="http://127.0.0.1:8080", help="the platform's web address")
    parser.add_argument("--user", default="admin", help="an operator; the password is in VXMLPLAT_PASSWORD")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the end of the call")
    return parser


def main(argv: Sequence[str]) -> int:
    """Print how the call gets on, one JSON line a change; 0 when somebody answered."""
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
    }
    try:
        return asyncio.run(_call(options, order))
    except (aiohttp.ClientError, OSError) as error:
        print(f"vxmlplat call: {options.server}: {error}", file=sys.stderr)
        return 1


async def _call(options: argparse.Namespace, order: dict[str, Any]) -> int:
    token, password = os.environ.get("VXMLPLAT_TOKEN"), os.environ.get("VXMLPLAT_PASSWORD", "")
    credentials = f"Bearer {token}" if token else aiohttp.encode_basic_auth(options.user, password)
    calls = options.server.rstrip("/") + "/api/calls"
    async with aiohttp.ClientSession(headers={"Authorization": credentials}) as session:
        async with session.post(calls, json=order) as answer:
            placed = await answer.json()
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
            await asyncio.sleep(EVERY)
            async with session.get(f"{calls}/{placed['id']}") as answer:
                answer.raise_for_status()
                placed = await answer.json()
