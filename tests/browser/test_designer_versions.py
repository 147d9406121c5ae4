"""Versions as authors use them: named, compared, tried on test numbers, rolled back; two authors at once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Author, NewAuthor, Platform

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]

AXE = ROOT / "designer" / "node_modules" / "axe-core" / "axe.min.js"


def draft(author: Author, flow: str) -> dict[str, Any]:
    """The flow as the server has it."""
    return dict(author.request("GET", f"/api/flows/{flow}"))


def change(author: Author, flow: str, words: str) -> None:
    """Save a draft whose menu says other words, as some other author."""
    opened = draft(author, flow)
    changed = opened["flow"]
    menu = next(node for node in changed["nodes"] if node["id"] == "menu")
    menu["fields"]["prompt"] = [{"kind": "text", "text": {"en-US": words}}]
    answer = author.context.request.put(
        f"{author.platform.url}/api/flows/{flow}",
        data=changed,
        headers={"X-Requested-With": "vxmlplat", "If-Match": f'"{opened["revision"]}"'},
    )
    assert answer.ok, answer.text()


def publish(author: Author, flow: str, **how: str) -> int:
    """Publish the saved draft over the web interface."""
    body = {"revision": draft(author, flow)["revision"], **how}
    return int(author.request("POST", f"/api/flows/{flow}/publish", data=body)["version"])


def accessible(page: Page) -> list[str]:
    """What axe finds wrong, with the place."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"""
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def with_class(name: str) -> Any:
    """A pattern that finds a class among others."""
    return re.compile(rf"(^|\s){name}(\s|$)")


@pytest.fixture(name="number_on_test")
def number_on_test(author: Author, new_flow: str) -> Iterator[str]:
    """A test number and another one, both answered by the new flow."""
    number = f"9{secrets.randbelow(10**8):08}"
    before = author.request("GET", "/api/numbers")
    more = [
        {"number": number, "flow": new_flow, "test": True},
        {"number": number[1:], "flow": new_flow, "test": False},
    ]
    author.request("PUT", "/api/numbers", data=[*before, *more])
    yield number
    author.request("PUT", "/api/numbers", data=before)


