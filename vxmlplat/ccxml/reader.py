"""From XML to the model: the checks that make a document invalid (CCXML 1.0 §9.5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urljoin

from vxmlplat.ccxml.errors import InvalidDocument
from vxmlplat.ccxml.model import Action, Document, ScriptSource, Transition
from vxmlplat.ccxml.schema import DOCUMENT_LEVEL, IGNORED, NAMESPACE, RULES, STRUCTURE, Rule
from vxmlplat.ccxml.times import age_seconds, css_seconds
from vxmlplat.documents import Element, MarkupError, Resource, parse_resource


def read_document(resource: Resource) -> Document:
    """The model of a fetched document. Raises :class:`InvalidDocument`."""
    try:
        root = parse_resource(resource)
    except MarkupError as error:
        raise InvalidDocument(error.uri, error.line, error.column, error.message) from None
    return _Reader(resource.uri, root).read()


class _Reader:
    def __init__(self, uri: str, root: Element) -> None:
        self._uri = uri
        self._root = root
        self._base = urljoin(uri, root.get("xml:base") or "")
        self._scripts: list[ScriptSource] = []

    def read(self) -> Document:
        root = self._root
        if root.name != "ccxml" or root.namespace != NAMESPACE:
            raise self._invalid(root, f"the root element is <{root.name}>, not <ccxml> of {NAMESPACE}")
        self._check(root, STRUCTURE["ccxml"])
        version = root.attributes["version"]
        if version != "1.0":
            raise self._invalid(root, f"the version is {version!r}; only 1.0 is known")
        initial: list[Action] = []
        processor: Element | None = None
        for child in self._elements(root):
            if child.name == "eventprocessor":
                if processor is not None:
                    raise self._invalid(child, "a document has one <eventprocessor>")
                processor = child
            elif child.name in DOCUMENT_LEVEL:
                initial.append(self._action(child))
            elif child.name not in IGNORED:
                raise self._invalid(child, f"<{child.name}> cannot stand in <ccxml>")
            elif child.name in STRUCTURE:
                self._check(child, STRUCTURE[child.name])
        self._no_text(root)
        statevariable, transitions = "state$", []
        if processor is not None:
            self._check(processor, STRUCTURE["eventprocessor"])
            statevariable = processor.get("statevariable", statevariable) or statevariable
            for child in self._elements(processor):
                if child.name != "transition":
                    raise self._invalid(child, f"<{child.name}> cannot stand in <eventprocessor>")
                transitions.append(self._transition(child))
            self._no_text(processor)
        return Document(
            self._uri, self._base, tuple(initial), statevariable, tuple(transitions), tuple(self._scripts)
        )

    def _transition(self, element: Element) -> Transition:
        self._check(element, STRUCTURE["transition"])
        states = element.get("state")
        return Transition(
            events=tuple((element.get("event") or "*").lower().split()),
            states=None if states is None else frozenset(states.split()),
            condition=element.get("cond"),
            body=self._body(element),
            line=element.line,
        )

    def _body(self, parent: Element) -> tuple[Action, ...]:
        self._no_text(parent)
        return tuple(self._action(child) for child in self._elements(parent))

    def _action(self, element: Element) -> Action:
        name = element.name
        rule = RULES.get(name)
        if rule is None:
            raise self._invalid(element, f"<{name}> cannot stand here")
        self._check(element, rule)
        text = ""
        branches: tuple[tuple[str | None, tuple[Action, ...]], ...] = ()
        if name == "script":
            text = self._script(element)
        elif name == "send":
            text = self._inline(element)
        elif name == "if":
            branches = self._branches(element)
        else:
            self._empty(element)
        return Action(name, element.attributes, element.line, element.column, text, branches)

    def _branches(self, element: Element) -> tuple[tuple[str | None, tuple[Action, ...]], ...]:
        self._no_text(element)
        branches: list[tuple[str | None, list[Action]]] = [(element.attributes["cond"], [])]
        for child in self._elements(element):
            if child.name in ("elseif", "else"):
                if branches[-1][0] is None:
                    raise self._invalid(child, f"<{child.name}> cannot follow <else>")
                self._check(child, STRUCTURE[child.name])
                self._empty(child)
                branches.append((child.get("cond"), []))
            else:
                branches[-1][1].append(self._action(child))
        return tuple((condition, tuple(body)) for condition, body in branches)

    def _script(self, element: Element) -> str:
        source = element.full_text()
        if "src" in element.attributes or "fetchid" in element.attributes:
            if source.strip():
                raise self._invalid(element, "<script> has either a source of its own or one that is fetched")
            if "src" in element.attributes:
                self._scripts.append(self._script_source(element))
                return self._scripts[-1].address
        return source

    def _script_source(self, element: Element) -> ScriptSource:
        given = element.attributes

        def seconds(name: str, convert: Callable[[object], float]) -> float | None:
            if name not in given:
                return None
            try:
                return convert(given[name].strip("'\""))
            except ValueError as error:
                raise self._invalid(element, f"{name}: {error}") from None

        return ScriptSource(
            urljoin(self._base, given["src"]),
            timeout=seconds("timeout", css_seconds),
            maxage=seconds("maxage", age_seconds),
            maxstale=seconds("maxstale", age_seconds),
            charset=given.get("charset"),
        )

    def _inline(self, element: Element) -> str:
        content = [child for child in element.children if not isinstance(child, str) or child.strip()]
        if bool(content) == ("name" in element.attributes):
            raise self._invalid(element, "<send> has either a name or inline content")
        if content and "namelist" in element.attributes:
            raise self._invalid(element, "<send> with inline content has no namelist")
        return "".join(child if isinstance(child, str) else child.to_xml() for child in content)

    def _elements(self, parent: Element) -> Iterator[Element]:
        """Child elements of CCXML; those of other vocabularies are passed over."""
        return (child for child in parent.elements() if child.namespace == self._root.namespace)

    def _empty(self, element: Element) -> None:
        if next(self._elements(element), None) is not None:
            raise self._invalid(element, f"<{element.name}> is empty")
        self._no_text(element)

    def _no_text(self, element: Element) -> None:
        if element.text().strip():
            raise self._invalid(element, f"<{element.name}> holds text: {element.text().strip()[:40]!r}")

    def _check(self, element: Element, rule: Rule) -> None:
        """Check the attributes of an element; those of other namespaces and of XML itself may be added."""
        name, given = element.name, element.attributes
        for attribute in sorted(rule.required - given.keys()):
            raise self._invalid(element, f"<{name}> needs the attribute {attribute}")
        if rule.one_of and not rule.one_of & given.keys():
            raise self._invalid(element, f"<{name}> needs one of {', '.join(sorted(rule.one_of))}")
        for attribute in given:
            if attribute not in rule.allowed and not attribute.startswith(("xml:", "{")):
                known = ", ".join(sorted(rule.allowed)) or "none"
                raise self._invalid(element, f"<{name}> has no attribute {attribute}; it has {known}")
        for first, second in rule.apart:
            if first in given and second in given:
                raise self._invalid(element, f"<{name}> cannot have both {first} and {second}")

    def _invalid(self, element: Element, message: str) -> InvalidDocument:
        return InvalidDocument(self._uri, element.line, element.column, message)
