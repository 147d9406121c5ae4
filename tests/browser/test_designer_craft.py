"""What authors stumble over in daily work: small things that have to be right."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Author, NewAuthor

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]


def panel(page: Page, name: str) -> Locator:
    """Opens a panel at the side."""
    page.get_by_role("tab", name=name, exact=True).click()
    return page.get_by_role("tabpanel")


def save(author: Author) -> dict[str, Any]:
    """Saves; what the server has then."""
    author.page.keyboard.press("Control+s")
    expect(author.page.get_by_text("Saved", exact=True)).to_be_visible()
    flow = author.page.url.rsplit("/", 1)[1].split("?")[0]
    saved: dict[str, Any] = author.request("GET", f"/api/flows/{flow}")["flow"]
    return saved


def edges(flow: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(edge["from"], edge["port"], edge["to"]) for edge in flow["edges"]}


def middle_of_edge(page: Page, edge: str) -> tuple[float, float]:
    """A point of the screen half-way along an edge."""
    x, y = page.evaluate(
        """id => {
          const path = document.querySelector(`.react-flow__edge[data-id="${id}"] .react-flow__edge-path`);
          const at = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
          return [at.x, at.y];
        }""",
        edge,
    )
    return x, y


def test_the_history_says_what_each_step_was_done_to(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    page.get_by_label("Title", exact=True).fill("Front desk")
    author.node("bye").click()
    page.keyboard.press("Delete")
    steps = panel(page, "History").get_by_role("listitem")
    expect(steps).to_have_text(
        [re.compile("Opened"), re.compile("Title changed.*Front desk"), re.compile("Deleted.*Hang up")]
    )
    steps.first.get_by_role("button").click()
    expect(author.node("bye")).to_be_visible()
    expect(author.node("menu")).to_contain_text("Main menu")


def test_a_panel_that_scrolls_leaves_the_page_where_it_is(author: Author, new_flow: str) -> None:
    page = author.page
    page.set_viewport_size({"width": 1280, "height": 640})
    author.open_flow(new_flow)
    page.keyboard.press("Control+Enter")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Press one or two.", timeout=15_000)
    for _ in range(2):
        page.get_by_role("button", name="Wrong key").click()
        page.wait_for_timeout(300)
    page.locator(".step .icon-button[aria-expanded]").last.click()
    expect(page.locator(".seen-variables")).to_be_visible()
    assert page.evaluate("[scrollY, document.documentElement.scrollHeight - innerHeight]") == [0, 0]
    expect(page.get_by_role("button", name="Publish")).to_be_in_viewport()


def test_a_node_let_go_over_an_edge_goes_between(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    x, y = middle_of_edge(page, "start|next")
    page.get_by_role("button", name="Play", exact=True).drag_to(
        page.locator(".react-flow__pane"), target_position=in_pane(page, x, y + 6)
    )
    expect(author.node("play")).to_be_visible()
    assert {("start", "next", "play"), ("play", "next", "menu")} <= edges(save(author))


def in_pane(page: Page, x: float, y: float) -> Any:
    box = page.locator(".react-flow__pane").bounding_box()
    assert box is not None
    return {"x": x - box["x"], "y": y - box["y"]}


def test_a_node_that_stands_alone_is_dragged_into_an_edge(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.get_by_role("button", name="Play", exact=True).drag_to(
        page.locator(".react-flow__pane"), target_position={"x": 300, "y": 120}
    )
    expect(author.node("play")).to_be_visible()
    page.wait_for_timeout(300)
    assert not [edge for edge in edges(save(author)) if "play" in edge]
    x, y = middle_of_edge(page, "start|next")
    box = author.node("play").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(x - 40, y - 30, steps=4)
    page.mouse.move(x, y, steps=4)
    expect(page.locator(".react-flow__edge.into")).to_have_count(1)
    page.mouse.up()
    expect(page.locator(".react-flow__edge.into")).to_have_count(0)
    assert {("start", "next", "play"), ("play", "next", "menu")} <= edges(save(author))
    page.keyboard.press("Control+z")
    assert ("start", "next", "menu") in edges(save(author))


def test_a_sub_flows_inputs_and_outputs_are_offered(author: Author, new_flow: str) -> None:
    called = f"called-by-{new_flow[-6:]}"
    variables = [
        {"name": "account", "type": "string", "input": True},
        {"name": "balance", "type": "number", "output": True},
    ]
    nodes = [
        {"id": "start", "type": "start", "position": {"x": 0, "y": 0}},
        {"id": "back", "type": "return", "position": {"x": 320, "y": 0}, "fields": {"result": "next"}},
    ]
    author.request(
        "POST",
        "/api/flows",
        data={
            "schema": 1,
            "id": called,
            "name": {"en-US": "Check the account"},
            "languages": ["en-US"],
            "variables": variables,
            "nodes": nodes,
            "edges": [{"from": "start", "port": "next", "to": "back"}],
        },
    )
    page = author.open_flow(new_flow)
    page.get_by_role("button", name="Sub-flow", exact=True).click()
    expect(page.get_by_role("tabpanel")).to_contain_text("A value is needed here.")
    page.get_by_role("combobox", name="Flow", exact=True).select_option(label="Check the account")
    page.get_by_role("button", name="Add: account").click()
    page.get_by_role("button", name="Add: balance").click()
    expect(page.get_by_role("button", name="Add: account")).to_have_count(0)
    node = next(node for node in save(author)["nodes"] if node["type"] == "sub_flow")
    assert node["fields"]["inputs"] == [{"name": "account", "value": ""}]
    assert node["fields"]["outputs"] == [{"name": "balance", "variable": ""}]
    author.request("DELETE", f"/api/flows/{called}")


def test_a_session_that_runs_out_is_said_in_the_authors_language(
    new_author: NewAuthor, new_flow: str
) -> None:
    author = new_author("zh-CN")
    page = author.open_flow(new_flow)
    author.node("menu").click()
    page.get_by_label("标题", exact=True).fill("总台")
    page.wait_for_timeout(800)
    author.context.clear_cookies()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("登录已失效")).to_be_visible()
    page.get_by_label("用户名").fill(author.platform.user)
    page.get_by_label("密码").fill(author.platform.password)
    page.get_by_role("button", name="登录").click()
    # Whoever signs in again stands where they were, with what they had done.
    expect(author.node("menu")).to_contain_text("总台")
    page.goto(f"{author.platform.url}/flows/never-made")
    expect(page.get_by_role("alert")).to_contain_text("没有流程“never-made”")


def test_undo_shows_what_came_back(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("bye").click()
    page.keyboard.press("Delete")
    # Far away from where that was: nothing of the flow is in sight.
    page.mouse.move(600, 500)
    for _ in range(6):
        page.mouse.wheel(1200, 0)
    expect(author.node("menu")).not_to_be_in_viewport()
    page.keyboard.press("Control+z")
    expect(author.node("bye")).to_be_in_viewport()


def test_a_new_variable_is_named_where_it_is_chosen(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.get_by_role("button", name="Collect digits", exact=True).click()
    page.get_by_role("tabpanel").get_by_role("button", name="New variable").first.click()
    name = page.get_by_label("Name of the variable")
    expect(name).to_be_focused()
    name.fill("1 wrong")
    name.press("Enter")
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("ticket")
    name.press("Enter")
    expect(page.get_by_role("combobox", name="Keep in", exact=True)).to_have_value("ticket")
    assert [variable["name"] for variable in save(author)["variables"]] == ["ticket"]


def test_a_click_on_a_card_leads_from_the_flows_panel_to_the_cards(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    panel(page, "Flow")
    author.node("menu").click()
    expect(page.get_by_role("tab", name="Properties")).to_have_attribute("aria-selected", "true")
    # The simulator stays: a click chooses where to run to or to stop.
    panel(page, "Simulator")
    author.node("bye").click()
    expect(page.get_by_role("tab", name="Simulator")).to_have_attribute("aria-selected", "true")


def test_a_document_is_imported_with_its_application_root(author: Author) -> None:
    page = author.page
    page.goto(author.platform.url)
    page.get_by_role("button", name="Import").click()
    document = (
        '<vxml version="2.1" application="root.vxml"><form id="hello"><block>'
        '<prompt>You are number <value expr="application.place"/></prompt></block></form></vxml>'
    )
    page.locator("#import-text .cm-content, #import-text").last.click()
    page.keyboard.insert_text(document)
    root = page.get_by_label("Application root document")
    root.fill('<vxml version="2.1"><var name="place" expr="7"/></vxml>')
    name = f"rooted-{secrets.token_hex(3)}"
    page.locator(".field-pair input").first.fill(name)
    page.get_by_role("button", name="Look at the result").click()
    page.get_by_role("button", name="Create flow").click()
    page.locator(".react-flow__node").first.wait_for()
    flow = author.request("GET", f"/api/flows/{name}")["flow"]
    assert [variable["name"] for variable in flow["variables"]] == ["place"]
    author.request("DELETE", f"/api/flows/{name}")
