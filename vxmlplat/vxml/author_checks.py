"""Checks for authors before a document runs, of what a session would notice only on its way: expressions,
targets.

In a session a bad expression is ``error.semantic`` when it is evaluated, a missing dialog
``error.badfetch`` when somebody goes there, and no sooner (VoiceXML 2.0 §5.1, §5.2.6).
"""

from __future__ import annotations

from vxmlplat.documents.markup import Element
from vxmlplat.ecma import check_expression, check_script
from vxmlplat.vxml.errors import Problem

EXPRESSIONS = frozenset(
    "expr cond eventexpr messageexpr srcexpr expritem destexpr aaiexpr nameexpr array".split()
)


def check_expressions(root: Element, uri: str) -> list[Problem]:
    """The expressions and inline scripts of a document that are no ECMAScript."""
    problems: list[Problem] = []
    for element in root.iter():
        for name, value in element.attributes.items():
            if name in EXPRESSIONS:
                wrong = check_expression(value)
                if wrong:
                    message = f'{name}="{value[:60]}" is no ECMAScript expression: {wrong}'
                    problems.append(Problem(uri, element.line, element.column, element.name, message))
        if element.name == "script":
            wrong = check_script(element.full_text())
            if wrong:
                problems.append(Problem(uri, element.line, element.column, "script", wrong))
    return problems


HANDLERS = frozenset(("catch", "error", "help", "noinput", "nomatch"))


def check_targets(root: Element, uri: str) -> list[Problem]:
    """References to dialogs and items that the document does not have.

    Addresses in a handler of the application root are seen from the document that is active when it is
    executed (VoiceXML 2.0 §5.2). A document without dialogs cannot be but a root.
    """
    dialogs = {child.get("id") for child in root.elements() if child.name in ("form", "menu")}
    problems: list[Problem] = []
    for dialog in root.elements():
        if dialog.name in HANDLERS and not dialogs:
            continue
        items = {child.get("name") for child in dialog.elements()}
        for element in dialog.iter():
            for name in ("next", "src"):
                target = element.get(name) or ""
                if target.startswith("#") and target[1:] not in dialogs and element.name != "grammar":
                    message = f'{name}="{target}": the document has no dialog with this id'
                    problems.append(Problem(uri, element.line, element.column, element.name, message))
            item = element.get("nextitem")
            if item is not None and dialog.name == "form" and item not in items:
                message = f'nextitem="{item}": the form has no item of this name'
                problems.append(Problem(uri, element.line, element.column, element.name, message))
    return problems


def check_for_author(root: Element, uri: str) -> list[Problem]:
    """All of these, in document order."""
    problems = check_expressions(root, uri) + check_targets(root, uri)
    return sorted(problems, key=lambda problem: (problem.line, problem.column))
