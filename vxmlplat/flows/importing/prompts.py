"""A document's prompts as the pieces of a flow's prompt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vxmlplat.documents.markup import Element
from vxmlplat.flows.importing.report import StaysCode
from vxmlplat.flows.importing.scope import Scope, attributes_only

SPEAKING = frozenset({"prompt", "audio", "value", "say-as"})
"""Elements that may stand where something is said."""

_SAID_AS = {
    "vxml:digits": "digits",
    "vxml:number": "number",
    "vxml:date": "date",
    "vxml:time": "time",
    "vxml:phone": "telephone",
}
Piece = dict[str, Any]


class Spoken:
    """What is said in a row: the pieces of all its prompts, and what their attributes say."""

    def __init__(self) -> None:
        self._raw: list[Piece] = []
        self._bare = False
        self.bargein: bool | None = None
        self.timeout: str | None = None

    def add(self, child: Element | str, scope: Scope) -> None:
        """A text, or an element of :data:`SPEAKING`; what stands outside of a prompt runs on."""
        bare = isinstance(child, str) or child.name != "prompt"
        if isinstance(child, str) or child.name != "prompt":
            pieces = _pieces([child], scope)
            interrupted = scope.interruptible
        else:
            attributes_only(child, "bargein", "timeout", "xml:lang")
            if child.get("xml:lang", scope.language) != scope.language:
                raise StaysCode("a prompt is in another language", "提示音使用了其他语言")
            pieces = _pieces(child.children, scope)
            interrupted = scope.interruptible
            if child.get("bargein") is not None:
                interrupted = child.get("bargein") == "true"
            if interrupted and not scope.interruptible:
                raise StaysCode(
                    "its prompt can be interrupted where others cannot", "该提示音可打断而其余默认不可打断"
                )
            self.timeout = child.get("timeout") or self.timeout
        if not tidy(pieces):
            self._raw += pieces if bare else []
            return
        if self.bargein is not None and self.bargein != interrupted:
            raise StaysCode(
                "some of its prompts can be interrupted, others cannot", "有的提示音可打断，有的不可打断"
            )
        self.bargein = interrupted
        if not (bare and self._bare):
            self._raw.append(_text(" ", scope))
        self._raw += pieces
        self._bare = bare

    @property
    def pieces(self) -> list[Piece]:
        """The pieces as a flow has them; empty where nothing is said."""
        return tidy(self._raw)


def _pieces(children: Iterable[Element | str], scope: Scope) -> list[Piece]:
    pieces: list[Piece] = []
    for child in children:
        if isinstance(child, str):
            pieces.append(_text(child, scope))
        elif child.name == "value":
            attributes_only(child, "expr")
            pieces.append(_value(child, "text", scope))
        elif child.name == "say-as":
            pieces.append(_said_as(child, scope))
        elif child.name == "audio":
            pieces.append(_audio(child, scope))
        else:
            raise StaysCode(f"its prompt uses <{child.name}>", f"提示音使用了 <{child.name}>")
    return pieces


def _text(text: str, scope: Scope) -> Piece:
    return {"kind": "text", "text": {scope.language: text}}


def _value(element: Element, spoken_as: str, scope: Scope) -> Piece:
    return {"kind": "value", "expr": scope.expression(element.get("expr") or ""), "as": spoken_as}


def _said_as(element: Element, scope: Scope) -> Piece:
    attributes_only(element, "interpret-as")
    spoken_as = _SAID_AS.get(element.get("interpret-as") or "")
    inside = [child for child in element.children if isinstance(child, Element) or child.strip()]
    if spoken_as is None or len(inside) != 1:
        raise StaysCode("its prompt uses <say-as> for words", "提示音中的 <say-as> 用于文字")
    child = inside[0]
    if isinstance(child, str):
        quoted = "'" + child.strip().replace("\\", "\\\\").replace("'", "\\'") + "'"
        return {"kind": "value", "expr": quoted, "as": spoken_as}
    if child.name != "value":
        raise StaysCode("its prompt uses <say-as> for words", "提示音中的 <say-as> 用于文字")
    return _value(child, spoken_as, scope)


def _audio(element: Element, scope: Scope) -> Piece:
    attributes_only(element, "src")
    source = (element.get("src") or "").strip()
    alternate = "".join(child for child in element.children if isinstance(child, str))
    if not source or any(isinstance(child, Element) for child in element.children):
        raise StaysCode(
            "it plays a recording with more than a plain text beside it", "录音的替代内容不是纯文本"
        )
    if any(sign <= " " for sign in source):
        raise StaysCode("it plays a recording from an odd address", "录音地址含有特殊字符")
    words = " ".join(alternate.split())
    return {"kind": "address", "src": source, "text": {scope.language: words} if words else {}}


def tidy(pieces: list[Piece]) -> list[Piece]:
    """Texts joined and their white space folded; none at the ends."""
    joined: list[Piece] = []
    for piece in pieces:
        if piece["kind"] == "text" and joined and joined[-1]["kind"] == "text":
            ((language, words),) = piece["text"].items()
            joined[-1] = {"kind": "text", "text": {language: joined[-1]["text"][language] + words}}
        else:
            joined.append(piece)
    said = [piece for piece in joined if piece["kind"] != "text" or _words(piece).strip()]
    for before, gap, after in zip(joined, joined[1:], joined[2:], strict=False):
        if gap not in said and before["kind"] == after["kind"] == "value":
            raise StaysCode("it says two values with nothing but a blank between", "两个变量值之间只有空格")
    for index, piece in enumerate(said):
        if piece["kind"] == "text":
            words = _words(piece)
            left = " " if words[:1].isspace() and index > 0 else ""
            right = " " if words[-1:].isspace() and index < len(said) - 1 else ""
            (language,) = piece["text"]
            said[index] = {"kind": "text", "text": {language: left + " ".join(words.split()) + right}}
    return said


def _words(piece: Piece) -> str:
    return str(next(iter(piece["text"].values())))
