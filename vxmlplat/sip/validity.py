"""What a request must satisfy before anybody looks at what it asks (RFC 3261 §8.2, §16.3)."""

from __future__ import annotations

from vxmlplat.sip.body import UNDERSTOOD
from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import natural
from vxmlplat.sip.message import Message, Request, Response
from vxmlplat.sip.uri import parse_name_addr, parse_uri, tel_number

METHODS = frozenset(
    {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "PRACK", "UPDATE", "REFER", "NOTIFY", "MESSAGE"}
)
"""Methods that the user agent understands; REGISTER besides when there is a registrar."""
RECOGNISED = METHODS | {"REGISTER", "SUBSCRIBE", "PUBLISH"}
"""Methods that exist; others are answered 501 (§8.2.1 with §21.5.2)."""
EXTENSIONS = ("100rel", "timer", "replaces", "norefersub", "uui")
"""Option tags that we support."""
ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, PRACK, UPDATE, REFER, NOTIFY, MESSAGE"
SUPPORTED = ", ".join(EXTENSIONS)
_ONCE = frozenset({"From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Type", "Expires"})
_ROUTES = frozenset({"Record-Route", "Route", "Path"})
_MANDATORY = ("From", "To", "Call-ID", "CSeq")
_NEEDS_CONTACT = frozenset({"INVITE", "SUBSCRIBE", "REFER"})


class Refusal(MessageError):
    """A request that is well formed and cannot be served; ``headers`` go into the response."""

    def __init__(self, status: int, reason: str, headers: list[tuple[str, str]] | None = None) -> None:
        super().__init__(reason, status)
        self.headers = headers or []


def check_form(request: Request) -> None:
    """Raise MessageError with the status that a malformed request deserves.

    A missing Max-Forwards is let through, as §16.3 asks; so is a missing From tag (RFC 2543).
    """
    if request.fault is not None:
        raise request.fault
    seen = request.firsts()
    if len(seen) < len(request.fields):  # some field stands twice
        for name in _ONCE & seen.keys():
            if len(request.all(name)) > 1:
                raise MessageError(f"Multiple {name} Headers")
    for name in _MANDATORY:
        if name not in seen:
            raise MessageError(f"Missing {name} Header")
    if not request.call_id:
        raise MessageError("Empty Call-ID")
    _ = request.via, request.from_, request.to
    if request.cseq[1] != request.method:
        if request.method not in RECOGNISED:
            raise MessageError("Not Implemented", 501)
        raise MessageError("CSeq Method Mismatch")
    if "Max-Forwards" in seen and natural(request.get("Max-Forwards"), 255) is None:
        raise MessageError("Malformed Max-Forwards")
    if "Expires" in seen and natural(request.get("Expires")) is None:
        raise MessageError("Malformed Expires")
    if tel_number(request.uri) is None and parse_uri(request.uri).headers:
        raise MessageError("Header Fields In Request-URI")  # RFC 3261 §19.1.1, RFC 4475 §3.1.2.11
    contacts = request.values("Contact")
    if contacts == ["*"]:
        if request.method != "REGISTER":
            raise MessageError("Malformed Contact")
    else:
        for contact in contacts:
            parse_name_addr(contact)
    old = not request.via.branch.startswith("z9hG4bK")  # RFC 2543 asked for no Contact
    if not contacts and request.method in _NEEDS_CONTACT and not request.to.tag and not old:
        raise MessageError("Missing Contact Header")
    _check_routes(request)


def check_response(response: Response) -> None:
    """Raise MessageError for a response that cannot be used; it is dropped as if it had been lost (§8.1.3,
    §18.3)."""
    if len(response.values("Via")) != 1:
        raise MessageError("Response With Several Via Values")  # §8.1.3.3: misrouted
    _ = response.from_, response.to, response.sdp
    _check_routes(response)


def _check_routes(message: Message) -> None:
    for name in _ROUTES & message.firsts().keys():
        for value in message.values(name):
            parse_uri(parse_name_addr(value).uri)


def check_extensions(request: Request, *also: str) -> None:
    """Refuse what must be understood and is not: option tags other than ours and ``also``, encodings, body
    types (§8.2.2.3, §8.2.3)."""
    missing = [tag for tag in request.values("Require") if tag not in EXTENSIONS and tag not in also]
    if missing:
        raise Refusal(420, "Bad Extension", [("Unsupported", ", ".join(missing))])
    encodings = [e for e in request.values("Content-Encoding") if e.lower() != "identity"]
    if encodings and request.body:
        raise Refusal(415, "Unsupported Media Type", [("Accept-Encoding", "identity")])
    if request.method in {"INVITE", "UPDATE", "PRACK"} and request.body:
        optional = "handling=optional" in (request.get("Content-Disposition") or "").replace(" ", "").lower()
        if request.content_type not in UNDERSTOOD and not optional:
            raise Refusal(415, "Unsupported Media Type", [("Accept", "application/sdp")])
    if request.method == "INVITE" and request.get("Accept") is not None:
        kinds = {value.split(";", 1)[0].strip().lower() for value in request.values("Accept")}
        if not kinds & {"application/sdp", "application/*", "*/*"}:
            raise Refusal(406, "Not Acceptable", [("Accept", "application/sdp")])
