"""Which of the documents that ship with the platform run without an ECMAScript engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vxmlplat.ccxml.model import Action, Document
from vxmlplat.ccxml.reader import read_document
from vxmlplat.clock import VirtualClock
from vxmlplat.documents import Fetcher, FetchRequest
from vxmlplat.ecma.plain import plain_expression, plain_script

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "vxmlplat" / "calls" / "documents"
SAMPLES = ROOT / "samples"
LISTS = ("namelist", "parameters")


def actions(body: tuple[Action, ...]) -> Iterator[Action]:
    for action in body:
        yield action
        for _, branch in action.branches:
            yield from actions(branch)


def sources(document: Document) -> Iterator[str]:
    """All expressions of a document."""
    yield document.statevariable
    bodies = [document.initial, *(transition.body for transition in document.transitions)]
    yield from (
        transition.condition for transition in document.transitions if transition.condition is not None
    )
    for action in (action for body in bodies for action in actions(body)):
        yield from (condition for condition, _ in action.branches if condition is not None)
        for name, value in action.attributes.items():
            if action.element != "script":
                yield from value.split() if name in LISTS else [value]


async def beyond(path: Path) -> list[str]:
    """The sources of a document, and of the scripts beside it, that need an engine."""
    fetcher = Fetcher.for_commands(VirtualClock())
    document = read_document(await fetcher.fetch(FetchRequest(path.as_uri())))
    await fetcher.close()
    found = [source for source in sources(document) if plain_expression(source) is None]
    scripts = [action.text for action in document.initial if action.element == "script"]
    texts = [
        (path.parent / Path(text).name).read_text() if text.endswith(".js") else text for text in scripts
    ]
    for text in texts:
        script = plain_script(text)
        found += [text] if script is None else [name for name, body in script.functions if body is None]
    return found


@pytest.mark.parametrize(
    "path",
    [
        *(SHIPPED / name for name in ("inbound.ccxml", "outbound.ccxml")),
        *(SAMPLES / "ccxml-notification" / name for name in ("campaign.ccxml", "notify.ccxml")),
        *(SAMPLES / "ccxml-broadcast").glob("*.ccxml"),
        *(SAMPLES / "ccxml-find-me").glob("*.ccxml"),
    ],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
async def test_plain(path: Path) -> None:
    assert await beyond(path) == []


async def test_what_is_not() -> None:
    found = {path.parent.name: await beyond(path) for path in SAMPLES.glob("ccxml-*/*.ccxml")}
    assert {name for name, left in found.items() if left} == {
        "ccxml-conference",
        "ccxml-screening",
        "ccxml-whisper",
    }
    assert [source.partition("(")[0] for source in found["ccxml-conference"]] == ["present.filter"]
