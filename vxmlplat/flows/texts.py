"""Texts for people, as a map from language to text."""

from __future__ import annotations

Text = dict[str, str]
"""A text in several languages: BCP 47 tag to text."""

INTERFACE_LANGUAGES = ("en-US", "zh-CN")
"""The languages in which the product itself speaks to authors."""


def bilingual(english: str, chinese: str) -> Text:
    """A text of the product in both of its languages."""
    return {"en-US": english, "zh-CN": chinese}


def in_language(text: Text, language: str) -> str | None:
    """The text for a language, or for another region of it (``en-GB`` for ``en-US``), or None."""
    if language in text:
        return text[language]
    primary = language.split("-")[0].lower()
    return next((value for tag, value in text.items() if tag.split("-")[0].lower() == primary), None)
