"""The operator's settings for calls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrunkLine:
    """What a call over a trunk needs to know of it: its name, the host it leads to, who is shown as calling.

    ``caller_id`` is a number, or a whole ``sip:`` address; empty passes the caller's number on.
    """

    name: str
    host: str
    caller_id: str = ""


@dataclass(frozen=True, slots=True)
class CallsConfig:
    """How calls are carried.

    ``ports``: how many calls may be up at once (port licences). ``media_address``: the local address of
    audio; empty picks the one that faces the peer. ``recordings``: folder of what callers leave.
    ``base_uri``: where this platform's own documents live. ``codecs``: names in order of preference.
    ``srtp``: ``off``, ``accept`` (what peers offer) or ``require``. ``max_type_ahead``: keys kept before
    anybody listens. ``user_to_user_bytes``: call data up to this size travels whole in User-to-User; more
    is fetched by the call's id. ``trunk``: name of the trunk for ``tel:`` addresses, one of ``trunks``.
    """

    ports: int = 240
    media_address: str = ""
    recordings: Path = Path("var/recordings")
    base_uri: str = "http://127.0.0.1:8080"
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    srtp: str = "accept"
    max_type_ahead: int = 64
    user_to_user_bytes: int = 240
    outbound_from: str = ""
    trunk: str = ""
    trunks: tuple[TrunkLine, ...] = ()
