"""``/api/flows/{id}/tests``: conversation tests of a flow, run and proposed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from aiohttp import hdrs, web
from pydantic import Field, JsonValue

from vxmlplat.flows.texts import bilingual
from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, read_model
from vxmlplat.server.errors import ApiError
from vxmlplat.server.flow_tools import readable
from vxmlplat.server.identity import identity_of
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Services, services_of
from vxmlplat.server.test_runs import lines_of_run, run_flow_tests, while_there
from vxmlplat.simulator.conversation_proposals import MOST_PROPOSALS
from vxmlplat.simulator.conversation_test import ConversationTest, ConversationTestError
from vxmlplat.simulator.conversation_writing import as_data, renamed, write_data
from vxmlplat.simulator.conversation_yaml import MAX_BYTES, read_test
from vxmlplat.store.conversation_tests import StoredTest
from vxmlplat.store.errors import NotFoundError
from vxmlplat.store.flows import FlowText

TABLE = RouteTable()

LINES = "application/x-ndjson"

TestName = Annotated[str, Field(min_length=1, max_length=120)]


class TestBody(Body):
    """A test: as the text of its file, or as plain data of the same members.

    ``name``: what it is called from now on, whatever its text says. With ``rename`` it is called from now on
    as its text says.
    """

    __test__ = False

    text: Annotated[str, Field(max_length=MAX_BYTES)] | None = None
    test: dict[str, JsonValue] | None = None
    name: TestName | None = None
    rename: bool = False

    def written(self) -> str:
        """The text, with the wanted name in it; raises a 422 where it cannot be read."""
        if (self.text is None) == (self.test is None):
            raise ApiError(422, "test.body", "send either text or test")
        text = self.text if self.text is not None else write_data(self.test or {})
        if self.name is None:
            return text
        with _refusing():
            return renamed(text, self.name)


class TestText(Body):
    """The text of a test's file."""

    __test__ = False

    text: Annotated[str, Field(max_length=MAX_BYTES)]


class RunBody(Body):
    """Which tests run, on what: the saved draft, a ``version``, or the ``flow`` that is sent.

    ``tests``: names of stored tests, None for all; ``texts``: tests that are not stored, by name.
    """

    version: Annotated[int, Field(ge=1)] | None = None
    flow: dict[str, Any] | None = None
    tests: list[TestName] | None = None
    texts: dict[TestName, Annotated[str, Field(max_length=MAX_BYTES)]] = Field(default_factory=dict)


class ProposeBody(RunBody):
    """As for a run; ``most``: how many proposals at most."""

    most: Annotated[int, Field(ge=1, le=MOST_PROPOSALS)] = 50


class FlowSettings(Body):
    """What an author wants of a flow beside its graph."""

    tests_before_publish: bool


def _stored(test: StoredTest) -> dict[str, Any]:
    return {"name": test.name, "text": test.text, "changed": test.changed, "changed_by": test.changed_by}


@TABLE.get("/api/flows/{flow}/tests", Role.AUTHOR)
async def list_tests(request: web.Request) -> web.Response:
    """The flow's tests, and whether they stand before a publish."""
    store = services_of(request).store
    flow = request.match_info["flow"]
    tests = [_stored(test) for test in await store.conversation_tests.all(flow)]
    wanted = await store.conversation_tests.before_publish(flow)
    return json_response({"tests": tests, "tests_before_publish": wanted})


@TABLE.get("/api/flows/{flow}/tests/{name}", Role.AUTHOR)
async def get_test(request: web.Request) -> web.Response:
    """One test, as text and as data."""
    store = services_of(request).store
    found = await store.conversation_tests.get(request.match_info["flow"], request.match_info["name"])
    return json_response(_stored(found) | {"test": as_data(read_sent(found.text, found.name))})


