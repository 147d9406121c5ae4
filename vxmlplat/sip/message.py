"""SIP messages: reading from and writing to the wire (RFC 3261 §7).

Reading is forgiving where an answer must still be sent: a request whose start line is broken keeps its header
fields and says in ``fault`` what is wrong, so that it can be refused with 400 by the book. What cannot be a
message at all raises :class:`~vxmlplat.sip.errors.MessageError`. Values are kept as text and read on demand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vxmlplat.sip.body import session_description
from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import (
    HOST,
    TOKEN,
    is_token,
    natural,
    parse_parameters,
    remembered,
    single_spaced,
    split_list,
)
from vxmlplat.sip.status import REASONS
from vxmlplat.sip.uri import NameAddr, parse_name_addr

COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""Compact forms (RFC 3261 §7.3.3 and the registry of header fields)."""

_KNOWN = """Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info
Authorization
Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type
CSeq Date Diversion Error-Info Event Expires From History-Info In-Reply-To Max-Forwards MIME-Version
Min-Expires Min-SE Organization P-Asserted-Identity P-Preferred-Identity Path Priority Privacy
Proxy-Authenticate Proxy-Authorization Proxy-Require RAck Reason Record-Route Recv-Info Refer-Sub Refer-To
Referred-By Remote-Party-ID Replaces Reply-To Require Retry-After Route RSeq Server Service-Route
Session-Expires SIP-ETag SIP-If-Match Subject Subscription-State Supported Target-Dialog Timestamp To
Unsupported User-Agent User-to-User Via Warning
WWW-Authenticate X-Call-ID""".split()

_CANONICAL: dict[str, str] = {}
for _name in _KNOWN:
    _CANONICAL[_name] = _CANONICAL[_name.lower()] = _name
for _short, _name in COMPACT.items():
    _CANONICAL[_short] = _CANONICAL[_short.upper()] = _name

_REQUEST_LINE = re.compile(rf"({TOKEN}) (\S+) SIP/2\.0")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9][0-9])(?: (.*))?", re.DOTALL)
_LOOSE_REQUEST_LINE = re.compile(rf"\s*({TOKEN})\s+(.*?)\s+(SIP/[0-9]+\.[0-9]+)\s*", re.I | re.DOTALL)
_FOLD = re.compile(r"\r?\n[ \t]+")
_SENT_BY = re.compile(
    rf"SIP\s*/\s*[0-9]\.[0-9]\s*/\s*({TOKEN})\s+({HOST})\s*(?::\s*([0-9]{{1,5}}))?\s*", re.I
)
_CSEQ = re.compile(rf"([0-9]{{1,10}})\s+({TOKEN})")


def canonical(name: str) -> str:
    """A header field's usual spelling; unknown names get capitals after each hyphen."""
    known = _CANONICAL.get(name) or _CANONICAL.get(name.lower())
    return known or "-".join(part.capitalize() for part in name.split("-"))


@dataclass(frozen=True, slots=True)
class Via:
    """One Via value (RFC 3261 §20.42)."""

    transport: str
    host: str
    port: int | None
    parameters: tuple[tuple[str, str | None], ...]

    def parameter(self, name: str) -> str | None:
        """A parameter's value ('' for one without a value), or None."""
        for key, value in self.parameters:
            if key == name:
                return value or ""
        return None

    @property
    def branch(self) -> str:
        """The branch, '' when there is none."""
        return self.parameter("branch") or ""

    @property
    def sent_by(self) -> str:
        """Host and port as they take part in matching (§17.2.3)."""
        return f"{self.host}:{self.port}" if self.port else self.host


def parse_via(text: str) -> Via:
    """Read one Via value. Raises MessageError."""
    sent_by, semicolon, rest = single_spaced(text).partition(";")
    return Via(*_parse_sent_by(sent_by), tuple(parse_parameters(semicolon + rest).items()))


@remembered
def _parse_sent_by(text: str) -> tuple[str, str, int | None]:
    """Transport, host and port of a Via: the same in all messages of a peer."""
    found = _SENT_BY.fullmatch(text)
    if found is None:
        raise MessageError("Malformed Via")
    port = int(found[3]) if found[3] else None
    if port is not None and port > 65535:
        raise MessageError("Malformed Via")
    return found[1].upper(), found[2].lower(), port


