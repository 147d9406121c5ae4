"""What a language must know to say figures, and the table of the languages that do.

A phrase is a sequence of *piece* names. A piece is a short recording, ``prompts/LANGUAGE/pieces/NAME.wav``;
its text, from
``PhraseLanguage.pieces``, is what a speaker reads when recording it and what a synthesiser says where the
recording
is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol

from vxmlplat.errors import VxmlplatError

Phrase = tuple[str, ...]


class Unspeakable(VxmlplatError):
    """The text is not of the kind asked for (letters in a number, month 13);

    it is then spoken as plain text.
    """


class PhraseLanguage(Protocol):
    """One language's way to say figures.

    Every method gives piece names; a text it cannot say raises Unspeakable.
    """

    @property
    def pieces(self) -> Mapping[str, str]:
        """Name of each piece, and the text of its recording."""
        ...

    def digits(self, text: str) -> Phrase:
        """Digit by digit, as for an account number."""
        ...

    def telephone(self, text: str) -> Phrase:
        """Digit by digit as telephone numbers are read out; ``x`` begins an extension."""
        ...

    def cardinal(self, value: Decimal) -> Phrase:
        """A number with its decimals, up to but not including 10**12."""
        ...

    def ordinal(self, value: int) -> Phrase:
        """A place in an order: 1 to 31 at least."""
        ...

    def currency(self, value: Decimal, code: str) -> Phrase:
        """An amount of money; ``code`` is of ISO 4217, or empty for the language's own."""
        ...

    def date(self, year: int | None, month: int | None, day: int | None) -> Phrase:
        """A date, or the parts of one that are known."""
        ...

    def time(self, hour: int, minute: int, half: str) -> Phrase:
        """A time of day;

        ``half`` is ``a``, ``p``, ``h`` (24-hour clock) or ``?`` (VoiceXML 2.0 appendix P).
        """
        ...

    def boolean(self, value: bool) -> Phrase:
        """Yes or no."""
        ...


_LANGUAGES: dict[str, PhraseLanguage] = {}


def phrase_language(*tags: str) -> Callable[[type[PhraseLanguage]], type[PhraseLanguage]]:
    """Register a class for language tags (BCP 47); a primary tag serves every region of the language."""

    def register(cls: type[PhraseLanguage]) -> type[PhraseLanguage]:
        for tag in tags:
            if tag.lower() in _LANGUAGES:
                raise ValueError(f"language {tag} is registered twice")
            _LANGUAGES[tag.lower()] = cls()
        return cls

    return register


def language_of(tag: str) -> PhraseLanguage | None:
    """The language of a tag, by the tag itself or by its primary part; None when nobody knows it."""
    tag = tag.lower().replace("_", "-")
    return _LANGUAGES.get(tag) or _LANGUAGES.get(tag.split("-")[0])


DIGITS = frozenset("0123456789")


def only_digits(text: str, also: str = "") -> str:
    """The text without blanks and hyphens, if it is digits (and the characters of ``also``) otherwise."""
    plain = "".join(c for c in text if c not in " -\t\n().")
    if not plain or any(c not in DIGITS and c not in also for c in plain):
        raise Unspeakable(f"{text!r} is not a string of digits")
    return plain
