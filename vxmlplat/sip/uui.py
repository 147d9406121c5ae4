"""User-to-User data (RFC 7433): call data that travels in INVITE, responses, BYE and Refer-To URIs.

Written with ``encoding=hex``. Read in the forms met in the field: hex with the parameter; hex without it (the
default of the package isdn-uui, RFC 7434 §5); a quoted string; plain or percent-escaped text; base64 where
the parameter says so.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import QUOTED, parse_parameters, unquote
from vxmlplat.sip.message import Message

HEADER = "User-to-User"
_VALUE = re.compile(rf'({QUOTED}|[^;"]*)((?:;.*)?)', re.DOTALL)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


def encode(data: bytes) -> str:
    """The value of a User-to-User field."""
    return f"{data.hex()};encoding=hex"


def decode(value: str) -> bytes | None:
    """The data of a User-to-User value; None when it carries none or breaks its own encoding."""
    found = _VALUE.fullmatch(value.strip())
    if found is None:
        return None
    text, rest = found[1].strip(), found[2]
    try:
        encoding = (parse_parameters(rest).get("encoding") or "").lower()
    except MessageError:
        encoding = ""
    quoted = text.startswith('"')
    text = unquote(text)
    if not text:
        return None
    if encoding == "hex":
        return bytes.fromhex(text) if _HEX.fullmatch(text) else None
    if encoding == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            return None
    if not encoding and not quoted and _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if quoted:
        return text.encode("utf-8", "surrogateescape")
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape"))


def read(message: Message) -> bytes | None:
    """The first data that a message carries."""
    for value in message.values(HEADER):
        data = decode(value)
        if data is not None:
            return data
    return None
