"""Fields of a submit as a query or a body (VoiceXML 2.0 §5.3.8; RFC 7578 for multipart)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit, urlunsplit

from vxmlplat.documents.request import MULTIPART, FilePart

Fields = Sequence[tuple[str, str | FilePart]]


def with_query(uri: str, fields: Fields) -> str:
    """The address with the fields added to its query."""
    if not fields:
        return uri
    scheme, netloc, path, query, fragment = urlsplit(uri)
    added = url_encoded(fields).decode("ascii")
    return urlunsplit((scheme, netloc, path, f"{query}&{added}" if query else added, fragment))


def encode(fields: Fields, enctype: str) -> tuple[bytes, str]:
    """The body of a POST and its Content-Type."""
    if enctype.lower().startswith(MULTIPART):
        return multipart(fields)
    return url_encoded(fields), "application/x-www-form-urlencoded"


def url_encoded(fields: Fields) -> bytes:
    """``name=value&…`` in UTF-8."""
    pairs = [(name, value.data if isinstance(value, FilePart) else value) for name, value in fields]
    return urlencode(pairs, errors="replace").encode("ascii")


def multipart(fields: Fields) -> tuple[bytes, str]:
    """The body with a boundary that no field holds, and its Content-Type."""
    boundary = secrets.token_hex(16).encode("ascii")
    parts: list[bytes] = []
    for name, value in fields:
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(value, FilePart):
            head += f'; filename="{_quoted(value.filename)}"\r\nContent-Type: {value.content_type}'
            data = value.data
        else:
            data = value.encode("utf-8", "replace")
        parts += [b"--", boundary, b"\r\n", head.encode("utf-8", "replace"), b"\r\n\r\n", data, b"\r\n"]
    parts += [b"--", boundary, b"--\r\n"]
    return b"".join(parts), f"{MULTIPART}; boundary={boundary.decode('ascii')}"


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