@remembered
def parse_cseq(text: str) -> tuple[int, str]:
    """Number and method of a CSeq value. Raises MessageError; numbers end at 2**31 (§8.1.1.5)."""
    found = _CSEQ.fullmatch(text)
    if found is None:
        raise MessageError("Malformed CSeq")
    number = int(found[1])
    if number >= 2**31:
        raise MessageError("CSeq Out Of Range")
    return number, found[2]


class Message:
    """What requests and responses share: header fields in order, and a body.

    A message that was received is read by many and changed by nobody: :meth:`settle` lets it find its fields
    without looking through them, and keep what was read of the values that every reader wants.
    """

    __slots__ = ("_cseq", "_firsts", "_from", "_to", "_via", "body", "fields")

    def __init__(self, fields: list[tuple[str, str]], body: bytes = b"") -> None:
        self.fields = fields
        self.body = body
        self._firsts: dict[str, str] | None = None
        self._via: Via | None = None
        self._cseq: tuple[int, str] | None = None
        self._from: NameAddr | None = None
        self._to: NameAddr | None = None

    def settle(self) -> None:
        """Its fields change no more, save by :meth:`add` and :meth:`set`."""
        self._firsts = dict(reversed(self.fields))

    def firsts(self) -> dict[str, str]:
        """The names of all fields with the first value of each."""
        return self._firsts if self._firsts is not None else dict(reversed(self.fields))

    def get(self, name: str) -> str | None:
        """The first value of a field, by its usual spelling."""
        if self._firsts is not None:
            return self._firsts.get(name)
        for key, value in self.fields:
            if key == name:
                return value
        return None

    def all(self, name: str) -> list[str]:
        """All lines of a field, as written."""
        if self._firsts is not None and name not in self._firsts:
            return []
        return [value for key, value in self.fields if key == name]

    def values(self, name: str) -> list[str]:
        """All members of a field that is a comma-separated list."""
        if self._firsts is not None and name not in self._firsts:
            return []
        members: list[str] = []
        for key, value in self.fields:
            if key == name:
                members.extend(split_list(value))
        return members

    def tokens(self, name: str) -> frozenset[str]:
        """Members of a list of tokens (Supported, Require, Allow), as written."""
        return frozenset(self.values(name))

    def add(self, name: str, value: str) -> None:
        """Append a field; name in its usual spelling."""
        self._change()
        self.fields.append((name, value))

    def _change(self) -> None:
        self._firsts = self._cseq = self._from = self._to = self._via = None

    def set(self, name: str, value: str) -> None:
        """Replace all lines of a field by one, in the place of the first."""
        self._change()
        for at, (key, _) in enumerate(self.fields):
            if key == name:
                self.fields[at] = (name, value)
                self.fields[at + 1 :] = [f for f in self.fields[at + 1 :] if f[0] != name]
                return
        self.fields.append((name, value))

    @property
    def via(self) -> Via:
        """The topmost Via. Raises MessageError."""
        if self._via is None:
            top = self.get("Via")
            if top is None:
                raise MessageError("Missing Via Header")
            if "," in top:
                top = split_list(top)[0]
            self._via = parse_via(top)
        return self._via

    @property
    def call_id(self) -> str:
        """Call-ID, '' when missing."""
        return self.get("Call-ID") or ""

    @property
    def cseq(self) -> tuple[int, str]:
        """CSeq number and method. Raises MessageError."""
        if self._cseq is not None:
            return self._cseq
        cseq = parse_cseq(self.get("CSeq") or "")
        if self._firsts is not None:
            self._cseq = cseq
        return cseq

    @property
    def from_(self) -> NameAddr:
        """From. Raises MessageError."""
        if self._from is not None:
            return self._from
        address = parse_name_addr(self.get("From") or "")
        if self._firsts is not None:
            self._from = address
        return address

    @property
    def to(self) -> NameAddr:
        """To. Raises MessageError."""
        if self._to is not None:
            return self._to
        address = parse_name_addr(self.get("To") or "")
        if self._firsts is not None:
            self._to = address
        return address

    @property
    def content_type(self) -> str:
        """Media type of the body in lower case without parameters, '' when there is none."""
        return (self.get("Content-Type") or "").split(";", 1)[0].strip().lower()

    @property
    def sdp(self) -> str | None:
        """The session description in the body (the body itself, or its part in a multipart), or None."""
        return session_description(self) if self.body else None

    def start_line(self) -> str:
        """Request line or status line."""
        raise NotImplementedError

    def encode(self) -> bytes:
        """The message as it goes over the wire, Content-Length included."""
        lines = [self.start_line()]
        lines += [f"{name}: {value}" for name, value in self.fields if name != "Content-Length"]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


