"""What a call to place puts into its INVITE, and where a refusal sends it next."""

from __future__ import annotations

from vxmlplat.sip import uui
from vxmlplat.sip.call import OutboundCall
from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.fields import clean_headers
from vxmlplat.sip.message import Response
from vxmlplat.sip.uri import SipUri, parse_name_addr, parse_uri, writable_uri

_FROM_URI = frozenset({"Replaces", uui.HEADER, "Subject", "Priority"})
"""Fields that are taken from a target's embedded ones: only such as cannot mislead (RFC 3261 §19.1.5)."""


def call_fields(call: OutboundCall, uri: SipUri, proxy: str | None) -> list[tuple[str, str]]:
    """The header fields that the call asks for. Raises SipError for one that cannot be written."""
    fields = []
    if proxy:
        writable_uri(proxy)
        fields.append(("Route", f"<{proxy}>" if ";lr" in proxy else f"<{proxy};lr>"))
    if call.asserted_identity:
        fields.append(("P-Asserted-Identity", f"<{writable_uri(call.asserted_identity)}>"))
    if call.replaces:
        fields += [*clean_headers([("Replaces", call.replaces)]), ("Require", "replaces")]
    fields += clean_headers(call.headers)
    fields += [f for f in clean_headers(uri.decoded_headers()) if f[0] in _FROM_URI]
    if call.user_to_user is not None:
        fields.append((uui.HEADER, uui.encode(call.user_to_user)))
    return fields


def worth_another_way(refusal: Response) -> bool:
    """Whether the next address of the same target may do better (RFC 3263 §4.3): 503, or nobody answered."""
    from_peer = refusal.get("Via") is not None
    return refusal.status == 503 or (refusal.status == 408 and not from_peer)


def redirect_targets(response: Response) -> list[str]:
    """SIP URIs of a 3xx's Contacts, the highest q first (§8.1.3.4)."""
    found: list[tuple[float, str]] = []
    for value in response.values("Contact"):
        try:
            contact = parse_name_addr(value)
            uri = str(parse_uri(contact.uri))
        except MessageError:
            continue
        try:
            q = float(contact.parameter("q") or 1.0)
        except ValueError:
            q = 0.0
        found.append((q, uri))
    return [uri for _, uri in sorted(found, key=lambda pair: -pair[0])][:10]
