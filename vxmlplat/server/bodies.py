"""Reading what a request brings: JSON of a limited size, as a model; the parameters of its query."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from vxmlplat.server.errors import ApiError
from vxmlplat.server.services import services_of

Model = TypeVar("Model")


class Body(BaseModel):
    """Base of the bodies that requests bring: a member that nobody knows is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


async def read_bytes(request: web.Request, limit: int) -> bytes:
    """The whole body; raises a 413 as soon as it is longer than ``limit`` bytes."""
    too_long = ApiError(413, "body.too_large", f"at most {limit} bytes can be sent here")
    if request.content_length is not None and request.content_length > limit:
        raise too_long
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_chunked(65_536):
        size += len(part)
        if size > limit:
            raise too_long
        parts.append(part)
    return b"".join(parts)


async def read_json(request: web.Request, limit: int) -> Any:
    """The body as JSON; raises a 400 for anything else, and a 415 for another media type.

    The media type matters: a foreign page can send text and forms without being asked, JSON it cannot.
    """
    if request.content_type != "application/json":
        raise ApiError(415, "body.type", "send application/json")
    text = await read_bytes(request, limit)
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "body.json", f"the body is not JSON: {error}") from error


async def read_object(request: web.Request, limit: int) -> dict[str, Any]:
    """The body as a JSON object."""
    value = await read_json(request, limit)
    if not isinstance(value, dict):
        raise ApiError(400, "body.json", "the body must be a JSON object")
    return value


async def read_model(request: web.Request, model: type[Model], limit: int | None = None) -> Model:
    """The body as a model; raises a 422 that names each member that does not fit."""
    value = await read_json(request, limit or services_of(request).settings.body_limit)
    try:
        return TypeAdapter(model).validate_python(value)
    except ValidationError as error:
        faults = [
            {"field": ".".join(map(str, fault["loc"])), "message": fault["msg"]}
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        named = "; ".join(f"{fault['field'] or 'body'}: {fault['message']}" for fault in faults[:5])
        raise ApiError(422, "body.invalid", named, detail={"fields": faults}) from error


def query_moment(request: web.Request, name: str) -> datetime | None:
    """A parameter that is a time (ISO 8601); one without a zone is in UTC."""
    text = request.query.get(name)
    if not text:
        return None
    try:
        # A plus sign that was not escaped arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise ApiError(
            400, "query.time", f"{name}={text!r} is not a time such as 2026-01-05T09:00:00Z"
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def query_number(request: web.Request, name: str, default: int, maximum: int) -> int:
    """A parameter that is a whole number from 1 to ``maximum``."""
    text = request.query.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:12]) <= maximum:
        raise ApiError(400, "query.number", f"{name} is a whole number from 1 to {maximum}")
    return int(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer, with times as ISO 8601."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} is not JSON")