@TABLE.post("/api/flows/{flow}/tests", Role.AUTHOR)
async def add_test(request: web.Request) -> web.Response:
    """Store a new test; 409 where there is one of its name."""
    services = services_of(request)
    flow = request.match_info["flow"]
    body = await read_model(request, TestBody, services.settings.flow_limit)
    text = body.written()
    test = read_sent(text, "")
    _of_flow(test, flow)
    async with changing(request, "test.save", f"test {flow}/{test.name}"):
        made = await services.store.conversation_tests.add(
            flow, test.name, text, identity_of(request).name, services.clock.wall()
        )
    return json_response(_stored(made) | {"test": as_data(test)}, status=201)


@TABLE.post("/api/flows/{flow}/tests/check", Role.AUTHOR, audited=False)
async def check(request: web.Request) -> web.Response:
    """Whether a text is a test of the flow: what is wrong with it, and at which line."""
    body = await read_model(request, TestText, services_of(request).settings.flow_limit)
    problems: list[dict[str, Any]] = []
    try:
        test = read_test(body.text, "test", name="test")
    except ConversationTestError as error:
        problems.append({"line": error.line, "message": dict(error.message)})
    else:
        if test.flow != (flow := request.match_info["flow"]):
            message = bilingual(f"this is a test of {flow}", f"这是 {flow} 的测试")
            problems.append({"line": 1, "message": dict(message)})
    return json_response({"problems": problems})


@TABLE.put("/api/flows/{flow}/tests/{name}", Role.AUTHOR)
async def put_test(request: web.Request) -> web.Response:
    """Store a test, under another name if wanted; 422 with line and what is allowed for what is none."""
    services = services_of(request)
    flow, name = request.match_info["flow"], request.match_info["name"]
    body = await read_model(request, TestBody, services.settings.flow_limit)
    text = body.written()
    test = read_sent(text, name)
    if test.name != name and body.name is None and not body.rename:
        message = f"the test calls itself {test.name!r}, the address says {name!r}"
        raise ApiError(422, "test.name", message)
    _of_flow(test, flow)
    stamp = (identity_of(request).name, services.clock.wall())
    tests = services.store.conversation_tests
    async with changing(request, "test.save", f"test {flow}/{name}"):
        if test.name == name:
            made = await tests.put(flow, name, text, *stamp)
        else:
            made = await tests.rename(flow, name, test.name, text, *stamp)
    return json_response(_stored(made) | {"test": as_data(test)})


@TABLE.delete("/api/flows/{flow}/tests/{name}", Role.AUTHOR)
async def remove_test(request: web.Request) -> web.Response:
    """Remove a test."""
    flow, name = request.match_info["flow"], request.match_info["name"]
    async with changing(request, "test.remove", f"test {flow}/{name}"):
        await services_of(request).store.conversation_tests.remove(flow, name)
    return web.Response(status=204)


@TABLE.post("/api/flows/{flow}/tests/run", Role.AUTHOR, audited=False)
async def run(request: web.Request) -> web.StreamResponse:
    """Run tests: results and coverage; line by line as they come where the client accepts that."""
    services = services_of(request)
    body = await read_model(request, RunBody, services.settings.flow_limit)
    graph, tests = await _to_run(services, request.match_info["flow"], body)
    if LINES in request.headers.get(hdrs.ACCEPT, ""):
        return await _streamed(request, services, graph, tests)
    done = await while_there(request, run_flow_tests(services.store, graph, tests))
    passed = len(done.results) - len(done.failures)
    return json_response({"passed": passed, "results": done.results, "coverage": done.coverage})


@TABLE.post("/api/flows/{flow}/tests/propose", Role.AUTHOR, audited=False)
async def propose(request: web.Request) -> web.Response:
    """Tests for the edges that the flow's tests do not pass; nothing is stored."""
    services = services_of(request)
    body = await read_model(request, ProposeBody, services.settings.flow_limit)
    graph, tests = await _to_run(services, request.match_info["flow"], body)
    done = await while_there(request, run_flow_tests(services.store, graph, tests, propose=body.most))
    return json_response({"proposals": done.proposals, "coverage": done.coverage})


@TABLE.get("/api/flows/{flow}/settings", Role.AUTHOR)
async def get_settings(request: web.Request) -> web.Response:
    """What the author wants of the flow beside its graph."""
    store = services_of(request).store
    flow = (await store.flows.get(request.match_info["flow"])).id
    return json_response({"tests_before_publish": await store.conversation_tests.before_publish(flow)})


