"""Checking a VoiceXML document against the rules, with messages that an author can act on.

:func:`check_tree` judges each element by the table in :mod:`vxmlplat.vxml.schema`; the rules that look at
more than one element are registered with :func:`further_rule`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator

from vxmlplat.documents.markup import Element
from vxmlplat.vxml.errors import Problem
from vxmlplat.vxml.schema import ElementRule
from vxmlplat.vxml.schema_elements import RULES

VXML_NAMESPACE = "http://www.w3.org/2001/vxml"
NAMESPACES = frozenset(
    ("", VXML_NAMESPACE, "http://www.w3.org/2001/06/grammar", "http://www.w3.org/2001/10/synthesis")
)
"""Of the elements that may stand in a document; the empty one is met in documents that forgot ``xmlns``."""

MAX_PROBLEMS = 100

Rule = Callable[[Element], Iterator[str]]
FURTHER: dict[str, list[Rule]] = {}


def further_rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for these elements; it yields one message for each breach."""

    def register(rule: Rule) -> Rule:
        for name in names:
            rules = FURTHER.setdefault(name, [])
            if rule in rules:
                raise ValueError(f"the rule {rule.__name__} is registered twice for {name}")
            rules.append(rule)
        return rule

    return register


def check_tree(root: Element, uri: str) -> list[Problem]:
    """All problems of a document, in document order, at most :data:`MAX_PROBLEMS`."""
    problems: list[Problem] = []
    if root.name != "vxml" or root.namespace not in ("", VXML_NAMESPACE):
        found = f"<{root.name}>" + (f" in the namespace {root.namespace!r}" if root.namespace else "")
        message = f'the root element must be <vxml xmlns="{VXML_NAMESPACE}">, not {found}'
        return [Problem(uri, root.line, root.column, root.name, message)]
    _check(root, uri, problems)
    return problems


def _check(element: Element, uri: str, problems: list[Problem]) -> None:
    name = element.name
    rule = RULES[name]
    attributes = element.attributes
    if attributes:
        _check_attributes(element, rule, uri, problems)
    if rule.demands:
        _check_demands(element, rule, uri, problems)
    if name in FURTHER:
        for further in FURTHER[name]:
            for message in further(element):
                _report(element, uri, problems, message)
    if rule.opaque:
        return
    allowed = rule.children
    for child in element.children:
        if child.__class__ is str:
            if not rule.text and not child.isspace():
                _report(element, uri, problems, f"text may not stand here: {child.strip()[:40]!r}")
        elif child.name not in allowed or child.namespace not in NAMESPACES:  # type: ignore[union-attr]  # an Element
            _report(child, uri, problems, _misplaced(child, name, allowed))  # type: ignore[arg-type]
        else:
            _check(child, uri, problems)  # type: ignore[arg-type]


def _check_attributes(element: Element, rule: ElementRule, uri: str, problems: list[Problem]) -> None:
    known = rule.attributes
    for attribute, value in element.attributes.items():
        if attribute not in known:
            if ":" not in attribute:
                _report(element, uri, problems, _unknown_attribute(attribute, known))
            continue
        check = known[attribute]
        wanted = None if check is None else check(value)
        if wanted is not None:
            _report(element, uri, problems, f'{attribute}="{value[:60]}" should be {wanted}')


def _check_demands(element: Element, rule: ElementRule, uri: str, problems: list[Problem]) -> None:
    attributes = element.attributes
    for attribute in rule.required:
        if attribute not in attributes:
            _report(element, uri, problems, f"the attribute {attribute} is missing")
    for group in rule.exactly_one:
        given = [attribute for attribute in group if attribute in attributes]
        if len(given) != 1:
            problem = f"not both {' and '.join(given)}" if given else "none is there"
            _report(element, uri, problems, f"exactly one of {', '.join(group)} must be given; {problem}")
    for group in rule.at_most_one:
        given = [attribute for attribute in group if attribute in attributes]
        if len(given) > 1:
            _report(element, uri, problems, f"{' and '.join(given)} exclude each other; give one")


def _report(element: Element, uri: str, problems: list[Problem], message: str) -> None:
    if len(problems) < MAX_PROBLEMS:
        problems.append(Problem(uri, element.line, element.column, element.name, message))


