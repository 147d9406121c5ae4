"""Prompts of the flow as VoiceXML ``<prompt>`` elements, one for each language."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.schema import AddressPiece, AudioPiece, PromptPiece, TextPiece, ValuePiece
from vxmlplat.flows.texts import Text, in_language
from vxmlplat.flows.xml_writer import Attributes, XmlWriter, escape_text, start_tag

_INTERPRET_AS = {
    "digits": "vxml:digits",
    "number": "vxml:number",
    "currency": "vxml:currency",
    "date": "vxml:date",
    "time": "vxml:time",
    "telephone": "vxml:phone",
}
"""VoiceXML 2.0 Appendix P: the contents of its say-as types."""


def write_prompt(
    out: XmlWriter,
    prompt: Sequence[PromptPiece],
    languages: Sequence[str],
    prompts_uri: str,
    *,
    bargein: bool = True,
    timeout: str | None = None,
) -> None:
    """The prompt in every language of the flow, each under its condition; nothing for an empty prompt."""
    if not prompt:
        return
    for language in languages:
        content = "".join(_piece(piece, language, languages, prompts_uri) for piece in prompt)
        if not content.strip():
            continue
        attributes: Attributes = {
            "cond": f"application.lang == {string_literal(language)}" if len(languages) > 1 else None,
            "xml:lang": language if len(languages) > 1 else None,
            "bargein": None if bargein else "false",
            "timeout": timeout,
        }
        out.markup("prompt", content, attributes)


def _piece(piece: PromptPiece, language: str, languages: Sequence[str], prompts_uri: str) -> str:
    if isinstance(piece, TextPiece):
        if piece.every_language:
            return " ".join(_spoken_in(piece.text, each, language) for each in languages)
        return _text(piece.text, language, languages)
    if isinstance(piece, AudioPiece | AddressPiece):
        source = (
            f"{prompts_uri}{language}/{quote(piece.prompt, safe='')}"
            if isinstance(piece, AudioPiece)
            else piece.src
        )
        alternate = _text(piece.text, language, languages)
        if alternate:
            return f"{start_tag('audio', {'src': source})}{alternate}</audio>"
        return start_tag("audio", {"src": source}, "/>")
    return _value(piece)


def _text(text: Text, language: str, languages: Sequence[str]) -> str:
    """The text of the language; where the author has written none, that of another, in its own voice."""
    own = in_language(text, language)
    if own is not None and own.strip():
        return escape_text(own)
    for other in [*languages, *text]:
        borrowed = in_language(text, other)
        if borrowed is not None and borrowed.strip():
            return f"{start_tag('voice', {'xml:lang': other})}{escape_text(borrowed)}</voice>"
    return ""


def _spoken_in(text: Text, own: str, language: str) -> str:
    """The text of a language, in that language's voice where the prompt is in another."""
    escaped = escape_text(in_language(text, own) or "")
    return (
        escaped
        if own == language or not escaped
        else f"{start_tag('voice', {'xml:lang': own})}{escaped}</voice>"
    )


def _value(piece: ValuePiece) -> str:
    expression = piece.expr
    if piece.spoken_as == "currency" and piece.currency:
        expression = f"{string_literal(piece.currency)} + ({expression})"
    value = start_tag("value", {"expr": expression}, "/>")
    if piece.spoken_as == "text":
        return value
    return f"{start_tag('say-as', {'interpret-as': _INTERPRET_AS[piece.spoken_as]})}{value}</say-as>"
