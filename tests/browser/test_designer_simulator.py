"""An author calls the draft: as text, in real time, by voice; and takes the call apart with the debugger."""

from __future__ import annotations

import json
import math
import re
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import ROOT, Author, NewAuthor, Platform
from tests.conftest import find_program
from vxmlplat.media.g711 import MU_LAW

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]

AXE = ROOT / "designer" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
MONDAY = "2026-01-05T10:00"


def talk(page: Page) -> Locator:
    return page.get_by_role("log", name=re.compile("Conversation|对话"))


def state(page: Page) -> Locator:
    return page.locator(".debug-state")


def key(page: Page, name: str) -> None:
    keys = page.get_by_role("group", name=re.compile("Telephone keys|电话按键"))
    keys.get_by_role("button", name=re.compile(rf"(Key|按键) {re.escape(name)}$")).click()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA in the side panel: the rule, and where."""
    page.evaluate(AXE.read_text())
    return list(
        page.evaluate(
            "async rules => (await axe.run('.side', {runOnly: rules})).violations"
            ".map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', '))",
            RULES,
        )
    )


def call(author: Author, flow: str, **setup: str) -> Page:
    """Opens a flow and calls it, by the kind, at the time and with the switches that are given."""
    page = author.open_flow(flow)
    page.get_by_role("tab", name=re.compile("^(Simulator|模拟器)$")).click()
    if "pace" in setup:
        page.locator(".segments label").filter(has_text=setup["pace"]).click()
    page.locator("input[type='datetime-local']").fill(setup.get("now", MONDAY))
    if "breakpoint" in setup:
        author.node(setup["breakpoint"]).click()
        page.keyboard.press("F9")
        page.get_by_role("tab", name=re.compile("^(Simulator|模拟器)$")).click()
    page.locator(".simulator form .button.primary").click()
    return page


@pytest.fixture
def service_flow(author: Author, new_flow: str) -> str:
    """The small flow with a web request behind its first choice, and variables."""
    draft = author.request("GET", f"/api/flows/{new_flow}")
    flow: dict[str, Any] = draft["flow"]
    words = [{"kind": "text", "text": {"en-US": "Your order is "}}, {"kind": "value", "expr": "found"}]
    sorry = [{"kind": "text", "text": {"en-US": "We cannot look that up."}}]
    flow["variables"] = [{"name": "found", "type": "string", "initial": "unknown"}]
    flow["nodes"] += [
        {
            "id": "lookup",
            "type": "web_request",
            "title": "Look the order up",
            "fields": {
                "method": "GET",
                "url": "http://orders.invalid/7",
                "results": [{"variable": "found", "path": "state"}],
            },
            "position": {"x": 320, "y": 320},
        },
        {
            "id": "tell",
            "type": "play",
            "title": "Tell",
            "fields": {"prompt": words},
            "position": {"x": 640, "y": 320},
        },
        {
            "id": "sorry",
            "type": "play",
            "title": "Sorry",
            "fields": {"prompt": sorry},
            "position": {"x": 0, "y": 320},
        },
    ]
    flow["edges"] = [edge for edge in flow["edges"] if (edge["from"], edge["port"]) != ("menu", "1")] + [
        {"from": "menu", "port": "1", "to": "lookup"},
        {"from": "lookup", "port": "next", "to": "tell"},
        {"from": "lookup", "port": "not_found", "to": "sorry"},
        {"from": "lookup", "port": "error", "to": "sorry"},
        {"from": "tell", "port": "next", "to": "bye"},
        {"from": "sorry", "port": "next", "to": "menu"},
    ]
    revision = {"If-Match": '"1"', "X-Requested-With": "vxmlplat"}
    answer = author.context.request.put(
        f"{author.platform.url}/api/flows/{new_flow}", headers=revision, data=flow
    )
    assert answer.ok, answer.text()
    return new_flow


# ------------------------------------------------------------------------------------------ the simulator


def test_a_call_lights_up_its_way(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    page.keyboard.press("Control+Enter")
    expect(talk(page)).to_contain_text("Press one or two.", timeout=15_000)
    expect(author.node("menu")).to_contain_class("over-current")
    key(page, "1")
    expect(talk(page)).to_contain_text("Ended by the flow", timeout=15_000)
    expect(author.node("menu")).to_contain_class("over-passed")
    expect(page.locator(".react-flow__edge-path.over-passed")).to_have_count(2)


def test_the_simulator_takes_the_draft_not_the_saved_flow(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").click()
    page.get_by_label("Prompt, piece 1 (en-US)").fill("Something new.")
    page.keyboard.press("Control+Enter")
    expect(talk(page)).to_contain_text("Something new.", timeout=15_000)


def test_silence_wrong_keys_and_a_hang_up_are_a_click_away(author: Author, new_flow: str) -> None:
    page = call(author, new_flow)
    expect(state(page)).to_have_text("It is the caller's turn")
    page.get_by_role("button", name="Wrong key").click()
    expect(talk(page)).to_contain_text("nomatch")
    page.get_by_role("button", name="Stay silent").click()
    expect(talk(page)).to_contain_text("noinput")
    page.locator(".caller-acts .danger").click()
    expect(talk(page)).to_contain_text("Caller hung up")
    expect(state(page)).to_have_text("The call is over")
    # What is not wanted can be left out, and words be sought.
    page.get_by_role("button", name="Events", exact=True).click()
    expect(talk(page)).not_to_contain_text("nomatch")
    page.get_by_label("Filter by words").fill("no such words")
    expect(talk(page)).to_contain_text("Nothing fits the filter.")


def test_a_service_that_fails_leads_where_the_flow_says(author: Author, service_flow: str) -> None:
    page = author.open_flow(service_flow)
    page.get_by_role("tab", name="Simulator").click()
    page.locator(".fold summary").first.click()
    page.get_by_role("button", name="Add a failure").click()
    page.get_by_label("Which service").select_option("lookup")
    page.get_by_label("What happens").select_option("answer")
    page.get_by_label("Answer (JSON)").fill('{"state": "on its way"}')
    page.get_by_role("button", name="Call", exact=True).click()
    expect(talk(page)).to_contain_text("Press one or two.")
    # While the call goes on the service breaks down.
    page.get_by_label("What happens").select_option("timeout")
    key(page, "1")
    expect(talk(page)).to_contain_text("We cannot look that up.")
    page.get_by_label("What happens").select_option("answer")
    key(page, "1")
    expect(talk(page)).to_contain_text("on its way", timeout=15_000)
    expect(talk(page)).to_contain_text("Ended by the flow")
    expect(talk(page)).to_contain_text('http://orders.invalid/7 → {"state":"on its way"}')
    assert violations(page) == []


def test_what_a_service_answered_goes_into_the_test_but_no_secret(author: Author, service_flow: str) -> None:
    page = author.open_flow(service_flow)
    page.get_by_role("tab", name="Simulator").click()
    page.locator(".fold summary").first.click()
    page.get_by_role("button", name="Add a failure").click()
    page.get_by_label("Which service").select_option("lookup")
    page.get_by_label("What happens").select_option("answer")
    page.get_by_label("Answer (JSON)").fill('{"state": "on its way", "token": "q7XzK"}')
    page.get_by_role("button", name="Call", exact=True).click()
    expect(talk(page)).to_contain_text("Press one or two.")
    key(page, "1")
    expect(talk(page)).to_contain_text("Ended by the flow", timeout=15_000)
    page.get_by_role("button", name="Save as a test").click()
    dialog = page.get_by_role("dialog", name="New test")
    expect(dialog.locator(".cm-content")).to_contain_text("state: on its way")
    expect(dialog.locator(".cm-content")).not_to_contain_text("q7XzK")
    expect(dialog).to_contain_text("looked secret")
    expect(dialog.get_by_role("listitem")).to_contain_text("token")


def test_the_time_of_day_and_the_numbers_are_the_authors(author: Author) -> None:
    page = call(author, "hotline-12319", now="2026-01-04T23:00")
    expect(talk(page)).to_contain_text("For service in English")
    key(page, "2")
    expect(talk(page)).to_contain_text("out of office hours", timeout=15_000)
    page.locator(".step .icon-button[aria-expanded]").last.click()
    details = page.locator(".step-details")
    # What is heard, in which language; what is listened to, as a person reads it.
    expect(details).to_contain_text("en-US")
    expect(details.locator("kbd").filter(has_text=re.compile("^3$"))).to_be_visible()
    details.get_by_label("The platform's own too").check()
    expect(details).to_contain_text("tel:+8613800000000")
    details.get_by_label("Only those changed here").check()
    expect(details).not_to_contain_text("tel:+8613800000000")
    assert violations(page) == []


def test_in_real_time_silence_runs_out_by_itself(author: Author, new_flow: str) -> None:
    page = call(author, new_flow, pace="Real time")
    expect(talk(page)).to_contain_text("Press one or two.")
    expect(page.get_by_role("timer")).to_contain_text("Silence counts in", timeout=15_000)
    expect(talk(page)).to_contain_text("noinput", timeout=20_000)
    key(page, "2")
    expect(talk(page)).to_contain_text("Ended by the flow", timeout=15_000)


def test_a_run_becomes_a_test(author: Author, new_flow: str) -> None:
    page = call(author, new_flow)
    expect(talk(page)).to_contain_text("Press one or two.")
    key(page, "1")
    expect(talk(page)).to_contain_text("Ended by the flow")
    page.get_by_role("button", name="Save as a test").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Press one or two.")
    expect(dialog).to_contain_text(re.compile(r"[\"']?1[\"']?"))


def test_of_a_long_call_the_end_is_drawn(author: Author, new_flow: str) -> None:
    steps = 3000

    def server(socket: WebSocketRoute) -> None:
        def answer(message: str | bytes) -> None:
            if json.loads(message)["type"] != "start":
                return
            for n in range(1, steps + 1):
                source, port = ("menu", "1") if n > 1 else ("", "")
                step = {"type": "step", "n": n, "t": n, "flow": new_flow, "from": source, "port": port}
                socket.send(json.dumps(step | {"to": "menu", "reason": "goto"}))
                socket.send(json.dumps({"type": "event", "t": n, "event": "prompt", "text": f"Round {n}"}))
            socket.send(json.dumps({"type": "waiting", "for": "input"}))

        socket.on_message(answer)

    author.page.route_web_socket(re.compile("/api/simulator$"), server)
    page = call(author, new_flow)
    expect(talk(page)).to_contain_text(f"Round {steps}", timeout=30_000)
    expect(talk(page).locator(".step")).to_have_count(120)
    page.get_by_role("button", name=f"Show {steps - 120} earlier steps").click()
    expect(talk(page).locator(".step")).to_have_count(240)
    page.get_by_label("Filter by words").fill("Round 77")
    expect(talk(page).locator(".step")).to_have_count(11)
    expect(author.node("menu").get_by_role("img", name="The caller is here")).to_be_visible()


# ------------------------------------------------------------------------------------------ the debugger


def test_a_breakpoint_stops_the_call_and_a_variable_is_changed(author: Author, service_flow: str) -> None:
    page = call(author, service_flow, breakpoint="lookup")
    expect(author.node("lookup").get_by_role("img", name="Breakpoint")).to_be_visible()
    expect(talk(page)).to_contain_text("Press one or two.")
    key(page, "1")
    expect(state(page)).to_have_text("Stopped at Look the order up: breakpoint")
    page.locator(".step .icon-button[aria-expanded]").last.click()
    page.get_by_role("button", name="Change found").click()
    page.get_by_role("textbox", name="Change found").fill("'by hand'")
    page.keyboard.press("Enter")
    expect(page.locator(".seen-variables tr.changed")).to_contain_text('"by hand"')
    assert violations(page) == []
    page.get_by_role("button", name="Close the details").click()
    page.keyboard.press("F8")
    # The service does not exist: the flow goes its other way, back to the menu.
    expect(talk(page)).to_contain_text("We cannot look that up.", timeout=20_000)


def test_a_condition_that_cannot_be_judged_is_told(author: Author, service_flow: str) -> None:
    page = call(author, service_flow, breakpoint="lookup")
    expect(talk(page)).to_contain_text("Press one or two.")
    page.locator(".fold summary").nth(1).click()
    condition = page.get_by_label("Condition of the breakpoint at Look the order up")
    condition.fill("nowhere == 1")
    condition.press("Enter")
    key(page, "1")
    expect(page.locator(".breakpoint-fault")).to_contain_text("nowhere", timeout=15_000)
    expect(talk(page)).to_contain_text("We cannot look that up.", timeout=20_000)
    condition.fill("found == 'unknown'")
    condition.press("Enter")
    expect(page.locator(".breakpoint-fault")).to_have_count(0)
    key(page, "1")
    expect(state(page)).to_have_text("Stopped at Look the order up: breakpoint")


def test_step_run_to_and_back(author: Author, service_flow: str) -> None:
    page = author.open_flow(service_flow)
    page.get_by_role("tab", name="Simulator").click()
    page.get_by_role("switch", name="Stop at the first node").check()
    page.get_by_role("button", name="Call", exact=True).click()
    expect(state(page)).to_contain_text("the first node")
    page.keyboard.press("F10")
    expect(state(page)).to_have_text("Stopped at Main menu: one step")
    page.keyboard.press("F10")
    expect(state(page)).to_have_text("It is the caller's turn")
    author.node("sorry").click()
    page.get_by_role("tab", name="Simulator").click()
    page.get_by_role("button", name="Run to the selected node").click()
    key(page, "1")
    expect(state(page)).to_have_text("Stopped at Sorry: as far as you asked", timeout=20_000)
    for node in ("Look the order up", "Main menu"):
        page.keyboard.press("Shift+F10")
        expect(state(page)).to_have_text(f"Stopped at {node}: stepped back")
    expect(talk(page)).not_to_contain_text("Look the order up")
    expect(page.get_by_text("One recorded action will be repeated.")).to_be_visible()
    # The other key this time: what was done before is not repeated.
    key(page, "2")
    page.keyboard.press("F8")
    expect(talk(page)).to_contain_text("Ended by the flow")
    # Even a call that is over can be gone back in.
    page.locator(".step .icon-button[aria-expanded]").nth(1).click()
    page.get_by_role("button", name="Go back to here").click()
    expect(state(page)).to_have_text("Stopped at Main menu: stepped back")


def test_breakpoints_outlive_the_page(author: Author, new_flow: str) -> None:
    author.open_flow(new_flow)
    author.node("menu").click()
    author.page.keyboard.press("F9")
    expect(author.node("menu").get_by_role("img", name="Breakpoint")).to_be_visible()
    author.open_flow(new_flow)
    expect(author.node("menu").get_by_role("img", name="Breakpoint")).to_be_visible()
    author.node("menu").click()
    author.page.keyboard.press("F9")
    expect(author.node("menu").get_by_role("img", name="Breakpoint")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_chinese_too(new_author: NewAuthor, scheme: str) -> None:
    author = new_author("zh-CN", scheme)
    page = call(author, "hotline-12319", breakpoint="english")
    key(page, "2")
    expect(state(page)).to_contain_text("断点")
    page.locator(".step .icon-button[aria-expanded]").last.click()
    expect(page.get_by_role("button", name="退回到这里")).to_be_visible()
    assert violations(page) == []
    for word in ("simulator.", "debug.", "undefined"):
        assert word not in page.locator(".side").inner_text()


# ------------------------------------------------------------------------------------------ by voice

Speaker = Callable[..., Author]
SWITCHES = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the fake microphone hears: a tone of 440 Hz."""
    path = tmp_path_factory.mktemp("speech") / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        samples = (int(12000 * math.sin(2 * math.pi * 440 * n / 48000)) for n in range(48000))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


