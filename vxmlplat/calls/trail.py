"""From the interpreter's steps to breadcrumbs: which flow, which version, which node.

The interpreter names dialogs as documents do. A designed document lives at ``/published/FLOW/VERSION/…`` and
its dialogs are nodes;
the parts of a node (``NODE.part``) are one node, and a move between them is no step. A hand-written document
is a flow of
its own, named by its address, version 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from vxmlplat.analytics.step import Step as Breadcrumb
from vxmlplat.clock import Clock
from vxmlplat.vxml.platform import Step

_PUBLISHED = re.compile(r"/published/(?P<flow>[^/]+)/(?P<version>[0-9]+)/")


@dataclass(frozen=True, slots=True)
class Place:
    """A flow and its version; a hand-written document is a flow of version 0, named by its address."""

    flow: str
    version: int

    @property
    def designed(self) -> bool:
        """Whether the designer drew it."""
        return self.version > 0


def place_of(document: str) -> Place:
    """The flow that a document belongs to."""
    parts = urlsplit(document)
    match = _PUBLISHED.search(parts.path)
    if match is not None:
        return Place(match["flow"], int(match["version"]))
    # Queries may carry what callers keyed in; the report names the page only.
    return Place(f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.scheme else parts.path, 0)


class Trail:
    """Follows one VoiceXML session and hands on its breadcrumbs.

    Each flow that the session is in has its own current node: a sub-flow is entered and left while its caller
    stays in
    the node that called it.
    """

    def __init__(self, call: str, session: str, clock: Clock, record: Callable[[Breadcrumb], None]) -> None:
        self._call = call
        self._session = session
        self._clock = clock
        self._record = record
        self._inside: list[tuple[Place, str]] = []

    @property
    def place(self) -> Place | None:
        """The flow that the caller is in."""
        return self._inside[-1][0] if self._inside else None

    def step(self, step: Step) -> None:
        """The caller entered a dialog, or left the session."""
        if not step.target:
            while self._inside:
                self._leave(step)
            return
        place = place_of(step.document)
        node = step.target.partition(".")[0] if place.designed else step.target
        if not self._inside or step.reason == "subdialog":
            self._enter(place, node, step)
            return
        if step.reason == "return" and len(self._inside) > 1:
            self._leave(step)
        here, current = self._inside[-1]
        if here != place:
            # The document handed the caller on to another flow (goto, submit): out of the one, into the
            # other.
            self._leave(step)
            self._enter(place, node, step)
        elif node != current or step.port is not None:
            self._inside[-1] = (place, node)
            self._put(place, current, node, step)

    def _enter(self, place: Place, node: str, step: Step) -> None:
        self._inside.append((place, node))
        self._put(place, "", node, step, port="")

    def _leave(self, step: Step) -> None:
        place, node = self._inside.pop()
        self._put(place, node, "", step)

    def _put(self, place: Place, source: str, target: str, step: Step, port: str | None = None) -> None:
        self._record(
            Breadcrumb(
                self._call,
                self._session,
                self._clock.wall(),
                place.flow,
                place.version,
                source,
                (step.port or "") if port is None else port,
                target,
                step.reason,
                step.fields,
            )
        )
