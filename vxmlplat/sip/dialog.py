"""Dialogs (RFC 3261 §12): who talks to whom, in which order, over which route."""

from __future__ import annotations

from dataclasses import dataclass, field

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.message import Message, Request, Response
from vxmlplat.sip.transport import Flow
from vxmlplat.sip.uri import NameAddr, SipUri, parse_name_addr, parse_uri

DialogKey = tuple[str, str, str]
"""Call-ID, our tag, the peer's tag."""


@dataclass(slots=True)
class Dialog:
    """One dialog. ``local`` and ``remote`` are From/To values of ours, tags included; ``target`` is where
    requests go."""

    call_id: str
    local: NameAddr
    remote: NameAddr
    target: str
    route: list[str] = field(default_factory=list)
    local_cseq: int = 0
    remote_cseq: int = -1
    flow: Flow | None = None
    confirmed: bool = False

    @property
    def key(self) -> DialogKey:
        """What finds the dialog in the table."""
        return self.call_id, self.local.tag or "", self.remote.tag or ""

    @classmethod
    def from_request(cls, request: Request, flow: Flow, local_tag: str) -> Dialog:
        """The dialog that our response to this request makes (§12.1.1)."""
        to = request.to
        local = NameAddr(to.uri, to.name, (("tag", local_tag),))
        dialog = cls(
            request.call_id,
            local,
            request.from_,
            contact_uri(request) or request.from_.uri,
            request.values("Record-Route"),
        )
        dialog.remote_cseq = request.cseq[0]
        dialog.flow = flow
        return dialog

    @classmethod
    def from_response(cls, request: Request, response: Response, flow: Flow) -> Dialog:
        """The dialog that this response to our request makes (§12.1.2)."""
        route = list(reversed(response.values("Record-Route")))
        dialog = cls(
            response.call_id, request.from_, response.to, contact_uri(response) or request.uri, route
        )
        dialog.local_cseq = request.cseq[0]
        dialog.flow = flow
        return dialog

    def refresh_target(self, message: Message) -> None:
        """A target refresh request or its 2xx moves the peer (§12.2)."""
        target = contact_uri(message)
        if target:
            self.target = target

    def next_hop(self) -> SipUri:
        """The URI whose address the next request is sent to (§12.2.1.1, §8.1.2). Raises MessageError."""
        return parse_uri(parse_name_addr(self.route[0]).uri if self.route else self.target)

    def request(self, method: str, contact: str, *, cseq: int | None = None) -> Request:
        """A request in this dialog, without Via; a new CSeq unless one is given (ACK, CANCEL)."""
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        uri, route = self.target, self.route
        if route:
            first = parse_name_addr(route[0]).uri
            if parse_uri(first).parameter("lr") is None:
                # A strict router wants to find itself in the Request-URI (§12.2.1.1).
                uri, route = first, [*route[1:], f"<{self.target}>"]
        fields = [
            ("Max-Forwards", "70"),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
        ]
        if method not in {"BYE", "CANCEL", "ACK"}:
            fields.append(("Contact", contact))
        fields += [("Route", value) for value in route]
        return Request(method, uri, fields)


def contact_uri(message: Message) -> str:
    """The URI of the first Contact, '' when there is none that can be read."""
    for value in message.values("Contact"):
        try:
            return str(parse_uri(parse_name_addr(value).uri).plain())
        except MessageError:
            continue
    return ""
