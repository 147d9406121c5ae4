"""Addresses that need no network: files (for the command line) and ``data:`` (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
import os
import stat
import time
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


KEPT_BYTES = 256 << 10
SETTLED = 2.0
"""Seconds after a change in which a file may change again unseen: the clocks of file systems are coarse."""

State = tuple[int, int, int, int, int]


class KnownFiles:
    """Small files that were read and have not changed since: asking for their state is all that is left.

    A file changed within the last two seconds is never taken from here.
    """

    def __init__(self, capacity: int = 200) -> None:
        self._capacity = capacity
        self._known: dict[str, tuple[str, State, Resource]] = {}

    def find(self, uri: str, most: int) -> Resource | None:
        """The file, when it is known, unchanged and not larger than ``most`` bytes."""
        known = self._known.get(uri)
        if known is None:
            return None
        path, state, resource = known
        try:
            same = _state(os.stat(path)) == state
        except OSError:
            same = False
        if not same:
            del self._known[uri]
            return None
        return resource if len(resource.body) <= most else None

    def read(self, uri: str, most: int) -> Resource:
        """As :func:`read_file`; the file is known from now on when it is small and was left alone lately."""
        path = unquote(urlsplit(uri).path)
        try:
            before = os.stat(path)
        except (OSError, ValueError):
            before = None
        resource = read_file(uri, most)
        if before is not None and before.st_size == len(resource.body) <= KEPT_BYTES:
            settled = time.time() - max(before.st_mtime, before.st_ctime) > SETTLED
            if settled and _state(os.stat(path)) == _state(before):
                while len(self._known) >= self._capacity:
                    self._known.pop(next(iter(self._known)), None)
                self._known[uri] = (path, _state(before), resource)
        return resource


def _state(found: os.stat_result) -> State:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


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
