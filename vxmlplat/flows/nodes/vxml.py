"""VoiceXML: a dialog that its author wrote by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.fields import LongText, Part, PortTitle, titled
from vxmlplat.flows.hand_written import (
    DIALOGS,
    MarkupFault,
    fresh_fragment,
    read_fragment,
    references,
    resolve_addresses,
    resolve_computed,
)
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import PortsFrom
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import NodeId

MAX_SOURCE = 200_000


class Exit(Part):
    """A name that the markup leads to by ``#NAME``."""

    id: NodeId = titled("Name in the code", "代码中的名称")
    label: PortTitle = titled("Label", "名称", "")


class HandWritten(NodeFields):
    """What a dialog and the document's part share: markup, and exits that edges lead on from."""

    source: Annotated[LongText, Field(min_length=1, max_length=MAX_SOURCE)] = titled(
        "VoiceXML", "VoiceXML 代码", widget="vxml"
    )
    exits: Annotated[list[Exit], Field(max_length=200)] = titled(
        "Names that the code leads to",
        "代码中的出口名称",
        [],
        help_=("Where the code leads to #NAME.", "对应代码中的 #名称。"),
    )

    base: Annotated[str, Field(max_length=2_000, pattern=r"^\S*$")] = titled(
        "Address of the document",
        "原文档地址",
        "",
        advanced=True,
        help_=("Relative addresses in the code are seen from here.", "代码中的相对地址以此为基准。"),
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The markup can be read, keeps the language's rules, and leads to exits that exist."""
        yield from at.unique((each.id for each in self.exits), "exits", "id")
        read = read_fragment(self.source)
        if isinstance(read, MarkupFault):
            yield at.markup(read, "source")
            return
        yield from self.check_elements(at)
        for fault in at.voicexml_faults(self.source):
            yield at.markup(fault, "source")
        own = {element.get("id") for element in read}
        named = {each.name: each for each in references(read) if each.name not in own}
        exits = {each.id for each in self.exits}
        for name, reference in named.items():
            if name not in exits:
                yield at.problem(
                    "error",
                    "vxml.exit.missing",
                    (f"The code leads to #{name}, which is no exit.", f"代码转到 #{name}，但没有该出口。"),
                    ("Add an exit of this name.", "请添加同名出口。"),
                    field="source",
                    detail={"name": name, **at.place_of(reference.element)},
                )
        for index, each in enumerate(self.exits):
            if each.id not in named:
                yield at.problem(
                    "warning",
                    "vxml.exit.unused",
                    (f"Nothing in the code leads to #{each.id}.", f"代码中没有转到 #{each.id} 的语句。"),
                    ("Delete the exit.", "请删除该出口。"),
                    field=f"exits.{index}.id",
                )

    def check_elements(self, at: NodeCheck) -> Iterator[Problem]:
        """The markup holds what may stand there."""
        raise NotImplementedError(type(self).__name__)

    def write(self, out: NodeWriter, *, dialog: bool) -> None:
        """The markup, its references led to the nodes behind the exits; one helper form for each exit.

        A helper form notes the port before the caller goes on. A called dialog is called directly: its form
        takes the parameters.
        """
        elements = fresh_fragment(self.source)
        exits = {each.id for each in self.exits}
        own = {element.get("id") for element in elements} if dialog else set()
        left: set[str] = set()
        for reference in list(references(elements)):
            target = out.target(reference.name) if reference.name in exits else None
            if reference.name in own:
                place = f"#{out.node}"
            elif reference.calls and target is not None:
                place = target
            else:
                place = f"#{out.node}.{reference.name}"
                left.add(reference.name)
            reference.element.attributes[reference.attribute] = place
        for element in elements:
            if self.base:
                resolve_addresses(element, self.base)
                resolve_computed(element, self.base)
            if dialog:
                element.attributes = {**element.attributes, "id": out.node}
            out.markup_of(element)
        for name in sorted(left & exits):
            with out.form(name), out.element("block"):
                out.leave(name)


@node_type(
    "vxml",
    title=("VoiceXML code", "VoiceXML 代码"),
    summary=("A dialog written in VoiceXML by hand.", "手写的 VoiceXML 对话。"),
    category="integration",
    icon="code",
    ports_from=PortsFrom("exits", id="id", title="label", kind="other"),
    listens=True,
)
class VxmlDialog(HandWritten):
    """One ``<form>`` or ``<menu>``; everything that the language knows works in it."""

    def check_elements(self, at: NodeCheck) -> Iterator[Problem]:
        """One dialog and nothing beside it."""
        read = read_fragment(self.source)
        if isinstance(read, MarkupFault):
            return
        if [element.name in DIALOGS for element in read] != [True]:
            yield at.problem(
                "error",
                "vxml.dialog",
                ("The code must be one <form> or one <menu>.", "代码须为一个 <form> 或一个 <menu>。"),
                (
                    "Put each dialog into a node of its own.",
                    "请将每个对话放入单独的节点。",
                ),
                field="source",
            )

    def compile(self, out: NodeWriter) -> None:
        """The dialog under the node's id."""
        self.write(out, dialog=True)
