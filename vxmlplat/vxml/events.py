"""VoiceXML events as values (VoiceXML 2.0 §5.2): a dotted name and perhaps a message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """An event that was thrown. ``message`` None: thrown without one, ``_message`` is then undefined."""

    name: str
    message: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether the event belongs to the ``error`` family."""
        return self.name == "error" or self.name.startswith("error.")


HANGUP = Event("connection.disconnect.hangup", "the caller hung up")
TRANSFERRED = Event("connection.disconnect.transfer", "the call was transferred away")
NOINPUT = Event("noinput")
NOMATCH = Event("nomatch")
MAXSPEECH = Event("maxspeechtimeout")


def semantic(message: str) -> Event:
    """A run-time error in the document: a bad expression, an undeclared variable (§5.2.6)."""
    return Event("error.semantic", message)


def badfetch(message: str, status: int | None = None) -> Event:
    """A document or resource could not be had, or was not what it should be (§5.2.6)."""
    return Event(f"error.badfetch.http.{status}" if status else "error.badfetch", message)


def matches(handled: str, thrown: str) -> bool:
    """Whether a handler of ``handled`` takes the event ``thrown``: equal, or a prefix by whole tokens
    (§5.2.4).

    An empty name takes every event, as does ``.``.
    """
    handled = handled.rstrip(".")
    return not handled or thrown == handled or thrown.startswith(handled + ".")


def prefixes(name: str) -> list[str]:
    """The name and all its prefixes, longest first, the empty one last: an event raises their counters."""
    tokens = name.split(".")
    return [".".join(tokens[:n]) for n in range(len(tokens), -1, -1)]
