"""The designer with a flow of 1,000 nodes in headless Chromium: how long until it is there, frames a second.

What an empty page reaches in the same browser is measured in the same run: without a graphics card all
drawing is done by the processor, and a loaded machine lowers both. Every frame has an event to act upon; a
frame that the browser could not draw in time is one that does not come.

    make bench-designer            # the running platform is started for it
    python tests/bench/bench_designer.py --nodes 1000 --seconds 3 [--trace FILE]
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
PAGES = Path(os.environ.get("VXMLPLAT_WEB_DESIGNER", ROOT / "designer" / "dist"))
SIZE = {"width": 1440, "height": 900}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

EMPTY = """<!doctype html><title>empty</title><body style="margin:0"><div id=a style="width:200px;
height:200px;background:#3452d1;will-change:transform"></div><script>let n=0;(function f(){n+=3;
a.style.transform=`translate(${n%900}px,${n%600}px)`;requestAnimationFrame(f)})()</script>"""

MOVE = """
async ([kind, x, y, seconds]) => {
  // One event a frame, each with something to do: what a hand does, without waiting for anybody.
  const target = document.elementFromPoint(x, y);
  const common = { bubbles: true, cancelable: true, composed: true, view: window };
  const send = (name, at, more) => {
    const options = { ...common, clientX: at[0], clientY: at[1], pointerId: 1, isPrimary: true, ...more };
    if (kind === 'pan' || kind === 'zoom') {
      target.dispatchEvent(new WheelEvent('wheel', { ...options, ctrlKey: kind === 'zoom' }));
      return;
    }
    target.dispatchEvent(new PointerEvent('pointer' + name, options));
    target.dispatchEvent(new MouseEvent('mouse' + name, options));
  };
  const held = { button: 0, buttons: 1 };
  if (kind === 'drag') send('down', [x, y], held);
  const stamps = [];
  const end = performance.now() + seconds * 1000;
  for (let step = 1; ; step += 1) {
    const now = await new Promise(requestAnimationFrame);
    stamps.push(now);
    if (now > end) break;
    const wave = (n, size) => { const at = n % (2 * size); return at < size ? at : 2 * size - at; };
    const way = step % 120 < 60 ? 1 : -1;
    if (kind === 'drag') send('move', [x + wave(step * 5, 200), y + wave(step * 3, 120)], held);
    else if (kind === 'pan') send('', [x, y], { deltaX: 22 * way, deltaY: 9 * way });
    else if (kind === 'zoom') send('', [x, y], { deltaY: 3 * way });
  }
  if (kind === 'drag') send('up', [x, y], { button: 0, buttons: 0 });
  return stamps;
}
"""


def large_flow(name: str, count: int) -> dict[str, Any]:
    """Menus with two plays each, in rows, and some long ways back: what a grown hotline looks like."""
    words = [
        {"kind": "text", "text": {"en-US": "Welcome to the city hotline. Press a key.", "zh-CN": "欢迎。"}}
    ]
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "start", "position": {"x": 0, "y": 0}}]
    edges = [{"from": "start", "port": "next", "to": "n1"}]
    for index in range(1, count):
        column, row = index % 32, index // 32
        kind = "menu" if index % 3 == 1 else "hangup" if index == count - 1 else "play"
        fields: dict[str, Any] = {} if kind == "hangup" else {"prompt": words}
        if kind == "menu":
            fields["choices"] = [{"key": "1", "label": "Repairs"}, {"key": "2", "label": "Complaints"}]
        nodes.append(
            {
                "id": f"n{index}",
                "type": kind,
                "title": f"Step {index}",
                "position": {"x": 320 + column * 320, "y": row * 288},
                "fields": fields,
            }
        )
        following = f"n{min(index + 1, count - 1)}"
        if kind == "menu":
            edges.append({"from": f"n{index}", "port": "1", "to": following})
            edges.append({"from": f"n{index}", "port": "2", "to": f"n{min(index + 2, count - 1)}"})
            edges.append({"from": f"n{index}", "port": "noinput", "to": f"n{max(1, index - 96)}"})
        elif kind == "play":
            edges.append({"from": f"n{index}", "port": "next", "to": following})
    return {
        "schema": 1,
        "id": name,
        "name": {"en-US": "Large"},
        "languages": ["en-US", "zh-CN"],
        "nodes": nodes,
        "edges": edges,
    }


@contextmanager
def platform() -> Iterator[tuple[str, str]]:
    """A platform of its own: its address and the administrator's password."""
    assert (PAGES / "index.html").exists(), "the pages are not built: make designer"
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "VXMLPLAT_WEB_PORT": "0",
            "VXMLPLAT_WEB_DESIGNER": str(PAGES),
            "VXMLPLAT_SIP_PORT": "0",
            "VXMLPLAT_STORE_FOLDER": f"{folder}/var",
            "PYTHONUNBUFFERED": "1",
        }
        command = [str(Path(sys.executable).parent / "vxmlplat"), "serve", "--samples"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout is not None
        url = password = ""
        try:
            for line in process.stdout:
                if found := re.match(r"pages\s+(\S+?)/?$", line):
                    url = found[1]
                if found := re.match(r"sign in\s+admin / (\S+)", line):
                    password = found[1]
                if line.startswith("dial"):
                    break
            yield url, password
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            process.stdout.close()


@dataclass(frozen=True)
class Frames:
    """Frames of one movement."""

    seconds: float
    gaps: list[float]

    def __str__(self) -> str:
        gaps = sorted(self.gaps)
        slow = gaps[int(len(gaps) * 0.95)] if gaps else 0.0
        fps = len(gaps) / self.seconds
        return f"{fps:5.1f} frames/s   median {statistics.median(gaps):5.1f} ms   95 % {slow:6.1f} ms"


def frames_while(page: Page, kind: str, x: float, y: float, seconds: float) -> Frames:
    """Count frames while something is moved: ``pan``, ``zoom``, ``drag``, or ``rest``."""
    page.mouse.move(x, y)
    stamps: list[float] = page.evaluate(MOVE, [kind, x, y, seconds])[1:]
    gaps = [after - before for before, after in pairwise(stamps)]
    return Frames(sum(gaps) / 1000 or 1.0, gaps)


def sizes() -> dict[str, int]:
    """Bytes of the first page and of the editor, compressed as they are sent."""
    index = (PAGES / "index.html").read_text()
    first = set(re.findall(r"assets/[^\"']+", index))
    editor = {f"assets/{path.name}" for path in PAGES.glob("assets/EditorPage*")}

    def needs(names: set[str]) -> set[str]:
        found, todo = set(), list(names)
        while todo:
            name = todo.pop()
            if name in found or not (PAGES / name).exists():
                continue
            found.add(name)
            if name.endswith(".js"):
                text = (PAGES / name).read_text()
                todo += [
                    f"assets/{one}" for one in re.findall(r"(?:from|import)\s*[\"']\./([^\"']+)[\"']", text)
                ]
        return found

    def total(names: set[str]) -> int:
        return sum(len(gzip.compress((PAGES / name).read_bytes(), 9)) for name in names)

    styles = {f"assets/{path.name}" for path in PAGES.glob("assets/canvas*.css")}
    whole = needs(first) | needs(editor) | styles
    return {"first page": total(needs(first)), "first page and editor": total(whole)}


def measure(
    browser: Browser, url: str, password: str, nodes: int, seconds: float, trace: Path | None
) -> None:
    """All figures, printed as they come."""
    empty = browser.new_page(viewport=SIZE)
    empty.set_content(EMPTY)
    time.sleep(0.3)
    print(f"empty page, one moving square   {frames_while(empty, 'rest', 700, 480, seconds)}")
    empty.close()

    context = browser.new_context(viewport=SIZE, locale="en-US", base_url=url)
    headers = {"X-Requested-With": "vxmlplat"}
    context.request.post("/api/session", data={"user": "admin", "password": password}, headers=headers)
    made = context.request.post("/api/flows", data=large_flow("large", nodes), headers=headers)
    assert made.ok, made.text()
    page = context.new_page()
    page.goto(f"{url}/")
    page.get_by_role("heading", name="Flows").wait_for()
    opened = []
    for _ in range(5):
        page.goto(f"{url}/")
        page.get_by_role("heading", name="Flows").wait_for()
        started = time.perf_counter()
        page.goto(f"{url}/flows/large")
        page.locator("[data-testid='node-start']").wait_for()
        opened.append(time.perf_counter() - started)
    print(
        f"{f'opened {nodes} nodes':<31} median {statistics.median(opened):.2f} s   best {min(opened):.2f} s"
    )
    page.wait_for_timeout(1500)  # the check of the draft is done then

    if trace:
        categories = ["devtools.timeline", "cc", "viz", "disabled-by-default-v8.cpu_profiler"]
        browser.start_tracing(page=page, path=trace, categories=categories)

    def report(name: str, kind: str, x: float = 700, y: float = 480) -> None:
        page.wait_for_timeout(600)
        print(f"{name:<31} {frames_while(page, kind, x, y, seconds)}", flush=True)

    report("near: pan", "pan")
    page.reload()
    page.locator("[data-testid='node-start']").wait_for()
    page.wait_for_timeout(1500)
    box = page.locator("[data-testid='node-start']").bounding_box()
    assert box is not None
    report("near: drag a node", "drag", box["x"] + 60, box["y"] + 14)
    page.locator(".react-flow__controls-fitview").click()
    report("whole graph: pan", "pan")
    report("whole graph: drag a node", "drag")
    page.keyboard.press("Control+a")
    report("whole graph: drag all", "drag")
    page.keyboard.press("Escape")
    report("zoom in and out", "zoom")
    if trace:
        browser.stop_tracing()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--trace", type=Path)
    options = parser.parse_args()
    for name, size in sizes().items():
        print(f"{name:<31} {size / 1024:6.0f} KiB compressed")
    with platform() as (url, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=CHROMIUM)
        measure(browser, url, password, options.nodes, options.seconds, options.trace)
        browser.close()


if __name__ == "__main__":
    main()
