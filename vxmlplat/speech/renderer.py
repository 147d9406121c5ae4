"""From prompts, as the interpreter hands them over, to clips that a channel plays (SSML 1.0, VoiceXML 2.0
§4.1).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from vxmlplat.clock import Clock, SystemClock
from vxmlplat.speech.clips import AudioFile, Clip, MarkPoint, Pause
from vxmlplat.speech.engine import Utterance
from vxmlplat.speech.errors import NotAudio
from vxmlplat.speech.phrases.language import Phrase, Unspeakable, language_of
from vxmlplat.speech.phrases.say_as import phrase_for
from vxmlplat.speech.prosody import pitch_factor, rate_factor, volume_factor
from vxmlplat.speech.voice import Voice as Speaker
from vxmlplat.vxml.platform import Audio, Boundary, Break, Mark, Phoneme, Prompt, SayAs, Segment, Text, Voice

log = logging.getLogger(__name__)

_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_BOUNDARIES = {"p": 0.35, "s": 0.15}
_LONGEST_BREAK = 60.0
KNOWN_AT_MOST = 1024
SEEN_FOR = 1.0
"""Seconds for which a file that was there is taken to be there still."""
# A sentence is a unit of synthesis and of the cache: what is the same in two prompts is spoken once.
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])")
_SPEAKABLE = re.compile(r"\w")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_CHINESE = ("zh", "cmn", "yue", "ja", "ko")


class Renderer:
    """Turns prompts into clips, each kind of segment by its own method."""

    def __init__(self, speaker: Speaker, clock: Clock | None = None) -> None:
        self._speaker = speaker
        self._clock = clock or SystemClock()
        self._known: dict[int, _Known] = {}
        self._makers: dict[type, Callable[[Any], Awaitable[list[Clip]]]] = {
            Text: self._text,
            SayAs: self._say_as,
            Phoneme: self._phoneme,
            Break: self._break,
            Boundary: self._boundary,
            Mark: self._mark,
            Audio: self._audio,
        }

    async def clips(self, prompt: Prompt) -> list[Clip]:
        """The clips of one prompt, in order.

        Raises UnsupportedLanguage or NoResource when a text cannot be spoken at all.
        """
        return await self._all(prompt.segments)

    async def _all(self, segments: Sequence[Segment]) -> list[Clip]:
        joined = list(_joined(segments))
        if len(joined) == 1:
            return await self._makers[type(joined[0])](joined[0])
        rows = await asyncio.gather(*(self._makers[type(s)](s) for s in joined))
        return [clip for row in rows for clip in row]

    async def _text(self, segment: Text) -> list[Clip]:
        return await self._spoken(segment.text, segment.lang, segment.voice)

    async def _phoneme(self, segment: Phoneme) -> list[Clip]:
        return await self._spoken(segment.text, segment.lang, segment.voice)

    async def _break(self, segment: Break) -> list[Clip]:
        seconds = segment.seconds if segment.seconds is not None else _STRENGTHS.get(segment.strength, 0.4)
        return [Pause(min(seconds, _LONGEST_BREAK))] if seconds > 0 else []

    async def _boundary(self, segment: Boundary) -> list[Clip]:
        return [Pause(_BOUNDARIES[segment.kind])]

    async def _mark(self, segment: Mark) -> list[Clip]:
        return [MarkPoint(segment.name)]

    async def _audio(self, segment: Audio) -> list[Clip]:
        try:
            resource = segment.resource
            return [AudioFile(await self._speaker.decode(resource.body, resource.content_type))]
        except NotAudio as error:
            log.warning("%s: %s; its alternate is played", segment.uri, error)
            return await self._all(segment.alternate)

    async def _say_as(self, segment: SayAs) -> list[Clip]:
        try:
            phrase = phrase_for(segment.lang, segment.interpret_as, segment.text, segment.format or "")
        except Unspeakable:
            return await self._spoken(segment.text, segment.lang, segment.voice)
        files = [self._piece(segment.lang, name) for name in phrase]
        if all(files):
            return [AudioFile(f) for f in files if f is not None]
        return await self._spoken(_words(phrase, segment.lang), segment.lang, segment.voice)

    def _piece(self, language: str, name: str) -> Path | None:
        for folder in self._speaker.config.prompts:
            path = folder / language / "pieces" / f"{name}.wav"
            if path.exists():
                return path
        return None

    async def _spoken(self, text: str, language: str, voice: Voice) -> list[Clip]:
        wanted = utterances(text, language or self._speaker.config.fallback_language, voice)
        now = self._clock.now()
        known = self._known.get(id(wanted))
        if known is not None and known.utterances is wanted and now < known.until:
            return list(known.clips)
        paths = [self._speaker.known(utterance) for utterance in wanted]
        if not all(paths):
            return [AudioFile(path) for path in await asyncio.gather(*map(self._speaker.speak, wanted))]
        clips: list[Clip] = [AudioFile(path) for path in paths if path is not None]
        if len(self._known) >= KNOWN_AT_MOST:
            self._known.clear()
        self._known[id(wanted)] = _Known(wanted, tuple(clips), now + SEEN_FOR)
        return clips


@dataclass(frozen=True, slots=True)
class _Known:
    """What a text was rendered to; its files have been seen to be there."""

    utterances: tuple[Utterance, ...]
    clips: tuple[Clip, ...]
    until: float


@lru_cache(maxsize=KNOWN_AT_MOST)
def utterances(text: str, language: str, voice: Voice) -> tuple[Utterance, ...]:
    """What is to be said of a text, sentence by sentence; nothing when the volume is none."""
    if volume_factor(voice.volume) == 0.0:
        return ()
    rate, pitch = rate_factor(voice.rate), pitch_factor(voice.pitch)
    language = _language_for(text, language)
    name = voice.name[0] if voice.name else ""
    return tuple(Utterance(sentence, language, rate, pitch, name) for sentence in sentences(text))


def sentences(text: str) -> list[str]:
    """The sentences of a text, white space folded, without those in which there is nothing to say."""
    folded = " ".join(text.split())
    return [part for part in _SENTENCE_END.split(folded) if _SPEAKABLE.search(part)]


def _language_for(text: str, language: str) -> str:
    """Mandarin for Chinese characters in a language that has none: better than silence."""
    if _HAN.search(text) and not language.lower().startswith(_CHINESE):
        return "zh-CN"
    return language


def _words(phrase: Phrase, language: str) -> str:
    speaker = language_of(language)
    words = [speaker.pieces[name] if speaker else name for name in phrase]
    return ("" if language.lower().startswith(_CHINESE) else " ").join(words)


def _joined(segments: Sequence[Segment]) -> Iterable[Segment]:
    """Neighbouring runs of text in one language and voice are one text:

    a value is spoken within its sentence.
    """
    run: Text | None = None
    for segment in segments:
        if (
            isinstance(segment, Text)
            and run is not None
            and (run.lang, run.voice) == (segment.lang, segment.voice)
        ):
            run = Text(run.text + segment.text, run.lang, run.voice)
            continue
        if run is not None:
            yield run
        run = segment if isinstance(segment, Text) else None
        if run is None:
            yield segment
    if run is not None:
        yield run
