"""The wire in the log, for an operator who looks for a fault: off unless the logger ``vxmlplat.sip.trace`` is
at DEBUG.

Callers' digits and call data do not belong into logs: the values of User-to-User, keys in INFO bodies,
credentials and SRTP keys are masked.
"""

from __future__ import annotations

import logging
import re

from vxmlplat.sip.transport import Flow

log = logging.getLogger("vxmlplat.sip.trace")
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?im)^((?:proxy-)?authorization[ \t]*:).*(?:\r?\n[ \t].*)*"), r"\1 ***"),
    (re.compile(r"(?im)^(user-to-user[ \t]*:).*(?:\r?\n[ \t].*)*"), r"\1 ***"),
    (re.compile(r"(?i)(user-to-user=)[^&>\s]*"), r"\1***"),
    (re.compile(r"(?im)^([ \t]*signal[ \t]*=).*"), r"\1***"),
    (re.compile(r"(?im)^(a=crypto:\S+ \S+ inline:)\S*"), r"\1***"),
)
_BARE_KEYS = re.compile(r"(?is)^(.*?content-type[ \t]*:[ \t]*application/dtmf[ \t;\r\n].*?\r\n\r\n).*$")


def masked(data: bytes) -> str:
    """A message as text that may be logged."""
    text = data.decode("utf-8", "replace")
    text = _BARE_KEYS.sub(r"\1***", text)
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def received(data: bytes, flow: Flow) -> None:
    """Log what came, if anybody wants to know."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("from %s %s port %s\n%s", flow.transport, *flow.remote, masked(data))


def sent(data: bytes, flow: Flow) -> None:
    """Log what goes out, if anybody wants to know."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("to %s %s port %s\n%s", flow.transport, *flow.remote, masked(data))
