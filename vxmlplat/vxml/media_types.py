"""The media types that recordings can be asked for as (VoiceXML 2.0 §2.3.6 and appendix E)."""

from __future__ import annotations

from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event

MEDIA_TYPES = frozenset(
    "audio/basic audio/x-alaw-basic audio/wav audio/x-wav audio/wave audio/vnd.wave".split()
)
"""What a recording may be asked for as (appendix E)."""


def check_media_type(wanted: str | None) -> None:
    """Raises :class:`Thrown` (error.unsupported.format) for a type that no recording can have."""
    if wanted and wanted.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        known = ", ".join(sorted(MEDIA_TYPES))
        message = f"recordings of the type {wanted!r} cannot be made here; there are {known}"
        raise Thrown(Event("error.unsupported.format", message))
