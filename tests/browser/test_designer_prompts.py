"""The prompt library: recordings come in, are heard, found where they are used, and missed."""

from __future__ import annotations

import csv
import io
import math
import secrets
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Author, NewAuthor
from tests.browser.test_designer_pages import violations

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]


def tone(seconds: float = 1.2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        count = int(16_000 * seconds)
        samples = (int(12_000 * math.sin(n * 0.2) * math.sin(math.pi * n / count)) for n in range(count))
        file.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return out.getvalue()


@pytest.fixture
def prompt(author: Author) -> Iterator[str]:
    """A name that is free; what a test stores under it goes away again."""
    name = f"greeting-{secrets.token_hex(3)}"
    yield name
    for one in author.request("GET", "/api/prompts"):
        if one["name"].startswith(name):
            author.request("DELETE", f"/api/prompts/{one['language']}/{one['name']}")


def open_library(author: Author) -> Page:
    author.page.goto(f"{author.platform.url}/library")
    author.page.get_by_role("heading", name="Prompts", exact=True).wait_for()
    return author.page


def row(page: Page, prompt: str) -> Locator:
    return page.get_by_role("row").filter(has_text=prompt)


def play_recording(author: Author, flow: str, prompt: str) -> None:
    """The flow's menu plays the recording, and has no words for it."""
    opened = author.request("GET", f"/api/flows/{flow}")
    (menu,) = [node for node in opened["flow"]["nodes"] if node["id"] == "menu"]
    menu["fields"]["prompt"] = [{"kind": "audio", "prompt": prompt}]
    answer = author.context.request.put(
        f"{author.platform.url}/api/flows/{flow}",
        data=opened["flow"],
        headers={"X-Requested-With": "vxmlplat", "If-Match": f'"{opened["revision"]}"'},
    )
    assert answer.ok, answer.text()


def add_file(page: Page, prompt: str, sound: bytes, language: str = "en-US") -> None:
    page.get_by_role("button", name="Add", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Add a recording")
    dialog.get_by_label("Choose a file").set_input_files(
        {"name": f"{prompt}.wav", "mimeType": "audio/wav", "buffer": sound}
    )
    dialog.get_by_label("Language").fill(language)
    dialog.get_by_role("button", name="Save").click()


def test_a_file_becomes_a_prompt_that_is_heard_and_deleted(author: Author, prompt: str) -> None:
    page = open_library(author)
    add_file(page, prompt, tone())
    expect(row(page, prompt)).to_contain_text("1.2 s")
    page.get_by_label("Search recordings").fill(prompt)
    expect(page.get_by_role("row")).to_have_count(2)
    # A bar of silence is 1.5 high: at least twenty of this tone are higher.
    row(page, prompt).locator("svg.waveform rect:not([height='1.5'])").nth(19).wait_for(state="attached")
    row(page, prompt).get_by_role("button", name=f"Play {prompt}").click()
    expect(row(page, prompt).get_by_role("button", name=f"Stop {prompt}")).to_be_visible()
    expect(row(page, prompt).get_by_role("button", name=f"Play {prompt}")).to_be_visible()
    row(page, prompt).get_by_role("button", name=f"Delete {prompt}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row(page, prompt)).to_have_count(0)


def test_a_file_that_is_no_audio_is_refused_with_the_servers_reason(author: Author, prompt: str) -> None:
    page = open_library(author)
    add_file(page, prompt, b"no sound at all")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("no audio that can be used")
    assert [one for one in author.request("GET", "/api/prompts") if one["name"] == prompt] == []


def test_files_are_dropped_on_the_page(author: Author, prompt: str) -> None:
    page = open_library(author)
    carried = page.evaluate_handle(
        """([name, bytes]) => {
            const carried = new DataTransfer();
            const sound = new Uint8Array(bytes);
            for (const end of ['a', 'b']) carried.items.add(new File([sound], `${name}-${end}.wav`));
            return carried;
        }""",
        [prompt, list(tone(0.2))],
    )
    page.dispatch_event(".drop-page", "drop", {"dataTransfer": carried})
    expect(row(page, f"{prompt}-a")).to_be_visible()
    expect(row(page, f"{prompt}-b")).to_be_visible()


def test_the_microphone_makes_a_prompt(author: Author, prompt: str) -> None:
    page = author.page
    # A microphone that hums: the machine of the tests has none.
    page.add_init_script(
        """navigator.mediaDevices.getUserMedia = async () => {
            const context = new AudioContext();
            const hum = context.createOscillator();
            const out = context.createMediaStreamDestination();
            hum.connect(out);
            hum.start();
            return out.stream;
        };"""
    )
    open_library(author)
    page.get_by_role("button", name="Add", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Add a recording")
    dialog.get_by_role("button", name="Microphone").click()
    dialog.get_by_role("button", name="Start recording").click()
    expect(dialog.get_by_text("Recording… 1.0 s")).to_be_visible()
    dialog.get_by_role("button", name="Stop recording").click()
    dialog.get_by_role("button", name="Play This take").wait_for()
    dialog.get_by_label("Name").fill(prompt)
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, prompt)).to_be_visible()
    (stored,) = [one for one in author.request("GET", "/api/prompts") if one["name"] == prompt]
    assert stored["duration"] > 0.5


def test_what_is_missing_is_added_and_leads_to_its_node(author: Author, new_flow: str, prompt: str) -> None:
    play_recording(author, new_flow, prompt)
    page = open_library(author)
    page.get_by_role("button", name="Missing").click()
    expect(row(page, prompt)).to_contain_text("in no language")
    row(page, prompt).get_by_role("button", name="Add").click()
    dialog = page.get_by_role("dialog", name="Add a recording")
    expect(dialog.get_by_label("Name")).to_have_value(prompt)
    expect(dialog.get_by_label("Language")).to_have_value("en-US")
    dialog.get_by_label("Choose a file").set_input_files(
        {"name": "x.wav", "mimeType": "audio/wav", "buffer": tone(0.3)}
    )
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, prompt)).to_have_count(0)
    page.get_by_role("button", name="Recordings").click()
    row(page, prompt).get_by_role("link", name="Main menu").click()
    expect(page.get_by_label("Name of the recording")).to_have_value(prompt)


