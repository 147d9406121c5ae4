"""Conversation tests, coverage, proposals and the replay of real calls, as an author does them."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from probe import Probe

from tests.browser.conftest import ROOT, Author, NewAuthor

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]

AXE = ROOT / "designer" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
RUN_MS = 60_000
"""A run waits for a process of its own, on a machine that may be busy."""

STEPS = """steps:
  - hears: Press one or two.
  - presses: "1"
  - ends: disconnect
"""


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA: the rule, and where."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules})).violations"
        ".map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', '))",
        RULES,
    )
    return list(found)


def add_test(author: Author, flow: str, name: str, steps: str = STEPS) -> None:
    """A stored test of the flow."""
    text = f"flow: {flow}\n{steps}"
    author.request("POST", f"/api/flows/{flow}/tests", data={"text": text, "name": name})


def names(author: Author, flow: str) -> list[str]:
    """The flow's tests on the server."""
    return [test["name"] for test in author.request("GET", f"/api/flows/{flow}/tests")["tests"]]


def open_tests(author: Author, flow: str) -> Page:
    """The flow in the editor, with the panel of its tests."""
    page = author.open_flow(flow)
    page.keyboard.press("Alt+7")
    expect(page.get_by_role("tab", name="Tests")).to_have_attribute("aria-selected", "true")
    return page


def run_all(page: Page) -> None:
    """Runs all tests and waits for the last."""
    page.get_by_role("button", name="Run all tests").first.click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=RUN_MS)


def write(page: Page, text: str) -> None:
    """Puts a text in the place of the one in the code field."""
    page.locator("dialog .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def row(page: Page, name: str) -> Any:
    """A test in the list."""
    return page.locator(".test").filter(has=page.locator(".test-name", has_text=name)).first


def test_a_failure_leads_to_its_node_and_is_mended_in_the_browser(author: Author, new_flow: str) -> None:
    add_test(author, new_flow, "goes well")
    add_test(author, new_flow, "goes wrong", STEPS.replace("or two", "or three"))
    page = open_tests(author, new_flow)
    expect(page.get_by_text("2 not run")).to_be_visible()
    run_all(page)
    expect(page.get_by_text("1 failed")).to_be_visible()
    expect(page.get_by_text("1 passed")).to_be_visible()
    wrong = row(page, "goes wrong")
    expect(wrong).to_contain_text("Step 1, line 4")
    expect(wrong).to_contain_text("Press one or three.")
    expect(wrong).to_contain_text("“Press one or two.”")
    # The node where the caller stood carries the sign, and a click leads there.
    expect(author.node("menu").locator(".over-failed")).to_be_visible()
    wrong.get_by_role("button", name="Go to Main menu").click()
    expect(author.node("menu")).to_contain_class("selected")
    # Mended where it says so; only this test runs again.
    wrong.get_by_role("button", name="Edit line 4").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".cm-lintRange-error, .cm-lint-marker-error").first).to_be_visible()
    write(page, f"name: goes wrong\nflow: {new_flow}\n{STEPS}")
    dialog.get_by_role("button", name="Try out").click()
    expect(dialog.get_by_text("Passed in")).to_be_visible(timeout=RUN_MS)
    dialog.get_by_role("button", name="Save and run").click()
    expect(page.get_by_text("2 passed")).to_be_visible(timeout=RUN_MS)
    expect(author.node("menu").locator(".over-failed")).to_have_count(0)
    # Its way is drawn: over the menu, by the first choice, to the end.
    expect(page.locator(".react-flow__edge-path.over-passed")).to_have_count(2)


