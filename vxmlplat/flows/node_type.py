"""The registry of node types.

A node type is one file in ``flows/nodes``: a class derived from :class:`NodeFields` under the decorator
:func:`node_type`. Its pydantic fields are the node's properties and, as JSON Schema, the designer's form; its
methods are its own checks and its compilation.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from vxmlplat.flows.errors import NodeTypeError
from vxmlplat.flows.fields import Part, form_schema
from vxmlplat.flows.ports import Port, PortsFrom
from vxmlplat.flows.texts import Text, bilingual

if TYPE_CHECKING:
    from vxmlplat.flows.node_check import NodeCheck
    from vxmlplat.flows.node_writer import NodeWriter
    from vxmlplat.flows.problems import Problem

Category = Literal["start", "interaction", "logic", "integration", "routing", "end"]


class NodeFields(Part):
    """The properties of one node, and what its type knows to do with them."""

    node_type: ClassVar[NodeType]

    document_wide: ClassVar[bool] = False
    """Whether what it writes belongs to the document and not to a dialog."""

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """What is wrong with the node beyond the shape of its fields; ``at`` makes the problems."""
        return iter(())

    def compile(self, out: NodeWriter) -> None:
        """Write the node's forms."""
        raise NotImplementedError(type(self).__name__)

    def used_keys(self) -> frozenset[str]:
        """The key sequences that the node listens for itself beside the navigation keys."""
        return frozenset()

    def handles(self) -> tuple[str, ...]:
        """The VoiceXML events that bring a caller here from anywhere in the flow."""
        return ()

    def declares(self) -> frozenset[str]:
        """Names beside the flow's variables that expressions anywhere in the flow may use."""
        return frozenset()

    def ports(self) -> list[Port]:
        """The ports of the type, and one for each element of the list that makes ports."""
        described = self.node_type
        ports = list(described.ports)
        made = described.ports_from
        if made is not None:
            for element in getattr(self, made.field):
                name = getattr(element, made.id)
                title = getattr(element, made.title) or name
                text = title if isinstance(title, dict) else bilingual(str(title), str(title))
                ports.append(Port(str(name), made.kind, text))
        return ports


@dataclass(frozen=True)
class NodeType:
    """What the palette, the checks and the compiler know of a type of node.

    ``listens``: the node waits for the caller (or for the network on the caller's behalf), so a loop through
    it is no endless one. ``bounded``: the port by which the node lets a caller go on only so many times (it
    counts). ``entry``: callers come here with no edge (the start, the handler of an event).
    """

    name: str
    title: Text
    summary: Text
    category: Category
    icon: str
    fields: type[NodeFields]
    ports: tuple[Port, ...] = ()
    ports_from: PortsFrom | None = None
    listens: bool = False
    bounded: str = ""
    entry: bool = False

    @cached_property
    def _json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "type": self.name,
            "title": dict(self.title),
            "summary": dict(self.summary),
            "category": self.category,
            "icon": self.icon,
            "schema": form_schema(self.fields),
            "ports": [port.as_json() for port in self.ports],
        }
        if self.ports_from is not None:
            answer["ports_from"] = self.ports_from.as_json()
        return answer

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Node type"."""
        return self._json


_REGISTRY: dict[str, NodeType] = {}

FieldsT = TypeVar("FieldsT", bound=NodeFields)


def node_type(
    name: str,
    *,
    title: tuple[str, str],
    summary: tuple[str, str],
    category: Category,
    icon: str,
    ports: Sequence[Port] = (),
    ports_from: PortsFrom | None = None,
    listens: bool = False,
    bounded: str = "",
    entry: bool = False,
) -> Callable[[type[FieldsT]], type[FieldsT]]:
    """Register the class below as the node type ``name``; raises NodeTypeError when the name is taken."""

    def register(fields: type[FieldsT]) -> type[FieldsT]:
        if name in _REGISTRY:
            raise NodeTypeError(f"node type {name!r} is registered twice")
        described = NodeType(
            name,
            bilingual(*title),
            bilingual(*summary),
            category,
            icon,
            fields,
            tuple(ports),
            ports_from,
            listens,
            bounded,
            entry,
        )
        fields.node_type = described
        _REGISTRY[name] = described
        return fields

    return register


@cache
def node_types() -> dict[str, NodeType]:
    """All node types by name, in the order of the palette."""
    from vxmlplat.flows import nodes

    for module in pkgutil.iter_modules(nodes.__path__):
        importlib.import_module(f"{nodes.__name__}.{module.name}")
    order = ("start", "interaction", "logic", "integration", "routing", "end")
    ranked = sorted(_REGISTRY.values(), key=lambda each: (order.index(each.category), each.title["en-US"]))
    return {each.name: each for each in ranked}


def describe_node_types() -> list[dict[str, Any]]:
    """The answer of ``GET /api/node-types``."""
    return [each.as_json() for each in node_types().values()]
