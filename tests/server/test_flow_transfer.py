"""``vxmlplat flow import`` and ``export``: files into a running platform and out of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from vxmlplat.cli import main
from vxmlplat.flows import read_flow
from vxmlplat.server.services import Services

Flow = Callable[..., Awaitable[int]]

ROOT = '<vxml version="2.1"><var name="who" expr="\'Li\'"/></vxml>'
MAIN = """<vxml version="2.1" application="root.vxml">
<form id="hello"><block><prompt>Hello <value expr="application.who"/></prompt></block></form>
<form id="odd"><var name="x"/><block/></form></vxml>"""


@pytest.fixture
def flow(server: TestServer[Any], monkeypatch: pytest.MonkeyPatch) -> Flow:
    """``vxmlplat flow`` as an author of the platform."""
    monkeypatch.setenv("VXMLPLAT_TOKEN", "token of author")

    async def run(*words: object, at: str = "") -> int:
        address = at or str(server.make_url("/"))
        return await asyncio.to_thread(main, ["flow", *map(str, words), "--server", address])

    return run


async def test_flows_go_in_and_come_out_the_same(
    flow: Flow, flow_file: Any, services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = flow_file()
    file = tmp_path / "f.json"
    file.write_text(json.dumps(graph))
    assert await flow("import", file, "--publish") == 0
    nodes = len(graph["nodes"])
    assert capsys.readouterr().out == f"{file}: flow f, {nodes} nodes, created, published as version 1\n"
    (version,) = await services.store.flows.versions("f")
    assert (version.note, version.published_by) == ("from f.json", "author")

    assert await flow("export", "f") == 0
    given = json.loads(capsys.readouterr().out)
    assert read_flow(given).flow == read_flow(graph).flow
    assert await flow("export", "f", "--version", 1, "-o", tmp_path / "out") == 0
    assert json.loads((tmp_path / "out" / "f.json").read_text())["id"] == "f"
    assert await flow("export", "f", "--format", "voicexml", "-o", tmp_path / "out") == 0
    assert {path.name for path in (tmp_path / "out" / "f").iterdir()} >= {"flow.vxml", "root.vxml"}
    capsys.readouterr()

    # Nobody's work is overwritten unasked, and what is wrong is said for each file.
    bad = tmp_path / "bad.json"
    bad.write_text('{"schema": 99}')
    assert await flow("import", file, bad) == 1
    told = capsys.readouterr().err
    assert "there is a flow 'f' already; --replace" in told
    assert "bad.json: this is no flow" in told
    assert await flow("import", file, "--replace") == 0
    assert "replaced" in capsys.readouterr().out
    assert (await services.store.flows.get("f")).revision == 2


async def test_a_document_with_its_root_beside_becomes_a_flow(
    flow: Flow, services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "root.vxml").write_text(ROOT)
    file = tmp_path / "Main Menu.vxml"
    file.write_text(MAIN)
    assert await flow("import", file) == 0
    out = capsys.readouterr().out
    assert f"{file}:3: the dialog odd stays code: it uses <var>" in out
    assert "flow main-menu, 4 nodes, created" in out
    stored = (await services.store.flows.get("main-menu")).draft
    assert [one["name"] for one in stored["variables"]] == ["who"]

    assert await flow("import", file, "--id", "other", "-o", tmp_path / "flows") == 0
    written = read_flow((tmp_path / "flows" / "other.json").read_bytes()).flow
    assert written is not None
    assert written.id == "other"

    (tmp_path / "root.vxml").unlink()
    assert await flow("import", file, "--id", "third") == 1
    assert "its application root is not known" in capsys.readouterr().err
    assert await flow("import", file, "--id", "third", "--base", "https://ivr.example/main.vxml") == 0
    assert "the document stays a page: its application root is not known" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("export", "nobody"), 1, "nobody"),
        (("export", "a", "b"), 1, "give --output"),
        (("export", "a", "--format", "voicexml"), 1, "give --output"),
        (("import", "/nowhere/x.json"), 2, "No such file"),
        (("import", "a.json", "b.json", "--id", "x"), 1, "--id names the flow of one file"),
    ],
)
async def test_what_cannot_be_done_is_said(
    flow: Flow, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int, said: str
) -> None:
    assert await flow(*words) == status
    assert said in capsys.readouterr().err


async def test_a_platform_out_of_reach_and_a_wrong_password(
    flow: Flow, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await flow("export", "f", at="http://127.0.0.1:1") == 2
    assert "http://127.0.0.1:1" in capsys.readouterr().err
    monkeypatch.setenv("VXMLPLAT_TOKEN", "wrong")
    assert await flow("export", "f") == 1
    assert capsys.readouterr().err.startswith("vxmlplat flow export: ")
