"""What callers meet in compiled nodes, by the real interpreter."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flow_cases import CASES, PROMPT, VARIABLES, case_flow, flow_around, text
from flow_walking import ServiceFailure, Walk, walk_flow

from vxmlplat.flows import Flow, read_flow


def keys(*pressed: str) -> list[dict[str, Any]]:
    return [{"dtmf": each} for each in pressed]


def port_of(walk: Walk) -> str | None:
    """The port by which the caller left the node of the case; it leads to the node of its name."""
    ports = [port for source, port in walk.ports if source == "node"]
    assert ports, walk.error
    if not walk.nodes[-1].startswith("to_"):
        return None
    assert walk.nodes[-1] == "to_" + str(ports[-1]).replace("#", "hash")
    return ports[-1]


def answers(port: str, value: Any = None) -> Any:
    return lambda request: (port, value)


def fails(request: dict[str, Any]) -> tuple[str, Any]:
    raise ServiceFailure("out of order")


def test_every_case_has_a_walk_here_or_in_the_sample() -> None:
    walked = {name for name, *_ in WALKS}
    assert set(CASES) - walked == {
        "start",
        "return",
        "sub_flow",
        "on_event",
        "vxml_page",
        "split",
        "language",
        "hangup",
        "vxml_document",
    }


WALKS: list[tuple[str, list[dict[str, Any]], dict[str, Any], str | None]] = [
    ("play", [], {}, "next"),
    ("play_pieces", [], {}, "next"),
    ("menu", keys("1"), {}, "1"),
    ("menu", keys("12"), {}, "12"),
    ("menu", keys("#"), {}, "#"),
    ("menu", keys("5", "6", "7"), {}, "nomatch"),
    ("menu", keys("8", "8", "8", "8", "1"), {}, "1"),
    ("menu", [{"noinput": True}] * 3, {}, "noinput"),
    ("digits", keys("1234#"), {}, "next"),
    ("digits", keys("123456"), {}, "next"),
    ("digits", keys("12#", "1#", "1#"), {}, "nomatch"),
    ("digits_fixed", keys("9999"), {}, "next"),
    ("digits_fixed", [{"noinput": True}], {}, "noinput"),
    ("vxml", [], {}, "done"),
    ("condition", [], {}, "otherwise"),
    ("set", [], {}, "next"),
    (
        "web_request",
        [],
        {"web-request": answers("next", {"status": 200, "body": {"ticket": {"state": "ok"}}})},
        "next",
    ),
    ("web_request", [], {"web-request": answers("not_found", {"status": 404, "body": None})}, "not_found"),
    ("web_request", [], {"web-request": answers("error", {"status": 500, "body": None})}, "error"),
    ("web_request", [], {"web-request": fails}, "error"),
    ("business_hours", [], {"business-hours": answers("open")}, "open"),
    ("business_hours", [], {"business-hours": answers("closed")}, "closed"),
    ("business_hours", [], {"business-hours": answers("holiday")}, "holiday"),
    ("record", [{"record": 2.0, "end": "#"}], {}, "next"),
    ("record", [{"record": 2.0, "end": "hangup"}], {}, "hangup"),
    ("record", [{"noinput": True}], {}, "noinput"),
    ("record", [{"record": 2.0, "end": "#"}], {"voicemail": fails}, "error"),
    ("queue", [{"transfer": "far_end_disconnect", "after": 9}], {}, "next"),
    ("queue", [{"transfer": "busy"}], {}, "busy"),
    ("queue", [{"transfer": "network_busy"}], {}, "busy"),
    ("queue", [{"transfer": "noanswer"}], {}, "noanswer"),
    ("queue", [{"transfer": "unknown"}], {}, "error"),
    ("queue", [{"transfer": "far_end_disconnect", "after": 9999}], {}, "next"),
    ("queue", [{"hangup": True}], {}, "hangup"),
    ("transfer_bridge", [{"transfer": "near_end_disconnect", "after": 3}], {}, "next"),
    ("transfer_blind", [{"transfer": "busy"}], {}, "busy"),
    ("survey", keys("4"), {}, "next"),
    ("survey", [{"noinput": True}] * 3, {}, "noinput"),
    ("say", [], {}, "next"),
    ("ask", keys("1"), {}, "lamp"),
    ("ask", [{"say": "路灯坏了"}], {}, "lamp"),
    ("ask", keys("2"), {}, "other"),
    ("ask", [{"say": "什么"}] * 3, {}, "nomatch"),
    ("auto_menu", [], {}, "empty"),
    (
        "database_query",
        [],
        {"database-query": answers("rows", {"rows": [{"name": "Li"}], "count": 1})},
        "rows",
    ),
    ("database_query", [], {"database-query": answers("empty", {"rows": [], "count": 0})}, "empty"),
    ("database_query", [], {"database-query": fails}, "error"),
    ("sms", [], {"message": answers("next", {"id": "1"})}, "next"),
    ("sms", [], {"message": fails}, "error"),
    ("email", [], {"message": answers("next", {"id": "1"})}, "next"),
    ("caller_list", [], {"caller-list": answers("listed", {"entry": {"level": "gold"}})}, "listed"),
    ("caller_list", [], {"caller-list": answers("unlisted", {"entry": None})}, "unlisted"),
    ("callback", [], {"callback": answers("next", {"id": "1"})}, "next"),
    ("callback", [], {"callback": answers("refused")}, "refused"),
    ("wait", [{"noinput": True}], {}, "next"),
    ("loop", [], {}, "again"),
]


@pytest.mark.parametrize(
    ("case", "inputs", "services", "port"),
    WALKS,
    ids=[f"{name}-{port}-{n}" for n, (name, _, _, port) in enumerate(WALKS)],
)
async def test_the_way_out(
    case: str, inputs: list[dict[str, Any]], services: dict[str, Any], port: str | None
) -> None:
    walk = await walk_flow(case_flow(case), inputs, services=services)
    assert port_of(walk) == port
    assert not walk.needed_an_engine, "what a designed flow says of itself is plain"


async def test_a_masked_variable_is_not_in_the_reports_and_a_reported_one_is() -> None:
    secret = await walk_flow(case_flow("digits"), keys("1234#"))
    assert secret.fields == {"secret": "***"}
    menu = await walk_flow(case_flow("menu"), keys("1"))
    assert menu.fields == {"v": "one"}


async def test_an_error_without_an_edge_ends_with_an_apology_and_is_told_to_the_operator() -> None:
    flow = case_flow("sms", unconnected=["error"])
    walk = await walk_flow(flow, services={"message": fails})
    assert walk.prompts == ["抱歉，服务暂时不可用，请稍后再拨。"]
    assert walk.reason == "exit"
    errors = [each["text"] for each in walk.of("log") if each["label"] == "vxmlplat.error"]
    assert len(errors) == 1
    assert errors[0].startswith("error.badfetch")


async def test_the_apology_is_heard_in_a_language_that_the_platform_does_not_speak() -> None:
    fields = {"text": {"fr-FR": "Bonjour"}}
    walk = await walk_flow(flow_around("sms", fields, languages=["fr-FR"], unconnected=["error"]))
    assert walk.prompts[0].startswith("We are sorry")


async def test_an_error_handler_is_entered_from_anywhere_and_does_not_go_round_for_ever() -> None:
    raw = case_flow("sms", unconnected=["error"]).as_json()
    raw["nodes"] += [
        {"id": "broken", "type": "on_event", "fields": {"event": "error", "variable": "v"}},
        {"id": "again", "type": "sms", "fields": {"text": {"zh-CN": "x", "en-US": "x"}}},
    ]
    raw["edges"] += [
        {"from": "broken", "port": "next", "to": "again"},
        {"from": "again", "port": "next", "to": "to_next"},
    ]
    flow = read_flow(raw).flow
    assert flow is not None
    walk = await walk_flow(flow, services={"message": fails})
    assert walk.nodes == ["begin", "node", *["broken", "again"] * 3]
    assert walk.fields["v"].startswith("error.badfetch")
    assert walk.prompts == ["抱歉，服务暂时不可用，请稍后再拨。"]


async def test_services_still_work_after_the_caller_has_hung_up() -> None:
    raw = case_flow("menu").as_json()
    raw["nodes"] += [
        {"id": "gone", "type": "on_event", "fields": {"event": "connection.disconnect.hangup"}},
        {"id": "note", "type": "sms", "fields": {"text": {"zh-CN": "谢谢来电", "en-US": "Thank you"}}},
        {"id": "end", "type": "hangup"},
    ]
    raw["edges"] += [
        {"from": "gone", "port": "next", "to": "note"},
        {"from": "note", "port": "next", "to": "end"},
    ]
    flow = read_flow(raw).flow
    assert flow is not None
    for inputs in ([{"hangup": True}], keys("1")):  # the caller hangs up, or the flow does
        walk = await walk_flow(flow, inputs, services={"message": answers("next", {"id": "1"})})
        assert walk.nodes[-3:] == ["gone", "note", "end"]
        (asked,) = walk.asked("message")
        assert asked["text"] == "谢谢来电"
        assert asked["to"] == "tel:+8613800000000"
        assert walk.error == ""


async def test_a_menu_from_data_says_each_choice_and_takes_no_other_key() -> None:
    variables = [
        {**VARIABLES[0]},
        {"name": "rows", "type": "object", "initial": [{"name": "水"}, {"name": "电"}]},
    ]
    flow = flow_around(*CASES["auto_menu"], variables=variables)
    walk = await walk_flow(flow, keys("3", "2"))
    assert walk.prompts == ["您好。", "水请按1。 电请按2。", "您好。", "水请按1。 电请按2。"]
    assert [each["name"] for each in walk.of("throw")][:1] == ["nomatch"]
    assert port_of(walk) == "next"
    assert walk.fields["v"] == "[object Object]"


async def test_wrong_keys_in_a_menu_from_data_run_out_of_tries() -> None:
    flow = flow_around(
        *CASES["auto_menu"],
        variables=[VARIABLES[0], {"name": "rows", "type": "object", "initial": [{"name": "x"}]}],
    )
    assert port_of(await walk_flow(flow, keys("8", "8", "8"))) == "nomatch"


async def test_a_web_request_says_what_it_asks_and_keeps_what_it_wants() -> None:
    body = {"ticket": {"state": "fertig <&> \"x\" 'y' ]]>"}}
    walk = await walk_flow(
        case_flow("web_request"), services={"web-request": answers("next", {"status": 201, "body": body})}
    )
    (asked,) = walk.asked("web-request")
    call = asked.pop("call")
    assert asked == {
        "method": "POST",
        "url": "https://example.com/t/{id}",
        "arguments": {"id": ""},
        "headers": {"X-Key": "k"},
        "timeout": 5,
    }
    assert call == {
        "flow": "case",
        "node": "node",
        "language": "zh-CN",
        "caller": "tel:+8613800000000",
        "called": "sip:12319@platform.test",
    }
    assert walk.fields["v"] == body["ticket"]["state"]


async def test_values_asked_for_that_are_not_there_do_not_break_the_call() -> None:
    walk = await walk_flow(
        case_flow("web_request"), services={"web-request": answers("next", {"status": 200, "body": None})}
    )
    assert port_of(walk) == "next"


async def test_a_database_query_binds_and_keeps_columns() -> None:
    rows = {"rows": [{"name": "Li"}, {"name": "Wang"}], "count": 2}
    walk = await walk_flow(case_flow("database_query"), services={"database-query": answers("rows", rows)})
    (asked,) = walk.asked("database-query")
    assert asked["parameters"] == {"id": ""}
    assert asked["sql"] == "SELECT name FROM t WHERE id = :id AND note <> ':x'"
    assert walk.fields["v"] == "Li"


async def test_the_text_of_a_message_follows_the_language_and_holds_values() -> None:
    raw = case_flow("sms").as_json()
    raw["variables"][0]["initial"] = "A'1"
    for language, said in (
        (["zh-CN", "en-US"], "工单A'1已受理"),
        (["en-US", "zh-CN"], "Ticket A'1 received"),
    ):
        flow = read_flow({**raw, "languages": language}).flow
        assert flow is not None
        walk = await walk_flow(flow, services={"message": answers("next", {"id": "1"})})
        assert walk.asked("message")[0]["text"] == said


async def test_a_split_sends_its_share_each_way() -> None:
    for percents, port in (((100, 0), "a"), ((0, 100), "b")):
        shares = [{"id": name, "percent": percent} for name, percent in zip("ab", percents, strict=True)]
        assert port_of(await walk_flow(flow_around("split", {"shares": shares}))) == port
    assert port_of(await walk_flow(case_flow("split"))) in "abc"


async def test_a_loop_goes_round_so_many_times_and_can_be_used_again() -> None:
    raw = flow_around("loop", {"times": "2", "variable": "n"}).as_json()
    nodes = [each for each in raw["nodes"] if not each["id"].startswith("to_")]
    nodes += [
        {"id": "said", "type": "play", "fields": {"prompt": [{"kind": "value", "expr": "n"}]}},
        {"id": "more", "type": "menu", "fields": {"prompt": PROMPT, "choices": [{"key": "1"}]}},
    ]
    edges = [
        {"from": "begin", "port": "next", "to": "node"},
        {"from": "node", "port": "again", "to": "said"},
        {"from": "said", "port": "next", "to": "node"},
        {"from": "node", "port": "done", "to": "more"},
        {"from": "more", "port": "1", "to": "node"},
    ]
    flow = read_flow({**raw, "nodes": nodes, "edges": edges}).flow
    assert flow is not None
    walk = await walk_flow(flow, keys("1"))
    assert walk.prompts == ["1", "2", "您好。", "1", "2", "您好。"]


async def test_waiting_takes_the_time_and_navigation_works_meanwhile() -> None:
    walk = await walk_flow(case_flow("wait"), [{"noinput": True}])
    assert walk.of("throw")[0]["t"] == pytest.approx(2.5)
    repeated = await walk_flow(case_flow("wait"), [*keys("*"), {"noinput": True}])
    assert repeated.prompts == ["您好。", "您好。"]
    assert port_of(repeated) == "next"


async def test_back_while_waiting_leads_to_the_last_menu() -> None:
    raw = case_flow("wait").as_json()
    menu = {"prompt": [text("菜单", "Menu")], "choices": [{"key": "1"}]}
    raw["nodes"] += [
        {"id": "one", "type": "menu", "fields": menu},
        {"id": "two", "type": "menu", "fields": menu},
    ]
    raw["edges"] = [
        {"from": "begin", "port": "next", "to": "one"},
        {"from": "one", "port": "1", "to": "two"},
        {"from": "two", "port": "1", "to": "node"},
        {"from": "node", "port": "next", "to": "to_next"},
    ]
    flow = read_flow(raw).flow
    assert flow is not None
    walk = await walk_flow(flow, keys("1", "1", "#"))
    assert walk.nodes == ["begin", "one", "two", "node", "two"]


async def test_the_call_goes_on_in_the_language_chosen() -> None:
    raw = case_flow("language").as_json()
    for each in raw["nodes"]:
        if each["id"] == "to_next":
            each["fields"] = {"prompt": [text("再见", "Good-bye")]}
    flow = read_flow(raw).flow
    assert flow is not None
    walk = await walk_flow(flow)
    assert walk.prompts == ["Good-bye"]
    assert walk.fields["language"] == "en-US"


async def test_queue_carries_the_data_that_came_in_and_the_flow_s_own() -> None:
    aai = json.dumps({"v": "kept", "crm": 7})
    walk = await walk_flow(case_flow("queue"), [{"transfer": "busy"}], aai=aai)
    data = json.loads(walk.of("transfer")[0]["aai"])
    assert data == {
        "v": "kept",
        "crm": 7,
        "flow": "case",
        "language": "zh-CN",
        "caller": "tel:+8613800000000",
        "called": "sip:12319@platform.test",
    }


@pytest.mark.parametrize("aai", [None, "", "00c8dead", "[1]", "null", '"x"', '{"hasOwnProperty": 1}'])
async def test_incoming_data_of_another_shape_does_no_harm(aai: str | None) -> None:
    walk = await walk_flow(case_flow("queue"), [{"transfer": "busy"}], aai=aai)
    assert json.loads(walk.of("transfer")[0]["aai"])["v"] == ""


async def test_more_than_four_kilobytes_of_data_travel() -> None:
    raw = case_flow("queue").as_json()
    raw["variables"][0]["initial"] = "数" * 4000
    flow = read_flow(raw).flow
    assert flow is not None
    walk = await walk_flow(flow, [{"transfer": "busy"}])
    assert len(walk.of("transfer")[0]["aai"].encode()) > 12_000


def verify_flow() -> Flow:
    """A sub-flow: asks for a number; 1111 is right."""
    raw = {
        "schema": 1,
        "id": "verify",
        "name": "Verify",
        "languages": ["zh-CN", "en-US"],
        "variables": [
            {"name": "number", "input": True},
            {"name": "pin"},
            {"name": "name", "output": True, "initial": "nobody"},
        ],
        "nodes": [
            {"id": "start", "type": "start"},
            {"id": "ask", "type": "digits", "fields": {"variable": "pin", "prompt": [
                text("请输入密码", "Your PIN for "), {"kind": "value", "expr": "number"}], "maximum": 4}},
            {"id": "right", "type": "condition",
             "fields": {"branches": [{"id": "yes", "when": "pin == '1111'"}]}},
            {"id": "known", "type": "set",
             "fields": {"assignments": [{"variable": "name", "value": "'Li'"}]}},
            {"id": "good", "type": "return"},
            {"id": "bad", "type": "return", "fields": {"result": "failed"}},
        ],
        "edges": [
            {"from": "start", "port": "next", "to": "ask"},
            {"from": "ask", "port": "next", "to": "right"},
            {"from": "right", "port": "yes", "to": "known"},
            {"from": "right", "port": "otherwise", "to": "bad"},
            {"from": "known", "port": "next", "to": "good"},
        ],
    }  # fmt: skip
    flow = read_flow(raw).flow
    assert flow is not None
    return flow


async def test_a_sub_flow_takes_values_and_language_and_returns_values_and_result() -> None:
    raw = case_flow("sub_flow").as_json()
    raw["variables"][0]["initial"] = "42"
    raw["languages"] = ["en-US", "zh-CN"]
    flow = read_flow(raw).flow
    assert flow is not None
    right = await walk_flow(flow, keys("1111#"), others=[verify_flow()])
    assert right.prompts[0] == "Your PIN for 42"
    assert right.nodes == ["begin", "node", "start", "ask", "right", "known", "good", "node", "to_next"]
    assert right.fields["v"] == "Li"
    wrong = await walk_flow(flow, keys("2222#"), others=[verify_flow()])
    assert wrong.nodes[-1] == "to_failed"
    assert wrong.fields["v"] == "nobody"


def calling(flow: Flow, raw_inputs: list[dict[str, Any]] | None = None, **more: Any) -> Flow:
    """A flow that calls another one, then queues."""
    raw = flow_around("sub_flow", {"flow": flow.id, "inputs": raw_inputs or []}).as_json()
    for each in raw["nodes"]:
        if each["id"] == "to_next":
            each.update(type="queue", fields={"queue": "desk", "prompt": [text("请稍候", "Please wait")]})
    ports = ("next", "busy", "noanswer")
    raw["edges"] += [{"from": "to_next", "port": port, "to": "to_error"} for port in ports]
    made = read_flow({**raw, **more}).flow
    assert made is not None
    return made


def small(flow_id: str, nodes: list[dict[str, Any]], **more: Any) -> Flow:
    """start → the nodes one after the other by "next"; the last one by nothing."""
    nodes = [{"id": "start", "type": "start"}, *nodes]
    ways = itertools.pairwise(each["id"] for each in nodes)
    raw = {"schema": 1, "id": flow_id, "name": flow_id, "languages": ["zh-CN", "en-US"], "nodes": nodes}
    made = read_flow({**raw, "edges": [{"from": a, "port": "next", "to": b} for a, b in ways], **more}).flow
    assert made is not None
    return made


async def test_a_language_chosen_in_a_sub_flow_is_the_call_s_language() -> None:
    choice = small(
        "choice",
        [{"id": "en", "type": "language", "fields": {"language": "en-US"}}, {"id": "r", "type": "return"}],
    )
    walk = await walk_flow(calling(choice), [{"transfer": "busy"}], others=[choice])
    assert walk.prompts == ["Please wait"]
    assert json.loads(walk.of("transfer")[0]["aai"])["language"] == "en-US"


async def test_a_sub_flow_without_the_call_s_language_speaks_its_own_and_leaves_the_call_s_alone() -> None:
    def said(languages: list[str]) -> Flow:
        prompt = [{"kind": "text", "text": {tag: tag for tag in languages}}]
        nodes = [{"id": "p", "type": "play", "fields": {"prompt": prompt}}, {"id": "r", "type": "return"}]
        return small("said", nodes, languages=languages)

    for languages, heard in ((["fr-FR", "de-DE"], "fr-FR"), (["fr-FR", "zh-TW"], "zh-TW")):
        walk = await walk_flow(calling(said(languages)), [{"transfer": "busy"}], others=[said(languages)])
        assert walk.prompts == [heard, "请稍候"]


async def test_the_data_of_the_call_reach_a_queue_inside_a_sub_flow() -> None:
    data = [{"name": "v", "data": True}, {"name": "own", "data": True, "initial": "mine"}]
    queue = {"id": "q", "type": "queue", "fields": {"queue": "inner"}}
    edges = [{"from": "start", "port": "next", "to": "q"}]
    edges += [{"from": "q", "port": port, "to": "r"} for port in ("next", "busy", "noanswer")]
    inner = small("inner", [queue, {"id": "r", "type": "return"}], variables=data, edges=edges)
    variables = [{**VARIABLES[0], "initial": "outer"}, *VARIABLES[1:]]
    walk = await walk_flow(calling(inner, variables=variables), [{"transfer": "busy"}], others=[inner])
    transfer = walk.of("transfer")[0]
    assert transfer["dest"] == "acd:inner"
    carried = json.loads(transfer["aai"])
    assert (carried["v"], carried["own"]) == ("outer", "mine")


async def test_a_sub_flow_that_is_not_there_is_an_error_of_its_node() -> None:
    walk = await walk_flow(case_flow("sub_flow"))
    assert walk.nodes[-1] == "to_error"


async def test_navigation_in_a_sub_flow_leads_into_the_calling_flow() -> None:
    raw = case_flow("sub_flow").as_json()
    raw["nodes"] += [
        {
            "id": "menu",
            "type": "menu",
            "fields": {"prompt": [text("菜单", "Menu")], "choices": [{"key": "1"}]},
        },
        {"id": "desk", "type": "queue", "fields": {"queue": "desk"}},
    ]
    raw["edges"] = [each for each in raw["edges"] if each["from"] != "begin"]
    raw["edges"] += [
        {"from": "begin", "port": "next", "to": "menu"},
        {"from": "menu", "port": "1", "to": "node"},
        *({"from": "desk", "port": port, "to": "to_error"} for port in ("next", "busy", "noanswer")),
    ]
    flow = read_flow(raw).flow
    assert flow is not None
    person = await walk_flow(flow, [*keys("1", "*0"), {"transfer": "busy"}], others=[verify_flow()])
    assert person.of("transfer")[0]["dest"] == "acd:desk"
    back = await walk_flow(flow, keys("1", "*#"), others=[verify_flow()])
    assert back.prompts == ["菜单", "请输入密码", "菜单"]
    over = await walk_flow(flow, keys("1", "*9"), others=[verify_flow()])
    assert over.prompts == ["菜单", "请输入密码", "菜单"]


PAGE = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form><var name="number"/>
<block>Number <value expr="number"/>.<var name="name" expr="'Li ' + number"/><return namelist="name"/></block>
</form></vxml>"""


