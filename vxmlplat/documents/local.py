"""Addresses that need no network: files (for the command line) and ``data:`` (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
import stat
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from vxmlplat.documents.errors import FetchError
from vxmlplat.documents.resource import Resource

CONTENT_TYPES = {
    ".vxml": "application/voicexml+xml",
    ".ccxml": "application/ccxml+xml",
    ".grxml": "application/srgs+xml",
    ".gram": "application/srgs",
    ".ssml": "application/ssml+xml",
    ".pls": "application/pls+xml",
    ".js": "application/javascript",
    ".xml": "application/xml",
    ".txt": "text/plain",
    ".json": "application/json",
    ".wav": "audio/x-wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".au": "audio/basic",
    ".ul": "audio/basic",
}


def address_of(argument: str) -> str:
    """What a person typed, as an address: an absolute URI as it is, anything else as a local path."""
    scheme = urlsplit(argument).scheme
    return argument if len(scheme) > 1 else Path(argument).absolute().as_uri()


def read_file(uri: str, most: int) -> Resource:
    """A local file. Raises :class:`FetchError` when there is none, or it is no plain file, or too large."""
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise FetchError(uri, "scheme", "a file of another machine cannot be fetched")
    path = Path(unquote(parts.path))
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise FetchError(uri, "missing", "this is no plain file")
        if state.st_size > most:
            raise FetchError(uri, "size", f"the file is larger than {most} bytes")
        body = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FetchError(uri, "missing", f"the file cannot be read: {reason}") from None
    return Resource(uri, CONTENT_TYPES.get(path.suffix.lower(), ""), None, body)


def read_data(uri: str, most: int) -> Resource:
    """The content of a ``data:`` address."""
    head, comma, content = uri[len("data:") :].partition(",")
    if not comma:
        raise FetchError(uri[:100], "protocol", "a data: address needs a comma")
    media_type, *parameters = head.split(";")
    charset = next((p.split("=", 1)[1] for p in parameters if p.lower().startswith("charset=")), None)
    body = unquote_to_bytes(content)
    if parameters and parameters[-1].strip().lower() == "base64":
        try:
            body = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise FetchError(uri[:100], "protocol", "this is no base64") from None
    if len(body) > most:
        raise FetchError(uri[:100], "size", f"the content is larger than {most} bytes")
    return Resource(uri, media_type.strip().lower() or "text/plain", charset, body)
