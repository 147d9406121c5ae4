"""Offer and answer (RFC 3264) for the audio of an IVR, as pure functions. Codecs are names here, no media
code.

One audio section is agreed on, with one codec of our preference and telephone-event (RFC 4733) beside it;
every other section is refused with port 0. Keys for SRTP travel in a=crypto lines (SDES, RFC 4568).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from vxmlplat.sip.description import Description, Media, family, parse_description
from vxmlplat.sip.errors import NotAcceptable
from vxmlplat.sip.grammar import natural
from vxmlplat.sip.payload_types import (
    PCMA,
    PCMU,
    Codec,
    event_lines,
    format_lines,
    numbered,
    numbered_events,
    same,
    telephone_event,
    their_codecs,
)

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]


@dataclass(frozen=True, slots=True)
class Crypto:
    """One SDES line (RFC 4568): tag, suite and the key parameters as they stand after ``inline:``."""

    tag: int
    suite: str
    inline: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Our side of an offer or answer: address and port of the media channel and what it can do, best codec
    first.

    ``dtmf_payload_type`` is that of telephone-event at 8000 Hz; codecs of other clocks have one of their own.
    ``crypto``: our keys for SDES, one for each suite, best first; ``require_crypto`` refuses plain RTP.
    ``direction`` is what we want. ``session_id`` names the session (one number for each call), ``version``
    counts up with every change of it.
    """

    address: str
    port: int
    codecs: tuple[Codec, ...] = (PCMU, PCMA)
    dtmf: bool = True
    dtmf_payload_type: int = 101
    ptime: int = 20
    direction: Direction = "sendrecv"
    rtcp_port: int | None = None
    rtcp_mux: bool = False
    crypto: tuple[Crypto, ...] = ()
    require_crypto: bool = False
    session_id: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What both sides agreed on, seen from ours.

    ``payload_type`` is what we send with, ``receive_payload_type`` what the peer sends with (they may
    differ); the same for DTMF, None when the peer has no telephone-event, whose clock is ``dtmf_clock_rate``.
    ``direction`` is ours. ``crypto`` is the peer's key, ``local_crypto`` ours. ``on_hold`` is true when the
    peer does not want to hear us.
    """

    remote_address: str
    remote_port: int
    codec: Codec
    payload_type: int
    receive_payload_type: int
    dtmf_payload_type: int | None
    dtmf_receive_payload_type: int | None
    dtmf_clock_rate: int | None
    ptime: int
    direction: Direction
    remote_rtcp_port: int
    rtcp_mux: bool
    crypto: Crypto | None
    local_crypto: Crypto | None

    @property
    def on_hold(self) -> bool:
        """Whether we may not send."""
        return self.direction in {"recvonly", "inactive"}


def offer(capabilities: Capabilities) -> str:
    """Our offer."""
    formats, lines = _our_formats(capabilities)
    protocol = "RTP/SAVP" if capabilities.crypto else "RTP/AVP"
    lines += [f"a=crypto:{c.tag} {c.suite} inline:{c.inline}" for c in capabilities.crypto]
    return _write(
        capabilities, "0 0", [_section(capabilities, protocol, formats, lines, capabilities.direction)]
    )


def negotiate(offer_text: str, capabilities: Capabilities) -> tuple[str, Negotiated]:
    """Our answer to the peer's offer, and what it means. Raises NotAcceptable (488) or SdpError (400)."""
    offered = parse_description(offer_text)
    why = "no audio section"
    for at, media in enumerate(offered.media):
        if media.kind != "audio" or media.port == 0:
            continue
        try:
            section, agreed = _agree(offered, media, capabilities)
        except NotAcceptable as error:
            why = str(error)
            continue
        sections = [_refused(other) for other in offered.media]
        sections[at] = section
        return _write(capabilities, offered.timing, sections), agreed
    raise NotAcceptable(f"nothing in the offer can be accepted: {why}")


