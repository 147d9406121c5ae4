"""A document's application root (VoiceXML 2.0 §1.5.2), put into the document where both then say the same.

Its variables become the flow's, and so stand in the scope ``application`` as before. Its scripts, links and
properties come before the document's own, its handlers after: those of the document are chosen first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vxmlplat.documents.markup import Element
from vxmlplat.flows.hand_written import COMPUTED, declared_names
from vxmlplat.flows.importing.reading import DocumentParts, DocumentRefused, Part, take_apart_root
from vxmlplat.flows.importing.report import StaysCode

HANDLERS = frozenset({"catch", "error", "help", "noinput", "nomatch"})
LEADING = frozenset({"goto", "choice", "link"})


def with_root(parts: DocumentParts, application: str) -> DocumentParts:
    """The document with the parts of its root, whose text is ``application``.

    Raises :class:`StaysCode` where the two together would not say the same, and ``DocumentRefused`` where the
    root cannot be read; its place is then that of the attribute, for the root is another text.
    """
    try:
        root = take_apart_root(application, parts.application, parts.base)
    except DocumentRefused as refused:
        english, chinese = refused.reason["en-US"], refused.reason["zh-CN"]
        raise DocumentRefused(
            parts.root.line,
            parts.root.column,
            f"the application root document, line {refused.line}: {english}",
            f"应用根文档第 {refused.line} 行：{chinese}",
        ) from refused
    if root.dialogs:
        raise StaysCode("its application root has dialogs of its own", "其应用根文档自带对话")
    spoken = root.root.get("xml:lang") or "en-US"
    handlers = [part for part in root.head if part.element.name in HANDLERS]
    if handlers and spoken != (parts.root.get("xml:lang") or "en-US"):
        raise StaysCode(f"its application root speaks {spoken}", f"其应用根文档使用 {spoken}")
    twice = _names(root.head) & _names(parts.head)
    if twice:
        name = sorted(twice)[0]
        raise StaysCode(
            f"{name} is declared in it and in its application root", f"{name} 在文档和应用根文档中都有声明"
        )
    if any(_leads_elsewhere(part.element) for part in (*root.head, *parts.head, *parts.dialogs)):
        raise StaysCode(
            "it leads to other documents, which share variables with it if they have the same root",
            "它会转到其他文档；若应用根文档相同，它们共享变量",
        )
    staying = [part.element for part in root.head if part.element.name not in HANDLERS]
    if any(COMPUTED.get(each.name) in each.attributes for top in staying for each in top.iter()):
        raise StaysCode("its application root works addresses out", "其应用根文档在通话中计算地址")
    own = {part.element.get("name") for part in parts.head if part.element.name == "property"}
    first = [
        part
        for part in root.head
        if part.element.name not in HANDLERS
        and (part.element.name != "property" or part.element.get("name") not in own)
    ]
    head = (*first, *parts.head, *handlers)
    return replace(parts, head=head, of_root=frozenset(id(part) for part in (*first, *handlers)))


def check_scopes(parts: DocumentParts, code: Sequence[Part]) -> None:
    """What stays code moves from the application to the document: nobody may ask for it by its old scope.

    Raises :class:`StaysCode`.
    """
    moved = _names(part for part in code if id(part) in parts.of_root)
    source = "\n".join(part.source for part in (*parts.head, *parts.dialogs))
    for name in sorted(moved):
        if re.search(rf"\b(?:application|document)\s*\.\s*{re.escape(name)}\b", source):
            raise StaysCode(
                f"it asks for application.{name}, which is no plain value",
                f"使用了 application.{name}，而它不是简单值",
            )


def _leads_elsewhere(top: Element) -> bool:
    """Whether callers may come to another document and keep the application (a subdialog does not)."""
    return any(
        each.name == "submit"
        or (each.name in LEADING and "expr" in each.attributes)
        or (each.name in LEADING and not (each.get("next") or "#").strip().startswith("#"))
        for each in top.iter()
    )


def _names(parts: Iterable[Part]) -> frozenset[str]:
    return declared_names([part.element for part in parts])
