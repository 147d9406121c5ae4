"""Events with what an author wants to know of them: grammars to be read, prompts piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vxmlplat.documents import FetchError, FetchRequest, Resource
from vxmlplat.simulator.grammar_reading import read_grammar
from vxmlplat.simulator.reporting import Reporting
from vxmlplat.simulator.watching import Watch
from vxmlplat.simulator.web_answers import answer_members
from vxmlplat.vxml.platform import ActiveGrammar, Audio, Phoneme, Prompt, SayAs, Segment, Text


class Telling(Reporting):
    """Tells a watch what happens in its world. ``grammars`` are those that listen now."""

    watch: Watch
    grammars: Sequence[ActiveGrammar] = ()
    _prompt: Prompt | None = None

    def emit(self, event: str, **members: Any) -> None:
        """Report an event."""
        if self.watch.silent:
            return
        if event == "listen":
            members["grammars"] = listening_members(self.grammars)
        elif event == "prompt" and self._prompt is not None:
            members["parts"] = spoken_parts(self._prompt.segments)
        elif event == "transfer":
            # It has a type of its own, bridge or blind: on the way to the page that is its kind.
            members["kind"] = members.pop("type")
        self.watch.stamp("event", event=event, **members)

    def answered(self, request: FetchRequest, given: Resource | FetchError, base: str) -> None:
        """A service of the platform, whose address is ``base``, or the web has answered."""
        members = answer_members(request, given, base)
        if members is not None:
            self.emit("answer", **members)

    def say_prompt(self, prompt: Prompt) -> str | None:
        """Report one prompt."""
        self._prompt = prompt
        return super().say_prompt(prompt)


def spoken_parts(segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """A prompt piece by piece as it is heard: ``{"lang", "text"}`` or ``{"audio", "text"}`` (the words beside
    the recording)."""
    parts: list[dict[str, Any]] = []
    for segment in segments:
        if isinstance(segment, Audio):
            words = " ".join(str(part["text"]) for part in spoken_parts(segment.alternate))
            parts.append({"audio": segment.uri, "text": words})
        elif isinstance(segment, (Text, SayAs, Phoneme)) and segment.text.strip():
            text = " ".join(segment.text.split())
            if parts and parts[-1].get("lang") == segment.lang:
                parts[-1]["text"] += " " + text
            else:
                parts.append({"lang": segment.lang, "text": text})
    return parts


def listening_members(grammars: Sequence[ActiveGrammar]) -> list[dict[str, Any]]:
    """The grammars of a ``listen`` event, each once."""
    found: list[dict[str, Any]] = []
    for grammar in grammars:
        read = read_grammar(grammar)
        if read not in found:
            found.append(read)
    return found
