"""The errors of the SIP room."""

from __future__ import annotations

from vxmlplat.errors import ConfigurationError, VxmlplatError


class SipError(VxmlplatError):
    """Root of the room's errors."""


class MessageError(SipError):
    """Bytes that are no SIP message, or a header field whose value breaks its grammar.

    ``status`` is the response such a request deserves (RFC 3261 §8.2, §16.3), ``reason`` its reason phrase.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class SdpError(SipError):
    """A session description that cannot be read; the call it belongs to is answered 400 or 488."""


class NotAcceptable(SdpError):
    """Offer and capabilities share no codec, transport profile or address family (488 Not Acceptable
    Here)."""


class TransportError(SipError):
    """A message could not be sent: nobody listens, the connection broke, the name has no address."""

    retryable = True


class RequestFailed(SipError):
    """A request of ours was refused or not answered; ``status`` is the final status (408 when nobody
    answered)."""

    def __init__(self, status: int, reason: str, retry_after: int | None = None) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.retry_after = retry_after
        self.retryable = status in {408, 480, 491, 500, 503, 504}


class LegStateError(SipError):
    """The call is not in a state in which this can be asked (answering twice, re-INVITE after BYE)."""


class ConfigurationProblem(SipError, ConfigurationError):
    """Settings of the SIP room that cannot be used; the message names the setting."""
