"""What the services and the web answered in a simulated call, as the call's events tell it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from vxmlplat.documents import DocumentError, FetchError, FetchRequest, Resource, parse_resource
from vxmlplat.simulator.conversation_test import JSON
from vxmlplat.simulator.mocked_services import SERVICES, WEB_REQUEST, question_of, web_address

LONGEST_ANSWER = 20_000
"""Characters of an answer's JSON; a longer one is named, not told."""

SOUND = ("audio/", "video/")


def answer_members(request: FetchRequest, given: Resource | FetchError, base: str) -> dict[str, Any] | None:
    """The members of the event ``answer``; None for what is no answer of a service or of the web.

    ``base`` is the address of the platform: its own documents and recordings are not of interest. ``status``
    0: nothing came back. ``long``: the value is too long to be told.
    """
    address = urldefrag(urljoin(request.referrer, request.uri) if request.referrer else request.uri).url
    if address.startswith(base + SERVICES):
        return _of_service(urlsplit(address).path.removeprefix(SERVICES), request, given)
    if base and address.startswith(base + "/"):
        return None
    if isinstance(given, FetchError):
        return _told("", address, given.status or 0)
    if given.content_type.startswith(SOUND):
        return None
    return _told("", address, given.status, value=_page(given))


def _of_service(name: str, request: FetchRequest, given: Resource | FetchError) -> dict[str, Any]:
    address = web_address(question_of(request)) if name == WEB_REQUEST else ""
    if isinstance(given, FetchError):
        return _told(name, address, given.status or 0)
    try:
        answer = parse_resource(given)
        value = json.loads("".join(part for part in answer.children if isinstance(part, str)) or "{}")
    except (DocumentError, ValueError):
        return _told(name, address, 0)
    port = answer.get("port") or ""
    if name == WEB_REQUEST and isinstance(value, dict):
        status = value.get("status")
        return _told(name, address, status if isinstance(status, int) else 0, port, value.get("body"))
    return _told(name, address, 200, port, value)


def _told(service: str, address: str, status: int, port: str = "", value: JSON = None) -> dict[str, Any]:
    told: dict[str, Any] = {"service": service, "address": address, "status": status, "port": port}
    if len(json.dumps(value, ensure_ascii=False)) > LONGEST_ANSWER:
        return {**told, "value": None, "long": True}
    return {**told, "value": value}


def _page(page: Resource) -> JSON:
    text = page.text()
    if page.content_type.endswith("json"):
        try:
            return json.loads(text)
        except ValueError:
            pass
    return text
