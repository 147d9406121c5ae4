"""Fetching and reading documents on the way of a transition (VoiceXML 2.0 §1.5, §5.3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vxmlplat.documents import URLENCODED, FetchRequest
from vxmlplat.vxml import model, values
from vxmlplat.vxml.errors import DocumentInvalid, Thrown
from vxmlplat.vxml.events import badfetch, semantic
from vxmlplat.vxml.fetching import Fields, fetch_audio, fetch_resource, request_for
from vxmlplat.vxml.platform import FetchAudio

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """A document that can be entered, with the application root that it needs (None: it is its own root).

    ``uri`` is the address that was asked for: what ``application`` attributes are compared with.
    ``renew``: the application scope starts anew even if the root is the one of before (``<submit>`` to it).
    """

    document: model.Document
    uri: str
    root: LoadedDocument | None = None
    renew: bool = False


async def load_document(
    context: Context,
    uri: str,
    fetch: model.Fetch,
    *,
    method: str = "get",
    fields: Fields = (),
    enctype: str = URLENCODED,
    renew: bool = False,
) -> tuple[LoadedDocument, str | None]:
    """The document at an absolute URI, and the dialog that its fragment names.

    Everything is loaded and checked before the old document is left, so that what is wrong is thrown there
    (:class:`Thrown`).
    """
    bare, fragment = values.split_fragment(uri)
    audio = await fetch_audio(context, fetch)
    if audio is not None:
        await context.session.play_queue()
    request = request_for(context, bare, fetch, "document", method=method, fields=fields, enctype=enctype)
    document = await _read(context, request, audio)
    if fragment is not None and fragment not in document.by_id:
        raise Thrown(badfetch(f"{bare} has no dialog with the id {fragment!r}"))
    root = await _load_root(context, document, bare)
    return LoadedDocument(document, bare, root, renew=renew), fragment


async def _read(context: Context, request: FetchRequest, audio: FetchAudio | None = None) -> model.Document:
    context.session.spend_document()
    resource = await fetch_resource(context, request, audio)
    try:
        return context.session.library.document(resource)
    except DocumentInvalid as error:
        raise Thrown(badfetch(str(error))) from error


async def _load_root(context: Context, document: model.Document, uri: str) -> LoadedDocument | None:
    application = document.application
    if application is None:
        return None
    address, _ = values.split_fragment(application)
    if address == uri:
        return None
    root = await _read(context, request_for(context, address, model.NO_FETCH, "document"))
    if root.application is not None:
        raise Thrown(semantic(f"the application root {address} names an application root of its own"))
    return LoadedDocument(root, address)
