"""Errors of speech resources."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class SpeechError(VxmlplatError):
    """A speech resource could not do what was asked."""


class NoResource(SpeechError):
    """No engine of the kind is there or free; the interpreter throws ``error.noresource``."""

    retryable = True


class UnsupportedLanguage(SpeechError):
    """No engine speaks or understands the language; the interpreter throws ``error.unsupported.language``."""


class NotAudio(SpeechError):
    """The bytes are no audio that can be decoded, or more of it than is allowed."""
