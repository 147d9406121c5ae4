"""Checking the ECMAScript in a document before it runs: only for authors.

In a session a bad expression is ``error.semantic`` when it is evaluated, and no sooner (VoiceXML 2.0 §5.1).
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
