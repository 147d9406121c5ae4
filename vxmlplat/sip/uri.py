"""SIP URIs (RFC 3261 §19.1) and the name-addr form that From, To, Contact, Route and others share
(§20.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote as percent_quote
from urllib.parse import unquote as percent_unquote

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import (
    HOST,
    QUOTED,
    format_parameters,
    is_token,
    parse_parameters,
    quote,
    remembered,
    unquote,
)

_URI = re.compile(
    rf"(sips?):(?:([^@<>\"\s]*)@)?({HOST})(?::([0-9]{{1,5}}))?((?:;[^?<>\"\s]*)?)(?:\?([^<>\"\s]*))?", re.I
)
_TEL = re.compile(r"tel:(\+?[0-9A-F*#\-.()]*[0-9A-F*#][0-9A-F*#\-.()]*)((?:;[^?<>\"\s]+)?)", re.I)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_NAME_ADDR = re.compile(rf"(?:({QUOTED})[ \t]*|([^<\"]*))<([^<>]*)>[ \t]*((?:;.*)?)", re.DOTALL)
_ADDR_SPEC = re.compile(r"([^\s;,?<>\"]+)[ \t]*((?:;.*)?)", re.DOTALL)
_SEPARATORS = re.compile(r"[-.()]")
_USER_SAFE = "-_.!~*'()&=+$,;?/%"
_HEADER_SAFE = "-_.!~*'()[]/?:+$"


@dataclass(frozen=True, slots=True)
class SipUri:
    """A ``sip:`` or ``sips:`` URI. ``user`` and ``headers`` are kept as written (escaped); hosts are lower
    case."""

    scheme: str
    user: str | None
    host: str
    port: int | None = None
    parameters: tuple[tuple[str, str | None], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def secure(self) -> bool:
        """Whether it is ``sips:``."""
        return self.scheme == "sips"

    @property
    def address(self) -> str:
        """The host without the brackets of IPv6."""
        return self.host[1:-1] if self.host.startswith("[") else self.host

    @property
    def number(self) -> str:
        """The user part unescaped, without a password: a dialled number or a name."""
        return percent_unquote((self.user or "").split(":", 1)[0].split(";", 1)[0])

    @property
    def record(self) -> str:
        """The address of record, to compare with (RFC 3261 §10.3): scheme, user, host, no parameters."""
        user = percent_unquote((self.user or "").split(":", 1)[0])
        return (
            f"{self.scheme}:{percent_quote(user, safe=_USER_SAFE[:-1])}@{self.host}"
            if user
            else (f"{self.scheme}:{self.host}")
        )

    def parameter(self, name: str) -> str | None:
        """A parameter's value ('' for one without a value), or None."""
        for key, value in self.parameters:
            if key == name:
                return value or ""
        return None

    def plain(self) -> SipUri:
        """The URI without embedded header fields."""
        return replace(self, headers=()) if self.headers else self

    def decoded_headers(self) -> list[tuple[str, str]]:
        """Embedded header fields, unescaped."""
        return [(percent_unquote(name), percent_unquote(value)) for name, value in self.headers]

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user is not None else ""
        port = f":{self.port}" if self.port is not None else ""
        parameters = "".join(f";{n}" if v is None else f";{n}={v}" for n, v in self.parameters)
        headers = "?" + "&".join(f"{n}={v}" for n, v in self.headers) if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{parameters}{headers}"


@remembered
def parse_uri(text: str) -> SipUri:
    """Read a SIP URI. Raises MessageError: 416 for another scheme, 400 for a broken one."""
    found = _URI.fullmatch(text)
    if found is None:
        if _SCHEME.match(text) and not text.lower().startswith(("sip:", "sips:")):
            raise MessageError("Unsupported URI Scheme", 416)
        raise MessageError("Malformed URI")
    scheme, user, host, port, parameters, headers = found.groups()
    if port is not None and int(port) > 65535:
        raise MessageError("Malformed URI")
    return SipUri(
        scheme.lower(),
        user,
        host.lower(),
        int(port) if port else None,
        tuple(_pairs(parameters[1:].split(";"))) if parameters else (),
        tuple((name, value or "") for name, value in _pairs(headers.split("&"), fold=False))
        if headers
        else (),
    )


