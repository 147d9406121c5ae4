"""Running small applications in virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from vxmlplat.documents import FetchRequest, Resource
from vxmlplat.simulator.inputs import ListedInputs, checked_inputs
from vxmlplat.simulator.site import MemorySite, text_resource
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.limits import DEFAULT_LIMITS, SessionLimits
from vxmlplat.vxml.platform import Step
from vxmlplat.vxml.session import Session, SessionEnd, SessionStart

SITE = "http://site.example/"
HEAD = '<?xml version="1.0"?><vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US"'


def vxml(body: str, attributes: str = "") -> str:
    """A document around some content."""
    return f"{HEAD} {attributes}>{body}</vxml>"


@dataclass
class Told:
    """What a run told."""

    events: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    end: SessionEnd | None = None
    requests: list[FetchRequest] = field(default_factory=list)

    @property
    def prompts(self) -> list[str]:
        return [event["text"] for event in self.events if event["event"] == "prompt"]

    @property
    def thrown(self) -> list[str]:
        return [event["name"] for event in self.events if event["event"] == "throw"]

    @property
    def logs(self) -> list[str]:
        return [event["text"] for event in self.events if event["event"] == "log"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


class StepKeeping(SimulatedWorld):
    """A world that keeps the steps."""

    steps: list[Step]

    def breadcrumb(self, step: Step) -> None:
        self.steps.append(step)


RunApplication = Callable[..., Awaitable[Told]]


@pytest.fixture
def run_application() -> RunApplication:
    """Run ``body`` (the content of ``main.vxml``) with further documents and inputs; returns what was
    told.
    """

    async def run(
        body: str,
        inputs: Sequence[Any] = (),
        documents: Mapping[str, str | bytes | int] | None = None,
        *,
        attributes: str = "",
        start: SessionStart | None = None,
        limits: SessionLimits = DEFAULT_LIMITS,
    ) -> Told:
        main = text_resource(SITE + "main.vxml", vxml(body, attributes))
        resources: dict[str, Resource] = {main.uri: main}
        for name, content in (documents or {}).items():
            uri = SITE + name
            if isinstance(content, int):
                resources[uri] = Resource(uri, "text/plain", None, b"", status=content)
            elif isinstance(content, bytes):
                resources[uri] = Resource(uri, "audio/x-wav" if name.endswith(".wav") else "", None, content)
            else:
                whole = content if not name.endswith(".vxml") or "<vxml" in content else vxml(content)
                resources[uri] = text_resource(uri, whole)
        site = MemorySite(resources)
        told = Told()
        world = StepKeeping(ListedInputs(checked_inputs(inputs, "inputs")), told.events.append, site.fetch)
        world.steps = told.steps
        told.end = await Session(world, start or SessionStart(SITE + "main.vxml"), limits=limits).run()
        told.requests = site.requests
        return told

    return run
