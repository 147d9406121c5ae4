"""Targets that authors name: of the document itself, and of handlers in an application root."""

from __future__ import annotations

from vxmlplat.documents.markup import parse_xml
from vxmlplat.vxml.author_checks import check_targets

HEAD = '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"'
CATCH = '<catch event="noinput"><goto next="#somewhere"/></catch>'


def places(document: str) -> list[tuple[str, str]]:
    root = parse_xml(document.encode(), "http://a.example/x.vxml")
    return [(found.element, found.message) for found in check_targets(root, "x.vxml")]


def test_a_root_s_handler_names_dialogs_of_the_active_document() -> None:
    assert places(f'{HEAD}><var name="x"/>{CATCH}</vxml>') == []


def test_in_a_document_with_dialogs_a_target_that_is_not_there_is_named() -> None:
    form = '<form id="f"><block><goto next="#nowhere"/></block></form>'
    for head in (f"{HEAD}>", f'{HEAD} application="root.vxml">'):
        found = places(f"{head}{CATCH}{form}</vxml>")
        assert [element for element, _ in found] == ["goto", "goto"]
        assert '"#somewhere"' in found[0][1]
    assert places(f'{HEAD}>{CATCH}<form id="somewhere"/></vxml>') == []
