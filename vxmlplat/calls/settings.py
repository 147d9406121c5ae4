"""The operator's settings for calls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CallsConfig:
    """How calls are carried.

    ``ports``: how many calls may be up at once (port licences). ``media_address``: the local address of
    audio; empty picks the one
    that faces the peer. ``recordings``: folder of what callers leave. ``base_uri``: where this platform's own
    documents live.
    ``codecs``: names in order of preference. ``max_type_ahead``: keys kept before anybody listens.
    ``user_to_user_bytes``: call data up to this size travels whole in User-to-User; more is fetched by the
    call's id.
    """

    ports: int = 240
    media_address: str = ""
    recordings: Path = Path("var/recordings")
    base_uri: str = "http://127.0.0.1:8080"
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    max_type_ahead: int = 64
    user_to_user_bytes: int = 240
    outbound_from: str = ""
    trunk: str = ""
    max_call_seconds: float = 4 * 3600.0
