"""SMS by the web service of a provider: every one has its own, so the operator writes the request down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import aiohttp

from vxmlplat.config import SmsSettings
from vxmlplat.server.messages.gateway import GatewayError, RefusedMessageError
from vxmlplat.store.outbox import OutgoingMessage

PATIENCE = 20.0
"""Seconds that the provider has for an answer."""

MAY_PASS = frozenset({408, 425, 429})
"""Refusals of HTTP after which trying again helps."""

_NAMED = re.compile(r"\{(\w+)\}")


class HttpSmsGateway:
    """Sends a request for each SMS. ``{to}``, ``{text}`` and ``{id}`` in the body's values are filled in."""

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings

    async def send(self, message: OutgoingMessage) -> None:
        """Any 2xx is taken for yes; 4xx (but 408, 425, 429, and 401 and 403, which are the operator's to
        mend) for never.
        """
        settings = self._settings
        values = {"to": message.recipient, "text": message.text, "id": message.id}
        body = filled(settings.body, values)
        data = aiohttp.JsonPayload(body) if settings.format == "json" else aiohttp.FormData(body)
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(
                    settings.url, headers=settings.headers, data=data, allow_redirects=False
                ) as answer,
            ):
                status, said = answer.status, (await answer.content.read(200)).decode(errors="replace")
        except (TimeoutError, aiohttp.ClientError) as error:
            raise GatewayError(f"{settings.url}: {str(error) or 'no answer'}") from error
        if 200 <= status < 300:
            return
        final = 400 <= status < 500 and status not in MAY_PASS | {401, 403, 404}
        raise (RefusedMessageError if final else GatewayError)(f"the SMS service says {status} {said}")


def filled(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The template with the values in the place of ``{name}``; a value is never read as a template itself.

    >>> filled({"phone": "{to}", "n": 1, "more": {"msg": "[City] {text}"}}, {"to": "+86", "text": "{to}"})
    {'phone': '+86', 'n': 1, 'more': {'msg': '[City] {to}'}}
    """
    return {key: _filled(value, values) for key, value in template.items()}


def _filled(value: object, values: Mapping[str, str]) -> object:
    if isinstance(value, Mapping):
        return filled(value, values)
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if not isinstance(value, str):
        return value
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), value)