def test_a_test_is_written_with_its_mistakes_shown_at_their_lines(author: Author, new_flow: str) -> None:
    page = open_tests(author, new_flow)
    expect(page.get_by_text("No tests yet.")).to_be_visible()
    page.get_by_role("button", name="New test").click()
    dialog = page.get_by_role("dialog", name="New test")
    write(page, f"name: mine\nflow: {new_flow}\nsteps:\n  - pushes: '1'\n")
    expect(dialog.get_by_text("Line 4:")).to_be_visible()
    expect(dialog).to_contain_text("a step has exactly one of")
    expect(dialog.get_by_role("button", name="Save and run")).to_be_disabled()
    write(page, f"name: mine\nflow: {new_flow}\nsteps:\n")
    dialog.get_by_label("Add a step").select_option("presses")
    expect(dialog.locator(".cm-content")).to_contain_text('- presses: "1"')
    # What is not saved is not lost by a key.
    page.keyboard.press("Escape")
    expect(dialog.get_by_text("Your changes are not saved.")).to_be_visible()
    dialog.get_by_role("button", name="Keep writing").click()
    dialog.get_by_role("button", name="Save and run").click()
    expect(row(page, "mine")).to_have_attribute("data-state", "passed", timeout=RUN_MS)


def test_tests_are_renamed_copied_and_deleted(author: Author, new_flow: str) -> None:
    add_test(author, new_flow, "one")
    page = open_tests(author, new_flow)

    def choose(what: str) -> None:
        row(page, "one").get_by_role("button", name="More for").click()
        page.get_by_role("button", name=what, exact=True).click()

    choose("Duplicate")
    page.get_by_role("dialog").get_by_role("button", name="Duplicate").click()
    expect(page.locator(".test")).to_have_count(2)
    choose("Rename")
    page.get_by_label("Name", exact=True).fill("one (2)")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog").get_by_text("Another test has this name.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("one and only")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert names(author, new_flow) == ["one (2)", "one and only"]
    row(page, "one and only").get_by_role("button", name="More for").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".test")).to_have_count(1)
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.locator(".test")).to_have_count(2)
    assert names(author, new_flow) == ["one (2)", "one and only"]


def test_a_run_shows_how_far_it_is_and_can_be_cancelled(author: Author, new_flow: str) -> None:
    long = "steps:\n" + "  - waits\n  - presses: '9'\n" * 450
    for number in range(40):
        add_test(author, new_flow, f"long {number:02}", long)
    page = open_tests(author, new_flow)
    page.keyboard.press("Control+Shift+Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".test[data-state=running]")).to_have_count(1)
    expect(page.locator(".test[data-state=waiting]").last).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_text("not run", exact=False).first).to_be_visible()
    # The next run does not wait for the one that was cancelled.
    row(page, "long 39").get_by_role("button", name="Run long 39").click()
    expect(row(page, "long 39")).to_have_attribute("data-state", "passed", timeout=RUN_MS)


