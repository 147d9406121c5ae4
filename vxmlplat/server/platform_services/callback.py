"""``callback``: the caller is called back instead of waiting (智能劝阻)."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from vxmlplat.server.platform_services.caller_list import number_of
from vxmlplat.server.platform_services.registry import (
    Answer,
    Asked,
    Question,
    RefusedError,
    platform_service,
)
from vxmlplat.store.callbacks import Callback
from vxmlplat.store.errors import NotFoundError

_NUMBER = re.compile(r"^\+?[0-9]{3,20}$")


class CallbackQuestion(Question):
    """Whom to call (else the caller), for which queue, and after how many seconds at the earliest."""

    number: Annotated[str, Field(max_length=200)] = ""
    queue: Annotated[str, Field(min_length=1, max_length=64)]
    after: Annotated[float, Field(ge=0, le=30 * 86_400)] = 0.0
    note: Annotated[str, Field(max_length=2000)] = ""
    data: Annotated[str, Field(max_length=64_000)] = ""


@platform_service("callback", CallbackQuestion)
async def callback(asked: Asked, question: CallbackQuestion) -> Answer:
    """Ports ``next``, and ``refused`` (no number, or one that waits already); the value holds the ``id``."""
    world = asked.world
    number = number_of(question.number or question.call.caller)
    if not _NUMBER.match(number):
        return Answer("refused", {"id": ""})
    try:
        await world.services.store.queues.get(question.queue)
        data = _object(question.data)
    except (NotFoundError, ValueError) as error:
        raise RefusedError(str(error)) from error
    now = world.clock.wall()
    made = Callback(
        id=uuid.uuid4().hex,
        number=number,
        queue=question.queue,
        due=now + timedelta(seconds=question.after),
        call=question.call.id[:64],
        note=question.note,
        data=data,
        created=now,
        flow=question.call.flow[:64],
        language=question.call.language[:16],
    )
    if world.rehearsal or await world.services.store.callbacks.add(made):
        return Answer("next", {"id": made.id})
    return Answer("refused", {"id": ""})


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text) if text else {}
    if not isinstance(value, dict):
        raise ValueError("data must be a JSON object")
    return value