async def test_a_hand_written_page_is_called_with_values_and_comes_back() -> None:
    raw = case_flow("vxml_page").as_json()
    raw["variables"][0]["initial"] = "7"
    flow = read_flow(raw).flow
    assert flow is not None
    walk = await walk_flow(flow, pages={"/page.vxml": PAGE})
    assert walk.prompts == ["Number 7."]
    assert walk.fields["v"] == "Li 7"
    assert walk.nodes[-1] == "to_next"
    assert (await walk_flow(flow)).nodes[-1] == "to_error"


async def test_a_page_may_have_the_call_for_good() -> None:
    flow = flow_around("vxml_page", {"url": "https://example.com/page.vxml", "mode": "go"})
    page = '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form><block>Mine.</block></form></vxml>'
    walk = await walk_flow(flow, pages={"/page.vxml": page})
    assert walk.prompts == ["Mine."]
    assert "to_error" not in walk.nodes


async def test_a_call_handed_over_is_gone() -> None:
    walk = await walk_flow(case_flow("transfer_blind"), [{"transfer": "answered"}])
    assert walk.reason == "transfer"
    assert walk.nodes[-1] == "node"


async def test_a_returning_flow_that_nobody_called_ends() -> None:
    walk = await walk_flow(verify_flow(), keys("1111#"))
    assert walk.reason == "exit"


