"""The ticket office of the sample: a small web service that tells how far a ticket is.

``python samples/hotline-12319/ticket_service.py`` serves on http://127.0.0.1:12320 until it is stopped.

``GET /tickets/NUMBER?language=zh-CN`` answers ``{"ticket", "state", "due"}``: the state in the caller's
language, and the day (YYYYMMDD) by which the ticket is to be finished, empty when it is. An unknown
number answers 404.
"""

from __future__ import annotations

import argparse
import sys
from typing import NamedTuple

from aiohttp import web

STATES = {
    "received": {"zh-CN": "已受理", "en-US": "received"},
    "assigned": {"zh-CN": "已派单，正在处理", "en-US": "assigned to a team, in progress"},
    "done": {"zh-CN": "已办结", "en-US": "finished"},
}


class Ticket(NamedTuple):
    state: str
    due: str


TICKETS = {
    "20260001": Ticket("received", "20261130"),
    "20260002": Ticket("assigned", "20261125"),
    "20260003": Ticket("done", ""),
}


async def ticket(request: web.Request) -> web.Response:
    number = request.match_info["number"]
    found = TICKETS.get(number)
    if found is None:
        return web.json_response({"error": f"no ticket {number}"}, status=404)
    texts = STATES[found.state]
    language = request.query.get("language", "zh-CN")
    return web.json_response(
        {"ticket": number, "state": texts.get(language, texts["en-US"]), "due": found.due}
    )


def create_app() -> web.Application:
    app = web.Application()
    app.router.add_get(r"/tickets/{number:[0-9]{1,20}}", ticket)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12320)
    arguments = parser.parse_args()
    try:
        web.run_app(create_app(), host=arguments.host, port=arguments.port)
    except OSError as error:
        sys.exit(f"the ticket office cannot be opened on port {arguments.port}: {error.strerror}")
