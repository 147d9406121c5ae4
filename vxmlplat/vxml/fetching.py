"""Fetching for documents: what VoiceXML 2.0 §6.1 says as requests, failures as events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vxmlplat.documents import URLENCODED, FetchError, FetchRequest, FilePart, Resource
from vxmlplat.ecma import UNDEFINED
from vxmlplat.vxml import model, values
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event, badfetch
from vxmlplat.vxml.platform import FetchAudio

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context

Fields = Sequence[tuple[str, str | FilePart]]
MAX_FLATTENED = 2_000


def request_for(
    context: Context,
    uri: str,
    fetch: model.Fetch,
    kind: str,
    *,
    method: str = "get",
    fields: Fields = (),
    enctype: str = URLENCODED,
) -> FetchRequest:
    """The request for an absolute URI; ``kind`` (document, script, …) names the caching properties."""
    otherwise = context.properties.fetching(kind)
    maxage = fetch.maxage if fetch.maxage is not None else otherwise.maxage
    maxstale = fetch.maxstale if fetch.maxstale is not None else otherwise.maxstale
    timeout = fetch.timeout if fetch.timeout is not None else otherwise.timeout
    return FetchRequest(
        uri=uri,
        referrer=context.document.uri if context.loaded else None,
        method=method.upper(),
        fields=fields,
        enctype=enctype,
        maxage=maxage,
        maxstale=maxstale,
        timeout=timeout,
    )


async def fetch_resource(
    context: Context, request: FetchRequest, audio: FetchAudio | None = None
) -> Resource:
    """Fetch; what goes wrong is :class:`Thrown` as the event that §5.2.6 names."""
    try:
        urlsplit(request.uri)
    except ValueError as error:
        raise Thrown(badfetch(f"{request.uri!r} is no address: {error}")) from error
    try:
        return await context.session.platform.fetch(request, audio)
    except FetchError as error:
        raise Thrown(fetch_event(error)) from error


def fetch_event(error: FetchError) -> Event:
    """``error.badfetch`` or ``error.badfetch.http.STATUS``."""
    return badfetch(str(error), error.status)


async def fetch_audio(context: Context, fetch: model.Fetch) -> FetchAudio | None:
    """What plays while a document is fetched: ``fetchaudio`` of the element, else the property.

    Fetching it may fail: then nothing plays (§6.1.1).
    """
    properties = context.properties
    uri = fetch.audio or properties.text("fetchaudio")
    if not uri:
        return None
    absolute = values.resolve(context.base, uri)
    try:
        resource = await fetch_resource(context, request_for(context, absolute, model.NO_FETCH, "audio"))
    except Thrown:
        return None
    return FetchAudio(
        resource, properties.seconds("fetchaudiodelay"), properties.seconds("fetchaudiominimum")
    )


def submitted(context: Context, names: Sequence[str]) -> list[tuple[str, str | FilePart]]:
    """The fields of a namelist: name and value; objects by their members, recordings as files (§5.3.8).

    Raises ``ScriptError`` for what is not declared.
    """
    fields: list[tuple[str, str | FilePart]] = []
    for name in names:
        _flatten(context, name, name, context.chain.evaluate(name), fields)
    return fields


def _flatten(
    context: Context,
    name: str,
    expression: str | None,
    value: object,
    fields: list[tuple[str, str | FilePart]],
) -> None:
    if len(fields) >= MAX_FLATTENED:
        return
    if isinstance(value, dict):
        for key, member in value.items():
            _flatten(context, f"{name}.{key}", None, member, fields)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            _flatten(context, f"{name}.{number}", None, member, fields)
    elif isinstance(value, str):
        recording = context.session.recording(value)
        if recording is None:
            fields.append((name, value))
        else:
            fields.append(
                (name, FilePart(recording.resource.body, recording.resource.content_type or "audio/x-wav"))
            )
    elif expression is not None:
        fields.append((name, context.chain.string(expression)))
    else:
        fields.append((name, spoken_value(value)))


def spoken_value(value: object) -> str:
    """A value as ECMAScript's String() writes it, for the host's own values."""
    if value is UNDEFINED:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)
