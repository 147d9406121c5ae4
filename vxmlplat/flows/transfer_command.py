"""``vxmlplat flow import`` and ``vxmlplat flow export``: flows as files, into a platform and out of it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from vxmlplat.documents.errors import MarkupError
from vxmlplat.documents.markup import parse_xml
from vxmlplat.errors import VxmlplatError
from vxmlplat.flows.importing import import_voicexml
from vxmlplat.flows.reading import read_flow

DOCUMENTS = (".vxml", ".xml")


class TransferError(VxmlplatError):
    """A file or a platform does not do what is asked; the message names it and says why.

    ``status``: the platform's HTTP status, 0 where it was not asked.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Platform:
    """The flows of a running platform."""

    def __init__(self, server: str, user: str) -> None:
        token, password = os.environ.get("VXMLPLAT_TOKEN"), os.environ.get("VXMLPLAT_PASSWORD", "")
        credentials = f"Bearer {token}" if token else aiohttp.encode_basic_auth(user, password)
        self._flows = server.rstrip("/") + "/api/flows"
        self._session = aiohttp.ClientSession(headers={"Authorization": credentials})

    async def __aenter__(self) -> Platform:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The answer to a request; raises :class:`TransferError` with the platform's own words."""
        async with self._session.request(method, self._flows + path, json=body, headers=headers) as answer:
            found: dict[str, Any] = await answer.json() if answer.content_type == "application/json" else {}
            if answer.status >= 400:
                told = found.get("error", {})
                raise TransferError(told.get("message") or f"{answer.status} {answer.reason}", answer.status)
            return found

    async def revision(self, flow: str) -> int | None:
        """The revision of a flow's draft; None where there is no such flow."""
        try:
            return int((await self.ask("GET", f"/{quote(flow)}"))["revision"])
        except TransferError as error:
            if error.status == 404:
                return None
            raise

    async def store(self, graph: Mapping[str, Any], *, replace: bool, publish: bool, note: str) -> str:
        """Store a flow; what became of it, in words."""
        flow = str(graph.get("id", ""))
        before = await self.revision(flow)
        if before is None:
            stored = await self.ask("POST", "", graph)
        elif replace:
            stored = await self.ask("PUT", f"/{quote(flow)}", graph, **{"If-Match": f'"{before}"'})
        else:
            raise TransferError(f"there is a flow {flow!r} already; --replace saves over its draft")
        told = "created" if before is None else "replaced"
        if publish:
            asked = {"revision": stored["revision"], "note": note, "audience": "all"}
            version = (await self.ask("POST", f"/{quote(flow)}/publish", asked))["version"]
            told += f", published as version {version}"
        return told


