"""The fields of a node type: pydantic models whose JSON Schema draws the form in the designer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vxmlplat.flows.schema import (
    MAX_TEXT,
    OPTIONAL_VARIABLE_NAME,
    VARIABLE_NAME,
    AuthorText,
    Prompt,
    TextPiece,
)
from vxmlplat.flows.texts import Text, bilingual

__all__ = [
    "AuthorText",
    "Duration",
    "Expression",
    "OptionalExpression",
    "OptionalVariable",
    "Part",
    "Prompt",
    "TextPiece",
    "VariableName",
    "form_schema",
    "titled",
]

Expression = Annotated[str, Field(min_length=1, max_length=2_000)]
"""An ECMAScript expression over the flow's variables."""

OptionalExpression = Annotated[str, Field(max_length=2_000)]
"""An ECMAScript expression, or nothing."""

VariableName = Annotated[str, Field(pattern=VARIABLE_NAME)]
"""The name of one of the flow's variables."""

OptionalVariable = Annotated[str, Field(pattern=OPTIONAL_VARIABLE_NAME)]
"""The name of one of the flow's variables, or nothing."""

Duration = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
"""Seconds."""

Widget = Literal[
    "prompt",
    "expression",
    "variable",
    "flow",
    "queue",
    "keys",
    "duration",
    "multiline",
    "node",
    "texts",
    "sql",
    "vxml",
    "language",
    "timezone",
    "",
]


class Part(BaseModel):
    """A group of fields: a row of a table, or a whole node type."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


_LAST = "x-last"
"""Marks a field that several types share and that stands after their own ones; no part of the schema."""


def titled(
    english: str,
    chinese: str,
    default: Any = ...,
    *,
    widget: Widget = "",
    advanced: bool = False,
    last: bool = False,
    help_: tuple[str, str] | None = None,
    options: dict[str, tuple[str, str]] | None = None,
    **limits: Any,
) -> Any:
    """A pydantic field with what a form needs: title, widget, help, the titles of options.

    ``last``: the field stands in the form after those that are not. A default that is a list, a dict or a
    :class:`Part` is shared: the models are frozen.
    """
    extra: dict[str, Any] = {"x-title": bilingual(english, chinese)}
    if widget:
        extra["x-widget"] = widget
    if last:
        extra[_LAST] = True
    if advanced:
        extra["x-advanced"] = True
    if help_:
        extra["x-help"] = bilingual(*help_)
    if options:
        extra["x-options"] = {value: bilingual(*title) for value, title in options.items()}
    return Field(default, title=english, json_schema_extra=extra, **limits)


def spoken(english: str, chinese: str) -> list[TextPiece]:
    """A prompt of one spoken text, for defaults."""
    return [TextPiece(text=bilingual(english, chinese))]


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model with every ``$ref`` written out: a form needs no resolver."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            name = value.get("$ref")
            if isinstance(name, str):
                rest = {key: item for key, item in value.items() if key != "$ref"}
                return {**resolve(definitions[name.rsplit("/", 1)[1]]), **resolve(rest)}
            # A model's docstring is for programmers; a *property* of the name "description" is no text.
            return {
                key: resolve(item)
                for key, item in value.items()
                if key != "discriminator" and not (key == "description" and isinstance(item, str))
            }
        if isinstance(value, list):
            return [resolve(item) for item in value]
        return value

    resolved: dict[str, Any] = resolve(schema)
    properties: dict[str, dict[str, Any]] = resolved.get("properties", {})
    first = {name: field for name, field in properties.items() if not field.pop(_LAST, False)}
    if properties:
        resolved["properties"] = {**first, **properties}
    return resolved


ShortText = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=MAX_TEXT)]
PortTitle = ShortText | Annotated[Text, Field(max_length=16)]
