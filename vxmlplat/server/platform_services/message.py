"""``message``: an SMS or e-mail, now or after the call; it waits in the outbox for a gateway."""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Literal

from pydantic import Field

from vxmlplat.server.platform_services.caller_list import number_of
from vxmlplat.server.platform_services.registry import (
    Answer,
    Asked,
    Question,
    RefusedError,
    platform_service,
)
from vxmlplat.server.services import StoredOutbox
from vxmlplat.store.outbox import OutgoingMessage

_NUMBER = re.compile(r"^\+?[0-9]{3,20}$")
_MAILBOX = re.compile(r"^[^@\s,;<>]{1,64}@[^@\s,;<>]{1,255}$")


class MessageQuestion(Question):
    """What is to be sent, and to whom; an SMS without a number goes to the caller.

    Line breaks in what becomes a header are refused.
    """

    kind: Literal["sms", "email"]
    to: str = Field(default="", max_length=320)
    subject: Annotated[str, Field(max_length=900, pattern=r"^[^\r\n]*$")] = ""
    text: Annotated[str, Field(min_length=1, max_length=100_000)]
    when: Literal["now", "hangup"] = "now"


@platform_service("message", MessageQuestion)
async def message(asked: Asked, question: MessageQuestion) -> Answer:
    """Port ``next``; the value holds the message's ``id``."""
    recipient = question.to
    if question.kind == "sms":
        recipient = number_of(question.to or question.call.caller)
    if not (_NUMBER if question.kind == "sms" else _MAILBOX).match(recipient):
        raise RefusedError(f"{recipient!r} is nobody to whom this can be sent")
    number = uuid.uuid4().hex
    if not asked.world.rehearsal:
        services = asked.world.services
        outgoing = OutgoingMessage(
            id=number,
            kind=question.kind,
            recipient=recipient,
            subject=question.subject,
            text=question.text,
            call=question.call.id[:64],
            after_call=question.when == "hangup",
            created=asked.world.clock.wall(),
        )
        await (services.outbox or StoredOutbox(services.store)).send(outgoing)
    return Answer("next", {"id": number})