def _unknown_attribute(attribute: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(attribute, known, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no attribute {attribute} here{hint}"


def _misplaced(child: Element, parent: str, allowed: frozenset[str]) -> str:
    if child.namespace not in NAMESPACES:
        return f"an element of the namespace {child.namespace!r} may stand in <metadata> only"
    if child.name in RULES:
        return f"<{child.name}> may not stand in <{parent}>"
    near = difflib.get_close_matches(child.name, allowed, 1)
    hint = f"; did you mean <{near[0]}>?" if near else ""
    return f"there is no element <{child.name}> in VoiceXML 2.1{hint}"


# ---------------------------------------------------------------------------------------------- further rules

ITEMS = frozenset(("block", "initial", "field", "record", "transfer", "subdialog", "object"))
INPUT_ITEMS = ITEMS - {"block", "initial"}


@further_rule("vxml")
def _dialog_ids(element: Element) -> Iterator[str]:
    seen: set[str] = set()
    for child in element.elements():
        name = child.get("id")
        if name is not None and child.name in ("form", "menu"):
            if name in seen:
                yield f'two dialogs have the id "{name}" (the second in line {child.line})'
            seen.add(name)


@further_rule("form")
def _item_names(element: Element) -> Iterator[str]:
    kinds: dict[str, str] = {}
    for child in element.elements():
        name = child.get("name")
        if name is None or child.name not in ITEMS:
            continue
        if name in kinds:
            yield f'two items of the form have the name "{name}" (the second in line {child.line})'
        kinds[name] = child.name
    for child in element.elements("filled"):
        for name in (child.get("namelist") or "").split():
            if name not in kinds:
                yield f'namelist of <filled> in line {child.line}: the form has no item "{name}"'
            elif kinds[name] not in INPUT_ITEMS:
                kind = kinds[name]
                yield f'namelist of <filled> in line {child.line}: "{name}" is a <{kind}>, no input item'


@further_rule("field", "record", "transfer", "subdialog", "object")
def _filled_in_item(element: Element) -> Iterator[str]:
    for child in element.elements("filled"):
        if "mode" in child.attributes or "namelist" in child.attributes:
            yield f"<filled> inside an input item takes neither mode nor namelist (line {child.line})"


@further_rule("field", "record", "transfer")
def _grammar_scope_in_item(element: Element) -> Iterator[str]:
    for child in element.elements("grammar"):
        if "scope" in child.attributes:
            yield f"a grammar inside an input item takes no scope (line {child.line})"


@further_rule("link", "choice")
def _grammar_scope_in_link(element: Element) -> Iterator[str]:
    for child in element.elements("grammar"):
        if "scope" in child.attributes:
            yield f"a grammar inside <{element.name}> takes no scope (line {child.line})"


@further_rule("menu")
def _implicit_keys(element: Element) -> Iterator[str]:
    if element.get("dtmf") != "true":
        return
    for child in element.elements("choice"):
        keys = child.get("dtmf")
        if keys is not None and keys.strip() not in ("0", "*", "#"):
            where = f"(line {child.line})"
            yield f'with dtmf="true" a choice may name the keys 0, * and # only, not "{keys}" {where}'


@further_rule("script")
def _script_content(element: Element) -> Iterator[str]:
    external = "src" in element.attributes or "srcexpr" in element.attributes
    if external and element.full_text().strip():
        yield "give the script inline or by src or srcexpr, not both"
    if not external and not element.children:
        yield "the script is empty: give it inline, or by src or srcexpr"


@further_rule("grammar")
def _grammar_content(element: Element) -> Iterator[str]:
    external = "src" in element.attributes or "srcexpr" in element.attributes
    filled = any(not isinstance(child, str) or not child.isspace() for child in element.children)
    if external and filled:
        yield "give the grammar inline or by src or srcexpr, not both"
    if not external and not filled:
        yield "the grammar is empty: give rules, src or srcexpr"


@further_rule("if")
def _else_is_last(element: Element) -> Iterator[str]:
    over = False
    for child in element.elements():
        if over and child.name in ("else", "elseif"):
            yield f"<{child.name}> in line {child.line} comes after <else>"
        over = over or child.name == "else"
