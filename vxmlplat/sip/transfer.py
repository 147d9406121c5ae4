"""Transfer: REFER out and in with its NOTIFY reports (RFC 3515), attended with Replaces (RFC 3891), UUI in
Refer-To."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vxmlplat.sip import uui
from vxmlplat.sip.body import sipfrag_status
from vxmlplat.sip.errors import LegStateError, MessageError, RequestFailed, SipError
from vxmlplat.sip.events import ReferProgress, Referred
from vxmlplat.sip.grammar import natural, parse_parameters
from vxmlplat.sip.leg import HeaderFields, Leg
from vxmlplat.sip.message import Request
from vxmlplat.sip.server_transaction import ServerTransaction
from vxmlplat.sip.status import reason_phrase
from vxmlplat.sip.timers import Timer
from vxmlplat.sip.uri import embed_headers, parse_name_addr, parse_uri, writable_uri
from vxmlplat.sip.validity import Refusal

if TYPE_CHECKING:
    from vxmlplat.sip.session import Session

_log = logging.getLogger(__name__)


class Transfers:
    """The transfers of one leg, asked by us and asked of us."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._asked: dict[int, bool] = {}
        self._incoming: list[_IncomingRefer] = []

    # ---- we ask

    async def refer(
        self,
        target: str,
        user_to_user: bytes | None,
        replaces: Leg | None,
        referred_by: str | None,
        headers: HeaderFields,
    ) -> None:
        """Send a REFER; raises RequestFailed when it is refused."""
        from vxmlplat.sip.session import Session

        session = self._session
        embedded = []
        if replaces is not None:
            if not isinstance(replaces, Session):
                raise LegStateError("only a leg of this user agent can be replaced")
            embedded.append(("Replaces", replaces.replaces_value))
        if user_to_user is not None:
            embedded.append((uui.HEADER, uui.encode(user_to_user)))
        uri = writable_uri(embed_headers(target, embedded))
        assert session.dialog is not None, "the leg was answered"
        # NOTIFY may overtake the 202, so the subscription is known before the request goes out.
        number = session.dialog.local_cseq + 1
        self._asked[number] = True
        fields = [
            ("Refer-To", f"<{uri}>"),
            ("Referred-By", f"<{writable_uri(referred_by or session.local_uri)}>"),
            ("Supported", "replaces, norefersub"),
            *headers,
        ]
        try:
            response = await session.request("REFER", headers=fields)
        except SipError:
            self._asked.pop(number, None)
            raise
        if response.status >= 300:
            self._asked.pop(number, None)
            raise RequestFailed(response.status, response.reason)
        actual = session.dialog.local_cseq
        if actual != number and number in self._asked:  # the request was challenged and sent again
            self._asked[actual] = self._asked.pop(number)
        if (response.get("Refer-Sub") or "").strip().lower() == "false":
            self._asked.pop(actual, None)
            session.emit(ReferProgress(202, "Accepted", True))

    def receive_notify(self, transaction: ServerTransaction, request: Request) -> None:
        """A report about a transfer that we asked for; anything else has no subscription (481, RFC 6665
        §4.1.3)."""
        session = self._session
        event, semicolon, rest = (request.get("Event") or "").partition(";")
        if event.strip().lower() != "refer":
            raise Refusal(489, "Bad Event", [("Allow-Events", "refer")])
        id_ = parse_parameters(semicolon + rest).get("id") if semicolon else None
        number = natural(id_)
        if number is None and id_ is None:
            number = next(iter(self._asked), None)
        if number is None or number not in self._asked:
            raise Refusal(481, "Subscription Does Not Exist")
        state = (request.get("Subscription-State") or "").strip().lower()
        found = sipfrag_status(request.body)
        final = state.startswith("terminated") or (found is not None and found[0] >= 200)
        session.reply(transaction, 200)
        if final:
            self._asked.pop(number, None)
        status, reason = found or (0, "")
        session.emit(ReferProgress(status, reason, final))

    # ---- the peer asks

    def receive_refer(self, transaction: ServerTransaction, request: Request) -> None:
        """Tell the owner that the peer wants a transfer."""
        session = self._session
        session.must_be_live()
        targets = request.values("Refer-To")
        if len(targets) != 1:
            raise MessageError("Malformed Refer-To")
        uri = parse_name_addr(targets[0]).uri
        replaces: str | None = None
        data: bytes | None = None
        others: list[tuple[str, str]] = []
        if uri.lower().startswith(("sip:", "sips:")):
            parsed = parse_uri(uri)
            for name, value in parsed.decoded_headers():
                match name.lower():
                    case "replaces":
                        replaces = value
                    case "user-to-user":
                        data = data or uui.decode(value)
                    case _:
                        others.append((name, value))
            uri = str(parsed.plain())
        data = data or uui.read(request)
        by = request.get("Referred-By")
        replaced_leg = session.agent.table.replaced_by(replaces) if replaces is not None else None
        incoming = _IncomingRefer(session, transaction, request)
        self._incoming = [i for i in self._incoming if not i.over]
        self._incoming.append(incoming)
        session.emit(
            Referred(
                uri,
                replaces,
                parse_name_addr(by).uri if by else None,
                data,
                tuple(others),
                incoming.accept,
                incoming.reject,
                incoming.notify,
                replaced_leg,
            )
        )

    def close(self) -> None:
        """The leg is over."""
        for incoming in self._incoming:
            incoming.close()
        self._asked.clear()


