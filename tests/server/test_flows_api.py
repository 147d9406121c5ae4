from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from vxmlplat.server.events import FlowChanged
from vxmlplat.server.services import Services
from vxmlplat.store.numbers import Number

Refused = Callable[..., Any]
FlowFile = Callable[..., dict[str, Any]]


async def made(author: Any, flow: dict[str, Any]) -> None:
    assert (await author.post("/api/flows", json=flow)).status == 201


def match(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


async def test_node_types_are_told(author: Any) -> None:
    types = {one["type"]: one for one in await (await author.get("/api/node-types")).json()}
    assert {"start", "play", "menu", "hangup"} <= types.keys()
    assert types["menu"]["title"].keys() >= {"en-US", "zh-CN"}


async def test_a_flow_is_made_listed_opened_saved_and_removed(author: Any, flow_file: FlowFile) -> None:
    await made(author, flow_file())
    (listed,) = await (await author.get("/api/flows")).json()
    assert (listed["id"], listed["revision"], listed["published"]) == ("f", 1, None)
    assert listed["languages"] == ["en-US"]
    assert listed["changed"].endswith("Z")
    opened = await author.get("/api/flows/f")
    assert opened.headers["ETag"] == '"1"'
    assert (await opened.json())["flow"] == flow_file()
    saved = await author.put("/api/flows/f", json=flow_file(name={"en-US": "New"}), headers=match(1))
    assert (saved.status, saved.headers["ETag"]) == (200, '"2"')
    assert (await (await author.get("/api/flows/f")).json())["flow"]["name"] == {"en-US": "New"}
    assert (await author.delete("/api/flows/f")).status == 204
    assert await (await author.get("/api/flows")).json() == []


async def test_a_new_flow_needs_its_id_only(author: Any, refused: Refused) -> None:
    response = await author.post("/api/flows", json={"id": "empty"})
    assert response.status == 201
    assert [node["type"] for node in (await response.json())["flow"]["nodes"]] == ["start"]
    await refused(await author.post("/api/flows", json={"id": "empty"}), 409, "flow.exists")
    error = await refused(await author.post("/api/flows", json={"id": "no/slash"}), 422, "flow.unreadable")
    assert error["detail"]["problems"][0]["message"].keys() >= {"en-US", "zh-CN"}
    await refused(await author.post("/api/flows", json=["f"]), 400, "body.json")


async def test_two_authors_do_not_overwrite_each_other(
    author: Any, flow_file: FlowFile, refused: Refused
) -> None:
    await made(author, flow_file())
    assert (await author.put("/api/flows/f", json=flow_file(), headers=match(1))).status == 200
    late = await author.put("/api/flows/f", json=flow_file(name={"en-US": "Mine"}), headers=match(1))
    error = await refused(late, 412, "flow.conflict")
    assert error["detail"] == {"revision": 2, "changed_by": "author"}
    blind = await author.put("/api/flows/f", json=flow_file())
    await refused(blind, 428, "flow.revision_needed")
    odd = await author.put("/api/flows/f", json=flow_file(), headers={"If-Match": "*"})
    await refused(odd, 400, "flow.revision")
    other = await author.put("/api/flows/f", json=flow_file("g"), headers=match(2))
    await refused(other, 422, "flow.id")
    broken = await author.put("/api/flows/f", json=flow_file(nodes=[{"id": "?"}]), headers=match(2))
    await refused(broken, 422, "flow.unreadable")
    assert (await (await author.get("/api/flows/f")).json())["revision"] == 2


async def test_a_check_looks_at_what_was_sent_and_saves_nothing(author: Any, flow_file: FlowFile) -> None:
    await made(author, flow_file())
    fine = await (await author.post("/api/flows/f/check", json=flow_file())).json()
    assert [one for one in fine["problems"] if one["severity"] == "error"] == []
    dangling = flow_file(edges=[])
    problems = (await (await author.post("/api/flows/f/check", json=dangling)).json())["problems"]
    assert {"error"} <= {one["severity"] for one in problems}
    unreadable = await author.post("/api/flows/f/check", json={"schema": 1})
    assert (await unreadable.json())["problems"]
    assert (await (await author.get("/api/flows/f")).json())["revision"] == 1


async def test_the_compiled_documents_can_be_looked_at(
    author: Any, flow_file: FlowFile, refused: Refused
) -> None:
    await made(author, flow_file())
    documents = (await (await author.get("/api/flows/f/compiled")).json())["documents"]
    assert "<vxml" in documents["flow.vxml"]
    node = (await (await author.get("/api/flows/f/compiled?node=hello")).json())["documents"]
    assert 'id="hello"' in node["hello"]
    assert "<vxml" not in node["hello"]
    await refused(await author.get("/api/flows/f/compiled?node=nobody"), 404, "node.unknown")


async def test_publish_versions_and_rollback(
    author: Any, services: Services, flow_file: FlowFile, refused: Refused
) -> None:
    told: list[FlowChanged] = []
    services.events.subscribe(FlowChanged, told.append)
    await made(author, flow_file())
    first = await author.post("/api/flows/f/publish", json={"revision": 1, "note": "first"})
    assert (await first.json())["version"] == 1
    again = await author.post("/api/flows/f/publish", json={"revision": 1})
    error = await refused(again, 409, "flow.published")
    assert error["detail"]["version"] == 1
    await author.put("/api/flows/f", json=flow_file(name={"en-US": "Two"}), headers=match(1))
    stale = await author.post("/api/flows/f/publish", json={"revision": 1})
    await refused(stale, 409, "flow.conflict")
    second = await author.post("/api/flows/f/publish", json={"revision": 2})
    assert (await second.json())["version"] == 2
    versions = await (await author.get("/api/flows/f/versions")).json()
    assert [(one["version"], one["note"], one["current"], one["published_by"]) for one in versions] == [
        (2, "", True, "author"),
        (1, "first", False, "author"),
    ]
    old = await (await author.get("/api/flows/f/versions/1")).json()
    assert old["flow"] == flow_file()
    assert (await author.post("/api/flows/f/rollback", json={"version": 1})).status == 200
    assert (await (await author.get("/api/flows/f")).json())["published"] == 1
    missing = await author.post("/api/flows/f/rollback", json={"version": 7})
    await refused(missing, 404, "version.unknown")
    assert told == [FlowChanged("f", version, "author") for version in (1, 2, 1)]
    trail = [(entry.action, entry.detail.get("version")) for entry in await services.store.audit.latest()]
    assert trail == [
        ("flow.rollback", 1),
        ("flow.publish", 2),
        ("flow.save", None),
        ("flow.publish", 1),
        ("flow.add", None),
    ]


async def test_a_version_is_tried_on_test_numbers_and_then_given_to_all(
    author: Any, operator: Any, services: Services, flow_file: FlowFile, refused: Refused
) -> None:
    told: list[FlowChanged] = []
    services.events.subscribe(FlowChanged, told.append)
    await made(author, flow_file())
    numbers = [{"number": "1", "flow": "f"}, {"number": "9", "flow": "f", "test": True}]
    assert (await operator.put("/api/numbers", json=numbers)).status == 200
    assert await (await author.get("/api/flows/f/numbers")).json() == [
        {"number": "1", "test": False},
        {"number": "9", "test": True},
    ]
    await author.post("/api/flows/f/publish", json={"revision": 1})
    await author.put("/api/flows/f", json=flow_file(name={"en-US": "Two"}), headers=match(1))
    tried = {"revision": 2, "name": "Spring menu", "note": "why", "audience": "test"}
    assert (await author.post("/api/flows/f/publish", json=tried)).status == 200
    opened = await (await author.get("/api/flows/f")).json()
    assert (opened["published"], opened["testing"]) == (1, 2)
    versions = await (await author.get("/api/flows/f/versions")).json()
    assert [(one["name"], one["current"], one["testing"]) for one in versions] == [
        ("Spring menu", False, True),
        ("", True, False),
    ]
    wrong = await author.post("/api/flows/f/promote", json={"version": 1})
    assert (await refused(wrong, 409, "flow.not_on_test"))["detail"] == {"testing": 2}
    stale = await author.post("/api/flows/f/promote", json={"version": 2, "seen": 2})
    await refused(stale, 409, "flow.current_changed")
    promoted = await author.post("/api/flows/f/promote", json={"version": 2, "seen": 1})
    assert await promoted.json() == {"version": 2, "before": 1, "testing": None}
    assert (await author.put("/api/flows/f/testing", json={"version": 1})).status == 200
    ended = await author.put("/api/flows/f/testing", json={"version": None})
    assert await ended.json() == {"published": 2, "testing": None}
    changes = [(1, False), (2, True), (2, False), (1, True), (2, True)]
    assert [(one.version, one.test) for one in told] == changes
    assert {one.by for one in told} == {"author"}


async def test_a_test_number_is_answered_by_a_flow(operator: Any) -> None:
    body = [{"number": "9", "document": "https://example.com/a.vxml", "test": True}]
    assert (await operator.put("/api/numbers", json=body)).status == 422


async def test_what_cannot_run_is_not_published(author: Any, flow_file: FlowFile, refused: Refused) -> None:
    await made(author, flow_file(edges=[]))
    error = await refused(
        await author.post("/api/flows/f/publish", json={"revision": 1}), 422, "flow.cannot_run"
    )
    assert any(one["severity"] == "error" for one in error["detail"]["problems"])
    assert (await (await author.get("/api/flows/f")).json())["published"] is None
    assert await (await author.get("/api/flows/f/versions")).json() == []


async def test_of_two_publishes_at_once_one_wins_and_the_other_is_told(
    author: Any, flow_file: FlowFile
) -> None:
    await made(author, flow_file())
    body = {"revision": 1}
    responses = await asyncio.gather(*(author.post("/api/flows/f/publish", json=body) for _ in range(4)))
    assert sorted(response.status for response in responses) == [200, 409, 409, 409]
    told = [await response.json() for response in responses if response.status == 409]
    assert {one["error"]["code"] for one in told} == {"flow.published"}
    assert len(await (await author.get("/api/flows/f/versions")).json()) == 1


async def test_a_flow_that_answers_a_number_is_not_removed(
    author: Any, services: Services, flow_file: FlowFile, refused: Refused
) -> None:
    await made(author, flow_file())
    await services.store.numbers.put(Number(number="12319", flow="f"))
    error = await refused(await author.delete("/api/flows/f"), 409, "flow.used")
    assert error["detail"] == {"numbers": ["12319"]}


async def test_hostile_names_are_stored_as_they_are_and_nothing_more(
    author: Any, flow_file: FlowFile
) -> None:
    name = {"en-US": "<script>alert(1)</script> '; DROP TABLE flows; --"}
    await made(author, flow_file(name=name))
    (listed,) = await (await author.get("/api/flows")).json()
    assert listed["name"] == name


async def test_an_analyst_sees_the_list_but_no_draft(analyst: Any, refused: Refused) -> None:
    assert (await analyst.get("/api/flows")).status == 200
    await refused(await analyst.get("/api/flows/f"), 403, "role.missing")
