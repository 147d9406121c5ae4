"""A flow as its file holds it: the graph that the author draws.

The models are strict: sizes and counts have limits, so that a hostile file costs little. Reading a file is
:func:`vxmlplat.flows.reading.read_flow`, which turns every violation into a problem with node and field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

SCHEMA_VERSION = 1
"""The version of the shape below; older ones are migrated (:mod:`vxmlplat.flows.migrations`)."""

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_NODES = 5_000
MAX_EDGES = 20_000
MAX_VARIABLES = 500
MAX_NOTES = 1_000
MAX_LANGUAGES = 16
MAX_TEXT = 4_000

NODE_ID = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
FLOW_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
PORT_ID = r"^[A-Za-z0-9_*#-]{1,64}$"
VARIABLE_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"
LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$"
OPTIONAL_VARIABLE_NAME = rf"{VARIABLE_NAME}|^$"
RESOURCE_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
KEYS = r"^[0-9*#A-D]{1,8}$"
OPTIONAL_KEYS = r"^[0-9*#A-D]{0,8}$"
DAY = r"^\d{4}-\d{2}-\d{2}$"
OPTIONAL_DAY = rf"{DAY}|^$"
TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"
NAVIGATION_KEYS = r"^([0-9*#]{1,3})?$"

NodeId = Annotated[str, Field(pattern=NODE_ID)]
FlowId = Annotated[str, Field(pattern=FLOW_ID)]
PortId = Annotated[str, Field(pattern=PORT_ID)]
Language = Annotated[str, Field(pattern=LANGUAGE_TAG)]
AuthorText = Annotated[dict[Language, Annotated[str, Field(max_length=MAX_TEXT)]], Field(max_length=64)]
ResourceName = Annotated[str, Field(pattern=RESOURCE_NAME)]
"""A name that an operator gives: of a queue, a mailbox, a list, a database."""
Coordinate = Annotated[float, Field(ge=-1e7, le=1e7, allow_inf_nan=False)]


class Shape(BaseModel):
    """What all parts of a flow share; members that nobody knows are left out, and reported."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Position(Shape):
    """Where a node stands on the canvas, in its own units."""

    x: Coordinate = 0.0
    y: Coordinate = 0.0


class Variable(Shape):
    """A variable of the call.

    ``initial`` is a value, not an expression. ``report`` keeps its value as a business field of the reports,
    ``masked`` hides it there and in logs, ``data`` makes it part of the call's data (随路数据) that goes
    along with a transfer. ``input`` and ``output`` are what a calling flow hands in and gets back.
    """

    name: Annotated[str, Field(pattern=VARIABLE_NAME)]
    type: Literal["string", "number", "boolean", "object"] = "string"
    initial: JsonValue = None
    title: AuthorText | str = Field(default_factory=dict)
    report: bool = False
    masked: bool = False
    data: bool = False
    input: bool = False
    output: bool = False


class Node(Shape):
    """One step of the caller's way. ``fields`` belongs to the node's type and is checked by it."""

    id: NodeId
    type: Annotated[str, Field(min_length=1, max_length=64)]
    title: Annotated[str, Field(max_length=200)] = ""
    position: Position = Position()
    fields: dict[str, JsonValue] = Field(default_factory=dict)


class Edge(Shape):
    """A way from a node, by one of its ports, to another node."""

    source: NodeId = Field(alias="from")
    port: PortId
    target: NodeId = Field(alias="to")


class Navigation(Shape):
    """What the caller can do at every prompt (requirement A6).

    A key that a node uses itself is the node's: there the key does not navigate. Where a node collects
    digits, the same key works after a star (``*0``). ``home`` is the node where "start over" begins, ``None``
    the start node; ``person_node`` is the node that leads to a person, ``None`` the flow's queue if it has
    exactly one. An empty key switches one of them off.
    """

    enabled: bool = True
    repeat: Annotated[str, Field(pattern=NAVIGATION_KEYS)] = "*"
    back: Annotated[str, Field(pattern=NAVIGATION_KEYS)] = "#"
    start: Annotated[str, Field(pattern=NAVIGATION_KEYS)] = "9"
    person: Annotated[str, Field(pattern=NAVIGATION_KEYS)] = "0"
    home: NodeId | None = None
    person_node: NodeId | None = None


class Flow(Shape):
    """A call flow.

    ``voicexml_defaults``: what nobody says otherwise is as VoiceXML has it, not as the designer does: speech
    and keys are listened to, ``#`` ends an input, an error that nobody handles ends the call without a word.
    """

    schema_version: Literal[1] = Field(alias="schema")
    id: FlowId
    name: Annotated[str, Field(max_length=200)] | AuthorText
    flow_class: Annotated[str, Field(max_length=64)] = Field(default="", alias="class")
    languages: Annotated[list[Language], Field(min_length=1, max_length=MAX_LANGUAGES)]
    variables: Annotated[list[Variable], Field(max_length=MAX_VARIABLES)] = Field(default_factory=list)
    navigation: Navigation = Navigation()
    voicexml_defaults: bool = False
    nodes: Annotated[list[Node], Field(max_length=MAX_NODES)]
    edges: Annotated[list[Edge], Field(max_length=MAX_EDGES)] = Field(default_factory=list)
    notes: Annotated[list[dict[str, JsonValue]], Field(max_length=MAX_NOTES)] = Field(default_factory=list)

    def node(self, node_id: str) -> Node | None:
        """The node of that id."""
        return next((node for node in self.nodes if node.id == node_id), None)

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Flow"."""
        return self.model_dump(mode="json", by_alias=True)


class TextPiece(Shape):
    """A piece of a prompt that is spoken by a voice.

    ``every_language``: not only the call's language is heard but each one in turn, as where the caller
    chooses.
    """

    kind: Literal["text"] = "text"
    text: AuthorText
    every_language: bool = False


class AudioPiece(Shape):
    """A piece of a prompt that is a recording of the prompt library, in the call's language.

    ``text`` is spoken instead when the recording cannot be had.
    """

    kind: Literal["audio"] = "audio"
    prompt: Annotated[str, Field(pattern=r"^[^\x00-\x1f/\\?#]{1,120}$")]
    text: AuthorText = Field(default_factory=dict)


class AddressPiece(Shape):
    """A piece of a prompt that is a recording at an address of the web, whatever the call's language.

    ``text`` is spoken instead when the recording cannot be had.
    """

    kind: Literal["address"] = "address"
    src: Annotated[str, Field(pattern=r"^[^\x00-\x20]{1,2000}$")]
    text: AuthorText = Field(default_factory=dict)


class ValuePiece(Shape):
    """A piece of a prompt that is a value of the call, spoken as what it is.

    ``currency`` (an ISO 4217 code) goes with ``as: currency``.
    """

    kind: Literal["value"] = "value"
    expr: Annotated[str, Field(min_length=1, max_length=2_000)]
    spoken_as: Literal["text", "digits", "number", "currency", "date", "time", "telephone"] = Field(
        default="text", alias="as"
    )
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""


PromptPiece = Annotated[TextPiece | AudioPiece | AddressPiece | ValuePiece, Field(discriminator="kind")]
Prompt = Annotated[list[PromptPiece], Field(max_length=50)]
