"""How a service is asked and answers, and the table of services.

A document posts ``vx_request`` (JSON: the service's own members, and ``call`` that says who asks) to
``/services/NAME``, with a recording beside it where the service takes one. The answer is ``<answer
port="PORT">JSON </answer>``: the port by which the node is left, and a value.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pydantic import BaseModel, ConfigDict, ValidationError

from vxmlplat.documents.fetcher import RouteRequest, RouteResponse
from vxmlplat.server.errors import RouteError, ServerError
from vxmlplat.server.internal import CALL_HEADER, World, failure, header, path_parts
from vxmlplat.server.platform_services.form import FormError, Upload, read_form

log = logging.getLogger(__name__)

SERVICES_PATH = "/services/"
REQUEST_FIELD = "vx_request"


ANSWER_LIMIT = 1024 * 1024
"""Bytes of an answer: a document holds it as one value."""

# JSON leaves these as they are; an XML 1.0 document cannot hold them.
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


class RefusedError(ServerError):
    """The request makes no sense, or the service is out of order: the node leaves by its port ``error``."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Caller(BaseModel):
    """Who asks: the member ``call`` of a request."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = ""
    flow: str = ""
    node: str = ""
    language: str = ""
    caller: str = ""
    called: str = ""


class Question(BaseModel):
    """Base of what a service is asked; members that it does not know are refused."""

    # A number in a document's variable may well be a number there.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    call: Caller = Caller()


@dataclass(frozen=True, slots=True)
class Answer:
    """The port by which the node is left, and the value that the document reads."""

    port: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read: the world it is asked in, and files by the name of their field."""

    world: World
    files: Mapping[str, Upload]


@dataclass(frozen=True, slots=True)
class PlatformService:
    """A service: its name in the address, the model of its questions, and what answers."""

    name: str
    question: type[Question]
    answer: Callable[[Asked, Any], Awaitable[Answer]]


SERVICES: dict[str, PlatformService] = {}


def platform_service(
    name: str, question: type[Question]
) -> Callable[[Callable[[Asked, Any], Awaitable[Answer]]], Callable[[Asked, Any], Awaitable[Answer]]]:
    """Register the coroutine below as the service ``name``; registering twice raises."""

    def register(
        answer: Callable[[Asked, Any], Awaitable[Answer]],
    ) -> Callable[[Asked, Any], Awaitable[Answer]]:
        if name in SERVICES:
            raise RouteError(f"the service {name!r} is registered twice")
        SERVICES[name] = PlatformService(name, question, answer)
        return answer

    return register


async def serve(world: World, request: RouteRequest) -> RouteResponse:
    """``POST /services/NAME``."""
    parts = path_parts(request, SERVICES_PATH)
    service = SERVICES.get(parts[0]) if len(parts) == 1 else None
    if service is None:
        return failure(
            404, f"there is no service {'/'.join(parts)!r}; there are {', '.join(sorted(SERVICES))}"
        )
    if request.method != "POST":
        return failure(405, "ask a service with POST")
    try:
        fields, files = read_form(request)
        members = json.loads(fields.get(REQUEST_FIELD, "{}"))
        if not isinstance(members, dict):
            raise ValueError(f"{REQUEST_FIELD} must be a JSON object")
        call = header(request.headers, CALL_HEADER)
        if call:
            members["call"] = {**members.get("call", {}), "id": call}
        question = service.question.model_validate(members)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        named = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults[:5])
        return failure(400, f"{service.name}: {named}")
    except (FormError, ValueError, TypeError, RecursionError) as error:
        return failure(400, f"{service.name}: {error}")
    try:
        response = xml_answer(await service.answer(Asked(world, files), question))
    except RefusedError as error:
        return failure(error.status, f"{service.name}: {error}")
    if len(response.body) > ANSWER_LIMIT:
        return failure(502, f"{service.name}: the answer is longer than {ANSWER_LIMIT} bytes")
    return response


def xml_answer(answer: Answer) -> RouteResponse:
    """The answer as the document reads it; what XML cannot hold is escaped as JSON does."""
    text = "" if answer.value is None else json.dumps(answer.value, ensure_ascii=False)
    text = _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    body = f'<?xml version="1.0"?>\n<answer port={quoteattr(answer.port)}>{escape(text)}</answer>\n'
    headers = {"Content-Type": "application/xml; charset=utf-8", "Cache-Control": "no-store"}
    return RouteResponse(200, body.encode(), headers)
