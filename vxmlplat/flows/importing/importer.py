"""From a document's text to a flow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vxmlplat.documents.markup import Element
from vxmlplat.flows.hand_written import COMPUTED, declared_names, is_relative, references
from vxmlplat.flows.importing.application_root import check_scopes, with_root
from vxmlplat.flows.importing.draft import Dialog, FlowDraft, NodeDraft, names_of
from vxmlplat.flows.importing.items import ITEMS, menu, properties_of
from vxmlplat.flows.importing.listening import HANDLERS
from vxmlplat.flows.importing.reading import DocumentParts, DocumentRefused, Part, take_apart
from vxmlplat.flows.importing.report import Became, StaysCode
from vxmlplat.flows.importing.scope import Scope, attributes_only, variable_of
from vxmlplat.flows.schema import LANGUAGE_TAG, SCHEMA_VERSION
from vxmlplat.flows.texts import Text, bilingual


@dataclass(frozen=True)
class Imported:
    """A flow's JSON, and what became what, in the order of the document."""

    flow: dict[str, Any]
    report: tuple[Became, ...]


def import_voicexml(
    text: str, flow_id: str, *, name: str = "", base: str = "", application: str | None = None
) -> Imported:
    """A VoiceXML document as a flow.

    ``base`` is the address of the document: relative addresses in it are resolved against it.
    ``application`` is the text of its application root, if it names one: it is put into the document. Where
    that cannot be, or the root is not known, the document stays a page that the flow goes to.

    The document should be a valid one; whoever has an interpreter checks that before. Raises
    :class:`DocumentRefused`.
    """
    parts = take_apart(text, base)
    if not parts.application:
        return _Importer(parts, flow_id, name).run()
    try:
        if application is None:
            raise StaysCode("its application root is not known", "未提供其应用根文档")
        return _Importer(with_root(parts, application), flow_id, name).run()
    except StaysCode as stays:
        if not base:
            english, chinese = stays.reason["en-US"], stays.reason["zh-CN"]
            raise DocumentRefused(
                parts.root.line,
                parts.root.column,
                f"the document has an application root document: {english}; give that document too, or the"
                " address where both lie, and it stays a page there",
                f"该文档引用了应用根文档（application）：{chinese}；请同时提供根文档，或填写两者所在的地址以页面方式保留",
            ) from stays
        return _as_page(parts, flow_id, name, base, stays.reason)


def _as_page(parts: DocumentParts, flow_id: str, name: str, address: str, reason: Text) -> Imported:
    """A flow that goes to the document where it lies."""
    draft = FlowDraft()
    page = NodeDraft("vxml_page", {"url": address, "mode": "go"}, id=draft.free_id("page"))
    start = NodeDraft("start", {}, {"next": page}, id=draft.free_id("start"))
    draft.nodes += [start, page]
    nodes, edges = draft.as_json(start)
    language = _language(parts.root)
    report = Became("", parts.root.line, parts.root.column, (page.id,), (page.type,), reason)
    return Imported(_flow(flow_id, name or flow_id, language, nodes=nodes, edges=edges), (report,))


def _flow(flow_id: str, name: str, language: str, **members: Any) -> dict[str, Any]:
    """A flow's JSON that goes by VoiceXML's own defaults."""
    return {
        "schema": SCHEMA_VERSION,
        "id": flow_id,
        "name": {language: name},
        "class": "",
        "languages": [language],
        "variables": [],
        "navigation": {"enabled": False},
        "voicexml_defaults": True,
        "notes": [],
        **members,
    }


