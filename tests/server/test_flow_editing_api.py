from __future__ import annotations

from collections.abc import Callable
from typing import Any

Refused = Callable[..., Any]
FlowFile = Callable[..., dict[str, Any]]

DOCUMENT = """<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
  <form id="hello">
    <block><prompt>Hello.</prompt><goto next="#rest"/></block>
  </form>
  <form id="rest"><block><log>over</log><audio src="bye.wav"/></block></form>
</vxml>
"""


async def test_a_document_is_imported_and_nothing_is_stored(author: Any) -> None:
    answer = await author.post("/api/flows/import", json={"id": "old", "document": DOCUMENT, "name": "Old"})
    assert answer.status == 200
    made = await answer.json()
    assert made["problems"] == []
    assert [(each["dialog"], each["line"], each["types"]) for each in made["report"]] == [
        ("hello", 3, ["play"]),
        ("rest", 6, ["vxml"]),
    ]
    assert made["report"][1]["reason"].keys() == {"en-US", "zh-CN"}
    assert made["flow"]["name"] == {"en-US": "Old"}
    assert await (await author.get("/api/flows")).json() == []
    assert (await author.post("/api/flows", json=made["flow"])).status == 201


async def test_a_document_that_is_none_is_refused_with_its_place(author: Any, refused: Refused) -> None:
    for document, line, column in (
        ("<vxml>\n<form>", 2, 7),
        ("<p/>", 1, 1),
        ('<vxml version="2.1">\n<form>\n <blok/></form></vxml>', 3, 2),
        ('<vxml version="2.1"><form><block cond="a b"/></form></vxml>', 1, 27),
    ):
        answer = await author.post("/api/flows/import", json={"id": "old", "document": document})
        error = await refused(answer, 422, "flow.import")
        assert (error["detail"]["line"], error["detail"]["column"]) == (line, column)
        assert error["detail"]["reason"].keys() == {"en-US", "zh-CN"}
    odd = {"id": "old", "document": DOCUMENT, "base": "file:///etc/"}
    await refused(await author.post("/api/flows/import", json=odd), 422, "body.invalid")


async def test_hand_written_code_is_checked_by_the_rules_of_voicexml(
    author: Any, flow_file: FlowFile
) -> None:
    flow = flow_file()
    flow["nodes"].append({"id": "code", "type": "vxml", "fields": {"source": "<form>\n  <blok/>\n</form>"}})
    problems = (await (await author.post("/api/flows/f/check", json=flow)).json())["problems"]
    (found,) = [each for each in problems if each["code"] == "vxml.invalid"]
    assert (found["node"], found["field"], found["detail"]) == ("code", "source", {"line": 2, "column": 3})
    assert "<block>" in found["message"]["en-US"]


async def test_the_draft_that_was_sent_is_compiled(
    author: Any, flow_file: FlowFile, refused: Refused
) -> None:
    flow = flow_file()
    told = await (await author.post("/api/flows/f/compiled?node=hello", json=flow)).json()
    assert "<form id=" in told["documents"]["hello"]
    whole = await (await author.post("/api/flows/f/compiled", json=flow)).json()
    assert whole["documents"].keys() >= {"root.vxml", "flow.vxml"}
    await refused(await author.post("/api/flows/f/compiled?node=gone", json=flow), 404, "node.unknown")


async def test_templates_of_the_platform_and_of_authors(
    author: Any, flow_file: FlowFile, refused: Refused
) -> None:
    first, *_ = own = await (await author.get("/api/templates")).json()
    assert (first["id"], first["own"]) == ("menu", False)
    assert first["test"]["flow"] == "menu"
    body = {"title": {"en-US": "Mine"}, "flow": flow_file()}
    assert (await author.put("/api/templates/mine", json=body)).status == 200
    listed = await (await author.get("/api/templates")).json()
    assert len(listed) == len(own) + 1
    assert listed[-1] == {
        "id": "mine", "title": {"en-US": "Mine"}, "summary": {}, "flow": flow_file(), "test": None,
        "own": True,
    }  # fmt: skip
    await refused(await author.put("/api/templates/menu", json=body), 409, "template.platform")
    broken = {**body, "flow": {"id": "f"}}
    await refused(await author.put("/api/templates/mine", json=broken), 422, "flow.unreadable")
    assert (await author.delete("/api/templates/mine")).status == 204
    await refused(await author.delete("/api/templates/mine"), 404, "template.unknown")


async def test_words_are_found_in_all_flows(author: Any, flow_file: FlowFile) -> None:
    for name in ("f", "g"):
        await author.post("/api/flows", json=flow_file(name, notes=[{"id": "n", "text": f"note of {name}"}]))
    hits = await (await author.get("/api/search?q=note of g")).json()
    assert [(hit["flow"], hit["kind"], hit["id"]) for hit in hits] == [("g", "note", "n")]
    assert await (await author.get("/api/search")).json() == []
