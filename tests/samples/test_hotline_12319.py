"""The hotline, called by the real interpreter in virtual time; its ticket service is the real one."""

from __future__ import annotations

import itertools
import json
import runpy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from flow_walking import ServiceFailure, Walk, walk_flow

from vxmlplat.flows import Catalogue, Flow, check_flow, read_flow

SAMPLE = Path(__file__).parents[2] / "samples" / "hotline-12319"
SUNDAY = datetime(2026, 1, 4, 2, 0, tzinfo=UTC)
NATIONAL_DAY = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
WORKING_SATURDAY = datetime(2026, 10, 10, 2, 0, tzinfo=UTC)

TO_MENU_IN_ENGLISH = ["start", "language", "english", "welcome", "hours", "main_menu"]


def keys(*pressed: str) -> list[dict[str, Any]]:
    return [{"dtmf": each} for each in pressed]


TALKED = {"transfer": "far_end_disconnect", "after": 30}


@pytest.fixture
def flow() -> Flow:
    reading = read_flow((SAMPLE / "flow.json").read_bytes())
    assert reading.flow is not None
    assert reading.problems == ()
    return reading.flow


@pytest.fixture
async def tickets() -> AsyncIterator[TestServer]:
    server = TestServer(runpy.run_path(str(SAMPLE / "ticket_service.py"))["create_app"]())
    await server.start_server()
    yield server
    await server.close()


async def ask_tickets(server: TestServer, number: str, language: str) -> tuple[str, dict[str, Any]]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.make_url(f"/tickets/{number}"), params={"language": language}) as answer,
    ):
        body = await answer.json()
        return ("not_found" if answer.status == 404 else "next"), {"status": answer.status, "body": body}


async def enquire(flow: Flow, server: TestServer, language: str, number: str, *more: str) -> Walk:
    """Ask for a ticket; the service's answer is fetched beforehand, for services of a walk answer at once."""
    answer = await ask_tickets(server, number, "en-US" if language == "2" else "zh-CN")
    return await walk_flow(
        flow, keys(language, "3", f"{number}#", *more), services={"web-request": lambda _: answer}
    )


def test_the_flow_has_no_problems_beside_its_own_queues(flow: Flow) -> None:
    around = json.loads((SAMPLE / "sample.json").read_text())
    catalogue = Catalogue(flows={}, queues={queue["id"] for queue in around["queues"]}, prompts={})
    assert check_flow(flow, catalogue) == []


def test_nodes_do_not_lie_on_top_of_each_other(flow: Flow) -> None:
    for one, other in itertools.combinations(flow.nodes, 2):
        apart = abs(one.position.x - other.position.x) >= 240 or abs(one.position.y - other.position.y) >= 80
        assert apart, (one.id, other.id)


def test_edges_lead_to_the_right_but_for_ways_back(flow: Flow) -> None:
    x = {node.id: node.position.x for node in flow.nodes}
    backwards = {(edge.source, edge.target) for edge in flow.edges if x[edge.target] <= x[edge.source]}
    assert backwards == {
        ("another", "ask_ticket"),
        ("another", "hours"),
        ("unknown_ticket", "ask_ticket"),
    }


async def test_english_repair_roads_reaches_an_agent_with_the_data_of_the_call(flow: Flow) -> None:
    walk = await walk_flow(flow, [*keys("2", "1", "3"), TALKED, *keys("5")])
    assert walk.nodes == [*TO_MENU_IN_ENGLISH, "repair_menu", "repair_queue", "survey", "goodbye"]
    (transfer,) = walk.of("transfer")
    assert (transfer["dest"], transfer["type"]) == ("acd:repairs", "bridge")
    data = json.loads(transfer["aai"])
    assert data["language"] == "en-US"
    assert data["kind"] == "roads"
    assert data["matter"] == "repair"
    assert data["caller"] == "tel:+8613800000000"
    assert data["called"] == "sip:12319@platform.test"
    assert walk.ports[5:9] == [
        ("main_menu", "1"),
        ("repair_menu", "3"),
        ("repair_queue", "next"),
        ("survey", "next"),
    ]
    assert walk.fields["satisfaction"] == "5"
    assert walk.prompts[-1] == "Thank you for calling. Good-bye."
    assert walk.reason == "disconnect"


@pytest.mark.parametrize(
    ("key", "kind"), [("1", "water"), ("2", "gas"), ("3", "roads"), ("4", "drainage"), ("5", "street lamps")]
)
@pytest.mark.parametrize("moment", [None, SUNDAY])
async def test_every_kind_of_repair_day_and_night(
    flow: Flow, key: str, kind: str, moment: datetime | None
) -> None:
    more = {} if moment is None else {"now": moment}
    walk = await walk_flow(flow, [*keys("1", "1", key), TALKED], **more)
    (transfer,) = walk.of("transfer")
    assert transfer["dest"] == "acd:repairs"
    assert json.loads(transfer["aai"])["kind"] == kind
    assert walk.nodes[5] == ("main_menu" if moment is None else "night_menu")


async def test_the_first_prompt_speaks_both_languages(flow: Flow) -> None:
    walk = await walk_flow(flow)
    assert walk.prompts == ["国语服务请按1。 For service in English, press 2."]
    assert walk.reason == "hangup"


async def test_silence_goes_on_in_mandarin_and_ends_politely(flow: Flow) -> None:
    walk = await walk_flow(flow, [{"noinput": True}] * 5)
    assert walk.nodes == ["start", "language", "mandarin", "welcome", "hours", "main_menu", "goodbye"]
    assert walk.prompts.count("我们没有听到您的按键。") == 2
    assert walk.prompts[-1] == "感谢您的来电，再见。"