class _Importer:
    def __init__(self, parts: DocumentParts, flow_id: str, name: str) -> None:
        self._parts = parts
        self._flow_id = flow_id
        self._name = name
        self._language = _language(parts.root)
        self._draft = FlowDraft()
        self._ids = self._name_dialogs()
        self._report: list[Became] = []
        self._notes: list[tuple[str, NodeDraft]] = []

    def run(self) -> Imported:
        """Head, dialogs, start; then the JSON."""
        variables, head = self._head()
        check_scopes(self._parts, head)
        scope = Scope(
            draft=self._draft,
            language=self._language,
            known=declared_names([part.element for part in head]),
            variables={variable["name"]: variable for variable in variables},
            dialogs=frozenset(self._ids),
            own=frozenset(variable["name"] for variable in variables),
            properties={
                each.element.get("name") or "": each.element.get("value") or ""
                for each in head
                if each.element.name == "property"
            },
            links=any(part.element.name == "link" for part in head),
        )
        start = NodeDraft(
            "start", {}, {"next": Dialog(next(iter(self._ids)))}, id=self._draft.free_id("start")
        )
        self._draft.nodes.append(start)
        self._add_head(head)
        called = self._called()
        for dialog, part in zip(self._ids, self._parts.dialogs, strict=True):
            self._add_dialog(dialog, part, scope, called)
        nodes, edges = self._draft.as_json(start)
        flow = _flow(
            self._flow_id,
            self._name or self._title() or self._flow_id,
            self._language,
            variables=list(scope.variables.values()),
            nodes=nodes,
            edges=edges,
            notes=self._sheets(nodes),
        )
        return Imported(flow, tuple(sorted(self._report, key=lambda each: (each.line, each.column))))

    # ------------------------------------------------------------------------------------------------- names

    def _name_dialogs(self) -> dict[str, str]:
        """Each dialog's id in the document, made up where there is none, and the id of its first node."""
        ids: dict[str, str] = {}
        for number, part in enumerate(self._parts.dialogs, 1):
            own = part.element.get("id") or f"{part.element.name}_{number}"
            if own in ids:
                raise DocumentRefused(
                    part.element.line,
                    part.element.column,
                    f"two dialogs have the id {own!r}",
                    f"两个对话的 id 都是 {own!r}",
                )
            ids[own] = self._draft.claim(own)
        return ids

    def _title(self) -> str:
        titles = {"title", "dc.title"}
        for part in self._parts.head:
            if part.element.name == "meta" and (part.element.get("name") or "").lower() in titles:
                return (part.element.get("content") or "")[:200]
        return ""

    def _called(self) -> frozenset[str]:
        """The dialogs that others call as subdialogs: their forms take parameters."""
        elements = [part.element for part in (*self._parts.head, *self._parts.dialogs)]
        return frozenset(each.name for each in references(elements) if each.calls)

    # -------------------------------------------------------------------------------------------------- head

    def _head(self) -> tuple[list[dict[str, Any]], list[Part]]:
        """Plain variables become the flow's; the rest stays code."""
        everything = "\n".join(part.source for part in (*self._parts.head, *self._parts.dialogs))
        variables: list[dict[str, Any]] = []
        head: list[Part] = []
        for part in self._parts.head:
            variable = variable_of(part.element) if part.element.name == "var" else None
            name = re.escape(variable["name"]) if variable else ""
            before = "\n".join(other.source for other in head)
            qualified, earlier = rf"\bdocument\s*\.\s*{name}\b", rf"\b{name}\b"
            if variable is None or re.search(qualified, everything) or re.search(earlier, before):
                head.append(part)
            else:
                variables.append(variable)
        return variables, head

    def _add_head(self, head: list[Part]) -> None:
        taken = self._from_root()
        if not head:
            if taken:
                root = self._parts.root
                self._report.append(Became("", root.line, root.column, (), (), None, taken))
            return
        source = "\n".join(
            "\n".join([*(f"<!-- {_comment(words)} -->" for words in part.before), part.source])
            for part in head
        )
        node = self._code("vxml_document", source, [part.element for part in head])
        node.id = self._draft.free_id("document")
        self._draft.nodes.append(node)
        first = head[0].element
        notes = tuple(note for part in head for note in _advice(part.element, self._parts.base))
        self._report.append(
            Became("", first.line, first.column, (node.id,), (node.type,), None, _once((*taken, *notes)))
        )

    def _from_root(self) -> tuple[Text, ...]:
        """What an author should know of the application root."""
        if not self._parts.of_root:
            return ()
        return (
            bilingual(
                f"The application root {self._parts.application} was taken in.",
                f"已并入应用根文档 {self._parts.application}。",
            ),
        )

    def _code(self, node_type: str, source: str, elements: list[Element]) -> NodeDraft:
        """A node of code with an exit for each dialog that it leads to."""
        own = {element.get("id") for element in elements} if node_type == "vxml" else set()
        names = dict.fromkeys(
            each.name for each in references(elements) if each.name not in own and each.name in self._ids
        )
        renamed = {name: self._ids[name] for name in names if self._ids[name] != name}
        if renamed:
            source = _renamed(source, renamed)
        exits = [{"id": self._ids[name], "label": ""} for name in names]
        ways = {self._ids[name]: Dialog(name) for name in names}
        fields: dict[str, Any] = {"source": source, "exits": exits}
        if self._parts.base and any(_looks_elsewhere(element) for element in elements):
            fields["base"] = self._parts.base
        return NodeDraft(node_type, fields, dict(ways))

    # ----------------------------------------------------------------------------------------------- dialogs

    def _add_dialog(self, dialog: str, part: Part, scope: Scope, called: frozenset[str]) -> None:
        reason: Text | None = None
        before = dict(scope.variables)
        try:
            if dialog in called:
                raise StaysCode("others call it and hand parameters in", "它被其他对话调用并接收参数")
            entry = _form(part.element, scope) if part.element.name == "form" else menu(part.element, scope)
            if not isinstance(entry, NodeDraft) or entry.id:
                raise StaysCode("it does nothing but lead on", "它只转到其他对话")
        except StaysCode as stays:
            reason = stays.reason
            scope.variables.clear()
            scope.variables.update(before)
            entry = self._code("vxml", part.source, [part.element])
        new = self._draft.add(entry, dialog, self._ids[dialog])
        comments = part.before if reason is not None else (*part.before, *part.within)
        if comments:
            self._notes.append(("\n".join(comments), entry))
        notes = _advice(part.element, self._parts.base) if reason is not None else iter(())
        self._report.append(
            Became(
                dialog,
                part.element.line,
                part.element.column,
                names_of(new),
                tuple(node.type for node in new),
                reason,
                _once(tuple(notes)),
            )
        )

    def _sheets(self, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The document's comments as notes above the nodes that they stood with."""
        places = {node["id"]: node["position"] for node in nodes}
        sheets = [
            {
                "id": f"note_{number}",
                "text": words[:2000],
                "position": {"x": places[node.id]["x"], "y": places[node.id]["y"] - 112},
                "width": 224,
                "height": 96,
            }
            for number, (words, node) in enumerate(self._notes[:500], 1)
        ]
        if self._parts.left_over:
            sheets.append(
                {
                    "id": "note_last",
                    "text": "\n".join(self._parts.left_over)[:2000],
                    "position": {"x": 0, "y": -240},
                    "width": 224,
                    "height": 96,
                }
            )
        return sheets


def _form(element: Element, scope: Scope) -> NodeDraft | Dialog:
    """A form whose items follow each other, as nodes in a row."""
    attributes_only(element, "id")
    scope = scope.inside(properties_of(element))
    handlers = [child for child in element.elements() if child.name in HANDLERS]
    items: list[Element] = []
    for child in element.elements():
        if child.name in ITEMS:
            items.append(child)
        elif child.name not in HANDLERS and child.name != "property":
            raise StaysCode(f"it uses <{child.name}>", f"使用了 <{child.name}>")
    if handlers and not any(item.name == "field" for item in items):
        raise StaysCode("the form handles events", "表单处理了事件")
    for item in items:
        if item.name == "field":
            scope.input_variable(item.get("name"))
    target: NodeDraft | Dialog = scope.draft.end()
    for item in reversed(items):
        target = ITEMS[item.name](item, scope, target, handlers)
    return target


def _language(root: Element) -> str:
    language = root.get("xml:lang") or "en-US"
    if not re.fullmatch(LANGUAGE_TAG.strip("^$"), language):
        raise DocumentRefused(
            root.line,
            root.column,
            f"xml:lang is {language!r}; a flow's language is a tag such as en-US or zh-CN",
            f"xml:lang 为 {language!r}；流程语言须为 en-US、zh-CN 之类的标签",
        )
    return language


def _advice(element: Element, base: str) -> Iterator[Text]:
    """What an author should look at in code."""
    for each in element.iter():
        if each.name in COMPUTED and COMPUTED[each.name] in each.attributes:
            yield bilingual(
                f"<{each.name}> works its address out during the call; no edge shows that way.",
                f"<{each.name}> 的地址在通话中计算，画布上不显示该连线。",
            )
        for name in ("src", "next"):
            value = each.get(name) or ""
            if not base and value and is_relative(value):
                yield bilingual(
                    f"The address {value} is seen from where the document was; give that address.",
                    f"地址 {value} 相对于原文档所在位置，请填写原文档地址。",
                )
        if each.name == "return":
            yield bilingual(
                "It returns to whoever called the document.",
                "它返回到调用该文档的一方。",
            )


def _looks_elsewhere(element: Element) -> bool:
    """Whether an element, or one in it, names an address that may be relative."""
    return any(
        {"src", "next", "fetchaudio", "uri", "data"} & each.attributes.keys()
        or COMPUTED.get(each.name) in each.attributes
        or (each.name == "grammar" and "$<" in each.text())
        for each in element.iter()
    )


def _renamed(source: str, names: Mapping[str, str]) -> str:
    """References to dialogs whose nodes are called otherwise."""

    def other(found: re.Match[str]) -> str:
        name = names.get(found[3])
        return found[0] if name is None else f"{found[1]}{found[2]}#{name}{found[2]}"

    return re.sub(r"""\b((?:next|src)\s*=\s*)(["'])\s*#([^"']*?)\s*\2""", other, source)


def _comment(words: str) -> str:
    return words.replace("--", "- -")


def _once(notes: tuple[Text, ...]) -> tuple[Text, ...]:
    return tuple({note["en-US"]: note for note in notes}.values())[:20]
