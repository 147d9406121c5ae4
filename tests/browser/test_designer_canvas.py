"""The canvas with a large flow: cards near the view, from far away one picture that is used alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.bench.bench_designer import large_flow
from tests.browser.conftest import Author, NewAuthor
from tests.browser.test_designer_pages import violations

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]

NODES = 400
FLOW = "large-canvas"


@pytest.fixture
def large(author: Author) -> Iterator[Page]:
    """The page of a large flow, drawn and checked."""
    author.request("POST", "/api/flows", data=large_flow(FLOW, NODES))
    page = author.open_flow(FLOW)
    expect(page.get_by_role("button", name="0 errors, 0 warnings")).to_be_visible(timeout=20_000)
    yield page
    author.request("DELETE", f"/api/flows/{FLOW}")


def positions(author: Author) -> dict[str, dict[str, float]]:
    """Where the saved draft has its nodes."""
    return {
        node["id"]: node["position"] for node in author.request("GET", f"/api/flows/{FLOW}")["flow"]["nodes"]
    }


def show_all(page: Page) -> None:
    """Zoom out until the flow is a picture."""
    page.locator(".react-flow__controls-fitview").click()
    expect(page.locator(".picture")).to_be_attached()
    page.wait_for_timeout(400)


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the flow is on the screen."""
    place: list[float] = page.evaluate(
        """() => {
          const layer = document.querySelector('.react-flow__viewport');
          const matrix = new DOMMatrix(getComputedStyle(layer).transform);
          const box = document.querySelector('.react-flow').getBoundingClientRect();
          return [matrix.a, matrix.e + box.x, matrix.f + box.y];
        }"""
    )
    zoom, left, top = place
    return left + x * zoom, top + y * zoom


def colours(page: Page) -> int:
    """How many different colours the picture holds: an empty one has one at most."""
    return int(
        page.evaluate(
            """() => {
              const canvas = document.querySelector('.picture canvas');
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              const seen = new Set();
              for (let i = 0; i < data.length; i += 28) seen.add(data.slice(i, i + 3).join());
              return seen.size;
            }"""
        )
    )


def test_only_what_is_near_is_in_the_page(large: Page, author: Author) -> None:
    cards = large.locator(".card-node")
    expect(author.node("start")).to_be_visible()
    assert 5 < cards.count() < 120
    expect(author.node("n399")).to_have_count(0)
    show_all(large)
    expect(cards).to_have_count(0)
    assert colours(large) > 10
    x, y = positions(author)["n399"]["x"], positions(author)["n399"]["y"]
    large.mouse.dblclick(*on_screen(large, x + 100, y + 30))
    # A key leads from the picture to the cards of what is selected.
    large.keyboard.press("f")
    expect(author.node("n399")).to_be_visible()
    expect(large.get_by_role("textbox", name="Node id")).to_have_value("n399")


def test_the_picture_is_selected_framed_and_dragged_like_cards(large: Page, author: Author) -> None:
    show_all(large)
    before = positions(author)
    start = on_screen(large, before["n33"]["x"] - 30, before["n33"]["y"] - 30)
    end = on_screen(large, before["n34"]["x"] + 100, before["n34"]["y"] + 50)
    large.keyboard.down("Shift")
    large.mouse.move(*start)
    large.mouse.down()
    large.mouse.move(*end, steps=4)
    expect(large.locator(".marquee")).to_be_visible()
    large.mouse.up()
    large.keyboard.up("Shift")
    expect(large.get_by_text("2 selected")).to_be_visible()
    x, y = on_screen(large, before["n33"]["x"] + 60, before["n33"]["y"] + 40)
    large.mouse.move(x, y)
    large.mouse.down()
    large.mouse.move(x + 40, y + 60, steps=5)
    large.mouse.up()
    large.keyboard.press("Control+s")
    expect(large.get_by_text("Saved", exact=True)).to_be_visible()
    after = positions(author)
    moved = {name for name, place in after.items() if place != before[name]}
    assert moved == {"n33", "n34"}
    shifts = {(after[name]["x"] - before[name]["x"], after[name]["y"] - before[name]["y"]) for name in moved}
    assert len(shifts) == 1
    assert all(value % 16 == 0 and value > 0 for value in shifts.pop())
    large.keyboard.press("Control+z")
    large.keyboard.press("Control+s")
    expect(large.get_by_text("Saved", exact=True)).to_be_visible()
    assert positions(author) == before
    # A press beside everything selects nothing.
    large.mouse.click(*on_screen(large, -150, -150))
    expect(large.get_by_text("Select a node to edit it.")).to_be_visible()


