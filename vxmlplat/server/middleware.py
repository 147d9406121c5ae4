"""What every answer of the server shares: errors in one form, headers that protect, and a count."""

from __future__ import annotations

import logging
import uuid
from collections import Counter

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from vxmlplat.analytics.errors import QuestionError
from vxmlplat.server.bodies import json_response
from vxmlplat.server.errors import ApiError
from vxmlplat.server.services import SERVICES
from vxmlplat.store.calls import CallDataTooLargeError
from vxmlplat.store.errors import ConflictError, NotFoundError, UnavailableError

log = logging.getLogger(__name__)

ANSWERS: web.AppKey[Counter[tuple[str, int]]] = web.AppKey("answers", Counter)
"""How many requests of each method were answered with each status."""

STARTED: web.RequestKey[bool] = web.RequestKey("started", bool)
"""Set when the head of an answer is on its way: after that no other answer can be given."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into the form of docs/api.md; a failure costs its own request only."""
    try:
        response = await handler(request)
    except ApiError as error:
        response = _error(error.status, error.code, error.message, error.detail, error.headers)
    except NotFoundError as error:
        response = _error(404, f"{error.kind.split()[-1]}.unknown", str(error), {"key": str(error.key)})
    except ConflictError as error:
        response = _error(409, error.code, str(error), error.detail)
    except CallDataTooLargeError as error:
        response = _error(413, "data.too_large", str(error))
    except QuestionError as error:
        response = _error(400, "question.invalid", str(error))
    except UnavailableError:
        log.exception("%s %s: the store does not answer", request.method, request.path)
        response = _error(503, "store.unavailable", "the store does not answer", headers={"Retry-After": "1"})
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {"Allow": error.headers[hdrs.ALLOW]} if hdrs.ALLOW in error.headers else {}
        response = _error(error.status, f"http.{error.status}", error.reason, headers=headers)
    except Exception:  # the border of the server: the next request must not notice
        number = uuid.uuid4().hex[:8]
        log.exception("%s %s failed [%s]", request.method, request.path, number)
        response = _error(500, "internal", f"the server failed; its log has the reason under {number}")
    request.app[ANSWERS][(request.method, response.status)] += 1
    if request.get(STARTED) and not response.prepared and request.transport is not None:
        # A stream or WebSocket broke off: the other side must see that, not an error in its midst.
        request.transport.close()
    return response


def _error(
    status: int,
    code: str,
    message: str,
    detail: dict[str, object] | None = None,
    headers: dict[str, str] | None = None,
) -> web.Response:
    body = {"error": {"code": code, "message": message, "detail": detail or {}}}
    return json_response(body, status=status, headers=headers)


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Headers that keep foreign pages and old caches away from what is answered."""
    request[STARTED] = True
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)")
    headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if request.app[SERVICES].settings.secure_cookies:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    headers.pop(hdrs.SERVER, None)