@pytest.fixture
def speaker(platform: Platform, chromium: Browser, speech: Path) -> Iterator[Speaker]:
    """A function that seats an author at a browser with a microphone, or without one."""
    browsers: list[Browser] = []

    def seat(*, microphone: bool = True, allowed: bool = True) -> Author:
        switches = [*SWITCHES] if allowed else SWITCHES[:2]
        if microphone:
            switches += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={speech}"]
        browser = chromium.browser_type.launch(executable_path=find_program("chromium"), args=switches)
        browsers.append(browser)
        granted = {"permissions": ["microphone"]} if allowed else {}
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", **granted)
        context.set_default_timeout(15_000)
        author = Author(context, platform)
        author.request("POST", "/api/session", data={"user": platform.user, "password": platform.password})
        return author

    yield seat
    for browser in browsers:
        browser.close()


class Heard:
    """The sound on the page's line: mean levels of the frames, by direction."""

    def __init__(self, page: Page) -> None:
        self.received: list[int] = []
        self.sent: list[int] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: Any) -> None:
        socket.on("framereceived", lambda frame: self._take(frame, self.received))
        socket.on("framesent", lambda frame: self._take(frame, self.sent))

    @staticmethod
    def _take(frame: bytes | str, levels: list[int]) -> None:
        if isinstance(frame, bytes) and len(frame) == 160:
            levels.append(int(abs(MU_LAW.decode(frame).astype(int)).mean()))


