"""The VoiceXML cases of this repository (``cases/AREA/NAME.yaml``): their server and how they are judged.

A case is written as those of the conformance suites are: documents and files that a web server has, what the
caller does, and what must be heard. It runs through the code of ``vxmlplat run``, in virtual time.
"""

from __future__ import annotations

import base64
import re
import threading
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from vxmlplat.simulator.run_command import run

CASES = Path(__file__).parent / "cases"
MEDIA_TYPES = {
    ".vxml": "application/voicexml+xml",
    ".grxml": "application/srgs+xml",
    ".gram": "application/srgs",
    ".js": "application/javascript",
    ".xml": "text/xml",
    ".wav": "audio/x-wav",
    ".pls": "application/pls+xml",
}
DECLARED = re.compile(r"""(?:<\?xml[^>]*encoding=["']|#ABNF 1\.0 )([\w-]+)""")
SILENCE = (
    b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x07\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\x08\0\0\0"
    + b"\xff" * 8
)

Event = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the server says to a request."""

    status: int
    media_type: str
    body: bytes


def load_cases() -> list[dict[str, Any]]:
    """All cases, by area and name."""
    return [
        {**yaml.safe_load(path.read_text(encoding="utf-8")), "id": f"{path.parent.name}/{path.stem}"}
        for path in sorted(CASES.glob("*/*.yaml"))
    ]


def media_type(name: str) -> str:
    """By the ending of a file's name."""
    return MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")


def answers(case: Mapping[str, Any]) -> dict[str, Answer]:
    """What the server has for a case, by name."""
    found: dict[str, Answer] = {}
    for name, text in case["documents"].items():
        declared = DECLARED.match(text)
        found[name] = Answer(200, media_type(name), text.encode(declared[1] if declared else "utf-8"))
    for name, told in (case.get("files") or {}).items():
        if "base64" in told:
            body = base64.b64decode(told["base64"])
        elif "tone" in told:
            body = SILENCE
        else:
            body = str(told.get("text", "")).encode()
        found[name] = Answer(told.get("status", 200), told.get("type") or media_type(name), body)
    return found


class CaseRunner:
    """Serves one case after the other on a free port of this machine, and runs them. A context manager."""

    def __init__(self) -> None:
        self.here: dict[str, Answer] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        self._cases = 0

    def __enter__(self) -> CaseRunner:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def run(self, case: Mapping[str, Any]) -> list[Event]:
        """All events of a case, in order."""
        self._cases += 1
        folder = f"case{self._cases}"
        self.here = {f"/{folder}/{name}": answer for name, answer in answers(case).items()}
        first = next(iter(case["documents"]))
        events: list[Event] = []
        address = f"http://127.0.0.1:{self._server.server_address[1]}/{folder}/{first}"
        run(address, case.get("inputs") or [], events.append)
        return events


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, runner: CaseRunner, *arguments: Any) -> None:
        self._runner = runner
        super().__init__(*arguments)

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        answer = self._runner.here.get(path, Answer(404, "text/plain", b""))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = _answer

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what was wrong."""


def spoken(text: object) -> str:
    """A text as it is compared: single blanks, none at the ends."""
    return " ".join(str(text).split())


def fits(wanted: object, told: object) -> bool:
    """Whether what is told has all that is wanted; of mappings only the members that are named."""
    if isinstance(wanted, dict):
        return isinstance(told, dict) and all(
            name in told and fits(value, told[name]) for name, value in wanted.items()
        )
    return wanted == told and isinstance(wanted, bool) is isinstance(told, bool)


def judge(expected: Mapping[str, Any], events: list[Event]) -> str | None:
    """Why the events are not what a case expects; None when they are."""
    heard = [spoken(event["text"]) for event in events if event["event"] == "prompt"]
    wrong = [text for text in heard if text.startswith("fail")]
    if wrong:
        return wrong[0]
    if expected.get("verdict") == "pass" and "pass" not in heard:
        return f'nothing says "pass": {heard}, {events[-1]}'
    if "prompts" in expected and [spoken(text) for text in expected["prompts"]] != heard:
        return f"heard {heard}"
    rest = iter(events)
    for wanted in expected.get("contains") or ():
        if not any(fits(wanted, event) for event in rest):
            return f"there is no event {wanted} in this order; heard {heard}"
    if not fits({"event": "exit", **(expected.get("exit") or {})}, events[-1]):
        return f"the end is {events[-1]}"
    return None
