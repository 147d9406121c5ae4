"""A flow as conversation tests run it: compiled once, with the flows that it calls, served from memory.

Every variable of the tested copy is noted when it changes (as one marked ``report`` is), so that a test can
look at it; in everything else the documents are those of a publish.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from vxmlplat.documents import FetchError, FetchRequest, Resource
from vxmlplat.errors import VxmlplatError
from vxmlplat.flows.catalogue import Catalogue
from vxmlplat.flows.compiler import FIRST_DOCUMENT, compile_flow
from vxmlplat.flows.errors import NotCompilableError
from vxmlplat.flows.reading import read_flow
from vxmlplat.flows.root_document import initial_value
from vxmlplat.flows.schema import AudioPiece, Flow, Node
from vxmlplat.simulator.conversation_test import JSON
from vxmlplat.simulator.mocked_services import SERVICES, MockedServices
from vxmlplat.simulator.site import text_resource
from vxmlplat.vxml.library import Library

BASE = "http://simulator.invalid"
"""Where a simulated call finds the platform: a name that cannot exist (RFC 2606)."""

PUBLISHED = "/published/"
PROMPTS = "/prompts/"

Others = Callable[[str], Mapping[str, Any] | None]
"""The graph of another flow by its id, None where there is no such flow."""


class FlowUnderTestError(VxmlplatError):
    """There is no such flow, or it cannot run; the message says why."""


class FlowUnderTest:
    """Documents, and what tests need to know of their flow.

    ``flow`` is None for documents that were compiled or written elsewhere: they are tested all the same, but
    have no coverage.
    """

    def __init__(
        self,
        name: str,
        documents: Mapping[str, str],
        *,
        flow: Flow | None = None,
        entry: str = FIRST_DOCUMENT,
        others: Others | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self.id = name
        self.flow = flow
        self.library = Library()
        self.entry = f"{BASE}{PUBLISHED}{name}/1/{entry}"
        self._others = others
        self._catalogue = catalogue
        self._resources: dict[str, Resource] = {}
        self._known = {name}
        self._add(name, documents)
        self._spoken = set() if flow is None else spoken_recordings(flow)
        self._initial = {} if flow is None else {v.name: initial_value(v) for v in flow.variables}
        self._carried = set() if flow is None else {v.name for v in flow.variables if v.data}

    @classmethod
    def compiled(
        cls, flow: Flow, *, catalogue: Catalogue | None = None, others: Others | None = None
    ) -> FlowUnderTest:
        """Compile a flow; raises ``NotCompilableError`` with its problems."""
        documents = compile_flow(_noted(flow), catalogue).documents
        return cls(flow.id, documents, flow=flow, others=others, catalogue=catalogue)

    @classmethod
    def from_path(cls, path: Path) -> FlowUnderTest:
        """A flow's file, a folder of compiled documents, or one VoiceXML document.

        Other flows are found beside the file (``flows/*.json``, ``*.json``). Raises ``FlowUnderTestError``.
        """
        try:
            if path.is_dir() or path.suffix == ".vxml":
                return cls._from_documents(path)
            reading = read_flow(path.read_bytes())
        except OSError as error:
            raise FlowUnderTestError(f"{path}: {error.strerror}") from error
        try:
            if reading.flow is None:
                raise NotCompilableError(reading.problems)
            return cls.compiled(reading.flow, others=_beside(path))
        except NotCompilableError as error:
            named = "; ".join(
                f"{p.where()}: {p.message['en-US']}" for p in error.problems if p.severity == "error"
            )
            raise FlowUnderTestError(f"{path}: the flow cannot run: {named}") from error

    @classmethod
    def _from_documents(cls, path: Path) -> FlowUnderTest:
        folder, entry = (path, FIRST_DOCUMENT) if path.is_dir() else (path.parent, path.name)
        found = [file for file in sorted(folder.iterdir()) if file.suffix in (".vxml", ".grxml", ".js")]
        if not (folder / entry).is_file():
            raise FlowUnderTestError(f"{path}: there is no {entry}")
        return cls(folder.name, {file.name: file.read_text("utf-8") for file in found}, entry=entry)

    def initial_values(self, carried: Mapping[str, JSON]) -> dict[str, JSON]:
        """The variables as the call begins that brings ``carried`` along."""
        return self._initial | {name: value for name, value in carried.items() if name in self._carried}

    @staticmethod
    def recording_name(uri: str) -> str:
        """The name of the recording at an address."""
        return unquote(urlsplit(uri).path.rpartition("/")[2]).removesuffix(".wav")

    def site(self, services: MockedServices) -> _Site:
        """The documents with a test's services around them."""
        return _Site(self, services)

    def resource(self, address: str) -> Resource | None:
        """A document by its address; those of another flow are compiled when they are first asked for."""
        found = self._resources.get(address)
        if found is not None:
            return found
        parts = urlsplit(address).path.removeprefix(PUBLISHED).split("/")
        if len(parts) != 3:
            return None
        flow, _, name = (unquote(part) for part in parts)
        if flow not in self._known:
            self._known.add(flow)
            graph = self._others(flow) if self._others is not None else None
            other = read_flow(graph).flow if graph is not None else None
            if other is not None:
                try:
                    self._add(flow, compile_flow(_noted(other), self._catalogue).documents)
                except NotCompilableError:
                    return None
                self._spoken |= spoken_recordings(other)
        return self._resources.get(f"{BASE}{PUBLISHED}{flow}/1/{name}")

    def spoken(self, name: str) -> bool:
        """Whether a text stands beside the recording: then a test hears that."""
        return name in self._spoken

    def _add(self, flow: str, documents: Mapping[str, str]) -> None:
        place = f"{BASE}{PUBLISHED}{flow}/1/"
        self._resources |= {
            place + name: text_resource(place + name, text) for name, text in documents.items()
        }


class _Site:
    """What one run fetches from."""

    def __init__(self, flow: FlowUnderTest, services: MockedServices) -> None:
        self._flow = flow
        self._services = services

    async def fetch(self, request: FetchRequest) -> Resource:
        """Answer a request; raises ``FetchError``."""
        address = urldefrag(urljoin(request.referrer, request.uri) if request.referrer else request.uri).url
        if not address.startswith(BASE + "/"):
            return await self._services.page(address)
        bare = address.partition("?")[0]
        path = urlsplit(bare).path
        if path.startswith(SERVICES):
            return await self._services.service(path.removeprefix(SERVICES), request)
        if path.startswith(PROMPTS):
            if not self._flow.spoken(self._flow.recording_name(bare)):
                return Resource(bare, "audio/x-wav", None, _SILENCE)
            raise FetchError(bare, "status", "a test hears the text beside the recording", 404)
        found = self._flow.resource(bare)
        if found is None:
            raise FetchError(bare, "status", "the test's flow has no such document", 404)
        return found


def _noted(flow: Flow) -> Flow:
    noted = [each.model_copy(update={"report": True, "masked": False}) for each in flow.variables]
    return flow.model_copy(update={"variables": noted})


def spoken_recordings(flow: Flow) -> set[str]:
    """The names of a flow's recordings beside which a text stands."""
    return {
        piece.prompt
        for node in flow.nodes
        for piece in _audio_pieces(node)
        if any(text.strip() for text in piece.text.values())
    }


def _audio_pieces(node: Node) -> Sequence[AudioPiece]:
    found: list[AudioPiece] = []
    for value in node.fields.values():
        for piece in value if isinstance(value, list) else ():
            if isinstance(piece, dict) and piece.get("kind") == "audio":
                found.append(AudioPiece.model_validate(piece))
    return found


def _beside(path: Path) -> Others:
    """Other flows in the files beside a flow's own."""
    graphs: dict[str, Mapping[str, Any]] = {}
    read: list[bool] = []

    def find(flow: str) -> Mapping[str, Any] | None:
        if not read:
            read.append(True)
            for file in sorted([*path.parent.glob("flows/*.json"), *path.parent.glob("*.json")]):
                other = read_flow(file.read_bytes()).flow if file != path else None
                if other is not None:
                    graphs.setdefault(other.id, other.as_json())
        return graphs.get(flow)

    return find


_FORM = struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)
_BODY = b"WAVEfmt " + struct.pack("<I", len(_FORM)) + _FORM + b"data" + struct.pack("<I", 0)
_SILENCE = b"RIFF" + struct.pack("<I", len(_BODY)) + _BODY
