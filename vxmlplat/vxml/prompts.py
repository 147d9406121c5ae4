"""Prompts as the world gets them: resolved, in order, ready to be heard (VoiceXML 2.0 §4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vxmlplat.documents import Resource


@dataclass(frozen=True, slots=True)
class Voice:
    """How a run of text is to be spoken (SSML 1.0 §3.2): the wishes of ``<voice>``, ``<prosody>`` and
    ``<emphasis>``.

    Values are the author's, as written and checked; ``None`` says that nothing was asked. Relative prosody
    values (``+10%``, ``-2st``) have been kept in order of nesting, outermost first.
    """

    gender: str | None = None
    age: int | None = None
    variant: int | None = None
    name: tuple[str, ...] = ()
    rate: tuple[str, ...] = ()
    pitch: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    contour: str | None = None
    duration: float | None = None
    volume: tuple[str, ...] = ()
    emphasis: str | None = None


PLAIN_VOICE = Voice()


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text in one language and one voice. White space inside is as in the document."""

    text: str
    lang: str
    voice: Voice = PLAIN_VOICE


@dataclass(frozen=True, slots=True)
class SayAs:
    """Text whose reading the author has named (``<say-as>``, or ``<value class>`` of older documents)."""

    text: str
    lang: str
    interpret_as: str
    format: str | None = None
    detail: str | None = None
    voice: Voice = PLAIN_VOICE


@dataclass(frozen=True, slots=True)
class Phoneme:
    """Text with its pronunciation spelled out; an engine that does not know ``alphabet`` reads ``text``."""

    text: str
    lang: str
    phonemes: str
    alphabet: str = "ipa"
    voice: Voice = PLAIN_VOICE


@dataclass(frozen=True, slots=True)
class Break:
    """A pause. ``seconds`` when the author named a time, else ``strength`` (none, x-weak … x-strong)."""

    seconds: float | None = None
    strength: str = "medium"


@dataclass(frozen=True, slots=True)
class Boundary:
    """The start of a paragraph (``p``) or sentence (``s``)."""

    kind: Literal["p", "s"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A named place; the last one passed before barge-in is reported as ``markname``."""

    name: str


@dataclass(frozen=True, slots=True)
class Audio:
    """Recorded audio that has been fetched. A world that cannot decode it plays ``alternate`` instead."""

    uri: str
    resource: Resource
    alternate: tuple[Segment, ...] = ()


Segment = Text | SayAs | Phoneme | Break | Boundary | Mark | Audio


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt, ready to be heard. A sequence of prompts is played in order with nothing between.

    ``bargein`` False: while this prompt plays, keys and speech are ignored and thrown away.
    ``bargeintype`` ``speech``: any key or speech stops it; ``hotword``: only a complete match does
    (VoiceXML 2.0 §4.1.5). ``lexicons`` are fetched pronunciation lexicons.
    """

    segments: tuple[Segment, ...]
    lang: str
    bargein: bool = True
    bargeintype: Literal["speech", "hotword"] = "speech"
    lexicons: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkPassed:
    """The last ``<mark>`` played, and the seconds from it to the prompts' end or barge-in (2.1 §5)."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Played:
    """How a prompt queue ended."""

    mark: MarkPassed | None = None
    hangup: bool = False
