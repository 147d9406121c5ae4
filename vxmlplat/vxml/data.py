"""``<data>``: XML fetched into a read-only DOM (VoiceXML 2.1 §5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vxmlplat.documents import MarkupError, Resource, parse_resource
from vxmlplat.ecma import is_variable_name
from vxmlplat.vxml import model
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event, badfetch
from vxmlplat.vxml.fetching import fetch_audio, fetch_resource, request_for, submitted

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context

_INSTRUCTION = re.compile(r"<\?access-control\s+(.*?)\?>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""(allow|deny)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


async def fetch_data(context: Context, node: model.Data) -> None:
    """Fetch, parse, and put the DOM in the variable that the element names."""
    if node.name is not None and not is_variable_name(node.name):
        raise Thrown(context.semantic(f"{node.name!r} is no name that a variable may have", node.line))
    uri = node.src if node.src is not None else context.chain.string(node.srcexpr or "''")
    fields = submitted(context, node.names)
    audio = await fetch_audio(context, node.fetch)
    if audio is not None:
        await context.session.play_queue()
    request = request_for(
        context,
        context.resolve(uri),
        node.fetch,
        "data",
        method=node.method,
        fields=fields,
        enctype=node.enctype,
    )
    resource = await fetch_resource(context, request, audio)
    if not resource.body.strip():
        if node.name is not None:
            context.chain.innermost.set_document(node.name, None)
        return
    try:
        root = parse_resource(resource)
    except MarkupError as error:
        raise Thrown(badfetch(str(error))) from error
    if not access_allowed(resource, context.document.uri):
        message = f"{resource.uri} does not allow documents of {context.document.uri} to read it"
        raise Thrown(Event("error.noauthorization", message))
    if node.name is not None:
        context.chain.innermost.set_document(node.name, root)  # where <var> would declare it


def access_allowed(resource: Resource, reader: str) -> bool:
    """Whether an ``<?access-control?>`` instruction lets documents of the reader's host see the data.

    Without an instruction everybody may (VoiceXML 2.1 §5: the decision is the platform's, and the author's
    own documents are what runs here).
    """
    head = resource.text()[:4096]
    found = _INSTRUCTION.search(head.split("<!DOCTYPE")[0]) if "<?access-control" in head else None
    if found is None:
        return True
    host = (urlsplit(reader).hostname or "").lower()
    lists = {name: double or single for name, double, single in _ATTRIBUTE.findall(found[1])}
    if any(_host_matches(host, pattern) for pattern in lists.get("deny", "").split()):
        return False
    return any(_host_matches(host, pattern) for pattern in lists.get("allow", "").split())


def _host_matches(host: str, pattern: str) -> bool:
    pattern = pattern.lower()
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern
