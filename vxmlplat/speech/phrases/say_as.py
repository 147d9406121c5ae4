"""``<say-as>``:

from a text and its kind to a phrase (SSML 1.0 §3.1.8; VoiceXML 2.0 appendix P names the ``vxml:`` kinds).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from vxmlplat.speech.phrases import english, mandarin  # noqa: F401  the languages register themselves
from vxmlplat.speech.phrases.language import Phrase, PhraseLanguage, Unspeakable, language_of

_Reader = Callable[[PhraseLanguage, str, str], Phrase]
_KINDS: dict[str, _Reader] = {}


def _kind(*names: str) -> Callable[[_Reader], _Reader]:
    def register(reader: _Reader) -> _Reader:
        for name in names:
            if name in _KINDS:
                raise ValueError(f"say-as kind {name} is registered twice")
            _KINDS[name] = reader
        return reader

    return register


def phrase_for(language: str, kind: str, text: str, form: str = "") -> Phrase:
    """The pieces that say ``text`` as ``kind``.

    ``kind`` is the ``interpret-as`` of the markup, ``form`` its ``format``. Raises Unspeakable for a
    language, a kind or a
    text that has no pieces; the text is then given to a synthesiser as it stands.
    """
    speaker = language_of(language)
    reader = _KINDS.get(kind.lower().removeprefix("vxml:"))
    if speaker is None or reader is None:
        raise Unspeakable(f"no pieces for {kind!r} in {language}")
    return reader(speaker, text.strip(), form.strip().lower())


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation as error:
        raise Unspeakable(f"{text!r} is no number") from error
    if not value.is_finite():
        raise Unspeakable(f"{text!r} is no number")
    return value


@_kind("digits", "characters", "spell-out")
def _digits(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    return speaker.digits(text)


@_kind("telephone", "phone")
def _telephone(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    return speaker.telephone(text)


@_kind("number", "cardinal")
def _number(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    if form == "ordinal":
        return _ordinal(speaker, text, form)
    if form == "digits":
        return speaker.digits(text)
    return speaker.cardinal(_decimal(text))


@_kind("ordinal")
def _ordinal(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Unspeakable(f"{text!r} is no ordinal")
    return speaker.ordinal(int(text))


@_kind("currency")
def _currency(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    match = re.fullmatch(r"([A-Za-z]{3})?\s*([+-]?[0-9][0-9,]*(?:\.[0-9]+)?)", text)
    if match is None:
        raise Unspeakable(f"{text!r} is no amount")
    return speaker.currency(_decimal(match[2]), match[1] or form.upper())


@_kind("date")
def _date(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    if match := re.fullmatch(r"([0-9]{4}|\?{4})-?([0-9]{2}|\?{2})-?([0-9]{2}|\?{2})", text):
        year, month, day = (None if "?" in part else int(part) for part in match.groups())
        return speaker.date(year, month, day)
    parts = [int(p) for p in re.findall(r"[0-9]+", text)]
    order = form or "ymd"
    if not parts or len(parts) != len(order) or set(order) - set("ymd"):
        raise Unspeakable(f"{text!r} is no date of the format {order!r}")
    known = dict(zip(order, parts, strict=True))
    return speaker.date(known.get("y"), known.get("m"), known.get("d"))


@_kind("time")
def _time(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    match = re.fullmatch(r"([0-9]{1,2}):?([0-9]{2})(?::?[0-9]{2})?\s*([aphAPH?]?)[mM]?", text)
    if match is None:
        raise Unspeakable(f"{text!r} is no time of day")
    half = match[3].lower() or ("h" if form in ("", "hms24", "hm24", "hms", "hm") else "?")
    return speaker.time(int(match[1]), int(match[2]), half)


@_kind("boolean")
def _boolean(speaker: PhraseLanguage, text: str, form: str) -> Phrase:
    if text not in ("true", "false"):
        raise Unspeakable(f"{text!r} is neither true nor false")
    return speaker.boolean(text == "true")
