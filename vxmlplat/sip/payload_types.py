"""Payload types (RFC 3551, RFC 4566): which number stands for which codec, and for keys (RFC 4733)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vxmlplat.sip.description import Media
from vxmlplat.sip.grammar import natural


@dataclass(frozen=True, slots=True)
class Codec:
    """An audio codec by its RTP name (``PCMU``), clock rate, channels and, if fixed, its payload type."""

    name: str
    rate: int = 8000
    channels: int = 1
    payload_type: int | None = None
    fmtp: str | None = None


PCMU = Codec("PCMU", payload_type=0)
PCMA = Codec("PCMA", payload_type=8)
G722 = Codec("G722", payload_type=9)
OPUS = Codec("opus", 48000, 2, 111)
_EVENT = "telephone-event"
_USUAL_RATE = 8000
_STATIC = {
    0: Codec("PCMU"),
    3: Codec("GSM"),
    4: Codec("G723"),
    8: Codec("PCMA"),
    9: Codec("G722"),
    13: Codec("CN"),
    15: Codec("G728"),
    18: Codec("G729"),
}
"""Static payload types (RFC 3551 Table 4)."""


def their_codecs(media: Media) -> list[tuple[int, Codec]]:
    """Payload types of a section and what they mean, in the sender's order."""
    maps: dict[int, Codec] = {}
    for value in media.all("rtpmap"):
        number, _, encoding = value.partition(" ")
        name, *rest = encoding.strip().split("/")
        rate = natural(rest[0], 1_000_000) if rest else 8000
        channels = natural(rest[1], 255) if len(rest) > 1 else 1
        if (payload := natural(number, 127)) is not None and name and rate and channels:
            maps[payload] = Codec(name, rate, channels)
    for value in media.all("fmtp"):
        number, _, parameters = value.partition(" ")
        if (payload := natural(number, 127)) in maps:
            maps[payload] = replace(maps[payload], fmtp=parameters.strip())
    codecs = []
    for text in media.formats:
        payload = natural(text, 127)
        if payload is not None:
            codec = maps.get(payload) or _STATIC.get(payload)
            if codec is not None:
                codecs.append((payload, codec))
    return codecs


def same(one: Codec, other: Codec) -> bool:
    """Whether they are one codec, whatever their numbers."""
    return (one.name.lower(), one.rate, one.channels) == (other.name.lower(), other.rate, other.channels)


def telephone_event(theirs: list[tuple[int, Codec]], codec: Codec) -> Codec | None:
    """The telephone-event of the codec's clock rate, else the one of 8000 Hz (RFC 4733 §2.5.1.1)."""
    events = [replace(c, payload_type=n) for n, c in theirs if c.name.lower() == _EVENT]
    for rate in (codec.rate, _USUAL_RATE):
        for event in events:
            if event.rate == rate:
                return event
    return None


def numbered(codecs: Sequence[Codec], event: int) -> list[tuple[int, Codec]]:
    """Our codecs with payload types; dynamic ones are given out from 96 on. ``event`` is that of the keys."""
    free = _free(codecs, event)
    return [(c.payload_type if c.payload_type is not None else next(free), c) for c in codecs]


def numbered_events(codecs: Sequence[Codec], event: int) -> list[tuple[int, int]]:
    """Payload type and rate of our telephone-events: one of each codec's clock, since keys are sent by the
    clock of the audio (RFC 4733 §2.4.1), and ``event`` of 8000 Hz in any case, for peers who know no other.
    """
    free = _free(codecs, event)
    for codec in codecs:
        if codec.payload_type is None:
            next(free)
    rates = dict.fromkeys((_USUAL_RATE, *(codec.rate for codec in codecs)))
    return [(event if rate == _USUAL_RATE else next(free), rate) for rate in rates]


def _free(codecs: Sequence[Codec], event: int) -> Iterator[int]:
    """Dynamic payload types that are not taken."""
    taken = {codec.payload_type for codec in codecs} | {event}
    return iter(number for number in range(96, 128) if number not in taken)


def event_lines(number: int, rate: int) -> list[str]:
    """What a description says of a telephone-event."""
    return [f"a=rtpmap:{number} {_EVENT}/{rate}", f"a=fmtp:{number} 0-15"]


def format_lines(number: int, codec: Codec) -> list[str]:
    """What a description says of a codec."""
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [f"a=rtpmap:{number} {codec.name}/{codec.rate}{channels}"]
    if codec.fmtp:
        lines.append(f"a=fmtp:{number} {codec.fmtp}")
    return lines
