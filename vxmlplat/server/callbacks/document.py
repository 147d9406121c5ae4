"""What is said to whoever is called back: a document of the platform that leads to the queue.

It lies under ``/callbacks/ID/``, for the platform's own calls alone: ``connect.vxml`` leads to the queue,
``result`` is told how that went.
"""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import parse_qs, quote
from xml.sax.saxutils import quoteattr

from vxmlplat.documents import RouteRequest, RouteResponse
from vxmlplat.documents.fetcher import RouteHandler
from vxmlplat.server.internal import failure, path_parts
from vxmlplat.store.callbacks import Callback, CallbackRepository
from vxmlplat.store.errors import NotFoundError

CALLBACKS = "/callbacks/"
CONNECT = "connect.vxml"
RESULT = "result"

CONNECTED = "connected"
NO_AGENT = "no_agent"
REPORTED = frozenset((CONNECTED, NO_AGENT))
"""What the document tells; one that tells nothing has been hung up by whom it called."""

WAIT = "600s"
LONGEST_REPORT = 1_000

WORDS = {
    "en": (
        "en-US",
        "This is the call back that you have asked for. Please hold the line, you are being connected.",
        "We are sorry, nobody is free now. We will call you again.",
    ),
    "zh": (
        "zh-CN",
        "您好，这是您预约的回呼电话，正在为您转接，请稍候。",
        "很抱歉，目前没有空闲的坐席，我们稍后会再次致电给您。",
    ),
}


def address(callback: Callback) -> str:
    """Where the document lies that speaks to a caller."""
    return f"{CALLBACKS}{quote(callback.id, safe='')}/{CONNECT}"


def document(callback: Callback) -> str:
    """The document: a bridged transfer to the queue, with the data of the call in which it was asked for."""
    language, greeting, sorry = WORDS.get(callback.language.partition("-")[0], WORDS["en"])
    data = {**callback.data, "callback": callback.id, "callback_note": callback.note}
    carried = json.dumps(json.dumps(data, ensure_ascii=False)).replace("<", "\\u003c")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="{language}">
  <var name="result" expr="'{NO_AGENT}'"/>
  <form id="callback">
    <block><prompt bargein="false">{greeting}</prompt></block>
    <transfer name="agent" dest={quoteattr("acd:" + callback.queue)} type="bridge" connecttimeout="{WAIT}"
              aaiexpr={quoteattr(carried)}>
      <filled>
        <if cond="agent.indexOf('disconnect') &gt;= 0"><assign name="result" expr="'{CONNECTED}'"/></if>
        <data name="told" src="{RESULT}" method="post" namelist="result"/>
        <if cond="result != '{CONNECTED}'"><prompt>{sorry}</prompt></if>
        <exit/>
      </filled>
    </transfer>
  </form>
</vxml>
"""


def routes(callbacks: CallbackRepository) -> dict[str, RouteHandler]:
    """The document and the door for its result, for calls in this process."""
    return {CALLBACKS: partial(_serve, callbacks)}


async def _serve(callbacks: CallbackRepository, request: RouteRequest) -> RouteResponse:
    parts = path_parts(request, CALLBACKS)
    if len(parts) != 2:
        return failure(404, "documents lie under /callbacks/ID/connect.vxml")
    try:
        found = await callbacks.get(parts[0])
    except NotFoundError as error:
        return failure(404, str(error))
    if parts[1] == CONNECT and request.method == "GET":
        kind = {"Content-Type": "application/voicexml+xml; charset=utf-8", "Cache-Control": "no-store"}
        return RouteResponse(200, document(found).encode(), kind)
    if parts[1] == RESULT and request.method == "POST":
        fields = parse_qs(request.body[:LONGEST_REPORT].decode("utf-8", "replace"))
        result = fields.get("result", [""])[0]
        if result not in REPORTED:
            return failure(400, f"a result is one of {', '.join(sorted(REPORTED))}")
        await callbacks.note(found.id, result)
        return RouteResponse(200, b"<told/>", {"Content-Type": "application/xml"})
    return failure(404, f"there is no {parts[1]!r}")
