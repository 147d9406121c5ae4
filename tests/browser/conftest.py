"""The running platform with its pages, and a browser that an author sits at."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

ROOT = Path(__file__).parents[2]
PAGES = Path(os.environ.get("VXMLPLAT_WEB_DESIGNER", ROOT / "designer" / "dist"))
PATIENCE_MS = 10_000


@dataclass(frozen=True)
class Platform:
    """Where the pages are and who may sign in."""

    url: str
    password: str
    user: str = "admin"
    dial: str = ""
    """An address that can be called: ``sip:NUMBER@HOST:PORT``."""


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """``vxmlplat serve --samples`` on free ports, over a store of its own.

    ``VXMLPLAT_TEST_URL`` and ``VXMLPLAT_TEST_PASSWORD`` name a platform that runs already, to work on a test.
    """
    if running := os.environ.get("VXMLPLAT_TEST_URL"):
        dial = os.environ.get("VXMLPLAT_TEST_DIAL", "")
        yield Platform(running, os.environ["VXMLPLAT_TEST_PASSWORD"], dial=dial)
        return
    assert (PAGES / "index.html").exists(), "the pages are not built: make designer"
    folder = tmp_path_factory.mktemp("platform")
    environment = os.environ | {
        "VXMLPLAT_WEB_PORT": "0",
        "VXMLPLAT_WEB_DESIGNER": str(PAGES),
        "VXMLPLAT_SIP_PORT": "0",
        "VXMLPLAT_STORE_FOLDER": str(folder / "var"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [str(Path(sys.executable).parent / "vxmlplat"), "serve", "--samples"]
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        yield _announced(process, folder / "errors")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _announced(process: subprocess.Popen[str], errors: Path) -> Platform:
    """Reads what the platform says of itself; its end without a word is a failure with its log."""
    assert process.stdout is not None
    url = password = ""
    for line in process.stdout:
        if found := re.match(r"pages\s+(\S+?)/?$", line):
            url = found[1]
        if found := re.match(r"sign in\s+admin / (\S+)", line):
            password = found[1]
        if found := re.match(r"dial\s+(\S+)", line):
            return Platform(url, password, dial=found[1])
    raise AssertionError(f"the platform did not start:\n{errors.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests; each test has a context of its own."""
    from tests.conftest import find_program

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_program("chromium"), args=arguments)
        yield browser
        browser.close()


class Author:
    """Somebody at a browser, signed in."""

    def __init__(self, context: BrowserContext, platform: Platform) -> None:
        self.context = context
        self.platform = platform
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def request(self, method: str, path: str, **options: Any) -> Any:
        """The web interface, as the signed-in user."""
        answer = self.context.request.fetch(
            self.platform.url + path, method=method, headers={"X-Requested-With": "vxmlplat"}, **options
        )
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json() if answer.body() else None

    def open_flow(self, flow: str) -> Page:
        """Opens a flow in the editor and waits until it is drawn and checked."""
        self.page.goto(f"{self.platform.url}/flows/{flow}")
        self.page.locator(".react-flow__node").first.wait_for()
        return self.page

    def node(self, name: str) -> Locator:
        """A node on the canvas."""
        return self.page.locator(f"[data-testid='node-{name}']")


NewAuthor = Callable[..., Author]


@pytest.fixture
def new_author(platform: Platform, chromium: Browser) -> Iterator[NewAuthor]:
    """A function that seats one more author, in a language and a colour scheme; no page may have failed."""
    seated: list[Author] = []

    def seat(language: str = "en-US", scheme: str = "light") -> Author:
        context = chromium.new_context(
            locale=language,
            color_scheme=scheme,
            viewport={"width": 1440, "height": 900},
            base_url=platform.url,
        )
        context.set_default_timeout(PATIENCE_MS)
        author = Author(context, platform)
        seated.append(author)
        author.request("POST", "/api/session", data={"user": platform.user, "password": platform.password})
        return author

    yield seat
    faults = [fault for author in seated for fault in author.faults]
    for author in seated:
        author.context.close()
    assert faults == []


@pytest.fixture
def author(new_author: NewAuthor) -> Author:
    """An author who reads English."""
    return new_author()


@pytest.fixture
def new_flow(author: Author, request: pytest.FixtureRequest) -> Iterator[str]:
    """The id of a flow: start, a menu with two choices, hang up."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-") + f"-{secrets.token_hex(3)}"
    words = [{"kind": "text", "text": {"en-US": "Press one or two."}}]
    author.request(
        "POST",
        "/api/flows",
        data={
            "schema": 1,
            "id": name,
            "name": {"en-US": name},
            "languages": ["en-US"],
            "nodes": [
                {"id": "start", "type": "start", "position": {"x": 0, "y": 0}},
                {
                    "id": "menu",
                    "type": "menu",
                    "title": "Main menu",
                    "position": {"x": 320, "y": 0},
                    "fields": {
                        "prompt": words,
                        "choices": [{"key": "1", "label": "One"}, {"key": "2", "label": "Two"}],
                    },
                },
                {"id": "bye", "type": "hangup", "position": {"x": 640, "y": 0}},
            ],
            "edges": [
                {"from": "start", "port": "next", "to": "menu"},
                {"from": "menu", "port": "1", "to": "bye"},
                {"from": "menu", "port": "2", "to": "bye"},
            ],
        },
    )
    yield name
    author.request("DELETE", f"/api/flows/{name}")
