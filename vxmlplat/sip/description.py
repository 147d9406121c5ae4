"""Session descriptions as data: reading RFC 8866 text into sessions and media, forgiving where senders are
careless."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from vxmlplat.sip.errors import SdpError

MAX_BYTES = 65_536
MAX_MEDIA = 32
_LINE = re.compile(r"([a-z])=(.*)")
_MEDIA = re.compile(r"([A-Za-z0-9\-]+) ([0-9]{1,5})(?:/[0-9]+)? (\S+)((?: \S+)*)\s*")
_CONNECTION = re.compile(r"IN (IP[46]) ([^\s/]+)((?:/[0-9]+)*)\s*")


@dataclass(slots=True)
class Media:
    """One m= section."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    connection: str | None = None
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def attribute(self, name: str) -> str | None:
        """The first value of an attribute ('' for a flag), or None."""
        return next((value for key, value in self.attributes if key == name), None)

    def all(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [value for key, value in self.attributes if key == name]


@dataclass(slots=True)
class Description:
    """A whole session description."""

    origin: str
    timing: str = "0 0"
    connection: str | None = None
    attributes: list[tuple[str, str]] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)


def parse_description(text: str) -> Description:
    """Read a session description. Raises SdpError."""
    if len(text) > MAX_BYTES:
        raise SdpError("the session description is too large")
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    if not lines or lines[0].strip() != "v=0":
        raise SdpError("a session description begins with v=0")
    description = Description("")
    media: Media | None = None
    for line in lines[1:]:
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            raise SdpError(f"no line of a session description: {line[:40]!r}")
        kind, value = found[1], found[2]
        match kind:
            case "o":
                description.origin = value
            case "t":
                description.timing = value
            case "c":
                address = _connection(value)
                if media is None:
                    description.connection = address
                elif media.connection is None:
                    media.connection = address
            case "a":
                name, _, rest = value.partition(":")
                (description if media is None else media).attributes.append((name.strip(), rest.strip()))
            case "m":
                media = _media(value)
                description.media.append(media)
                if len(description.media) > MAX_MEDIA:
                    raise SdpError("too many media sections")
            case _:
                pass  # s, i, u, e, p, b, r, z, k: nothing that an IVR acts upon
    if not description.origin:
        raise SdpError("the session description has no origin line")
    return description


def _media(value: str) -> Media:
    found = _MEDIA.fullmatch(value)
    if found is None or int(found[2]) > 65535:
        raise SdpError(f"malformed media line: {value[:60]!r}")
    return Media(found[1].lower(), int(found[2]), found[3].upper(), found[4].split())


def _connection(value: str) -> str:
    found = _CONNECTION.fullmatch(value)
    if found is None:
        raise SdpError(f"malformed connection line: {value[:60]!r}")
    if found[1] == "IP4" and ":" in found[2]:
        raise SdpError(f"no IPv4 address: {found[2][:60]!r}")
    if found[1] == "IP6":
        try:
            ipaddress.IPv6Address(found[2])
        except ValueError:
            if ":" in found[2]:
                raise SdpError(f"no IPv6 address: {found[2][:60]!r}") from None
    return found[2]


def family(address: str) -> str:
    """``IP4`` or ``IP6``, as it stands in c= and o= lines."""
    return "IP6" if ":" in address else "IP4"
