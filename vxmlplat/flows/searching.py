"""Words found in flows: in nodes, prompts, variables, notes and names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

EXCERPT = 120

HitKind = Literal["flow", "node", "variable", "note"]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Where the words stand: in which flow, in what of it, and the text around them."""

    flow: str
    kind: HitKind
    id: str
    title: str
    field: str
    text: str

    def as_json(self) -> dict[str, str]:
        """The shape of docs/api.md, "Search"."""
        return {
            "flow": self.flow,
            "kind": self.kind,
            "id": self.id,
            "title": self.title,
            "field": self.field,
            "text": self.text,
        }


def search_flows(drafts: Iterable[Mapping[str, Any]], query: str, limit: int = 50) -> list[SearchHit]:
    """The places that hold every word of the query, at most ``limit``; a flow is searched as it lies there,
    readable or not.
    """
    words = _folded(query).split()
    if not words:
        return []
    hits: list[SearchHit] = []
    for draft in drafts:
        for hit in _hits(draft, words):
            hits.append(hit)
            if len(hits) >= limit:
                return hits
    return hits


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _hits(draft: Mapping[str, Any], words: list[str]) -> Iterator[SearchHit]:
    flow = str(draft.get("id", ""))
    for field, text in _texts({"id": flow, "name": draft.get("name"), "class": draft.get("class")}):
        if _holds(text, words):
            yield SearchHit(flow, "flow", flow, flow, field, _excerpt(text, words))
            break
    for node in _records(draft.get("nodes")):
        node_id, title = str(node.get("id", "")), str(node.get("title") or "")
        named = {"title": title, "id": node_id}
        found = next((each for each in _texts(named) if _holds(each[1], words)), None)
        found = found or next((each for each in _texts(node.get("fields")) if _holds(each[1], words)), None)
        if found is not None:
            yield SearchHit(flow, "node", node_id, title or node_id, found[0], _excerpt(found[1], words))
    for variable in _records(draft.get("variables")):
        name = str(variable.get("name", ""))
        if _holds(name, words):
            yield SearchHit(flow, "variable", name, name, "name", name)
    for note in _records(draft.get("notes")):
        text = str(note.get("text") or "")
        if _holds(text, words):
            yield SearchHit(flow, "note", str(note.get("id", "")), "", "text", _excerpt(text, words))


def _records(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, Mapping))


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text inside a value with its path."""
    if isinstance(value, str):
        if value:
            yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}.{index}" if path else str(index))


def _holds(text: str, words: list[str]) -> bool:
    folded = _folded(text)
    return all(word in folded for word in words)


def _excerpt(text: str, words: list[str]) -> str:
    """The text around the first word, on one line."""
    line = " ".join(text.split())
    if len(line) <= EXCERPT:
        return line
    at = max(0, _folded(line).find(words[0]) - EXCERPT // 3)
    return ("…" if at else "") + line[at : at + EXCERPT] + ("…" if at + EXCERPT < len(line) else "")
