"""What a call tells of itself: that it began, each step, and that it ended.

These are plain values, made on the call's path and written elsewhere; see ``analytics.recorder``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

OUTSIDE = ""
"""The node before the first and after the last of a flow."""

GAP = "gap"
"""Reason of a step that the recorder adds where a step is missing, so that every node's sum holds."""

LOST = "lost"
"""Reason and outcome of a call whose end was never written (the process died)."""


@dataclass(frozen=True, slots=True)
class CallStart:
    """A call that begins. ``started`` is aware; ``direction`` is ``in`` or ``out``."""

    call: str
    started: datetime
    ani: str = ""
    dnis: str = ""
    direction: str = "in"
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A caller moves from one node to another (docs/architecture.md, "Breadcrumbs").

    ``from_node`` is empty when the caller enters the flow, ``to_node`` when the caller leaves it; then
    ``reason`` says why (exit, hangup, transfer, error…). ``flow`` is a flow's id, or the address of a
    hand-written document, which has ``version`` 0. A sub-flow is entered and left within the same ``session``
    while its caller stays in the node that called it. The order of steps within a call is the order in which
    they are recorded.
    """

    call: str
    session: str
    time: datetime
    flow: str
    version: int
    from_node: str
    port: str
    to_node: str
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallEnd:
    """A call that ended; ``outcome`` as the last exit said, ``hangup_by`` is caller, platform or agent."""

    call: str
    ended: datetime
    outcome: str
    hangup_by: str = ""