def loud(levels: list[int]) -> int:
    return sum(level > 200 for level in levels)


def test_a_spoken_call_is_heard_and_a_key_cuts_it(speaker: Speaker, author: Author, new_flow: str) -> None:
    spoken = speaker()
    heard = Heard(spoken.page)
    page = call(spoken, new_flow, pace="Voice", breakpoint="bye")
    expect(talk(page)).to_contain_text("Press one or two.", timeout=20_000)
    page.wait_for_timeout(2500)
    assert loud(heard.received) > 20
    # The microphone's tone goes out, in telephone frames.
    assert loud(heard.sent) > 50
    assert int(page.get_by_role("meter", name="Microphone level").get_attribute("aria-valuenow") or 0) > 30
    expect(page.get_by_text(re.compile(r"Delay \d+ ms"))).to_be_visible()
    assert violations(page) == []
    key(page, "1")
    expect(state(page)).to_contain_text("breakpoint", timeout=15_000)
    page.wait_for_timeout(500)
    before = len(heard.received)
    page.wait_for_timeout(1000)
    assert loud(heard.received[before:]) == 0
    page.get_by_role("button", name="Mute the microphone").click()
    page.wait_for_timeout(300)
    before = len(heard.sent)
    page.wait_for_timeout(500)
    assert len(heard.sent) > before
    assert loud(heard.sent[before:]) == 0
    page.keyboard.press("F8")
    expect(talk(page)).to_contain_text("Ended by the flow", timeout=15_000)
    # Nothing of it is among the calls.
    calls = author.request("GET", f"/api/analytics/calls?flow={new_flow}")["calls"]
    assert calls == []
    assert spoken.faults == []


def test_without_a_microphone_the_page_says_what_to_do(speaker: Speaker, new_flow: str) -> None:
    page = call(speaker(microphone=False), new_flow, pace="Voice")
    expect(page.get_by_role("alert")).to_contain_text(
        re.compile("No microphone was found|was not allowed"), timeout=20_000
    )
    expect(state(page)).to_have_text("The call is over")


def test_a_microphone_that_is_denied_is_said(speaker: Speaker, new_flow: str) -> None:
    page = call(speaker(allowed=False), new_flow, pace="Voice")
    expect(page.get_by_role("alert")).to_contain_text("not allowed to use the microphone", timeout=20_000)
