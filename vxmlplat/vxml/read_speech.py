"""Reading what is spoken: the content of prompts, and speech that stands by itself."""

from __future__ import annotations

from collections.abc import Callable

from vxmlplat.documents.markup import Element
from vxmlplat.vxml import model, values
from vxmlplat.vxml.model import Speech

SpeechReader = Callable[[Element], Speech | None]
SPEECH_READERS: dict[str, SpeechReader] = {}

BREAK_SIZES = {"none": "none", "small": "weak", "medium": "medium", "large": "strong"}
"""``size`` of older documents, as the strengths of SSML 1.0."""


def speech(*names: str) -> Callable[[SpeechReader], SpeechReader]:
    """Register how elements of these names are read inside a prompt."""

    def register(reader: SpeechReader) -> SpeechReader:
        for name in names:
            if name in SPEECH_READERS:
                raise ValueError(f"<{name}> in speech is registered twice")
            SPEECH_READERS[name] = reader
        return reader

    return register


def read_speech(element: Element) -> tuple[Speech, ...]:
    """The content of an element, as speech."""
    found: list[Speech] = []
    for child in element.children:
        if isinstance(child, str):
            found.append(model.TextRun(child))
        else:
            reader = SPEECH_READERS.get(child.name)
            one = reader(child) if reader else None
            if one is not None:
                found.append(one)
    return tuple(found)


FETCH_ATTRIBUTES = frozenset({"fetchaudio", "fetchhint", "fetchtimeout", "maxage", "maxstale"})


def read_fetch(element: Element) -> model.Fetch:
    """The fetching attributes of an element (§6.1.1)."""
    get = element.attributes.get
    if FETCH_ATTRIBUTES.isdisjoint(element.attributes):
        return model.NO_FETCH
    timeout, maxage, maxstale = get("fetchtimeout"), get("maxage"), get("maxstale")
    return model.Fetch(
        audio=get("fetchaudio"),
        hint=get("fetchhint"),
        timeout=None if timeout is None else values.seconds(timeout),
        maxage=None if maxage is None else values.natural(maxage),
        maxstale=None if maxstale is None else values.natural(maxstale),
    )


@speech("value")
def _value(element: Element) -> Speech:
    return model.Value(line=element.line, expr=element.attributes["expr"], interpret_as=element.get("class"))


@speech("audio")
def _audio(element: Element) -> Speech:
    return model.AudioRef(
        line=element.line,
        src=element.get("src"),
        expr=element.get("expr"),
        fetch=read_fetch(element),
        content=read_speech(element),
    )


@speech("mark")
def _mark(element: Element) -> Speech:
    return model.MarkRef(line=element.line, name=element.get("name"), nameexpr=element.get("nameexpr"))


@speech("break")
def _break(element: Element) -> Speech:
    time = element.get("time")
    strength = element.get("strength") or BREAK_SIZES.get(element.get("size") or "", "medium")
    return model.Pause(None if time is None else values.seconds(time), strength)


@speech("enumerate")
def _enumerate(element: Element) -> Speech:
    return model.EnumerateSpeech(line=element.line, content=read_speech(element))


@speech("foreach")
def _foreach(element: Element) -> Speech:
    return model.ForeachSpeech(
        line=element.line,
        item=element.attributes["item"],
        array=element.attributes["array"],
        content=read_speech(element),
    )


@speech("lexicon")
def _lexicon(element: Element) -> Speech:
    return model.LexiconRef(uri=element.attributes["uri"], type=element.get("type"))


@speech(
    "p",
    "s",
    "paragraph",
    "sentence",
    "voice",
    "prosody",
    "emphasis",
    "say-as",
    "sub",
    "phoneme",
    "token",
    "w",
    "lang",
    "lookup",
)
def _markup(element: Element) -> Speech:
    return model.Markup(
        tag={"paragraph": "p", "sentence": "s"}.get(element.name, element.name),
        attributes=element.attributes,
        lang=element.get("xml:lang"),
        content=read_speech(element),
    )


def read_prompt(element: Element) -> model.PromptNode:
    """A ``<prompt>`` (§4.1)."""
    get = element.attributes.get
    timeout = get("timeout")
    return model.PromptNode(
        line=element.line,
        content=read_speech(element),
        bargein=None if get("bargein") is None else get("bargein") == "true",
        bargeintype=get("bargeintype"),
        cond=get("cond"),
        count=int(get("count") or 1),
        timeout=None if timeout is None else values.seconds(timeout),
        lang=get("xml:lang"),
        base=get("xml:base"),
    )


IMPLICIT = frozenset({"audio", "value", "enumerate"})
"""Elements that are a prompt by themselves where a prompt may stand (§4.1.2)."""


class ImplicitPrompt:
    """Gathers texts and speech elements that follow each other into one prompt."""

    __slots__ = ("_line", "content")

    def __init__(self) -> None:
        self._line = 0
        self.content: list[Speech] = []
        """What was gathered; white space alone must not begin it."""

    def element(self, element: Element) -> None:
        """An element of :data:`IMPLICIT`."""
        one = SPEECH_READERS[element.name](element)
        if one is not None:
            self._line = self._line or element.line
            self.content.append(one)

    def take(self, line: int) -> model.PromptNode:
        """The prompt gathered since the last call; there must be something."""
        prompt = model.PromptNode(line=self._line or line, content=tuple(self.content), implicit=True)
        self.content, self._line = [], 0
        return prompt
