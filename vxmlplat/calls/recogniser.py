"""What a speech recogniser is to a call: the port that a recogniser's plugin implements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vxmlplat.vxml.platform import CollectRequest, Heard


class Hearing(Protocol):
    """A recogniser at work for one wait of one call."""

    async def understood(self) -> Sequence[Heard]:
        """The caller has spoken and is silent again: the readings of what was said, best first; none when it
        was not understood. May be asked again, for what is said after that. Raises SpeechError.
        """
        ...

    def close(self) -> None:
        """The wait is over."""
        ...


class Recogniser(Protocol):
    """A speech recogniser, shared by all calls."""

    async def listen(self, request: CollectRequest, audio: str) -> Hearing:
        """Begin to listen with the request's voice grammars, language and recognition properties.

        ``audio`` is the name of the caller's audio: ``media.tap.AudioTap.attach`` reads it from now on, in
        any process, as 16-bit samples at 8 kHz. Raises NoResource or UnsupportedLanguage.
        """
        ...