def test_a_simulated_call_is_saved_as_a_test(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.keyboard.press("Control+Enter")
    expect(author.node("menu").locator(".over-current")).to_be_visible(timeout=RUN_MS)
    keys = page.get_by_role("group", name="Telephone keys")
    keys.get_by_role("button", name="Key 2", exact=True).click()
    page.get_by_role("button", name="Save as a test").click()
    dialog = page.get_by_role("dialog", name="New test")
    expect(dialog.locator(".cm-content")).to_contain_text("hears: Press one or two.")
    expect(dialog.locator(".cm-content")).to_contain_text("presses: '2'")
    expect(dialog.locator(".cm-content")).to_contain_text("ends: disconnect")
    dialog.get_by_role("button", name="Save and run").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    page.keyboard.press("Alt+7")
    expect(row(page, "Simulated call")).to_have_attribute("data-state", "passed", timeout=RUN_MS)


def test_coverage_is_drawn_and_says_which_tests_pass_where(author: Author, new_flow: str) -> None:
    add_test(author, new_flow, "by the first choice")
    page = open_tests(author, new_flow)
    page.get_by_role("button", name="Coverage", exact=True).click()
    expect(page.get_by_text("Coverage shows once the tests have run.")).to_be_visible()
    run_all(page)
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("100%")
    expect(panel).to_contain_text("66.6%")
    expect(panel).to_contain_text("2 of 3")
    # What is missed has a sign and a dashed line of its own, in the legend as on the canvas.
    missed = page.locator(".react-flow__edge-path.over-missed")
    expect(missed).to_have_count(1)
    assert missed.evaluate("line => getComputedStyle(line).strokeDasharray") != "none"
    expect(panel.get_by_label("Signs on the canvas")).to_contain_text("no test passes (dashed)")
    author.node("menu").click()
    expect(panel).to_contain_text("Main menu: 1 tests")
    panel.get_by_role("button", name="Two Hang up").click()
    expect(panel).to_contain_text("No test passes here")
    author.node("menu").click()
    panel.get_by_role("button", name="by the first choice").click()
    expect(row(page, "by the first choice")).to_contain_class("chosen")
    # The marks stay when the author goes to the properties, and go with the switch.
    page.keyboard.press("Alt+1")
    expect(page.locator(".react-flow__edge-path.over-passed")).to_have_count(2)
    page.keyboard.press("Alt+7")
    page.get_by_role("button", name="Show on the canvas").click()
    expect(page.locator(".react-flow__edge-path.over-passed")).to_have_count(0)


def test_missing_paths_are_found_lit_and_taken(author: Author, new_flow: str) -> None:
    draft = author.request("GET", f"/api/flows/{new_flow}")["flow"]
    draft["nodes"].append(
        {
            "id": "full_moon",
            "type": "condition",
            "position": {"x": 640, "y": 300},
            "fields": {"branches": [{"id": "yes", "label": "Yes", "when": "Math.max(1, 2) > 5"}]},
        }
    )
    draft["edges"] += [
        {"from": "menu", "port": "noinput", "to": "full_moon"},
        {"from": "full_moon", "port": "yes", "to": "bye"},
        {"from": "full_moon", "port": "otherwise", "to": "bye"},
    ]
    revision = author.request("GET", f"/api/flows/{new_flow}")["revision"]
    answer = author.context.request.put(
        f"{author.platform.url}/api/flows/{new_flow}",
        headers={"X-Requested-With": "vxmlplat", "If-Match": f'"{revision}"'},
        data=draft,
    )
    assert answer.ok, answer.text()
    page = open_tests(author, new_flow)
    page.get_by_role("button", name="Find missing paths").first.click()
    expect(page.get_by_role("heading", name="Proposed tests")).to_be_visible(timeout=RUN_MS)
    first = page.locator(".proposal").first
    first.hover()
    expect(page.locator(".react-flow__edge-path.over-added")).not_to_have_count(0)
    page.get_by_role("button", name="Run all tests").first.hover()
    expect(page.locator(".react-flow__edge-path.over-added")).to_have_count(0)
    # What the graph does not tell is said, and left to the author.
    expect(page.get_by_role("heading", name="To be filled in by you (1)")).to_be_visible()
    expect(page.get_by_text("cannot be derived")).to_be_visible()
    expect(page.get_by_role("button", name="Read full_moon by yes to bye")).to_have_text("Fill in")
    page.get_by_role("button", name="Add all").click()
    page.locator(".views button").first.click()
    expect(page.locator(".test[data-state=passed]")).not_to_have_count(0, timeout=RUN_MS)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=RUN_MS)
    expect(page.locator(".test[data-state=failed]")).to_have_count(0)
    assert len(names(author, new_flow)) >= 2


def test_a_failing_test_keeps_a_flow_from_going_live(author: Author, new_flow: str) -> None:
    add_test(author, new_flow, "goes wrong", STEPS.replace("or two", "or three"))
    page = open_tests(author, new_flow)
    page.get_by_role("switch", name="Run before publishing").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible(timeout=RUN_MS)
    expect(dialog).to_contain_text("goes wrong")
    assert author.request("GET", f"/api/flows/{new_flow}/versions") == []
    dialog.get_by_role("button", name="See why").click()
    expect(row(page, "goes wrong")).to_contain_text("Press one or three.")
    page.get_by_role("switch", name="Run before publishing").uncheck()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("answers the next call")).to_be_visible(timeout=RUN_MS)


