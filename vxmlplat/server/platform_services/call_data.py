"""``call-data``: reads and sets the data that travels with the call (随路数据)."""

from __future__ import annotations

from pydantic import Field, JsonValue

from vxmlplat.server.events import CallDataChanged
from vxmlplat.server.platform_services.registry import (
    Answer,
    Asked,
    Question,
    RefusedError,
    platform_service,
)
from vxmlplat.store.calls import CallDataTooLargeError
from vxmlplat.store.errors import NotFoundError


class CallDataQuestion(Question):
    """Values to set; with none the data is only read."""

    set: dict[str, JsonValue] = Field(default_factory=dict)


@platform_service("call-data", CallDataQuestion)
async def call_data(asked: Asked, question: CallDataQuestion) -> Answer:
    """Port ``next``; the value holds all ``data``."""
    services = asked.world.services
    if asked.world.rehearsal:
        return Answer("next", {"data": question.set})
    # The call's record is written behind the call: it may be on its way.
    await services.recorder.flush_soon()
    try:
        if not question.set:
            return Answer("next", {"data": (await services.store.calls.get(question.call.id)).data})
        data = await services.store.calls.merge_data(question.call.id, question.set)
    except (NotFoundError, CallDataTooLargeError) as error:
        raise RefusedError(str(error), 404 if isinstance(error, NotFoundError) else 413) from error
    await services.events.publish(CallDataChanged(question.call.id, data))
    return Answer("next", {"data": data})
