"""How what is said and what is written are compared: one normal form for both (SRGS 1.0 §2.1).

Case, Unicode compatibility forms and punctuation at a word's edges do not tell words apart. Han characters
and kana are words of their own, so that a match does not turn on where a recogniser or an author put
blanks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WRITTEN_TOGETHER = (
    r"\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNITS = re.compile(rf"[{_WRITTEN_TOGETHER}]|[^{_WRITTEN_TOGETHER}]+")
_PUNCTUATION = '.,;:!?…、。，；：！？"“”„«»()[]'


def normal_words(text: str) -> tuple[str, ...]:
    """The words of a text in normal form; none for white space alone."""
    return _known_words(text) if len(text) <= _SHORT else _split(text)


def _split(text: str) -> tuple[str, ...]:
    if text.isascii():
        words = text.lower().split()
        return tuple([word.strip(_PUNCTUATION) or word for word in words])
    folded = unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()
    words = [word.strip(_PUNCTUATION) or word for word in folded.split()]
    return tuple([unit for word in words for unit in _UNITS.findall(word)])


_SHORT = 60
"""Longer texts are not kept."""

_known_words = lru_cache(maxsize=65_536)(_split)
