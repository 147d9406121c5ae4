"""Building responses from requests (RFC 3261 §8.2.6)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import split_list
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.status import reason_phrase
from vxmlplat.sip.transport import Flow, bracketed

_COPIED = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
_COPIED_IN_DIALOG = _COPIED | {"Record-Route"}


def new_tag() -> str:
    """A tag (§19.3)."""
    return secrets.token_hex(6)


def response_to(
    request: Request,
    flow: Flow,
    status: int,
    reason: str = "",
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    content_type: str = "application/sdp",
    to_tag: str | None = None,
) -> Response:
    """A response with the fields that must be copied, ``received`` and ``rport`` filled in, and a To tag
    beyond 100."""
    copied = _COPIED_IN_DIALOG if 100 < status < 300 else _COPIED
    fields = []
    first_via = True
    for name, value in request.fields:
        if name not in copied:
            continue
        if name == "Via" and first_via:
            first_via = False
            value = _stamped(value, request, flow)
        elif name == "To" and status > 100 and ";tag" not in value.replace(" ", "").lower():
            value = f"{value};tag={to_tag or new_tag()}"
        fields.append((name, value))
    fields.extend(headers)
    if body:
        fields.append(("Content-Type", content_type))
    return Response(status, " ".join(reason.split()) or reason_phrase(status), fields, body)


def _stamped(value: str, request: Request, flow: Flow) -> str:
    """The topmost Via with where the request really came from (§18.2.1, RFC 3581 §4)."""
    try:
        via = request.via
    except MessageError:
        return value
    host, port = flow.remote
    wants_port = via.parameter("rport") is not None
    if not wants_port and via.host == bracketed(host):
        return value
    members = split_list(value)
    kept = [(n, v) for n, v in via.parameters if n not in {"received", "rport"}]
    parameters = "".join(f";{n}" if v is None else f";{n}={v}" for n, v in kept)
    if wants_port:
        parameters += f";rport={port}"
    sent_by = f"{via.host}:{via.port}" if via.port else via.host
    members[0] = f"SIP/2.0/{via.transport} {sent_by}{parameters};received={host}"
    return ", ".join(members)