async def test_wrong_keys_are_told_so_and_lead_to_an_operator(flow: Flow) -> None:
    walk = await walk_flow(flow, [*keys("2", "7", "8", "6"), {"transfer": "busy"}])
    assert walk.prompts.count("This key is not on the menu.") == 2
    assert ("main_menu", "nomatch") in walk.ports
    assert walk.of("transfer")[0]["dest"] == "acd:operators"


async def test_complaint_and_operator_have_their_own_queues(flow: Flow) -> None:
    complaint = await walk_flow(flow, [*keys("1", "2"), TALKED])
    operator = await walk_flow(flow, [*keys("1", "0"), TALKED])
    assert complaint.of("transfer")[0]["dest"] == "acd:complaints"
    assert operator.of("transfer")[0]["dest"] == "acd:operators"


@pytest.mark.parametrize("moment", [SUNDAY, NATIONAL_DAY])
async def test_out_of_hours_a_message_is_recorded(flow: Flow, moment: datetime) -> None:
    walk = await walk_flow(flow, [*keys("2", "2"), {"record": 4.0, "end": "#"}], now=moment)
    assert walk.nodes[-4:] == ["night_menu", "message", "message_kept", "goodbye"]
    service, request, files = walk.requests[-1]
    assert service == "voicemail"
    assert request["mailbox"] == "hotline-12319"
    assert request["duration"] == pytest.approx(4000)
    assert request["call"]["node"] == "message"
    assert len(files["vx_message"]) > 1000


async def test_a_message_ended_by_hanging_up_is_kept_too(flow: Flow) -> None:
    walk = await walk_flow(flow, [*keys("2", "2"), {"record": 4.0, "end": "hangup"}], now=SUNDAY)
    assert [name for name, _, _ in walk.requests] == ["business-hours", "voicemail"]
    assert walk.requests[-1][2]["vx_message"]
    assert ("message", "hangup") in walk.ports


async def test_a_working_saturday_is_open_and_a_holiday_is_not(flow: Flow) -> None:
    assert (await walk_flow(flow, keys("1"), now=WORKING_SATURDAY)).nodes[-1] == "main_menu"
    assert ("hours", "holiday") in (await walk_flow(flow, keys("1"), now=NATIONAL_DAY)).ports


async def test_ticket_in_progress_is_read_out_with_its_day(flow: Flow, tickets: TestServer) -> None:
    walk = await enquire(flow, tickets, "2", "20260002")
    state, day = "assigned to a team, in progress", "20261125"
    said = f"Your ticket 20260002 has this state: {state}. It is to be finished by {day}"
    assert said in walk.prompts
    (asked,) = walk.asked("web-request")
    assert asked["arguments"] == {"ticket": "20260002", "language": "en-US"}
    assert asked["url"].endswith("/tickets/{ticket}")


async def test_finished_ticket_in_mandarin(flow: Flow, tickets: TestServer) -> None:
    walk = await enquire(flow, tickets, "1", "20260003")
    assert "您的工单20260003，目前状态：已办结" in walk.prompts
    assert ("is_done", "done") in walk.ports


async def test_unknown_ticket_asks_again(flow: Flow, tickets: TestServer) -> None:
    walk = await enquire(flow, tickets, "2", "99999999")
    assert "There is no ticket of this number. Please check it." in walk.prompts
    assert walk.nodes[-1] == "ask_ticket"


async def test_a_ticket_service_that_is_down_does_not_end_the_call(flow: Flow) -> None:
    def down(_: dict[str, Any]) -> tuple[str, Any]:
        raise ServiceFailure("no connection")

    walk = await walk_flow(flow, keys("2", "3", "20260001#", "2"), services={"web-request": down})
    assert "We are sorry, ticket enquiries are not available at the moment." in walk.prompts
    assert walk.nodes[-1] == "main_menu"


async def test_too_few_digits_are_refused(flow: Flow) -> None:
    walk = await walk_flow(flow, [*keys("2", "3", "123#"), {"noinput": True}])
    assert "A ticket number has eight digits." in walk.prompts


@pytest.mark.parametrize("outcome", ["busy", "noanswer", "network_busy", "unknown"])
async def test_nobody_free_offers_a_message(flow: Flow, outcome: str) -> None:
    walk = await walk_flow(
        flow, [*keys("2", "1", "1"), {"transfer": outcome}, {"record": 2.0, "end": "silence"}]
    )
    assert walk.nodes[-4:] == ["all_busy", "message", "message_kept", "goodbye"]


async def test_the_caller_hangs_up_while_talking_to_the_agent(flow: Flow) -> None:
    walk = await walk_flow(flow, [*keys("2", "1", "1"), {"hangup": True}])
    assert walk.nodes[-1] == "repair_queue"
    assert walk.reason == "hangup"


async def test_navigation_repeat_back_start_and_person(flow: Flow) -> None:
    walk = await walk_flow(flow, [*keys("2", "1", "*", "#", "1", "9", "1", "0"), TALKED])
    assert walk.nodes == [
        *TO_MENU_IN_ENGLISH, "repair_menu", "main_menu", "repair_menu",
        "hours", "main_menu", "repair_menu", "operator_queue", "survey",
    ]  # fmt: skip
    repair_prompts = [text for text in walk.prompts if text.startswith("Water")]
    assert len(repair_prompts) == 4  # once a visit, and the repetition


async def test_navigation_while_digits_are_collected(flow: Flow) -> None:
    walk = await walk_flow(flow, [*keys("2", "3", "**", "*#", "3", "*0"), TALKED])
    assert walk.nodes[5:] == [
        "main_menu",
        "ask_ticket",
        "main_menu",
        "ask_ticket",
        "operator_queue",
        "survey",
    ]