def accept(answer_text: str, offered: Capabilities) -> Negotiated:
    """What the peer's answer to our offer means. Raises NotAcceptable or SdpError."""
    answer = parse_description(answer_text)
    media = answer.media[0] if answer.media else None
    if media is None or media.kind != "audio" or media.port == 0:
        raise NotAcceptable("the peer refused the audio")
    ours = dict(numbered(offered.codecs, offered.dtmf_payload_type))
    local_crypto = remote_crypto = None
    if offered.crypto:
        remote_crypto = next(iter(_crypto_lines(media)), None)
        local_crypto = next((c for c in offered.crypto if remote_crypto and c.tag == remote_crypto.tag), None)
        if remote_crypto is None or local_crypto is None or local_crypto.suite != remote_crypto.suite:
            raise NotAcceptable("the answer has no usable key")
    theirs = their_codecs(media)
    common = [(n, c, m) for n, c in theirs for m, our in ours.items() if same(our, c)]
    if not common:
        raise NotAcceptable("the answer has no codec that was offered")
    number, codec, mine = common[0]
    dtmf = telephone_event(theirs, codec) if offered.dtmf else None
    events = {rate: event for event, rate in numbered_events(offered.codecs, offered.dtmf_payload_type)}
    return _negotiated(
        answer,
        media,
        offered,
        replace(ours[mine], payload_type=number),
        mine,
        dtmf,
        events.get(dtmf.rate) if dtmf is not None else None,
        remote_crypto,
        local_crypto,
    )


# ---- pieces


def _agree(offered: Description, media: Media, capabilities: Capabilities) -> tuple[list[str], Negotiated]:
    """The answer's section for an audio section of the offer. Raises NotAcceptable."""
    remote_crypto, local_crypto = _choose_crypto(media, capabilities)
    theirs = their_codecs(media)
    chosen: tuple[int, Codec] | None = None
    for codec in capabilities.codecs:
        number = next((n for n, c in theirs if same(codec, c)), None)
        if number is not None:
            chosen = number, codec
            break
    if chosen is None:
        raise NotAcceptable(f"no codec in common with {[c.name for _, c in theirs]}")
    number, codec = chosen
    dtmf = telephone_event(theirs, codec) if capabilities.dtmf else None
    agreed = _negotiated(
        offered,
        media,
        capabilities,
        replace(codec, payload_type=number),
        number,
        dtmf,
        dtmf.payload_type if dtmf is not None else None,
        remote_crypto,
        local_crypto,
    )
    lines = format_lines(number, codec)
    formats = [number]
    if dtmf is not None and dtmf.payload_type is not None:
        formats.append(dtmf.payload_type)
        lines += event_lines(dtmf.payload_type, dtmf.rate)
    if local_crypto is not None and remote_crypto is not None:
        lines.append(f"a=crypto:{remote_crypto.tag} {local_crypto.suite} inline:{local_crypto.inline}")
    if agreed.rtcp_mux:
        lines.append("a=rtcp-mux")
    written = _meet(_direction(offered, media), capabilities.direction)
    return _section(capabilities, media.protocol, formats, lines, written), agreed


def _choose_crypto(media: Media, capabilities: Capabilities) -> tuple[Crypto | None, Crypto | None]:
    match media.protocol:
        case "RTP/AVP" | "RTP/AVPF" | "RTP/SAVP" | "RTP/SAVPF":
            # Telephones that would like SRTP, but do without, offer keys under the plain profile.
            for theirs in _crypto_lines(media):
                for ours in capabilities.crypto:
                    if ours.suite == theirs.suite:
                        return theirs, ours
            if "SAVP" in media.protocol:
                raise NotAcceptable("no SRTP suite in common")
            if capabilities.require_crypto:
                raise NotAcceptable("plain RTP is not allowed here")
            return None, None
        case other:
            raise NotAcceptable(f"the transport {other} is not supported")


def _crypto_lines(media: Media) -> list[Crypto]:
    found = []
    for value in media.all("crypto"):
        parts = value.split()
        # A fourth part is a session parameter (UNENCRYPTED_SRTP, KDR) that changes the protection: not taken.
        tag = natural(parts[0], 999_999_999) if len(parts) == 3 else None
        if tag is not None and parts[2].startswith("inline:"):
            found.append(Crypto(tag, parts[1], parts[2][7:].split(";")[0]))
    return found


