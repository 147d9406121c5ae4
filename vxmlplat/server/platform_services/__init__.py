"""Web services that designed documents call for what VoiceXML does not know (docs/services.md).

Importing the package registers them all.
"""

from vxmlplat.server.platform_services import (
    business_hours,
    call_data,
    callback,
    caller_list,
    database_query,
    message,
    voicemail,
    web_request,
)

__all__ = [
    "business_hours",
    "call_data",
    "callback",
    "caller_list",
    "database_query",
    "message",
    "voicemail",
    "web_request",
]