@TABLE.put("/api/flows/{flow}/settings", Role.AUTHOR)
async def put_settings(request: web.Request) -> web.Response:
    """Whether a failing test keeps the flow from being published."""
    flow = request.match_info["flow"]
    body = await read_model(request, FlowSettings)
    async with changing(request, "flow.settings", f"flow {flow}", body.model_dump()):
        await services_of(request).store.conversation_tests.set_before_publish(
            flow, body.tests_before_publish
        )
    return json_response(body.model_dump())


async def refuse_failing(services: Services, flow: str, draft: FlowText) -> None:
    """Before a publish: raises a 422 with the failures where the author wants all tests to pass."""
    tests = services.store.conversation_tests
    if not await tests.before_publish(flow):
        return
    stored = [(test.name, test.text) for test in await tests.all(flow)]
    failures = (await run_flow_tests(services.store, draft, stored)).failures
    if failures:
        names = ", ".join(failure["name"] for failure in failures[:5])
        raise ApiError(
            422,
            "flow.tests_failed",
            f"{len(failures)} of {len(stored)} tests failed: {names}",
            detail={"failures": failures, "problems": [_problem(failure) for failure in failures]},
        )


def _problem(result: dict[str, Any]) -> dict[str, Any]:
    """A failed test in the shape of a problem, where the canvas shows it."""
    failure = result["failure"]
    at = {"en-US": f"Test “{result['name']}”: ", "zh-CN": f"测试“{result['name']}”："}
    return {
        "severity": "error",
        "code": "test.failed",
        "node": failure["node"] or None,
        "port": None,
        "field": None,
        "message": {language: at[language] + text for language, text in failure["message"].items()},
        "fix": {"en-US": "Mend the flow, or the test.", "zh-CN": "请修改流程或测试。"},
    }


def read_sent(text: str, name: str) -> ConversationTest:
    """A test that was sent; raises a 422 where it cannot be read."""
    with _refusing():
        return read_test(text, "test", name=name)


@contextmanager
def _refusing() -> Iterator[None]:
    """What cannot be read is refused with its line."""
    try:
        yield
    except ConversationTestError as error:
        detail = {"line": error.line, "problem": dict(error.message)}
        raise ApiError(422, "test.invalid", str(error), detail=detail) from error


def _of_flow(test: ConversationTest, flow: str) -> None:
    if test.flow != flow:
        message = f"the test is of the flow {test.flow!r}, the address says {flow!r}"
        raise ApiError(422, "test.flow", message)


async def _to_run(services: Services, flow: str, body: RunBody) -> tuple[FlowText, list[tuple[str, str]]]:
    """The graph and the tests that a body names."""
    store = services.store
    if body.flow is not None:
        readable(body.flow, flow)
        graph = body.flow
    elif body.version is not None:
        graph = (await store.flows.version(flow, body.version)).graph
    else:
        graph = (await store.flows.get(flow)).draft
    stored = {test.name: test.text for test in await store.conversation_tests.all(flow)}
    named = list(stored) if body.tests is None else body.tests
    for name in named:
        if name not in stored:
            raise NotFoundError("test", f"{flow}/{name}")
    # A text that is sent is the newer one of a name.
    chosen = {name: stored[name] for name in named} | body.texts
    return graph, list(chosen.items())


async def _streamed(
    request: web.Request, services: Services, graph: FlowText, tests: list[tuple[str, str]]
) -> web.StreamResponse:
    lines = lines_of_run(services.store, graph, tests)
    # A flow that cannot run is still refused with its status.
    line = await while_there(request, anext(lines, None))
    response = web.StreamResponse(headers={"Content-Type": LINES, "Cache-Control": "no-store"})
    await response.prepare(request)
    try:
        while line is not None:
            await response.write(_line(line))
            line = await while_there(request, anext(lines, None))
    except ApiError as error:
        await response.write(_line({"error": {"code": error.code, "message": error.message}}))
    finally:
        await lines.aclose()
    await response.write_eof()
    return response


def _line(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()