def _negotiated(
    description: Description,
    media: Media,
    capabilities: Capabilities,
    codec: Codec,
    receive: int,
    dtmf: Codec | None,
    dtmf_receive: int | None,
    crypto: Crypto | None,
    local_crypto: Crypto | None,
) -> Negotiated:
    address = media.connection or description.connection
    if address is None:
        raise NotAcceptable("the audio has no address")
    literal = ":" in address or address.replace(".", "").isdigit()
    if literal and family(address) != family(capabilities.address):
        raise NotAcceptable(f"{family(address)} is not served here")
    direction = _meet(_direction(description, media), capabilities.direction)
    if address in {"0.0.0.0", "::"}:  # noqa: S104 - the old way to hold (RFC 3264 §8.4); nothing is bound
        direction = "recvonly" if direction in {"sendrecv", "recvonly"} else "inactive"
    mux = capabilities.rtcp_mux and media.attribute("rtcp-mux") is not None
    rtcp = (media.attribute("rtcp") or "").split(" ")[0]
    rtcp_port = natural(rtcp, 65535) or media.port + 1
    ptime = (media.attribute("ptime") or "").strip()
    wanted = natural(ptime) or capabilities.ptime
    return Negotiated(
        address,
        media.port,
        codec,
        codec.payload_type if codec.payload_type is not None else receive,
        receive,
        dtmf.payload_type if dtmf is not None else None,
        dtmf_receive,
        dtmf.rate if dtmf is not None else None,
        wanted if wanted in {10, 20, 30, 40, 60} else capabilities.ptime,
        direction,
        media.port if mux else min(rtcp_port, 65535),
        mux,
        crypto,
        local_crypto,
    )


def _direction(description: Description, media: Media) -> Direction:
    for attributes in (media.attributes, description.attributes):
        for name, _ in attributes:
            match name:
                case "sendrecv" | "sendonly" | "recvonly" | "inactive":
                    return name
    return "sendrecv"


def _meet(theirs: Direction, wanted: Direction) -> Direction:
    """Our direction, given what the peer said and what we want (RFC 3264 §6.1)."""
    sends = theirs in {"sendrecv", "recvonly"} and wanted in {"sendrecv", "sendonly"}
    receives = theirs in {"sendrecv", "sendonly"} and wanted in {"sendrecv", "recvonly"}
    if sends:
        return "sendrecv" if receives else "sendonly"
    return "recvonly" if receives else "inactive"


def _our_formats(capabilities: Capabilities) -> tuple[list[int], list[str]]:
    codecs, event = capabilities.codecs, capabilities.dtmf_payload_type
    formats: list[int] = []
    lines: list[str] = []
    for number, codec in numbered(codecs, event):
        formats.append(number)
        lines += format_lines(number, codec)
    for number, rate in numbered_events(codecs, event) if capabilities.dtmf else ():
        formats.append(number)
        lines += event_lines(number, rate)
    if capabilities.rtcp_mux:
        lines.append("a=rtcp-mux")
    return formats, lines


def _section(
    capabilities: Capabilities, protocol: str, formats: list[int], lines: list[str], direction: Direction
) -> list[str]:
    section = [f"m=audio {capabilities.port} {protocol} {' '.join(map(str, formats))}", *lines]
    section.append(f"a=ptime:{capabilities.ptime}")
    if capabilities.rtcp_port is not None and capabilities.rtcp_port != capabilities.port + 1:
        section.append(f"a=rtcp:{capabilities.rtcp_port}")
    section.append(f"a={direction}")
    return section


def _refused(media: Media) -> list[str]:
    return [f"m={media.kind} 0 {media.protocol} {' '.join(media.formats) or '0'}"]


def _write(capabilities: Capabilities, timing: str, sections: list[list[str]]) -> str:
    kind = family(capabilities.address)
    lines = [
        "v=0",
        f"o=- {capabilities.session_id} {capabilities.version} IN {kind} {capabilities.address}",
        "s=-",
        f"c=IN {kind} {capabilities.address}",
        f"t={timing}",
        *(line for section in sections for line in section),
    ]
    return "\r\n".join(lines) + "\r\n"
