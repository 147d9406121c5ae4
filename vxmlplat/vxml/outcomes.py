"""What executing a piece of a document leads to.

Executable content, event handlers and the form interpretation loop return one of these up to whoever can
act on it; ``None`` says "go on with what follows". Nothing here is an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vxmlplat.vxml.events import Event

if TYPE_CHECKING:
    from vxmlplat.vxml.loading import LoadedDocument


@dataclass(frozen=True, slots=True)
class Throw:
    """An event was thrown."""

    event: Event


@dataclass(frozen=True, slots=True)
class NextItem:
    """Visit the named item of the current form next (``<goto nextitem>``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Enter:
    """Go to a dialog. ``document`` has been fetched and read; None stays in the current one (no variable
    is reset).

    ``dialog`` None is the first dialog. ``reason`` is that of the breadcrumb. ``heard`` holds the results
    of a grammar that led here, with which the form starts (VoiceXML 2.0 §2.1.6.2.3).
    """

    document: LoadedDocument | None
    dialog: str | None
    reason: str
    heard: Any = None


@dataclass(frozen=True, slots=True)
class Return:
    """``<return>`` of a subdialog: values by name, or an event to throw in the caller."""

    values: Mapping[str, Any] = field(default_factory=dict)
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """End the session. ``reason``: exit, end, disconnect, hangup, error."""

    reason: str
    value: Any = None
    namelist: Mapping[str, Any] | None = None
    error: Event | None = None


Outcome = Throw | NextItem | Enter | Return | Exit
