"""What is spoken, as nodes of the model: text, values, audio, marks, SSML (VoiceXML 2.0 §4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Fetch:
    """The fetching attributes of an element (VoiceXML 2.0 §6.1.1); None where the properties decide."""

    audio: str | None = None
    hint: str | None = None
    timeout: float | None = None
    maxage: int | None = None
    maxstale: int | None = None


NO_FETCH = Fetch()


@dataclass(slots=True, eq=False, repr=False)
class TextRun:
    """Characters to be spoken."""

    text: str


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Value:
    """``<value>``."""

    line: int
    expr: str
    interpret_as: str | None = None


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class AudioRef:
    """``<audio>``; ``content`` is the alternate."""

    line: int
    src: str | None
    expr: str | None
    fetch: Fetch
    content: tuple[Speech, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class MarkRef:
    """``<mark>``."""

    line: int
    name: str | None
    nameexpr: str | None


@dataclass(slots=True, eq=False, repr=False)
class Pause:
    """``<break>``."""

    seconds: float | None
    strength: str


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Markup:
    """An element of SSML that holds text: p, s, voice, prosody, emphasis, say-as, sub, phoneme, …"""

    tag: str
    attributes: Mapping[str, str]
    lang: str | None
    content: tuple[Speech, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class EnumerateSpeech:
    """``<enumerate>``; no content asks for the platform's way of listing choices (§2.2.4)."""

    line: int
    content: tuple[Speech, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class ForeachSpeech:
    """``<foreach>`` inside a prompt (VoiceXML 2.1 §6)."""

    line: int
    item: str
    array: str
    content: tuple[Speech, ...]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class LexiconRef:
    """``<lexicon>`` of SSML."""

    uri: str
    type: str | None


Speech = TextRun | Value | AudioRef | MarkRef | Pause | Markup | EnumerateSpeech | ForeachSpeech | LexiconRef


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class PromptNode:
    """``<prompt>``, or speech that stands by itself in executable content (``implicit``)."""

    line: int
    content: tuple[Speech, ...]
    bargein: bool | None = None
    bargeintype: str | None = None
    cond: str | None = None
    count: int = 1
    timeout: float | None = None
    lang: str | None = None
    base: str | None = None
    implicit: bool = False
