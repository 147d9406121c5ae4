"""The Replaces field (RFC 3891 §6.1)."""

from __future__ import annotations

from dataclasses import dataclass

from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import parse_parameters


@dataclass(frozen=True, slots=True)
class Replaces:
    """The dialog to take over, as its receiver knows it: ``to_tag`` is the receiver's own tag."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False


def parse_replaces(value: str) -> Replaces:
    """Read a Replaces value. Raises MessageError."""
    call_id, semicolon, rest = value.partition(";")
    parameters = parse_parameters(semicolon + rest)
    to_tag, from_tag = parameters.get("to-tag"), parameters.get("from-tag")
    if not call_id.strip() or to_tag is None or from_tag is None:
        raise MessageError("Malformed Replaces")
    return Replaces(call_id.strip(), to_tag, from_tag, "early-only" in parameters)
