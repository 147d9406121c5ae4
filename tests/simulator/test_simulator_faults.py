"""Web services that fail at a click, without the web."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from vxmlplat.documents import FetchRequest, Resource
from vxmlplat.simulator.debugger import DebugError
from vxmlplat.simulator.faults import Fault, read_faults
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.session import SessionStart

BASE = "http://platform.example"
PLACE = f"{BASE}/published/f/1/"


def asking(service: str, question: dict[str, Any]) -> str:
    quoted = json.dumps(question).replace('"', "&quot;")
    return f"""<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<form id="lookup"><block><var name="vx_request" expr="'{quoted}'"/>
<data name="vx_document" src="{service}" method="post" namelist="vx_request" fetchtimeout="7s"/>
<var name="answer" expr="vx_document.documentElement"/><log expr="answer.getAttribute('port')"/>
<log expr="answer.firstChild ? answer.firstChild.data : ''"/></block></form></vxml>"""


class Answering:
    """The real services."""

    async def fetch(self, request: FetchRequest, _: Any = None) -> Resource:
        return text_resource("answer.xml", '<answer port="next">"really"</answer>')


async def called(service: str, *faults: Fault) -> tuple[list[str], str | None, float]:
    """What the document saw: the port and the value, or the event; and how long it took."""
    main = PLACE + "flow.vxml"
    document = asking(service, {"url": "http://crm.example/tickets/{id}", "arguments": {"id": "7"}})
    session = SimulatorSession(
        SessionStart(main),
        {main: text_resource(main, document)},
        fetcher=Answering(),  # type: ignore[arg-type]  # all that is asked of it
        base=BASE,
    )
    session.set_faults(faults)
    session.start()
    async with asyncio.timeout(10):
        events = [event async for event in session.events()]
    logs = [event["text"] for event in events if event.get("event") == "log"]
    return logs, events[-1].get("error"), session.clock.now()


WEB = BASE + "/services/web-request"
HOURS = BASE + "/services/business-hours"
OUTSIDE = "http://crm.example/data"


async def test_services_answer_as_they_do() -> None:
    assert await called(WEB) == (["next", '"really"'], None, 0.0)
    # A fault that is about something else changes nothing.
    others = [Fault("error", node="other"), Fault("error", service="sms"), Fault("error", address="http://a")]
    assert await called(WEB, *others) == (["next", '"really"'], None, 0.0)


@pytest.mark.parametrize(
    ("fault", "port", "member", "value"),
    [
        (Fault("error"), "error", "status", 0),
        (Fault("timeout", node="lookup"), "error", "status", 0),
        (Fault("status", service="web-request", status=404), "not_found", "status", 404),
        (Fault("status", address="http://crm.example/", status=500), "error", "status", 500),
        (Fault("answer", value={"state": "open"}), "next", "body", {"state": "open"}),
        (Fault("answer", value=1, port="not_found"), "not_found", "body", 1),
    ],
)
async def test_a_web_request_leaves_by_the_port_of_its_fault(
    fault: Fault, port: str, member: str, value: Any
) -> None:
    logs, error, seconds = await called(WEB, fault)
    assert error is None
    assert (logs[0], json.loads(logs[1])[member]) == (port, value)
    assert seconds == (7.0 if fault.kind == "timeout" else 0.0)


@pytest.mark.parametrize("address", [HOURS, OUTSIDE])
async def test_other_services_fail_as_fetches_do(address: str) -> None:
    assert (await called(address, Fault("error")))[1] == "error.badfetch.http.503"
    assert (await called(address, Fault("status", status=418)))[1] == "error.badfetch.http.418"
    _, error, seconds = await called(address, Fault("timeout"))
    assert (error, seconds) == ("error.badfetch", 7.0)


async def test_a_service_gives_the_answer_that_it_is_told() -> None:
    assert (await called(HOURS, Fault("answer", value={}, port="closed")))[0] == ["closed", "{}"]


async def test_documents_of_the_platform_never_fail() -> None:
    session = SimulatorSession(SessionStart(PLACE + "missing.vxml"), {}, base=BASE)
    session.set_faults([Fault("status", status=500)])
    session.start()
    events = [event async for event in session.events()]
    assert events[-1]["error"] == "error.badfetch.http.404"


@pytest.mark.parametrize(
    "written",
    [
        7,
        "error",
        [7],
        [{}],
        [{"kind": "explode"}],
        [{"kind": "error", "node": 7}],
        [{"kind": "status", "status": "500"}],
        [{"kind": "status", "status": 1000}],
        [{"kind": "error"}] * 101,
    ],
)
def test_faults_that_are_none_are_refused(written: Any) -> None:
    with pytest.raises(DebugError):
        read_faults(written)


def test_faults_as_the_page_sends_them() -> None:
    written = [
        {"kind": "status", "status": 404, "node": "a", "address": None},
        {"kind": "answer", "value": [1]},
    ]
    assert read_faults(written) == (Fault("status", "a", status=404), Fault("answer", value=[1]))
