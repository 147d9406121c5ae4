"""What a simulated call tells, as the events of ``vxmlplat run``; the same for typed and for spoken calls."""

from __future__ import annotations

from typing import Any

from vxmlplat.vxml.platform import Audio, Boundary, Break, Heard, Mark, Phoneme, Prompt, SayAs, Text


class Reporting:
    """The plain calls of :class:`~vxmlplat.vxml.platform.Platform` that only tell something."""

    def emit(self, event: str, **members: Any) -> None:
        """Report an event at the present moment."""
        raise NotImplementedError

    def log(self, label: str, text: str) -> None:
        """A ``<log>``."""
        self.emit("log", label=label, text=text)

    def thrown(self, name: str, message: str) -> None:
        """A VoiceXML event."""
        self.emit("throw", name=name, message=message or None)

    def accepted(self, heard: Heard) -> None:
        """An input that was taken."""
        self.emit(
            "input",
            mode=heard.mode,
            utterance=heard.utterance,
            interpretation=heard.interpretation,
            confidence=heard.confidence,
        )

    def say_prompt(self, prompt: Prompt) -> str | None:
        """Report one prompt; returns its last mark."""
        mark: str | None = None
        words: list[str] = []
        audio: list[str] = []
        for segment in prompt.segments:
            if isinstance(segment, (Text, SayAs, Phoneme)):
                words.append(segment.text)
            elif isinstance(segment, Audio):
                audio.append(segment.uri)
                words.append(" ")
            elif isinstance(segment, Mark):
                mark = segment.name
            elif isinstance(segment, (Boundary, Break)):
                words.append(" ")
        text = " ".join("".join(words).split())
        if text or audio:
            self.emit("prompt", text=text, audio=audio, bargein=prompt.bargein, lang=prompt.lang)
        return mark
