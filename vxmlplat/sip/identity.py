"""Who calls and who redirected the call: P-Asserted-Identity, Diversion, History-Info, Reason."""

from __future__ import annotations

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import natural, parse_parameters
from vxmlplat.sip.message import Message
from vxmlplat.sip.uri import NameAddr, parse_name_addr, parse_uri


def _addresses(message: Message, name: str) -> list[NameAddr]:
    found = []
    for value in message.values(name):
        try:
            found.append(parse_name_addr(value))
        except MessageError:
            continue
    return found


def asserted_identity(message: Message) -> str | None:
    """The identity that a trusted network vouches for (RFC 3325 §9.1): a SIP URI before a tel URI."""
    uris = [address.uri for address in _addresses(message, "P-Asserted-Identity")]
    return next((uri for uri in uris if uri.lower().startswith("sip")), uris[0] if uris else None)


def redirected_by(message: Message) -> tuple[str, ...]:
    """Who diverted the call, newest first: Diversion (RFC 5806 §4), else History-Info (RFC 7044 §5)."""
    diversions = _addresses(message, "Diversion")
    if diversions:
        return tuple(address.uri for address in diversions)
    entries = _addresses(message, "History-Info")
    uris = []
    for entry in entries[:-1]:
        try:
            uris.append(str(parse_uri(entry.uri).plain()))
        except MessageError:
            uris.append(entry.uri)
    return tuple(reversed(uris))


def reason_of(message: Message) -> tuple[int | None, str]:
    """Q.850 cause and text of the Reason field (RFC 3326); a SIP reason gives its text alone."""
    cause: int | None = None
    text = ""
    for value in message.values("Reason"):
        protocol, semicolon, rest = value.partition(";")
        try:
            parameters = parse_parameters(semicolon + rest)
        except MessageError:
            continue
        text = text or parameters.get("text") or ""
        if protocol.strip().upper() == "Q.850":
            cause = natural(parameters.get("cause"), 127)
    return cause, text


def retry_after(message: Message) -> int | None:
    """Seconds of Retry-After (§20.33), or None."""
    text = (message.get("Retry-After") or "").split(";", 1)[0].split("(", 1)[0].strip()
    return natural(text)
