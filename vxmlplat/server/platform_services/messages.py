"""``sms`` and ``e-mail``: messages that a flow sends; they wait in the outbox for a gateway."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from vxmlplat.server.platform_services.caller_list import number_of
from vxmlplat.server.platform_services.registry import Answer, Asked, Question, platform_service
from vxmlplat.server.services import StoredOutbox
from vxmlplat.store.outbox import OutgoingMessage


class SmsQuestion(Question):
    """A text, and to whom; without a number to the caller."""

    to: str = Field(default="", max_length=200)
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class EmailQuestion(Question):
    """An e-mail. Line breaks in what becomes a header are refused."""

    to: Annotated[str, Field(pattern=r"^[^@\s,;<>]{1,64}@[^@\s,;<>]{1,255}$")]
    subject: Annotated[str, Field(max_length=900, pattern=r"^[^\r\n]*$")] = ""
    text: Annotated[str, Field(max_length=100_000)]


@platform_service("sms", SmsQuestion)
async def sms(asked: Asked, question: SmsQuestion) -> Answer:
    """Ports ``next``, and ``error`` when there is no number to send to."""
    number = number_of(question.to or question.call.caller)
    if not number.lstrip("+").isdigit():
        return Answer("error", {"error": f"{number!r} is no telephone number"})
    await _send(asked, question, OutgoingMessage(kind="sms", recipient=number, text=question.text))
    return Answer("next", {"to": number})


@platform_service("e-mail", EmailQuestion)
async def email(asked: Asked, question: EmailQuestion) -> Answer:
    """Port ``next``."""
    message = OutgoingMessage(
        kind="e-mail", recipient=question.to, subject=question.subject, text=question.text
    )
    await _send(asked, question, message)
    return Answer("next", {"to": question.to})


async def _send(asked: Asked, question: Question, message: OutgoingMessage) -> None:
    if asked.world.rehearsal:
        return
    message.created = asked.world.clock.wall()
    message.call = question.call.id[:64]
    services = asked.world.services
    await (services.outbox or StoredOutbox(services.store)).send(message)
