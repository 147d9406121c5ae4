"""A CCXML document as an immutable model (§6.2): parsed once, shared by all sessions that run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin


@dataclass(frozen=True, slots=True)
class Action:
    """An element of executable content, its attributes as written; ``text``: a script or inline XML."""

    element: str
    attributes: Mapping[str, str]
    line: int
    column: int
    text: str = ""
    branches: tuple[tuple[str | None, tuple[Action, ...]], ...] = ()
    """Of ``<if>``: a condition (None for ``<else>``) and what it guards, in order."""


@dataclass(frozen=True, slots=True)
class ScriptSource:
    """A ``<script src>`` (§8.2.3): what is fetched with the document. Times in seconds."""

    address: str
    timeout: float | None = None
    maxage: float | None = None
    maxstale: float | None = None
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """``<transition>`` (§9.2.2). ``events`` are patterns in lower case; ``states`` None means any state."""

    events: tuple[str, ...]
    states: frozenset[str] | None
    condition: str | None
    body: tuple[Action, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """``<ccxml>``: ``initial`` runs on loading, in document order; ``base`` is for relative addresses."""

    uri: str
    base: str
    initial: tuple[Action, ...]
    statevariable: str
    transitions: tuple[Transition, ...]
    scripts: tuple[ScriptSource, ...] = ()
    """The ``<script src>`` of the document, to be fetched before it runs."""

    def absolute(self, address: str) -> str:
        """An address as the document means it."""
        return _joined(self.base, address)


@lru_cache(maxsize=4096)
def _joined(base: str, address: str) -> str:
    return urljoin(base, address)
