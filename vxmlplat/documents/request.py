"""What is to be fetched, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class FilePart:
    """A field of a submit that carries bytes, such as recorded audio (VoiceXML 2.0 §2.3.6)."""

    data: bytes
    content_type: str = "audio/x-wav"
    filename: str = "recording.wav"


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One fetch.

    ``uri`` may be relative to ``referrer``, the address of the document that asks; without a referrer the
    fetch is the operator's or the command line's own, and ``file:`` is allowed.

    ``fields`` are sent in the query of a GET (added to one that is there) or in the body of a POST in the
    encoding of ``enctype``; a :class:`FilePart` in a POST without MULTIPART is sent as its bytes read as
    text, as forms do. ``body`` with ``content_type`` replaces the fields of a POST.

    ``maxage`` and ``maxstale`` are VoiceXML's caching attributes in seconds (VoiceXML 2.0 §6.1.2): a cached
    copy older than ``maxage`` is not used without asking the server; a stale one is used up to ``maxstale``
    seconds after it expired. ``timeout`` (fetchtimeout) in seconds covers the whole fetch, redirects
    included. ``max_bytes`` lowers the fetcher's own limit of the body's size.
    """

    uri: str
    referrer: str | None = None
    method: str = "GET"
    fields: Sequence[tuple[str, str | FilePart]] = ()
    enctype: str = URLENCODED
    body: bytes | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    maxage: float | None = None
    maxstale: float | None = None
    timeout: float | None = None
    max_bytes: int | None = None
