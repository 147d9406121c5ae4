"""Simulator, reports, desk and administration; both languages, light and dark; accessible to everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Author, NewAuthor

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]

AXE = ROOT / "designer" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA: the rule, and where."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules})).violations"
        ".map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', '))",
        RULES,
    )
    return list(found)


def test_the_language_of_the_page_is_the_readers(new_author: NewAuthor) -> None:
    author = new_author("zh-CN")
    page = author.page
    page.goto(author.platform.url)
    expect(page.get_by_role("heading", name="流程")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="账号与外观").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Flows")).to_be_visible()


def test_the_command_palette_finds_what_is_said_and_what_can_be_done(author: Author) -> None:
    page = author.open_flow("hotline-12319")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and commands").fill("按井号键")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and commands").fill("keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/", "/flows/hotline-12319", "/analytics/hotline-12319", "/desk", "/admin", "/library"]
)
def test_pages_are_accessible(new_author: NewAuthor, path: str, scheme: str) -> None:
    author = new_author("zh-CN", scheme)
    author.page.goto(author.platform.url + path)
    author.page.locator("main").wait_for()
    author.page.wait_for_timeout(800)
    assert violations(author.page) == []


def test_a_number_is_given_a_flow(author: Author) -> None:
    page = author.page
    page.goto(f"{author.platform.url}/admin")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Number", exact=True).last.fill("10086")
    page.get_by_label("Flow", exact=True).last.select_option("hotline-12319")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changes take effect at once.")).to_be_visible()
    numbers = author.request("GET", "/api/numbers")
    assert {
        "flow": "hotline-12319",
        "document": None,
        "ccxml": None,
        "number": "10086",
        "test": False,
    } in numbers