def test_the_palette_knows_the_tests(author: Author, new_flow: str) -> None:
    add_test(author, new_flow, "goes well")
    page = author.open_flow(new_flow)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and commands").fill("run all tests")
    page.keyboard.press("Enter")
    expect(row(page, "goes well")).to_have_attribute("data-state", "passed", timeout=RUN_MS)
    page.locator(".canvas .react-flow__pane").click(position={"x": 500, "y": 600})
    page.keyboard.press("Shift+C")
    expect(page.get_by_role("tabpanel")).to_contain_text("Connections")


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_the_panel_is_accessible(new_author: NewAuthor, language: str, scheme: str) -> None:
    author = new_author(language, scheme)
    page = author.open_flow("hotline-12319")
    page.keyboard.press("Alt+7")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator(".test[data-state=passed]")).not_to_have_count(0, timeout=RUN_MS)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=RUN_MS)
    page.locator(".test-name").first.click()
    assert violations(page) == []
    page.locator(".views button").nth(1).click()
    assert violations(page) == []
    page.locator(".views button").nth(2).click()
    page.locator(".tests .state .button").click()
    expect(page.locator(".proposal").first).to_be_visible(timeout=RUN_MS)
    assert violations(page) == []
    page.locator(".proposal .link").last.click()
    expect(page.locator("dialog .cm-content")).to_be_visible()
    assert violations(page) == []


# ------------------------------------------------------------------------------------------------- replay

VOICEMAIL = {
    "schema": 1,
    "id": "replayed",
    "name": {"en-US": "Replayed", "zh-CN": "回放"},
    "languages": ["en-US"],
    "nodes": [
        {"id": "start", "type": "start", "position": {"x": 0, "y": 0}},
        {
            "id": "menu",
            "type": "menu",
            "title": "Main menu",
            "position": {"x": 320, "y": 0},
            "fields": {
                "prompt": [{"kind": "text", "text": {"en-US": "One."}}],
                "choices": [{"key": "1", "label": "One", "value": "one"}],
                "variable": "choice",
            },
        },
        {
            "id": "pin",
            "type": "digits",
            "position": {"x": 640, "y": 0},
            "fields": {
                "prompt": [{"kind": "text", "text": {"en-US": "Two."}}],
                "variable": "pin",
                "minimum": 4,
                "maximum": 4,
            },
        },
        {
            "id": "message",
            "type": "record",
            "position": {"x": 960, "y": 0},
            "fields": {"prompt": [{"kind": "text", "text": {"en-US": "Go."}}]},
        },
        {"id": "bye", "type": "hangup", "position": {"x": 1280, "y": 0}},
    ],
    "edges": [
        {"from": "start", "port": "next", "to": "menu"},
        {"from": "menu", "port": "1", "to": "pin"},
        {"from": "pin", "port": "next", "to": "message"},
        {"from": "message", "port": "next", "to": "bye"},
    ],
    "variables": [{"name": "choice", "report": True}, {"name": "pin", "report": True, "masked": True}],
}


def ring(dial: str) -> None:
    """A caller chooses, keys a secret, leaves a message and waits for the end."""

    async def call() -> None:
        host, _, port = dial.rpartition("@")[2].partition(":")
        async with Probe(f"sip:7788@{host}:{port}", (host, int(port))) as caller:
            assert await caller.call() == 200
            await asyncio.sleep(1.5)
            await caller.press("1")
            await asyncio.sleep(1.5)
            await caller.keys("9753")
            await asyncio.sleep(2)
            caller.talk(400)
            await asyncio.sleep(3)
            caller.stop_talking()
            await caller.press("#")
            await asyncio.wait_for(asyncio.shield(caller.ended), 15)

    faults: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(call())
        except BaseException as error:  # noqa: BLE001 - told to the test, whatever it is
            faults.append(error)

    # The browser's own loop runs in this thread.
    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not faults, faults


