"""What a call to place says."""

from __future__ import annotations

from dataclasses import dataclass

from vxmlplat.sip.leg import HeaderFields
from vxmlplat.sip.settings import Credentials
from vxmlplat.sip.transport import Flow


@dataclass(frozen=True, slots=True)
class OutboundCall:
    """A call to place.

    ``target`` is a SIP URI (``sip:200@192.0.2.7;transport=tcp``) and may carry embedded header fields
    (``?User-to-User=…``), or a bare number when ``trunk`` is given. ``from_uri`` and ``from_name`` say who
    calls (default: the user agent itself). ``trunk`` names a trunk whose host, transport and credentials are
    used; ``proxy`` is a SIP URI that the call goes through. ``timeout`` in seconds without an answer.
    ``replaces`` is the raw value of a Replaces field. ``follow_redirects`` is how many 3xx are followed.
    Without ``sdp`` the peer makes the offer: it comes in ``Answered.sdp`` and the call waits for
    ``Leg.acknowledge``.
    """

    target: str
    from_uri: str | None = None
    from_name: str | None = None
    sdp: str | None = None
    headers: HeaderFields = ()
    user_to_user: bytes | None = None
    timeout: float = 60.0
    proxy: str | None = None
    trunk: str | None = None
    credentials: Credentials | None = None
    replaces: str | None = None
    asserted_identity: str | None = None
    flow: Flow | None = None
    """The way to take instead of looking for one: of one :class:`~vxmlplat.sip.registrar.Binding` of a user
    with several telephones (``target`` is the binding's URI then, ``route`` its path)."""
    route: tuple[str, ...] = ()
    follow_redirects: int = 5
