"""Where conversation tests come from: a simulated call saved as a test, a real call replayed as one."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from vxmlplat.flows.reading import read_flow
from vxmlplat.flows.schema import Flow
from vxmlplat.server.bodies import Body, json_response, read_model
from vxmlplat.server.resources.conversation_tests import TestName, read_sent
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Services, services_of
from vxmlplat.simulator.call_replay import RecordedCall, RecordedStep, replay_steps, replay_test
from vxmlplat.simulator.conversation_answers import recorded_services
from vxmlplat.simulator.conversation_recording import save_run, without_recordings
from vxmlplat.simulator.conversation_test import DEFAULT_MOMENT, ConversationTest
from vxmlplat.simulator.conversation_writing import as_data, write_test
from vxmlplat.simulator.flow_under_test import spoken_recordings
from vxmlplat.store.errors import NotFoundError

TABLE = RouteTable()


class RunToSave(Body):
    """The events of a simulated call, with what the page sent among them, and how the call began."""

    name: TestName
    events: Annotated[list[dict[str, Any]], Field(max_length=20_000)]
    ani: Annotated[str, Field(max_length=64)] = ""
    dnis: Annotated[str, Field(max_length=64)] = ""
    now: datetime | None = None


class ReplayBody(Body):
    """What the test of the call is to be called; by default after the call."""

    name: TestName | None = None


def _written(test: ConversationTest) -> dict[str, Any]:
    return {"name": test.name, "text": write_test(test), "test": as_data(test)}


@TABLE.post("/api/flows/{flow}/tests/from-run", Role.AUTHOR, audited=False)
async def from_run(request: web.Request) -> web.Response:
    """A simulated call as a test, with what services and the web answered in it; nothing is stored."""
    services = services_of(request)
    body = await read_model(request, RunToSave, services.settings.flow_limit)
    flow = request.match_info["flow"]
    answers = recorded_services(body.events, hours=body.now is None)
    model = ConversationTest(
        name=body.name,
        flow=flow,
        steps=(),
        at=body.now or DEFAULT_MOMENT,
        caller=body.ani,
        called=body.dnis,
        services=answers.mocks,
    )
    graph = read_flow((await services.store.flows.get(flow)).draft).flow
    spoken = spoken_recordings(graph) if graph is not None else set()
    made = without_recordings(save_run(body.events, model), spoken)
    read_sent(write_test(made), body.name)
    return json_response(_written(made) | {"masked": answers.masked, "left_out": answers.left_out})


@TABLE.post("/api/calls/{call}/replay", Role.AUTHOR, audited=False)
async def replay(request: web.Request) -> web.Response:
    """A real call's steps on the version that it ran on, and a test that goes the same way."""
    services = services_of(request)
    body = await read_model(request, ReplayBody)
    await services.recorder.flush_soon()
    found = await services.questions.path(request.match_info["call"])
    call = RecordedCall(
        found.call.id,
        found.call.started,
        found.call.ani,
        found.call.dnis,
        [
            RecordedStep(
                step.n,
                step.time,
                step.flow,
                step.version,
                step.from_node,
                step.port,
                step.to_node,
                step.reason,
                step.fields,
            )
            for step in found.steps
        ],
    )
    graphs = await _graphs(services, call)
    test = await asyncio.to_thread(replay_test, call, graphs, body.name or f"call {call.id}")
    first = call.flow
    return json_response(
        {
            "call": call.id,
            "flow": first[0] if first else None,
            "version": first[1] if first else None,
            "steps": replay_steps(call),
            "test": None if test is None else _written(test),
        }
    )


async def _graphs(services: Services, call: RecordedCall) -> dict[tuple[str, int], Flow]:
    """The flows that a call passed, as they were published then; one that was removed is left out."""
    graphs: dict[tuple[str, int], Flow] = {}
    for place in dict.fromkeys((step.flow, step.version) for step in call.steps if step.version > 0):
        try:
            graph = (await services.store.flows.version(*place)).graph
        except NotFoundError:
            continue
        read = read_flow(graph).flow
        if read is not None:
            graphs[place] = read
    return graphs