def test_a_version_is_tried_promoted_rolled_back_and_brought_back(
    author: Author, new_flow: str, number_on_test: str
) -> None:
    publish(author, new_flow, name="First")
    change(author, new_flow, "Press one for roads.")
    page = author.open_flow(new_flow)
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Test numbers only").check()
    expect(dialog.get_by_text(f"Only {number_on_test}")).to_be_visible()
    dialog.get_by_label("Name of the version").fill("Roads first")
    dialog.get_by_label("What changed, and why").fill("Most callers ask for roads")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 2 answers the test numbers")).to_be_visible(timeout=15_000)
    opened = draft(author, new_flow)
    assert (opened["published"], opened["testing"]) == (1, 2)

    page.get_by_role("tab", name="Versions").click()
    second = page.get_by_test_id("version-2")
    expect(second).to_contain_text("Version 2 · Roads first")
    expect(second).to_contain_text("Most callers ask for roads")
    expect(second).to_contain_text("admin")
    expect(second).to_contain_text(f"Test numbers: {number_on_test}")
    second.get_by_role("button", name="Promote to all").click()
    expect(second.get_by_text("Current", exact=True)).to_be_visible()
    opened = draft(author, new_flow)
    assert (opened["published"], opened["testing"]) == (2, None)

    page.get_by_test_id("version-1").get_by_role("button", name="Make current").click()
    expect(page.get_by_text("Version 1 answers the next call.")).to_be_visible()
    assert draft(author, new_flow)["published"] == 1
    page.locator(".toast").filter(has_text="Version 1 answers").get_by_role("button", name="Undo").click()
    # The same words stood there when it was promoted: the list says when it is current again.
    expect(second.get_by_text("Current", exact=True)).to_be_visible()
    assert draft(author, new_flow)["published"] == 2


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_two_versions_are_compared_on_the_canvas_with_the_keyboard(
    new_author: NewAuthor, author: Author, new_flow: str, language: str, scheme: str, tmp_path: Any
) -> None:
    publish(author, new_flow, name="First")
    opened = draft(author, new_flow)
    flow = opened["flow"]
    menu = next(node for node in flow["nodes"] if node["id"] == "menu")
    menu["fields"]["prompt"] = [{"kind": "text", "text": {"en-US": "Press one for roads."}}]
    flow["nodes"].append(
        {
            "id": "roads",
            "type": "play",
            "title": "Roads",
            "position": {"x": 320, "y": 320},
            "fields": {"prompt": [{"kind": "text", "text": {"en-US": "Roads."}}]},
        }
    )
    flow["edges"] = [edge for edge in flow["edges"] if edge["port"] != "1"]
    flow["edges"] += [
        {"from": "menu", "port": "1", "to": "roads"},
        {"from": "roads", "port": "next", "to": "bye"},
    ]
    answer = author.context.request.put(
        f"{author.platform.url}/api/flows/{new_flow}",
        data=flow,
        headers={"X-Requested-With": "vxmlplat", "If-Match": f'"{opened["revision"]}"'},
    )
    assert answer.ok, answer.text()
    publish(author, new_flow, name="Second")

    reader = new_author(language, scheme)
    page = reader.open_flow(new_flow)
    page.keyboard.press("Alt+5")
    page.locator(".versions-head button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").first.select_option("1")
    dialog.get_by_role("combobox").last.select_option("2")
    expect(dialog.locator(".difference-list > li")).to_have_count(5)
    expect(dialog.get_by_test_id("node-roads")).to_have_class(with_class("over-added"))
    expect(dialog.get_by_test_id("node-menu")).to_have_class(with_class("over-changed"))
    # One edge of the port went, another came: both are drawn.
    expect(dialog.locator(".react-flow__edge-path.over-removed")).to_have_count(1)
    expect(dialog.locator(".react-flow__edge-path.over-added")).to_have_count(2)
    dialog.locator(".difference-side button").last.focus()
    page.keyboard.press("n")
    expect(dialog.locator(".difference-details del")).to_contain_text("Press one or two.")
    expect(dialog.locator(".difference-details ins")).to_contain_text("Press one for roads.")
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / f"difference-{language}-{scheme}.png")
    assert accessible(page) == []
    for _ in range(5):
        page.keyboard.press("n")
    expect(dialog.locator("[aria-current]")).to_have_count(1)
    expect(dialog.locator(".difference-list > li").first.locator("[aria-current]")).to_be_visible()
    page.keyboard.press("p")
    expect(dialog.locator(".difference-list > li").last.locator("[aria-current]")).to_be_visible()


def test_two_authors_see_each_other_and_who_saved(
    new_author: NewAuthor, author: Author, new_flow: str
) -> None:
    first = author.open_flow(new_flow)
    other = new_author("zh-CN", "dark")
    second = other.open_flow(new_flow)
    expect(first.get_by_role("list", name="Others who have this flow open")).to_be_visible()
    other.node("menu").click()
    expect(author.node("menu").get_by_role("img", name="Somebody else is here: admin")).to_be_visible()
    second.get_by_label("标题", exact=True).fill("New title")
    expect(first.get_by_role("button", name="admin is changing this flow")).to_be_visible()
    second.keyboard.press("Control+s")
    message = first.locator(".toast").filter(has_text="admin saved this flow.")
    expect(message).to_be_visible()
    # Nothing is done behind the author's back; a click takes it over, and undo takes it back.
    expect(author.node("menu")).to_contain_text("Main menu")
    message.get_by_role("button", name="Show it").click()
    expect(author.node("menu")).to_contain_text("New title")
    expect(first.get_by_text("Saved", exact=True)).to_be_visible()
    second.close()
    expect(first.get_by_role("list", name="Others who have this flow open")).to_have_count(0)


