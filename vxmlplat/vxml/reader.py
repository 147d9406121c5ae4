"""From a fetched resource to a checked :class:`~vxmlplat.vxml.model.Document`."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from vxmlplat.documents import Element, MarkupError, Resource, parse_resource
from vxmlplat.vxml import model, values
from vxmlplat.vxml.checker import check_tree
from vxmlplat.vxml.errors import DocumentInvalid, Problem
from vxmlplat.vxml.read_dialogs import read_form, read_menu
from vxmlplat.vxml.read_executable import HANDLERS, read_catch, read_data, read_script, read_var
from vxmlplat.vxml.read_items import DialogReading, read_link


def read_document(resource: Resource) -> model.Document:
    """Parse, check and read. Raises :class:`DocumentInvalid` with every problem found."""
    with _no_collection():
        return _read(resource)  # a call, so that the tree of elements is gone when collection is on again


def _read(resource: Resource) -> model.Document:
    try:
        root = parse_resource(resource)
    except MarkupError as error:
        raise DocumentInvalid([markup_problem(error, resource.uri)]) from error
    problems = check_tree(root, resource.uri)
    if problems:
        raise DocumentInvalid(problems)
    return read_tree(root, resource.uri)


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for garbage meanwhile: reading makes many objects and no cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def markup_problem(error: MarkupError, uri: str) -> Problem:
    """What is wrong with the XML itself, told as the other problems are."""
    return Problem(uri, error.line, error.column, "xml", f"this is no usable XML: {error.message}")


def read_tree(root: Element, uri: str) -> model.Document:
    """Read a document that was checked."""
    base = values.resolve(uri, root.get("xml:base") or "")
    lang = root.get("xml:lang")
    reading = DialogReading(lang, base)
    setup: list[model.Var | model.Script | model.Data] = []
    dialogs: list[model.Dialog] = []
    links: list[model.Link] = []
    catches: list[model.Catch] = []
    properties: dict[str, str] = {}
    for child in root.elements():
        name = child.name
        if name == "form":
            dialogs.append(read_form(child, len(dialogs) + 1, lang, base))
        elif name == "menu":
            dialogs.append(read_menu(child, len(dialogs) + 1, lang, base))
        elif name == "var":
            setup.append(read_var(child))
        elif name == "script":
            setup.append(read_script(child))
        elif name == "data":
            setup.append(read_data(child))
        elif name == "link":
            links.append(read_link(child, reading))
        elif name == "property":
            properties[child.attributes["name"]] = child.attributes["value"]
        elif name in HANDLERS:
            catches.append(read_catch(child))
    application = root.get("application")
    return model.Document(
        uri=uri,
        base=base,
        version=root.attributes["version"],
        lang=lang,
        application=values.resolve(base, application) if application else None,
        setup=tuple(setup),
        dialogs=tuple(dialogs),
        by_id={dialog.id: dialog for dialog in dialogs},
        links=tuple(links),
        catches=tuple(catches),
        properties=properties,
    )