class Request(Message):
    """A request. ``fault`` says what is wrong with its start line or framing, if anything."""

    __slots__ = ("fault", "method", "uri")

    def __init__(
        self,
        method: str,
        uri: str,
        fields: list[tuple[str, str]],
        body: bytes = b"",
        fault: MessageError | None = None,
    ) -> None:
        super().__init__(fields, body)
        self.method = method
        self.uri = uri
        self.fault = fault

    def start_line(self) -> str:
        """``METHOD uri SIP/2.0``."""
        return f"{self.method} {self.uri} SIP/2.0"

    def __repr__(self) -> str:
        return f"<{self.method} {self.call_id}>"


class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, fields: list[tuple[str, str]], body: bytes = b"") -> None:
        super().__init__(fields, body)
        self.status = status
        self.reason = reason

    def start_line(self) -> str:
        """``SIP/2.0 status reason``."""
        return f"SIP/2.0 {self.status} {self.reason}"

    def __repr__(self) -> str:
        return f"<{self.status} {self.call_id}>"


def parse(data: bytes, *, max_fields: int = 256) -> Request | Response:
    """Read one whole message (a datagram, or what framing cut from a stream). Raises MessageError."""
    data = data.lstrip(b"\r\n")
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        if b"\n\n" in data:
            head, _, body = data.partition(b"\n\n")
        else:
            head = data.rstrip(b"\r\n")
    text = head.decode("utf-8", "surrogateescape")
    fault: MessageError | None = None
    if "\n " in text or "\n\t" in text:
        start, rest = text, ""
        if not text.startswith((" ", "\t")):
            start, _, rest = text.partition("\n")
        text = (
            start + "\n" + _FOLD.sub(" ", rest) if not rest.startswith((" ", "\t")) else _FOLD.sub(" ", text)
        )
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        start, _, rest = text.partition("\n")
        if "\r" in rest:
            fault = MessageError("Malformed Header Field")
            text = start + "\n" + rest.replace("\r", " ")
    lines = text.split("\n")
    if len(lines) > max_fields + 1:
        raise MessageError("Too Many Header Fields")
    fields: list[tuple[str, str]] = []
    known = _CANONICAL.get
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        spelled = known(name)
        if spelled is None:
            name = name.rstrip(" \t")
            if not colon or not is_token(name):
                fault = fault or MessageError("Malformed Header Field")
                continue
            spelled = canonical(name)
        fields.append((spelled, value.strip(" \t")))
    message = _start(lines[0], fields, fault)
    message.settle()
    message.body, framing = _body(fields, body)
    if framing is not None:
        if isinstance(message, Response):
            raise framing
        message.fault = message.fault or framing
    return message


def _start(line: str, fields: list[tuple[str, str]], fault: MessageError | None) -> Request | Response:
    found = _REQUEST_LINE.fullmatch(line)
    if found is not None:
        return Request(found[1], found[2], fields, b"", fault)
    found = _STATUS_LINE.fullmatch(line)
    if found is not None:
        if fault is not None:
            raise fault
        return Response(int(found[1]), found[2] or "", fields)
    found = _LOOSE_REQUEST_LINE.fullmatch(single_spaced(line))
    if found is None:
        raise MessageError("Malformed Start Line")
    if found[3] != "SIP/2.0":
        fault = MessageError(REASONS[505], 505)
    return Request(found[1], found[2], fields, b"", fault or MessageError("Malformed Request Line"))


def _body(fields: list[tuple[str, str]], body: bytes) -> tuple[bytes, MessageError | None]:
    lengths = {value for name, value in fields if name == "Content-Length"}
    if not lengths:
        return body, None
    if len(lengths) > 1:
        return body, MessageError("Multiple Content-Length Headers")
    length = natural(lengths.pop())
    if length is None:
        return body, MessageError("Malformed Content-Length")
    if length > len(body):
        return body, MessageError("Content-Length Exceeds Body")
    return (body if length == len(body) else body[:length]), None