def test_what_is_selected_out_of_sight_is_dragged_along(large: Page, author: Author) -> None:
    before = positions(author)
    large.locator(".react-flow__pane").click(position={"x": 300, "y": 20})
    large.keyboard.press("Control+a")
    box = author.node("start").bounding_box()
    assert box is not None
    large.mouse.move(box["x"] + 60, box["y"] + 15)
    large.mouse.down()
    large.mouse.move(box["x"] + 120, box["y"] + 75, steps=6)
    large.mouse.up()
    large.keyboard.press("Control+s")
    expect(large.get_by_text("Saved", exact=True)).to_be_visible()
    after = positions(author)
    shifts = {(after[name]["x"] - at["x"], after[name]["y"] - at["y"]) for name, at in before.items()}
    assert len(shifts) == 1
    assert shifts != {(0, 0)}


def press_map(page: Page) -> None:
    """A press on the lower middle of the map.

    Chromium's headless browser was seen once not to acknowledge the press: a mouse's click would wait
    for that without end, a locator's has a limit. The page has to be alive then, and take a second press.
    """
    plan = page.get_by_role("img", name="Map of the flow")
    box = plan.bounding_box()
    assert box is not None
    place: Any = {"x": box["width"] / 2, "y": box["height"] - 40}
    try:
        plan.click(position=place)
    except PlaywrightTimeoutError:
        assert page.evaluate("new Promise(done => requestAnimationFrame(() => done(true)))"), "the page halts"
        plan.click(position=place)


def test_the_map_of_a_large_flow_leads_there(large: Page, author: Author) -> None:
    press_map(large)
    expect(author.node("start")).to_have_count(0)
    expect(large.locator(".card-node").first).to_be_visible()


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "dark"), ("zh-CN", "light")])
def test_the_picture_follows_language_and_light(
    large: Page, new_author: NewAuthor, language: str, scheme: str, tmp_path: Path
) -> None:
    page = new_author(language, scheme).open_flow(FLOW)
    show_all(page)
    page.keyboard.press("Control+a")
    page.wait_for_timeout(400)
    page.screenshot(path=tmp_path / f"picture-{language}-{scheme}.png")
    pixel: Any = page.evaluate(
        """() => {
          const canvas = document.querySelector('.picture canvas');
          const context = canvas.getContext('2d');
          const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
          context.fillStyle = accent;
          const wanted = [1, 3, 5].map(at => parseInt(context.fillStyle.slice(at, at + 2), 16)).join();
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          for (let i = 0; i < data.length; i += 4)
            if ([data[i], data[i + 1], data[i + 2]].join() === wanted) return true;
          return false;
        }"""
    )
    assert pixel, "what is selected has the accent of the page's own colours"


OFF_THE_CARD = """
() => [...document.querySelectorAll('.card-node')].flatMap(card => {
  const edge = card.getBoundingClientRect().right;
  return [...card.querySelectorAll('.card-title, .card-type, .port-text, .card-summary')].filter(text => {
    if (text.classList.contains('cut')) return false;
    const range = document.createRange();
    range.selectNodeContents(text);
    return range.getBoundingClientRect().right > edge - 4 || text.scrollHeight > text.clientHeight + 1;
  }).map(text => text.textContent);
})
"""

PARTS_APART = """
() => [...document.querySelectorAll('.card-node *')].filter(part => {
  const style = getComputedStyle(part);
  return style.transform !== 'none' || style.overflow !== 'visible' || part.hasAttribute('viewBox');
}).map(part => part.className.baseVal ?? part.className)
"""


