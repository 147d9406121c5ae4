"""Walks a caller through a compiled flow: real interpreter, virtual time, services answered by the test."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from vxmlplat.documents import FetchRequest, Resource
from vxmlplat.documents.errors import FetchError
from vxmlplat.documents.request import FilePart
from vxmlplat.flows import Flow, compile_flow
from vxmlplat.flows.hours import opening
from vxmlplat.simulator.inputs import ListedInputs
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.check_command import check_file
from vxmlplat.vxml.platform import Step
from vxmlplat.vxml.session import Session, SessionStart

BASE = "http://platform.test"
Service = Callable[[dict[str, Any]], "tuple[str, Any]"]

MONDAY_MORNING = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # ten o'clock in Shanghai


class ServiceFailure(Exception):
    """A test's service answers 500."""


@dataclass
class Walk:
    """What happened on a call."""

    events: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    requests: list[tuple[str, dict[str, Any], dict[str, bytes]]] = field(default_factory=list)
    reason: str = ""
    error: str = ""
    needed_an_engine: bool = False

    def of(self, event: str) -> list[dict[str, Any]]:
        return [each for each in self.events if each["event"] == event]

    @property
    def prompts(self) -> list[str]:
        return [each["text"] for each in self.of("prompt")]

    @property
    def nodes(self) -> list[str]:
        """The nodes in the order in which the caller entered them."""
        entered = [step.target.partition(".")[0] for step in self.steps if step.target]
        return [node for index, node in enumerate(entered) if index == 0 or node != entered[index - 1]]

    @property
    def ports(self) -> list[tuple[str, str | None]]:
        return [(step.source.partition(".")[0], step.port) for step in self.steps if step.source]

    @property
    def fields(self) -> dict[str, str]:
        return {name: value for step in self.steps for name, value in step.fields.items()}

    def asked(self, service: str) -> list[dict[str, Any]]:
        return [request for name, request, _ in self.requests if name == service]


class Platform:
    """Documents and services in memory."""

    def __init__(
        self, flows: Sequence[Flow], services: Mapping[str, Service], now: datetime, nodes_a_document: int
    ) -> None:
        self.documents = {
            f"/published/{flow.id}/1/{name}": text
            for flow in flows
            for name, text in compile_flow(flow, nodes_a_document=nodes_a_document).documents.items()
        }
        self.services: dict[str, Service] = {
            "business-hours": lambda request: (opening(request, now), {}),
            "voicemail": lambda request: ("next", {"id": "m1"}),
            **services,
        }
        self.walk = Walk()

    async def fetch(self, request: FetchRequest) -> Resource:
        path = urlsplit(request.uri).path.replace("/current/", "/1/")
        uri = BASE + path
        if path in self.documents:
            kind = "application/srgs+xml" if path.endswith(".grxml") else "application/voicexml+xml"
            return Resource(uri, kind, "utf-8", self.documents[path].encode())
        if not path.startswith("/services/"):
            raise FetchError(request.uri, "status", "no such thing", 404)
        name = path.removeprefix("/services/")
        texts = {key: value for key, value in request.fields if isinstance(value, str)}
        files = {key: value.data for key, value in request.fields if isinstance(value, FilePart)}
        asked = json.loads(texts["vx_request"])
        self.walk.requests.append((name, asked, files))
        try:
            port, value = self.services[name](asked)
        except (ServiceFailure, KeyError) as error:
            raise FetchError(request.uri, "status", repr(error), 500) from error
        text = json.dumps(value, ensure_ascii=False)
        body = f"<answer port={quoteattr(port)}>{escape(text)}</answer>"
        return Resource(uri, "application/xml", "utf-8", body.encode())


async def walk_flow(
    flow: Flow,
    inputs: Sequence[Mapping[str, Any]] = (),
    *,
    services: Mapping[str, Service] | None = None,
    others: Sequence[Flow] = (),
    now: datetime = MONDAY_MORNING,
    aai: str | None = None,
    pages: Mapping[str, str] | None = None,
    nodes_a_document: int = 200,
) -> Walk:
    """Call the flow; a caller out of inputs hangs up. ``pages``: path to a further document."""
    platform = Platform([flow, *others], services or {}, now, nodes_a_document)
    platform.documents |= pages or {}
    walk = platform.walk

    class World(SimulatedWorld):
        def breadcrumb(self, step: Step) -> None:
            walk.steps.append(step)

    world = World(ListedInputs(list(inputs)), walk.events.append, platform.fetch)
    start = SessionStart(
        f"{BASE}/published/{flow.id}/1/flow.vxml",
        local="sip:12319@platform.test",
        remote="tel:+8613800000000",
        aai=aai,
    )
    session = Session(world, start)
    end = await session.run()
    walk.needed_an_engine = session.engine.engine is not None
    walk.reason = end.reason
    walk.error = "" if end.error is None else f"{end.error.name}: {end.error.message}"
    return walk


def document_problems(documents: Mapping[str, str]) -> list[str]:
    """What ``vxmlplat check`` says of compiled documents; every document is well-formed besides."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in documents.items():
            etree.fromstring(text.encode())
            (Path(folder) / name).write_text(text, encoding="utf-8")
        for name in documents:
            if name.endswith(".vxml"):
                found += [str(problem) for problem in check_file(Path(folder) / name)]
    return found
