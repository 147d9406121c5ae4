"""Where a call goes: targets as operators write them, and peers behind address translation."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.settings import Trunk
from vxmlplat.sip.transport import bracketed
from vxmlplat.sip.uri import parse_uri

_NUMBER = re.compile(r"[+*#0-9A-Za-z_.\-]{1,64}")


def target_uri(target: str, trunk: Trunk | None) -> str:
    """A SIP URI as it is; a number, or a tel URI (RFC 3966), at the host of the trunk. Raises
    MessageError."""
    if target.lower().startswith(("sip:", "sips:")):
        parse_uri(target)
        return target
    number = target.partition(";")[0]
    if number.lower().startswith("tel:"):
        number = re.sub(r"[-.()]", "", number[4:])
    if trunk is None or trunk.host is None or not _NUMBER.fullmatch(number):
        raise MessageError(f"{target!r} is no SIP URI, and no number on a trunk with a host")
    port = f":{trunk.port}" if trunk.port else ""
    return f"sip:{quote(number, safe='+*')}@{bracketed(trunk.host)}{port}"


def natted(contact: str, source: str) -> bool:
    """Whether a Contact's host cannot be reached from here while the packets came from elsewhere.

    A private or unusable address in Contact beside another source address is a peer behind NAT: it is
    answered where it sends from, which is what makes such telephones work.
    """
    if contact == source:
        return False
    if contact.endswith(".invalid"):
        return True
    try:
        address = ipaddress.ip_address(contact)
        origin = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return False
    if address.is_unspecified:
        return True
    return address.is_private and not address.is_loopback and not origin.is_private