def test_texts_stay_on_their_cards(author: Author, new_flow: str) -> None:
    flow = author.request("GET", f"/api/flows/{new_flow}")["flow"]
    titles = [
        "WWWWWWWWWWWWWWWWWWW",
        "人工服务与投诉建议受理中心",
        "Illnesses, little fillings (till)",
        "M" * 40,
    ]
    for index, title in enumerate(titles):
        flow["nodes"].append(
            {
                "id": f"long{index}",
                "type": "menu",
                "title": title,
                "position": {"x": 320 * index, "y": 320},
                "fields": {
                    "prompt": [{"kind": "text", "text": {"en-US": f"{title} " * (index + 1)}}],
                    "choices": [{"key": "1", "label": title}, {"key": "2", "label": title + title}],
                },
            }
        )
    author.request("POST", "/api/flows", data=flow | {"id": f"{new_flow}-long"})
    page = author.open_flow(f"{new_flow}-long")
    expect(author.node("long3")).to_be_visible()
    assert page.evaluate(OFF_THE_CARD) == []
    # What is surely too long ends in an ellipsis.
    expect(author.node("long3").locator(".card-title.cut")).to_have_text("M" * 40)
    author.request("DELETE", f"/api/flows/{new_flow}-long")


def test_nothing_on_a_plain_card_is_scaled_or_cut(large: Page) -> None:
    """Each such part would be told apart anew with every step of panning."""
    assert large.locator(".card-node").count() > 5
    assert large.evaluate(PARTS_APART) == []


