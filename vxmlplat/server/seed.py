"""Filling an empty store with the samples, so that a first start has something to dial."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vxmlplat.errors import VxmlplatError
from vxmlplat.server.events import AgentsChanged, FlowChanged, NumbersChanged, QueuesChanged
from vxmlplat.server.flow_tools import compiled, readable
from vxmlplat.server.resources.acd import AgentBody, QueueBody, ha1
from vxmlplat.server.resources.administration import ListEntry
from vxmlplat.server.services import Services
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.speech.prompt_files import convert, seconds_of
from vxmlplat.store.agents import Agent
from vxmlplat.store.audit import AuditEntry
from vxmlplat.store.flows import Publication
from vxmlplat.store.numbers import Number
from vxmlplat.store.prompts import Prompt
from vxmlplat.store.queues import Queue

log = logging.getLogger(__name__)

SEEDER = "samples"
"""Who published what came with the platform."""


class SampleAgent(AgentBody):
    """An agent of a sample, who may be at work from the start."""

    state: Literal["signed_out", "ready", "not_ready"] = "signed_out"


class SampleBody(BaseModel):
    """``sample.json`` beside a sample's ``flow.json`` (docs/api.md, "Samples").

    ``service`` is a Python file beside it, a web service that runs as long as the platform; ``web_hosts`` are
    hosts that the
    sample's flows may ask though they are private or loopback.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    numbers: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default_factory=list)
    test_numbers: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default_factory=list)
    note: str = ""
    queues: list[QueueBody] = Field(default_factory=list)
    agents: list[SampleAgent] = Field(default_factory=list)
    caller_lists: dict[str, list[ListEntry]] = Field(default_factory=dict)
    web_hosts: list[str] = Field(default_factory=list)
    service: Annotated[str, Field(pattern=r"^([A-Za-z0-9_]+\.py)?$")] = ""


def described(samples: Path) -> dict[Path, SampleBody]:
    """What each sample says of itself, by its folder;

    one that cannot be read is left out here and named by the import.
    """
    found: dict[Path, SampleBody] = {}
    for file in sorted(samples.glob("*/sample.json")):
        try:
            found[file.parent] = SampleBody.model_validate_json(file.read_bytes())
        except (ValidationError, OSError) as error:
            log.debug("%s: %s", file, error)
    return found


async def seed_samples(services: Services, samples: Path) -> list[str]:
    """Import each folder of ``samples`` that holds a ``flow.json`` into a store that has no flows.

    Stores queues, agents, lists and prompts, publishes the flow (its sub-flows before it) and maps its
    numbers; each sample as a whole or, with an error in the log, not at all. Returns the numbers that can be
    dialled, none when the store was not empty.
    """
    if await services.store.flows.all():
        return []
    numbers: list[str] = []
    for folder in sorted(path.parent for path in samples.glob("*/flow.json")):
        try:
            sample = await asyncio.to_thread(_read, folder)
            async with services.store.transaction():
                await _import(services, sample)
        except (VxmlplatError, ValidationError, ValueError, OSError) as error:
            log.error("sample %s was left out: %s", folder.name, error)
            continue
        numbers += sample.body.numbers + sample.body.test_numbers
        await _tell(services, sample)
    return numbers


class _Sample:
    """A sample's folder, read."""

    def __init__(
        self,
        body: SampleBody,
        flows: list[dict[str, Any]],
        prompts: list[tuple[str, str, bytes]],
        tests: list[tuple[str, str, str]],
    ) -> None:
        self.body = body
        self.flows = flows
        self.prompts = prompts
        self.tests = tests


def _read(folder: Path) -> _Sample:
    description = folder / "sample.json"
    body = SampleBody.model_validate_json(description.read_bytes()) if description.is_file() else SampleBody()
    files = [*sorted(folder.glob("flows/*.json")), folder / "flow.json"]
    flows = [json.loads(file.read_bytes()) for file in files]
    prompts = [
        (file.parent.name, file.stem, convert(file))
        for file in sorted(folder.glob("prompts/*/*"))
        if file.suffix.lower() in (".wav", ".mp3", ".ogg", ".flac")
    ]
    return _Sample(body, flows, prompts, [_test(file) for file in sorted(folder.glob("tests/*.yaml"))])


def _test(file: Path) -> tuple[str, str, str]:
    """A conversation test: its flow, its name, its text."""
    text = file.read_text("utf-8")
    test = read_test(text, str(file), name=file.stem)
    return test.flow, test.name, text


async def _import(services: Services, sample: _Sample) -> None:
    store, now = services.store, services.clock.wall()
    for queue in sample.body.queues:
        await store.queues.put(Queue(id=_named(queue.id), **queue.model_dump(exclude={"id"})))
    for agent in sample.body.agents:
        name = _named(agent.id)
        secrets = ha1(name, services.settings.sip_realm, agent.password) if agent.password else {}
        await store.agents.put(
            Agent(
                id=name,
                name=agent.name,
                address=agent.address,
                state=agent.state,
                state_since=now,
                **secrets,
            ),
            agent.skills,
        )
    for name, entries in sample.body.caller_lists.items():
        await store.caller_lists.replace(name, {entry.number: entry.note for entry in entries})
    for language, name, wav in sample.prompts:
        await store.prompts.put(
            Prompt(
                language=language,
                name=name,
                duration=seconds_of(wav),
                size=len(wav),
                digest=hashlib.sha256(wav).hexdigest(),
                changed=now,
                changed_by=SEEDER,
                audio=wav,
            )
        )
    for flow in sample.flows:
        await _publish(services, flow, sample.body.note)
    for flow_id, name, text in sample.tests:
        await store.conversation_tests.put(flow_id, name, text, SEEDER, now)
    for number in sample.body.numbers + sample.body.test_numbers:
        test = number in sample.body.test_numbers
        await store.numbers.put(Number(number=number, flow=sample.flows[-1]["id"], test=test))


async def _publish(services: Services, draft: dict[str, Any], note: str) -> None:
    store, now = services.store, services.clock.wall()
    flow = str(draft.get("id"))
    readable(draft, flow)
    await store.flows.add(flow, draft, SEEDER, now)
    documents = dict((await compiled(store, draft)).documents)
    await store.flows.publish(flow, 1, documents, Publication(SEEDER, note), now)
    entry = AuditEntry(time=now, user="", action="flow.publish", target=f"flow {flow}", detail={"seed": True})
    await store.audit.add(entry)


async def _tell(services: Services, sample: _Sample) -> None:
    for flow in sample.flows:
        await services.events.publish(FlowChanged(str(flow["id"]), 1))
    for queue in sample.body.queues:
        await services.events.publish(QueuesChanged(_named(queue.id)))
    for agent in sample.body.agents:
        await services.events.publish(AgentsChanged(_named(agent.id)))
    await services.events.publish(NumbersChanged())


def _named(name: str | None) -> str:
    if name is None:
        raise ValueError("a queue or agent of sample.json has no id")
    return name