def _pairs(parts: list[str], *, fold: bool = True) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for part in parts:
        name, equals, value = part.partition("=")
        if name:
            pairs.append((name.lower() if fold else name, value if equals else None))
    return pairs


def tel_number(uri: str) -> str | None:
    """The number of a tel URI (RFC 3966) without its visual separators; None for any other URI.

    Raises MessageError for a tel URI that holds no number.
    """
    if uri[:4].lower() != "tel:":
        return None
    found = _TEL.fullmatch(uri)
    if found is None:
        raise MessageError("Malformed URI")
    return _SEPARATORS.sub("", found[1])


def number_of(uri: str) -> str:
    """The number or name that a SIP or tel URI stands for. Raises MessageError for any other."""
    number = tel_number(uri)
    return parse_uri(uri).number if number is None else number


def user_part(address: NameAddr) -> str:
    """The user of a From or To, unescaped; '' for an address that is no SIP URI and no number."""
    try:
        return number_of(address.uri)
    except MessageError:
        return ""


def writable_uri(text: str) -> str:
    """A URI of any scheme that may be written between angle brackets, as it is. Raises MessageError for
    anything else."""
    if not _SCHEME.match(text) or any(c in text for c in '<>" \t\r\n\0'):
        raise MessageError(f"{text!r} is no URI")
    return text


def embed_headers(uri: str, headers: list[tuple[str, str]]) -> str:
    """A URI with header fields embedded after ``?``, escaped (RFC 3261 §19.1.1)."""
    if not headers:
        return uri
    joined = "&".join(f"{name}={percent_quote(value, safe=_HEADER_SAFE)}" for name, value in headers)
    return f"{uri}{'&' if '?' in uri else '?'}{joined}"


@dataclass(frozen=True, slots=True)
class NameAddr:
    """``"Name" <uri>;parameters``. ``uri`` is text, since From and To may hold URIs of any scheme."""

    uri: str
    name: str | None = None
    parameters: tuple[tuple[str, str | None], ...] = ()

    @property
    def tag(self) -> str | None:
        """The ``tag`` parameter."""
        return self.parameter("tag")

    def parameter(self, name: str) -> str | None:
        """A parameter's value ('' for one without a value), or None."""
        for key, value in self.parameters:
            if key == name:
                return value or ""
        return None

    def without_parameters(self) -> NameAddr:
        """Name and URI alone."""
        return NameAddr(self.uri, self.name)

    def __str__(self) -> str:
        name = f"{quote(self.name)} " if self.name else ""
        return f"{name}<{self.uri}>{format_parameters(dict(self.parameters))}"


@remembered
def parse_name_addr(text: str) -> NameAddr:
    """Read a name-addr or addr-spec with parameters. Raises MessageError.

    Without angle brackets every parameter belongs to the header field and the URI may hold no ``?`` or comma
    (§20).
    """
    text = text.strip()
    found = _NAME_ADDR.fullmatch(text)
    if found is not None:
        quoted, tokens, uri, parameters = found.groups()
        words = [] if quoted else tokens.split()
        if not all(is_token(word) for word in words):
            raise MessageError("Malformed Display Name")
        name = unquote(quoted) if quoted else " ".join(words)
        if not _SCHEME.match(uri) or any(c in uri for c in " \t\r\n"):
            raise MessageError("Malformed Address")
        return NameAddr(uri, name or None, tuple(parse_parameters(parameters).items()) if parameters else ())
    found = _ADDR_SPEC.fullmatch(text)
    if found is None or not _SCHEME.match(found[1]):
        raise MessageError("Malformed Address")
    return NameAddr(found[1], None, tuple(parse_parameters(found[2]).items()) if found[2] else ())
