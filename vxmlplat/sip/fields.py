"""Header fields that we add to messages: our abilities, and what the platform hands in, checked against
injection."""

from __future__ import annotations

import re

from vxmlplat.sip.errors import SipError
from vxmlplat.sip.grammar import is_token
from vxmlplat.sip.leg import HeaderFields
from vxmlplat.sip.message import canonical
from vxmlplat.sip.validity import ALLOW, SUPPORTED

_CLEAN_VALUE = re.compile(r"[^\r\n\0]*")


def common_headers() -> list[tuple[str, str]]:
    """What INVITE, its 2xx and UPDATE say of our abilities."""
    return [("Allow", ALLOW), ("Supported", SUPPORTED)]


def clean_headers(headers: HeaderFields) -> list[tuple[str, str]]:
    """Header fields from outside the room, checked against injection. Raises SipError naming the field."""
    fields = []
    for name, value in headers:
        if not is_token(name):
            raise SipError(f"{name!r} is no name of a header field")
        if not _CLEAN_VALUE.fullmatch(value):
            raise SipError(f"the value of the header field {name} has a line break or a null")
        fields.append((canonical(name), value))
    return fields
