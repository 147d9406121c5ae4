"""``web-request``: asks an outside web service and hands its JSON, or its XML as JSON, to the document."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal
from urllib.parse import quote

import aiohttp
from pydantic import Field, JsonValue
from yarl import URL

from vxmlplat.server.platform_services.addresses import (
    ForbiddenAddressError,
    PublicResolver,
    is_ip_literal,
    is_public,
)
from vxmlplat.server.platform_services.registry import Answer, Asked, Question, platform_service
from vxmlplat.server.platform_services.xml_answers import is_xml, json_of_xml
from vxmlplat.server.services import ServerSettings

FETCH_LIMIT = 1024 * 1024
"""Bytes that are read of an answer."""

NOT_JSON = object()

REDIRECTIONS = 5

# The connection's own; a document that set them could confuse a server about where a request ends.
_KEPT_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"}
)
_WITHOUT_BODY = frozenset({"GET", "DELETE"})


class WebQuestion(Question):
    """A request, as the node describes it."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Annotated[str, Field(min_length=1, max_length=8_000)]
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    headers: dict[str, JsonValue] = Field(default_factory=dict)
    body: JsonValue = None
    timeout: Annotated[float, Field(gt=0, le=60)] = 5.0


@platform_service("web-request", WebQuestion)
async def web_request(asked: Asked, question: WebQuestion) -> Answer:
    """Ports ``next`` (2xx), ``not_found`` (404, 410), ``error``; the value is ``{status, body, error?}``."""
    settings = asked.world.services.settings
    try:
        url, left = _filled(question)
    except ValueError as error:
        return Answer("error", {"status": 0, "body": None, "error": f"the address is not one: {error}"})
    timeout = aiohttp.ClientTimeout(total=question.timeout)
    try:
        async with _session(settings, timeout) as session:
            status, body = await _ask(session, settings, question, url, left)
    except TimeoutError:
        return Answer(
            "error", {"status": 0, "body": None, "error": f"no answer in {question.timeout:g} seconds"}
        )
    except (aiohttp.ClientError, ForbiddenAddressError, OSError, ValueError) as error:
        return Answer("error", {"status": 0, "body": None, "error": str(error) or type(error).__name__})
    if body is NOT_JSON:
        return Answer(
            "error", {"status": status, "body": None, "error": "the answer is neither JSON nor readable XML"}
        )
    port = "next" if 200 <= status < 300 else "not_found" if status in (404, 410) else "error"
    return Answer(port, {"status": status, "body": body})


def _filled(question: WebQuestion) -> tuple[URL, dict[str, JsonValue]]:
    """The address with its ``{name}`` places filled, and the arguments that have no place in it."""
    used: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name not in question.arguments:
            return match[0]
        used.add(name)
        return quote(_text(question.arguments[name]), safe="")

    url = URL(re.sub(r"\{([^{}]{1,200})\}", fill, question.url), encoded=False)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("http:// or https:// and a host are needed")
    return url, {name: value for name, value in question.arguments.items() if name not in used}


async def _ask(
    session: aiohttp.ClientSession,
    settings: ServerSettings,
    question: WebQuestion,
    url: URL,
    left: dict[str, JsonValue],
) -> tuple[int, Any]:
    method = question.method
    headers = {"Accept": "application/json, application/xml;q=0.9", "User-Agent": "vxmlplat"}
    headers |= {name: _text(v) for name, v in question.headers.items() if name.lower() not in _KEPT_HEADERS}
    data: bytes | None = None
    if question.body is not None or (method not in _WITHOUT_BODY and left):
        data = json.dumps(left if question.body is None else question.body).encode()
        headers.setdefault("Content-Type", "application/json")
    elif left:
        url = url.update_query({name: _text(value) for name, value in left.items()})
    for _ in range(REDIRECTIONS + 1):
        _permit(settings, url)
        async with session.request(
            method, url, data=data, headers=headers, allow_redirects=False
        ) as response:
            place = response.headers.get("Location")
            if response.status not in (301, 302, 303, 307, 308) or place is None:
                return response.status, await _body(response)
            target = url.join(URL(place))
            if target.origin() != url.origin():
                # Secrets that the author meant for one host are not carried to another.
                headers = {
                    name: v for name, v in headers.items() if name in ("Accept", "User-Agent", "Content-Type")
                }
            if response.status == 303 or (response.status in (301, 302) and method == "POST"):
                method, data = "GET", None
            url = target
    raise ValueError(f"more than {REDIRECTIONS} redirections")


async def _body(response: aiohttp.ClientResponse) -> Any:
    data = bytearray()
    async for part in response.content.iter_chunked(65_536):
        data += part
        if len(data) > FETCH_LIMIT:
            raise ValueError(f"the answer is longer than {FETCH_LIMIT} bytes")
    if not data.strip():
        return None
    if is_xml(response.content_type):
        try:
            return json_of_xml(bytes(data))
        except ValueError:
            return NOT_JSON if response.ok else None
    try:
        return json.loads(data.decode(response.charset or "utf-8"), parse_constant=lambda name: None)
    except (ValueError, LookupError, RecursionError):
        return NOT_JSON if response.ok else None


def _permit(settings: ServerSettings, url: URL) -> None:
    """Judge an address that no resolver will see, and a redirection to another scheme."""
    host = url.host or ""
    if url.scheme not in ("http", "https"):
        raise ValueError(f"{url.scheme} is not fetched")
    if not _is_allowed(settings, host, url.port) and is_ip_literal(host) and not is_public(host):
        raise ForbiddenAddressError(host)


def _is_allowed(settings: ServerSettings, host: str, port: int | None) -> bool:
    return settings.allow_private_requests or bool({host, f"{host}:{port}"} & settings.allowed_hosts)


def _session(settings: ServerSettings, timeout: aiohttp.ClientTimeout) -> aiohttp.ClientSession:
    """A session of this request alone: cookies and connections of one caller never meet another's."""
    resolver = PublicResolver(lambda host, port: _is_allowed(settings, host, port))
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
    return aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())


def _text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    # A whole number of ECMAScript arrives as 7.0 from some documents; nobody's ticket is called so.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