def test_the_editor_puts_a_recording_in_where_it_is_missing(
    author: Author, new_flow: str, prompt: str
) -> None:
    play_recording(author, new_flow, prompt)
    page = author.open_flow(new_flow)
    author.node("menu").click()
    expect(page.get_by_text("Not recorded in en-US")).to_be_visible()
    page.get_by_role("button", name="Add a recording").click()
    dialog = page.get_by_role("dialog", name="Add a recording")
    dialog.get_by_label("Choose a file").set_input_files(
        {"name": "x.wav", "mimeType": "audio/wav", "buffer": tone(0.3)}
    )
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not recorded in en-US")).to_have_count(0)
    expect(page.get_by_role("button", name=f"Play {prompt} (en-US)")).to_be_visible()


def test_the_page_asks_the_platforms_voice(author: Author, prompt: str) -> None:
    page = author.page
    asked: list[object] = []

    def answer(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(body=tone(0.3), content_type="audio/wav")

    page.route("**/api/speech/preview", answer)
    open_library(author)
    page.get_by_role("button", name="Add", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Add a recording")
    dialog.get_by_role("button", name="Voice").click()
    dialog.get_by_label("Language").fill("en-US")
    dialog.get_by_label("Words to speak").fill("Welcome to the city hotline.")
    dialog.get_by_role("button", name="Speak").click()
    dialog.get_by_role("button", name="Play This take").wait_for()
    dialog.get_by_label("Name").fill(prompt)
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, prompt)).to_be_visible()
    assert asked == [{"text": "Welcome to the city hotline.", "language": "en-US"}]


def with_silence(sound: bytes, seconds: float) -> bytes:
    """The sound with so much silence before and after it."""
    out = io.BytesIO()
    with wave.open(io.BytesIO(sound)) as file, wave.open(out, "wb") as longer:
        longer.setparams(file.getparams())
        silence = b"\0\0" * int(16_000 * seconds)
        longer.writeframes(silence + file.readframes(file.getnframes()) + silence)
    return out.getvalue()


def stored_seconds(author: Author, prompt: str, language: str = "en-US") -> float:
    (found,) = [
        one
        for one in author.request("GET", "/api/prompts")
        if (one["name"], one["language"]) == (prompt, language)
    ]
    return float(found["duration"])


def test_silence_is_cut_and_the_recording_before_is_put_back(author: Author, prompt: str) -> None:
    page = open_library(author)
    add_file(page, prompt, with_silence(tone(1.0), 1.5))
    expect(row(page, prompt)).to_contain_text("4.0 s")
    row(page, prompt).get_by_role("button", name=f"Cut and level {prompt}").click()
    dialog = page.get_by_role("dialog", name=f"Cut and level {prompt}")
    dialog.get_by_role("button", name="Cut silence at both ends").click()
    dialog.get_by_role("button", name="Level", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("-20 dB")
    dialog.get_by_role("button", name="Hear the result").click()
    expect(dialog.get_by_role("button", name="Stop")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, prompt)).not_to_contain_text("4.0 s")
    assert stored_seconds(author, prompt) == pytest.approx(1.0, abs=0.1)
    page.get_by_role("button", name="Put the old one back").click()
    expect(row(page, prompt)).to_contain_text("4.0 s")


