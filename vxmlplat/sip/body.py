"""Bodies: the session description inside a plain or multipart body (RFC 5621), and status lines in
message/sipfrag."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import parse_parameters

if TYPE_CHECKING:
    from vxmlplat.sip.message import Message

_SIPFRAG = re.compile(rb"\s*SIP/2\.0 ([1-6][0-9][0-9])(?: ([^\r\n]*))?")
UNDERSTOOD = frozenset({"application/sdp", "multipart/mixed", "multipart/alternative"})
"""Body types that an INVITE, UPDATE, PRACK or ACK may carry."""


def session_description(message: Message) -> str | None:
    """The SDP of a message, or None. Raises MessageError for a multipart body that cannot be read."""
    kind = message.content_type
    if kind == "application/sdp":
        return message.body.decode("utf-8", "replace")
    if kind.startswith("multipart/"):
        for part_type, content in parts(message):
            if part_type == "application/sdp":
                return content.decode("utf-8", "replace")
    return None


def parts(message: Message) -> list[tuple[str, bytes]]:
    """Media type and content of each part of a multipart body. Raises MessageError without a usable
    boundary."""
    _, semicolon, rest = (message.get("Content-Type") or "").partition(";")
    boundary = parse_parameters(semicolon + rest).get("boundary") if semicolon else None
    if not boundary or len(boundary) > 70:
        raise MessageError("Malformed Multipart Body")
    delimiter = b"--" + boundary.encode("utf-8", "surrogateescape")
    chunks = (b"\r\n" + message.body).split(b"\r\n" + delimiter)
    if len(chunks) < 3 or not chunks[-1].startswith(b"--"):
        raise MessageError("Malformed Multipart Body")
    found = []
    for chunk in chunks[1:-1]:
        head, _, content = chunk.lstrip(b" \t").partition(b"\r\n\r\n")
        kind = "text/plain"
        for line in head.decode("utf-8", "replace").split("\r\n"):
            name, _, value = line.partition(":")
            if name.strip().lower() in {"content-type", "c"}:
                kind = value.split(";", 1)[0].strip().lower()
        found.append((kind, content))
    return found


def sipfrag_status(body: bytes) -> tuple[int, str] | None:
    """Status and reason of a message/sipfrag body (RFC 3515 §2.4.5), or None."""
    found = _SIPFRAG.match(body)
    if found is None:
        return None
    return int(found[1]), (found[2] or b"").decode("utf-8", "replace")