def main(argv: Sequence[str]) -> int:
    """Exit status 0 when all was done, 1 when something was refused, 2 when a file or the platform is out of
    reach."""
    options = _parser().parse_args(list(argv))
    work = _import if options.action == "import" else _export
    try:
        return asyncio.run(work(options))
    except TransferError as error:
        print(f"vxmlplat flow {options.action}: {error}", file=sys.stderr)
        return 1
    except aiohttp.ClientError as error:
        print(f"vxmlplat flow {options.action}: {options.server}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"vxmlplat flow {options.action}: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vxmlplat flow")
    actions = parser.add_subparsers(dest="action", required=True)
    bringing = actions.add_parser("import", help="flows (JSON) and VoiceXML documents into a platform")
    bringing.add_argument("files", nargs="+", metavar="FILE", help="a flow (.json) or a document (.vxml)")
    bringing.add_argument("--id", help="of the flow that one document becomes; else after its file")
    bringing.add_argument(
        "--base", default="", metavar="URL", help="where a document lies, for its addresses"
    )
    bringing.add_argument("--root", metavar="FILE", help="a document's application root; else beside it")
    bringing.add_argument(
        "--replace", action="store_true", help="save over the draft of a flow that is there"
    )
    bringing.add_argument("--publish", action="store_true", help="publish what was stored, for all callers")
    bringing.add_argument("-o", "--output", metavar="DIR", help="write flows there, and ask no platform")
    giving = actions.add_parser("export", help="flows of a platform as files")
    giving.add_argument("flows", nargs="+", metavar="ID")
    giving.add_argument("--version", type=int, metavar="N", help="a published version; else the draft")
    giving.add_argument("--format", choices=("json", "voicexml"), default="json")
    giving.add_argument("-o", "--output", metavar="DIR", help="else one flow goes to the standard output")
    for action in (bringing, giving):
        action.add_argument("--server", default="http://127.0.0.1:8080", help="the platform's web address")
        action.add_argument("--user", default="admin", help="an author; the password is in VXMLPLAT_PASSWORD")
    return parser


# ---------------------------------------------------------------------------------------------------- import


Convert = Callable[[Path, str, str | None], Awaitable[Mapping[str, Any]]]
"""A document's file, its text and its root's text as ``{"flow": …, "report": […]}``."""


async def _import(options: argparse.Namespace) -> int:
    files = [Path(name) for name in options.files]
    if options.id and len(files) > 1:
        raise TransferError("--id names the flow of one file")

    async def here(file: Path, text: str, root: str | None) -> Mapping[str, Any]:
        try:
            made = import_voicexml(text, _id(options, file), base=options.base, application=root)
        except VxmlplatError as error:
            raise TransferError(f"{file}: {error}") from error
        return {"flow": made.flow, "report": [each.as_json() for each in made.report]}

    if options.output:
        folder = Path(options.output)
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            graph = await _graph(options, file, here)
            place = folder / f"{graph['id']}.json"
            place.write_text(json.dumps(graph, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            print(f"{file}: flow {graph['id']}, {len(graph['nodes'])} nodes, written to {place}")
        return 0

    async with Platform(options.server, options.user) as platform:

        async def there(file: Path, text: str, root: str | None) -> Mapping[str, Any]:
            asked = {"id": _id(options, file), "document": text, "base": options.base, "application": root}
            return await platform.ask("POST", "/import", asked)

        failed = 0
        for file in files:
            try:
                graph = await _graph(options, file, there)
                how = {"replace": options.replace, "publish": options.publish, "note": f"from {file.name}"}
                told = await platform.store(graph, **how)
            except TransferError as error:
                failed += 1
                print(f"{file}: {error}".replace(f"{file}: {file}: ", f"{file}: "), file=sys.stderr)
                continue
            print(f"{file}: flow {graph['id']}, {len(graph['nodes'])} nodes, {told}")
    return 1 if failed else 0


async def _graph(options: argparse.Namespace, file: Path, convert: Convert) -> Mapping[str, Any]:
    """A file as a flow's JSON."""
    content = file.read_bytes()
    if file.suffix in DOCUMENTS:
        text = _text(file, content)
        made = await convert(file, text, _root(options, file, text))
        for each in made["report"]:
            if each["reason"] is not None:
                what = f"the dialog {each['dialog']}" if each["dialog"] else "the document"
                stays = "a page" if each["types"] == ["vxml_page"] else "code"
                print(f"{file}:{each['line']}: {what} stays {stays}: {each['reason']['en-US']}")
        graph: Mapping[str, Any] = made["flow"]
        return graph
    reading = read_flow(content)
    if reading.flow is None:
        first = next(iter(reading.problems))
        raise TransferError(f"{file}: this is no flow: {first.where()}: {first.message['en-US']}")
    return reading.flow.as_json() | ({"id": options.id} if options.id else {})


def _id(options: argparse.Namespace, file: Path) -> str:
    name = re.sub(r"[^a-z0-9-]+", "-", file.stem.lower()).strip("-")
    return options.id or name or "flow"


def _text(file: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TransferError(f"{file}: the document is not UTF-8") from error


def _root(options: argparse.Namespace, file: Path, text: str) -> str | None:
    """The text of the application root: the file that was named, else the one that lies beside."""
    if options.root:
        root = Path(options.root)
        return _text(root, root.read_bytes())
    try:
        application = parse_xml(text).get("application") or ""
    except MarkupError:
        return None  # which is told when the document is read
    beside = file.parent / urlsplit(application).path
    if not application or urlsplit(application).scheme or not beside.is_file():
        return None
    return _text(beside, beside.read_bytes())


# ---------------------------------------------------------------------------------------------------- export


async def _export(options: argparse.Namespace) -> int:
    if not options.output and (len(options.flows) > 1 or options.format == "voicexml"):
        raise TransferError("several files need a folder: give --output")
    async with Platform(options.server, options.user) as platform:
        for flow in options.flows:
            place = f"/{quote(flow)}" + (f"/versions/{options.version}" if options.version else "")
            graph = (await platform.ask("GET", place))["flow"]
            if options.format == "json":
                text = json.dumps(graph, ensure_ascii=False, indent=1) + "\n"
                files = {f"{flow}.json": text}
            else:
                made = await platform.ask("POST", f"/{quote(flow)}/compiled", graph)
                files = {f"{flow}/{name}": text for name, text in made["documents"].items()}
            if not options.output:
                sys.stdout.write(files[f"{flow}.json"])
                continue
            for name, text in files.items():
                target = Path(options.output) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
                print(target)
    return 0