def test_nobody_overwrites_anybody(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    page.get_by_label("Title", exact=True).fill("Mine")
    change(author, new_flow, "Theirs.")
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("admin saved while you were working on it.")
    dialog.get_by_role("button", name="Show on the canvas").click()
    expect(dialog.get_by_test_id("node-menu")).to_have_class(with_class("over-changed"))
    dialog.get_by_role("button", name="Back to the decision").click()
    dialog.get_by_role("button", name="Keep mine as a copy").click()
    copied = page.locator(".toast").filter(has_text="Your work is kept as the flow")
    expect(copied).to_be_visible()
    copies = [
        one["id"] for one in author.request("GET", "/api/flows") if one["id"].startswith(f"{new_flow}_copy")
    ]
    try:
        assert [
            node["title"] for node in draft(author, copies[0])["flow"]["nodes"] if node["id"] == "menu"
        ] == ["Mine"]
        prompt = next(node for node in draft(author, new_flow)["flow"]["nodes"] if node["id"] == "menu")[
            "fields"
        ]["prompt"]
        assert prompt[0]["text"] == {"en-US": "Theirs."}
        expect(author.node("menu")).to_contain_text("Main menu")
    finally:
        for copy in copies:
            author.request("DELETE", f"/api/flows/{copy}")


def test_a_lost_connection_keeps_the_work_and_says_so(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    author.context.set_offline(True)
    page.get_by_label("Title", exact=True).fill("Written offline")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Offline – your work is kept")).to_be_visible()
    author.context.set_offline(False)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible(timeout=20_000)
    titles = [node["title"] for node in draft(author, new_flow)["flow"]["nodes"] if node["id"] == "menu"]
    assert titles == ["Written offline"]


def test_of_two_publishes_at_once_one_wins_and_the_other_is_told(
    new_author: NewAuthor, author: Author, new_flow: str
) -> None:
    other = new_author()
    pages = [author.open_flow(new_flow), other.open_flow(new_flow)]
    for page in pages:
        page.get_by_role("button", name="Publish", exact=True).click()
    for page in pages:
        button = page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True)
        expect(button).to_be_enabled()
    buttons = [page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True) for page in pages]
    buttons[0].click(no_wait_after=True)
    buttons[1].click(no_wait_after=True)
    told = [
        page.get_by_text("Version 1 answers the next call.").or_(
            page.get_by_text("Somebody has just published this draft, as version 1.")
        )
        for page in pages
    ]
    for one in told:
        expect(one.first).to_be_visible(timeout=15_000)
    failures = sum(page.get_by_role("dialog").get_by_role("alert").count() for page in pages)
    assert failures == 1
    assert len(author.request("GET", f"/api/flows/{new_flow}/versions")) == 1


def test_the_operator_marks_a_test_number(author: Author, new_flow: str, number_on_test: str) -> None:
    page = author.page
    page.goto(f"{author.platform.url}/admin")
    mark = page.get_by_role("checkbox", name=f"Test number {number_on_test}", exact=True)
    expect(mark).to_be_checked()
    mark.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changes take effect at once.")).to_be_visible()
    assert {one["test"] for one in author.request("GET", f"/api/flows/{new_flow}/numbers")} == {False}


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "dark"), ("zh-CN", "light")])
def test_versions_and_publishing_are_accessible(
    new_author: NewAuthor, author: Author, platform: Platform, new_flow: str, number_on_test: str,
    language: str, scheme: str, tmp_path: Any,
) -> None:  # fmt: skip
    publish(author, new_flow, name="First", note="why")
    change(author, new_flow, "Two.")
    publish(author, new_flow, name="Second", audience="test")
    page = new_author(language, scheme).open_flow(new_flow)
    page.keyboard.press("Alt+5")
    expect(page.get_by_test_id("version-2")).to_be_visible()
    page.screenshot(path=tmp_path / f"versions-{language}-{scheme}.png")
    assert accessible(page) == []
    page.keyboard.press("Control+Shift+P")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("radio").last.check()
    page.screenshot(path=tmp_path / f"publish-{language}-{scheme}.png")
    assert accessible(page) == []
