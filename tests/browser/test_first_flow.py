"""The guide for new authors, docs/first-flow.md, walked step by step: what it says in bold is on the page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ROOT, Author, NewAuthor

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]

GUIDE = (ROOT / "docs" / "first-flow.md").read_text(encoding="utf-8")
STEPS = {
    number: (title, text)
    for number, title, text in re.findall(r"^## (\d+)\. (.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.M | re.S)
}


class Reader:
    """Somebody who does what a step of the guide says, and finds every bold word of it on the page."""

    def __init__(self, author: Author) -> None:
        self.author = author
        self.page: Page = author.page
        self.step = ""
        self.bold: list[str] = []

    def begin(self, number: str) -> None:
        """Read a step; the bold words of the one before were all found."""
        assert self.bold == [], f"step {self.step} does not use {self.bold}"
        self.step = number
        self.bold = re.findall(r"\*\*(.+?)\*\*", STEPS[number][1])

    def said(self, word: str) -> str:
        """A word that this step has in bold; each is done as often as it is written."""
        assert word in self.bold, f"step {self.step} does not say {word} (any more)"
        self.bold.remove(word)
        return word

    def press(self, word: str, within: Page | Locator | None = None) -> None:
        where = within or self.page
        where.get_by_role("button", name=re.compile(rf"^{re.escape(self.said(word))}")).first.click()

    def fill(self, word: str, text: str) -> None:
        assert f"`{text}`" in STEPS[self.step][1]
        self.page.get_by_label(self.said(word), exact=True).fill(text)

    def write(self, field: Locator, text: str) -> None:
        """Write a text of the guide into a field that is found by where it stands."""
        assert text in " ".join(STEPS[self.step][1].split())
        field.fill(text)

    def select(self, node: str) -> None:
        self.page.locator(".card-node").filter(has_text=node).first.click()


def sign_in(reader: Reader) -> None:
    page = reader.page
    page.goto(reader.author.platform.url)
    page.get_by_label(reader.said("User name")).fill("admin")
    page.get_by_label(reader.said("Password")).fill(reader.author.platform.password)
    reader.press("Sign in")
    page.get_by_role("heading", name="Flows").wait_for()
    expect(page.get_by_role("button", name=reader.said("Account and appearance"))).to_be_visible()


def make_a_flow(reader: Reader) -> None:
    page = reader.page
    reader.press("New flow")
    dialog = page.get_by_role("dialog")
    reader.fill("Name", "Clinic")
    reader.press("Create flow", dialog)
    expect(page.locator(".card-node")).to_contain_text(reader.said("Start"))


def let_the_caller_choose(reader: Reader) -> None:
    page = reader.page
    reader.press("Menu", page.locator(".palette"))
    reader.said("Start")
    reader.fill("Title", "What for")
    prompt = page.get_by_role("group", name=reader.said("Prompt"), exact=True)
    prompt.locator("button", has_text=reader.said("Text")).click()
    reader.write(prompt.get_by_role("textbox").first, "For opening hours, press one. For parking, press two.")
    choices = page.get_by_role("group", name=reader.said("Choices"))
    choices.get_by_role("button", name=reader.said("Add"), exact=True).click()
    for number, label in enumerate(("Hours", "Parking")):
        assert f"`{label}`" in STEPS[reader.step][1]
        choices.get_by_label("Label (en-US)").nth(number).fill(label)


def give_the_answers(reader: Reader) -> None:
    page = reader.page
    for title, text in (("Hours", "We are open from eight to six."), ("Parking", "Park behind the house.")):
        if title == "Parking":
            reader.select("What for")
        reader.press("Play", page.locator(".palette"))
        if title == "Hours":
            reader.fill("Title", title)
        else:
            page.get_by_label("Title", exact=True).fill(title)
        prompt = page.get_by_role("group", name="Prompt", exact=True)
        prompt.locator("button", has_text=reader.said("Text")).click()
        reader.write(prompt.get_by_role("textbox").first, text)
    reader.press("Hang up", page.locator(".palette"))


def connect_the_last_node(reader: Reader) -> None:
    page = reader.page
    expect(page.get_by_role("button", name="1 errors")).to_be_visible(timeout=15_000)
    reader.said("Next")
    reader.said("Exits")
    reader.select("We are open")
    page.get_by_label(reader.said("Next leads to"), exact=True).select_option(label="Hang up")
    reader.said("Ctrl+Z")
    expect(page.get_by_role("button", name=re.compile(reader.said("0 errors")))).to_be_visible(timeout=15_000)


def try_it(reader: Reader) -> None:
    page = reader.page
    reader.press("Simulate")
    reader.press("Call", page.locator("#side-panel"))
    expect(page.locator("#side-panel")).to_contain_text("For opening hours, press one", timeout=15_000)
    reader.said("1")
    page.get_by_role("group", name="Telephone keys").get_by_role("button", name="Key 1").click()
    expect(page.locator("#side-panel")).to_contain_text("We are open from eight to six.")


def keep_the_try(reader: Reader) -> None:
    page = reader.page
    reader.press("Save as a test")
    reader.press("Save and run", page.get_by_role("dialog"))
    page.get_by_role("dialog").wait_for(state="detached", timeout=60_000)
    page.get_by_role("tab", name="Tests").click()
    row = page.locator("#side-panel").get_by_role("listitem").filter(has_text="Simulated call")
    expect(row.get_by_text("Passed").first).to_be_visible(timeout=60_000)


def publish(reader: Reader) -> None:
    page = reader.page
    reader.press("Publish")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(reader.said("What changed, and why")).fill("The first version")
    dialog.get_by_role("button", name=reader.said("Publish"), exact=True).click()
    expect(page.get_by_text("Version 1 answers the next call.")).to_be_visible(timeout=15_000)


def give_it_a_number(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.author.platform.url}/")
    page.get_by_role("link", name=reader.said("Administration")).click()
    page.get_by_role("tab", name=reader.said("Numbers")).click()
    reader.press("Add")
    page.get_by_label(reader.said("Number"), exact=True).last.fill("700")
    page.get_by_label(reader.said("Flow"), exact=True).last.select_option(label="Clinic")
    reader.press("Save")
    expect(page.get_by_text("Changes take effect at once.")).to_be_visible()


def dial_it(reader: Reader) -> None:
    assert "sip:700@127.0.0.1" in STEPS[reader.step][1]
    port = reader.author.platform.dial.rpartition(":")[2]
    telephone = [sys.executable, str(ROOT / "tests/browser/telephone.py")]
    command = [*telephone, f"sip:700@127.0.0.1:{port}", port, "2"]
    called = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert called.returncode == 0, called.stderr


def see_where_callers_went(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.author.platform.url}/flows/clinic")
    page.locator(".card-node").first.wait_for()
    page.get_by_role("button", name=reader.said("More")).click()
    page.get_by_role("link", name=reader.said("Analytics")).click()
    (row,) = [
        node
        for node in reader.author.request("GET", "/api/analytics/nodes?flow=clinic")["nodes"]
        if node["node"].startswith("play") and node["entered"] > 0
    ]
    assert row["entered"] == 1
    expect(page.get_by_text("Calls into this flow: 1")).to_be_visible(timeout=15_000)
    page.get_by_role("tab", name=reader.said("Calls")).click()
    expect(page.get_by_role("link", name=re.compile("^Replay"))).to_have_count(1)


WALK: tuple[Callable[[Reader], None], ...] = (
    sign_in, make_a_flow, let_the_caller_choose, give_the_answers, connect_the_last_node, try_it,
    keep_the_try, publish, give_it_a_number, dial_it, see_where_callers_went,
)  # fmt: skip


def test_the_guide_is_true(new_author: NewAuthor, tmp_path: Path) -> None:
    assert len(WALK) == len(STEPS) >= 11
    author = new_author()
    author.context.clear_cookies()
    reader = Reader(author)
    for number, step in enumerate(WALK, 1):
        reader.begin(str(number))
        step(reader)
        author.page.screenshot(path=tmp_path / f"step-{number}.png")
    assert reader.bold == []