def test_the_ends_of_a_new_take_are_moved_by_key(author: Author, prompt: str) -> None:
    page = open_library(author)
    page.get_by_role("button", name="Add", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Add a recording")
    dialog.get_by_label("Choose a file").set_input_files(
        {"name": f"{prompt}.wav", "mimeType": "audio/wav", "buffer": tone(2.0)}
    )
    dialog.get_by_role("button", name="Cut and level").click()
    dialog.get_by_label("Begin").press("PageUp")  # a tenth of its whole length
    dialog.get_by_label("End").press("ArrowLeft")
    dialog.get_by_label("Language").fill("en-US")
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, prompt)).to_be_visible()
    assert stored_seconds(author, prompt) == pytest.approx(1.79, abs=0.02)


def test_the_studios_list_goes_out_and_comes_back_with_recordings(
    author: Author, new_flow: str, tmp_path: Path
) -> None:
    name = f"{new_flow}.menu"
    page = open_library(author)
    page.get_by_role("button", name="Studio").click()
    dialog = page.get_by_role("dialog", name="Recordings from a studio")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download the list").click()
    sheet = tmp_path / "studio.csv"
    download.value.save_as(sheet)
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = {(one["name"], one["language"]): one for one in csv.DictReader(file)}
    line = rows[name, "en-US"]
    assert (line["words"], line["recorded"]) == ("Press one or two.", "no")
    assert line["file"] == f"en-US/{name}.wav"
    (tmp_path / "back.csv").write_text(
        f"name,language,words,file\r\n{name},en-US,Press one or two.,en-US/{name}.wav\r\n"
        f"{name},zh-CN,x,zh-CN/{name}.wav\r\n",
        encoding="utf-8",
    )
    folder = tmp_path / "en-US"
    folder.mkdir()
    (folder / f"{name}.WAV").write_bytes(tone(0.7))
    (tmp_path / "back.csv").rename(folder / "back.csv")
    dialog.get_by_label("Choose a folder").set_input_files(folder)
    expect(dialog.get_by_text("1 of 2 recordings came back.")).to_be_visible()
    expect(dialog.get_by_text("this file did not come along")).to_be_visible()
    dialog.get_by_role("button", name="Bring 1 recordings in").click()
    expect(dialog.get_by_text(f"play recordings in the drafts of: {new_flow}")).to_be_visible()
    assert stored_seconds(author, name) == pytest.approx(0.7, abs=0.01)
    flow = author.request("GET", f"/api/flows/{new_flow}")["flow"]
    (menu,) = [node for node in flow["nodes"] if node["id"] == "menu"]
    assert menu["fields"]["prompt"] == [
        {"kind": "audio", "prompt": name, "text": {"en-US": "Press one or two."}}
    ]
    author.request("DELETE", f"/api/prompts/en-US/{name}")


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_library_is_accessible(
    new_author: NewAuthor, new_flow: str, prompt: str, tmp_path: Path, language: str, scheme: str
) -> None:
    author = new_author(language, scheme)
    play_recording(author, new_flow, prompt)
    author.request(
        "POST",
        "/api/prompts",
        multipart={
            "name": prompt,
            "language": "zh-CN",
            "file": {"name": "x.wav", "mimeType": "audio/wav", "buffer": tone()},
        },
    )
    page = author.page
    page.goto(f"{author.platform.url}/library")
    row(page, prompt).wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / "recordings.png")
    assert violations(page) == []
    page.locator(".tab").nth(1).click()
    page.wait_for_timeout(300)
    page.screenshot(path=tmp_path / "missing.png")
    assert violations(page) == []
    page.locator(".page-head .primary").click()
    page.get_by_role("dialog").wait_for()
    page.screenshot(path=tmp_path / "add.png")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".page-head .button:not(.primary)").click()
    page.get_by_role("dialog").wait_for()
    page.screenshot(path=tmp_path / "studio.png")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".tab").nth(0).click()
    row(page, prompt).get_by_role("button").nth(1).click()
    page.locator(".sound-shape").wait_for()
    page.screenshot(path=tmp_path / "cut.png")
    assert violations(page) == []
    author.open_flow(new_flow)
    author.node("menu").click()
    page.locator(".piece .warn-text").first.wait_for()
    page.screenshot(path=tmp_path / "editor.png")
    assert violations(page) == []
