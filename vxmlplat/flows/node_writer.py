"""What a node type writes its VoiceXML with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vxmlplat.flows.ecmascript import literal, object_literal, string_literal
from vxmlplat.flows.ports import Port
from vxmlplat.flows.prompt_writer import write_prompt
from vxmlplat.flows.schema import Flow, PromptPiece, Variable
from vxmlplat.flows.xml_writer import XmlWriter

if TYPE_CHECKING:
    from vxmlplat.documents.markup import Element
    from vxmlplat.flows.node_type import NodeFields


VXML_NAMESPACE = "http://www.w3.org/2001/vxml"

HANGUP = "connection.disconnect.hangup"
"""The event of the caller's hang-up (VoiceXML 2.0 §5.2.6)."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a compiled document finds what is not its own: relative, so that documents can move.

    Seen from ``/published/FLOW/VERSION/DOCUMENT``.
    """

    prompts: str = "../../../prompts/"
    services: str = "../../../services/"
    flows: str = "../../"


@dataclass(frozen=True)
class FlowPlan:
    """What all nodes of one compilation share."""

    flow: Flow
    fields: Mapping[str, NodeFields]
    ways: Mapping[tuple[str, str], str]
    """(node, port) to the node that the edge leads to."""
    variables: Mapping[str, Variable]
    documents: Mapping[str, str]
    """Node to the document that holds it."""
    addresses: Addresses
    handlers: Mapping[str, str]
    """Event name to the node that handles it."""
    home: str
    """The node where "start over" begins."""
    person: str | None
    """The node that leads to a person."""

    def place(self, node: str, seen_from: str | None = None) -> str:
        """The URI reference of a node as seen from a document, None being the root document.

        The root's own handlers name the document too, so that it does not matter whether an interpreter
        resolves them against the root or, as VoiceXML 2.0 §5.2.2 has it, against the active document.
        """
        document = self.documents[node]
        return f"#{node}" if document == seen_from else f"{document}#{node}"


class NodeWriter(XmlWriter):
    """Writes the forms of one node: VoiceXML elements, and the moves that every node makes."""

    def __init__(self, plan: FlowPlan, node: str) -> None:
        super().__init__(depth=1)
        self.plan = plan
        self.flow = plan.flow
        self.node = node
        self._ports: dict[str, Port] = {port.id: port for port in plan.fields[node].ports()}

    @contextmanager
    def form(self, part: str | None = None) -> Iterator[None]:
        """The node's form, or a helper form ``NODE.part``."""
        with self.element("form", {"id": self.node if part is None else f"{self.node}.{part}"}):
            yield

    @contextmanager
    def listening_form(self) -> Iterator[None]:
        """The node's form when it asks the caller something: a place to which "back" may lead."""
        with self.form():
            self.remember()
            yield

    def property(self, name: str, value: str) -> None:
        """A ``<property>``."""
        self.empty("property", {"name": name, "value": value})

    def prompt(
        self, prompt: Sequence[PromptPiece], *, bargein: bool = True, timeout: str | None = None
    ) -> None:
        """A prompt in every language of the flow."""
        write_prompt(
            self, prompt, self.flow.languages, self.plan.addresses.prompts, bargein=bargein, timeout=timeout
        )

    def log(self, label: str, expression: str) -> None:
        """A ``<log>`` that our platform understands and others may ignore."""
        self.empty("log", {"label": label, "expr": expression})

    def leave(self, port: str) -> None:
        """Name the port, then go where its edge leads.

        Without an edge an error is thrown on to the flow's error handling, a hang-up goes to the flow's
        handler of hang-ups, and everything else ends the call.
        """
        target = self.plan.ways.get((self.node, port))
        kind = self._ports[port].kind
        if target is None and kind == "error":
            self.empty("throw", {"event": "error.vxmlplat.node", "message": f"{self.node} failed"})
            return
        self.log("vxmlplat.port", string_literal(port))
        if target is None and kind == "hangup" and HANGUP in self.plan.handlers:
            self.empty("assign", {"name": "application.vx_gone", "expr": "true"})
            target = self.plan.handlers[HANGUP]
        if target is None:
            self.empty("exit")
        else:
            self.empty("goto", {"next": self.plan.place(target, self.plan.documents[self.node])})

    def target(self, port: str) -> str | None:
        """The address of the node that the port's edge leads to."""
        node = self.plan.ways.get((self.node, port))
        return None if node is None else self.plan.place(node, self.plan.documents[self.node])

    def markup_of(self, element: Element) -> None:
        """An element as it is, in the document's own namespace."""
        start = f"<{element.name}"
        rest = element.to_xml().removeprefix(start)
        self.raw(start + rest.removeprefix(f' xmlns="{VXML_NAMESPACE}"'))

    def to_part(self, part: str) -> None:
        """Go on in a helper form of the same node, which is no step."""
        self.empty("goto", {"next": f"#{self.node}.{part}"})

    def connected(self, port: str) -> bool:
        """Whether an edge leaves by the port."""
        return (self.node, port) in self.plan.ways

    def catch(self, events: str, port: str) -> None:
        """Leave by the port on these events, if it has an edge; else the flow's own handling applies."""
        if self.connected(port):
            with self.element("catch", {"event": events}):
                self.leave(port)

    def assign(self, variable: str, expression: str) -> None:
        """Give a variable of the flow a value, reported where the author wants that; nothing for no name."""
        if not variable:
            return
        self.empty("assign", {"name": f"application.{variable}", "expr": expression})
        declared = self.plan.variables.get(variable)
        if declared is not None and declared.report:
            value = "'***'" if declared.masked else f"application.{variable}"
            self.log("vxmlplat.field", f"{string_literal(variable + '=')} + {value}")

    def choose_language(self, expression: str) -> None:
        """The caller wants this language from here on, in this flow and in those that called it."""
        for name in ("lang", "vx_chosen"):
            self.empty("assign", {"name": f"application.{name}", "expr": expression})

    def remember(self) -> None:
        """Note that the caller has come to a place to which "back" may lead."""
        navigation = self.flow.navigation
        if navigation.enabled and navigation.back:
            place = string_literal(self.plan.place(self.node))
            with self.element("block"):
                self.empty(
                    "assign",
                    {"name": "application.vx_trail", "expr": f"vx_entered(application.vx_trail, {place})"},
                )

    def ask(self, service: str, members: Mapping[str, str], *, timeout: str = "10s", also: str = "") -> None:
        """Ask a service of the platform and read its answer into ``vx_answer`` (docs/services.md).

        ``members`` are the request's members with their expressions; ``also`` names further variables to send
        (a recording), which makes the request multipart.
        """
        request = {"call": f"vx_call({string_literal(self.node)})", **members}
        self.empty("var", {"name": "vx_request", "expr": f"JSON.stringify({object_literal(request)})"})
        self.empty(
            "data",
            {
                "name": "vx_document",
                "src": self.plan.addresses.services + service,
                "method": "post",
                "namelist": f"vx_request {also}".strip(),
                "enctype": "multipart/form-data" if also else None,
                "fetchtimeout": timeout,
            },
        )
        self.empty("var", {"name": "vx_answer", "expr": "vx_read(vx_document)"})

    def leave_by(self, expression: str, ports: Sequence[str], otherwise: str) -> None:
        """Leave by the one of ``ports`` whose id the expression gives, else by ``otherwise``."""
        cases = [port for port in ports if port != otherwise]
        if not cases:
            self.leave(otherwise)
            return
        with self.element("if", {"cond": f"{expression} == {string_literal(cases[0])}"}):
            self.leave(cases[0])
            for port in cases[1:]:
                self.branch("elseif", {"cond": f"{expression} == {string_literal(port)}"})
                self.leave(port)
            self.branch("else")
            self.leave(otherwise)

    @staticmethod
    def value(value: object) -> str:
        """A value of the node's fields as an ECMAScript literal."""
        return literal(value)