async def test_a_key_of_a_menu_is_the_menu_s_even_if_it_navigates_elsewhere() -> None:
    fields = {"prompt": PROMPT, "choices": [{"key": key} for key in "*#90"]}
    for key in "*#90":
        walk = await walk_flow(flow_around("menu", fields), keys(key))
        assert ("node", key) in walk.ports


async def test_digits_keep_every_digit_however_slowly_they_are_typed() -> None:
    flow = flow_around("digits", {"prompt": PROMPT, "variable": "v", "minimum": 1, "maximum": 6})
    for digit in "09":
        walk = await walk_flow(flow, [{"dtmf": digit, "then": 8.0}])
        assert port_of(walk) == "next"
        assert walk.fields["v"] == digit


async def test_navigation_can_be_switched_off() -> None:
    fields = {"prompt": PROMPT, "choices": [{"key": "1"}]}
    flow = flow_around("menu", fields, navigation={"enabled": False})
    assert port_of(await walk_flow(flow, keys("*", "#", "9"))) == "nomatch"
    only_repeat = flow_around("menu", fields, navigation={"back": "", "start": "", "person": ""})
    walk = await walk_flow(only_repeat, keys("*", "#", "9", "0"))
    assert port_of(walk) == "nomatch"


async def test_the_key_for_a_person_is_wrong_where_there_is_none() -> None:
    walk = await walk_flow(case_flow("menu"), keys("0", "1"))
    assert "nomatch" in [each["name"] for each in walk.of("throw")]
    assert port_of(walk) == "1"


async def test_business_hours_ask_with_the_schedule() -> None:
    walk = await walk_flow(case_flow("business_hours"), now=datetime(2026, 1, 5, 1, 30, tzinfo=UTC))
    (asked,) = walk.asked("business-hours")
    assert asked["timezone"] == "Asia/Shanghai"
    assert asked["week"] == [{"days": ["mon", "fri"], "from": "09:00", "to": "17:30"}]
    assert port_of(walk) == "open"
