"""An author changes a menu in the browser and publishes it:

the next caller gets it, the one on the line is not disturbed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from centre import sip_port
from playwright.async_api import Page, async_playwright, expect
from probe import Probe

from vxmlplat.analytics.questions import Range
from vxmlplat.server.assembly import ROOT, Assembly

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
FLOW = "hotline-12319"


@pytest.fixture
async def page(program) -> AsyncIterator[Page]:
    """A page of headless Chromium in English."""
    assert (ROOT / "designer" / "dist" / "index.html").exists(), "build the designer first: make designer"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium"), args=CHROMIUM)
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
        yield page
        await browser.close()


async def sign_in(page: Page, platform: Assembly, path: str) -> None:
    await page.goto(platform.base_uri + path)
    fields = page.locator("input")
    await fields.nth(0).fill("admin")
    await fields.nth(1).fill(platform.password or "")
    await page.keyboard.press("Enter")


async def ways_of(platform: Assembly, version: int) -> list[tuple[str, str, str]]:
    """Every step of the calls of a version: from, port, to."""
    await platform.recorder.flush()
    found = platform.services.questions.steps(FLOW, Range())
    return [(step.from_node, step.port, step.to_node) async for step in found if step.version == version]


@pytest.mark.needs("chromium")
async def test_a_published_menu_choice_is_heard_by_the_next_caller(platform: Assembly, page: Page) -> None:
    port = sip_port(platform)
    address = (f"sip:12319@127.0.0.1:{port}", ("127.0.0.1", port))
    async with Probe(*address) as before:
        assert await before.call() == 200
        await before.hears_voice()
        before.talk()

        await sign_in(page, platform, f"/flows/{FLOW}")
        await page.locator('.react-flow__node[data-id="language"]').click()
        choices = page.get_by_role("group", name="Choices")
        await choices.get_by_role("button", name="Add").click()
        await choices.get_by_role("textbox", name="Choices 3").fill("3")
        await choices.get_by_role("textbox", name="Label (en-US)").nth(2).fill("Straight to the operator")
        await choices.get_by_role("textbox", name="Label (zh-CN)").nth(2).fill("人工服务")
        prompt = page.get_by_role("group", name="Prompt")
        await prompt.get_by_role("textbox", name="Prompt, piece 1 (en-US)").fill(
            "For service in English, press 2. For the operator, press 3."
        )
        exits = page.get_by_role("combobox", name="Straight to the operator leads to")
        await exits.select_option("welcome")
        await page.get_by_role("button", name="Publish").first.click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        await dialog.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("Version 2").first).to_be_visible(timeout=15_000)

        async with Probe(*address) as after:
            assert await after.call() == 200
            await after.hears_voice()
            after.talk()
            await asyncio.sleep(0.5)
            await after.keys("3")
            await before.keys("3")  # no choice of the version that this call is on
            await after.hears_voice()
            await before.hears_voice()
            await asyncio.sleep(0.5)
    await asyncio.sleep(0.3)
    assert ("language", "3", "welcome") in await ways_of(platform, 2)
    assert [way for way in await ways_of(platform, 1) if way[1] == "3"] == []
