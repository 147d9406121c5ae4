"""Which gateways the operator set up."""

from __future__ import annotations

from vxmlplat.config import MessageSettings
from vxmlplat.server.messages.gateway import Gateway
from vxmlplat.server.messages.http_sms import HttpSmsGateway
from vxmlplat.server.messages.smtp import SmtpGateway


def gateways(settings: MessageSettings) -> dict[str, Gateway]:
    """The gateways by the kind of message that they carry."""
    found: dict[str, Gateway] = {}
    if settings.email is not None:
        found["email"] = SmtpGateway(settings.email)
    if settings.sms is not None:
        found["sms"] = HttpSmsGateway(settings.sms)
    return found