@pytest.fixture(scope="module")
def real_call(platform: Any, chromium: Any) -> str:
    """The id of a call that somebody made to a published flow."""
    context = chromium.new_context(base_url=platform.url)
    author = Author(context, platform)
    author.request("POST", "/api/session", data={"user": platform.user, "password": platform.password})
    author.request("POST", "/api/flows", data=VOICEMAIL)
    revision = author.request("GET", "/api/flows/replayed")["revision"]
    author.request("POST", "/api/flows/replayed/publish", data={"revision": revision, "note": ""})
    numbers = author.request("GET", "/api/numbers")
    number = {"number": "7788", "flow": "replayed", "document": None, "ccxml": None}
    author.request("PUT", "/api/numbers", data=[*numbers, number])
    ring(platform.dial)
    path = "/api/analytics/calls?flow=replayed&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
    for _ in range(100):
        calls = author.request("GET", path)["calls"]
        if calls and calls[0]["ended"] and author.request("GET", f"/api/recordings?call={calls[0]['call']}"):
            break
        author.page.wait_for_timeout(100)
    context.close()
    return str(calls[0]["call"])


def test_a_real_call_is_stepped_played_and_heard(author: Author, real_call: str) -> None:
    page = author.page
    page.goto(f"{author.platform.url}/analytics/replayed")
    page.get_by_role("button", name="Calls", exact=True).or_(
        page.get_by_role("tab", name="Calls")
    ).first.click()
    page.get_by_role("link", name="Replay:").first.click()
    page.wait_for_url(f"**/calls/{real_call}*")
    # It plays from the call table, and comes to its end by itself, the recording in step with it.
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_label("The recording is playing")).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_text("This browser cannot play the recording.")).to_have_count(0)
    steps = page.locator(".path-list li")
    expect(steps.last.locator("button")).to_have_attribute("aria-current", "step")
    # By keys: to the beginning, and forward to the menu.
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Step 2 of")).to_be_visible()
    expect(author.node("menu").locator(".over-current")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(author.node("menu").locator(".over-passed")).to_be_visible()
    expect(page.get_by_role("region", name="Fields")).to_contain_text("choice")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Step 2 of")).to_be_visible()
    # By a click on the canvas, and by the time line.
    author.node("message").click()
    expect(author.node("message").locator(".over-current")).to_be_visible()
    page.get_by_label("Moment of the call").focus()
    page.keyboard.press("ArrowRight")
    expect(author.node("bye").locator(".over-current")).to_be_visible()
    page.get_by_role("button", name="Whole path").click()
    expect(page.locator(".react-flow__edge-path.over-passed")).to_have_count(4)


def test_a_real_call_becomes_a_test_with_one_click(author: Author, real_call: str) -> None:
    page = author.page
    page.goto(f"{author.platform.url}/calls/{real_call}")
    page.get_by_role("button", name="Make a test of it").click()
    expect(page.get_by_text("Some keys were not kept")).to_be_visible()
    page.get_by_role("link", name="Open the test").click()
    text = page.get_by_role("dialog").locator(".cm-content")
    expect(text).to_contain_text("presses: '1'")
    # The secret was masked: it is nowhere, and its place says so.
    expect(text).to_contain_text("presses: ??")
    expect(text).not_to_contain_text("9753")
    assert len(names(author, "replayed")) == 1
    author.request("DELETE", f"/api/flows/replayed/tests/{names(author, 'replayed')[0]}")


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "dark"), ("zh-CN", "light")])
def test_the_replay_is_accessible(new_author: NewAuthor, real_call: str, language: str, scheme: str) -> None:
    author = new_author(language, scheme)
    author.page.goto(f"{author.platform.url}/calls/{real_call}")
    author.page.locator(".path-list li").first.wait_for()
    assert violations(author.page) == []
    author.page.keyboard.press("ArrowRight")
    assert violations(author.page) == []
