"""The call's data (随路数据): what a flow hands on with a call, and how it travels.

A flow's ``aai`` is text, mostly a JSON object. All of it is kept with the call; over SIP goes as much as fits
into User-to-User
(RFC 7433), always with the call's id, by which the whole can be fetched (``GET /api/calls/ID/data``).
"""

from __future__ import annotations

import json
from typing import Any

#: the member of the travelling object that holds the call's id
CALL = "call"


def parse(aai: str) -> dict[str, Any]:
    """The data of an ``aai``: its JSON object, or the text itself under the name ``aai``."""
    try:
        value = json.loads(aai)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    return {"aai": aai} if aai else {}


def to_user_to_user(call: str, aai: str, limit: int) -> bytes:
    """What goes into the User-to-User field:

    id and data when both fit into ``limit`` bytes, else the id alone.
    """
    whole = {CALL: call, **parse(aai)}
    for value in (whole, {CALL: call}):
        data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        if len(data) <= limit:
            return data
    return call.encode()[:limit]


def from_user_to_user(data: bytes | None) -> str:
    """The ``session.connection.aai`` of a call that came with such a field;

    bytes that are no text come as hex.
    """
    if data is None:
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.hex()