class _IncomingRefer:
    """One REFER of the peer's and the subscription that it makes."""

    def __init__(self, session: Session, transaction: ServerTransaction, request: Request) -> None:
        self._session = session
        self._transaction = transaction
        self._event = f"refer;id={request.cseq[0]}"
        self._silent = (request.get("Refer-Sub") or "").strip().lower() == "false"
        self._accepted = False
        self.over = False
        self._reports: list[tuple[int, str]] = []
        self._sending = False
        self._patience: Timer = session.agent.timers.after(
            session.agent.config.timers.reinvite_answer, lambda: self.reject(603, "")
        )

    def accept(self) -> None:
        if not self._transaction.open:
            raise LegStateError("this transfer was answered before, or the call is over")
        self._patience.cancel()
        self._accepted = True
        headers = [("Contact", self._session.contact(self._transaction.flow))]
        if self._silent:
            headers.append(("Refer-Sub", "false"))
        self._session.reply(self._transaction, 202, headers=headers)
        if not self._silent:
            self._report(100, "")

    def reject(self, status: int, reason: str) -> None:
        if self._transaction.open:
            self._session.reply(self._transaction, status, reason)
        self.close()

    def notify(self, status: int, reason: str) -> None:
        if not self._accepted:
            raise LegStateError("a transfer is accepted before it is reported on")
        if not self.over and not self._silent:
            self._report(status, reason)

    def _report(self, status: int, reason: str) -> None:
        self._reports.append((status, reason))
        if status >= 200:
            self.over = True
        if not self._sending:
            self._sending = True
            self._session.spawn(self._send_reports())

    async def _send_reports(self) -> None:
        while self._reports and self._session.state != "ended":
            status, reason = self._reports.pop(0)
            state = "terminated;reason=noresource" if status >= 200 else "active;expires=180"
            body = f"SIP/2.0 {status} {reason or reason_phrase(status)}\r\n".encode()
            try:
                await self._session.request(
                    "NOTIFY",
                    headers=[("Event", self._event), ("Subscription-State", state)],
                    body=body,
                    content_type="message/sipfrag;version=2.0",
                )
            except SipError as error:
                _log.info("call %s: transfer report not delivered: %s", self._session.id, error)
                break
        self._sending = False

    def close(self) -> None:
        self._patience.cancel()
        self.over = True
        if self._transaction.open:
            self._session.reply(self._transaction, 487)
