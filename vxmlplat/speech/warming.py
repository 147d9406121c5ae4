"""What a flow will say, known before anybody calls: so that it is synthesised when it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vxmlplat.speech.engine import Utterance
from vxmlplat.speech.renderer import sentences


def texts_of(graph: Mapping[str, Any]) -> Iterator[Utterance]:
    """Every sentence of every text piece of a flow (docs/api.md, "Flow"), in its language, each once.

    A sentence that a value is spoken within is not among them: it is another one for each caller.
    """
    seen: set[Utterance] = set()
    for language, text in _pieces(graph):
        for sentence in sentences(text):
            utterance = Utterance(sentence, language)
            if utterance not in seen:
                seen.add(utterance)
                yield utterance


def _pieces(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        texts = value.get("text")
        if value.get("kind") == "text" and isinstance(texts, Mapping):
            yield from ((str(language), str(text)) for language, text in texts.items())
        for part in value.values():
            yield from _pieces(part)
    elif isinstance(value, list):
        for part in value:
            yield from _pieces(part)