def test_a_click_on_a_port_asks_what_comes_next(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("menu").locator(".port-out[data-handleid='noinput']").click()
    page.get_by_role("combobox", name="What comes next?").fill("play")
    page.keyboard.press("Enter")
    expect(author.node("play")).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    edges = author.request("GET", f"/api/flows/{new_flow}")["flow"]["edges"]
    assert {"from": "menu", "port": "noinput", "to": "play"} in edges


def fields_of(author: Author, flow: str, node: str) -> dict[str, Any]:
    """A node's fields as the server has them."""
    nodes = author.request("GET", f"/api/flows/{flow}")["flow"]["nodes"]
    return next(dict(one["fields"]) for one in nodes if one["id"] == node)


def save(page: Page) -> None:
    """Save, and wait until it is done."""
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_a_menu_is_edited_on_its_card(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    card = author.node("menu")
    card.get_by_text("Main menu").click()
    expect(card.locator(".card-form")).to_have_count(0)
    # The second click writes where it hits.
    card.get_by_text("One", exact=True).click()
    expect(card.get_by_role("textbox", name="Label of key 1")).to_be_focused()
    page.keyboard.type("Repairs")
    page.keyboard.press("Tab")
    # Tab leads on through the choices; a key that is taken is not taken over.
    card.get_by_role("textbox", name="Key of Two").fill("1")
    expect(card.get_by_role("textbox", name="Key of Two")).to_have_attribute("aria-invalid", "true")
    card.get_by_role("textbox", name="Key of Two").fill("7")
    card.get_by_role("textbox", name="Wait for input").fill("8")
    card.get_by_role("textbox", name="Tries").fill("2")
    card.get_by_role("textbox", name="Prompt", exact=True).fill("Press one or seven.")
    card.get_by_role("textbox", name="When the caller asks for help").fill("You hear the menu again.")
    card.get_by_role("textbox", name="Key for help").fill("9")
    card.get_by_role("button", name="Add a choice").click()
    expect(card.get_by_role("textbox", name="Label of key 1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card.locator(".card-form")).to_have_count(0)
    save(page)
    fields = fields_of(author, new_flow, "menu")
    assert fields["choices"][0]["label"] == "Repairs"
    assert [choice["key"] for choice in fields["choices"]] == ["1", "7", "2"]
    assert (fields["timeout"], fields["tries"], fields["help_key"]) == (8, 2, "9")
    assert fields["prompt"][0]["text"] == {"en-US": "Press one or seven."}
    assert fields["help_prompt"][0]["text"] == {"en-US": "You hear the menu again."}
    # An edge follows the choice whose key changed.
    edges = author.request("GET", f"/api/flows/{new_flow}")["flow"]["edges"]
    assert {"from": "menu", "port": "7", "to": "bye"} in edges


def test_a_card_is_edited_with_keys_alone(new_author: NewAuthor, author: Author, new_flow: str) -> None:
    chinese = new_author("zh-CN", "dark")
    page = chinese.open_flow(new_flow)
    card = chinese.node("menu")
    page.locator(".react-flow__node[data-id='menu']").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    expect(card.get_by_role("textbox", name="提示音")).to_be_focused()
    page.keyboard.type("请按键。")
    # Enter takes it and leaves; Escape leaves it as it was.
    page.keyboard.press("Enter")
    expect(card).to_contain_text("请按键。")
    expect(page.locator(".react-flow__node[data-id='menu']")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("不要")
    page.keyboard.press("Escape")
    expect(card).to_contain_text("请按键。")
    expect(page.locator(".react-flow__node[data-id='menu']")).to_be_focused()
    page.keyboard.press("F2")
    card.get_by_role("button", name="下移“One”").click()
    expect(card.get_by_role("textbox", name="按键 1 的名称")).to_be_focused()
    card.get_by_role("button", name="删除“Two”").click()
    expect(card.get_by_role("textbox", name="按键 1 的名称")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(card).to_contain_text("Press one or two.")
    expect(card.locator(".port-key")).to_have_text(["1", "2"])


def test_an_edge_is_selected_with_keys_split_and_removed(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    edge = page.get_by_role("group", name="Next of Start leads to Main menu")
    edge.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Connection")).to_be_visible()
    # A node that is added now goes between.
    page.locator(".palette").get_by_role("button", name="Play", exact=True).click()
    expect(author.node("play")).to_be_visible()
    edge = page.get_by_role("group", name="Next of Play leads to Main menu")
    edge.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    expect(edge).to_have_count(0)
    save(page)
    edges = author.request("GET", f"/api/flows/{new_flow}")["flow"]["edges"]
    assert {"from": "start", "port": "next", "to": "play"} in edges
    assert not [one for one in edges if one["to"] == "menu"]


def test_the_keys_zoom(author: Author, new_flow: str) -> None:
    page = author.open_flow(new_flow)
    author.node("bye").click()

    def zoom() -> float:
        page.wait_for_timeout(400)
        return on_screen(page, 1, 0)[0] - on_screen(page, 0, 0)[0]

    page.keyboard.press("0")
    assert zoom() == pytest.approx(1)
    page.keyboard.press("-")
    smaller = zoom()
    assert smaller < 1
    page.keyboard.press("=")
    assert zoom() > smaller
    page.keyboard.press("0")
    page.keyboard.press("1")
    assert zoom() < 1, "all of the flow is seen"


def test_the_picture_is_walked_through_with_keys(large: Page, author: Author) -> None:
    show_all(large)
    nodes = large.get_by_role("listbox", name="Nodes of the flow")
    nodes.focus()
    large.keyboard.press("ArrowDown")
    large.keyboard.press("ArrowDown")
    expect(large.get_by_role("textbox", name="Node id")).to_have_value("n1")
    option = nodes.get_by_role("option", name="Step 1, Menu")
    expect(option).to_have_attribute("aria-posinset", "2")
    expect(option).to_have_attribute("aria-setsize", str(NODES))
    large.keyboard.press("End")
    expect(large.get_by_role("textbox", name="Node id")).to_have_value("n399")
    large.keyboard.press("Enter")
    expect(author.node("n399")).to_be_visible()
    assert positions(author)["n399"] == next(
        node["position"] for node in large_flow(FLOW, NODES)["nodes"] if node["id"] == "n399"
    ), "walking moves nothing"


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "dark"), ("zh-CN", "light")])
def test_cards_forms_and_the_picture_are_accessible(
    new_author: NewAuthor, large: Page, language: str, scheme: str
) -> None:
    author = new_author(language, scheme)
    page = author.open_flow("hotline-12319")
    page.locator(".react-flow__node[data-id='language']").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    expect(page.locator(".card-form")).to_be_visible()
    assert violations(page) == []
    page = author.open_flow(FLOW)
    show_all(page)
    assert violations(page) == []
