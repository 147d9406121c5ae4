"""An author edits, checks, saves and publishes a flow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Author, NewAuthor

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]


def draft(author: Author, flow: str) -> dict[str, Any]:
    """The flow as the server has it."""
    flow_and_more: dict[str, Any] = author.request("GET", f"/api/flows/{flow}")
    return dict(flow_and_more["flow"])


def test_signing_in_needs_the_right_password(author: Author) -> None:
    author.context.clear_cookies()
    page = author.page
    page.goto(author.platform.url)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Password").fill(author.platform.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Flows")).to_be_visible()


def test_a_choice_is_added_connected_and_published(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    choices = page.get_by_role("group", name="Choices")
    choices.get_by_role("button", name="Add", exact=True).click()
    # The next free key, with a port of its own on the canvas, not connected yet.
    expect(page.get_by_label("Choices 3")).to_have_value("3")
    page.get_by_label("Key 3 leads to", exact=True).select_option("bye")
    expect(page.get_by_role("button", name="0 errors, 0 warnings")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What changed, and why").fill("A third way")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 1 answers the next call.")).to_be_visible(timeout=15_000)
    assert {"from": "menu", "port": "3", "to": "bye"} in draft(author, new_flow)["edges"]
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_text("A third way")).to_be_visible()


def test_what_cannot_run_cannot_be_published(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    page.get_by_label("One leads to", exact=True).select_option("")
    problem = page.get_by_role("button", name="1 errors")
    expect(problem).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Problems").click()
    page.get_by_role("region", name="Errors").get_by_role("button").first.click()
    # A click on the problem leads to its node.
    expect(page.get_by_role("textbox", name="Node id")).to_have_value("menu")


def test_every_step_is_undone_and_done_again(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_label("Title", exact=True).fill("Announcement")
    page.locator(".canvas .react-flow__pane").click(position={"x": 500, "y": 600})
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.locator(".card-node")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".card-node")).to_have_count(4)
    for _ in range(2):
        page.keyboard.press("Control+z")
    expect(page.locator(".card-node")).to_have_count(3)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".card-node")).to_have_count(4)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("button", name="Node added")).to_have_attribute("aria-current", "step")


def test_a_node_is_dragged_and_keeps_to_the_grid(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    box = author.node("bye").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 100, steps=6)
    page.mouse.up()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    position = next(node["position"] for node in draft(author, new_flow)["nodes"] if node["id"] == "bye")
    assert position != {"x": 640, "y": 0}
    assert (position["x"] % 16, position["y"] % 16) == (0, 0)


def test_an_edge_let_go_over_nothing_asks_what_comes_next(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    port = author.node("menu").locator(".port-out[data-handleid='noinput']").bounding_box()
    page.mouse.move(port["x"] + 5, port["y"] + 5)
    page.mouse.down()
    page.mouse.move(port["x"] + 80, port["y"] + 160, steps=8)
    page.mouse.up()
    page.get_by_role("combobox", name="What comes next?").fill("play")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert {"from": "menu", "port": "noinput", "to": "play"} in draft(author, new_flow)["edges"]


def test_nodes_are_copied_from_one_flow_to_another(author: Author, new_flow: str) -> None:
    page = author.open_flow("hotline-12319")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    before = page.locator(".react-flow__minimap-node").count()
    author.open_flow(new_flow)
    page.keyboard.press("Control+v")
    # All but the start node: a flow has one.
    expect(page.locator(".react-flow__minimap-node")).to_have_count(3 + before - 1)


def test_two_authors_do_not_overwrite_each_other(
    author: Author, new_author: NewAuthor, new_flow: str
) -> None:
    other = new_author()
    for one, title in ((author, "Mine"), (other, "Theirs")):
        one.open_flow(new_flow)
        one.node("menu").click()
        one.page.get_by_label("Title", exact=True).fill(title)
    other.page.keyboard.press("Control+s")
    expect(other.page.get_by_text("Saved", exact=True)).to_be_visible()
    author.page.keyboard.press("Control+s")
    dialog = author.page.get_by_role("dialog", name="Somebody saved this flow before you")
    dialog.get_by_role("button", name="Take theirs").click()
    expect(author.node("menu")).to_contain_text("Theirs")
    # Mine is one step back.
    author.page.locator(".canvas .react-flow__pane").click(position={"x": 500, "y": 600})
    author.page.keyboard.press("Control+z")
    expect(author.node("menu")).to_contain_text("Mine")


def test_a_lost_connection_keeps_the_work(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.context.set_offline(True)
    author.node("menu").click()
    page.get_by_label("Title", exact=True).fill("Written offline")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Offline – your work is kept")).to_be_visible()
    author.context.set_offline(False)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible(timeout=20_000)
    assert any(node["title"] == "Written offline" for node in draft(author, new_flow)["nodes"])


def test_unsaved_work_is_back_after_the_page_was_closed(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    page.get_by_label("Title", exact=True).fill("Not saved")
    page.wait_for_timeout(700)
    page.on("dialog", lambda dialog: dialog.accept())
    author.open_flow(new_flow)
    expect(author.node("menu")).to_contain_text("Not saved")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()


def test_a_flow_is_laid_out_in_the_order_of_the_call(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.keyboard.press("Shift+L")
    expect(page.get_by_text("Unsaved changes")).to_be_visible(timeout=30_000)
    left = [author.node(name).bounding_box()["x"] for name in ("start", "menu", "bye")]
    assert left == sorted(left)


def test_hostile_names_are_shown_as_text(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    hostile = "<img src=x onerror=alert(1)>"
    page.get_by_label("Title", exact=True).fill(hostile)
    expect(author.node("menu")).to_contain_text(hostile)
    expect(page.locator("img[src='x']")).to_have_count(0)


def put_first_draft(author: Author, flow: dict[str, Any]) -> None:
    """Saves over the draft as it was made."""
    answer = author.context.request.put(
        f"{author.platform.url}/api/flows/{flow['id']}",
        data=flow,
        headers={"If-Match": '"1"', "X-Requested-With": "vxmlplat"},
    )
    assert answer.ok, answer.text()


def saved(author: Author) -> None:
    """Saves, and waits until the server has it."""
    author.page.keyboard.press("Control+s")
    expect(author.page.get_by_text("Saved", exact=True)).to_be_visible()


def test_an_expression_is_completed_checked_and_mended(author: Author, new_flow: str) -> None:
    flow = draft(author, new_flow)
    flow["variables"] = [{"name": "ticket", "type": "object", "initial": {"number": "1"}}]
    branch = {"id": "known", "label": "Known", "when": "1"}
    flow["nodes"].append(
        {"id": "check", "type": "condition", "position": {"x": 0, "y": 320}, "fields": {"branches": [branch]}}
    )
    put_first_draft(author, flow)
    page = author.open_flow(new_flow)
    author.node("check").click()
    field = page.locator(".cm-content[aria-label='When']")
    field.fill("tick")
    page.keyboard.press("End")
    page.keyboard.type("et.")
    page.get_by_role("option", name="number").click()
    expect(field).to_have_text("ticket.number")
    # Tab leaves the field: nobody is caught in it.
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    field.fill("ticket.number ==")
    expect(page.get_by_text("it cannot end with '=='")).to_be_visible()
    field.fill("amount > 3")
    expect(page.get_by_text("There is no variable 'amount'.")).to_be_visible()
    page.get_by_role("button", name="Declare variable amount").click()
    expect(page.get_by_text("There is no variable 'amount'.")).to_have_count(0)
    saved(author)
    assert [(one["name"], one["type"]) for one in draft(author, new_flow)["variables"]] == [
        ("ticket", "object"),
        ("amount", "number"),
    ]


def test_an_open_port_is_mended_where_it_is_told(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    page.get_by_label("Two leads to", exact=True).select_option("")
    page.get_by_role("button", name="Lead to “Hang up”").click()
    saved(author)
    assert {"from": "menu", "port": "2", "to": "bye"} in draft(author, new_flow)["edges"]


def test_a_variable_is_renamed_wherever_it_is_used(author: Author, new_flow: str) -> None:
    flow = draft(author, new_flow)
    flow["variables"] = [{"name": "choice", "type": "string"}]
    flow["nodes"][1]["fields"]["variable"] = "choice"
    put_first_draft(author, flow)
    page = author.open_flow(new_flow)
    page.keyboard.press("Alt+2")
    name = page.get_by_label("Name", exact=True).last
    name.fill("topic")
    name.press("Enter")
    expect(page.get_by_text("topic is renamed in 1 places.")).to_be_visible()
    saved(author)
    assert draft(author, new_flow)["nodes"][1]["fields"]["variable"] == "topic"


VOICEXML = """<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<form id="hello"><block>Hello. <goto next="#code"/></block></form>
<form id="code"><block><log>over</log></block></form>
</vxml>"""


def test_voicexml_is_imported_with_a_report(author: Author) -> None:
    page = author.page
    page.goto(author.platform.url)
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog", name="Import a flow")
    text = dialog.locator(".cm-content")
    text.fill(VOICEXML.replace("</block></form>\n</vxml>", "</block>"))
    dialog.get_by_role("button", name="Look at the result").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Line 3")
    text.fill(VOICEXML)
    dialog.get_by_label("Id", exact=False).first.fill("imported-by-test")
    dialog.get_by_role("button", name="Look at the result").click()
    report = dialog.get_by_role("region", name="What became what")
    expect(report).to_contain_text("Play")
    expect(report).to_contain_text("Stays code: it uses <log>.")
    dialog.get_by_role("button", name="Create flow").click()
    expect(author.node("code")).to_be_visible()
    author.node("code").click()
    expect(page.locator(".cm-content").first).to_contain_text("<log>over</log>")
    author.request("DELETE", "/api/flows/imported-by-test")


def test_a_flow_begins_with_a_template_and_its_test(author: Author) -> None:
    page = author.page
    page.goto(author.platform.url)
    page.get_by_role("button", name="New flow").click()
    dialog = page.get_by_role("dialog", name="New flow")
    dialog.get_by_text("Menu with retries").click()
    dialog.get_by_label("Name", exact=True).fill("Begun by a test")
    dialog.get_by_role("button", name="Create flow").click()
    expect(author.node("main_menu")).to_be_visible()
    (kept,) = author.request("GET", "/api/flows/begun-by-a-test/tests")["tests"]
    assert kept["name"] == "Menu with retries"
    ran = author.request("POST", "/api/flows/begun-by-a-test/tests/run", data={})
    assert ran["passed"], ran
    author.request("DELETE", "/api/flows/begun-by-a-test")


def test_a_template_is_saved_from_a_selection_and_inserted(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Save the selection as a template").click()
    dialog = page.get_by_role("dialog", name="Save as a template")
    dialog.get_by_label("Name", exact=True).fill("Two choices")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The template Two choices is saved.")).to_be_visible()
    page.locator(".canvas .react-flow__pane").click(position={"x": 500, "y": 600})
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog", name="Insert a template")
    dialog.get_by_text("Two choices").click()
    dialog.get_by_role("button", name="Insert", exact=True).click()
    saved(author)
    after = draft(author, new_flow)
    assert {node["id"] for node in after["nodes"]} == {"start", "menu", "bye", "menu_2", "bye_2"}
    assert [note["text"] for note in after["notes"] if note.get("frame")] == ["Two choices"]
    author.request("DELETE", "/api/templates/two-choices")


def test_words_are_found_in_other_flows(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and commands").fill("Water, press 1")
    page.get_by_role("option", name="in City hotline 12319").first.click()
    page.wait_for_url("**/flows/hotline-12319?node=*")


def test_a_voicexml_document_is_imported_in_the_editor(author: Author, new_flow: str, tmp_path: Path) -> None:
    file = tmp_path / "parking.vxml"
    file.write_text(
        '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">'
        "<form id='greeting'><block>Parking is free.<exit/></block></form></vxml>"
    )
    broken = tmp_path / "broken.vxml"
    broken.write_text("<vxml version='2.1'><form>")
    page = author.open_flow(new_flow)

    def choose(path: Path) -> None:
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Search and commands").fill("import")
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Enter")
        chooser.value.set_files(path)

    choose(broken)
    expect(page.get_by_text("line 1", exact=False).first).to_be_visible()
    expect(author.node("menu")).to_be_visible()
    choose(file)
    expect(author.node("menu")).to_have_count(0)
    expect(page.locator(".canvas")).to_contain_text("Parking is free.")
    page.keyboard.press("Control+z")
    expect(author.node("menu")).to_be_visible()


def test_a_key_compares_the_draft_with_what_callers_get(author: Author) -> None:
    page = author.open_flow("hotline-12319")
    page.locator(".canvas .react-flow__pane").click(position={"x": 20, "y": 20})
    page.keyboard.press("Shift+V")
    expect(page.get_by_role("dialog", name="What differs")).to_be_visible()
