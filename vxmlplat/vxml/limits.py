"""The bounds of one session: a document that never listens, or never ends, costs its own call only."""

from __future__ import annotations

from dataclasses import dataclass, field

from vxmlplat.ecma import Limits as ScriptLimits


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Bounds between two waits for the caller (``rounds``, ``steps``, ``documents``, ``prompts``) and of
    the whole session.

    ``rounds`` of the form interpretation loop, ``steps`` of executable content, ``documents`` entered,
    ``prompts`` queued; ``throws``: events thrown by handlers of events in a row; ``subdialogs``: how deep
    they nest; ``recordings`` kept at once.
    """

    rounds: int = 5_000
    steps: int = 200_000
    documents: int = 200
    prompts: int = 2_000
    throws: int = 100
    subdialogs: int = 50
    recordings: int = 100
    script: ScriptLimits = field(default_factory=ScriptLimits)


DEFAULT_LIMITS = SessionLimits()
