"""VoiceXML for the whole document: variables, scripts, links, properties and handlers beside the dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from vxmlplat.flows.hand_written import DOCUMENT_LEVEL, MarkupFault, declared_names, read_fragment
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.nodes.vxml import HandWritten
from vxmlplat.flows.ports import PortsFrom
from vxmlplat.flows.problems import Problem


@node_type(
    "vxml_document",
    title=("VoiceXML for all dialogs", "全局 VoiceXML 代码"),
    summary=(
        "Variables, scripts, links, properties and event handlers that hold in the whole flow.",
        "在整个流程中有效的变量、脚本、链接、属性和事件处理。",
    ),
    category="integration",
    icon="document",
    ports_from=PortsFrom("exits", id="id", title="label", kind="other"),
    entry=True,
)
class VxmlDocument(HandWritten):
    """It stands at the document's own level, so a flow that has it is compiled to one document."""

    document_wide: ClassVar[bool] = True

    def check_elements(self, at: NodeCheck) -> Iterator[Problem]:
        """Nothing but what stands beside dialogs."""
        read = read_fragment(self.source)
        if isinstance(read, MarkupFault):
            return
        for element in read:
            if element.name not in DOCUMENT_LEVEL:
                yield at.problem(
                    "error",
                    "vxml.document",
                    (
                        f"<{element.name}> does not stand at the document's level.",
                        f"<{element.name}> 不能出现在文档级。",
                    ),
                    ("Move dialogs to nodes of their own.", "请将对话移到单独的节点。"),
                    field="source",
                    detail=at.place_of(element),
                )

    def declares(self) -> frozenset[str]:
        """The names that expressions anywhere in the flow may use."""
        read = read_fragment(self.source)
        return frozenset() if isinstance(read, MarkupFault) else declared_names(read)

    def compile(self, out: NodeWriter) -> None:
        """The elements themselves."""
        self.write(out, dialog=False)
